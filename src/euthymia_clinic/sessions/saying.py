"""What a page sends, read: entries with the instants of a device whose clock nobody has checked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

LONGEST_FIELD = 160
LONGEST_VALUE = 2_000
LARGEST_BATCH = 200
# A clock that was reset stands at 1970 and is set right; what no clock says is no instant.
YEARS = range(1970, 2200)
# What no table can hold: a zero character, and half of a pair of a character that takes two.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class UnreadableError(ValueError):
    """What was sent cannot be read as entries at all: says what was found and what is allowed."""


@dataclass(frozen=True)
class Said:
    """One entry as the device said it. `at`: by the device's clock; `confirmed`: it is so, although it looks wrong."""

    id: UUID
    field: str
    value: str
    at: datetime
    chosen_time: bool = False
    replaces: UUID | None = None
    confirmed: bool = False


@dataclass(frozen=True)
class Timed:
    """When something was measured by the server's clock, and how far the device's was from it."""

    measured_at: datetime
    arrived_at: datetime
    offset: timedelta
    late: bool


def batch_of(sent: Any) -> tuple[datetime, tuple[Said, ...]]:
    """When a batch was sent by the device's clock, and its entries in order. Raises UnreadableError."""
    if not isinstance(sent, Mapping) or not isinstance(sent.get("entries"), list):
        raise UnreadableError("found no list of entries; allowed: sent_at and entries")
    if len(sent["entries"]) > LARGEST_BATCH:
        raise UnreadableError(f"found {len(sent['entries'])} entries; allowed: at most {LARGEST_BATCH} at once")
    return _instant(sent.get("sent_at"), "sent_at"), tuple(_said(each) for each in sent["entries"])


def typed_now(form: Mapping[str, str], now: datetime) -> tuple[Said, ...]:
    """The entries of a form that was sent without a script: every field with its own id beside it, measured now. Raises UnreadableError."""
    ids = {name.removeprefix("id-"): value for name, value in form.items() if name.startswith("id-")}
    given = {name: form[name].strip() for name in ids if form.get(name, "").strip()}
    if not given:
        raise UnreadableError("found nothing typed; allowed: one reading or more")
    common = {"measured_at": now.isoformat(), "confirmed": form.get("confirmed") == "yes"}
    return tuple(_said({"id": ids[field], "field": field, "value": value, **common}) for field, value in given.items())


def timed(said: Said, sent_at: datetime, arrived: datetime, clock_tolerance: timedelta, late_after: timedelta) -> Timed:
    """When it was measured: as the device says, set right where its clock is more than the tolerance from ours, and never to come.

    Late is what arrives more than `late_after` later, and what somebody dated back by a chosen time.
    """
    offset = arrived - sent_at
    corrected = said.at + offset if abs(offset) > clock_tolerance else said.at
    measured_at = min(corrected, arrived)
    waited = arrived - measured_at
    late = waited > late_after or (said.chosen_time and waited >= timedelta(minutes=1))
    return Timed(measured_at, arrived, offset, late)


def _said(each: Any) -> Said:
    if not isinstance(each, Mapping):
        raise UnreadableError("found an entry that is no object; allowed: id, field, value, measured_at")
    field, value = each.get("field"), each.get("value")
    if not isinstance(field, str) or not isinstance(value, str) or _NO_TEXT.search(field + value):
        raise UnreadableError("found an entry without a text as its field or value; allowed: both as text")
    return Said(
        id=_id(each.get("id")),
        field=field[:LONGEST_FIELD],
        value=value.strip()[: LONGEST_VALUE + 1],
        at=_instant(each.get("measured_at"), "measured_at"),
        chosen_time=each.get("chosen_time") is True,
        replaces=None if each.get("replaces") is None else _id(each["replaces"]),
        confirmed=each.get("confirmed") is True,
    )


def _id(text: Any) -> UUID:
    try:
        return UUID(text)
    except (ValueError, AttributeError, TypeError):
        raise UnreadableError("found an entry without an id of its own; allowed: a UUID") from None


def _instant(text: Any, name: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise UnreadableError(f"found no instant as {name}; allowed: such as 2026-03-01T09:30:00+01:00") from None
    if found.tzinfo is None:
        raise UnreadableError(f"found {name} without an offset; allowed: such as 2026-03-01T09:30:00+01:00")
    if found.year not in YEARS:
        raise UnreadableError(f"found {name} in the year {found.year}; allowed: {YEARS.start} to {YEARS.stop - 1}")
    return found
