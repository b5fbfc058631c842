"""What one forecast scores when its rating arrives: arrays over forecasts, the same formulas for every model.

A forecast is P(rating ≤ k) at every total k of the grid (`cdf`, [forecast, total]); a rating is one of those totals.
"""

import numpy as np
from numpy.typing import NDArray

from euthymia.evaluation.cohort import Array, Scale

NOMINAL = 0.90
LOWER, UPPER = (1 - NOMINAL) / 2, (1 + NOMINAL) / 2
_TINY = 1e-9


def crps(cdf: Array, ratings: Array, scale: Scale) -> Array:
    """Continuous ranked probability score in points, [forecast]; lower is better.

    Exact for a rating that is rounded and kept in range: Σ (F(k) - 1{y ≤ k})² · step over every total k. Gneiting and Raftery 2007.
    """
    came = ratings[:, None] <= scale.grid[None, :] + scale.step * _TINY
    return np.asarray(((cdf - came) ** 2).sum(axis=1) * scale.step)


def pit_bounds(cdf: Array, ratings: Array, scale: Scale) -> tuple[Array, Array]:
    """F just below the rating and F at the rating, [forecast] each: the stretch that the rating's own mass takes of 0 to 1."""
    at, rows = positions(ratings, scale), np.arange(len(ratings))
    below = np.where(at > 0, cdf[rows, np.maximum(at - 1, 0)], 0.0)
    return below, np.maximum(cdf[rows, at], below)


def log_score(below: Array, upto: Array) -> Array:
    """Minus the logarithm of the rating's own probability, [forecast]; lower is better. A chance of 0 counts as 1e-9."""
    return np.asarray(-np.log(np.maximum(upto - below, _TINY)))


def pit_share(below: Array, upto: Array) -> Array:
    """The share of the rating's own mass between 5 % and 95 %, [forecast].

    This is the expectation of the randomised probability integral transform: for a right forecast it is 90 % on
    average, however coarse the scale and however many ratings lie at its end. Czado, Gneiting and Held 2009.
    """
    inside = np.clip(np.minimum(upto, UPPER) - np.maximum(below, LOWER), 0.0, None)
    mass = upto - below
    at_a_point = (below >= LOWER) & (below <= UPPER)
    return np.asarray(np.where(mass > _TINY, inside / np.maximum(mass, _TINY), at_a_point))


def central_interval(cdf: Array, scale: Scale) -> tuple[Array, Array, Array]:
    """The totals at 5 % and 95 %, and the mass from one to the other, [forecast] each.

    The quantile is the lowest total with at least that much at or below it. Whole totals hold 90 % or more, so the mass, not 90 %, is
    what a right forecast's intervals cover.
    """
    low, high = ((cdf < share - _TINY).sum(axis=1) for share in (LOWER, UPPER))
    high = np.minimum(high, len(scale.grid) - 1)
    rows = np.arange(len(cdf))
    below = np.where(low > 0, cdf[rows, np.maximum(low - 1, 0)], 0.0)
    return scale.grid[low], scale.grid[high], cdf[rows, high] - below


def positions(ratings: Array, scale: Scale) -> NDArray[np.int64]:
    """The place of each rating on the grid, [forecast]."""
    return np.asarray(np.rint((ratings - scale.low) / scale.step), dtype=np.int64)
