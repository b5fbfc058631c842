"""Learning a population from a cohort: empirical Bayes by marginal likelihood.

The rate λ and the wandering σ_x vary between patients: each is given a log-normal density around the population's
median, of a spread that is held (a small cohort cannot tell it from the set points), and integrated over a grid. A
weakly informative density keeps λ off its boundary.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from euthymia.trajectory.kalman import filter_series
from euthymia.trajectory.model import Array, Node, Population, Series

# Log-rates: five equally likely points, where a normal density has the middles of its fifths. Log-wanderings: the
# three points and weights of Gauss and Hermite.
_RATE_LOG_SD, _WANDERING_LOG_SD = 0.5, 0.7
_FIFTHS = (-1.2816, -0.5244, 0.0, 0.5244, 1.2816)
_HERMITE = ((-(3**0.5), 1 / 6), (0.0, 2 / 3), (3**0.5, 1 / 6))
_PRIOR_LOG_RATE = (math.log(0.35), 0.7)


def fit(cohort: Sequence[Series], score_range: tuple[float, float], score_step: float = 1.0) -> Population:
    """Fit a population to the ratings of a cohort (two or more people with two or more ratings each).

    Raises ValueError where the cohort is too small, or where the optimiser does not converge.
    """
    usable = [series for series in cohort if len(series.totals) >= 2]
    if len(usable) < 2:
        raise ValueError(f"found {len(usable)} people with two or more ratings; allowed: at least two")
    start = _first_guess(usable)

    def loss(theta: Array) -> float:
        population = _population(theta, score_range, score_step)
        mean, sd = _PRIOR_LOG_RATE
        return float(0.5 * ((theta[0] - mean) / sd) ** 2 - sum(filter_series(population, s).log_likelihood for s in usable))

    found = minimize(loss, start, method="L-BFGS-B", bounds=_bounds(), options={"maxiter": 300, "ftol": 1e-9})
    if not np.isfinite(found.fun) or found.status == 1:  # 1: it ran out of steps
        raise ValueError(f"found no population that fits ({found.message}); allowed: a cohort with ratings that vary")
    return _population(found.x, score_range, score_step)


def _first_guess(cohort: Sequence[Series]) -> Array:
    starts = np.array([series.totals[0] for series in cohort])
    ends = np.array([series.totals[-1] for series in cohort])
    spread = max(float(starts.std()), 1.0)
    slope = 0.3
    log_spread = math.log(spread)
    return np.array(
        [
            _PRIOR_LOG_RATE[0],
            log_spread - 0.7,
            log_spread - 0.7,
            starts.mean(),
            log_spread,
            ends.mean() - slope * starts.mean(),
            slope,
            log_spread,
        ]
    )


def _bounds() -> list[tuple[float, float]]:
    free = (-1e6, 1e6)
    return [(-4, 3), (-4, 6), (-6, 6), free, (-4, 6), free, (-2, 2), (-4, 6)]


def _population(theta: Array, score_range: tuple[float, float], score_step: float) -> Population:
    log_rate, log_rating, log_wandering, start, log_start, intercept, slope, log_set_point = (float(v) for v in theta)
    return Population(
        nodes=tuple(
            Node(math.exp(log_rate + _RATE_LOG_SD * fifth), math.exp(log_wandering + _WANDERING_LOG_SD * point), weight / len(_FIFTHS))
            for fifth in _FIFTHS
            for point, weight in _HERMITE
        ),
        rating_sd=math.exp(log_rating),
        # A cohort of one short course without a change of protocol says nothing about drift and steps of the set
        # point; whoever ships the population states them.
        set_point_drift_sd=0.0,
        set_point_step_sd=0.0,
        start_mean=start,
        start_sd=math.exp(log_start),
        set_point_intercept=intercept,
        set_point_slope=slope,
        set_point_sd=math.exp(log_set_point),
        score_range=score_range,
        score_step=score_step,
    )
