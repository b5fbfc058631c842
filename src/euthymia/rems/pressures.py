"""The three blood pressures that the form asks for, of those that were measured on the session's day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from euthymia.rems.session import Seen
from euthymia.rules.readings import Reading, measured

SYSTOLIC, DIASTOLIC = "systolic", "diastolic"


@dataclass(frozen=True)
class Pressure:
    """One measurement of both. `why`: what is wrong with it, where it cannot be used."""

    at: datetime
    systolic: float | None
    diastolic: float | None
    why: str = ""


def pressure(seen: Seen, which: str) -> Pressure | str:
    """The pressure `before`, at the `check`, or at the `end`; a text says why there is none."""
    if seen.start is None:
        return "the clock time of the dose is not recorded"
    found = list(_pairs(seen))
    chosen = _CHOICES[which](seen, seen.start, found)
    return chosen if isinstance(chosen, str) or not chosen.why else f"{chosen.at:%H:%M}: {chosen.why}"


def _pairs(seen: Seen) -> Iterator[Pressure]:
    """Every time of the session's day at which one or both were measured, by the clock."""
    upper, lower = (_by_instant(seen, name) for name in (SYSTOLIC, DIASTOLIC))
    for instant in sorted({*upper, *lower}):
        yield _paired(instant.astimezone(seen.record.zone), upper.get(instant), lower.get(instant))


def _by_instant(seen: Seen, name: str) -> dict[datetime, Reading]:
    found = measured(seen.scene, name)
    return {reading.at.instant: reading for reading in found if reading.day == seen.day and reading.at.instant is not None}


def _paired(at: datetime, upper: Reading | None, lower: Reading | None) -> Pressure:
    for name, reading in ((SYSTOLIC, upper), (DIASTOLIC, lower)):
        if reading is None:
            return Pressure(at, None, None, f"no {name} pressure stands beside the other")
        if not isinstance(reading.value, float):
            return Pressure(at, None, None, f"{name}: {reading.why}")
    high, low = (reading.value for reading in (upper, lower) if reading is not None and isinstance(reading.value, float))
    if high <= low:
        return Pressure(at, None, None, f"found {high:g}/{low:g}; allowed: the systolic above the diastolic")
    return Pressure(at, high, low)


def _before(_seen: Seen, start: datetime, found: list[Pressure]) -> Pressure | str:
    before = [each for each in found if each.at <= start]
    return before[-1] if before else "none is recorded on that day up to the dose"


def _check(seen: Seen, start: datetime, found: list[Pressure]) -> Pressure | str:
    wanted, window = seen.form.check_minutes.value, seen.form.check_window_minutes.value
    far = {each.at: abs((each.at - start).total_seconds() / 60 - wanted) for each in found if each.at > start}
    near = [each for each in found if far.get(each.at, window + 1) <= window]
    return (
        min(near, key=lambda each: far[each.at])
        if near
        else f"none is recorded {wanted - window:g} to {wanted + window:g} minutes after the dose"
    )


def _end(seen: Seen, start: datetime, found: list[Pressure]) -> Pressure | str:
    end, window = seen.end, seen.form.end_window_minutes.value
    if end is None:
        return "the clock time at which monitoring ended is not recorded"
    last = [each for each in found if start < each.at <= end and (end - each.at).total_seconds() / 60 <= window]
    return last[-1] if last else f"none is recorded in the last {window:g} minutes before the end"


_CHOICES: dict[str, Callable[[Seen, datetime, list[Pressure]], Pressure | str]] = {"before": _before, "check": _check, "end": _end}
