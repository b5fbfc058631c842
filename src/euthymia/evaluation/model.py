"""What a model is here: it learns from a training cohort, and then forecasts the ratings of people that it has not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from euthymia.evaluation.cohort import Array, Person, Scale
from euthymia.evaluation.task import Case, Task


@dataclass(frozen=True)
class Training:
    """The people of the other folds, whole, and the same tasks as will be asked, with what came of them."""

    people: Sequence[Person]
    cases: Sequence[Case]
    scale: Scale

    def errors(self, point: Callable[[Task], float]) -> Array:
        """What came minus the point forecast, for every training case, in points."""
        return np.array([case.rating - point(case.task) for case in self.cases])


@dataclass(frozen=True)
class Prediction:
    """A forecast of one rating. `point` in points; `cdf`: P(rating ≤ each total of the grid); `remission`: P(rating ≤ cut).

    A rule that says only whether remission will come has neither point nor cdf (None).
    """

    point: float | None
    cdf: Array | None
    remission: float


@dataclass(frozen=True)
class Learnt:
    """A model after training: its forecasts, and what had to be said about the training."""

    predict: Callable[[Task], Prediction]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Model:
    """A model by its id (in files) and its name (for people)."""

    id: str
    name: str
    learn: Callable[[Training], Learnt]


def from_cdf(point: float, cdf: Array, scale: Scale) -> Prediction:
    """A prediction from P(rating ≤ k) at every total k of the grid; the point is kept within the range."""
    at = int(np.searchsorted(scale.grid, scale.cut + scale.step * _SLACK, side="right")) - 1
    kept = np.clip(cdf, 0.0, 1.0)
    kept[-1] = 1.0
    return Prediction(min(max(point, scale.low), scale.high), kept, float(kept[at]))


def rounded_normal(mean: float, sd: float, scale: Scale) -> Prediction:
    """The forecast N(mean, sd²), rounded to the steps of the scale and kept in its range: the ends take what lies beyond."""
    return from_cdf(mean, np.asarray(ndtr((scale.grid + scale.step / 2 - mean) / max(sd, scale.step * _SLACK))), scale)


_SLACK = 1e-6  # of a step: against the rounding of decimals, and against a spread of nothing
