"""The model, its parameters and its equations (TRAJECTORY.md; here its first two states).

    level      dx = -λ (x - μ) dt + σ_x dW       approaches the set point at rate λ, with wandering
    set point  dμ = q dW;  + N(0, σ_Δ²) at each change of protocol
    rating     y = x + ε,  ε ~ N(0, σ_y²)
    prior      x₀ ~ N(B, v_B);  μ | x₀ ~ N(c + r·x₀, σ_μ²)

Time in weeks, scores in points of one instrument. λ and σ_x are not plugged in: they are integrated over a small
grid of nodes, each weighted by the population's density times the patient's own marginal likelihood, so that a
patient who has been steady for weeks is believed to be steady. The renewing drug effect and
the recall window of TRAJECTORY.md are not in this first model; the verdict is about the rating before a session,
which they change least.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """One patient's ratings: `elapsed_weeks` (sorted, since the index) and `totals`, of equal length.

    `protocol_change_weeks`: when the protocol changed. Raises ValueError naming what is wrong.
    """

    elapsed_weeks: Sequence[float]
    totals: Sequence[float]
    protocol_change_weeks: Sequence[float] = ()

    def __post_init__(self) -> None:
        if len(self.elapsed_weeks) != len(self.totals):
            raise ValueError(f"found {len(self.elapsed_weeks)} times and {len(self.totals)} totals; allowed: equally many")
        if not all(np.isfinite(v) for v in (*self.elapsed_weeks, *self.totals, *self.protocol_change_weeks)):
            raise ValueError("found a time or total that is not a finite number; allowed: finite numbers")
        if any(b < a for a, b in zip(self.elapsed_weeks, self.elapsed_weeks[1:], strict=False)):
            raise ValueError("found times that are not sorted; allowed: sorted, equal times included")


class Node(NamedTuple):
    """One point of the grid: λ per week, σ_x in points per root week, and the population's weight (they sum to 1)."""

    rate: float
    wandering_sd: float
    weight: float


@dataclass(frozen=True)
class Population:
    """What a cohort taught: the symbols of the equations above, in points of one instrument, time in weeks."""

    nodes: tuple[Node, ...]
    rating_sd: float
    set_point_drift_sd: float
    set_point_step_sd: float
    start_mean: float
    start_sd: float
    set_point_intercept: float
    set_point_slope: float
    set_point_sd: float
    score_range: tuple[float, float]
    score_step: float = 1.0

    @cached_property
    def rates(self) -> Array:
        """λ of every node, [node]."""
        return np.array([node.rate for node in self.nodes])

    @cached_property
    def wandering_sds(self) -> Array:
        """σ_x of every node, [node]."""
        return np.array([node.wandering_sd for node in self.nodes])

    @cached_property
    def log_weights(self) -> Array:
        """The population's log weight of every node, [node]."""
        return np.log([node.weight for node in self.nodes])

    def rescaled(self, scale: float, shift: float, score_range: tuple[float, float], score_step: float) -> "Population":
        """The same population on another instrument whose scores are `scale`·y + `shift`."""
        a, b = self.set_point_intercept, self.set_point_slope
        return replace(
            self,
            **self._spreads_times(scale),
            start_mean=self.start_mean * scale + shift,
            set_point_intercept=a * scale + shift - b * shift,
            score_range=score_range,
            score_step=score_step,
        )

    def widened(self, variance_factor: float) -> "Population":
        """The same population with every variance multiplied: what is borrowed is known less well."""
        return replace(self, **self._spreads_times(variance_factor**0.5))

    def _spreads_times(self, factor: float) -> dict[str, Any]:
        nodes = tuple(node._replace(wandering_sd=node.wandering_sd * factor) for node in self.nodes)
        return {"nodes": nodes, **{name: getattr(self, name) * factor for name in _SPREADS}}


_SPREADS = ("rating_sd", "set_point_drift_sd", "set_point_step_sd", "start_sd", "set_point_sd")


class State(NamedTuple):
    """Gaussian belief about (level, set point) on every node of the grid: two means and three (co)variances, each [node]."""

    level: Array
    set_point: Array
    level_var: Array
    covariance: Array
    set_point_var: Array


@dataclass(frozen=True)
class Transition:
    """The exact discretisation over `weeks`: level' = e·level + (1-e)·set point, plus Gaussian noise. Arrays [node]."""

    decay: Array
    level_var: Array
    covariance: Array
    set_point_var: float


def initial(population: Population) -> State:
    """The belief before any rating."""
    ones = np.ones(len(population.nodes))
    slope, start_var = population.set_point_slope, population.start_sd**2
    return State(
        ones * population.start_mean,
        ones * (population.set_point_intercept + slope * population.start_mean),
        ones * start_var,
        ones * slope * start_var,
        ones * (slope**2 * start_var + population.set_point_sd**2),
    )


@lru_cache(maxsize=1024)
def transition(population: Population, weeks: float) -> Transition:
    """Level and set point over `weeks` without a rating: the Ornstein–Uhlenbeck process around a random walk."""
    rate = population.rates
    decay = np.exp(-rate * weeks)
    approach = (1 - decay) / rate
    level_noise = population.wandering_sds**2 * (1 - decay**2) / (2 * rate)
    drift_var = population.set_point_drift_sd**2
    followed = weeks - 2 * approach + (1 - decay**2) / (2 * rate)
    return Transition(decay, level_noise + drift_var * followed, drift_var * (weeks - approach), drift_var * weeks)
