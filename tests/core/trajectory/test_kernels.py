"""The compiled kernels and the NumPy route are two ways to one number."""

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.trajectory.dense import POPULATION, RECALLS, SERIES
from euthymia.trajectory import Grid, Population, Scale, Series, filter_series, forecast
from euthymia.trajectory.batch import cohort, log_likelihoods, outlooks
from euthymia.trajectory.scale import KINDS

EXAMPLES = int(os.environ.get("EUTHYMIA_EXAMPLES", "60"))
quick = settings(max_examples=EXAMPLES, derandomize="EUTHYMIA_EXAMPLES" not in os.environ, deadline=None)
HIGH = 27


@st.composite
def populations(draw) -> Population:
    kind = draw(st.sampled_from(KINDS))
    # The spread of ratings on each scale, roughly.
    size = {"identity": 6.0, "square_root": 1.0, "logit": 1.2}[kind]
    nodes = draw(st.integers(1, 5))

    def column(low: float, high: float) -> np.ndarray:
        return np.array(draw(st.lists(st.floats(low, high), min_size=nodes, max_size=nodes)))

    weight = column(0.1, 1.0)
    grid = Grid(
        weight=weight / weight.sum(),
        rate=draw(st.sampled_from([column(0.02, 3.0), np.full(nodes, 1.0), np.full(nodes, 2.001)])),
        wandering_sd=size * column(0.02, 0.8),
        rating_sd=size * column(0.03, 0.6),
        set_point_sd=size * column(0.1, 1.5),
        wane=draw(st.sampled_from([column(0.1, 4.0), np.full(nodes, 2.0)])),
        carry=column(0.0, 1.0),
    )
    return Population(
        grid=grid,
        scale=Scale(kind, (0.0, float(HIGH))),
        start_mean=float(Scale(kind, (0.0, HIGH)).latent(draw(st.floats(2, 25)))),
        start_sd=size * draw(st.floats(0.1, 1.0)),
        set_point_intercept=size * draw(st.floats(-1, 1)),
        set_point_slope=draw(st.floats(-0.2, 1.2)),
        set_point_drift_sd=size * draw(st.sampled_from([0.0, 0.05, 0.3])),
        set_point_step_sd=size * draw(st.sampled_from([0.0, 0.5])),
        effect_mean=size * draw(st.floats(-0.5, 1.0)),
        effect_sd=size * draw(st.sampled_from([0.0, 0.5])),
        outlier_share=draw(st.sampled_from([0.0, 0.001, 0.03, 0.5])),
        outlier_factor=draw(st.sampled_from([2.0, 3.0, 6.0])),
        recall_share=draw(st.sampled_from([1.0, 0.5, 0.01])),
    )


@st.composite
def people(draw) -> list[Series]:
    recall_days = draw(st.sampled_from([0.0, 7.0, 14.0]))
    days = st.integers(-60, 400)

    def weeks(most: int) -> list[float]:
        return sorted(day / 7 for day in draw(st.lists(days, max_size=most)))

    totals = st.one_of(st.just(0.0), st.just(float(HIGH)), st.integers(0, HIGH).map(float))
    found = []
    for _ in range(draw(st.integers(0, 6))):
        rated = weeks(10)
        scores = draw(st.lists(totals, min_size=len(rated), max_size=len(rated)))
        found.append(Series(rated, scores, weeks(6), weeks(3), recall_days))
    return found


