"""The grid that integrates over the non-linear parameters.

Two things spread its nodes: patients differ (in λ and σ_x), and a cohort leaves the population itself uncertain. What is
uncertain about means is added to the variances that it acts on, exactly; what is uncertain about rates and spreads is
spread over the nodes.
"""

from functools import lru_cache

import numpy as np
from scipy.special import expit, ndtri

from euthymia.trajectory.model import Grid, Population
from euthymia.trajectory.parameters import Parameters
from euthymia.trajectory.scale import Array, Scale

ON_NODES = slice(0, 6)
# How much patients differ in log λ and log σ_x (standard deviations). Held: a few visits a person cannot tell them
# from the set points.
RATE_DIFFERS, WANDERING_DIFFERS = 0.5, 0.7
NODES = 64


def population(parameters: Parameters, scale: Scale, nodes: int = NODES) -> Population:
    """The population that these parameters describe, its non-linear ones on `nodes` equally weighted points."""
    p, v = parameters.value, parameters.variance
    spread = parameters.covariance[ON_NODES, ON_NODES] + np.diag([RATE_DIFFERS**2, WANDERING_DIFFERS**2, 0, 0, 0, 0])
    centre = parameters.estimate[ON_NODES]
    rate, wandering, rating, set_point, wane, carry = (centre + normal_points(nodes, len(centre)) @ _root(spread).T).T
    start_var = p("start_sd") ** 2
    uncertain_set_point = v("set_point_mean") + v("set_point_slope") * start_var
    grid = Grid(
        np.full(nodes, 1 / nodes),
        np.exp(rate),
        np.exp(wandering),
        np.exp(rating),
        np.sqrt(np.exp(2 * set_point) + uncertain_set_point),
        np.exp(wane),
        expit(carry),
    )
    return Population(
        grid=grid,
        scale=scale,
        start_mean=p("start_mean"),
        start_sd=float(np.sqrt(start_var + v("start_mean"))),
        set_point_intercept=p("set_point_mean") - p("set_point_slope") * p("start_mean"),
        set_point_slope=p("set_point_slope"),
        set_point_drift_sd=p("set_point_drift_sd"),
        set_point_step_sd=p("set_point_step_sd"),
        effect_mean=p("effect_mean"),
        effect_sd=float(np.sqrt(p("effect_sd") ** 2 + v("effect_mean"))),
        outlier_share=p("outlier_share"),
        recall_share=p("recall_share"),
        parameters=parameters,
    )


@lru_cache(maxsize=16)
def normal_points(count: int, dimensions: int) -> Array:
    """`count` points that stand for a standard Gaussian, [count, dimension]: a lattice, with mean 0 and covariance 1 exactly.

    The first dimension is stratified; the others follow the additive recurrence of the generalised golden ratio
    (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences").
    """
    golden = 2.0
    for _ in range(60):
        golden = (1 + golden) ** (1 / dimensions)
    index = np.arange(count)
    columns = [(index + 0.5) / count] + [(0.5 + (index + 1) * golden ** -(k + 1.0)) % 1 for k in range(dimensions - 1)]
    points = ndtri(np.column_stack(columns))
    points = points - points.mean(axis=0)
    root = np.linalg.cholesky(points.T @ points / count)
    return np.asarray(np.linalg.solve(root, points.T).T)


def _root(covariance: Array) -> Array:
    """A square root of a covariance that may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    symmetric = vectors * np.sqrt(np.maximum(values, 0))
    return np.asarray(symmetric @ vectors.T)
