"""Where the current protocol is heading: forecasts of ratings, not of latent means."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from scipy.special import ndtr

from euthymia.trajectory.kalman import advance, filter_series, rating_moments
from euthymia.trajectory.model import Population, Schedule, Series, State, initial, numbers
from euthymia.trajectory.scale import Array, Scale

# "As so far": the median of so many last intervals between sessions.
_INTERVALS = 5
# Sessions nearer than half a day are one and no interval; and nobody is taken to go on for more sessions than this.
_LEAST_INTERVAL, _MOST_SESSIONS = 1 / 14, 5000


@dataclass(frozen=True)
class Plan:
    """What is planned after the last rating: sessions, and changes of protocol (they widen the future; no direction is assumed).

    It may be the whole schedule, in any order: what was held before the last rating is read from the series alone.
    """

    session_weeks: Sequence[float] = ()
    protocol_change_weeks: Sequence[float] = ()

    def __post_init__(self) -> None:
        for name in ("session_weeks", "protocol_change_weeks"):
            object.__setattr__(self, name, tuple(sorted(numbers(name, getattr(self, name)))))


@dataclass(frozen=True)
class Forecast:
    """The predictive distribution of a rating at each of `at_weeks`: a mixture of Gaussians on the latent scale.

    `means`, `sds` [time, component] and `weights` [component] are before rounding: the nodes of the grid, and once
    more the nodes for outlying ratings. What is asked of it is answered for ratings.
    """

    at_weeks: Array
    means: Array
    sds: Array
    weights: Array
    scale: Scale

    @property
    def mean(self) -> Array:
        """The mean rating at each time (of the rounded rating, within the range)."""
        return self._moment(1)

    @property
    def sd(self) -> Array:
        """The standard deviation of the rating at each time."""
        return np.asarray(np.sqrt(np.maximum(self._moment(2) - self._moment(1) ** 2, 0.0)))

    def prob_at_most(self, total: float) -> Array:
        """P(rating ≤ `total`) at each time: everything up to half a step above it is rounded to it."""
        [total] = numbers("total", (total,))
        if total < self.scale.score_range[0]:
            return np.zeros(len(self.at_weeks))
        return self.below(self.scale.at_most(total))

    def below(self, latent: float | Array) -> Array:
        """P(rating before rounding ≤ `latent`) at each time; `latent` one number, or one a time."""
        bound = np.broadcast_to(np.asarray(latent, dtype=float), (len(self.at_weeks),))
        return np.asarray(np.clip(self._share_below(bound), 0, 1))

    def quantile(self, probability: float) -> Array:
        """The rating (before rounding) that is not exceeded with `probability`, at each time, within the range."""
        [probability] = numbers("probability", (probability,))
        if not 0 < probability < 1:
            raise ValueError(f"found the probability {probability:g}; allowed: between 0 and 1")
        reach = 9 * self.sds
        low, high = (self.means - reach).min(axis=1), (self.means + reach).max(axis=1)
        for _ in range(40):
            middle = (low + high) / 2
            short = self._share_below(middle) < probability
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        return self.scale.score((low + high) / 2)

    def _share_below(self, bound: Array) -> Array:
        """The same for one number a time; weights that sum to 1 only nearly may leave it a hair outside 0 to 1."""
        return np.asarray(ndtr((bound[:, None] - self.means) / self.sds) @ self.weights)

    def _moment(self, power: int) -> Array:
        """E(rating^power): every step of the instrument adds its share of what lies above it."""
        steps = self.scale.steps()
        bounds = self.scale.latent(steps[:-1] + self.scale.score_step / 2)
        above = 1 - np.stack([self.below(bound) for bound in bounds]) if len(self.at_weeks) else np.zeros((len(bounds), 0))
        return np.asarray(steps[0] ** power + np.diff(steps**power) @ above)


def forecast(population: Population, series: Series, at_weeks: Sequence[float], plan: Plan | None = None) -> Forecast:
    """Forecast the ratings at `at_weeks` (at or after the last rating), from all ratings of `series`.

    `plan`: what follows the last rating; None: as so far, and the sessions of `series` after its last rating.
    Without ratings the population itself is the forecast. Raises ValueError for a time before the last rating, or a
    total outside the instrument's range.
    """
    series.within(population.scale.score_range)
    at_weeks = numbers("at_weeks", at_weeks)
    filtered = filter_series(population, series)
    states = filtered.states or (initial(population),)
    log_weights = filtered.log_weights[-1] if filtered.states else population.log_weights
    schedule = following(
        series.session_weeks, series.protocol_change_weeks, series.now, max(at_weeks, default=0.0), series.recall_days, plan
    )
    return forecast_from(population, states[-1], log_weights, series.now, schedule, at_weeks)


def forecast_from(
    population: Population, state: State, log_weights: Array, now: float, schedule: Schedule, at_weeks: Sequence[float]
) -> Forecast:
    """The same from the belief after the rating of week `now`, as left by the filter, and what follows it."""
    times = np.array(numbers("at_weeks", at_weeks))
    if len(times) and times.min() < now - 1e-9:
        raise ValueError(f"found a forecast for week {times.min():g}, before the last rating at week {now:g}; allowed: at or after it")
    moments = [rating_moments(belief) for belief in beliefs(population, state, now, schedule, times)]
    shape = (len(times), len(log_weights))
    means, var = (np.array([m[side] for m in moments]).reshape(shape) for side in (0, 1))
    weights, noise = np.exp(log_weights), population.grid.rating_sd**2
    usual, rare = np.sqrt(var + noise), np.sqrt(var + noise * population.outlier_factor**2)
    if not population.outlier_share:
        return Forecast(times, means, usual, weights, population.scale)
    share = population.outlier_share
    both = np.concatenate([weights * (1 - share), weights * share])
    return Forecast(times, np.hstack([means, means]), np.hstack([usual, rare]), both, population.scale)


def belief_now(state: State, log_weights: Array) -> tuple[float, float]:
    """Mean and standard deviation, on the latent scale, of what would be rated now, without the rating's own noise."""
    mean, var = rating_moments(state)
    weights = np.exp(log_weights)
    centre = float(mean @ weights)
    return centre, float(np.sqrt((var + (mean - centre) ** 2) @ weights))


