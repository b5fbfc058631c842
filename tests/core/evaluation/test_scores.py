"""Scores of single forecasts, each by a second route."""

import numpy as np
import pytest
from scipy.stats import norm

from core.evaluation.people import PHQ9
from euthymia.evaluation import scores
from euthymia.evaluation.cohort import Scale
from euthymia.evaluation.model import from_cdf, rounded_normal

FINE = Scale("fine", 0.0, 60.0, 0.02, 10.0)


def cdf_of(mean, sd, scale=PHQ9):
    return rounded_normal(mean, sd, scale).cdf[None, :]


@pytest.mark.parametrize(("mean", "sd", "rating"), [(11.3, 4.0, 9.0), (1.0, 3.0, 0.0), (30.0, 6.0, 27.0), (-8.0, 2.0, 5.0)])
def test_crps_is_the_mean_distance_less_half_the_spread(mean, sd, rating):
    """Gneiting and Raftery: E|X - y| - ½ E|X - X'|, by drawing, rounding and keeping in range."""
    draw = np.random.default_rng(1)
    x, other = (np.clip(np.rint(draw.normal(mean, sd, 400_000)), 0, 27) for _ in range(2))
    drawn = np.abs(x - rating).mean() - np.abs(x - other).mean() / 2
    assert scores.crps(cdf_of(mean, sd), np.array([rating]), PHQ9)[0] == pytest.approx(drawn, abs=0.02)


def test_crps_on_fine_steps_is_that_of_the_gaussian():
    z = (24.0 - 30.0) / 5.0
    closed = 5.0 * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))
    assert scores.crps(cdf_of(30.0, 5.0, FINE), np.array([24.0]), FINE)[0] == pytest.approx(closed, abs=0.01)


def test_crps_of_certainty_is_the_distance():
    assert scores.crps(cdf_of(12.0, 0.0), np.array([9.0]), PHQ9)[0] == pytest.approx(3.0)


@pytest.mark.parametrize(("mean", "sd"), [(11.3, 4.0), (0.5, 2.0), (-5.0, 1.0), (26.0, 1.0), (13.0, 0.3)])
def test_the_shares_of_a_right_forecast_are_what_they_ought_to_be(mean, sd):
    """Every rating weighted by its own probability: the mass within 5 to 95 % is 90 % even with all ratings at the floor."""
    cdf, ratings = cdf_of(mean, sd), PHQ9.grid
    each = np.repeat(cdf, len(ratings), axis=0)
    below, upto = scores.pit_bounds(each, ratings, PHQ9)
    mass = np.diff(cdf[0], prepend=0.0)
    assert mass @ scores.pit_share(below, upto) == pytest.approx(0.9)
    low, high, held = scores.central_interval(cdf, PHQ9)
    assert mass[(ratings >= low) & (ratings <= high)].sum() == pytest.approx(held[0])
    assert held[0] >= 0.9


def test_pit_bounds_reach_from_one_total_to_the_next():
    below, upto = scores.pit_bounds(np.repeat(cdf_of(2.0, 3.0), 3, axis=0), np.array([0.0, 1.0, 27.0]), PHQ9)
    assert below[0] == 0
    assert upto[0] == below[1] == pytest.approx(norm.cdf(0.5, 2, 3))
    assert upto[2] == 1
    assert scores.log_score(below, upto)[1] == pytest.approx(-np.log(norm.cdf(1.5, 2, 3) - norm.cdf(0.5, 2, 3)))


def test_an_impossible_rating_has_a_bad_but_finite_score():
    cdf = cdf_of(2.0, 0.0)
    below, upto = scores.pit_bounds(cdf, np.array([20.0]), PHQ9)
    assert scores.pit_share(below, upto)[0] == 0
    assert np.isfinite(scores.log_score(below, upto)[0])


@pytest.mark.parametrize("step", [0.1, 1.0])
def test_the_chance_includes_all_that_is_rounded_to_the_cut(step):
    scale = Scale("t", 38.0, 81.0, step, 54.0)
    assert rounded_normal(56.0, 6.0, scale).remission == pytest.approx(norm.cdf(54 + step / 2, 56, 6))


def test_a_point_is_kept_within_the_range():
    assert rounded_normal(-3.0, 2.0, PHQ9).point == 0
    assert from_cdf(99.0, np.ones(28), PHQ9).point == 27
