"""The filter by independent routes: the dense joint Gaussian, steps of one day, brute force over the nodes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trajectory.dense import POPULATION, SERIES, conditioned, one_node
from euthymia.trajectory import Population, Series, filter_series
from euthymia.trajectory.kalman import advance, condition, condition_variance, predict
from euthymia.trajectory.model import initial

NODES = range(len(POPULATION.nodes))
quick = settings(max_examples=50, derandomize=True, deadline=None)


def last(population: Population, series: Series) -> tuple[np.ndarray, np.ndarray]:
    state = filter_series(population, series).states[-1]
    return (
        np.array([state.level[0], state.set_point[0]]),
        np.array([[state.level_var[0], state.covariance[0]], [state.covariance[0], state.set_point_var[0]]]),
    )


def first(series: Series, count: int) -> Series:
    return Series(series.elapsed_weeks[:count], series.totals[:count], series.protocol_change_weeks)


@pytest.mark.parametrize("node", NODES)
@pytest.mark.parametrize("count", range(1, len(SERIES.totals) + 1))
def test_the_filter_equals_the_dense_joint_gaussian(node, count):
    population, series = one_node(POPULATION, node), first(SERIES, count)
    mean, covariance, log_likelihood = conditioned(population, series, series.elapsed_weeks[-1])
    found_mean, found_covariance = last(population, series)
    assert found_mean == pytest.approx(mean, abs=1e-8)
    assert found_covariance == pytest.approx(covariance, abs=1e-8)
    assert filter_series(population, series).log_likelihood == pytest.approx(log_likelihood, abs=1e-8)


@pytest.mark.parametrize("node", NODES)
def test_a_forecast_of_the_level_equals_the_dense_joint_gaussian(node):
    population = one_node(POPULATION, node)
    mean, covariance, _ = conditioned(population, SERIES, 13.0)
    ahead = predict(population, filter_series(population, SERIES).states[-1], 6.0)
    assert (ahead.level[0], ahead.set_point[0]) == pytest.approx(tuple(mean), abs=1e-8)
    assert (ahead.level_var[0], ahead.covariance[0], ahead.set_point_var[0]) == pytest.approx(
        (covariance[0, 0], covariance[0, 1], covariance[1, 1]), abs=1e-8
    )


def test_the_nodes_are_weighted_by_density_times_likelihood():
    by_node = [filter_series(one_node(POPULATION, node), SERIES).log_likelihood for node in NODES]
    unnormalised = np.array([node.weight for node in POPULATION.nodes]) * np.exp(by_node)
    found = filter_series(POPULATION, SERIES)
    assert np.exp(found.log_weights[-1]) == pytest.approx(unnormalised / unnormalised.sum(), abs=1e-12)
    assert found.log_likelihood == pytest.approx(np.log(unnormalised.sum()), abs=1e-10)


@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_a_gap_of_n_days_equals_n_steps_of_one_day(days):
    state, _ = condition(POPULATION, initial(POPULATION), 25.0)
    at_once, step_by_step = predict(POPULATION, state, days / 7), state
    for _ in range(days):
        step_by_step = predict(POPULATION, step_by_step, 1 / 7)
    for one, many in zip(at_once, step_by_step, strict=True):
        assert one == pytest.approx(many, abs=1e-10)


def test_a_gap_of_five_years_forgets_the_patient_but_not_the_set_point():
    state, _ = condition(POPULATION, initial(POPULATION), 25.0)
    ahead = predict(POPULATION, state, 5 * 52.0)
    assert ahead.level == pytest.approx(ahead.set_point, abs=1e-9)
    assert np.all(ahead.level_var > state.level_var)
    assert np.all(np.isfinite(np.array(ahead)))


@quick
@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 52)), min_size=1, max_size=15), st.lists(st.floats(0, 300), max_size=4))
def test_variances_stay_positive_and_covariances_valid(points, changes):
    points.sort()
    series = Series([week for week, _ in points], [total for _, total in points], changes)
    for state in filter_series(POPULATION, series).states:
        assert np.all(state.level_var > 0)
        assert np.all(state.set_point_var > 0)
        assert np.all(state.level_var * state.set_point_var - state.covariance**2 > -1e-9)


def test_a_rating_never_widens_the_belief_and_its_value_does_not_matter_for_how_sure_we_are():
    before = advance(POPULATION, initial(POPULATION), 0.0, 3.0)
    low, high = condition(POPULATION, before, 2.0)[0], condition(POPULATION, before, 40.0)[0]
    assert np.all(low.level_var < before.level_var)
    assert np.all(low.set_point_var <= before.set_point_var)
    for one, other in zip(low[2:], high[2:], strict=True):
        assert one == pytest.approx(other)
    unseen = condition_variance(POPULATION, before)
    assert unseen.level == pytest.approx(before.level)
    for one, other in zip(unseen[2:], low[2:], strict=True):
        assert one == pytest.approx(other)


def test_a_change_of_protocol_widens_the_set_point_at_its_time_and_not_before():
    state = initial(POPULATION)
    before, after = advance(POPULATION, state, 0.0, 2.0, [2.5]), advance(POPULATION, state, 0.0, 3.0, [2.5])
    plain_before, plain_after = predict(POPULATION, state, 2.0), predict(POPULATION, state, 3.0)
    assert before.set_point_var == pytest.approx(plain_before.set_point_var)
    assert after.set_point_var == pytest.approx(plain_after.set_point_var + POPULATION.set_point_step_sd**2)
    assert after.set_point == pytest.approx(plain_after.set_point)


def test_a_change_at_the_time_of_a_rating_comes_before_it_and_one_at_the_start_is_none():
    at_start = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0], [0.0]))
    without = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0]))
    at_rating = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0], [2.0]))
    assert at_start.log_likelihood == without.log_likelihood
    assert np.all(at_rating.states[-1].set_point_var > without.states[-1].set_point_var)


def test_no_rating_is_no_knowledge():
    found = filter_series(POPULATION, Series([], []))
    assert (found.states, found.log_likelihood, found.log_weights.shape) == ((), 0.0, (0, 3))


def test_two_ratings_at_one_time_are_two_pieces_of_evidence():
    twice, once = filter_series(POPULATION, Series([0.0, 0.0], [20.0, 20.0])), filter_series(POPULATION, Series([0.0], [20.0]))
    assert np.all(twice.states[-1].level_var < once.states[-1].level_var)


def test_five_hundred_ratings_in_a_day_and_a_constant_series_stay_finite():
    many = filter_series(POPULATION, Series([i / 3500 for i in range(500)], [20.0] * 500))
    assert np.isfinite(many.log_likelihood)
    assert np.all(np.array(many.states[-1])[2] > 0)
    assert many.states[-1].level == pytest.approx([20.0] * 3, abs=0.3)


@pytest.mark.parametrize(
    ("weeks", "totals", "changes", "words"),
    [
        ([0.0, 1.0], [20.0], [], "found 2 times and 1 totals"),
        ([0.0, float("nan")], [20.0, 18.0], [], "not a finite number"),
        ([0.0, 1.0], [20.0, float("inf")], [], "not a finite number"),
        ([0.0], [20.0], [float("nan")], "not a finite number"),
        ([1.0, 0.0], [20.0, 18.0], [], "not sorted"),
    ],
)
def test_bad_series_are_refused_in_words(weeks, totals, changes, words):
    with pytest.raises(ValueError, match=words):
        Series(weeks, totals, changes)


def test_a_rescaled_population_says_the_same_on_the_other_scale():
    """y' = 2 y + 3: the belief about y' is that about y, moved; the likelihood loses the Jacobian of each rating."""
    other = POPULATION.rescaled(2.0, 3.0, (3.0, 107.0), 2.0)
    series = Series(SERIES.elapsed_weeks, [2 * total + 3 for total in SERIES.totals], SERIES.protocol_change_weeks)
    here, there = filter_series(POPULATION, SERIES), filter_series(other, series)
    assert there.states[-1].level == pytest.approx(2 * here.states[-1].level + 3, abs=1e-9)
    assert there.states[-1].set_point == pytest.approx(2 * here.states[-1].set_point + 3, abs=1e-9)
    assert there.states[-1].level_var == pytest.approx(4 * here.states[-1].level_var, abs=1e-9)
    assert there.log_weights[-1] == pytest.approx(here.log_weights[-1], abs=1e-9)
    assert there.log_likelihood == pytest.approx(here.log_likelihood - len(SERIES.totals) * np.log(2), abs=1e-9)
    assert (other.score_range, other.score_step) == ((3.0, 107.0), 2.0)


def test_a_widened_population_has_every_variance_multiplied_and_every_mean_kept():
    state, wide = filter_series(POPULATION, SERIES).states[-1], filter_series(POPULATION.widened(1.5), SERIES).states[-1]
    assert wide.level == pytest.approx(state.level, abs=1e-9)
    assert wide.level_var == pytest.approx(1.5 * state.level_var, abs=1e-9)
    assert wide.covariance == pytest.approx(1.5 * state.covariance, abs=1e-9)
    assert wide.set_point_var == pytest.approx(1.5 * state.set_point_var, abs=1e-9)
