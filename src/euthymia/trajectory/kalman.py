"""The filter: predict, condition, smooth, and the marginal likelihood of every node. Plain NumPy, one patient, O(n).

A rating is an interval of the latent scale. Within the range it is read as its middle, with the variance that rounding
took away; at an end, where it is censored, the belief is given the exact mean and variance of the Gaussian cut there
(assumed-density filtering). The same formula serves outliers: with Z(m) the density of the rating as a function of the
predicted mean m, the belief moves by the first and second derivative of log Z. `docs/methods/trajectory.md` says how
far that is from the exact posterior. `kernels.py` does the same for many patients.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import erfcx, log_ndtr

from euthymia.trajectory.model import EFFECT, RECALLED, SET_POINT, Population, Schedule, Series, State, Transition, initial, transition
from euthymia.trajectory.scale import Array

_LOG_2PI = math.log(2 * math.pi)


@dataclass(frozen=True)
class Filtered:
    """The belief after each rating. `log_weights` [rating, node]: log posterior of the node, normalised.

    `log_likelihood`: the marginal log likelihood of all ratings, the nodes integrated out.
    """

    states: tuple[State, ...]
    log_weights: Array
    log_likelihood: float


class Evidence(NamedTuple):
    """What one rating says on every node: its log density, and the first and (negative) second derivative by the mean."""

    log_density: Array
    slope: Array
    curvature: Array


def filter_series(population: Population, series: Series) -> Filtered:
    """Filter one patient's ratings. Without ratings: no states, and a log likelihood of 0."""
    state, log_weight = initial(population), population.log_weights
    states: list[State] = []
    weights = np.empty((len(series.totals), len(log_weight)))
    total_log_likelihood = 0.0
    if series.totals:
        seen = population.scale.observed(series.totals)
    now = 0.0
    for index, week in enumerate(series.elapsed_weeks):
        state = before_treatment(population, state, series, week) if not index else advance(population, state, series, now, week)
        now = week
        state, log_density = condition(population, state, *(float(column[index]) for column in seen))
        joint = log_weight + log_density
        top = joint.max()
        norm = top + math.log(np.exp(joint - top).sum())
        total_log_likelihood += norm
        log_weight = joint - norm
        states.append(state)
        weights[index] = log_weight
    return Filtered(tuple(states), weights, total_log_likelihood)


def before_treatment(population: Population, state: State, series: Series, week: float) -> State:
    """The belief at the first rating: the prior is about that day; only sessions before it have left a share."""
    earlier = [w for w in series.session_weeks if w < week]
    return _through_sessions(population, state, series.recall_days, earlier, earlier[0], week) if earlier else state


def advance(population: Population, state: State, schedule: Series | Schedule, start: float, end: float) -> State:
    """The belief carried from week `start` to `end`, through the sessions in [start, end) and the changes in (start, end]."""
    sessions = [week for week in schedule.session_weeks if start <= week < end]
    state, now = _through_sessions(population, state, schedule.recall_days, sessions, start, end), start
    for change in schedule.protocol_change_weeks:
        if start < change <= end:
            state, now = predict(population, state, schedule.recall_days, change - now), change
            cov = state.cov.copy()
            cov[:, SET_POINT, SET_POINT] += population.set_point_step_sd**2
            state = state._replace(cov=cov)
    return predict(population, state, schedule.recall_days, end - now)


def predict(population: Population, state: State, recall_days: float, weeks: float) -> State:
    """p(state at t + weeks | ratings up to t); what acts of a drug is not carried (see `advance`)."""
    if weeks <= 0:
        return state
    step = _step(population, recall_days, weeks)
    mean = (step.matrix @ state.mean[:, :, None])[:, :, 0]
    return state._replace(mean=mean, cov=step.matrix @ state.cov @ step.matrix.transpose(0, 2, 1) + step.noise)


def _through_sessions(
    population: Population, state: State, recall_days: float, sessions: Sequence[float], start: float, end: float
) -> State:
    """Only the drug's shares, from `start` through the sessions to `end`: they are known, and nothing else depends on them."""
    share, recalled = state.share, state.recalled_share
    for week, held in [*((week, True) for week in sessions), (end, False)]:
        if week > start:
            step = _step(population, recall_days, week - start)
            share, recalled, start = step.kept * share, step.recalled_kept * recalled + step.recalled_gain * share, week
        if held:
            share = population.grid.carry * share + 1
    return state._replace(share=share, recalled_share=recalled)


