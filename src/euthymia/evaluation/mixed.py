"""The peer of the literature: a linear mixed model, random intercept and slope on log(1 + weeks).

Fitted by restricted maximum likelihood (statsmodels, imported only when it is used). The forecast for a new person is
exact for the fitted model: the Gaussian of the rating asked given the ratings seen, with the uncertainty of the fixed
effects (Henderson's mixed-model equations say the same).
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from euthymia.evaluation.cohort import Array
from euthymia.evaluation.model import Learnt, Prediction, Training, rounded_normal
from euthymia.evaluation.task import Task


@dataclass(frozen=True)
class MixedFit:
    """y = X β + Z b + ε; b ~ N(0, G), ε ~ N(0, σ²). X = (1, log(1 + week)); Z = its first `len(G)` columns.

    `fixed_cov` is the covariance of the estimated β. Points, weeks.
    """

    fixed: Array
    fixed_cov: Array
    random_cov: Array
    noise_var: float

    def forecast(self, weeks: Array, totals: Array, at_week: float) -> tuple[float, float]:
        """Mean and variance of the rating at `at_week`, given the ratings `totals` at `weeks` of one person."""
        seen, asked = design(weeks), design(np.array([at_week]))
        k = len(self.random_cov)
        among = seen[:, :k] @ self.random_cov @ seen[:, :k].T + self.noise_var * np.eye(len(weeks))
        between = asked[:, :k] @ self.random_cov @ seen[:, :k].T
        gain = np.linalg.solve(among, between.T).T
        unseen = asked - gain @ seen
        mean = asked @ self.fixed + gain @ (totals - seen @ self.fixed)
        variance = asked[:, :k] @ self.random_cov @ asked[:, :k].T + self.noise_var - gain @ between.T
        return float(mean[0]), float((variance + unseen @ self.fixed_cov @ unseen.T)[0, 0])


def design(weeks: Array) -> Array:
    """The columns (1, log(1 + week)), [rating, 2]."""
    return np.column_stack([np.ones_like(weeks), np.log1p(weeks)])


def mixed_model(training: Training) -> Learnt:
    """Fit the mixed model to the training people; where it does not converge, with a random intercept only, and say so."""
    found = fit_mixed(training, slopes=True)
    notes: tuple[str, ...] = ()
    if found is None:
        found, notes = fit_mixed(training, slopes=False), ("the random slope did not converge: random intercept only",)
    if found is None:
        found, notes = _without_people(training), ("neither random slope nor random intercept converged: fixed effects only",)

    def predict(task: Task) -> Prediction:
        mean, variance = found.forecast(np.array(task.weeks), np.array(task.totals), task.at_week)
        return rounded_normal(mean, float(np.sqrt(variance)), training.scale)

    return Learnt(predict, notes)


def fit_mixed(training: Training, slopes: bool) -> MixedFit | None:
    """Fit by restricted maximum likelihood; None where it does not converge. `slopes`: with a random slope."""
    from statsmodels.regression.mixed_linear_model import MixedLM

    totals = np.concatenate([person.totals for person in training.people])
    columns = design(np.concatenate([person.weeks for person in training.people]))
    groups = np.repeat(np.arange(len(training.people)), [len(person.totals) for person in training.people])
    with warnings.catch_warnings():  # It warns of an estimate at its boundary, which is a valid one, as of failure, which is asked below.
        warnings.simplefilter("ignore")
        try:
            result: Any = MixedLM(totals, columns, groups, exog_re=columns if slopes else columns[:, :1]).fit(reml=True)
        except (np.linalg.LinAlgError, ValueError):
            return None
        random_cov, noise_var = np.atleast_2d(np.asarray(result.cov_re, dtype=float)), float(result.scale)
    if not result.converged or not np.isfinite(random_cov).all() or not noise_var > 0:
        return None
    return MixedFit(np.asarray(result.fe_params, dtype=float), _fixed_cov(training, random_cov, noise_var), random_cov, noise_var)


def _fixed_cov(training: Training, random_cov: Array, noise_var: float) -> Array:
    """(Σ X' V⁻¹ X)⁻¹ over the training people."""
    k, information = len(random_cov), np.zeros((2, 2))
    for person in training.people:
        columns = design(np.asarray(person.weeks, dtype=float))
        among = columns[:, :k] @ random_cov @ columns[:, :k].T + noise_var * np.eye(len(columns))
        information += columns.T @ np.linalg.solve(among, columns)
    return np.asarray(np.linalg.pinv(information))


def _without_people(training: Training) -> MixedFit:
    """Least squares over all ratings: what is left where no variance between people can be found."""
    totals = np.concatenate([person.totals for person in training.people])
    columns = design(np.concatenate([person.weeks for person in training.people]))
    fixed = np.linalg.lstsq(columns, totals, rcond=None)[0]
    noise_var = float(np.mean((totals - columns @ fixed) ** 2))
    nobody = np.zeros((1, 1))
    return MixedFit(np.asarray(fixed), _fixed_cov(training, nobody, noise_var), nobody, noise_var)
