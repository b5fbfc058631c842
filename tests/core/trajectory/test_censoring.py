"""Ratings at an end and outlying ratings, where nothing is Gaussian: assumed-density filtering against numerical integration.

After one rating the belief has the exact mean and variance. After several it is an approximation: how far off is
measured here, and the tolerances are those measurements, rounded up.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from core.trajectory.dense import POPULATION, SERIES, as_dense, joint, nodes_of, one_node, ratings_of, reading
from euthymia.simulate.courses import draw_courses
from euthymia.trajectory import Plan, Population, Scale, Series, filter_series, forecast
from euthymia.trajectory.kalman import advance, condition
from euthymia.trajectory.model import EFFECT, LEVEL, SET_POINT

NODES = nodes_of(POPULATION)
OUTLIERS = replace(POPULATION, outlier_share=0.03)
# People who are well: most ratings near the floor.
WELL = replace(POPULATION, start_mean=4.0, set_point_intercept=0.0, set_point_slope=0.5, effect_mean=1.0)


def chances(population: Population, total: float, heard: np.ndarray) -> np.ndarray:
    """What one rating says of the recalled level, from its definition: usual and outlying, beyond the bound at an end."""
    sd = float(population.grid.rating_sd[0])
    low, high = population.scale.score_range
    found = np.zeros_like(heard)
    for share, spread in ((1 - population.outlier_share, sd), (population.outlier_share, sd * population.outlier_factor)):
        if total == low:
            found += share * norm.cdf(low + 0.5, heard, spread)
        elif total == high:
            found += share * norm.sf(high - 0.5, heard, spread)
        else:
            found += share * norm.pdf(total, heard, np.hypot(spread, 1 / np.sqrt(12)))
    return found


def after_one(
    population: Population, total: float, mean: np.ndarray, cov: np.ndarray, direction: np.ndarray, recall_days: float
) -> list[float]:
    """Chance of the rating, and mean and variance of a combination of the states given it, by numerical integration.

    Over what is rated; what of the combination that does not tell stays as it was.
    """
    heard = reading(recall_days)
    var, shared = heard @ cov @ heard, direction @ cov @ heard
    away = np.linspace(-30, 30, 30_001)
    weight = norm.pdf(away) * chances(population, total, heard @ mean + np.sqrt(var) * away)
    value = direction @ mean + shared / np.sqrt(var) * away
    middle = float(weight @ value / weight.sum())
    spread = float(weight @ (value - middle) ** 2 / weight.sum())
    return [float(weight.sum() * (away[1] - away[0])), middle, spread + direction @ cov @ direction - shared**2 / var]


@pytest.mark.parametrize("outliers", [0.0, 0.03, 0.3])
@pytest.mark.parametrize("total", [0.0, 3.0, 16.0, 40.0, 52.0])
@pytest.mark.parametrize("recall_days", [0.0, 7.0])
def test_after_one_rating_mean_variance_and_density_are_exact(recall_days, total, outliers):
    for node in NODES:
        population = replace(one_node(POPULATION, node), outlier_share=outliers)
        # A belief with every state correlated: after the ratings of SERIES without outliers, and a session.
        series = replace(SERIES, recall_days=recall_days, session_weeks=(1.0, 7.0))
        state = advance(population, filter_series(replace(population, outlier_share=0.0), series).states[-1], series, 7.0, 8.0)
        mean, cov = as_dense(state)
        seen = population.scale.observed([total])
        after, log_density = condition(population, state, *(float(column[0]) for column in seen))
        found_mean, found_cov = as_dense(after)
        for direction in np.vstack([np.eye(5)[[0, 1, 4]], [[1, 0, 0, 0, 1], [1, 2, 0, 0, -1]]]):
            chance, middle, var = after_one(population, total, mean, cov, direction, recall_days)
            assert log_density[0] == pytest.approx(np.log(chance), abs=1e-6)
            assert direction @ found_mean == pytest.approx(middle, abs=1e-6)
            assert direction @ found_cov @ direction == pytest.approx(var, abs=2e-6)


def floored(population: Population, series: Series) -> float:
    """The log likelihood of ratings that are all at the floor: one orthant of the dense joint Gaussian (Genz)."""
    mean, cov = ratings_of(population, series, *joint(population, series))
    noise = np.eye(len(mean)) * population.grid.rating_sd[0] ** 2
    chance = multivariate_normal.cdf(
        np.full(len(mean), 0.5), mean, cov + noise, maxpts=200_000, abseps=1e-6, releps=1e-6, rng=np.random.default_rng(1)
    )
    return float(np.log(chance))


@pytest.mark.parametrize(("node", "recall_days"), [(0, 7.0), (1, 0.0), (2, 14.0)])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_several_ratings_at_the_floor_and_the_next_one_are_nearly_exact(count, node, recall_days):
    """The likelihood is too high, and so is the chance of the next rating at the floor: the exact posterior is skewed away from it.

    Measured against the orthant: four weekly ratings raise the log likelihood by 0.015 to 0.027 (0.046 where all four
    come at one time; eight weekly ones: 0.034), the chance of the next by up to 0.010 (0.016 at one time).
    """
    population = replace(one_node(WELL, node), scale=Scale("identity", (0.0, 27.0)))
    weeks = [float(k) for k in range(count + 1)]
    before, after = (Series(weeks[:n], [0.0] * n, (), (), recall_days) for n in (count, count + 1))
    exact = floored(population, before)
    assert filter_series(population, before).log_likelihood == pytest.approx(exact, abs=1e-6 if count == 1 else 0.03)
    chance = np.exp(floored(population, after) - exact)
    assert forecast(population, before, weeks[-1:]).prob_at_most(0.0)[0] == pytest.approx(chance, abs=0.011)


@pytest.mark.parametrize("totals", [(0.0, 0.0, 0.0), (6.0, 0.0, 0.0), (0.0, 3.0, 0.0)])
def test_people_drawn_with_the_same_ratings_have_nearly_the_beliefs_of_the_filter(totals):
    """Rejection: of many drawn from the population, with sessions and outliers, those who gave exactly these ratings.

    Measured beyond the noise of drawing: means within 0.03 standard deviations, standard deviations within 4 %, chances
    within 0.011, the log likelihood within 0.01.
    """
    population, people = replace(WELL, outlier_share=0.03, scale=Scale("identity", (0.0, 27.0))), 200_000
    weeks, sessions = [0.0, 1.0, 2.0, 4.0], [0.0, 1.0]
    drawn = draw_courses(population, np.random.default_rng(5), people, weeks, sessions, (), 7.0)
    same = np.all(drawn.totals[:, :3] == totals, axis=1)
    series, noise = Series(weeks[:3], totals, sessions, (), 7.0), 4 / np.sqrt(same.sum())
    found = filter_series(population, series)
    assert found.log_likelihood == pytest.approx(np.log(same.mean()), abs=0.01 + noise)
    weights, state = np.exp(found.log_weights[-1]), found.states[-1]
    for name, at in (("level", LEVEL), ("set_point", SET_POINT), ("effect", EFFECT)):
        truth = getattr(drawn, name)[same, 2]
        mean = weights @ state.mean[:, at]
        sd = np.sqrt(weights @ (state.cov[:, at, at] + state.mean[:, at] ** 2) - mean**2)
        assert (mean - truth.mean()) / truth.std() == pytest.approx(0, abs=0.03 + noise)
        assert sd / truth.std() == pytest.approx(1, abs=0.04 + noise)
    ahead = forecast(population, series, [4.0], Plan())
    for cut in (0.0, 4.0, 10.0):
        chance = np.mean(drawn.totals[same, 3] <= cut)
        assert ahead.prob_at_most(cut)[0] == pytest.approx(chance, abs=0.011 + noise * np.sqrt(chance * (1 - chance)))


def test_rounding_read_as_variance_is_nearly_the_interval_itself():
    """Sheppard: within the range the middle and a twelfth of the squared step stand for the interval."""
    population = one_node(POPULATION, 1)
    mean, cov = joint(population, Series([0.0], [20.0]))
    sd = np.sqrt(cov[0, 0, 0, 0] + population.grid.rating_sd[0] ** 2)
    for total in (5.0, 18.0, 30.0):
        exact = np.log(norm.cdf(total + 0.5, mean[0, 0], sd) - norm.cdf(total - 0.5, mean[0, 0], sd))
        assert filter_series(population, Series([0.0], [total])).log_likelihood == pytest.approx(exact, abs=2e-4)


# Outliers


def test_an_absurd_rating_moves_the_forecast_much_less_where_outliers_are_known_and_recovers():
    weeks, sane = [float(w) for w in range(8)], [22.0, 21.0, 22.0, 20.0, 21.0, 20.0, 21.0, 20.0]
    absurd = [*sane[:5], 48.0, *sane[6:]]
    moved = {}
    for share in (0.0, 0.03):
        population = replace(one_node(POPULATION, 1), outlier_share=share)
        for count in (6, 8):
            with_it, without = (forecast(population, Series(weeks[:count], t[:count]), [8.0]).mean[0] for t in (absurd, sane))
            moved[share, count] = abs(with_it - without)
    assert moved[0.03, 6] < moved[0.0, 6] / 4
    assert moved[0.03, 8] < moved[0.03, 6]
    assert moved[0.03, 8] < moved[0.0, 8] / 4


def test_the_more_absurd_the_less_it_counts_once_it_is_beyond_belief():
    population = replace(one_node(POPULATION, 1), outlier_share=0.03)
    pulls = [filter_series(population, Series([0.0, 1.0, 2.0], [22.0, 22.0, 22.0 + away])).states[-1].mean[0, 0] for away in range(31)]
    steps = [after - before for before, after in pairwise(pulls)]
    assert min(steps) < 0
    usual = one_node(POPULATION, 1)
    plain = filter_series(usual, Series([0.0, 1.0, 2.0], [22.0, 22.0, 52.0 - 1e-9])).states[-1].mean[0, 0]
    assert pulls[-1] - 22 < (plain - 22) / 2


def test_a_share_of_outliers_of_nearly_nothing_is_none():
    found = filter_series(replace(POPULATION, outlier_share=1e-12), SERIES).log_likelihood
    assert found == pytest.approx(filter_series(POPULATION, SERIES).log_likelihood, abs=1e-9)


@pytest.mark.parametrize("totals", [[52.0, 0.0, 52.0, 0.0], [0.0] * 40, [52.0] * 40])
def test_far_beyond_belief_everything_stays_finite(totals):
    for share in (0.0, 0.03):
        narrow = replace(
            POPULATION, outlier_share=share, grid=replace(POPULATION.grid, rating_sd=np.full(3, 0.05), wandering_sd=np.full(3, 0.05))
        )
        found = filter_series(narrow, Series([float(k) for k in range(len(totals))], totals))
        assert np.isfinite(found.log_likelihood)
        assert np.all(np.isfinite(found.states[-1].mean))
        assert np.all(np.linalg.eigvalsh(found.states[-1].cov) > -1e-9)
