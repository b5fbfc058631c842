"""The mixed model: its forecast against the dense joint Gaussian, its fit against the likelihood itself, its spread against what comes."""

import numpy as np
import pytest
from scipy.optimize import minimize

from core.evaluation.people import cohort
from euthymia.evaluation import mixed
from euthymia.evaluation.cohort import Person, Scale
from euthymia.evaluation.mixed import MixedFit, design, fit_mixed, mixed_model
from euthymia.evaluation.model import Training
from euthymia.evaluation.task import cases_of

WIDE = Scale("wide", -200.0, 200.0, 0.5, 0.0)
RANDOM_COV = np.array([[9.0, -2.0], [-2.0, 4.0]])


def training(found, scale=None):
    return Training(found.people, cases_of(found.people, range(len(found.people))), scale or found.scale)


@pytest.mark.parametrize("k", [1, 2])
def test_the_forecast_is_the_joint_gaussian_conditioned(k):
    fixed_cov = np.array([[0.4, -0.1], [-0.1, 0.2]])
    fit = MixedFit(np.array([20.0, -5.0]), fixed_cov, RANDOM_COV[:k, :k], 6.0)
    weeks, totals, at = np.array([0.0, 1.0, 2.5]), np.array([24.0, 19.0, 20.0]), 6.0
    # Fixed effects known: the plain conditional of (seen, asked).
    columns = design(np.append(weeks, at))
    joint = columns[:, :k] @ RANDOM_COV[:k, :k] @ columns[:, :k].T + 6.0 * np.eye(4)
    mean = columns @ fit.fixed
    gain = joint[3, :3] @ np.linalg.inv(joint[:3, :3])
    known = MixedFit(fit.fixed, np.zeros((2, 2)), fit.random_cov, 6.0).forecast(weeks, totals, at)
    assert known == pytest.approx((mean[3] + gain @ (totals - mean[:3]), joint[3, 3] - gain @ joint[:3, 3]))
    # Fixed effects unknown, independent of this person: the law of total variance, by drawing them.
    drawn = np.random.default_rng(1).multivariate_normal(fit.fixed, fixed_cov, 40_000)
    means = drawn @ columns[3] + (totals - drawn @ columns[:3].T) @ gain
    found = fit.forecast(weeks, totals, at)
    assert found[1] == pytest.approx(known[1] + means.var(), rel=0.01)


def test_the_fit_is_at_the_top_of_the_restricted_likelihood():
    people = training(cohort(40))
    found = fit_mixed(people, slopes=True)

    def loss(theta):
        root = np.array([[np.exp(theta[0]), 0], [theta[1], np.exp(theta[2])]])
        return restricted(people.people, root @ root.T, np.exp(theta[3]))

    best = minimize(loss, [1, 0, 1, 1], method="Nelder-Mead", options={"maxiter": 3000, "xatol": 1e-6, "fatol": 1e-9})
    assert restricted(people.people, found.random_cov, found.noise_var) == pytest.approx(best.fun, abs=1e-3)


def restricted(people, random_cov, noise_var):
    """Minus the restricted log likelihood, up to a constant."""
    information, toward, total, parts = np.zeros((2, 2)), np.zeros(2), 0.0, []
    for person in people:
        x, y = design(np.asarray(person.weeks, dtype=float)), np.asarray(person.totals)
        among = x @ random_cov @ x.T + noise_var * np.eye(len(y))
        inverse = np.linalg.inv(among)
        information, toward = information + x.T @ inverse @ x, toward + x.T @ inverse @ y
        parts.append((x, y, inverse))
        total += np.linalg.slogdet(among)[1] / 2
    fixed = np.linalg.solve(information, toward)
    return total + np.linalg.slogdet(information)[1] / 2 + sum((y - x @ fixed) @ v @ (y - x @ fixed) for x, y, v in parts) / 2


def test_its_intervals_hold_on_data_of_its_own():
    draw = np.random.default_rng(5)
    weeks = np.arange(5.0)
    people = []
    for number in range(300):
        own = np.array([60.0, -12.0]) + draw.multivariate_normal([0, 0], 9 * RANDOM_COV)
        people.append(Person(str(number), list(weeks), [WIDE.on_grid(t) for t in design(weeks) @ own + draw.normal(0, 5, 5)]))
    train, held = people[:150], people[150:]
    learnt = mixed_model(Training(train, [], WIDE))
    inside = []
    for case in cases_of(held, range(len(held))):
        cdf = learnt.predict(case.task).cdf
        inside.append(0.05 <= np.interp(case.rating, WIDE.grid, cdf) <= 0.95)
    assert np.mean(inside) == pytest.approx(0.9, abs=0.035)


def test_where_it_does_not_converge_it_says_so(monkeypatch):
    real = fit_mixed
    monkeypatch.setattr(mixed, "fit_mixed", lambda found, slopes: None if slopes else real(found, slopes))
    assert mixed_model(training(cohort())).notes == ("the random slope did not converge: random intercept only",)
    monkeypatch.setattr(mixed, "fit_mixed", lambda found, slopes: None)
    learnt = mixed_model(training(cohort()))
    assert "fixed effects only" in learnt.notes[0]
    assert learnt.predict(training(cohort()).cases[0].task).cdf[-1] == 1
