"""One number for many forecasts, under any weights: `weights` is [resample, forecast], the answer [resample].

With weights of one it is the measure itself; with the counts of a bootstrap it is the measure of every resample at
once. What cannot be computed (no outcome of one kind, nothing given) is NaN.
"""

import math

import numpy as np
from scipy.special import expit, logit, ndtri

from euthymia.evaluation.cohort import Array

_CLIP = 1e-3  # chances are kept this far from 0 and 1 before their logarithm is taken
_STEPS, _SETTLED, _NEAR, _LARGEST = 60, 1e-8, 1e-5, 1e3
_TWO_SIDED_95 = 0.975


def mean(values: Array, weights: Array) -> Array:
    """The weighted mean of `values` [forecast]."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(weights @ values / weights.sum(axis=1))


def root_mean_square(errors: Array, weights: Array) -> Array:
    """RMSE, in the units of `errors` [forecast]."""
    return np.asarray(np.sqrt(mean(errors**2, weights)))


def brier(chances: Array, came: Array, weights: Array) -> Array:
    """The mean square of chance minus outcome (0 or 1). Brier 1950."""
    return mean((chances - came) ** 2, weights)


def auc(chances: Array, came: Array, weights: Array) -> Array:
    """The area under the ROC curve: how often, of two forecasts with and without the outcome, the first said more; ties half."""
    order = np.argsort(chances, kind="stable")
    starts = np.flatnonzero(np.diff(chances[order], prepend=-math.inf) > 0)
    with_it = np.add.reduceat(weights[:, order] * came[order], starts, axis=1)
    without = np.add.reduceat(weights[:, order] * (1 - came[order]), starts, axis=1)
    lower = np.cumsum(without, axis=1) - without
    pairs = with_it.sum(axis=1) * without.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((with_it * (lower + without / 2)).sum(axis=1) / pairs)


def calibration(chances: Array, came: Array, weights: Array) -> tuple[Array, Array]:
    """Intercept and slope of the logistic regression of the outcome on logit(chance). Cox 1958; right forecasts have 0 and 1.

    Chances are clipped to 0.001 … 0.999. NaN where the regression has no finite answer (one kind of outcome, complete separation).
    """
    x, no_answer = logit(np.clip(chances, _CLIP, 1 - _CLIP)), np.full(len(weights), np.nan)
    if not np.isfinite(x).all() or np.ptp(x) < _SETTLED:
        return no_answer, no_answer
    at, size = np.zeros((len(weights), 2)), np.ones(len(weights))  # (intercept, slope), and the share of a Newton step to take
    likelihood, step = _log_likelihood(at, x, came, weights), np.full((len(weights), 2), np.inf)
    for _ in range(_STEPS):
        step = _newton_step(at, x, came, weights)
        tried = at + size[:, None] * step
        reached = _log_likelihood(tried, x, came, weights)
        climbs = reached >= likelihood - _SETTLED  # NaN does not
        at, likelihood = np.where(climbs[:, None], tried, at), np.where(climbs, reached, likelihood)
        size = np.where(climbs, np.minimum(1.0, 2 * size), size / 4)
        if np.nanmax(np.abs(step), initial=0.0) < _SETTLED:
            break
    settled = (np.abs(step).max(axis=1) < _NEAR) & (np.abs(at[:, 1]) < _LARGEST)
    return np.where(settled, at[:, 0], np.nan), np.where(settled, at[:, 1], np.nan)


def _newton_step(at: Array, x: Array, came: Array, weights: Array) -> Array:
    fitted = expit(at[:, :1] + at[:, 1:] * x)
    left, spread = weights * (came - fitted), weights * fitted * (1 - fitted)
    g0, g1 = left.sum(axis=1), left @ x
    h00, h01, h11 = spread.sum(axis=1), spread @ x, spread @ x**2
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.asarray(np.column_stack([h11 * g0 - h01 * g1, h00 * g1 - h01 * g0]) / (h00 * h11 - h01**2)[:, None])


def _log_likelihood(at: Array, x: Array, came: Array, weights: Array) -> Array:
    with np.errstate(invalid="ignore", over="ignore"):
        line = at[:, :1] + at[:, 1:] * x
        return np.asarray((weights * (came * line - np.logaddexp(0.0, line))).sum(axis=1))


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share of `count` (1927). It takes forecasts of one person as independent, so it is rather too narrow."""
    if not count or math.isnan(share):
        return math.nan, math.nan
    z = float(ndtri(_TWO_SIDED_95))
    middle, scale = share + z * z / (2 * count), 1 + z * z / count
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half) / scale, (middle + half) / scale
