"""From arm-level figures to m_a, κ and ρ with the variance between studies, and to the course of an arm without the drug."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from literature.kinetics import LONG_RECALL_DAYS, SHORT_RECALL_DAYS, SHORT_UNTIL_DAYS, recalled_share
from literature.published import Contrast

WEEK = 7.0
WANES = np.exp(np.linspace(np.log(0.1), np.log(4.0), 25))
CARRIES = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0])
EFFECTS = np.arange(1.0, 26.0)
BETWEEN = np.array([0.5, 1, 2, 3, 4, 5, 6, 8])
BETWEEN_SCALE = 5.0
# Several figures of one study share its people: taken half correlated.
WITHIN_STUDY = 0.5
INDEPENDENT = ("transform_1_2", "singh_2016")


class Pooled(NamedTuple):
    """A mean over studies, its standard error, and the sd between studies."""

    mean: float
    se: float
    between: float
    studies: int
    people: int


def short(day: float, sessions: Sequence[float]) -> bool:
    """Whether a rating on that day is asked of the last 24 hours: within two days of a session."""
    last = max((s for s in sessions if s < day), default=-np.inf)
    return day - last < SHORT_UNTIL_DAYS


def share_of(day: float, sessions: Sequence[float], wane: float, carry: float) -> float:
    """The share of one session's effect in a rating on that day."""
    recall = SHORT_RECALL_DAYS if short(day, sessions) else LONG_RECALL_DAYS
    return recalled_share(day / WEEK, [s / WEEK for s in sessions], wane, carry, recall)


def random_effects(values: Sequence[float], errors: Sequence[float], people: int) -> Pooled:
    """DerSimonian and Laird's mean over studies."""
    y, v = np.asarray(values), np.square(errors)
    weight = 1 / v
    mean = (weight * y).sum() / weight.sum()
    q = (weight * (y - mean) ** 2).sum()
    between = max(0.0, (q - (len(y) - 1)) / (weight.sum() - (weight**2).sum() / weight.sum()))
    weight = 1 / (v + between)
    return Pooled(float((weight * y).sum() / weight.sum()), float(weight.sum() ** -0.5), float(between**0.5), len(y), people)


def fall_after_a_session(data: dict[str, Any], given: str, wane: float) -> Pooled:
    """The fall that follows one session, over studies, as if rated at once: each fall divided by the share in its rating."""
    arms = [arm for arm in data["arms"].values() if arm["given"] == given]
    shares = [share_of(arm["day"], (0,), wane, 0.0) for arm in arms]
    values = [-arm["value"] / share for arm, share in zip(arms, shares, strict=True)]
    errors = [arm["se"] / share for arm, share in zip(arms, shares, strict=True)]
    return random_effects(values, errors, sum(arm["n"] for arm in arms))


def grid(contrasts: Sequence[Contrast], wane: tuple[float, float] | None) -> np.ndarray:
    """Log density over (κ, ρ, effect, sd between studies); `wane`: median and log sd known from elsewhere."""
    found = np.zeros((len(WANES), len(CARRIES), len(EFFECTS), len(BETWEEN)))
    for i, kappa in enumerate(WANES):
        for j, rho in enumerate(CARRIES):
            found[i, j] = sum(_study(group, kappa, rho) for group in _by_study(contrasts))
    found -= 0.5 * (BETWEEN / BETWEEN_SCALE) ** 2
    if wane is not None:
        found -= 0.5 * ((np.log(WANES) - np.log(wane[0])) / wane[1])[:, None, None, None] ** 2
    return found


def _by_study(contrasts: Sequence[Contrast]) -> list[list[Contrast]]:
    return [[c for c in contrasts if c.study == study] for study in sorted({c.study for c in contrasts})]


def _study(group: list[Contrast], wane: float, carry: float) -> np.ndarray:
    """Log density of one study's contrasts, [effect, between]."""
    share = np.array([share_of(c.day, c.sessions, wane, carry) for c in group])
    value, error = np.array([c.value for c in group]), np.array([c.se for c in group])
    alike = 0.0 if group[0].study in INDEPENDENT else WITHIN_STUDY
    base = np.outer(error, error) * (alike + (1 - alike) * np.eye(len(group)))
    found = np.empty((len(EFFECTS), len(BETWEEN)))
    for k, tau in enumerate(BETWEEN):
        cov = base + tau**2 * np.outer(share, share)
        apart = value + np.outer(EFFECTS, share)
        found[:, k] = -0.5 * (apart * np.linalg.solve(cov, apart.T).T).sum(axis=1) - 0.5 * np.linalg.slogdet(cov)[1]
    return found


class Summary(NamedTuple):
    """Marginals of the grid: ρ's probabilities, and mean and sd of the others."""

    carry: dict[float, float]
    wane: tuple[float, float]
    effect: tuple[float, float]
    between: float


def summary(log_density: np.ndarray, carry: float | None = None) -> Summary:
    """Marginals, over all ρ or at one of them."""
    weight = np.exp(log_density - log_density.max())
    marginal = weight.sum(axis=(0, 2, 3)) / weight.sum()
    if carry is not None:
        weight = weight[:, [int(np.argmin(np.abs(CARRIES - carry)))]]
    weight = weight / weight.sum()
    wane, effect, between = weight.sum(axis=(1, 2, 3)), weight.sum(axis=(0, 1, 3)), weight.sum(axis=(0, 1, 2))
    log_wane = (wane * np.log(WANES)).sum()
    mean = (effect * EFFECTS).sum()
    return Summary(
        dict(zip(map(float, CARRIES), map(float, marginal), strict=True)),
        (float(np.exp(log_wane)), float(((wane * np.log(WANES) ** 2).sum() - log_wane**2) ** 0.5)),
        (float(mean), float(((effect * EFFECTS**2).sum() - mean**2) ** 0.5)),
        float((between * BETWEEN).sum()),
    )


def course_without_drug(
    data: dict[str, Any], rate: tuple[float, float], noise_var: float, from_placebo: tuple[float, float]
) -> tuple[float, float]:
    """Fall of the set point and its sd, from arms on placebo with a new antidepressant: mean and sd of the change.

    `rate`: median and log sd of λ. `noise_var`: what the change owes to wandering and rating error. `from_placebo`: mean
    and variance of what the placebo sessions themselves still hold at the rating.
    """
    courses = list(data["courses"].values())
    people = np.array([c["n"] for c in courses], dtype=float)
    weeks = courses[0]["weeks"]
    points, weights = np.polynomial.hermite_e.hermegauss(21)
    gone = 1 - np.exp(-weeks * rate[0] * np.exp(rate[1] * points))
    first, second = (weights * gone).sum() / weights.sum(), (weights * gone**2).sum() / weights.sum()
    mean = -(people * [c["value"] for c in courses]).sum() / people.sum()
    var = (people * np.square([c["sd"] for c in courses])).sum() / people.sum()
    fall = (mean - from_placebo[0]) / first
    left = var - noise_var - from_placebo[1] - fall**2 * (second - first**2)
    return float(fall), float(max(left, 1.0) ** 0.5 / second**0.5)
