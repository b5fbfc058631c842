"""Courses have the moments of the equations; the past does not depend on what comes later."""

import numpy as np
import pytest

from core.simulate.populations import Made, Whole, moments
from euthymia.simulate.courses import draw_courses

RATINGS = [0.0, 0.5, 1.0, 2.0, 2.0, 4.0, 8.0, 12.5]
SESSIONS = [0.0, 0.5, 1.0, 1.5, 2.0, 4.1, 9.0]
CHANGES = [2.0, 6.3]
FIELDS = ("level", "set_point", "effect", "shift", "recalled")
PEOPLE = 20_000


def stacked(courses):
    """The fields in the order of `moments`: [patient, 5·rating]."""
    fields = (courses.level, courses.set_point, courses.effect, -courses.effect * courses.drug, courses.recalled)
    return np.stack(fields, axis=2).reshape(len(courses.level), -1)


@pytest.mark.parametrize("recall_days", [0.0, 7.0, 14.0])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_moments_are_those_of_the_equations(recall_days, seed):
    population = Made()
    mean, cov = moments(population, RATINGS, SESSIONS, CHANGES, recall_days)
    found = stacked(draw_courses(population, np.random.default_rng(seed), PEOPLE, RATINGS, SESSIONS, CHANGES, recall_days))
    sds = np.sqrt(np.diag(cov))
    assert np.all(np.abs(found.mean(axis=0) - mean) <= 5 * sds / PEOPLE**0.5 + 1e-9)
    apart = np.abs(np.cov(found.T) - cov)
    # The standard error of a covariance of Gaussians, and half a percent for the daily steps.
    error = np.sqrt((cov**2 + np.outer(sds, sds) ** 2) / PEOPLE)
    assert np.all(apart <= 5 * error + 0.005 * np.outer(sds, sds) + 1e-9)


def test_a_rating_is_the_recalled_value_with_a_mixture_of_errors():
    population = Made()
    courses = draw_courses(population, np.random.default_rng(3), PEOPLE, RATINGS, SESSIONS, CHANGES, 14.0)
    errors = courses.totals - courses.recalled
    sd = population.nodes[0][3]
    variance = sd**2 * (1 - population.outlier_share + population.outlier_share * population.outlier_factor**2)
    assert np.allclose(errors.var(axis=0), variance, rtol=0.06)
    assert np.all(np.abs(np.corrcoef(np.hstack([errors, courses.recalled]).T)[: len(RATINGS), len(RATINGS) :]) < 0.05)


def test_nodes_come_with_their_weights():
    nodes = ((0.8, 0.1, 0.0, 1.0, 0.0, 1.0, 0.0), (0.2, 5.0, 0.0, 1.0, 0.0, 1.0, 0.0))
    population = Made(nodes=nodes, set_point_intercept=0.0, set_point_slope=0.0, set_point_drift_sd=0.0)
    courses = draw_courses(population, np.random.default_rng(4), PEOPLE, [0.0, 1.0])
    fast = courses.level[:, 1] < courses.level[:, 0] / 2
    assert fast.mean() == pytest.approx(0.2, abs=0.02)


def test_the_past_does_not_depend_on_what_comes_later():
    def drawn(ratings=RATINGS, sessions=(0.0,), changes=()):
        return draw_courses(Made(), np.random.default_rng(5), 7, ratings, sessions, changes, 14.0)

    once, again = drawn(), drawn(sessions=(0.0, 5.0), changes=(6.0,))
    assert np.array_equal(once.totals[:, :6], again.totals[:, :6])
    assert not np.any(once.totals[:, 6] == again.totals[:, 6])
    assert np.array_equal(drawn(ratings=RATINGS[:4]).totals, once.totals[:, :4])


def test_totals_are_those_of_the_instrument():
    totals = draw_courses(Made(scale=Whole()), np.random.default_rng(6), 500, RATINGS, SESSIONS, CHANGES, 14.0).totals
    assert totals.min() == 0
    assert totals.max() <= 27
    assert np.array_equal(totals, np.round(totals))


def test_waning_as_fast_as_the_recall_is_no_special_case():
    def recalled(wane):
        population = Made(nodes=((1.0, 0.3, 1.5, 2.0, 5.0, wane, 0.2),))
        return draw_courses(population, np.random.default_rng(7), 3, RATINGS, SESSIONS, CHANGES, 14.0).recalled

    assert np.allclose(recalled(1.0), recalled(1.0 + 1e-5), atol=1e-3)


def test_sessions_before_the_first_rating_have_left_their_share():
    _, _, _, _, _, wane, carry = Made().nodes[0]
    courses = draw_courses(Made(), np.random.default_rng(8), 2, [2.0, 3.0], [1.5, 0.5], (), 0.0)
    share = (carry * np.exp(-wane) + 1) * np.exp(-wane / 2)
    assert courses.drug == pytest.approx(np.array([[share, share * np.exp(-wane)]] * 2))
    assert np.allclose(courses.recalled, courses.level - courses.effect * courses.drug)


@pytest.mark.parametrize("ratings", [[], [1, 0]])
def test_an_impossible_schedule_is_refused(ratings):
    with pytest.raises(ValueError, match="one at least, in order"):
        draw_courses(Made(), np.random.default_rng(8), 2, ratings)
