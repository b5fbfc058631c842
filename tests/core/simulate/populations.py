"""A small population by its shape alone, and the moments of its courses by dense matrix exponentials."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy.linalg import expm


@dataclass(frozen=True)
class Unscaled:
    """Totals that are the latent values: nothing is rounded, nothing is cut."""

    def rated(self, latent):
        return latent


@dataclass(frozen=True)
class Whole:
    """Whole points from 0 to 27."""

    def rated(self, latent):
        return np.clip(np.round(latent), 0, 27)


@dataclass(frozen=True)
class Made:
    """A made-up population with the fields of the engine's own."""

    scale: Any = field(default_factory=Unscaled)
    start_mean: float = 18.0
    start_sd: float = 4.0
    set_point_intercept: float = 2.0
    set_point_slope: float = 0.4
    recall_share: float = 1.0
    effect_mean: float = 5.0
    effect_sd: float = 2.0
    set_point_drift_sd: float = 0.6
    set_point_step_sd: float = 3.0
    outlier_share: float = 0.05
    outlier_factor: float = 3.0
    nodes: tuple[tuple[float, ...], ...] = ((1.0, 0.3, 1.5, 2.0, 5.0, 0.7, 0.2),)

    @property
    def grid(self):
        weight, rate, wandering, rating, toward, wane, carry = np.array(self.nodes).T
        return SimpleNamespace(
            weight=weight, rate=rate, wandering_sd=wandering, rating_sd=rating, set_point_sd=toward, wane=wane, carry=carry
        )


def moments(population, rating_weeks, session_weeks, change_weeks, recall_days):
    """Mean and covariance of (x, μ, a, d, z) at all ratings together, for a population of one node: [5·rating], [5·rating, 5·rating].

    The joint Gaussian of the present state and of everything read so far, carried by matrix exponentials.
    """
    _, rate, wandering, _, toward, wane, carry = population.nodes[0]
    tau = recall_days / 14
    drift, session, read = np.zeros((5, 5)), np.eye(5), np.eye(5)
    drift[0, :2], drift[3, 3], session[3, 2:4] = (-rate, rate), -wane, (-1, carry)
    if tau > 0:
        drift[4, [0, 3, 4]] = 1 / tau, 1 / tau, -1 / tau
    else:
        read[4] = 1, 0, 0, 1, 0
    noise = np.diag([wandering**2, population.set_point_drift_sd**2, 0, 0, 0])
    change = np.diag([0, population.set_point_step_sd**2, 0, 0, 0])
    mean, cov = beginning(population, toward)
    times = [(w, 0) for w in change_weeks] + [(w, 1) for w in rating_weeks] + [(w, 2) for w in session_weeks]
    now = min(times)[0]
    for week, kind in sorted(times):
        mean, cov = carried(mean, cov, *van_loan(drift, noise, week - now))
        now = week
        if kind == 0:
            cov[:5, :5] += change
        elif kind == 2:
            mean, cov = carried(mean, cov, session, np.zeros((5, 5)))
        else:
            copy = np.vstack([np.eye(len(mean)), np.eye(5, len(mean))])
            copy[len(mean) :, :5] = read
            mean, cov = copy @ mean, copy @ cov @ copy.T
    return mean[5:], cov[5:, 5:]


def beginning(population, toward):
    slope, effect = population.set_point_slope, population.effect_mean
    start = population.start_mean
    mean = np.array([start, population.set_point_intercept + slope * start, effect, 0.0, start])
    loading = np.array([1, slope, 0, 0, 1])
    return mean, population.start_sd**2 * np.outer(loading, loading) + np.diag([0, toward**2, population.effect_sd**2, 0, 0])


def carried(mean, cov, step, added):
    """The present state moved on by `step`, with noise `added`; what has been read stays."""
    whole = np.eye(len(mean))
    whole[:5, :5] = step
    cov = whole @ cov @ whole.T
    cov[:5, :5] += added
    return whole @ mean, cov


def van_loan(drift, noise, weeks):
    """exp(A·t) and ∫ exp(A·s) Q exp(A·s)ᵀ ds."""
    size = len(drift)
    block = expm(np.block([[-drift, noise], [np.zeros_like(drift), drift.T]]) * weeks)
    step = block[size:, size:].T
    return step, step @ block[:size, size:]
