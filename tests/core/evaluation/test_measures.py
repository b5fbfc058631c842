"""Measures under weights, each by a second route; and the bootstrap that makes the weights."""

import warnings

import numpy as np
import pytest
from scipy.stats import norm

from euthymia.evaluation import measures
from euthymia.evaluation.bootstrap import interval, resampled_weights

DRAW = np.random.default_rng(7)
CHANCES = np.round(DRAW.beta(0.6, 1.2, 150), 2)  # with ties
CAME = (DRAW.random(150) < 0.1 + 0.7 * CHANCES).astype(float)
WEIGHTS = DRAW.multinomial(150, np.full(150, 1 / 150), size=4).astype(float)
ONES = np.ones((1, 150))


def repeated(values, weights):
    return np.repeat(values, weights.astype(int))


def by_pairs(chances, came):
    """The area under the curve, pair by pair."""
    better = chances[came == 1][:, None] - chances[came == 0][None, :]
    return float(((better > 0) + (better == 0) / 2).mean())


@pytest.mark.parametrize("weights", [ONES[0], *WEIGHTS])
def test_auc_is_the_share_of_pairs(weights):
    assert measures.auc(CHANCES, CAME, weights[None, :])[0] == pytest.approx(by_pairs(repeated(CHANCES, weights), repeated(CAME, weights)))


def test_brier_and_rmse_are_means_of_squares():
    for weights in WEIGHTS:
        p, y = repeated(CHANCES, weights), repeated(CAME, weights)
        assert measures.brier(CHANCES, CAME, weights[None, :])[0] == pytest.approx(np.mean((p - y) ** 2))
        assert measures.root_mean_square(CHANCES - CAME, weights[None, :])[0] == pytest.approx(np.sqrt(np.mean((p - y) ** 2)))


@pytest.mark.parametrize("weights", [ONES[0], *WEIGHTS])
def test_calibration_is_the_logistic_regression_on_the_logit(weights):
    with warnings.catch_warnings():  # statsmodels on pandas and NumPy of today
        warnings.simplefilter("ignore")
        from statsmodels.discrete.discrete_model import Logit

        p = np.clip(repeated(CHANCES, weights), 0.001, 0.999)
        fitted = Logit(repeated(CAME, weights), np.column_stack([np.ones(len(p)), np.log(p / (1 - p))])).fit(disp=0)
    intercept, slope = measures.calibration(CHANCES, CAME, weights[None, :])
    assert [intercept[0], slope[0]] == pytest.approx(list(fitted.params), abs=1e-6)


def test_right_chances_have_slope_one():
    p = DRAW.beta(1, 1, 40_000)
    intercept, slope = measures.calibration(p, (DRAW.random(40_000) < p).astype(float), np.ones((1, 40_000)))
    assert slope[0] == pytest.approx(1, abs=0.05)
    assert intercept[0] == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize(
    ("chances", "came"),
    [(CHANCES, np.ones(150)), (CHANCES, (CHANCES > 0.4).astype(float)), (np.full(150, 0.3), CAME), (np.full(150, np.nan), CAME)],
)
def test_what_has_no_finite_answer_is_nan(chances, came):
    """One kind of outcome, complete separation, one chance for everybody, no chances."""
    assert np.isnan(measures.calibration(chances, came, ONES)[1][0])


def test_auc_of_one_kind_of_outcome_is_nan():
    assert np.isnan(measures.auc(CHANCES, np.zeros(150), ONES)[0])


@pytest.mark.parametrize(("share", "count"), [(0.9, 100), (1.0, 12), (0.0, 30), (0.5, 1)])
def test_wilson_is_where_the_score_test_turns(share, count):
    """At each end p of the interval, (share - p)² = z² p (1 - p) / n."""
    for end in measures.wilson(share, count):
        assert (share - end) ** 2 == pytest.approx(norm.ppf(0.975) ** 2 * end * (1 - end) / count, abs=1e-12)


def test_people_are_drawn_within_their_data_set_and_keep_their_forecasts_together():
    person, stratum = np.array([1, 1, 2, 3, 3, 3, 4]), np.array([0, 0, 0, 1, 1, 1, 1])
    weights = np.concatenate(list(resampled_weights(person, stratum, 500, 1)))
    assert weights.shape == (500, 7)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 3:6] == weights[:, 3:4]).all()
    assert (weights[:, 0] + weights[:, 2] == 2).all()
    assert (weights[:, 3] + weights[:, 6] == 2).all()
    assert np.array_equal(weights, np.concatenate(list(resampled_weights(person, stratum, 500, 1))))


def test_the_interval_of_a_mean_is_that_of_theory():
    values = DRAW.normal(0, 1, 400)
    weights = np.concatenate(list(resampled_weights(np.arange(400), np.zeros(400, dtype=int), 2000, 1)))
    low, high = interval(measures.mean(values, weights))
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert np.isnan(interval(np.array([np.nan]))[0])
