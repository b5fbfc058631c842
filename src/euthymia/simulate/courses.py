"""Courses drawn from a population, forward in time: the equations of TRAJECTORY.md once more, by a way of their own.

Nothing here comes from the filter that reads such courses: a population is taken by its shape alone, and everything
is a draw. Level and set point go in steps of at most a day, the drug share and its recall by their closed form.
Latent units, weeks; every array is [patient, rating].
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
FORTNIGHT_DAYS = 14.0
LONGEST_STEP_WEEKS = 1 / 7


class Grid(Protocol):
    """The nodes of a population, each an array [node]: as in `euthymia.trajectory`."""

    @property
    def weight(self) -> Array: ...
    @property
    def rate(self) -> Array: ...
    @property
    def wandering_sd(self) -> Array: ...
    @property
    def rating_sd(self) -> Array: ...
    @property
    def set_point_sd(self) -> Array: ...
    @property
    def wane(self) -> Array: ...
    @property
    def carry(self) -> Array: ...


class Scale(Protocol):
    """How latent values become totals of an instrument."""

    def rated(self, latent: Array, /) -> Array:
        """Totals on the instrument's steps, within its range."""
        ...


class Drawable(Protocol):
    """What has to be known of a population to draw people from it."""

    @property
    def grid(self) -> Grid: ...
    @property
    def scale(self) -> Scale: ...
    @property
    def start_mean(self) -> float: ...
    @property
    def start_sd(self) -> float: ...
    @property
    def set_point_intercept(self) -> float: ...
    @property
    def set_point_slope(self) -> float: ...
    @property
    def recall_share(self) -> float: ...
    @property
    def effect_mean(self) -> float: ...
    @property
    def effect_sd(self) -> float: ...
    @property
    def set_point_drift_sd(self) -> float: ...
    @property
    def set_point_step_sd(self) -> float: ...
    @property
    def outlier_share(self) -> float: ...
    @property
    def outlier_factor(self) -> float: ...


@dataclass(frozen=True)
class Courses:
    """What was drawn, at every rating: [patient, rating]. `drug` is the share h before a session at that time; d = -effect·drug.

    `set_point` at the time of a change is the new one. `totals` are what was written down; the rest nobody sees.
    """

    level: Array
    set_point: Array
    effect: Array
    drug: Array
    recalled: Array
    totals: Array


class _People(NamedTuple):
    """The constants of the people drawn, each [patient]."""

    rate: Array
    wandering_sd: Array
    rating_sd: Array
    wane: Array
    carry: Array
    level: Array
    set_point: Array
    effect: Array


class _Path(NamedTuple):
    """Level, set point and recalled level (without the drug's part) at every rating."""

    level: Array
    set_point: Array
    recalled: Array


def draw_courses(
    population: Drawable,
    generator: np.random.Generator,
    n: int,
    rating_weeks: Sequence[float],
    session_weeks: Sequence[float] = (),
    change_weeks: Sequence[float] = (),
    recall_days: float = 0.0,
) -> Courses:
    """`n` people with the same schedule. Level and set point begin at the first rating, and there z = x but for the drug's part.

    A rating at the time of a session comes before it, one at the time of a change after it. `rating_weeks` are sorted; sessions and
    changes may be in any order, and of what was before the first rating only sessions count: their share is still there.
    What happens after a rating never alters what was drawn up to it: with the same seed, a later session or change
    leaves the past as it was. Raises ValueError where ratings are absent or not in order.
    """
    check_schedule(rating_weeks)
    of_people, of_path, of_changes, of_ratings = generator.spawn(4)
    tau = recall_days * population.recall_share / FORTNIGHT_DAYS
    people = _people(population, of_people, n)
    path = _path(population, people, (of_path, of_changes), rating_weeks, change_weeks, tau)
    drug, drug_recalled = drug_shares(people.wane, people.carry, rating_weeks, session_weeks, tau)
    effect = np.repeat(people.effect[:, None], len(rating_weeks), axis=1)
    recalled = path.recalled - effect * drug_recalled
    latent = recalled + _errors(population, people, of_ratings, len(rating_weeks))
    return Courses(path.level, path.set_point, effect, drug, recalled, population.scale.rated(latent))


def check_schedule(rating_weeks: Sequence[float]) -> None:
    """Raises ValueError where there is no rating, or where they are not in order."""
    if not len(rating_weeks) or any(later < earlier for earlier, later in pairwise(rating_weeks)):
        raise ValueError(f"found ratings at {list(rating_weeks)}; allowed: one at least, in order")


