"""The model, its parameters and its equations (TRAJECTORY.md).

    level      dx = -λ (x - μ) dt + σ_x dW       approaches the set point at rate λ, with wandering
    set point  dμ = q dW;  + N(0, σ_Δ²) at each change of protocol
    drug       d = -a·h;  dh = -κ h dt;  at a session  h(t⁺) = ρ·h(t⁻) + 1      a session renews more than it adds
    effect     a ~ N(m_a, v_a), constant per patient
    recalled   dz = (x + d - z)/τ dt,  τ = s·recall_days/14 weeks  (z = x + d for 0)
    rating     y = z + ε,  ε ~ N(0, σ_y²), now and then (k·σ_y)²; rounded to the instrument's steps, censored at its ends
    prior      x₀ ~ N(B, v_B);  μ | x₀ ~ N(c + r·x₀, σ_μ²);  z₀ = x₀

Time in weeks. Given a node of the grid (λ, σ_x, σ_y, σ_μ, κ, ρ) everything but the rating is linear and Gaussian. The
drug effect is linear in `a`, and h is known from the sessions, so the state is (x, μ, z, a) with z the recalled level
*without* drug; the recalled drug share is a known number beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from typing import NamedTuple, SupportsFloat

import numpy as np

from euthymia.trajectory.parameters import Parameters
from euthymia.trajectory.scale import Array, Scale

DAYS_PER_RECALL_WEEK = 14.0
# Where the recall rate meets λ or κ the closed forms divide by zero; so near it they are evaluated a thousandth beside.
_APART = 1e-3
LEVEL, SET_POINT, RECALLED, EFFECT = range(4)


@dataclass(frozen=True)
class Series:
    """One patient: `elapsed_weeks` (sorted) and `totals` of the ratings, of equal length, without gaps in the totals.

    `session_weeks`: treatment sessions (a rating at the time of a session was given before it). `protocol_change_weeks`:
    when the protocol changed. `recall_days`: the days that a rating asks about, 0 for "right now".
    Raises ValueError naming what is wrong.
    """

    elapsed_weeks: Sequence[float]
    totals: Sequence[float]
    session_weeks: Sequence[float] = ()
    protocol_change_weeks: Sequence[float] = ()
    recall_days: float = 0.0

    def __post_init__(self) -> None:
        for name in ("elapsed_weeks", "totals", "session_weeks", "protocol_change_weeks"):
            object.__setattr__(self, name, numbers(name, getattr(self, name)))
        if len(self.elapsed_weeks) != len(self.totals):
            raise ValueError(f"found {len(self.elapsed_weeks)} times and {len(self.totals)} totals; allowed: equally many")
        for name in ("elapsed_weeks", "session_weeks", "protocol_change_weeks"):
            times = getattr(self, name)
            for before, after in pairwise(times):
                if after < before:
                    raise ValueError(f"found {name} that are not sorted: {after:g} after {before:g}; allowed: sorted, equal times included")
        if numbers("recall_days", (self.recall_days,))[0] < 0:
            raise ValueError(f"found recall_days {self.recall_days:g}; allowed: 0 or more days")

    def within(self, score_range: tuple[float, float]) -> None:
        """Raise ValueError for a total outside the instrument's range."""
        low, high = score_range
        for position, total in enumerate(self.totals):
            if not low <= total <= high:
                raise ValueError(f"found the total {total:g} at position {position}; allowed: {low:g} to {high:g}")

    @property
    def now(self) -> float:
        """The week of the last rating; 0 without any."""
        return self.elapsed_weeks[-1] if self.totals else 0.0

    def first(self, count: int) -> "Series":
        """The same patient when only the first `count` ratings had been taken; sessions and changes stay."""
        return replace(self, elapsed_weeks=self.elapsed_weeks[:count], totals=self.totals[:count])


class Schedule(NamedTuple):
    """What happens beside the ratings: sessions and changes of protocol (weeks, sorted), and the days that a rating asks about."""

    session_weeks: Sequence[float]
    protocol_change_weeks: Sequence[float]
    recall_days: float


