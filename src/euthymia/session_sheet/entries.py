"""What has been typed into a sheet: every entry is kept, a later one may take the place of an earlier one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from euthymia.session_sheet.limits import number
from euthymia.session_sheet.sheet import Sheet, SheetField

_GATE = "gate:"
_FIRST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Entry:
    """One answer as it was kept. `at`: when it was measured, by the server's clock; `recorded_at`: when it arrived.

    `field`: of the sheet, or `gate_field(…)` with an explanation. `value`: as typed; empty with `replaces`: taken back. `confirmed`:
    whoever typed it said that it is so, although it looked wrong. `clock_off_minutes`: how far the device's clock was behind.
    """

    id: str
    field: str
    value: str
    at: datetime
    recorded_at: datetime
    by: str | None = None
    replaces: str | None = None
    confirmed: bool = False
    clock_off_minutes: float = 0.0


def gate_field(subject: str, rule: str) -> str:
    """The field of an entry that explains a gate."""
    return f"{_GATE}{subject}/{rule}"


def gate_of(field: str) -> str | None:
    """The gate ("subject/rule") that an entry of this field explains; None of any other field."""
    return field.removeprefix(_GATE) if field.startswith(_GATE) else None


def standing(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that hold, by when they were measured, then by arrival. `entries`: in the order of their arrival."""
    fields = {entry.id: entry.field for entry in entries}
    replaced = {entry.replaces for entry in entries if fields.get(entry.replaces or "") == entry.field}
    held = [entry for entry in entries if entry.id not in replaced and entry.value.strip()]
    return tuple(sorted(held, key=lambda entry: entry.at))


def last(entries: Sequence[Entry], field: str, until: datetime | None = None, after: datetime | None = None) -> Entry | None:
    """The last entry of a field that holds, measured at most at `until`, and after `after`; None where there is none."""
    found = [e for e in standing(entries) if e.field == field and (until is None or e.at <= until) and e.at > (after or _FIRST)]
    return found[-1] if found else None


def instant(entry: Entry | None, sheet: Sheet) -> datetime | None:
    """The instant that an entry names, set right where the device's clock was off; None where it names none."""
    if entry is None:
        return None
    try:
        found = datetime.fromisoformat(entry.value.strip())
    except ValueError:
        return None
    off = entry.clock_off_minutes if abs(entry.clock_off_minutes) > sheet.tolerances.clock_minutes else 0.0
    return None if found.tzinfo is None else found + timedelta(minutes=off)


def readable(field: SheetField, entry: Entry, sheet: Sheet) -> bool:
    """Whether an entry can be read as what its field asks for."""
    if field.input == "number":
        return number(entry.value) is not None
    if field.input == "instant":
        return instant(entry, sheet) is not None
    return not field.choices or entry.value.strip() in dict(field.choices)


def started(sheet: Sheet, entries: Sequence[Entry]) -> datetime | None:
    """When the dose began; None before it."""
    return instant(last(entries, "started_at"), sheet)
