"""Forecasts are of ratings: compared with simulation of the equations in small steps, and of the ratings to come."""

import numpy as np
import pytest
from scipy.special import ndtr

from core.trajectory.dense import POPULATION, SERIES, one_node, simulated
from euthymia.trajectory import Plan, Series, filter_series, forecast, forecast_from, settled_probability
from euthymia.trajectory.kalman import advance, condition

PEOPLE = 40_000
CUT, LOW, HIGH = 7.0, 0.25, 0.6


def rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), *POPULATION.score_range)


def drawn(population, state, count, chance):
    """Levels and set points drawn from a belief (one node)."""
    covariance = [[state.level_var[0], state.covariance[0]], [state.covariance[0], state.set_point_var[0]]]
    return chance.multivariate_normal([state.level[0], state.set_point[0]], covariance, count).T


def test_chances_and_quantiles_agree_with_the_equations_simulated_in_small_steps():
    chance, ratings = np.random.default_rng(1), []
    filtered = filter_series(POPULATION, SERIES)
    for node, weight in enumerate(np.exp(filtered.log_weights[-1])):
        population = one_node(POPULATION, node)
        state = filter_series(population, SERIES).states[-1]
        level, set_point = drawn(population, state, round(PEOPLE * weight), chance)
        level, _ = simulated(population, level, set_point, 5.0, chance, steps=250)
        ratings.append(rounded(level + population.rating_sd * chance.standard_normal(len(level))))
    simulation = np.concatenate(ratings)
    found = forecast(POPULATION, SERIES, [12.0])
    for cut in (0.0, 4.0, 7.0, 10.0, 15.0, 25.0):
        p = float(found.prob_at_most(cut)[0])
        assert np.mean(simulation <= cut) == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / PEOPLE) + 1e-4)
    for q in (0.1, 0.5, 0.9):
        # At the quantile, the chance of not more is q: within the one step that rounding moves.
        at = float(found.quantile(q)[0])
        error = 5 * np.sqrt(q * (1 - q) / PEOPLE)
        assert np.mean(simulation < at - 1) - error <= q <= np.mean(simulation <= at + 1) + error


def test_the_mean_and_spread_are_those_of_the_mixture():
    found = forecast(POPULATION, SERIES, [9.0, 12.0])
    chance = np.random.default_rng(2)
    for at in range(2):
        node = chance.choice(3, size=400_000, p=found.weights)
        draws = chance.normal(found.means[at][node], found.sds[at][node])
        assert found.mean[at] == pytest.approx(draws.mean(), abs=0.05)
        assert found.sd[at] == pytest.approx(draws.std(), abs=0.05)


def test_quantile_and_chance_are_inverse_before_rounding():
    found = forecast(POPULATION, SERIES, [12.0])
    for p in (0.2, 0.5, 0.9):
        at = found.quantile(p)[0]
        assert float(ndtr((at - found.means[0]) / found.sds[0]) @ found.weights) == pytest.approx(p, abs=1e-6)


def test_a_rating_is_rounded_and_kept_in_its_range():
    found = forecast(POPULATION, Series([0.0], [1.0]), [1.0, 8.0])
    assert np.all(found.prob_at_most(52.0) == 1)
    assert np.all(found.prob_at_most(-1.0) == 0)
    assert np.all(found.prob_at_most(0.0) > 0)
    assert np.all(found.quantile(0.0001) == 0)
    assert np.all((found.mean >= 0) & (found.mean <= 52))
    assert np.all(np.diff([found.prob_at_most(cut) for cut in range(53)], axis=0) >= -1e-12)


def test_without_ratings_the_population_is_the_forecast():
    found = forecast(POPULATION, Series([], []), [0.0])
    assert found.mean[0] == pytest.approx(POPULATION.start_mean)
    assert found.sd[0] == pytest.approx(np.hypot(POPULATION.start_sd, POPULATION.rating_sd))


