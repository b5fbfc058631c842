"""Forecasts are of ratings: compared with the equations in small steps, and with people drawn from the population."""

import os
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trajectory.dense import POPULATION, SERIES, conditioned, euler, nodes_of, one_node, rated
from euthymia.simulate.courses import draw_courses
from euthymia.trajectory import Forecast, Plan, Population, Scale, Series, belief_now, filter_series, following, forecast, forecast_from
from euthymia.trajectory.forecast import as_so_far

EXAMPLES = int(os.environ.get("EUTHYMIA_EXAMPLES", "40"))
quick = settings(max_examples=EXAMPLES, derandomize="EUTHYMIA_EXAMPLES" not in os.environ, deadline=None)
PEOPLE = 20_000
OUTLIERS = replace(POPULATION, outlier_share=0.03)
PLAN = Plan((7.0, 8.5, 11.0), (9.0,))


def people_ahead(population: Population, series: Series, plan: Plan, week: float, chance: np.random.Generator) -> np.ndarray:
    """Ratings at `week` of people with this past: states from the dense posterior of each node, then small steps under the plan."""
    usual = replace(population, outlier_share=0.0)
    dense = [conditioned(one_node(usual, node), series) for node in nodes_of(population)]
    weights = population.grid.weight * np.exp([one.log_likelihood for one in dense])
    future = replace(series, session_weeks=plan.session_weeks, protocol_change_weeks=plan.protocol_change_weeks)
    found = []
    for node, share in enumerate(weights / weights.sum()):
        count = round(PEOPLE * share)
        mean, cov = dense[node].mean[-1], dense[node].cov[-1]
        start = chance.multivariate_normal(mean, cov, count, method="eigh")
        ahead = euler(one_node(population, node), future, start, series.now, week, chance)
        found.append(rated(one_node(population, node), series.recall_days, ahead, chance))
    return np.concatenate(found)


def assert_like(found: Forecast, ratings: np.ndarray, at: int = 0) -> None:
    """The stated distribution is that of these ratings, within five standard errors."""
    count = len(ratings)
    assert found.mean[at] == pytest.approx(ratings.mean(), abs=5 * ratings.std() / np.sqrt(count))
    assert found.sd[at] == pytest.approx(ratings.std(), rel=5 / np.sqrt(count))
    for cut in (0.0, 4.0, 7.0, 10.0, 15.0, 25.0):
        p = float(found.prob_at_most(cut)[at])
        assert np.mean(ratings <= cut) == pytest.approx(p, abs=5 * np.sqrt(p * (1 - p) / count) + 1e-4)
    for q in (0.1, 0.5, 0.9):
        # Before rounding, so within half a step of the ratings' own.
        value, error = float(found.quantile(q)[at]), 5 * np.sqrt(q * (1 - q) / count)
        assert np.mean(ratings < value - 0.5) - error <= q <= np.mean(ratings <= value + 0.5) + error


@pytest.mark.parametrize("recall_days", [0.0, 7.0])
def test_forecasts_agree_with_the_equations_in_small_steps(recall_days):
    """Three nodes, sessions and a change ahead, and two sessions' effects still waning. No outlier yet, but some to come."""
    series = replace(SERIES, recall_days=recall_days)
    ratings = people_ahead(OUTLIERS, series, PLAN, 12.0, np.random.default_rng(1))
    # The filter has to have read the past without outliers, as the dense posterior does.
    filtered = filter_series(POPULATION, series)
    schedule = following(series.session_weeks, series.protocol_change_weeks, 7.0, 12.0, recall_days, PLAN)
    assert_like(forecast_from(OUTLIERS, filtered.states[-1], filtered.log_weights[-1], 7.0, schedule, [12.0]), ratings)


@pytest.mark.parametrize("kind", ["identity", "square_root", "logit"])
@pytest.mark.parametrize("recall_days", [0.0, 14.0])
def test_before_any_rating_the_forecast_is_of_people_drawn_from_the_population(kind, recall_days):
    size, scale = {"identity": 1.0, "square_root": 0.15, "logit": 0.15}[kind], Scale(kind, (0.0, 27.0))
    grid = replace(POPULATION.grid, **{n: size * getattr(POPULATION.grid, n) for n in ("wandering_sd", "rating_sd", "set_point_sd")})
    start = float(scale.latent(14.0))
    population = replace(
        OUTLIERS,
        scale=scale,
        grid=grid,
        start_mean=start,
        start_sd=4.9 * size,
        set_point_intercept=0.2 * start,
        set_point_drift_sd=0.6 * size,
    )
    population = replace(population, set_point_step_sd=4 * size, effect_mean=5 * size, effect_sd=3 * size)
    weeks, plan = [0.0, 1.0, 6.0], Plan([0.0, 1.0, 4.0], [3.0])
    drawn = draw_courses(population, np.random.default_rng(3), PEOPLE, weeks, plan.session_weeks, plan.protocol_change_weeks, recall_days)
    found = forecast(population, Series([], [], recall_days=recall_days), weeks, plan)
    for at in range(3):
        assert_like(found, drawn.totals[:, at], at)


