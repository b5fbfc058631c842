"""Learning a population: from a simulated cohort it comes back roughly; from too few people it is refused."""

import math

import numpy as np
import pytest

from core.trajectory.dense import one_node
from core.trajectory.test_forecast import exact_step
from euthymia.trajectory import Series
from euthymia.trajectory.fit import fit
from euthymia.trajectory.model import Node, Population

RATE, WANDERING_SD = 0.4, 1.5
NODES = tuple(
    Node(RATE * math.exp(0.5 * fifth), WANDERING_SD * math.exp(0.7 * point), weight / 5)
    for fifth in (-1.2816, -0.5244, 0.0, 0.5244, 1.2816)
    for point, weight in ((-(3**0.5), 1 / 6), (0.0, 2 / 3), (3**0.5, 1 / 6))
)
TRUTH = Population(
    nodes=NODES,
    rating_sd=2.0,
    set_point_drift_sd=0.0,
    set_point_step_sd=0.0,
    start_mean=24.0,
    start_sd=5.0,
    set_point_intercept=-2.0,
    set_point_slope=0.6,
    set_point_sd=6.0,
    score_range=(0.0, 60.0),
)


def cohort(people: int, weeks: range, chance: np.random.Generator) -> list[Series]:
    found, weights = [], [node.weight for node in NODES]
    for _ in range(people):
        alone = one_node(TRUTH, int(chance.choice(len(NODES), p=weights)))
        level = chance.normal(TRUTH.start_mean, TRUTH.start_sd)
        set_point = chance.normal(TRUTH.set_point_intercept + TRUTH.set_point_slope * level, TRUTH.set_point_sd)
        totals = []
        for week in weeks:
            if week:
                level, set_point = exact_step(alone, level, set_point, 1.0, chance)
            totals.append(level + TRUTH.rating_sd * chance.standard_normal())
        found.append(Series(list(map(float, weeks)), totals))
    return found


def test_a_simulated_population_comes_back_roughly():
    found = fit(cohort(30, range(7), np.random.default_rng(4)), (0.0, 60.0))
    assert found.start_mean == pytest.approx(TRUTH.start_mean, abs=2.5)
    assert found.start_sd == pytest.approx(TRUTH.start_sd, abs=2.0)
    assert found.rating_sd == pytest.approx(TRUTH.rating_sd, abs=1.0)
    assert found.set_point_sd == pytest.approx(TRUTH.set_point_sd, abs=3.0)
    middle = found.nodes[len(found.nodes) // 2]
    assert math.log(middle.rate / RATE) == pytest.approx(0, abs=1.0)
    assert math.log(middle.wandering_sd / WANDERING_SD) == pytest.approx(0, abs=1.0)
    expected = TRUTH.set_point_intercept + TRUTH.set_point_slope * TRUTH.start_mean
    assert found.set_point_intercept + found.set_point_slope * found.start_mean == pytest.approx(expected, abs=4.0)
    assert (found.score_range, found.score_step, sum(node.weight for node in found.nodes)) == ((0.0, 60.0), 1.0, pytest.approx(1.0))


@pytest.mark.parametrize(
    "people",
    [
        [],
        [Series([0.0, 1.0], [20.0, 18.0])],
        [Series([0.0, 1.0], [20.0, 18.0]), Series([0.0], [20.0])],
    ],
    ids=["nobody", "one", "one and one with a single rating"],
)
def test_a_cohort_too_small_is_refused(people):
    with pytest.raises(ValueError, match="allowed: at least two"):
        fit(people, (0.0, 60.0))


def test_people_who_never_vary_still_give_finite_numbers():
    found = fit([Series([0.0, 1.0, 2.0], [20.0] * 3) for _ in range(4)], (0.0, 60.0))
    assert all(np.isfinite([found.rating_sd, found.start_mean, found.set_point_sd, *found.rates, *found.wandering_sds]))
    assert found.rating_sd > 0


def test_an_optimiser_that_ran_out_of_steps_is_no_population(monkeypatch):
    from types import SimpleNamespace

    unfinished = SimpleNamespace(fun=1.0, status=1, message="STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT", x=None)
    monkeypatch.setattr("euthymia.trajectory.fit.minimize", lambda *_args, **_options: unfinished)
    with pytest.raises(ValueError, match="found no population that fits"):
        fit([Series([0.0, 1.0], [20.0, 18.0]), Series([0.0, 1.0], [24.0, 8.0])], (0.0, 60.0))
