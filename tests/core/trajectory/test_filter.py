"""The filter by independent routes: the dense joint Gaussian, steps of one day, brute force over the nodes, quadrature."""

import os
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad, solve_ivp

from core.trajectory.dense import POPULATION, RECALLS, SERIES, as_dense, conditioned, nodes_of, one_node
from euthymia.trajectory import Population, Scale, Series, filter_series, smooth
from euthymia.trajectory.kalman import advance, before_treatment, condition, condition_variance, rating_moments
from euthymia.trajectory.model import EFFECT, LEVEL, RECALLED, SET_POINT, Schedule, State, initial

EXAMPLES = int(os.environ.get("EUTHYMIA_EXAMPLES", "40"))
quick = settings(max_examples=EXAMPLES, derandomize="EUTHYMIA_EXAMPLES" not in os.environ, deadline=None)
NODES = nodes_of(POPULATION)
EVERY_RECALL = pytest.mark.parametrize("recall_days", RECALLS)
EVERY_NODE = pytest.mark.parametrize("node", NODES)


def recalling(recall_days: float, series: Series = SERIES) -> Series:
    return replace(series, recall_days=recall_days)


def first(series: Series, count: int) -> Series:
    return replace(series, elapsed_weeks=series.elapsed_weeks[:count], totals=series.totals[:count])


def seen(population: Population, total: float) -> tuple[float, float, float, float]:
    end, value, rounding, log_width = (column[0] for column in population.scale.observed([total]))
    return float(end), float(value), float(rounding), float(log_width)


def assert_equal(state: State, mean: np.ndarray, cov: np.ndarray, recall_days: float, tolerance: float = 1e-8) -> None:
    """The filter's belief is the dense one; what is recalled is only a state of its own where there is a recall window."""
    kept = [0, 1, 2, 3, 4] if recall_days else [0, 1, 2, 4]
    found_mean, found_cov = as_dense(state)
    assert found_mean[kept] == pytest.approx(mean[kept], abs=tolerance)
    assert found_cov[np.ix_(kept, kept)] == pytest.approx(cov[np.ix_(kept, kept)], abs=tolerance)


# The joint Gaussian


@EVERY_RECALL
@EVERY_NODE
@pytest.mark.parametrize("count", range(1, len(SERIES.totals) + 1))
def test_the_filter_equals_the_dense_joint_gaussian(count, node, recall_days):
    population, series = one_node(POPULATION, node), first(recalling(recall_days), count)
    dense, found = conditioned(population, series), filter_series(population, series)
    assert found.log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-8)
    assert_equal(found.states[-1], dense.mean[-1], dense.cov[-1], recall_days)


@EVERY_RECALL
@EVERY_NODE
def test_a_forecast_equals_the_dense_joint_gaussian(node, recall_days):
    population, series = one_node(POPULATION, node), recalling(recall_days)
    future = replace(series, session_weeks=(*series.session_weeks, 7.0, 9.0, 12.5), protocol_change_weeks=(2.0, 6.0, 8.0, 13.0))
    weeks = [7.0, 8.0, 9.0, 13.0, 52.0]
    dense = conditioned(population, future, weeks)
    state, now = filter_series(population, series).states[-1], 7.0
    for k, week in enumerate(weeks):
        state, now = advance(population, state, future, now, week), week
        at = len(series.totals) + k
        assert_equal(state, dense.mean[at], dense.cov[at], recall_days)


@EVERY_RECALL
@EVERY_NODE
def test_the_smoothed_states_equal_the_dense_joint_gaussian_and_the_last_is_the_last_filtered(node, recall_days):
    population, series = one_node(POPULATION, node), recalling(recall_days)
    dense, smoothed = conditioned(population, series), smooth(population, series)
    for k, state in enumerate(smoothed):
        assert_equal(state, dense.mean[k], dense.cov[k], recall_days, 1e-7)
    for one, other in zip(smoothed[-1], filter_series(population, series).states[-1], strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("kind", ["square_root", "logit"])
def test_on_another_scale_the_ratings_are_the_same_density(kind):
    """The likelihood is of ratings, so scales can be compared: middles, widths and the Jacobian are all in it."""
    scale = Scale(kind, (0.0, 52.0))
    spread = 0.15 if kind == "square_root" else 0.1
    grid = replace(
        POPULATION.grid, **{name: getattr(POPULATION.grid, name) * spread for name in ("wandering_sd", "rating_sd", "set_point_sd")}
    )
    start = float(scale.latent(20.0))
    population = replace(
        POPULATION, scale=scale, grid=grid, start_mean=start, start_sd=0.7, set_point_intercept=0.0, effect_mean=0.5, effect_sd=0.4
    )
    for node in NODES:
        dense = conditioned(one_node(population, node), recalling(7.0))
        found = filter_series(one_node(population, node), recalling(7.0))
        assert found.log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-8)
        assert_equal(found.states[-1], dense.mean[-1], dense.cov[-1], 7.0)


