"""The people whose courses are forecast, on one scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from euthymia.interop.result import ReadError

Array = NDArray[np.float64]


class EvaluationError(ReadError):
    """What cannot be evaluated: the message names the place, what was found and what is allowed; never a rating."""


@dataclass(frozen=True)
class Scale:
    """The instrument as forecasts need it: its range and step in points, and the highest rating that is remission.

    `recall_days`: the days it asks about (0 = right now). `cut_source` says where the cut comes from. Lower is better.
    """

    name: str
    low: float
    high: float
    step: float
    cut: float
    recall_days: float = 0.0
    cut_source: str = "given"

    @cached_property
    def grid(self) -> Array:
        """Every total that can be reported, lowest first."""
        return np.asarray(self.low + self.step * np.arange(round((self.high - self.low) / self.step) + 1), dtype=float)

    def on_grid(self, total: float) -> float:
        """The total that can be reported which is nearest to `total`; halfway the worse one, so that no half becomes a remission."""
        steps = math.floor((min(max(total, self.low), self.high) - self.low) / self.step + 0.5 + 1e-9)
        return float(self.grid[min(steps, len(self.grid) - 1)])


@dataclass(frozen=True)
class Person:
    """One person's ratings: `weeks` (strictly rising) and `totals` (points), of equal length.

    `session_weeks`: treatment sessions; `change_weeks`: changes of protocol. `label` is the person's name in the
    source; it is never written. Raises EvaluationError.
    """

    label: str
    weeks: Sequence[float]
    totals: Sequence[float]
    session_weeks: Sequence[float] = ()
    change_weeks: Sequence[float] = ()

    def __post_init__(self) -> None:
        if len(self.weeks) != len(self.totals):
            raise EvaluationError(f"a person: found {len(self.weeks)} times and {len(self.totals)} totals; allowed: equally many")
        if any(later <= earlier for earlier, later in zip(self.weeks, self.weeks[1:], strict=False)):
            raise EvaluationError("a person: found times that do not rise; allowed: one rating at a time, sorted")


@dataclass(frozen=True)
class Cohort:
    """A data set: people in a fixed order, on one scale. `notes` say what was left out or assumed in reading it."""

    name: str
    scale: Scale
    people: tuple[Person, ...]
    notes: tuple[str, ...] = ()

    @property
    def ratings(self) -> int:
        return sum(len(person.totals) for person in self.people)
