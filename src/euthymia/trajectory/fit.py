"""Learning a population from a cohort: empirical Bayes by marginal likelihood, with its uncertainty.

The marginal likelihood of a cohort is maximised together with weakly informative densities, which keep what a small
cohort cannot tell off its boundary; or with a shipped population as the prior, so that a clinic with few patients
keeps most of it. The uncertainty is the curvature at the maximum (Laplace).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from euthymia.trajectory.batch import Cohort, cohort, log_likelihoods
from euthymia.trajectory.model import Population, Series
from euthymia.trajectory.nodes import population
from euthymia.trajectory.parameters import NAMES, Parameters
from euthymia.trajectory.scale import KINDS, Array, Kind, Scale

# While fitting, the grid is coarser: only what patients differ in has to be integrated.
_NODES = 24
# The scale is chosen on about so many people at most; how far the search may go, in standard deviations of its densities.
_TELLING_SCALES, _FARTHEST = 300, 6.0
# Points it is, unless another scale is better by a Bayes factor of 20 ("strong": Kass and Raftery 1995).
_STRONG = 3.0


class Weak(NamedTuple):
    """A weakly informative density of one parameter: where, and its standard deviation; `of_spread`: relative to the ratings' own."""

    centre: float
    sd: float


# Logarithms; spreads relative to the standard deviation of all ratings, so that one density serves every instrument.
_WEAK = {
    "rate_per_week": Weak(np.log(0.35), 0.7),
    "wandering_sd": Weak(np.log(0.3), 0.8),
    "rating_sd": Weak(np.log(0.35), 0.5),
    "set_point_sd": Weak(np.log(0.8), 0.5),
    "wane_per_week": Weak(np.log(0.8), 0.5),
    "carry": Weak(-2.5, 1.0),
    "start_mean": Weak(0.0, 3.0),
    "start_sd": Weak(np.log(0.8), 0.7),
    "set_point_mean": Weak(-0.5, 1.5),
    "set_point_slope": Weak(0.6, 0.4),
    "set_point_drift_sd": Weak(np.log(0.06), 0.7),
    "set_point_step_sd": Weak(np.log(0.5), 0.5),
    "effect_mean": Weak(0.0, 1.0),
    "effect_sd": Weak(np.log(0.4), 0.6),
    "outlier_share": Weak(-3.5, 0.8),
    # How much of the instrument's recall window counts in what people answer: all of it, or hardly more than today.
    "recall_share": Weak(0.0, 1.5),
}
_SPREADS = {name for name in NAMES if name.endswith("_sd")}
_PLACES = {"start_mean", "set_point_mean"}
# How much two populations on one instrument may differ (standard deviations, as carried): the shipped one is a prior, not the truth.
_BETWEEN = {"start_mean": 0.5, "set_point_mean": 0.5, "set_point_slope": 0.2, "effect_mean": 0.4, "carry": 0.5, "recall_share": 0.5}
_BETWEEN_LOGS = 0.3


