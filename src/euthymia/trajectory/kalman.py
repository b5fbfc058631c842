"""The filter: predict, condition, and the marginal likelihood of every node of the grid. Plain NumPy, O(n)."""

import math
from dataclasses import dataclass

import numpy as np

from euthymia.trajectory.model import Array, Population, Series, State, initial, transition


@dataclass(frozen=True)
class Filtered:
    """The belief after each rating. `log_weights` [rating, node]: log posterior of the node, normalised.

    `log_likelihood` is the marginal log likelihood of all ratings, the nodes integrated out.
    """

    states: tuple[State, ...]
    log_weights: Array
    log_likelihood: float


def filter_series(population: Population, series: Series) -> Filtered:
    """Filter one patient's ratings. Without ratings: no states, and a log likelihood of 0."""
    state, log_weight = initial(population), population.log_weights
    states: list[State] = []
    weights = np.empty((len(series.totals), len(population.nodes)))
    now, total_log_likelihood = 0.0 if not series.elapsed_weeks else series.elapsed_weeks[0], 0.0
    changes = [week for week in series.protocol_change_weeks if week > now]
    for index, (week, total) in enumerate(zip(series.elapsed_weeks, series.totals, strict=True)):
        state, now = advance(population, state, now, week, changes), week
        state, log_density = condition(population, state, total)
        joint = log_weight + log_density
        top = joint.max()
        norm = top + math.log(np.exp(joint - top).sum())
        total_log_likelihood += norm
        log_weight = joint - norm
        states.append(state)
        weights[index] = log_weight
    return Filtered(tuple(states), weights, total_log_likelihood)


def advance(population: Population, state: State, start: float, end: float, changes: list[float] | tuple[float, ...] = ()) -> State:
    """The belief carried from week `start` to week `end`, through the changes of protocol in (start, end]."""
    for change in sorted(week for week in changes if start < week <= end):
        state = _step_set_point(population, predict(population, state, change - start))
        start = change
    return predict(population, state, end - start)


def predict(population: Population, state: State, weeks: float) -> State:
    """p(state at t + weeks | ratings up to t)."""
    if weeks <= 0:
        return state
    step = transition(population, weeks)
    e, f = step.decay, 1 - step.decay
    return State(
        e * state.level + f * state.set_point,
        state.set_point,
        e * e * state.level_var + 2 * e * f * state.covariance + f * f * state.set_point_var + step.level_var,
        e * state.covariance + f * state.set_point_var + step.covariance,
        state.set_point_var + step.set_point_var,
    )


def condition(population: Population, state: State, total: float) -> tuple[State, Array]:
    """p(state | ratings up to and including this one), and the log density of the rating, [node]."""
    variance = state.level_var + population.rating_sd**2
    surprise = total - state.level
    log_density = -0.5 * (surprise**2 / variance + np.log(2 * math.pi * variance))
    return _update(state, surprise, variance), log_density


def condition_variance(population: Population, state: State) -> State:
    """The belief's variances after a rating whose value is not yet known (the means stay)."""
    return _update(state, np.zeros_like(state.level), state.level_var + population.rating_sd**2)


def _update(state: State, surprise: Array, variance: Array) -> State:
    gain, gain_set_point = state.level_var / variance, state.covariance / variance
    return State(
        state.level + gain * surprise,
        state.set_point + gain_set_point * surprise,
        state.level_var * (1 - gain),
        state.covariance * (1 - gain),
        state.set_point_var - gain_set_point * state.covariance,
    )


def _step_set_point(population: Population, state: State) -> State:
    return state._replace(set_point_var=state.set_point_var + population.set_point_step_sd**2)