@pytest.mark.parametrize(
    ("name", "away", "tolerance"), [("rate", 0.0, 0.01), ("wane", 0.0, 0.01), ("rate", 1.1e-3, 1e-8), ("wane", 1.1e-3, 1e-8)]
)
def test_where_the_recall_rate_meets_another_the_answer_is_a_thousandth_beside(name, away, tolerance):
    """At λ = b or κ = b the closed form is evaluated a thousandth beside it.

    Measured there: means within 0.002 points, variances within 0.008, the log likelihood within 0.0013. Beside it: 1e-9.
    """
    forgetting = 14 / 7
    grid = replace(POPULATION.grid, **{name: np.full(3, forgetting * (1 + away))})
    for node in NODES:
        population, series = one_node(replace(POPULATION, grid=grid), node), recalling(7.0)
        dense, found = conditioned(population, series), filter_series(population, series)
        assert found.log_likelihood == pytest.approx(dense.log_likelihood, abs=tolerance)
        assert_equal(found.states[-1], dense.mean[-1], dense.cov[-1], 7.0, tolerance)


def test_part_of_the_recall_window_is_a_shorter_window():
    half = filter_series(replace(POPULATION, recall_share=0.5), recalling(14.0))
    assert half.log_likelihood == filter_series(POPULATION, recalling(7.0)).log_likelihood
    dense = conditioned(one_node(replace(POPULATION, recall_share=0.5), 1), recalling(14.0))
    assert filter_series(one_node(replace(POPULATION, recall_share=0.5), 1), recalling(14.0)).log_likelihood == pytest.approx(
        dense.log_likelihood, abs=1e-8
    )


def test_the_shorter_the_recall_window_the_nearer_to_right_now():
    now = filter_series(POPULATION, recalling(0.0)).log_likelihood
    away = [abs(filter_series(POPULATION, recalling(days)).log_likelihood - now) for days in (1.0, 0.1, 1e-3, 1e-6)]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 1e-5


# Nodes


@EVERY_RECALL
def test_the_nodes_are_weighted_by_density_times_likelihood(recall_days):
    by_node = [conditioned(one_node(POPULATION, node), recalling(recall_days)).log_likelihood for node in NODES]
    unnormalised = POPULATION.grid.weight * np.exp(by_node)
    found = filter_series(POPULATION, recalling(recall_days))
    assert np.exp(found.log_weights[-1]) == pytest.approx(unnormalised / unnormalised.sum(), abs=1e-10)
    assert found.log_likelihood == pytest.approx(np.log(unnormalised.sum()), abs=1e-8)
    assert np.exp(found.log_weights).sum(axis=1) == pytest.approx(np.ones(len(SERIES.totals)), abs=1e-12)


# Time


def nothing_but(recall_days: float, sessions: Sequence[float] = (), changes: Sequence[float] = ()) -> Schedule:
    return Schedule(sessions, changes, recall_days)


@EVERY_RECALL
@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_a_gap_of_n_days_equals_n_steps_of_one_day(days, recall_days):
    state = filter_series(POPULATION, recalling(recall_days)).states[-1]
    schedule = nothing_but(recall_days, [7.0, 7.0 + 3 / 7], [7.0 + 5 / 7])
    at_once, step_by_step = advance(POPULATION, state, schedule, 7.0, 7.0 + days / 7), state
    for day in range(days):
        step_by_step = advance(POPULATION, step_by_step, schedule, 7.0 + day / 7, 7.0 + (day + 1) / 7)
    for one, many in zip(at_once, step_by_step, strict=True):
        assert one == pytest.approx(many, abs=1e-9)