def numbers(name: str, values: object) -> tuple[float, ...]:
    """Finite numbers, as floats. Raises ValueError naming the place of what is none."""
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(f"found {name} of type {type(values).__name__}; allowed: a sequence of numbers")
    found = []
    for position, value in enumerate(values):
        # A float is asked for first: to look whether something else can become one takes far longer.
        is_number = isinstance(value, float) or (isinstance(value, SupportsFloat) and not isinstance(value, bool))
        number = float(value) if is_number else None
        if number is None or not isfinite(number):
            what = f"a {type(value).__name__}" if number is None else number
            raise ValueError(f"found {what} in {name} at position {position}, not a finite number; allowed: finite numbers")
        found.append(number)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Grid:
    """The nodes over which the non-linear parameters are integrated, arrays [node]; the weights sum to 1.

    rate λ and wane κ per week; wandering_sd σ_x per root week; rating_sd σ_y and set_point_sd σ_μ on the latent scale;
    carry ρ: the share of the effect that a session keeps of what was there.
    """

    weight: Array
    rate: Array
    wandering_sd: Array
    rating_sd: Array
    set_point_sd: Array
    wane: Array
    carry: Array


@dataclass(frozen=True)
class Population:
    """What a cohort taught: the symbols of the equations above on `scale`, time in weeks.

    A rating is now and then an outlier (`outlier_share`), with `outlier_factor` times the usual spread.
    `recall_share` s: how much of the instrument's recall window counts in what people answer (1: all of it).
    `parameters`: what was fitted, with its uncertainty; None where the nodes were written down.
    """

    grid: Grid
    scale: Scale
    start_mean: float
    start_sd: float
    set_point_intercept: float
    set_point_slope: float
    set_point_drift_sd: float = 0.0
    set_point_step_sd: float = 0.0
    effect_mean: float = 0.0
    effect_sd: float = 0.0
    outlier_share: float = 0.0
    outlier_factor: float = 3.0
    recall_share: float = 1.0
    parameters: Parameters | None = None

    @property
    def log_weights(self) -> Array:
        """The population's log weight of every node, [node]."""
        return np.asarray(np.log(self.grid.weight))

    def widened(self, variance_factor: float) -> "Population":
        """The same population with every variance multiplied: what is borrowed is known less well."""
        factor = variance_factor**0.5
        grid = self.grid
        spread = {name: getattr(grid, name) * factor for name in ("wandering_sd", "rating_sd", "set_point_sd")}
        spreads = ("start_sd", "set_point_drift_sd", "set_point_step_sd", "effect_sd")
        return replace(self, grid=replace(grid, **spread), **{name: getattr(self, name) * factor for name in spreads}, parameters=None)

    def linked(self, slope: float, shift: float, score_range: tuple[float, float], score_step: float) -> "Population":
        """The same population read on another instrument, whose score is slope · (score on this one) + shift."""
        own = self.scale
        scale = Scale(own.kind, score_range, score_step, slope * own.slope, slope * own.shift + shift, own.learnt_range or own.score_range)
        return replace(self, scale=scale)


class State(NamedTuple):
    """The belief on every node: `mean` [node, 4] and `cov` [node, 4, 4] of (level, set point, recalled level, effect).

    `share`, `recalled_share` [node]: how much of one session's effect acts now, and in what is recalled.
    """

    mean: Array
    cov: Array
    share: Array
    recalled_share: Array


@dataclass(frozen=True)
class Transition:
    """The exact discretisation over some weeks: state' = `matrix`·state + N(0, `noise`), [node, 4, 4] each.

    `kept` [node]: the share of a drug effect that is left; `recalled_kept`, `recalled_gain`: the recalled share is
    recalled_kept · itself + recalled_gain · share.
    """

    matrix: Array
    noise: Array
    kept: Array
    recalled_kept: float
    recalled_gain: Array