def drug_shares(
    wane: Array, carry: Array, rating_weeks: Sequence[float], session_weeks: Sequence[float], tau: float
) -> tuple[Array, Array]:
    """The drug share h and its recalled value, [patient, rating]: dh = -κ h dt, h⁺ = ρ h⁻ + 1, dz = (h - z)/τ dt, by their closed form."""
    share, recalled = np.zeros_like(wane), np.zeros_like(wane)
    shares, recalls = [], []
    events = sorted([(week, 0) for week in rating_weeks] + [(week, 1) for week in session_weeks])
    now = events[0][0]
    for week, is_session in events:
        gap = week - now
        if gap > 0:
            recalled = _recalled_after(recalled, share, wane, gap, tau)
            share, now = share * np.exp(-wane * gap), week
        if is_session:
            share = carry * share + 1
        else:
            shares.append(share)
            recalls.append(recalled if tau > 0 else share)
    return np.stack(shares, axis=1), np.stack(recalls, axis=1)


def _recalled_after(recalled: Array, share: Array, wane: Array, gap: float, tau: float) -> Array:
    """The recalled share after `gap` weeks of waning without a session."""
    if tau <= 0:
        return recalled
    apart = (1 - wane * tau) * gap / tau
    close = np.abs(apart) < 1e-6
    follow = (np.exp(-wane * gap) - math.exp(-gap / tau)) / np.where(close, 1.0, 1 - wane * tau)
    at_once = gap / tau * math.exp(-gap / tau)
    return recalled * math.exp(-gap / tau) + share * np.where(close, at_once, follow)


def _people(population: Drawable, generator: np.random.Generator, n: int) -> _People:
    grid = population.grid
    weight = np.asarray(grid.weight)
    node = generator.choice(len(weight), size=n, p=weight / weight.sum())
    level, toward, effect = generator.standard_normal((n, 3)).T
    start = population.start_mean + population.start_sd * level
    return _People(
        rate=grid.rate[node],
        wandering_sd=grid.wandering_sd[node],
        rating_sd=grid.rating_sd[node],
        wane=grid.wane[node],
        carry=grid.carry[node],
        level=start,
        set_point=population.set_point_intercept + population.set_point_slope * start + grid.set_point_sd[node] * toward,
        effect=population.effect_mean + population.effect_sd * effect,
    )


def _path(
    population: Drawable,
    people: _People,
    generators: tuple[np.random.Generator, np.random.Generator],
    rating_weeks: Sequence[float],
    change_weeks: Sequence[float],
    tau: float,
) -> _Path:
    moving, changing = generators
    state = _Path(people.level, people.set_point, people.level)
    states, now = [], rating_weeks[0]
    changes = sorted(week for week in change_weeks if now < week <= rating_weeks[-1])
    for week, kind in sorted([(week, 1) for week in rating_weeks] + [(week, 0) for week in changes]):
        gap = week - now
        steps = math.ceil(gap / LONGEST_STEP_WEEKS - 1e-9)
        for _ in range(steps):
            state = _step(population, people, moving, state, gap / steps, tau)
        now = week
        if kind == 0:
            shift = population.set_point_step_sd * changing.standard_normal(len(people.level))
            state = state._replace(set_point=state.set_point + shift)
        else:
            states.append(state)
    return _Path(*(np.stack(each, axis=1) for each in zip(*states, strict=True)))


def _step(population: Drawable, people: _People, generator: np.random.Generator, state: _Path, weeks: float, tau: float) -> _Path:
    """One short step: the level exactly, toward the middle of the set point's step; the recall of a straight line with its bridge."""
    wander, drift, bridge = generator.standard_normal((3, len(people.level)))
    set_point = state.set_point + population.set_point_drift_sd * math.sqrt(weeks) * drift
    decay = np.exp(-people.rate * weeks)
    noise = people.wandering_sd * np.sqrt((1 - decay**2) / (2 * people.rate))
    level = decay * state.level + (1 - decay) * (state.set_point + set_point) / 2 + noise * wander
    if tau <= 0:
        return _Path(level, set_point, level)
    forget = math.exp(-weeks / tau)
    before = (1 - forget) * tau / weeks
    line = (before - forget) * state.level + (1 - before) * level
    around = people.wandering_sd * math.sqrt(weeks / 12) * weeks / tau
    return _Path(level, set_point, forget * state.recalled + line + around * bridge)


def _errors(population: Drawable, people: _People, generator: np.random.Generator, ratings: int) -> Array:
    errors = []
    for _ in range(ratings):
        normal, careless = generator.standard_normal(len(people.level)), generator.random(len(people.level))
        factor = np.where(careless < population.outlier_share, population.outlier_factor, 1.0)
        errors.append(people.rating_sd * factor * normal)
    return np.stack(errors, axis=1)