@EVERY_RECALL
def test_a_gap_of_five_years_forgets_the_patient_but_not_the_set_point_nor_the_effect(recall_days):
    state = filter_series(POPULATION, recalling(recall_days)).states[-1]
    later = advance(POPULATION, state, nothing_but(recall_days), 7.0, 267.0)
    assert later.mean[:, [LEVEL, RECALLED]] == pytest.approx(np.repeat(state.mean[:, [SET_POINT]], 2, axis=1), abs=1e-9)
    assert later.mean[:, [SET_POINT, EFFECT]] == pytest.approx(state.mean[:, [SET_POINT, EFFECT]])
    assert later.share == pytest.approx(np.zeros(3), abs=1e-12)
    assert later.recalled_share == pytest.approx(np.zeros(3), abs=1e-12)
    stationary = POPULATION.grid.wandering_sd**2 / (2 * POPULATION.grid.rate)
    assert np.all(later.cov[:, LEVEL, LEVEL] > stationary)
    again = filter_series(POPULATION, replace(recalling(recall_days), elapsed_weeks=(0.0, 1.0, 2.5, 2.5, 6.0, 266.0)))
    assert np.isfinite(again.log_likelihood)


@pytest.mark.parametrize("recall_days", [7.0, 14.0])
def test_the_shares_of_a_session_are_those_of_the_equations(recall_days):
    """h and its recall by a numerical solver from session to session."""
    population, weeks = one_node(POPULATION, 1), [0.0, 1.0, 1.5, 4.0]
    wane, carry, forget = float(population.grid.wane[0]), float(population.grid.carry[0]), 14 / recall_days
    values = np.zeros(2)
    for start, end in zip(weeks, [*weeks[1:], 6.0], strict=True):
        values[0] = carry * values[0] + 1
        found = solve_ivp(lambda _, v: [-wane * v[0], forget * (v[0] - v[1])], (start, end), values, rtol=1e-11, atol=1e-13)
        values = found.y[:, -1]
    series = Series([0.0], [20.0], weeks, (), recall_days)
    state = advance(population, initial(population), series, 0.0, 6.0)
    assert (state.share[0], state.recalled_share[0]) == pytest.approx(tuple(values), abs=1e-9)
    before = before_treatment(population, initial(population), series, 6.0)
    assert (before.share[0], before.recalled_share[0]) == pytest.approx(tuple(values), abs=1e-9)
    assert np.array_equal(before.mean, initial(population).mean)


def test_an_effect_of_minus_eight_that_halves_in_a_week_as_a_fortnight_recalls_it():
    """TRAJECTORY.md's example. An even window of fourteen days would say -0.5 on day 1 and -4.3 on day 14, "now" -7.2 and -2.0.

    The model's window fades instead (its mean age is a week too), so it says -1.0 and -3.0: half a point and 1.3 points
    of eight apart are the price of a finite state.
    """
    wane = np.log(2)
    grid = replace(POPULATION.grid, wane=np.full(3, wane))
    population = replace(POPULATION, grid=grid)
    for day, window, now, faded in ((1, -0.5, -7.2, -1.0), (14, -4.3, -2.0, -3.0)):
        week = day / 7
        even = quad(lambda s: -8 * np.exp(-wane * s), 0, week)[0] / 2
        fading = quad(lambda s, at=week: -8 * np.exp(-wane * s) * np.exp(-(at - s)), 0, week)[0]
        state = advance(population, initial(population), Series([0.0], [20.0], [0.0], (), 14.0), 0.0, week)
        assert -8 * state.recalled_share == pytest.approx([fading] * 3, abs=1e-9)
        assert -8 * state.share == pytest.approx([now] * 3, abs=0.06)
        assert even == pytest.approx(window, abs=0.06)
        assert fading == pytest.approx(faded, abs=0.06)


# Sessions and changes


def test_a_second_session_renews_more_than_it_adds():
    """With ρ near 0 twice as many sessions hardly lower the level further; with ρ = 1 they stack."""
    shares = []
    for carry in (0.0, 0.1, 1.0):
        population = replace(POPULATION, grid=replace(POPULATION.grid, carry=np.full(3, carry)))
        shares.append(advance(population, initial(population), Series([0.0], [20.0], [0.0, 0.0]), 0.0, 1e-9).share[0])
    assert shares == pytest.approx([1.0, 1.1, 2.0], abs=1e-6)


@EVERY_RECALL
def test_sessions_at_one_time_before_the_first_rating_are_sessions(recall_days):
    series = Series([0.0, 1.0], [20.0, 15.0], [-1.0, -1.0], (), recall_days)
    dense = conditioned(one_node(POPULATION, 1), series)
    assert filter_series(one_node(POPULATION, 1), series).log_likelihood == pytest.approx(dense.log_likelihood, abs=1e-8)


def test_a_rating_at_the_time_of_a_session_was_given_before_it():
    with_session = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0], [2.0]))
    without = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0]))
    assert with_session.log_likelihood == without.log_likelihood