def initial(population: Population) -> State:
    """The belief before any rating and any session."""
    nodes = len(population.grid.weight)
    slope, start_var = population.set_point_slope, population.start_sd**2
    start = population.start_mean
    mean = np.tile([start, population.set_point_intercept + slope * start, start, population.effect_mean], (nodes, 1))
    cov = np.zeros((nodes, 4, 4))
    cov[:, [LEVEL, LEVEL, RECALLED, RECALLED], [LEVEL, RECALLED, LEVEL, RECALLED]] = start_var
    cov[:, [LEVEL, SET_POINT, RECALLED, SET_POINT], [SET_POINT, LEVEL, SET_POINT, RECALLED]] = slope * start_var
    cov[:, SET_POINT, SET_POINT] = slope**2 * start_var + population.grid.set_point_sd**2
    cov[:, EFFECT, EFFECT] = population.effect_sd**2
    return State(mean, cov, np.zeros(nodes), np.zeros(nodes))


class Recall(NamedTuple):
    """What the recall window does. `forgetting` b = 1/τ per week (∞ for "right now").

    `rate`, `wane` [node]: λ and κ, moved a thousandth aside where they meet b. `follow`, `follow_drug` [node]:
    b/(b - λ) and b/(b - κ): how the recalled level and the recalled share respond.
    """

    forgetting: float
    rate: Array
    wane: Array
    follow: Array
    follow_drug: Array


def recall(grid: Grid, recall_days: float) -> Recall:
    """The constants of the recall window on every node."""
    if not recall_days:
        ones = np.ones_like(grid.rate)
        return Recall(np.inf, grid.rate, grid.wane, ones, ones)
    b = DAYS_PER_RECALL_WEEK / recall_days
    rate, wane = (np.where(abs(v - b) < _APART * b, b * (1 - _APART), v) for v in (grid.rate, grid.wane))
    return Recall(b, rate, wane, b / (b - rate), b / (b - wane))


@lru_cache(maxsize=512)
def transition(grid: Grid, drift_sd: float, recall_days: float, weeks: float) -> Transition:
    """The state over `weeks` without a rating or a session, in closed form.

    Every response to a shock is a sum of 1, exp(-λs) and exp(-bs); every covariance integrates a product of two.
    """
    b, rate, wane, follow, follow_drug = recall(grid, recall_days)
    lag = 1 - follow
    e, e_b, kept = np.exp(-rate * weeks), np.exp(-b * weeks), np.exp(-wane * weeks)
    i1, i2, ib, i1b, i2b = (-np.expm1(-c * weeks) / c for c in (rate, 2 * rate, b, rate + b, 2 * b))
    matrix, noise = np.zeros((len(rate), 4, 4)), np.zeros((len(rate), 4, 4))
    heard = follow * (e - e_b)
    matrix[:, LEVEL, LEVEL], matrix[:, LEVEL, SET_POINT] = e, 1 - e
    matrix[:, RECALLED, LEVEL], matrix[:, RECALLED, SET_POINT], matrix[:, RECALLED, RECALLED] = heard, 1 - e_b - heard, e_b
    matrix[:, SET_POINT, SET_POINT] = matrix[:, EFFECT, EFFECT] = 1
    wandering, drift = grid.wandering_sd**2, drift_sd**2
    noise[:, LEVEL, LEVEL] = wandering * i2 + drift * (weeks - 2 * i1 + i2)
    noise[:, RECALLED, RECALLED] = wandering * follow**2 * (i2 - 2 * i1b + i2b) + drift * (
        weeks - 2 * follow * i1 - 2 * lag * ib + follow**2 * i2 + 2 * follow * lag * i1b + lag**2 * i2b
    )
    noise[:, SET_POINT, SET_POINT] = drift * weeks
    level_recalled = wandering * follow * (i2 - i1b) + drift * (weeks - follow * i1 - lag * ib - i1 + follow * i2 + lag * i1b)
    pairs = ((LEVEL, RECALLED, level_recalled), (LEVEL, SET_POINT, drift * (weeks - i1)))
    for one, other, value in (*pairs, (SET_POINT, RECALLED, drift * (weeks - follow * i1 - lag * ib))):
        noise[:, one, other] = noise[:, other, one] = value
    return Transition(matrix, noise, kept, float(e_b), follow_drug * (kept - e_b))