def test_mean_and_spread_are_those_of_the_rounded_mixture():
    found = forecast(OUTLIERS, SERIES, [9.0, 12.0])
    chance = np.random.default_rng(2)
    for at in range(2):
        component = chance.choice(len(found.weights), size=200_000, p=found.weights)
        draws = OUTLIERS.scale.rated(chance.normal(found.means[at][component], found.sds[at][component]))
        assert found.mean[at] == pytest.approx(draws.mean(), abs=0.08)
        assert found.sd[at] == pytest.approx(draws.std(), abs=0.08)


def test_quantile_and_chance_are_inverse_before_rounding():
    found = forecast(OUTLIERS, SERIES, [12.0, 20.0])
    for p in (0.2, 0.5, 0.9):
        assert found.below(OUTLIERS.scale.latent(found.quantile(p))) == pytest.approx([p, p], abs=1e-6)


@pytest.mark.parametrize("kind", ["identity", "square_root", "logit"])
def test_a_rating_is_rounded_and_kept_in_its_range(kind):
    population = replace(POPULATION, scale=Scale(kind, (0.0, 52.0)))
    found = forecast(population, Series([0.0], [1.0]), [1.0, 8.0])
    assert found.prob_at_most(52.0) == pytest.approx(np.ones(2), abs=1e-12)
    assert np.all(found.prob_at_most(-1.0) == 0)
    assert np.all(found.prob_at_most(0.0) > 0)
    for q in (1e-4, 0.5, 1 - 1e-4):
        assert np.all((found.quantile(q) >= 0) & (found.quantile(q) <= 52))
    assert np.all((found.mean >= 0) & (found.mean <= 52))


def test_without_ratings_the_population_is_the_forecast():
    found = forecast(one_node(POPULATION, 0), Series([], []), [0.0])
    assert found.mean[0] == pytest.approx(POPULATION.start_mean, abs=1e-2)
    assert found.sd[0] == pytest.approx(np.sqrt(POPULATION.start_sd**2 + 2.6**2 + 1 / 12), abs=1e-2)
    assert np.array_equal(forecast(POPULATION, Series([], []), [0.0]).weights, POPULATION.grid.weight)


def test_what_is_believed_now_is_the_forecast_without_the_noise_of_the_next_rating():
    filtered = filter_series(POPULATION, SERIES)
    mean, sd = belief_now(filtered.states[-1], filtered.log_weights[-1])
    found = forecast(POPULATION, SERIES, [7.0], Plan())
    weights = found.weights
    assert mean == pytest.approx(found.means[0] @ weights)
    assert sd**2 == pytest.approx((found.sds[0] ** 2 - POPULATION.grid.rating_sd**2 + (found.means[0] - mean) ** 2) @ weights)


def test_forecasts_of_several_times_are_those_of_each_in_any_order():
    weeks = [20.0, 7.0, 9.0, 9.0, 52.0]
    found = forecast(POPULATION, SERIES, weeks, PLAN)
    for at, week in enumerate(weeks):
        alone = forecast(POPULATION, SERIES, [week], PLAN)
        assert found.means[at] == pytest.approx(alone.means[0], abs=1e-10)
        assert found.sds[at] == pytest.approx(alone.sds[0], abs=1e-10)
    assert np.array_equal(found.at_weeks, weeks)


def test_no_time_is_no_forecast():
    found = forecast(POPULATION, SERIES, [])
    for asked in (found.quantile(0.5), found.mean, found.sd, found.prob_at_most(4.0), found.prob_at_most(52.0)):
        assert asked.shape == (0,)


def test_further_ahead_every_node_knows_less():
    found = forecast(POPULATION, SERIES, [7.0, 8.0, 12.0, 30.0, 260.0], Plan())
    assert np.all(np.diff(found.sds, axis=0) > 0)


# What follows


def test_a_planned_change_widens_the_future_and_assumes_no_direction():
    plain, changed = (forecast(POPULATION, SERIES, [8.0, 15.0], plan) for plan in (Plan(), Plan((), (9.0,))))
    assert changed.means == pytest.approx(plain.means)
    assert changed.sds[0] == pytest.approx(plain.sds[0])
    assert np.all(changed.sds[1] > plain.sds[1])


