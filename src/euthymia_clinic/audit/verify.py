"""The walk along the chain: every entry, every sealed read, every row that an entry witnessed; what does not fit is named."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models

from euthymia_clinic.audit.actions import MARK, SEALED
from euthymia_clinic.audit.chain import START, digest_of
from euthymia_clinic.audit.models import AppendOnly, Entry, Head, Read
from euthymia_clinic.audit.witness import row_digest, sha256

BATCH = 500
# Reads are sealed each minute; later than this, nobody seals.
SEALED_WITHIN = timedelta(minutes=5)
# After so many the rest says nothing new.
MOST = 50
# What SQLite gives where somebody wrote a text into a date, or half a JSON.
UNREADABLE = (ValueError, TypeError, AttributeError)

Progress = Callable[[int, int], None]


def silently(done: int, of: int) -> None:
    """No progress is shown."""


@dataclass(frozen=True)
class Trouble:
    """One thing that does not fit: which row, and what is wrong with it."""

    place: str
    words: str

    def __str__(self) -> str:
        return f"{self.place}: {self.words}"


@dataclass
class Walk:
    """What a walk found. `end` is the number and hash of the last entry: noted elsewhere, it proves that nothing was cut off."""

    entries: int = 0
    reads: int = 0
    rows: int = 0
    end: tuple[int, str] = (0, START)
    troubles: list[Trouble] = field(default_factory=list)
    sealed_to: int = 0
    told: dict[str, set[Any]] = field(default_factory=dict)

    def found(self, place: str, words: str) -> None:
        """Keep one trouble."""
        if len(self.troubles) < MOST:
            self.troubles.append(Trouble(place, words))


def walk(now: datetime | None, progress: Progress = silently) -> Walk:
    """Walk from the first entry to the end. `now` None: reads that wait for their seal are not called late (a restored copy)."""
    result = Walk()
    highest = Entry.objects.aggregate(most=models.Max("seq"))["most"] or 0
    # Read after the highest number: whoever appends moves both in one transaction.
    head = Head.objects.filter(pk=1).first()
    end = head.seq if head else highest
    expected, previous = 1, {START}
    for entry, real in _entries(end, result):
        expected, previous = _link(result, entry, real, expected, previous)
        if result.entries % BATCH == 0:
            progress(result.entries, end)
    _end(result, head, expected, previous, highest)
    _unsealed(result, now)
    _untold(result, end)
    progress(end, end)
    return result


def still_contains(result: Walk, noted: str) -> None:
    """Compare the chain with an end that was noted earlier ("number:hash"): a chain cut off together with its end is found so."""
    if not noted:
        return
    number, _, digest = noted.partition(":")
    kept = Entry.objects.filter(seq=int(number) if number.isdecimal() else 0).values_list("hash", flat=True).first()
    if kept is None or kept != digest:
        result.found(f"entry {number}", "the chain no longer contains the end that was noted: it was cut off and written anew")


def _entries(end: int, result: Walk) -> Iterator[tuple[Entry, str]]:
    """The entries up to the end, each with the hash that it should have; seals and rows are compared batch by batch."""
    after: int | None = None
    while True:
        query = Entry.objects.filter(seq__lte=end).order_by("seq")
        batch, last = _readable((query if after is None else query.filter(seq__gt=after))[:BATCH], "entry", result)
        if last is None:
            return
        hashed = [(entry, _hash(entry)) for entry in batch]
        yield from hashed
        whole = [entry for entry, real in hashed if entry.hash == real]
        _seals(result, [entry for entry in whole if entry.action == SEALED])
        _rows(result, whole)
        after = last


def _readable(query: "models.QuerySet[Any]", name: str, result: Walk) -> tuple[list[Any], Any]:
    """The next rows of a query and the last key; a row that cannot even be read (a tampered date, broken JSON) is named."""
    try:
        rows = list(query)
    except UNREADABLE:
        keys = list(query.values_list("pk", flat=True))
        rows = []
        for key in keys:
            try:
                rows.append(query.model._default_manager.get(pk=key))
            except UNREADABLE:
                result.found(f"{name} {key}", "it was changed and cannot be read")
        return rows, keys[-1] if keys else None
    return rows, rows[-1].pk if rows else None


def _hash(entry: Entry) -> str:
    try:
        return digest_of(entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.details, entry.previous)
    except UNREADABLE:
        return ""


def _link(result: Walk, entry: Entry, real: str, expected: int, previous: set[str]) -> tuple[int, set[str]]:
    """Compare one entry with its place in the chain; gives the next place."""
    result.entries += 1
    place = f"entry {entry.seq}"
    if entry.seq < expected:
        result.found(place, "it was added outside of the chain")
        return expected, previous
    if entry.seq > expected:
        gone = f"entry {expected}" if entry.seq == expected + 1 else f"entries {expected} to {entry.seq - 1}"
        if not any(trouble.place == gone for trouble in result.troubles):
            result.found(gone, "taken away")
    elif entry.previous not in previous and real == entry.hash:
        result.found(place, "the link to the entry before is broken: one of the two was written again")
    if real != entry.hash:
        result.found(place, "it was changed: what it says and its hash differ")
    result.end = (entry.seq, entry.hash)
    return entry.seq + 1, {entry.hash, real}


def _end(result: Walk, head: Head | None, expected: int, previous: set[str], highest: int) -> None:
    """Compare the last entry with the row that says where the chain ends."""
    if head is None:
        if expected > 1:
            result.found("the end of the chain", f"the row that names it was taken away; the last entry is {expected - 1}")
        return
    if Head.objects.count() > 1:
        result.found("the end of the chain", "more than one row names it")
    if head.seq >= expected:
        result.found(f"entry {expected}", f"the end of the chain was cut off: it went on to entry {head.seq}")
    elif head.hash not in previous:
        result.found(f"entry {head.seq}", "the end of the chain names another hash: the last entry was written again, or the end changed")
    if highest > head.seq:
        result.found(f"entry {head.seq + 1}", f"it stands after the end of the chain, which is entry {head.seq}")


def _seals(result: Walk, seals: list[Entry]) -> None:
    """Compare the reads with the seals over them."""
    for seal in seals:
        said = seal.details
        if said["first"] != result.sealed_to + 1:
            result.found(f"entry {seal.seq}", f"a seal from read {said['first']} on; expected from {result.sealed_to + 1} on")
        result.sealed_to, result.reads = said["last"], result.reads + said["count"]
        marks = dict(said["marks"])
        found, _ = _readable(Read.objects.filter(pk__gte=said["first"], pk__lte=said["last"]).order_by("pk"), "read", result)
        named, digests = len(result.troubles), [row_digest(read) for read in found]
        for read, digest in zip(found, digests, strict=True):
            if read.pk not in marks:
                result.found(f"read {read.pk}", f"it was added after it was sealed (entry {seal.seq})")
            elif marks[read.pk] != digest[:MARK]:
                result.found(f"read {read.pk}", f"it was changed after it was sealed (entry {seal.seq})")
        for key in sorted(set(marks) - {read.pk for read in found}):
            if not any(trouble.place == f"read {key}" for trouble in result.troubles):
                result.found(f"read {key}", f"taken away after it was sealed (entry {seal.seq})")
        if len(result.troubles) == named and len(found) == said["count"] and sha256("".join(digests)) != said["digest"]:
            result.found(f"reads {said['first']} to {said['last']}", f"changed after they were sealed (entry {seal.seq})")


def _rows(result: Walk, entries: list[Entry]) -> None:
    """Compare the rows of the record with what the entries of their writes witnessed."""
    said: dict[str, dict[str, tuple[str, int]]] = {}
    for entry in entries:
        for label, rows in (entry.details.get("rows") or {}).items():
            said.setdefault(label, {}).update({str(key): (digest, entry.seq) for key, digest in rows})
    for label, told in said.items():
        result.told.setdefault(label, set()).update(told)
        result.rows += len(told)
        keys = list(told)
        for start in range(0, len(keys), BATCH):
            _compare(result, label, {key: told[key] for key in keys[start : start + BATCH]})


def _compare(result: Walk, label: str, told: dict[str, tuple[str, int]]) -> None:
    try:
        model = apps.get_model(label)
    except LookupError:
        return
    rows, _ = _readable(model._default_manager.filter(pk__in=list(told)).order_by("pk"), _called(model), result)
    for row in rows:
        digest, seq = told.pop(str(row.pk))
        if row_digest(row) != digest:
            result.found(f"{_called(model)} {row.pk}", f"it was changed after it was written (entry {seq})")
    for key, (_, seq) in told.items():
        if not any(trouble.place == f"{_called(model)} {key}" for trouble in result.troubles):
            result.found(f"{_called(model)} {key}", f"taken away after it was written (entry {seq})")


def _unsealed(result: Walk, now: datetime | None) -> None:
    """Reads that nobody sealed in time."""
    if now is None:
        return
    late = Read.objects.filter(pk__gt=result.sealed_to, at__lt=now - SEALED_WITHIN).order_by("pk")
    first = late.values_list("pk", flat=True).first()
    # A seal may have come while we walked.
    if first is not None and not Entry.objects.filter(action=SEALED, seq__gt=result.end[0]).exists():
        minutes = SEALED_WITHIN.seconds // 60
        result.found(f"read {first}", f"not sealed; {late.count()} wait for longer than {minutes} minutes: is the worker running?")


def _untold(result: Walk, end: int) -> None:
    """Rows of append-only tables that no entry tells of: they were written past the actions."""
    for model in witnessed_models():
        told = result.told.get(model._meta.label_lower, set())
        if not result.troubles and model._default_manager.count() == len(told):
            continue
        extra = [key for key in model._default_manager.order_by("pk").values_list("pk", flat=True).iterator() if str(key) not in told]
        # Written while we walked: told by entries beyond the end that we knew.
        for details in Entry.objects.filter(seq__gt=end).values_list("details", flat=True) if extra else ():
            late = {str(key) for key, _ in (details.get("rows") or {}).get(model._meta.label_lower, ())}
            extra = [key for key in extra if str(key) not in late]
        for key in extra[:MOST]:
            result.found(f"{_called(model)} {key}", "no entry tells of it")


def witnessed_models() -> list[type[models.Model]]:
    """Every append-only table whose rows the entries witness."""
    return [model for model in apps.get_models() if issubclass(model, AppendOnly) and model.witnessed]


def _called(model: type[models.Model]) -> str:
    """A table's rows in words: "event", "review snapshot"."""
    return str(model._meta.verbose_name)