def test_a_forecast_before_the_last_rating_is_refused_and_one_at_it_is_not():
    assert forecast(POPULATION, SERIES, [7.0]).means.shape == (1, 3)
    with pytest.raises(ValueError, match="before the last rating at week 7"):
        forecast(POPULATION, SERIES, [6.9])


def test_no_time_is_no_forecast():
    assert forecast(POPULATION, SERIES, []).quantile(0.5).shape == (0,)


def test_a_planned_change_widens_the_future_and_assumes_no_direction():
    plain, changed = forecast(POPULATION, SERIES, [8.0, 15.0]), forecast(POPULATION, SERIES, [8.0, 15.0], Plan((9.0,)))
    assert changed.mean == pytest.approx(plain.mean)
    assert changed.sd[0] == pytest.approx(plain.sd[0])
    assert changed.sd[1] > plain.sd[1]


def test_further_ahead_is_known_less_well():
    found = forecast(POPULATION, SERIES, [7.0, 8.0, 12.0, 30.0, 260.0])
    assert np.all(np.diff(found.sd) > 0)


def settled_by_simulation(population, weeks, horizon, count, chance):
    """Draw the ratings to come, filter again with each, and count how often the chance then stated is settled."""
    filtered = filter_series(population, SERIES)
    nodes = chance.choice(len(population.nodes), size=count, p=np.exp(filtered.log_weights[-1]))
    settled = np.zeros((count, len(weeks)))
    for person, node in enumerate(nodes):
        alone, now = one_node(population, int(node)), SERIES.elapsed_weeks[-1]
        truth = filter_series(alone, SERIES).states[-1]
        level, set_point = (float(v[0]) for v in drawn(alone, truth, 1, chance))
        state, log_weights = filtered.states[-1], filtered.log_weights[-1]
        for k, week in enumerate(weeks):
            level, set_point = exact_step(alone, level, set_point, week - now, chance)
            rating = level + population.rating_sd * chance.standard_normal()
            state, log_density = condition(population, advance(population, state, now, week), rating)
            log_weights = log_weights + log_density
            log_weights = log_weights - np.log(np.exp(log_weights - log_weights.max()).sum()) - log_weights.max()
            p = forecast_from(population, state, log_weights, week, [horizon]).prob_at_most(CUT)[0]
            settled[person, k], now = p <= LOW or p >= HIGH, week
    return settled.mean(axis=0)


def exact_step(population, level, set_point, weeks, chance):
    from euthymia.trajectory.model import transition

    step = transition(population, weeks)
    covariance = [[step.level_var[0], step.covariance[0]], [step.covariance[0], step.set_point_var]]
    noise = chance.multivariate_normal([0, 0], covariance)
    return step.decay[0] * level + (1 - step.decay[0]) * set_point + noise[0], set_point + noise[1]


@pytest.mark.parametrize(
    ("population", "tolerance"),
    [
        # One node: exact but for the noise of 1,500 simulated people (five standard errors).
        pytest.param(one_node(POPULATION, 1), 0.065, id="one node: exact"),
        # Several: the posterior of the node is held at today's. The error allowed is this approximation's.
        pytest.param(POPULATION, 0.09, id="a mixture of nodes: approximate"),
    ],
)
def test_when_we_would_know_agrees_with_simulated_ratings(population, tolerance):
    filtered, weeks = filter_series(population, SERIES), [8.0, 9.0, 11.0]
    stated = settled_probability(population, filtered.states[-1], filtered.log_weights[-1], 7.0, weeks, 13.0, CUT, (LOW, HIGH))
    simulation = settled_by_simulation(population, weeks, 13.0, 1500, np.random.default_rng(3))
    assert stated == pytest.approx(simulation, abs=tolerance)
    assert np.all((stated >= 0) & (stated <= 1))


def test_no_rating_to_come_settles_nothing():
    filtered = filter_series(POPULATION, SERIES)
    assert settled_probability(POPULATION, filtered.states[-1], filtered.log_weights[-1], 7.0, [], 13.0, CUT, (LOW, HIGH)).shape == (0,)
