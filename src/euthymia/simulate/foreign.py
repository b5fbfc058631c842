"""Courses from a generator that is *not* the engine: to see what the engine says of people whom its equations do not describe.

Each person has one kind of course (plateau, exponential or logistic gain, sudden gain, slow drift, remission and
relapse, cycles), a session effect that is not exponential and may wear out, a memory that weighs the worst day, errors
that last from rating to rating, careless answers, perhaps a change of mode. All numbers are in `ForeignDesign`. Nothing of the
engine is imported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from euthymia.simulate.courses import Array, Courses, check_schedule
from euthymia.simulate.shapes import ForeignDesign, at_changes, by_itself, session_relief, temperaments

DAYS_PER_WEEK = 7
_SAME_DAY = 1e-9


class Span(NamedTuple):
    """The totals that an instrument can have."""

    low: float
    high: float
    step: float = 1.0


@dataclass(frozen=True)
class ForeignCourses(Courses):
    """Foreign courses, in points of the instrument. A foreign person has no set point and no effect in the engine's sense: these are NaN.

    `drug` is the share of severity that sessions take away just then; `recalled` the total expected from memory. `kind` [patient] is
    the place in `shapes.KINDS`; `other_mode` [patient, rating]: rated in another mode than at first.
    """

    kind: NDArray[np.int64]
    other_mode: NDArray[np.bool_]


def draw_foreign(
    span: Span,
    generator: np.random.Generator,
    n: int,
    rating_weeks: Sequence[float],
    session_weeks: Sequence[float] = (),
    change_weeks: Sequence[float] = (),
    recall_days: float = 0.0,
    design: ForeignDesign | None = None,
) -> ForeignCourses:
    """`n` people with the same schedule, as `draw_courses`: sorted ratings, each before a session of the same time.

    A later session or change leaves what was drawn before it as it was. Raises ValueError where ratings are absent or not in order.
    """
    check_schedule(rating_weeks)
    design = design or ForeignDesign()
    of_people, of_changes, of_ratings = generator.spawn(3)
    people = temperaments(design, of_people, n)
    weeks = _grid(rating_weeks)
    own = by_itself(design, people, weeks, session_weeks) + at_changes(design, of_changes, n, weeks, change_weeks)
    relief = session_relief(people, weeks, session_weeks)
    days = np.floor((np.asarray(rating_weeks) - rating_weeks[0]) * DAYS_PER_WEEK + _SAME_DAY).astype(int)
    severity = own * (1 - relief)
    recalled = expected_share(design, _remembered(design, severity, days, recall_days))
    shares, other_mode = _rated(design, of_ratings, recalled, rating_weeks)
    nowhere = np.full((n, len(days)), np.nan)
    width = span.high - span.low
    return ForeignCourses(
        level=span.low + width * expected_share(design, severity[:, days]),
        set_point=nowhere,
        effect=nowhere,
        drug=relief[:, days],
        recalled=span.low + width * recalled,
        totals=_on_steps(span, shares),
        kind=people.kind.astype(np.int64),
        other_mode=other_mode,
    )


def expected_share(design: ForeignDesign, severity: Array) -> Array:
    """The share of the range that is expected of a severity: flat near both ends, as of items that have a floor and a ceiling."""
    return np.asarray(1 / (1 + np.exp(-design.response_steepness * (np.clip(severity, -1, 2) - 1 / 2))))


def _grid(rating_weeks: Sequence[float]) -> Array:
    days = int(np.floor((rating_weeks[-1] - rating_weeks[0]) * DAYS_PER_WEEK + _SAME_DAY)) + 1
    return np.asarray(rating_weeks[0] + np.arange(days) / DAYS_PER_WEEK)


def _remembered(design: ForeignDesign, severity: Array, days: NDArray[np.int64], recall_days: float) -> Array:
    """The mean of the days asked about, drawn toward the worst of them."""
    back = max(1, round(recall_days))
    before = np.concatenate([np.repeat(severity[:, :1], back - 1, axis=1), severity], axis=1)
    asked = before[:, days[:, None] + np.arange(back)[None, :]]
    weight = design.worst_day_weight
    return np.asarray((1 - weight) * asked.mean(axis=2) + weight * asked.max(axis=2))


def _rated(
    design: ForeignDesign, generator: np.random.Generator, recalled: Array, rating_weeks: Sequence[float]
) -> tuple[Array, NDArray[np.bool_]]:
    """What is written down, as a share of the range; and whether in another mode than at first."""
    n, d = len(recalled), design
    spread = d.error_median * np.exp(d.error_log_sd * generator.standard_normal(n))
    lasting = generator.uniform(d.error_kept_low, d.error_kept_high, n)
    repeats = np.where(generator.random(n) < d.straight_liner_share, d.straight_liner_repeats, 0.0)
    shift = generator.uniform(d.mode_shift_low, d.mode_shift_high, n)
    changes_mode = np.where(generator.random(n) < d.mode_change_share, d.mode_change_each, 0.0)
    error, other, written = spread * generator.standard_normal(n), np.zeros(n, dtype=bool), recalled[:, 0]
    shares, modes = [], []
    for index, week in enumerate(rating_weeks):
        normal, repeat, careless, anything, mode = generator.standard_normal(n), *generator.random((4, n))
        if index:
            kept = lasting ** (week - rating_weeks[index - 1])
            error = kept * error + np.sqrt(1 - kept**2) * spread * normal
            other = other | (mode < changes_mode)
        honest = recalled[:, index] + error + np.where(other, shift, 0.0)
        fresh = np.where(careless < d.random_rating_share, anything, honest)
        written = np.where((repeat < repeats) & (index > 0), written, fresh)
        shares.append(written)
        modes.append(other)
    return np.stack(shares, axis=1), np.stack(modes, axis=1)


def _on_steps(span: Span, shares: Array) -> Array:
    steps = np.round(np.clip(shares, 0, 1) * (span.high - span.low) / span.step)
    return np.asarray(np.clip(span.low + steps * span.step, span.low, span.high))
