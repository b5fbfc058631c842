"""How long a supply lasts by the regimen, whatever was logged: whether a refill was early, and when the last one ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from euthymia.events import Dispensing
from euthymia.home.days import ONE_DAY, every_day
from euthymia.home.planned import most_on, regimen_on
from euthymia.home.supply import NOISE, Supply
from euthymia.home.taken import usual_units

_LOOKED_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Refill:
    """Something dispensed again. `early` None: it cannot be told. `left`: what should remain, in words."""

    day: date
    early: bool | None
    left: str
    dispensed: tuple[Dispensing, ...]


@dataclass(frozen=True)
class _Left:
    """What should remain: units, and days by what the pharmacy says; None where it cannot be told."""

    units: float | None
    days: float | None


_NONE = _Left(0.0, 0.0)


def refills(supply: Supply, tolerance_days: float) -> tuple[Refill, ...]:
    """Every dispensing after the first, against what the regimen should have left of those before. What has run out is never owed."""
    groups = _by_day(supply)
    left, found = _handed_out(groups[0][1]) if groups else _Left(None, None), []
    for (before, earlier), (day, handed_out) in pairwise(groups):
        left = _after(supply, left, before, day)
        if _other_strength(earlier, handed_out):
            left = _NONE
        early, words = _early(supply, left, day, tolerance_days)
        found.append(Refill(day, early, words, tuple(handed_out)))
        left = _added(left, _handed_out(handed_out))
    return tuple(found)


def ends_on(supply: Supply) -> date | None:
    """The first day for which, by the regimen, nothing is left of what was dispensed (something was); None where it cannot be told."""
    groups = _by_day(supply)
    left = _handed_out(groups[0][1])
    for (before, earlier), (day, handed_out) in pairwise(groups):
        left = _NONE if _other_strength(earlier, handed_out) else _after(supply, left, before, day)
        left = _added(left, _handed_out(handed_out))
    last, units = groups[-1][0], left.units
    by_days = None if left.days is None else last + timedelta(days=int(left.days))
    if units is None:
        return by_days
    for day in every_day(last, last + _LOOKED_AHEAD):
        needed = _prescribed(supply, day)
        if needed is None:
            return by_days
        units -= needed
        if units < -NOISE:
            return day
    return None


def _by_day(supply: Supply) -> list[tuple[date, list[Dispensing]]]:
    """What was dispensed on one day belongs together."""
    found: dict[date, list[Dispensing]] = {}
    for each in supply.dispensed:
        found.setdefault(supply.day(each), []).append(each)
    return sorted(found.items())


def _handed_out(dispensed: Sequence[Dispensing]) -> _Left:
    days = [each.days_supply for each in dispensed]
    certain = all(each.at.has_day for each in dispensed)
    return _Left(
        sum(each.quantity for each in dispensed) if certain else None,
        sum(day for day in days if day is not None) if certain and None not in days else None,
    )


def _other_strength(before: Sequence[Dispensing], now: Sequence[Dispensing]) -> bool:
    """Whether units of another strength are handed out, of which none can be left."""
    first, second = before[-1].unit_mg, now[-1].unit_mg
    return first is not None and second is not None and first != second


def _added(left: _Left, more: _Left) -> _Left:
    units = None if left.units is None or more.units is None else left.units + more.units
    return _Left(units, None if left.days is None or more.days is None else left.days + more.days)


def _after(supply: Supply, left: _Left, first: date, day: date) -> _Left:
    """What remains on the morning of `day`."""
    prescribed = [_prescribed(supply, each) for each in every_day(first, day - ONE_DAY)]
    units = None if left.units is None or None in prescribed else max(0.0, left.units - sum(each or 0.0 for each in prescribed))
    return _Left(units, None if left.days is None else max(0.0, left.days - (day - first).days))


def _prescribed(supply: Supply, day: date) -> float | None:
    """Units prescribed for a day: none before the first regimen; None where there is no regimen, or its days or units cannot be told."""
    regimen, most = regimen_on(supply.regimens, day, supply.zone), most_on(supply.regimens, day, supply.zone)
    if not supply.regimens or most is None or (regimen and day < regimen.at.last_day(supply.zone)):
        return None
    units = usual_units(supply, regimen, day) if regimen and most else 0.0
    return None if units is None else units * most


def _early(supply: Supply, left: _Left, day: date, tolerance_days: float) -> tuple[bool | None, str]:
    """Whether more remains than the regimen needs in the days of the tolerance."""
    ahead = [_prescribed(supply, each) for each in every_day(day, day + timedelta(days=tolerance_days) - ONE_DAY)]
    if left.units is not None and None not in ahead:
        return left.units > sum(each or 0.0 for each in ahead) + NOISE, f"{round(left.units, 2):g} units"
    if left.days is not None:
        return left.days > tolerance_days, f"a supply of {left.days:g} days"
    return None, ""
