"""What is wrong with what was typed: refused at the field where it cannot be, else kept and asked about, or kept and said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from euthymia.moment import day_in_words
from euthymia.plain_words import names_any
from euthymia.position.dosing import BOUNDS_FROM
from euthymia.session_sheet.entries import Entry, gate_of, instant, last, readable, standing, started
from euthymia.session_sheet.limits import number, unit_words
from euthymia.session_sheet.sheet import Sheet, SheetField

Answer = Literal["refused", "confirm", "said"]
Kind = Literal[
    "unknown_field", "not_read", "impossible", "future", "swapped", "far_apart", "pounds", "weight", "dose", "dose_unbounded",
    "treatment", "route", "before_start", "another_session", "clock", "no_end",
]  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """Something wrong with an entry. `answer`: refused; kept and to be confirmed or corrected (`confirmed`: it was); kept and said."""

    entry: str
    field: str
    kind: Kind
    found: str
    allowed: str
    answer: Answer
    confirmed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to say that it is so, or to correct it."""
        return self.answer == "confirm" and not self.confirmed


def problems(sheet: Sheet, entries: Sequence[Entry], now: datetime) -> tuple[Problem, ...]:
    """Everything wrong with the entries that hold, by when they were measured. `entries`: in the order of their arrival."""
    found = []
    for entry in standing(entries):
        wrong = next(_refused(sheet, entry, now), None)
        found += [wrong] if wrong else [*_asked(sheet, entry, entries, now)]
    return tuple(found)


def _problem(entry: Entry, kind: Kind, found: str, allowed: str, answer: Answer = "confirm") -> Problem:
    return Problem(entry.id, entry.field, kind, found, allowed, answer, confirmed=answer == "confirm" and entry.confirmed)


def _refused(sheet: Sheet, entry: Entry, now: datetime) -> Iterator[Problem]:
    """What cannot be at all."""
    field, gate = sheet.field(entry.field), gate_of(entry.field)
    latest = now + timedelta(minutes=sheet.tolerances.clock_minutes)
    if entry.at > latest:
        yield _problem(entry, "future", f"a time to come ({entry.at.isoformat()})", f"until {now.isoformat()}", "refused")
    if gate is not None:
        if gate not in sheet.gates:
            yield _problem(entry, "unknown_field", f"the gate {gate!r}", "a gate of this sheet", "refused")
        return
    if field is None:
        yield _problem(entry, "unknown_field", f"the field {entry.field!r}", "a field of this sheet", "refused")
        return
    if not readable(field, entry, sheet):
        yield _problem(entry, "not_read", f"“{entry.value}”", _readable_words(field), "refused")
    value, named = number(entry.value), instant(entry, sheet) if field.input == "instant" else None
    unit = unit_words(field.unit)
    if field.input == "number" and value is not None and not _within(value, field.low, field.high):
        yield _problem(entry, "impossible", f"{value:g} {unit}".strip(), f"{field.low:g} to {field.high:g} {unit}".strip(), "refused")
    if named is not None and named > latest:
        yield _problem(entry, "future", f"a time to come ({named.isoformat()})", f"until {now.isoformat()}", "refused")


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)


def _readable_words(field: SheetField) -> str:
    if field.choices:
        return ", ".join(words for _, words in field.choices)
    return "a number" if field.input == "number" else "a time with its offset, such as 2026-03-01T09:30:00+01:00"


def _asked(sheet: Sheet, entry: Entry, entries: Sequence[Entry], now: datetime) -> Iterator[Problem]:
    """What can be and is not likely, each asked about once."""
    if abs(entry.clock_off_minutes) > sheet.tolerances.clock_minutes:
        off = entry.clock_off_minutes
        words = f"a device clock {abs(off):.0f} minutes {'behind' if off > 0 else 'ahead of'} the server's"
        yield _problem(entry, "clock", words, "the time is set right by the server's clock", "said")
    yield from _paired(sheet, entry, entries)
    if entry.field == "weight":
        yield from _weighed(sheet, entry)
    elif entry.field == "dose":
        yield from _dosed(sheet, entry, entries)
    elif entry.field == "treatment" and sheet.dose.treatments and not names_any(sheet.dose.treatments, entry.value):
        yield _problem(entry, "treatment", entry.value, f"the drug of the plan: {sheet.dose.treatments[0]}")
    elif entry.field == "route" and sheet.dose.route not in (None, entry.value.strip()):
        yield _problem(entry, "route", entry.value, f"the route of the plan: {sheet.dose.route}")
    elif entry.field == "started_at":
        yield from _begun(sheet, entry, entries, now)
    elif entry.field == "ended":
        start, end = started(sheet, entries), instant(entry, sheet)
        if start and end and end <= start:
            yield _problem(entry, "before_start", f"an end at {end.isoformat()}", f"after the start, {start.isoformat()}")


