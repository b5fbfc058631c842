"""One study's effect and its standard error, on the scale on which effects are pooled. Arithmetic alone: no catalog.

Ratios (RR, OR, HR) are logarithms; differences (RD, MD) are themselves. Where a cell of the two-by-two table is zero,
1/2 is added to all four cells of that study and of no other (metafor: `to = "only0"`, `add = 1/2`). A study without an
event in either arm, or with an event in everybody, says nothing of a ratio and is refused.
"""

import math
from dataclasses import dataclass
from typing import Literal

Measure = Literal["RR", "OR", "RD", "MD", "HR", "SMD"]
LOGARITHMIC: tuple[Measure, ...] = ("RR", "OR", "HR")
Z95 = 1.959963984540054  # The normal quantile of a 95 % interval.


@dataclass(frozen=True)
class StudyEffect:
    """An effect on the scale of pooling, with its standard error; `corrected`: 1/2 was added to empty cells."""

    value: float
    se: float
    corrected: bool = False


def from_counts(measure: Measure, active: tuple[int, int], control: tuple[int, int]) -> StudyEffect:
    """The effect of (events, people) against (events, people). Raises ValueError where the counts say nothing."""
    for events, people in (active, control):
        if not 0 <= events <= people or people < 1:
            raise ValueError(f"found {events} events in {people} people; allowed: 0 to {people}, of at least 1")
    (a, n1), (c, n2) = active, control
    if measure in LOGARITHMIC and (a + c == 0 or (a, c) == (n1, n2)):
        raise ValueError("found no event in either arm, or an event in everybody; allowed: counts that say something of a ratio")
    cells = [float(a), float(n1 - a), float(c), float(n2 - c)]
    corrected = 0.0 in cells
    if corrected:
        cells = [cell + 0.5 for cell in cells]
    value, variance = _two_by_two(measure, *cells)
    return StudyEffect(value, math.sqrt(variance), corrected)


def _two_by_two(measure: Measure, a: float, b: float, c: float, d: float) -> tuple[float, float]:
    n1, n2 = a + b, c + d
    if measure == "RR":
        return math.log(a / n1) - math.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2
    if measure == "OR":
        return math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    if measure == "RD":
        return a / n1 - c / n2, a * b / n1**3 + c * d / n2**3
    raise ValueError(f"found {measure} of counts; allowed: RR, OR or RD")


def from_print(measure: Measure, estimate: float, se: float | None, lower: float | None, upper: float | None) -> StudyEffect:
    """The printed estimate with its printed standard error, or one read from its 95 % interval.

    The interval is taken as normal on the scale of pooling: se = (upper - lower) / (2 * 1.96). A small trial that
    printed a t interval has a slightly smaller standard error than this. Raises ValueError where neither was printed.
    """
    logarithmic = measure in LOGARITHMIC
    value = math.log(estimate) if logarithmic else estimate
    if se is not None and not logarithmic:
        return StudyEffect(value, se)
    if lower is None or upper is None:
        raise ValueError("found neither a standard error nor an interval; allowed: one of them")
    low, high = (math.log(lower), math.log(upper)) if logarithmic else (lower, upper)
    return StudyEffect(value, (high - low) / (2 * Z95))


def shown(measure: Measure, value: float) -> float:
    """A value of the scale of pooling as it is read: a ratio, or points."""
    return math.exp(value) if measure in LOGARITHMIC else value
