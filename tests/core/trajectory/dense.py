"""The model once more, slowly and by another route: one joint Gaussian of everything, and the equations in small steps.

The state here is (level, set point, drug, recalled, effect) as TRAJECTORY.md writes it, the drug's part inside what is
recalled; the filter carries the drug's share as a known number instead.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.linalg import expm

from euthymia.trajectory import Grid, Population, Scale, Series

LEVEL, SET_POINT, DRUG, RECALLED, EFFECT = range(5)
ON_GRID = ("rate", "wandering_sd", "rating_sd", "set_point_sd", "wane", "carry")

POPULATION = Population(
    grid=Grid(
        weight=np.array([0.15, 0.25, 0.6]),
        rate=np.array([0.3, 0.5, 0.2]),
        wandering_sd=np.array([2.1, 0.7, 3.5]),
        rating_sd=np.array([2.6, 1.4, 2.0]),
        set_point_sd=np.array([6.6, 4.0, 5.0]),
        wane=np.array([0.7, 1.6, 0.35]),
        carry=np.array([0.05, 0.3, 0.9]),
    ),
    scale=Scale("identity", (0.0, 52.0)),
    start_mean=18.0,
    start_sd=4.9,
    set_point_intercept=-2.8,
    set_point_slope=0.73,
    set_point_drift_sd=0.6,
    set_point_step_sd=4.0,
    effect_mean=5.0,
    effect_sd=3.0,
)
# A session at the time of a rating (week 1), two in one gap (week 3 and 5.5), one before the first rating; changes in
# a gap and at the time of a rating; two ratings at one time.
SERIES = Series(
    (0.0, 1.0, 2.5, 2.5, 6.0, 7.0),
    (22.0, 19.0, 17.0, 20.0, 11.0, 12.0),
    (-1.5, 1.0, 3.0, 5.5),
    (2.0, 6.0),
)
RECALLS = (0.0, 7.0, 14.0)


def one_node(population: Population, node: int) -> Population:
    """The population if everybody in it were of one node."""
    columns = {name: np.asarray(getattr(population.grid, name))[[node]] for name in ON_GRID}
    return replace(population, grid=Grid(weight=np.ones(1), **columns))


def nodes_of(population: Population) -> range:
    return range(len(population.grid.weight))


def reading(recall_days: float) -> np.ndarray:
    """What a rating reads of the state."""
    return np.array([0.0, 0, 0, 1, 0]) if recall_days else np.array([1.0, 0, 1, 0, 0])


def drift(population: Population, recall_days: float) -> np.ndarray:
    """The matrix of the equations between sessions: d(state) = A·state dt + noise."""
    a = np.zeros((5, 5))
    a[LEVEL, [LEVEL, SET_POINT]] = -population.grid.rate[0], population.grid.rate[0]
    a[DRUG, DRUG] = -population.grid.wane[0]
    if recall_days:
        forget = 14 / (recall_days * population.recall_share)
        a[RECALLED, [LEVEL, DRUG, RECALLED]] = forget, forget, -forget
    return a


def moved(population: Population, recall_days: float, weeks: float) -> tuple[np.ndarray, np.ndarray]:
    """The state over `weeks`: its matrix and its noise, by Van Loan's block exponential of a short time, doubled."""
    a = drift(population, recall_days)
    q = np.diag([population.grid.wandering_sd[0] ** 2, population.set_point_drift_sd**2, 0, 0, 0])
    doublings = max(0, int(np.ceil(np.log2(max(weeks, 1e-12) / 0.25))))
    block = expm(np.block([[-a, q], [np.zeros((5, 5)), a.T]]) * weeks / 2**doublings)
    matrix = block[5:, 5:].T
    noise = matrix @ block[:5, 5:]
    for _ in range(doublings):
        matrix, noise = matrix @ matrix, matrix @ noise @ matrix.T + noise
    return matrix, noise


def session(population: Population) -> np.ndarray:
    """What a session does to the state: d(t⁺) = ρ·d(t⁻) - a."""
    jump = np.eye(5)
    jump[DRUG, [DRUG, EFFECT]] = population.grid.carry[0], -1.0
    return jump


def prior(population: Population, series: Series, start: float) -> tuple[np.ndarray, np.ndarray]:
    """The state at the first rating: the prior is about that day, and sessions before it have left a share of the effect."""
    left, now = np.array([0.0, 0, 0, 0, 1]), start
    for week in [w for w in series.session_weeks if w < start]:
        left = session(population) @ moved(population, series.recall_days, max(week - now, 0))[0] @ left
        now = week
    left = moved(population, series.recall_days, start - now)[0] @ left
    sources = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, left[DRUG]], [1, 0, left[RECALLED]], [0, 0, 1]])
    slope, start_var = population.set_point_slope, population.start_sd**2
    mean = [population.start_mean, population.set_point_intercept + slope * population.start_mean, population.effect_mean]
    cov = np.zeros((3, 3))
    cov[:2, :2] = start_var * np.array([[1, slope], [slope, slope**2]])
    cov[1, 1] += population.grid.set_point_sd[0] ** 2
    cov[2, 2] = population.effect_sd**2
    return sources @ mean, sources @ cov @ sources.T


