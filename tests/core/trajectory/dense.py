"""The model once more, slowly and by another route: one joint Gaussian of everything, and simulation in small steps."""

from dataclasses import replace

import numpy as np
from scipy.integrate import quad

from euthymia.trajectory import Population, Series
from euthymia.trajectory.model import Node

POPULATION = Population(
    nodes=(Node(0.15, 2.1, 0.3), Node(0.4, 0.7, 0.5), Node(1.1, 3.5, 0.2)),
    rating_sd=2.6,
    set_point_drift_sd=0.6,
    set_point_step_sd=4.0,
    start_mean=18.0,
    start_sd=4.9,
    set_point_intercept=-2.8,
    set_point_slope=0.73,
    set_point_sd=6.6,
    score_range=(0.0, 52.0),
)
SERIES = Series((0.0, 1.0, 2.5, 2.5, 6.0, 7.0), (22.0, 19.0, 17.0, 20.0, 11.0, 12.0), (2.0, 5.5))


def one_node(population: Population, index: int) -> Population:
    """The population if everybody in it were of one node."""
    return replace(population, nodes=(population.nodes[index]._replace(weight=1.0),))


def level_weights(rate: float, start: float, time: float, changes: list[float]) -> tuple[float, float, list[float]]:
    """How the level at `time` is made of the first level, the first set point, and the step at every change."""
    reached = 1 - np.exp(-rate * (time - start))
    return np.exp(-rate * (time - start)), reached, [1 - np.exp(-rate * (time - c)) if c < time else 0.0 for c in changes]


def joint(population: Population, times: list[float], start: float, changes: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of (levels at `times`, set points at `times`) for one node, by covariances integrated numerically."""
    rate, n = float(population.rates[0]), len(times)
    changes = [c for c in changes if c > start]
    b, slope = population.start_mean, population.set_point_slope
    m = population.set_point_intercept + slope * b
    start_cov = population.start_sd**2 * np.array([[1, slope], [slope, slope**2]])
    start_cov[1, 1] += population.set_point_sd**2
    loads = np.zeros((2 * n, 2 + len(changes)))
    for k, time in enumerate(times):
        first, second, steps = level_weights(rate, start, time, changes)
        loads[k] = [first, second, *steps]
        loads[n + k] = [0.0, 1.0, *(1.0 if c <= time else 0.0 for c in changes)]
    source = np.zeros((2 + len(changes),) * 2)
    source[:2, :2] = start_cov
    source[2:, 2:] = np.eye(len(changes)) * population.set_point_step_sd**2
    covariance = loads @ source @ loads.T
    for i in range(2 * n):
        for j in range(2 * n):
            s, t = times[i % n], times[j % n]
            covariance[i, j] += noise(population, rate, i < n, s - start, j < n, t - start)
    return loads[:, 0] * b + loads[:, 1] * m, covariance


def noise(population: Population, rate: float, s_is_level: bool, s: float, t_is_level: bool, t: float) -> float:
    """What wandering and drift up to two times have in common: the integral of the product of their responses."""

    def drift(u: float) -> float:
        return ((1 - np.exp(-rate * (s - u))) if s_is_level else 1.0) * ((1 - np.exp(-rate * (t - u))) if t_is_level else 1.0)

    until = min(s, t)
    found = population.set_point_drift_sd**2 * quad(drift, 0, until, epsabs=1e-13, epsrel=1e-13)[0]
    if s_is_level and t_is_level:
        found += (
            population.nodes[0].wandering_sd ** 2 * quad(lambda u: np.exp(-rate * (s + t - 2 * u)), 0, until, epsabs=1e-13, epsrel=1e-13)[0]
        )
    return found


def conditioned(population: Population, series: Series, at: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and covariance of (level, set point) at week `at` given all ratings, and the log likelihood; for one node."""
    times = [*series.elapsed_weeks, at]
    n = len(times)
    mean, covariance = joint(population, times, series.elapsed_weeks[0], list(series.protocol_change_weeks))
    seen, asked = list(range(n - 1)), [n - 1, 2 * n - 1]
    of_ratings = covariance[np.ix_(seen, seen)] + population.rating_sd**2 * np.eye(n - 1)
    surprise = np.array(series.totals) - mean[seen]
    cross = covariance[np.ix_(asked, seen)]
    posterior_mean = mean[asked] + cross @ np.linalg.solve(of_ratings, surprise)
    posterior = covariance[np.ix_(asked, asked)] - cross @ np.linalg.solve(of_ratings, cross.T)
    _, log_det = np.linalg.slogdet(2 * np.pi * of_ratings)
    return posterior_mean, posterior, float(-0.5 * (surprise @ np.linalg.solve(of_ratings, surprise) + log_det))


def simulated(
    population: Population, level: np.ndarray, set_point: np.ndarray, weeks: float, chance: np.random.Generator, steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """The stochastic differential equation in small Euler steps; one node."""
    ((rate, wandering_sd, _),), dt = population.nodes, weeks / steps
    for _ in range(steps):
        pull = -rate * (level - set_point) * dt
        level = level + pull + wandering_sd * np.sqrt(dt) * chance.standard_normal(len(level))
        set_point = set_point + population.set_point_drift_sd * np.sqrt(dt) * chance.standard_normal(len(level))
    return level, set_point
