"""How many days were surely, and how many possibly, spent at an adequate dose: dates that are a year or a month give a range.

Days are ordinals; a stretch is half-open: the day of the end is not counted. A stretch begins somewhere in
[begin.low, begin.high] and ends somewhere in [end.low, end.high]; its dose is an interval too.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf


@dataclass(frozen=True)
class Between:
    """A number that is known to lie between two others (both included)."""

    low: float
    high: float


@dataclass(frozen=True)
class Stretch:
    """One entry of a record as time at a dose. `replaced_by`: the place of the entry whose beginning is its end."""

    begin: Between
    end: Between
    dose: Between
    source: str
    adherent: bool = True
    replaced_by: int | None = None


@dataclass(frozen=True)
class Days:
    """Days covered at all, at an adequate dose, and at an adequate dose that was taken: each surely and possibly."""

    covered: Between
    at_dose: Between
    effective: Between


def days_at(stretches: Sequence[Stretch], minimum: float | None, since: Between = Between(-inf, -inf)) -> Days:
    """Days at `minimum` or more (None: no minimum is known, so that no day counts surely), not before `since`."""
    points = {p for s in stretches for p in (s.begin.low, s.begin.high, s.end.low, s.end.high)}
    cuts = sorted({p for p in points | {since.low, since.high} if p > -inf})
    totals = ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0])
    for first, last, possible in _pieces(stretches, cuts):
        if not possible or last <= since.low:
            continue
        sure = first >= since.high and _surely_covered(stretches, possible, first, last)
        flags = _states(stretches, possible, minimum)
        for total, (lowest, highest) in zip(totals, flags, strict=True):
            total[0] += (last - first) * (sure and lowest)
            total[1] += (last - first) * highest
    return Days(*(Between(low, high) for low, high in totals))


def _pieces(stretches: Sequence[Stretch], cuts: Sequence[float]) -> Iterator[tuple[float, float, list[int]]]:
    """The time between one cut and the next, and the stretches that may last through it. Every stretch begins and ends at a cut."""
    coming = sorted(range(len(stretches)), key=lambda i: stretches[i].begin.low, reverse=True)
    possible: list[int] = []
    for first, last in pairwise(cuts):
        possible = [i for i in possible if last <= stretches[i].end.high]
        while coming and stretches[coming[-1]].begin.low <= first:
            if last <= stretches[new := coming.pop()].end.high:
                insort(possible, new)
        yield first, last, possible


def _surely_covered(stretches: Sequence[Stretch], possible: Sequence[int], first: float, last: float) -> bool:
    """Covered whatever the true dates are: inside one stretch, or where one stretch hands over to the next."""
    for stretch in (stretches[i] for i in possible):
        if stretch.begin.high <= first and last <= stretch.end.low:
            return True
        if stretch.replaced_by is not None and stretch.begin.high <= first:
            after = stretches[stretch.replaced_by]
            if after.begin.low <= first and last <= min(after.begin.high, after.end.low):
                return True
    return False


def _states(stretches: Sequence[Stretch], possible: Sequence[int], minimum: float | None) -> list[tuple[bool, bool]]:
    """Of one piece of time that may be covered: covered, at dose, effective; each (surely, possibly)."""
    if minimum is None:
        return [(True, True), (False, True), (False, any(stretches[i].adherent for i in possible))]
    reached = minimum * (1 - 1e-9)
    lowest = min(stretches[i].dose.low for i in possible)
    adherent = [i for i in possible if stretches[i].adherent]
    at_dose = lowest >= reached, _highest(stretches, possible) >= reached
    effective = at_dose[0] and len(adherent) == len(possible), _highest(stretches, adherent) >= reached
    return [(True, True), at_dose, effective]


def _highest(stretches: Sequence[Stretch], possible: Sequence[int]) -> float:
    """The most that can have been taken: entries of one source may add up, those of two sources are the same drug seen twice."""
    doses = {i: stretches[i].dose.high for i in possible}
    for i in sorted(doses):
        after = stretches[i].replaced_by
        if after is not None and after in doses:
            doses[after] = max(doses[after], doses.pop(i))
    sums: dict[str, float] = {}
    for i, dose in doses.items():
        sums[stretches[i].source] = sums.get(stretches[i].source, 0.0) + dose
    return max(sums.values(), default=-inf)