def test_a_change_widens_the_set_point_and_assumes_no_direction():
    state = filter_series(POPULATION, SERIES).states[-1]
    plain = advance(POPULATION, state, Series([], []), 7.0, 9.0)
    changed = advance(POPULATION, state, Series([], [], (), [8.0, 9.0]), 7.0, 9.0)
    assert changed.mean == pytest.approx(plain.mean)
    assert changed.cov[:, SET_POINT, SET_POINT] == pytest.approx(plain.cov[:, SET_POINT, SET_POINT] + 2 * POPULATION.set_point_step_sd**2)


def test_a_change_at_the_time_of_a_rating_comes_before_it_and_one_at_the_start_is_none():
    at_start = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0], (), [0.0]))
    without = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0]))
    at_rating = filter_series(POPULATION, Series([0.0, 2.0], [20.0, 18.0], (), [2.0]))
    assert at_start.log_likelihood == without.log_likelihood
    assert np.all(at_rating.states[-1].cov[:, SET_POINT, SET_POINT] > without.states[-1].cov[:, SET_POINT, SET_POINT])


# Few, many, the same


def test_no_rating_is_no_knowledge():
    found = filter_series(POPULATION, Series([], []))
    assert (found.states, found.log_likelihood, found.log_weights.shape) == ((), 0.0, (0, 3))
    assert smooth(POPULATION, Series([], [])) == ()


def test_one_rating_is_pulled_to_the_population():
    for node in NODES:
        population = one_node(POPULATION, node)
        found = filter_series(population, Series([3.0], [30.0]))
        var, noise = population.start_sd**2, population.grid.rating_sd[0] ** 2 + 1 / 12
        assert found.states[-1].mean[0, LEVEL] == pytest.approx(18 + 12 * var / (var + noise))
        assert found.states[-1].cov[0, LEVEL, LEVEL] == pytest.approx(1 / (1 / var + 1 / noise))
        assert len(smooth(population, Series([3.0], [30.0]))) == 1


def test_two_ratings_at_one_time_are_two_pieces_of_evidence():
    twice, once = filter_series(POPULATION, Series([0.0, 0.0], [20.0, 20.0])), filter_series(POPULATION, Series([0.0], [20.0]))
    assert np.all(twice.states[-1].cov[:, LEVEL, LEVEL] < once.states[-1].cov[:, LEVEL, LEVEL])


@EVERY_RECALL
def test_five_hundred_ratings_in_a_day_and_a_constant_series_stay_finite(recall_days):
    many = filter_series(POPULATION, Series([i / 3500 for i in range(500)], [20.0] * 500, (), (), recall_days))
    assert np.isfinite(many.log_likelihood)
    assert_proper(many.states[-1])
    assert many.states[-1].mean[:, RECALLED] == pytest.approx([20.0] * 3, abs=0.3)


@pytest.mark.parametrize(
    ("weeks", "totals", "more", "words"),
    [
        ([0.0, 1.0], [20.0], {}, "found 2 times and 1 totals"),
        ([0.0, float("nan")], [20.0, 18.0], {}, "found nan in elapsed_weeks at position 1, not a finite number"),
        ([0.0, 1.0], [20.0, float("inf")], {}, "found inf in totals at position 1, not a finite number"),
        ([0.0], [20.0], {"protocol_change_weeks": [float("nan")]}, "found nan in protocol_change_weeks"),
        ([0.0], [20.0], {"session_weeks": [0.0, float("-inf")]}, "found -inf in session_weeks at position 1"),
        ([1.0, 0.0], [20.0, 18.0], {}, "found elapsed_weeks that are not sorted: 0 after 1"),
        ([0.0], [20.0], {"session_weeks": [2.0, 1.0]}, "found session_weeks that are not sorted"),
        ([0.0], [20.0], {"protocol_change_weeks": [2.0, 1.0]}, "found protocol_change_weeks that are not sorted"),
        ([0.0], [20.0], {"recall_days": -1.0}, "found recall_days -1; allowed: 0 or more days"),
        ([0.0], [20.0], {"recall_days": float("nan")}, "found nan in recall_days"),
    ],
)
def test_bad_series_are_refused_in_words(weeks, totals, more, words):
    with pytest.raises(ValueError, match=words):
        Series(weeks, totals, **more)


def test_a_total_out_of_range_is_refused_where_it_stands():
    with pytest.raises(ValueError, match="found the total 53 at position 1; allowed: 0 to 52"):
        Series([0.0, 1.0], [20.0, 53.0]).within((0.0, 52.0))
    Series([0.0, 1.0], [0.0, 52.0]).within((0.0, 52.0))


