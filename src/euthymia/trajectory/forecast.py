"""Where the current protocol is heading: forecasts of ratings, not of latent means."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from euthymia.trajectory.kalman import advance, condition_variance, filter_series
from euthymia.trajectory.model import Array, Population, Series, State, initial


@dataclass(frozen=True)
class Plan:
    """What is planned after the last rating; a change of protocol widens the future, its direction is not assumed."""

    protocol_change_weeks: Sequence[float] = ()


@dataclass(frozen=True)
class Forecast:
    """The predictive distribution of a rating at each of `at_weeks`: a mixture of Gaussians over the nodes.

    `means`, `sds` [time, node] and `weights` [node] are on the scale before rounding; what is asked of it is
    answered for ratings: rounded to the instrument's steps, kept within its range.
    """

    at_weeks: Array
    means: Array
    sds: Array
    weights: Array
    score_range: tuple[float, float]
    score_step: float

    @property
    def mean(self) -> Array:
        """The mean rating at each time, kept within the range."""
        return np.asarray(np.clip(self.means @ self.weights, *self.score_range))

    @property
    def sd(self) -> Array:
        """The standard deviation of a rating at each time, before rounding."""
        centre = (self.means @ self.weights)[:, None]
        return np.asarray(np.sqrt((self.sds**2 + (self.means - centre) ** 2) @ self.weights))

    def prob_at_most(self, total: float) -> Array:
        """P(rating ≤ `total`) at each time: everything up to half a step above it is rounded to it."""
        if total >= self.score_range[1]:
            return np.ones(len(self.at_weeks))
        if total < self.score_range[0]:
            return np.zeros(len(self.at_weeks))
        return np.asarray(np.clip(ndtr((total + self.score_step / 2 - self.means) / self.sds) @ self.weights, 0, 1))

    def quantile(self, probability: float) -> Array:
        """The rating that is not exceeded with `probability`, at each time, kept within the range (by bisection)."""
        low = (self.means - 9 * self.sds).min(axis=1)
        high = (self.means + 9 * self.sds).max(axis=1)
        for _ in range(30):
            middle = (low + high) / 2
            below = ndtr((middle[:, None] - self.means) / self.sds) @ self.weights < probability
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray(np.clip((low + high) / 2, *self.score_range))


def forecast(population: Population, series: Series, at_weeks: Sequence[float], plan: Plan | None = None) -> Forecast:
    """Forecast the ratings at `at_weeks` (at or after the last rating), from all ratings of `series`.

    Without ratings the population itself is the forecast. Raises ValueError for a time before the last rating.
    """
    filtered = filter_series(population, series)
    if not filtered.states:
        return forecast_from(population, initial(population), population.log_weights, 0.0, at_weeks, plan)
    return forecast_from(population, filtered.states[-1], filtered.log_weights[-1], series.elapsed_weeks[-1], at_weeks, plan)


def forecast_from(
    population: Population,
    state: State,
    log_weights: Array,
    now: float,
    at_weeks: Sequence[float],
    plan: Plan | None = None,
) -> Forecast:
    """The same from a belief at week `now`, as left by the filter."""
    times = np.asarray(at_weeks, dtype=float)
    if len(times) and times.min() < now - 1e-9:
        raise ValueError(f"found a forecast for week {times.min():g}, before the last rating at week {now:g}; allowed: at or after it")
    changes = tuple(plan.protocol_change_weeks) if plan else ()
    ahead = [advance(population, state, now, float(week), changes) for week in times]
    shape = (len(times), len(population.nodes))
    return Forecast(
        times,
        np.array([belief.level for belief in ahead]).reshape(shape),
        np.sqrt(np.array([belief.level_var for belief in ahead]).reshape(shape) + population.rating_sd**2),
        np.exp(log_weights),
        population.score_range,
        population.score_step,
    )


def settled_probability(
    population: Population,
    state: State,
    log_weights: Array,
    now: float,
    rating_weeks: Sequence[float],
    horizon_week: float,
    cut: float,
    thresholds: tuple[float, float],
) -> Array:
    """When would we know: for each scheduled rating, P(the probability of remission at the horizon is then settled).

    Settled: at or beyond one of `thresholds` (low, high). The probability that will be stated after the k-th rating
    depends on the forecast mean, which is Gaussian today with the variance that the ratings will take away. The
    posterior of the node is held at today's; `tests/core/trajectory` compares with simulation.
    """
    low, high = thresholds
    weights, reached = np.exp(log_weights), population.score_step / 2 + cut
    today = advance(population, state, now, horizon_week)
    settled: list[float] = []
    belief, week = state, now
    for rating_week in rating_weeks:
        belief, week = condition_variance(population, advance(population, belief, week, rating_week)), rating_week
        left = advance(population, belief, week, horizon_week).level_var
        spread = np.sqrt(np.maximum(today.level_var - left, 1e-12))
        sd = np.sqrt(left + population.rating_sd**2)
        favourable = ndtr((reached - sd * ndtri(high) - today.level) / spread)
        unfavourable = 1 - ndtr((reached - sd * ndtri(low) - today.level) / spread)
        settled.append(float(np.clip((favourable + unfavourable) @ weights, 0, 1)))
    return np.array(settled)