def test_a_plan_takes_the_place_of_what_would_follow_and_its_past_is_not_read():
    series = replace(SERIES, session_weeks=(1.0, 3.0, 5.0))
    as_usual, none = forecast(POPULATION, series, [12.0]), forecast(POPULATION, series, [12.0], Plan())
    assert np.all(as_usual.means < none.means)
    said = forecast(POPULATION, series, [12.0], Plan([7.0, 9.0, 11.0]))
    assert said.means == pytest.approx(as_usual.means)
    assert said.sds == pytest.approx(as_usual.sds)
    assert forecast(POPULATION, series, [12.0], Plan([6.0])).means == pytest.approx(none.means)
    assert forecast(POPULATION, series, [12.0], Plan([12.0])).means == pytest.approx(none.means)
    assert forecast(POPULATION, series, [12.0], Plan([11.0, 7.0, 9.0], [9.0, 8.0])).means == pytest.approx(said.means)


def test_sessions_and_changes_known_after_the_last_rating_happen():
    series = replace(SERIES, session_weeks=(1.0, 3.0, 5.0, 7.0, 9.0), protocol_change_weeks=(2.0, 6.0, 10.0))
    assert forecast(POPULATION, series, [12.0]).means == pytest.approx(
        forecast(POPULATION, series, [12.0], Plan([7.0, 9.0, 11.0], [10.0])).means
    )
    assert forecast(POPULATION, series, [12.0]).sds == pytest.approx(
        forecast(POPULATION, series, [12.0], Plan([7.0, 9.0, 11.0], [10.0])).sds
    )


WEEKLY, BIWEEKLY = [0.0, 1.0, 2.0, 3.0], [0.0, 2.0, 4.0, 6.0]


@pytest.mark.parametrize(
    ("sessions", "now", "until", "expected"),
    [
        pytest.param([], 3.0, 9.0, [], id="no session"),
        pytest.param([2.0], 3.0, 9.0, [], id="one session is no series"),
        pytest.param([2.0, 2.0], 3.0, 9.0, [], id="two at one time are no series either"),
        pytest.param(WEEKLY, 3.0, 6.0, [4.0, 5.0, 6.0], id="weekly, the last today"),
        pytest.param(WEEKLY, 3.5, 6.0, [4.0, 5.0, 6.0], id="weekly"),
        pytest.param(WEEKLY, 3.5, 5.9, [4.0, 5.0], id="weekly, until just before one"),
        pytest.param(BIWEEKLY, 7.0, 13.0, [8.0, 10.0, 12.0], id="every two weeks"),
        pytest.param(WEEKLY, 4.5, 7.0, [4.5, 5.5, 6.5], id="one that was due is not recorded: it comes now"),
        pytest.param(WEEKLY, 5.0, 7.0, [5.0, 6.0, 7.0], id="two intervals ago: just not stopped"),
        pytest.param(WEEKLY, 5.1, 9.0, [], id="stopped"),
        pytest.param([*WEEKLY, 5.0, 7.0, 9.0, 11.0], 11.5, 14.0, [13.0], id="weekly, then every two weeks: the last five intervals"),
        pytest.param([0.0, 1.0, 2.0, 9.0, 10.0], 10.0, 11.0, [11.0], id="a pause does not count as the interval"),
        pytest.param(WEEKLY, 3.5, 3.5, [], id="until now"),
        pytest.param(WEEKLY, 3.5, 2.0, [], id="until before now"),
    ],
)
def test_sessions_as_so_far(sessions, now, until, expected):
    assert as_so_far(sessions, now, until) == pytest.approx(expected)


def test_sessions_within_half_a_day_are_no_interval_and_nobody_goes_on_for_ever():
    assert as_so_far([0.0, 1e-6, 2e-6], 1.0, 260.0) == []
    assert as_so_far([0.0, 0.01, 1.0, 1.01, 2.0], 2.0, 4.5) == pytest.approx([2.99, 3.98])
    with pytest.raises(ValueError, match="found 69999 sessions as so far"):
        as_so_far([0.0, 1 / 7], 1 / 7, 10_000.0)


def test_known_sessions_ahead_are_not_said_twice():
    found = following([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.5, 4.0], 2.5, 6.5, 7.0, None)
    assert found.session_weeks == pytest.approx([3.0, 4.0, 5.0, 6.0])
    assert found.protocol_change_weeks == pytest.approx([4.0])
    assert found.recall_days == 7.0


# What is refused


def test_a_forecast_before_the_last_rating_is_refused_and_one_at_it_is_not():
    assert forecast(POPULATION, SERIES, [7.0]).means.shape == (1, 3)
    with pytest.raises(ValueError, match=r"found a forecast for week 6\.9, before the last rating at week 7"):
        forecast(POPULATION, SERIES, [6.9])
    with pytest.raises(ValueError, match="in at_weeks at position 1, not a finite number"):
        forecast(POPULATION, SERIES, [8.0, float("nan")])