def test_a_series_of_its_first_ratings_is_filtered_as_those_were():
    assert first(SERIES, 3) == SERIES.first(3)
    assert (SERIES.now, SERIES.first(3).now, SERIES.first(0).now) == (7.0, 2.5, 0.0)
    cut, whole = filter_series(POPULATION, SERIES.first(3)), filter_series(POPULATION, SERIES)
    assert np.array_equal(cut.states[-1].mean, whole.states[2].mean)
    assert np.array_equal(cut.log_weights[-1], whole.log_weights[2])


# Other populations


def test_a_widened_population_has_every_variance_multiplied_and_every_mean_kept():
    """Means stay but for rounding, which is the instrument's and does not widen: a scale of small steps shows it."""
    fine = replace(POPULATION, scale=Scale("identity", (0.0, 52.0), 1e-6))
    state, wide = filter_series(fine, SERIES).states[-1], filter_series(fine.widened(1.5), SERIES).states[-1]
    assert wide.mean == pytest.approx(state.mean, abs=1e-7)
    assert wide.cov == pytest.approx(1.5 * state.cov, abs=1e-7)


def test_a_linked_population_says_the_same_on_the_other_instrument():
    """y' = 2 y + 3 in steps of 2: the belief is the same; every rating loses nothing, its intervals being the same."""
    other = POPULATION.linked(2.0, 3.0, (3.0, 107.0), 2.0)
    series = replace(SERIES, totals=[2 * total + 3 for total in SERIES.totals])
    here, there = filter_series(POPULATION, SERIES), filter_series(other, series)
    assert there.states[-1].mean == pytest.approx(here.states[-1].mean, abs=1e-9)
    assert there.states[-1].cov == pytest.approx(here.states[-1].cov, abs=1e-9)
    assert there.log_likelihood == pytest.approx(here.log_likelihood, abs=1e-9)
    back = other.linked(0.5, -1.5, (0.0, 52.0), 1.0)
    assert filter_series(back, SERIES).log_likelihood == pytest.approx(here.log_likelihood, abs=1e-9)


def test_a_rating_not_yet_known_narrows_as_any_other():
    state = filter_series(POPULATION, SERIES).states[-1]
    narrowed, (known, _) = condition_variance(POPULATION, state), condition(POPULATION, state, 0.0, 11.0)
    assert narrowed.cov == pytest.approx(known.cov)
    assert np.array_equal(narrowed.mean, state.mean)


# Wild inputs


def assert_proper(state: State) -> None:
    """Covariances symmetric and positive semi-definite, everything finite, a rating's variance not negative."""
    assert all(np.all(np.isfinite(part)) for part in state)
    assert state.cov == pytest.approx(state.cov.transpose(0, 2, 1), abs=1e-9)
    eigenvalues = np.linalg.eigvalsh(state.cov)
    assert np.all(eigenvalues >= -1e-9 * np.maximum(1.0, eigenvalues[:, -1:]))
    assert np.all(rating_moments(state)[1] > -1e-12)


gaps = st.one_of(st.just(0.0), st.floats(1e-6, 1e-2), st.floats(0.1, 10.0), st.just(260.0))
times = st.lists(gaps, min_size=1, max_size=12).map(lambda waits: list(np.cumsum(waits)))


@st.composite
def wild_series(draw) -> Series:
    weeks = draw(times)
    totals = draw(st.lists(st.integers(0, 52).map(float), min_size=len(weeks), max_size=len(weeks)))
    around = st.floats(weeks[0] - 5, weeks[-1] + 5)
    sessions, changes = (sorted(draw(st.lists(st.one_of(around, st.sampled_from(weeks)), max_size=6))) for _ in range(2))
    return Series(weeks, totals, sessions, changes, draw(st.sampled_from([0.0, 1.0, 7.0, 14.0, 28.0])))


@given(series=wild_series(), outliers=st.sampled_from([0.0, 0.03]))
@quick
def test_whatever_comes_the_beliefs_are_proper(series, outliers):
    population = replace(POPULATION, outlier_share=outliers)
    found = filter_series(population, series)
    assert np.isfinite(found.log_likelihood)
    for state in found.states:
        assert_proper(state)
    smoothed = smooth(population, series)
    for before, after in zip(found.states, smoothed, strict=True):
        assert np.all(np.isfinite(after.mean))
        assert np.all(np.diagonal(after.cov, axis1=1, axis2=2) >= -1e-6)
        if not outliers:
            # What came later never makes the past less certain. (With outliers it can: which of two ratings was the odd one?)
            assert np.all(np.diagonal(after.cov, axis1=1, axis2=2) <= np.diagonal(before.cov, axis1=1, axis2=2) + 1e-6)