def fit(
    people: Sequence[Series],
    score_range: tuple[float, float],
    score_step: float = 1.0,
    kind: Kind | None = None,
    prior: Population | None = None,
) -> Population:
    """Fit a population to the ratings of a cohort (two or more people with two or more ratings each).

    `kind`: the scale on which the course is Gaussian; None: points, unless the evidence for another is strong. `prior`: a
    population to start from and to keep where the cohort says little (its own instrument, its own scale).
    Raises ValueError for too small a cohort, totals outside the range, or where the optimiser finds nothing finite.
    """
    usable = [series for series in _series(people) if len(series.totals) >= 2]
    if len(usable) < 2:
        raise ValueError(f"found {len(usable)} people with two or more ratings; allowed: at least two")
    if prior is not None:
        if prior.scale != Scale(prior.scale.kind, score_range, score_step):
            raise ValueError("found a prior on another range, step or instrument; allowed: one of the same")
        kinds: tuple[Kind, ...] = (prior.scale.kind,)
    else:
        kinds = (kind,) if kind else KINDS
    scales = [Scale(k, score_range, score_step) for k in kinds]
    for series in usable:
        series.within(score_range)
    every = max(1, len(usable) // _TELLING_SCALES) if len(scales) > 1 else 1
    fits = [_Fit(_grouped(usable[::every]), scale, prior) for scale in scales]
    best = max(fits, key=lambda one: one.maximum[0])
    chosen = best if best.maximum[0] > fits[0].maximum[0] + _STRONG else fits[0]
    return (chosen if every == 1 else _Fit(_grouped(usable), chosen.scale, prior)).population()


def _series(people: object) -> list[Series]:
    """What is asked for, or a ValueError that names what was found."""
    if not isinstance(people, Iterable):
        raise ValueError(f"found a {type(people).__name__}; allowed: the Series of many people")
    found = list(people)
    if strangers := [type(one).__name__ for one in found if not isinstance(one, Series)]:
        raise ValueError(f"found a {strangers[0]} among the people; allowed: Series")
    return found


def _grouped(people: Sequence[Series]) -> list[Cohort]:
    """One cohort for each recall window."""
    return [cohort([s for s in people if s.recall_days == days]) for days in sorted({s.recall_days for s in people})]


class _Fit:
    """One cohort on one scale: what is free, where it starts, and how good a guess is."""

    def __init__(self, groups: Sequence[Cohort], scale: Scale, prior: Population | None) -> None:
        self.groups, self.scale = groups, scale
        self.centre, self.precision = _densities(groups, scale) if prior is None else _around(prior)
        free = set(NAMES)
        if not any(len(group.sessions) for group in groups):
            free -= {"wane_per_week", "carry", "effect_mean", "effect_sd"}
        if not any(group.recall_days for group in groups):
            free -= {"recall_share"}
        if not any(len(group.changes) for group in groups):
            free -= {"set_point_step_sd"}
        self.free = np.array([name in free for name in NAMES])
        self.no_effect = "effect_mean" not in free and prior is None
        self.steps: Array = np.sqrt(np.diag(np.linalg.inv(self.precision)))[self.free]

    @cached_property
    def maximum(self) -> tuple[float, Array]:
        """The log of likelihood times density at its maximum, and the free parameters there."""
        from scipy.optimize import minimize  # a third of a second that a review need not wait for

        start = self.centre[self.free]
        found = minimize(
            lambda away: self.loss(start + away * self.steps),
            np.zeros(len(start)),
            method="L-BFGS-B",
            bounds=[(-_FARTHEST, _FARTHEST)] * len(start),
            options={"maxiter": 200, "ftol": 1e-8, "eps": 1e-4},
        )
        if not np.isfinite(found.fun):
            raise ValueError(f"found no population that fits ({found.message}); allowed: a cohort with ratings that vary")
        return -float(found.fun), np.asarray(start + found.x * self.steps, dtype=float)

    def population(self) -> Population:
        """The population at the maximum, with its uncertainty; what is not free keeps its density's."""
        _, at = self.maximum
        covariance: Array = np.asarray(np.linalg.inv(self.precision), dtype=float)
        covariance[np.ix_(self.free, self.free)] = self.curvature(at)
        return population(self.parameters(at, covariance), self.scale)

    def parameters(self, values: Array, covariance: Array | None = None) -> Parameters:
        """All parameters, of which the free ones have `values`; without sessions there is no drug effect to be sure of."""
        estimate = self.centre.copy()
        estimate[self.free] = values
        covariance = np.zeros((len(NAMES), len(NAMES))) if covariance is None else covariance
        if self.no_effect:
            at = [NAMES.index("effect_mean"), NAMES.index("effect_sd")]
            estimate[at] = 0.0, -20.0
            covariance[at] = covariance[:, at] = 0.0
        return Parameters(estimate, covariance)

    def loss(self, values: Array) -> float:
        """The negative log of likelihood times density."""
        guess = self.parameters(values)
        away = guess.estimate - self.centre
        away[~self.free] = 0.0
        model = population(guess, self.scale, _NODES)
        likelihood = sum(float(log_likelihoods(model, group).sum()) for group in self.groups)
        return float(0.5 * away @ self.precision @ away - likelihood)

    def curvature(self, values: Array) -> Array:
        """The inverse Hessian of the loss, by central differences; a direction that is not curved keeps its density."""
        size, steps, h = len(values), self.steps, 0.1 * self.steps
        hessian = np.empty((size, size))
        middle = self.loss(values)
        for i in range(size):
            for j in range(i + 1):
                one, other = np.eye(size)[i] * h, np.eye(size)[j] * h
                if i == j:
                    second = self.loss(values + one) - 2 * middle + self.loss(values - one)
                else:
                    second = self.loss(values + one + other) - self.loss(values + one) - self.loss(values + other) + middle
                hessian[i, j] = hessian[j, i] = second / (h[i] * h[j])
        scaled = hessian * np.outer(steps, steps)
        eigenvalues, vectors = np.linalg.eigh((scaled + scaled.T) / 2)
        inverse = vectors @ np.diag(1 / np.maximum(eigenvalues, 1.0)) @ vectors.T
        return np.asarray(inverse * np.outer(steps, steps))


def _densities(groups: Sequence[Cohort], scale: Scale) -> tuple[Array, Array]:
    """The weakly informative densities on this scale, relative to the ratings' own middle and spread: centre and precision."""
    latent = np.concatenate([scale.observed(group.totals).value for group in groups])
    first = np.concatenate([scale.observed(group.totals[group.offsets[:-1]]).value for group in groups])
    spread = max(float(latent.std()), _least(scale))
    centre = np.array([_WEAK[name].centre for name in NAMES])
    sd = np.array([_WEAK[name].sd for name in NAMES])
    for name in _SPREADS:
        centre[NAMES.index(name)] += np.log(spread)
    for name in (*_PLACES, "effect_mean"):
        at = NAMES.index(name)
        centre[at], sd[at] = centre[at] * spread + (first.mean() if name in _PLACES else 0.0), sd[at] * spread
    return centre, np.diag(1 / sd**2)


def _least(scale: Scale) -> float:
    """One step in the middle of the range, on the latent scale: ratings which never vary may still have spread so much."""
    middle = sum(scale.score_range) / 2
    return float(2 * np.diff(scale.latent([middle, middle + scale.score_step / 2]))[0])


def _around(prior: Population) -> tuple[Array, Array]:
    """A shipped population as the density: its estimate, its uncertainty, and how much populations differ."""
    shipped = prior.parameters
    if shipped is None:
        raise ValueError("found a prior without fitted parameters; allowed: a fitted population")
    spread = shipped.value("set_point_sd")
    between = np.array([_BETWEEN.get(name, _BETWEEN_LOGS) for name in NAMES])
    for name in (*_PLACES, "effect_mean"):
        between[NAMES.index(name)] *= spread
    return shipped.estimate, np.asarray(np.linalg.inv(shipped.covariance + np.diag(between**2)), dtype=float)