@pytest.mark.parametrize("probability", [0.0, 1.0, -0.1, float("nan")])
def test_a_quantile_of_no_probability_is_refused(probability):
    with pytest.raises(ValueError, match=r"found (the probability|nan in probability)"):
        forecast(POPULATION, SERIES, [8.0]).quantile(probability)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (lambda: forecast(POPULATION, Series([0.0, 1.0], [53.0, 10.0]), [8.0]), "found the total 53 at position 0; allowed: 0 to 52"),
        (lambda: forecast(POPULATION, Series([0.0, 1.0], [15.0, -1.0]), [8.0]), "found the total -1 at position 1; allowed: 0 to 52"),
        (lambda: Series([0.0, 1.0], [15.0, None]), "found a NoneType in totals at position 1"),
        (lambda: Series([0.0, 1.0], [15.0, "12"]), "found a str in totals at position 1"),
        (lambda: Series("01", "12"), "found elapsed_weeks of type str"),
        (lambda: Series(0, 12), "found elapsed_weeks of type int"),
        (lambda: Series([0.0], [12.0], recall_days=None), "found a NoneType in recall_days"),
        (lambda: Plan([float("nan")]), "found nan in session_weeks at position 0"),
        (lambda: Plan(["5"]), "found a str in session_weeks"),
        (lambda: forecast(POPULATION, SERIES, 8.0), "found at_weeks of type float"),
        (lambda: forecast(POPULATION, SERIES, [8.0]).prob_at_most(float("nan")), "found nan in total"),
    ],
)
def test_what_is_no_number_is_refused_by_name(asked, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        asked()


# Wild inputs


@st.composite
def wild(draw) -> tuple[Population, Series]:
    kind = draw(st.sampled_from(["identity", "square_root", "logit"]))
    size, scale = {"identity": 1.0, "square_root": 0.15, "logit": 0.15}[kind], Scale(kind, (0.0, 27.0))
    grid = replace(POPULATION.grid, **{n: size * getattr(POPULATION.grid, n) for n in ("wandering_sd", "rating_sd", "set_point_sd")})
    population = replace(
        POPULATION, scale=scale, grid=grid, start_mean=float(scale.latent(14.0)), start_sd=4.9 * size, set_point_intercept=0.0
    )
    population = replace(
        population, outlier_share=draw(st.sampled_from([0.0, 0.03])), set_point_drift_sd=0.6 * size, set_point_step_sd=4 * size
    )
    population = replace(population, effect_mean=5 * size, effect_sd=draw(st.sampled_from([0.0, 3 * size])))
    gap = st.one_of(st.just(0.0), st.floats(1e-6, 1e-3), st.floats(0.1, 5.0), st.just(260.0))
    count = draw(st.one_of(st.integers(0, 10), st.just(200)))
    gaps = [draw(gap) for _ in range(count)] if count < 200 else [1 / 1400] * 200
    weeks = list(np.cumsum(gaps))
    totals = draw(
        st.one_of(*(st.just([float(end)] * count) for end in (0, 14, 27)), st.lists(st.integers(0, 27), min_size=count, max_size=count))
    )
    last = weeks[-1] if weeks else 1.0
    sessions = sorted(draw(st.lists(st.floats(-1.0, last + 3), max_size=5)))
    return population, Series(weeks, totals, sessions, (), draw(st.sampled_from([0.0, 7.0, 14.0])))


@given(given_=wild(), ahead=st.lists(st.sampled_from([0.0, 1e-6, 0.5, 4.0, 8.0, 260.0]), min_size=1, max_size=4))
@quick
def test_whatever_comes_a_forecast_is_a_distribution(given_, ahead):
    population, series = given_
    found = forecast(population, series, [series.now + weeks for weeks in ahead])
    assert np.all(found.sds > 0)
    assert found.weights.sum() == pytest.approx(1)
    chances = np.array([found.prob_at_most(cut) for cut in range(-1, 28)])
    assert np.all((chances >= 0) & (chances <= 1))
    assert np.all(np.diff(chances, axis=0) >= -1e-12)
    assert np.all(chances[0] == 0)
    assert chances[-1] == pytest.approx(np.ones(len(ahead)), abs=1e-12)
    quantiles = np.array([found.quantile(q) for q in (0.001, 0.1, 0.5, 0.9, 0.999)])
    assert np.all(np.diff(quantiles, axis=0) >= 0)
    for values in (quantiles, found.mean, found.sd):
        assert np.all((values >= 0) & (values <= 27))
    # Mean and spread are those of the chances.
    each = np.diff(chances, axis=0)
    assert found.mean == pytest.approx(np.arange(28) @ each, abs=1e-8)
    assert found.sd**2 == pytest.approx(np.arange(28) ** 2 @ each - (np.arange(28) @ each) ** 2, abs=1e-6)
