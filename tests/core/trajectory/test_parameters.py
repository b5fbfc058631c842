"""The parameters of a population and the grid that integrates over them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from euthymia.trajectory import Parameters, Scale
from euthymia.trajectory.nodes import ON_NODES, RATE_DIFFERS, WANDERING_DIFFERS, normal_points, population
from euthymia.trajectory.parameters import CARRIED, NAMES

VALUES = {
    "rate_per_week": 0.4,
    "wandering_sd": 1.5,
    "rating_sd": 2.0,
    "set_point_sd": 6.0,
    "wane_per_week": 0.8,
    "carry": 0.1,
    "start_mean": 24.0,
    "start_sd": 5.0,
    "set_point_mean": 12.0,
    "set_point_slope": 0.6,
    "set_point_drift_sd": 0.3,
    "set_point_step_sd": 2.0,
    "effect_mean": 4.0,
    "effect_sd": 2.0,
    "outlier_share": 0.02,
    "recall_share": 0.7,
}
SCALE = Scale("identity", (0.0, 60.0))
CERTAIN = Parameters.of(VALUES)
GRID = ("rate", "wandering_sd", "rating_sd", "set_point_sd", "wane", "carry")


def uncertain(**variances: float) -> Parameters:
    return replace(CERTAIN, covariance=np.diag([variances.get(name, 0.0) for name in NAMES]))


def test_values_come_back():
    assert {name: CERTAIN.value(name) for name in NAMES} == pytest.approx(VALUES)
    assert all(CERTAIN.variance(name) == 0 for name in NAMES)
    assert uncertain(carry=0.3).variance("carry") == 0.3
    again = Parameters.of({name: CERTAIN.value(name) for name in NAMES}, uncertain(carry=0.3).covariance.tolist())
    assert again.estimate == pytest.approx(CERTAIN.estimate)
    assert np.array_equal(again.covariance, uncertain(carry=0.3).covariance)


@pytest.mark.parametrize("name", [name for name, how in CARRIED.items() if how != "plain"])
def test_nothing_is_carried_as_nearly_nothing(name):
    none = Parameters.of({**VALUES, name: 0.0})
    assert np.all(np.isfinite(none.estimate))
    assert none.value(name) == pytest.approx(0, abs=1e-8)
    if CARRIED[name] == "logit":
        assert Parameters.of({**VALUES, name: 1.0}).value(name) == pytest.approx(1)


@pytest.mark.parametrize("change", [{"rate_per_week": None}, {"speed": 3.0}], ids=["one left out", "one too many"])
def test_all_parameters_by_their_names_and_no_others(change):
    values = {name: value for name, value in {**VALUES, **change}.items() if value is not None}
    with pytest.raises(ValueError, match="allowed: rate_per_week, wandering_sd"):
        Parameters.of(values)


def test_arrays_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="found parameters of shapes"):
        Parameters(np.zeros(3))
    with pytest.raises(ValueError, match="found parameters of shapes"):
        Parameters(CERTAIN.estimate, np.zeros((2, 2)))


@pytest.mark.parametrize(("count", "dimensions"), [(24, 6), (64, 6), (500, 6), (40, 1), (64, 2)])
def test_the_points_have_mean_nothing_and_covariance_one(count, dimensions):
    points = normal_points(count, dimensions)
    assert points.shape == (count, dimensions)
    assert points.mean(axis=0) == pytest.approx(np.zeros(dimensions), abs=1e-12)
    assert points.T @ points / count == pytest.approx(np.eye(dimensions), abs=1e-10)


def test_the_points_are_spread_as_a_gaussian():
    """Every column against the Gaussian: the largest distance of the distribution functions."""
    for column in normal_points(512, 6).T:
        away = np.abs(ndtr(np.sort(column)) - (np.arange(512) + 0.5) / 512).max()
        assert away < 0.03


def test_a_certain_population_has_the_values_that_were_written_and_differs_only_in_rates_and_wandering():
    found = population(CERTAIN, SCALE)
    for name, own in (("rating_sd", "rating_sd"), ("set_point_sd", "set_point_sd"), ("wane", "wane_per_week"), ("carry", "carry")):
        assert getattr(found.grid, name) == pytest.approx(np.full(64, VALUES[own]))
    for name, own, sd in (("rate", "rate_per_week", RATE_DIFFERS), ("wandering_sd", "wandering_sd", WANDERING_DIFFERS)):
        logs = np.log(getattr(found.grid, name) / VALUES[own])
        assert (logs.mean(), logs.std()) == pytest.approx((0, sd), abs=1e-10)
    for name in ("start_mean", "start_sd", "set_point_slope", "set_point_drift_sd", "set_point_step_sd", "effect_mean", "effect_sd"):
        assert getattr(found, name) == pytest.approx(VALUES[name])
    assert (found.outlier_share, found.recall_share) == pytest.approx((0.02, 0.7))
    assert found.set_point_intercept + found.set_point_slope * found.start_mean == pytest.approx(VALUES["set_point_mean"])
    assert found.grid.weight.sum() == pytest.approx(1)
    assert found.parameters is CERTAIN


def test_what_is_uncertain_about_means_is_added_to_the_variances_it_acts_on():
    known = population(CERTAIN, SCALE)
    found = population(uncertain(start_mean=1.5, effect_mean=0.7, set_point_mean=2.0, set_point_slope=0.01), SCALE)
    assert found.start_sd**2 == pytest.approx(known.start_sd**2 + 1.5)
    assert found.effect_sd**2 == pytest.approx(known.effect_sd**2 + 0.7)
    assert found.grid.set_point_sd**2 == pytest.approx(known.grid.set_point_sd**2 + 2.0 + 0.01 * VALUES["start_sd"] ** 2)
    assert found.grid.rate == pytest.approx(known.grid.rate)


def test_what_is_uncertain_about_rates_and_spreads_is_spread_over_the_nodes_together():
    covariance = np.zeros((len(NAMES), len(NAMES)))
    covariance[ON_NODES, ON_NODES] = 0.05 * np.eye(6) + 0.02
    found = population(replace(CERTAIN, covariance=covariance), SCALE)
    carried = [np.log(getattr(found.grid, name)) for name in GRID[:-1]] + [np.log(found.grid.carry / (1 - found.grid.carry))]
    expected = covariance[ON_NODES, ON_NODES] + np.diag([RATE_DIFFERS**2, WANDERING_DIFFERS**2, 0, 0, 0, 0])
    assert np.mean(carried, axis=1) == pytest.approx(CERTAIN.estimate[ON_NODES], abs=1e-10)
    assert np.cov(carried, bias=True) == pytest.approx(expected, abs=1e-10)
