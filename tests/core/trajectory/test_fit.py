"""Learning a population: from people drawn from a known one it comes back, as surely as it says; from too little it is refused."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace

import numba
import numpy as np
import pytest
import scipy.optimize  # noqa: F401 – imported late by what is tested; patched below

from core.trajectory.test_parameters import CERTAIN, SCALE, VALUES
from euthymia.simulate.courses import draw_courses
from euthymia.trajectory import Parameters, Population, Scale, Series, fit, forecast, population
from euthymia.trajectory.batch import cohort, log_likelihoods
from euthymia.trajectory.parameters import NAMES

WEEKS, SESSIONS = [0.0, 1.0, 2.0, 3.0, 5.0, 7.0], [1.0, 2.0, 5.0]
TRUTH = population(CERTAIN, SCALE)
WITHOUT_DRUG = population(Parameters.of({**VALUES, "effect_mean": 0.0, "effect_sd": 0.0}), SCALE)


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """The threads of a small cohort wait for each other longer than they work, on a busy machine most of all."""
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    yield
    numba.set_num_threads(before)


def people(count: int, seed: int, of: Population = TRUTH, sessions: Sequence[float] = SESSIONS, recall_days: float = 0.0) -> list[Series]:
    drawn = draw_courses(of, np.random.default_rng(seed), count, WEEKS, sessions, (), recall_days)
    return [Series(WEEKS, totals, sessions, (), recall_days) for totals in drawn.totals]


def likelihood(model: Population, cohorts: list[list[Series]]) -> float:
    return sum(float(log_likelihoods(model, cohort(one)).sum()) for one in cohorts)


def away(found: Population, name: str, truth: float) -> float:
    """How far an estimate is from the truth, as carried, in the standard deviations that it states."""
    of = Parameters.of({**VALUES, name: truth}).estimate[NAMES.index(name)]
    assert found.parameters is not None
    return float((found.parameters.estimate[NAMES.index(name)] - of) / np.sqrt(found.parameters.variance(name)))


# A population that comes back


@pytest.fixture(scope="module")
def found() -> Population:
    """Fitted to two hundred people, half of them asked about today and half about a week."""
    return fit(people(100, 4) + people(100, 5, recall_days=7.0), (0.0, 60.0), kind="identity")


def test_a_population_comes_back_within_the_uncertainty_that_it_states(found):
    for name, value in VALUES.items():
        if name != "set_point_step_sd":
            assert abs(away(found, name, value)) < 3, name
    # Without a change of protocol nothing is learnt of one: what was weakly known stays so.
    assert found.parameters.variance("set_point_step_sd") == pytest.approx(0.5**2)


def test_what_such_a_cohort_can_tell_is_near_the_truth(found):
    for name, tolerance in (("start_mean", 1.5), ("start_sd", 1.0), ("rating_sd", 0.5), ("set_point_mean", 2.5), ("effect_mean", 1.5)):
        assert found.parameters.value(name) == pytest.approx(VALUES[name], abs=tolerance), name
    for name in ("rate_per_week", "wandering_sd", "set_point_sd"):
        assert found.parameters.value(name) == pytest.approx(VALUES[name], rel=0.5), name
    assert found.scale == SCALE


def test_the_stated_uncertainty_of_the_start_is_that_of_a_mean(found):
    """Two hundred people whose first ratings vary by start_sd and rating_sd."""
    var = (VALUES["start_sd"] ** 2 + VALUES["rating_sd"] ** 2) / 200
    assert found.parameters.variance("start_mean") == pytest.approx(var, rel=0.4)


def test_the_found_population_fits_its_people_at_least_as_well_as_the_truth_and_others_nearly_as_well(found):
    own, fresh = [people(100, 4), people(100, 5, recall_days=7.0)], [people(200, 6), people(200, 7, recall_days=7.0)]
    estimate = population(Parameters(found.parameters.estimate), SCALE)
    assert likelihood(estimate, own) > likelihood(TRUTH, own) - 3
    # Sixteen parameters cost half a unit each in the mean, on as many fresh people as were fitted.
    assert likelihood(found, fresh) > likelihood(TRUTH, fresh) - 30


# Scales


@pytest.mark.parametrize("kind", ["identity", "square_root", "logit"])
def test_the_evidence_chooses_the_scale_that_the_people_were_drawn_on(kind):
    """Wide courses from the ceiling to the floor."""
    scale, size = Scale(kind, (0.0, 27.0)), {"identity": 1.0, "square_root": 0.22, "logit": 0.22}[kind]
    start = float(scale.latent(18.0))
    values = {name: size * VALUES[name] if name.endswith("_sd") else VALUES[name] for name in VALUES}
    values |= {
        "start_mean": start,
        "set_point_mean": float(scale.latent(5.0)),
        "effect_mean": 0.0,
        "effect_sd": 0.0,
        "rating_sd": 0.8 * size,
    }
    drawn = people(40, 8, population(Parameters.of(values), scale), ())
    chosen = fit(drawn, (0.0, 27.0))
    assert chosen.scale == scale


# A shipped population as the prior


@pytest.fixture(scope="module")
def shipped() -> Population:
    return population(replace(CERTAIN, covariance=np.diag(np.full(len(NAMES), 0.02))), SCALE)


ELSEWHERE = population(Parameters.of({**VALUES, "start_mean": 32.0, "set_point_mean": 20.0, "rating_sd": 3.0}), SCALE)


def test_few_people_leave_the_shipped_population_nearly_as_it_is_and_many_let_it_go(shipped):
    few, many = (fit(people(count, 9, ELSEWHERE), (0.0, 60.0), prior=shipped) for count in (2, 150))
    for name, here, there in (("start_mean", 24.0, 32.0), ("set_point_mean", 12.0, 20.0), ("rating_sd", 2.0, 3.0)):
        gone = [(one.parameters.value(name) - here) / (there - here) for one in (few, many)]
        assert gone[0] < 0.75, name
        assert 0.8 < gone[1] < 1.2, name
        assert many.parameters.variance(name) < few.parameters.variance(name), name
    assert abs(few.parameters.value("rate_per_week") - 0.4) < 0.1
    assert few.scale == many.scale == SCALE


def test_a_cohort_without_sessions_keeps_the_shipped_effect(shipped):
    found = fit(people(20, 10, WITHOUT_DRUG, ()), (0.0, 60.0), prior=shipped)
    for name in ("effect_mean", "effect_sd", "wane_per_week", "carry"):
        assert found.parameters.value(name) == pytest.approx(VALUES[name])
        assert found.parameters.variance(name) >= 0.02


def test_a_prior_that_was_not_fitted_is_refused():
    with pytest.raises(ValueError, match="found a prior without fitted parameters"):
        fit(people(4, 1), (0.0, 60.0), prior=replace(TRUTH, parameters=None))


# Little to learn from


@pytest.mark.parametrize(
    "too_few",
    [[], [Series([0.0, 1.0], [20.0, 18.0])], [Series([0.0, 1.0], [20.0, 18.0]), Series([0.0], [20.0])]],
    ids=["nobody", "one", "one and one with a single rating"],
)
def test_a_cohort_too_small_is_refused(too_few):
    with pytest.raises(ValueError, match="people with two or more ratings; allowed: at least two"):
        fit(too_few, (0.0, 60.0))


def test_a_total_out_of_range_is_refused():
    with pytest.raises(ValueError, match="found the total 61 at position 1; allowed: 0 to 60"):
        fit([Series([0.0, 1.0], [20.0, 18.0]), Series([0.0, 1.0], [20.0, 61.0])], (0.0, 60.0))


@pytest.mark.parametrize("total", [0.0, 20.0, 60.0])
@pytest.mark.parametrize("kind", ["identity", "square_root", "logit"])
def test_people_who_never_vary_still_give_a_population(kind, total):
    found = fit([Series([0.0, 1.0, 2.0], [total] * 3) for _ in range(4)], (0.0, 60.0), kind=kind)
    assert np.all(np.isfinite(found.parameters.estimate))
    assert np.all(np.linalg.eigvalsh(found.parameters.covariance) > -1e-9)
    ahead = forecast(found, Series([0.0, 1.0], [total] * 2), [4.0])
    assert np.isfinite(ahead.mean[0])
    # Before rounding: half a step on either side.
    assert ahead.quantile(0.1)[0] - 0.5 <= total <= ahead.quantile(0.9)[0] + 0.5
    assert ahead.sd[0] < 10


def test_without_sessions_there_is_no_drug_effect():
    found = fit(people(10, 11, WITHOUT_DRUG, ()), (0.0, 60.0), kind="identity")
    assert (found.effect_mean, found.effect_sd) == pytest.approx((0, 0), abs=1e-6)


def test_an_optimiser_that_found_nothing_finite_is_no_population(monkeypatch):
    nothing = SimpleNamespace(fun=float("nan"), message="ABNORMAL_TERMINATION_IN_LNSRCH", x=None)
    monkeypatch.setattr("scipy.optimize.minimize", lambda *_args, **_options: nothing)
    with pytest.raises(ValueError, match=r"found no population that fits \(ABNORMAL_TERMINATION_IN_LNSRCH\)"):
        fit(people(4, 1), (0.0, 60.0))


@pytest.mark.parametrize("kind", ["identity", "square_root", "logit"])
def test_an_instrument_of_two_scores_is_fitted_too(kind):
    draw = np.random.default_rng(3)
    people = [Series([0.0, 1.0, 2.0, 3.0], draw.integers(0, 2, 4)) for _ in range(12)]
    chance = forecast(fit(people, (0.0, 1.0), kind=kind), people[0], [5.0]).prob_at_most(0.0)[0]
    assert 0 < chance < 1


@pytest.mark.parametrize(
    ("people", "score_range", "words"),
    [
        (None, (0, 27), "found a NoneType; allowed: the Series of many people"),
        ([(0.0, 12.0)] * 3, (0, 27), "found a tuple among the people; allowed: Series"),
        ([Series([0.0, 1.0], [20.0, 18.0])] * 2, (27, 0), "found a score range from 27 to 0"),
        ([Series([0.0, 1.0], [20.0, 18.0])] * 2, None, "found the score range [None]"),
        ([Series([0.0, 1.0], [20.0, 18.0])] * 2, ("0", "27"), "found the score range ['0', '27']"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(people, score_range, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        fit(people, score_range)


def test_a_prior_on_another_range_is_refused():
    prior = population(CERTAIN, Scale("identity", (0.0, 27.0)))
    with pytest.raises(ValueError, match="found a prior on another range"):
        fit([Series([0.0, 1.0], [2.0, 1.0])] * 2, (0.0, 2.7), 0.1, prior=prior)