@given(population=populations(), series=people())
@quick
def test_the_kernel_agrees_with_numpy(population, series):
    found = log_likelihoods(population, cohort(series))
    assert found == pytest.approx([filter_series(population, one).log_likelihood for one in series], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("recall_days", RECALLS)
def test_the_kernel_agrees_on_the_example(recall_days):
    """Sessions at the time of a rating and before the first, two ratings at one time, changes: as in dense.py."""
    series = Series(SERIES.elapsed_weeks, SERIES.totals, SERIES.session_weeks, SERIES.protocol_change_weeks, recall_days)
    assert log_likelihoods(POPULATION, cohort([series]))[0] == pytest.approx(filter_series(POPULATION, series).log_likelihood, abs=1e-10)


@given(population=populations(), series=people(), ahead=st.sampled_from([0.0, 0.5, 4.0, 8.0, 60.0]), cut=st.integers(0, HIGH - 1))
@quick
def test_the_outlook_after_every_rating_agrees_with_numpy(population, series, ahead, cut):
    """What was known at that rating: sessions and changes up to its day, and sessions as so far."""
    everybody = cohort(series)
    found = outlooks(population, everybody, everybody.weeks + ahead, cut)
    chances, near = [], 0.011 * population.grid.rating_sd[0]
    for person, one in enumerate(series):
        stated = None
        for count in range(1, len(one.totals) + 1):
            then = one.first(count)
            known, changes = ([w for w in weeks if w <= then.now] for weeks in (one.session_weeks, one.protocol_change_weeks))
            stated = forecast(population, replace(then, session_weeks=known, protocol_change_weeks=changes), [then.now + ahead])
            chances.append(stated.prob_at_most(cut)[0])
        if stated is None:
            assert np.all(np.isnan(found.heading[person]))
            continue
        for heading, q in zip(found.heading[person], (0.5, 0.1, 0.9), strict=True):
            with np.errstate(invalid="ignore"):
                low, high = (stated.scale.score(stated.scale.latent(stated.quantile(q)) + side * near)[0] for side in (-1, 1))
            assert low - 1e-6 <= heading <= high + 1e-6
    assert found.chances == pytest.approx(np.array(chances), abs=1e-6)


def test_nobody_has_no_likelihood_and_who_gave_no_rating_has_one_of_one():
    assert log_likelihoods(POPULATION, cohort([])).shape == (0,)
    found = log_likelihoods(POPULATION, cohort([Series([], []), SERIES, Series([], [], [1.0])]))
    assert found[[0, 2]] == pytest.approx([0, 0], abs=1e-12)
    assert found[1] == pytest.approx(filter_series(POPULATION, SERIES).log_likelihood, abs=1e-10)


def test_whom_a_patient_stands_among_does_not_matter():
    """The transitions are cached over gaps, from patient to patient: order and company change nothing."""
    generator = np.random.default_rng(1)
    many = [
        Series(np.cumsum(generator.uniform(0.1, 3, 9)), generator.integers(0, 52, 9), np.sort(generator.uniform(0, 20, 4)))
        for _ in range(50)
    ]
    found = log_likelihoods(POPULATION, cohort(many))
    assert log_likelihoods(POPULATION, cohort(many[::-1]))[::-1] == pytest.approx(found, abs=1e-10)
    assert [log_likelihoods(POPULATION, cohort([one]))[0] for one in many] == pytest.approx(found, abs=1e-10)


def test_an_absurd_rating_after_many_sure_ones_is_the_same_absurdity():
    """A hundred standard deviations away, where the outlier's density is e⁶⁰⁰ times the usual one and more."""
    grid = Grid(np.ones(1), np.full(1, 0.3), np.full(1, 0.01), np.full(1, 0.3), np.full(1, 1.0), np.ones(1), np.zeros(1))
    for share in (0.0, 0.03):
        population = Population(grid, Scale("identity", (0.0, 60.0)), 20.0, 5.0, 20.0, 0.0, outlier_share=share)
        for last in (59.0, 60.0, 0.0):
            series = Series([0.1 * k for k in range(30)], [20.0] * 29 + [last])
            found = log_likelihoods(population, cohort([series]))[0]
            assert found == pytest.approx(filter_series(population, series).log_likelihood, rel=1e-9)


def test_one_cohort_asks_about_the_same_days():
    with pytest.raises(ValueError, match="found recall_days 7, 14 in one cohort; allowed: one"):
        cohort([Series([0.0], [5.0], recall_days=14.0), Series([0.0], [5.0], recall_days=7.0)])