def joint(population: Population, series: Series, more: Sequence[float] = ()) -> tuple[np.ndarray, np.ndarray]:
    """Mean [k, 5] and covariance [k, 5, k, 5] of the states at the ratings and at the times `more` after them, for one node."""
    start = series.elapsed_weeks[0] if series.elapsed_weeks else 0.0
    instants = [*series.elapsed_weeks, *more]
    # At one time: a change, the rating, the session.
    events = [(week, 1) for week in instants]
    events += [(week, 0) for week in series.protocol_change_weeks if start < week <= max(instants)]
    events += [(week, 2) for week in series.session_weeks if start <= week < max(instants)]
    mean, cov = prior(population, series, start)
    now, means, crossed = start, [], []
    found = np.zeros((len(instants), 5, len(instants), 5))
    for week, kind in sorted(events):
        matrix, noise = moved(population, series.recall_days, week - now) if week > now else (np.eye(5), np.zeros((5, 5)))
        if kind == 0:
            noise[SET_POINT, SET_POINT] += population.set_point_step_sd**2
        if kind == 2:
            matrix = session(population) @ matrix
        mean, cov, now = matrix @ mean, matrix @ cov @ matrix.T + noise, week
        crossed = [matrix @ earlier for earlier in crossed]
        if kind == 1:
            here = len(means)
            for k, earlier in enumerate(crossed):
                found[here, :, k], found[k, :, here] = earlier, earlier.T
            found[here, :, here] = cov
            means.append(mean)
            crossed.append(cov)
    return np.array(means), found


def intervals(scale: Scale, totals: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Middle and width of each rating's interval on the latent scale, from the definitions; no rating at an end."""
    low, high, step = *scale.score_range, scale.score_step
    edges = [np.asarray(totals) + side * step / 2 for side in (-1, 1)]
    if scale.kind == "square_root":
        edges = [np.sqrt(edge - low) for edge in edges]
    if scale.kind == "logit":
        edges = [np.log((edge - low + step) / (high + step - edge)) for edge in edges]
    return (edges[0] + edges[1]) / 2, edges[1] - edges[0]


class Dense(NamedTuple):
    """States given all ratings, mean [k, 5] and cov [k, 5, 5], at the ratings and `more`; and the log likelihood of the ratings."""

    mean: np.ndarray
    cov: np.ndarray
    log_likelihood: float


def ratings_of(population: Population, series: Series, mean: np.ndarray, cov: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of what is rated (without the ratings' own noise), from the states' joint."""
    heard = reading(series.recall_days)
    return mean @ heard, np.einsum("aibj,i,j->ab", cov, heard, heard)


def conditioned(population: Population, series: Series, more: Sequence[float] = ()) -> Dense:
    """The joint Gaussian given the ratings, by dense linear algebra. Rounding is noise of a twelfth of the squared width."""
    mean, cov = joint(population, series, more)
    n, size = len(series.totals), mean.size
    if not n:
        return Dense(mean, np.array([cov[k, :, k] for k in range(len(mean))]), 0.0)
    middle, width = intervals(population.scale, series.totals)
    flat = cov.reshape(size, size)
    reads = np.zeros((n, size))
    for k in range(n):
        reads[k, 5 * k : 5 * k + 5] = reading(series.recall_days)
    of_ratings = reads @ flat @ reads.T + np.diag(population.grid.rating_sd[0] ** 2 + width**2 / 12)
    surprise = middle - reads @ mean.ravel()
    gain = np.linalg.solve(of_ratings, reads @ flat).T
    after = (mean.ravel() + gain @ surprise).reshape(mean.shape)
    left = (flat - gain @ reads @ flat).reshape(cov.shape)
    _, log_det = np.linalg.slogdet(2 * np.pi * of_ratings)
    density = -0.5 * (surprise @ np.linalg.solve(of_ratings, surprise) + log_det)
    return Dense(after, np.array([left[k, :, k] for k in range(len(mean))]), float(density + np.log(width).sum()))


def as_dense(state, node: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The filter's belief as this module writes it: the drug's part put back."""
    share, heard = state.share[node], state.recalled_share[node]
    back = np.array([[1.0, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, -share], [0, 0, 1, -heard], [0, 0, 0, 1]])
    return back @ state.mean[node], back @ state.cov[node] @ back.T


def euler(population: Population, series: Series, state: np.ndarray, start: float, end: float, chance: np.random.Generator) -> np.ndarray:
    """States [person, 5] of one node carried from `start` to `end` in steps of at most a hundredth of a week; no closed form in it."""
    grid, forget = population.grid, 14 / (series.recall_days * population.recall_share) if series.recall_days else 0.0
    level, set_point, drug, recalled, effect = state.T.copy()
    events = [(w, True) for w in series.session_weeks if start <= w < end] + [
        (w, False) for w in series.protocol_change_weeks if start < w <= end
    ]
    now = start
    for week, is_session in [*sorted(events), (end, None)]:
        steps = int(np.ceil((week - now) * 100 - 1e-9))
        for _ in range(steps):
            dt = (week - now) / steps
            wander, wind = chance.standard_normal((2, len(level)))
            middle_drug = drug * (1 - grid.wane[0] * dt / 2)
            moved_level = level + grid.rate[0] * (set_point - level) * dt + grid.wandering_sd[0] * np.sqrt(dt) * wander
            recalled = recalled + forget * ((level + moved_level) / 2 + middle_drug - recalled) * dt
            drug = drug - grid.wane[0] * middle_drug * dt
            set_point = set_point + population.set_point_drift_sd * np.sqrt(dt) * wind
            level = moved_level
        now = week
        if is_session:
            drug = grid.carry[0] * drug - effect
        elif is_session is not None:
            set_point = set_point + population.set_point_step_sd * chance.standard_normal(len(level))
    return np.stack([level, set_point, drug, recalled, effect], axis=1)


def rated(population: Population, recall_days: float, state: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Ratings of people of one node with these states: noise, now and then an outlier's, rounded, kept within the range."""
    odd = chance.random(len(state)) < population.outlier_share
    noise = population.grid.rating_sd[0] * np.where(odd, population.outlier_factor, 1.0) * chance.standard_normal(len(state))
    low, high = population.scale.score_range
    return np.clip(np.round(population.scale.score(state @ reading(recall_days) + noise)), low, high)