def _step(population: Population, recall_days: float, weeks: float) -> Transition:
    return transition(population.grid, population.set_point_drift_sd, recall_days * population.recall_share, weeks)


def rating_moments(state: State) -> tuple[Array, Array]:
    """Mean and variance of what would be recalled now, drug included, before the rating's own noise; [node] each."""
    mean = state.mean[:, RECALLED] - state.recalled_share * state.mean[:, EFFECT]
    cov, share = state.cov, state.recalled_share
    return mean, cov[:, RECALLED, RECALLED] - 2 * share * cov[:, RECALLED, EFFECT] + share**2 * cov[:, EFFECT, EFFECT]


def condition(
    population: Population, state: State, end: float, value: float, rounding_var: float = 0.0, log_width: float = 0.0
) -> tuple[State, Array]:
    """p(state | ratings up to and including this one), and the log density of the rating, [node]."""
    mean, var = rating_moments(state)
    found = evidence(population, end, value - mean, var, rounding_var)
    return updated(state, found.slope, found.curvature), found.log_density + log_width


def condition_variance(population: Population, state: State) -> State:
    """The belief's covariance after an ordinary rating whose value is not yet known (the means stay)."""
    _, var = rating_moments(state)
    return updated(state, np.zeros_like(var), 1 / (var + population.grid.rating_sd**2))


def evidence(population: Population, end: float, surprise: Array, var: Array, rounding_var: float) -> Evidence:
    """What a rating says whose value (or bound, at an end) is `surprise` above the predicted mean, [node]."""
    noise = population.grid.rating_sd**2
    usual = _one(end, surprise, var + noise + rounding_var)
    if not population.outlier_share:
        return usual
    rare = _one(end, surprise, var + noise * population.outlier_factor**2 + rounding_var)
    log_usual, log_rare = math.log1p(-population.outlier_share) + usual.log_density, math.log(population.outlier_share) + rare.log_density
    log_density = np.logaddexp(log_usual, log_rare)
    odd = np.exp(log_rare - log_density)
    slope = usual.slope + odd * (rare.slope - usual.slope)
    spread = odd * (1 - odd) * (rare.slope - usual.slope) ** 2
    return Evidence(log_density, slope, usual.curvature + odd * (rare.curvature - usual.curvature) - spread)


def _one(end: float, surprise: Array, variance: Array) -> Evidence:
    """One Gaussian: the density of a value within the range, or the chance of being beyond the bound at an end."""
    if not end:
        return Evidence(-0.5 * (surprise**2 / variance + np.log(variance) + _LOG_2PI), surprise / variance, 1 / variance)
    sd = np.sqrt(variance)
    reached = -end * surprise / sd
    mills = math.sqrt(2 / math.pi) / erfcx(-reached / math.sqrt(2))
    return Evidence(log_ndtr(reached), end * mills / sd, mills * (mills + reached) / variance)


def updated(state: State, slope: Array, curvature: Array) -> State:
    """The belief after evidence about the rating's mean: it moves along its covariance with the rating."""
    towards = state.cov[:, :, RECALLED] - state.recalled_share[:, None] * state.cov[:, :, EFFECT]
    return state._replace(
        mean=state.mean + towards * slope[:, None],
        cov=state.cov - curvature[:, None, None] * towards[:, :, None] * towards[:, None, :],
    )


def smooth(population: Population, series: Series) -> tuple[State, ...]:
    """The belief at every rating given *all* ratings (Rauch–Tung–Striebel), by node; the last is the last filtered one.

    The weights that belong to every one of them are the last `log_weights` of `filter_series`.
    """
    states = filter_series(population, series).states
    smoothed = list(states[-1:])
    weeks: Sequence[float] = series.elapsed_weeks
    for index in range(len(states) - 2, -1, -1):
        here, later = states[index], smoothed[0]
        ahead = advance(population, here, series, weeks[index], weeks[index + 1])
        gap = weeks[index + 1] - weeks[index]
        if gap <= 0:
            smoothed.insert(0, here._replace(mean=later.mean, cov=later.cov))
            continue
        matrix = _step(population, series.recall_days, gap).matrix
        gain = here.cov @ matrix.transpose(0, 2, 1) @ np.linalg.pinv(ahead.cov, hermitian=True)
        mean = here.mean + (gain @ (later.mean - ahead.mean)[:, :, None])[:, :, 0]
        smoothed.insert(0, here._replace(mean=mean, cov=here.cov + gain @ (later.cov - ahead.cov) @ gain.transpose(0, 2, 1)))
    return tuple(smoothed)