def _paired(sheet: Sheet, entry: Entry, entries: Sequence[Entry]) -> Iterator[Problem]:
    """Two numbers of one reading, said of the one that was typed later."""
    for pair in (pair for pair in sheet.pairs if entry.field in pair):
        other = _partner(sheet, entry, entries, pair[1] if entry.field == pair[0] else pair[0])
        if other is None or entries.index(other) > entries.index(entry):
            continue
        higher, lower = (entry, other) if entry.field == pair[0] else (other, entry)
        above, below = number(higher.value), number(lower.value)
        if above is None or below is None:
            continue
        if above <= below:
            yield _problem(entry, "swapped", f"{above:g}/{below:g}", f"{pair[0]} above {pair[1]}: perhaps {below:g}/{above:g}")
        elif above - below > sheet.tolerances.pair_most_apart:
            most = sheet.tolerances.pair_most_apart
            yield _problem(entry, "far_apart", f"{above:g}/{below:g}", f"{pair[0]} at most {most:g} above {pair[1]}")


def _partner(sheet: Sheet, entry: Entry, entries: Sequence[Entry], field: str) -> Entry | None:
    """The entry of the other field that was measured nearest to this one, within the minutes of one reading."""
    reach = timedelta(minutes=sheet.tolerances.pair_minutes)
    near = [other for other in standing(entries) if other.field == field and abs(other.at - entry.at) <= reach]
    return min(near, key=lambda other: abs(other.at - entry.at), default=None)


def _weighed(sheet: Sheet, entry: Entry) -> Iterator[Problem]:
    """Held against the last weight known: in pounds it is some 2.2 times as much."""
    value, known, may = number(entry.value), sheet.weight_kg, sheet.tolerances
    if value is None or not known:
        return
    when = f" on {day_in_words(sheet.weight_day)}" if sheet.weight_day else ""
    if abs(value / known / may.weight_ratio - 1) * 100 <= may.weight_percent:
        yield _problem(entry, "pounds", f"{value:g} kg; {known:g} kg{when}", f"kg: {value:g} lb are {value / may.weight_ratio:.1f} kg")
    elif abs(value / known - 1) * 100 > may.weight_percent:
        yield _problem(entry, "weight", f"{value:g} kg", f"within {may.weight_percent:g} % of {known:g} kg{when}")


def _dosed(sheet: Sheet, entry: Entry, entries: Sequence[Entry]) -> Iterator[Problem]:
    """Held against the bounds in force. Where they cannot be used, that is said."""
    value, may = number(entry.value), sheet.dose
    weighed = last(entries, "weight")
    weight = number(weighed.value) if weighed else sheet.weight_kg
    if value is None:
        return
    if may.unclear or (may.lower is None and may.upper is None):
        yield _problem(entry, "dose_unbounded", f"{value:g} mg", may.unclear or "the plan names no bounds", "said")
        return
    if may.unit == "mg/kg" and not weight:
        yield _problem(entry, "dose_unbounded", f"{value:g} mg", "a weight: the bounds are per kilogram", "said")
        return
    amount = value / weight if may.unit == "mg/kg" and weight else value
    slack = sheet.tolerances.dose_percent / 100 if may.unit == "mg/kg" else 0.0
    if not _within(amount, may.lower and may.lower * (1 - slack), may.upper and may.upper * (1 + slack)):
        bounds = " ".join(f"{word} {bound:g}" for word, bound in (("from", may.lower), ("up to", may.upper)) if bound is not None)
        yield _problem(entry, "dose", f"{value:g} mg ({amount:.3g} {may.unit})", f"{bounds} {may.unit} {BOUNDS_FROM[may.source]}".strip())


def _begun(sheet: Sheet, entry: Entry, entries: Sequence[Entry], now: datetime) -> Iterator[Problem]:
    start = instant(entry, sheet)
    if start is None:
        return
    if sheet.sessions_today:
        yield _problem(entry, "another_session", "another session of this day in the record", "one session a day, or the reason for two")
    hours = sheet.tolerances.without_end_hours
    if last(entries, "ended") is None and now - start > timedelta(hours=hours):
        yield _problem(entry, "no_end", f"no end of a session that began at {start.isoformat()}", f"an end within {hours:g} hours")
