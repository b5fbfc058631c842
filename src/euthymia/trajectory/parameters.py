"""The parameters of a population, with their uncertainty.

Positive parameters are carried as logarithms and shares as log-odds, so that a Gaussian can say how well they are known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import expit, logit

from euthymia.trajectory.scale import Array

# Every parameter, and how it is carried: as it is, as its logarithm, or as its log-odds.
CARRIED: dict[str, Literal["plain", "log", "logit"]] = {
    "rate_per_week": "log",
    "wandering_sd": "log",
    "rating_sd": "log",
    "set_point_sd": "log",
    "wane_per_week": "log",
    "carry": "logit",
    "start_mean": "plain",
    "start_sd": "log",
    "set_point_mean": "plain",
    "set_point_slope": "plain",
    "set_point_drift_sd": "log",
    "set_point_step_sd": "log",
    "effect_mean": "plain",
    "effect_sd": "log",
    "outlier_share": "logit",
    "recall_share": "logit",
}
NAMES = tuple(CARRIED)
_NOTHING = 1e-9


@dataclass(frozen=True)
class Parameters:
    """`estimate` [16] in the order of NAMES (medians where patients differ), and its `covariance` [16, 16].

    `set_point_mean` is the set point of who starts at `start_mean`.
    """

    estimate: Array
    covariance: Array = field(default_factory=lambda: np.zeros((len(NAMES), len(NAMES))))

    def __post_init__(self) -> None:
        shapes = self.estimate.shape, self.covariance.shape
        if shapes != ((len(NAMES),), (len(NAMES), len(NAMES))):
            raise ValueError(f"found parameters of shapes {shapes}; allowed: [{len(NAMES)}] and [{len(NAMES)}, {len(NAMES)}]")

    @classmethod
    def of(cls, values: Mapping[str, float], covariance: Sequence[Sequence[float]] | None = None) -> "Parameters":
        """From values in points and weeks, all of NAMES; the covariance as carried."""
        if set(values) != set(NAMES):
            raise ValueError(f"found the parameters {', '.join(sorted(values))}; allowed: {', '.join(NAMES)}")
        estimate = np.array([_carry(CARRIED[name], values[name]) for name in NAMES])
        return cls(estimate) if covariance is None else cls(estimate, np.asarray(covariance, dtype=float))

    def value(self, name: str) -> float:
        """One estimate by name, in points, weeks or as a share."""
        value = float(self.estimate[NAMES.index(name)])
        how = CARRIED[name]
        return value if how == "plain" else float(np.exp(value) if how == "log" else expit(value))

    def variance(self, name: str) -> float:
        """How uncertain it is, as carried."""
        at = NAMES.index(name)
        return float(self.covariance[at, at])


def _carry(how: str, value: float) -> float:
    if how == "plain":
        return value
    return float(np.log(max(value, _NOTHING)) if how == "log" else logit(np.clip(value, _NOTHING, 1 - _NOTHING)))
