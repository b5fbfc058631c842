"""Simulated people of the trajectory model, all at once: arrays over people, half-day steps, exact but for the recall filter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np

from literature.kinetics import LONG_RECALL_DAYS, SHORT_RECALL_DAYS, recall_weeks

STEP_DAYS = 0.5
DAYS = 7.0
RANGE = (0, 60)


@dataclass(frozen=True)
class Ketamine:
    """The population as plain numbers, in points of MADRS and weeks; symbols as in TRAJECTORY.md."""

    rate: float  # λ
    rate_log_sd: float
    wandering_sd: float  # σ_x
    rating_sd: float  # σ_y
    start_mean: float  # B
    start_sd: float
    set_point_fall: float  # B - (c + r·B): how far the course without any session comes down
    set_point_slope: float  # r
    set_point_sd: float  # σ_μ
    drift_sd: float  # q
    effect_mean: float  # m_a, expectancy included
    effect_sd: float  # between people
    wane: float  # κ
    wane_log_sd: float
    carry: float  # ρ
    placebo_share: float  # of the effect that follows a session without the drug
    step_sd: float = 0.0  # σ_Δ, of the set point at a change of protocol

    def but(self, **changes: float) -> "Ketamine":
        """The same with some numbers changed."""
        return replace(self, **changes)


class Cohort:
    """People in one course of time. `advance` moves it, `session` treats some of them, `rate` asks all of them."""

    def __init__(self, population: Ketamine, generator: np.random.Generator, n: int):
        self.population, self._draw, self.n = population, generator, n
        p = population
        self.level = generator.normal(p.start_mean, p.start_sd, n)
        mean = p.start_mean - p.set_point_fall + p.set_point_slope * (self.level - p.start_mean)
        self.set_point = generator.normal(mean, p.set_point_sd)
        self.effect = generator.normal(p.effect_mean, p.effect_sd, n)
        self.rate_per_week = p.rate * np.exp(generator.normal(0, p.rate_log_sd, n))
        self.wane = p.wane * np.exp(generator.normal(0, p.wane_log_sd, n))
        self.share = np.zeros(n)
        self.recalled_long, self.recalled_short = self.level.copy(), self.level.copy()

    def keep(self, who: np.ndarray) -> "Cohort":
        """Only these people from here on (a mask or positions)."""
        for name, value in list(vars(self).items()):
            if isinstance(value, np.ndarray):
                setattr(self, name, value[who])
        self.n = len(self.level)
        return self

    def advance(self, days: float) -> None:
        """Let time pass, in steps of half a day."""
        for _ in range(round(days / STEP_DAYS)):
            self._step(STEP_DAYS / DAYS)

    def _step(self, weeks: float) -> None:
        p, before = self.population, self.level - self.effect * self.share
        stay = np.exp(-self.rate_per_week * weeks)
        spread = p.wandering_sd * np.sqrt((1 - stay**2) / (2 * self.rate_per_week))
        self.level = self.set_point + stay * (self.level - self.set_point) + spread * self._draw.standard_normal(self.n)
        if p.drift_sd:
            self.set_point = self.set_point + p.drift_sd * weeks**0.5 * self._draw.standard_normal(self.n)
        self.share = self.share * np.exp(-self.wane * weeks)
        felt = (before + self.level - self.effect * self.share) / 2
        for name, days in (("recalled_long", LONG_RECALL_DAYS), ("recalled_short", SHORT_RECALL_DAYS)):
            kept = exp(-weeks / recall_weeks(days))
            setattr(self, name, kept * getattr(self, name) + (1 - kept) * felt)

    def session(self, strength: float | np.ndarray = 1.0) -> None:
        """A session: `strength` is 1 with the drug, 0 for nobody, the share of expectancy alone for a placebo."""
        strength = np.broadcast_to(np.asarray(strength, dtype=float), self.share.shape)
        self.share = np.where(strength > 0, self.population.carry * self.share + strength, self.share)

    def change_of_protocol(self) -> None:
        """The set point may step."""
        if self.population.step_sd:
            self.set_point = self.set_point + self.population.step_sd * self._draw.standard_normal(self.n)

    def ratings(self, *, short: bool = False) -> np.ndarray:
        """What is rated now: rounded, and kept within the scale."""
        asked = self.recalled_short if short else self.recalled_long
        return np.clip(np.rint(asked + self.population.rating_sd * self._draw.standard_normal(self.n)), *RANGE)


def course(
    cohort: Cohort, rating_days: Sequence[float], session_days: Sequence[float], strength: float = 1.0, short_days: float = 2.0
) -> np.ndarray:
    """Ratings [person, time] of a fixed schedule in days. A rating at a session is given before it; within
    `short_days` after a session it is asked of the last 24 hours."""
    rated, last, now = [], -np.inf, 0.0
    for when, is_session in sorted([*((d, False) for d in rating_days), *((d, True) for d in session_days)]):
        cohort.advance(when - now)
        now = when
        if is_session:
            cohort.session(strength)
            last = when
        else:
            rated.append(cohort.ratings(short=0 < when - last <= short_days))
    return np.column_stack(rated)


def half_life_weeks(wane: float) -> float:
    """The time in which half of an effect is gone."""
    return log(2) / wane