def beliefs(population: Population, state: State, now: float, schedule: Schedule, times: Array) -> list[State]:
    """The belief at each of `times`, carried forward once from week `now`."""
    found: dict[int, State] = {}
    for at in np.argsort(times, kind="stable"):
        week = max(float(times[at]), now)
        state, now = advance(population, state, schedule, now, week), week
        found[int(at)] = state
    return [found[at] for at in range(len(times))]


def following(
    sessions: Sequence[float], changes: Sequence[float], now: float, until: float, recall_days: float, plan: Plan | None
) -> Schedule:
    """What follows week `now`: the plan's sessions and changes; without a plan those known already, and sessions as so far."""
    if plan is not None:
        return Schedule([week for week in plan.session_weeks if week >= now], plan.protocol_change_weeks, recall_days)
    known = [w for w in sessions if w >= now]
    return Schedule([*known, *as_so_far(sessions, now, until)], [w for w in changes if w > now], recall_days)


def as_so_far(session_weeks: Sequence[float], now: float, until: float) -> list[float]:
    """The sessions after the last known one, up to `until`, at the median of the last intervals; none where they have stopped.

    One session is no series, and sessions within half a day are one. Sessions have stopped where the last was more than
    two intervals before `now`. A session that was due before `now` and is not recorded is taken to come now. Raises
    ValueError where that would be thousands.
    """
    last = session_weeks[-_INTERVALS - 1 :]
    gaps = [b - a for a, b in pairwise(last) if b - a >= _LEAST_INTERVAL]
    if not gaps or now - last[-1] > 2 * median(gaps):
        return []
    interval = median(gaps)
    first = max(last[-1] + interval, now)
    count = int(np.floor((until - first) / interval + 1e-9)) + 1
    if count > _MOST_SESSIONS:
        raise ValueError(f"found {count} sessions as so far until week {until:g}; allowed: {_MOST_SESSIONS}, or a plan that says when")
    return [first + k * interval for k in range(max(count, 0))]
