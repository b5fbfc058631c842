"""What the model's structure can reach: a random search of parameter sets against the published figures themselves.

The sets found are tuned on what they are then shown beside: they say what it would take, and are no independent check.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from literature.people import Ketamine, course
from literature.published import Figure
from literature.sustain import sustain
from literature.trials import drawer, phillips, phillips_weekly, singh

BOX = {
    "rate": (0.15, 0.9),
    "wandering_sd": (3.0, 10.0),
    "set_point_sd": (4.0, 16.0),
    "effect_mean": (7.0, 20.0),
    "effect_sd": (4.0, 13.0),
    "wane": (0.15, 0.9),
    "placebo_share": (0.05, 0.6),
    "set_point_slope": (0.3, 1.0),
}
FALL = {"series": (0.5, 14.0), "sustain": (8.0, 22.0)}
CARRIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
DRIFTS = (0.0, 0.5, 1.0, 2.0, 4.0)
TWO_A_WEEK_FOUR_WEEKS = (0, 3, 7, 10, 14, 17, 21, 24)
# TRANSFORM-1 and -2 at week 4: mean and sd of the change with esketamine, with placebo; and their standard errors.
TRANSFORM = ((-19.7, 1.0), (13.5, 0.8), (-15.9, 1.2), (14.5, 0.9))
WORST = 40.0
SUSTAIN_KEYS = ("stable_remission", "stable_response", "remitters_on", "remitters_off", "responders_on", "responders_off")

Loss = Callable[[Ketamine], float]


def series_loss(figures: dict[str, Figure], design: dict[str, Any], n: int = 3000) -> Loss:
    """Singh 2016 and Phillips 2019, in standard errors squared."""
    keys = [k for k in figures if k.startswith(("singh", "phillips", "days")) and k != "singh_three_minus_two"]

    def loss(p: Ketamine) -> float:
        found = singh(p, design, n, 1) | phillips(p, design, n, 2) | phillips_weekly(p, design, n, 3)
        return sum(_apart(found[k], figures[k]) for k in keys)

    return loss


def sustain_loss(figures: dict[str, Figure], design: dict[str, Any], n: int = 4000) -> Loss:
    """SUSTAIN-1's selection and relapses, and the four weeks of TRANSFORM-1 and -2."""

    def loss(p: Ketamine) -> float:
        found = sustain(p, design, n, 4)
        total = sum(_apart(found[f"sustain_{k}"], figures[f"sustain_{k}"]) for k in SUSTAIN_KEYS)
        return total + sum(min(((s - m) / e) ** 2, WORST) for s, (m, e) in zip(transform(p, n), TRANSFORM, strict=True))

    return loss


def transform(p: Ketamine, n: int, seed: int = 5) -> tuple[float, float, float, float]:
    """Mean and sd of the change at week 4, with esketamine and with placebo sprays."""
    found: list[float] = []
    for strength in (1.0, p.placebo_share):
        rated = course(drawer(seed)(p.but(start_mean=37.5), n), (0, 27), TWO_A_WEEK_FOUR_WEEKS, strength)
        change = rated[:, 1] - rated[:, 0]
        found += [float(change.mean()), float(change.std())]
    return found[0], found[1], found[2], found[3]


def _apart(simulated: float, figure: Figure) -> float:
    if not np.isfinite(simulated):
        return WORST
    return min(((simulated - figure.value) / ((figure.high - figure.low) / 3.92)) ** 2, WORST)


def search(
    start: Ketamine, loss: Loss, fall: tuple[float, float], seed: int, tries: int, carry: float | None = None
) -> tuple[float, Ketamine]:
    """The best of random sets, then of small steps from it. `carry`: hold ρ there."""
    generator = np.random.default_rng(seed)
    best = min((_tried(_anywhere(start, fall, generator, carry), loss) for _ in range(tries)), key=lambda found: found[0])
    for _ in range(tries // 2):
        names = generator.choice([*BOX, "set_point_fall"], 4, replace=False)
        changed = {n: getattr(best[1], n) * float(np.exp(generator.normal(0, 0.15))) for n in names}
        best = min(best, _tried(best[1].but(**changed), loss), key=lambda found: found[0])
    return best


def _tried(p: Ketamine, loss: Loss) -> tuple[float, Ketamine]:
    return loss(p), p


def _anywhere(start: Ketamine, fall: tuple[float, float], generator: np.random.Generator, carry: float | None) -> Ketamine:
    drawn = {name: float(np.exp(generator.uniform(np.log(low), np.log(high)))) for name, (low, high) in BOX.items()}
    drawn["set_point_fall"] = float(generator.uniform(*fall))
    drawn["carry"] = float(generator.choice(CARRIES)) if carry is None else carry
    drawn["drift_sd"] = float(generator.choice(DRIFTS))
    return start.but(**drawn)
