"""The shapes of foreign courses: what a person's severity does by itself, at a change of protocol, and after sessions.

Severity is a share: about 0 is well, about 1 the worst of the instrument. Arrays are [patient, day]; `weeks` [day] are the
days of the grid. Nothing here solves an equation of the engine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from euthymia.simulate.courses import Array


@dataclass(frozen=True)
class ForeignDesign:
    """Every number of the foreign generator. They are chosen so that courses are varied and unlike the engine's: no clinical facts.

    Severities and changes of severity are shares of the instrument's range, times weeks; `…_share` says how many people (or,
    where it says so, ratings). Spreads of logarithms (`…_log_sd`) make the differences between people heavy-tailed.
    """

    plateau_share: float = 0.25
    exponential_share: float = 0.20
    logistic_share: float = 0.12
    sudden_gain_share: float = 0.12
    drift_share: float = 0.10
    relapse_share: float = 0.13
    cycle_share: float = 0.08

    start_mean: float = 0.62
    start_sd: float = 0.12
    start_tail: float = 4.0
    start_least: float = 0.35
    drop_mean: float = 0.55
    drop_sd: float = 0.25
    speed_median: float = 0.25
    speed_log_sd: float = 0.8
    turn_earliest: float = 2.0
    turn_latest: float = 16.0
    gain_after_mean: float = 8.0
    drift_per_week: float = 0.006
    drift_tail: float = 3.0
    period_median: float = 7.0
    period_log_sd: float = 0.4
    swing_mean: float = 0.18
    relapse_hazard: float = 0.02
    relapse_hazard_thinned: float = 0.10
    relapse_back_mean: float = 0.8

    change_helps_share: float = 0.30
    change_harms_share: float = 0.10
    change_size: float = 0.20
    change_takes: float = 2.0

    responder_share: float = 0.70
    relief_median: float = 0.25
    relief_log_sd: float = 0.5
    relief_most: float = 0.90
    plateau_then_fall_share: float = 0.5
    lasts_median: float = 0.8
    lasts_log_sd: float = 0.5
    tolerance_share: float = 0.30
    tolerance_kept: float = 0.92

    worst_day_weight: float = 0.3
    response_steepness: float = 5.0
    error_median: float = 0.045
    error_log_sd: float = 0.4
    error_kept_low: float = 0.1
    error_kept_high: float = 0.8
    straight_liner_share: float = 0.06
    straight_liner_repeats: float = 0.6
    random_rating_share: float = 0.015
    mode_change_share: float = 0.10
    mode_change_each: float = 0.25
    mode_shift_low: float = 0.037
    mode_shift_high: float = 0.075

    @property
    def shares(self) -> tuple[float, ...]:
        """How many people have each kind of course, in the order of `KINDS`."""
        return tuple(float(getattr(self, f"{kind}_share")) for kind in KINDS)


KINDS = ("plateau", "exponential", "logistic", "sudden_gain", "drift", "relapse", "cycle")


class Temperament(NamedTuple):
    """What a person brings, each [patient]: drawn before anything is known of the schedule."""

    kind: Array
    start: Array
    drop: Array
    speed: Array
    turn: Array
    gain_at: Array
    slope: Array
    period: Array
    swing: Array
    phase: Array
    patience: Array
    back: Array
    relief: Array
    lasts: Array
    falls: Array
    kept: Array


def temperaments(design: ForeignDesign, generator: np.random.Generator, n: int) -> Temperament:
    """Draw `n` people."""

    def lognormal(median: float, log_sd: float) -> Array:
        return median * np.exp(log_sd * generator.standard_normal(n))

    d, u = design, generator.random
    start = d.start_mean + d.start_sd * generator.standard_t(d.start_tail, n)
    relief = np.where(u(n) < d.responder_share, np.minimum(lognormal(d.relief_median, d.relief_log_sd), d.relief_most), 0.0)
    return Temperament(
        kind=generator.choice(len(KINDS), n, p=np.array(d.shares) / sum(d.shares)).astype(float),
        start=np.clip(start, d.start_least, 1.0),
        drop=np.clip(generator.normal(d.drop_mean, d.drop_sd, n), 0.0, 1.0),
        speed=lognormal(d.speed_median, d.speed_log_sd),
        turn=generator.uniform(d.turn_earliest, d.turn_latest, n),
        gain_at=generator.exponential(d.gain_after_mean, n),
        slope=d.drift_per_week * generator.standard_t(d.drift_tail, n),
        period=lognormal(d.period_median, d.period_log_sd),
        swing=generator.exponential(d.swing_mean, n),
        phase=generator.uniform(0, 2 * np.pi, n),
        patience=generator.exponential(1.0, n),
        back=np.clip(generator.normal(d.relapse_back_mean, d.drop_sd, n), 0.0, 1.0),
        relief=relief,
        lasts=lognormal(d.lasts_median, d.lasts_log_sd),
        falls=(u(n) < d.plateau_then_fall_share).astype(float),
        kept=np.where(u(n) < d.tolerance_share, d.tolerance_kept, 1.0),
    )


def by_itself(design: ForeignDesign, people: Temperament, weeks: Array, session_weeks: Sequence[float]) -> Array:
    """Severity without changes of protocol and without what a session gives."""
    since = weeks[None, :] - weeks[0]
    columns = Temperament(*(each[:, None] for each in people))
    hazard = _cumulative_hazard(design, weeks, session_weeks)
    drawn = np.stack([shape(columns, since, hazard) for shape in _SHAPES])
    return np.asarray(np.take_along_axis(drawn, people.kind.astype(int)[None, :, None], axis=0)[0])


def at_changes(design: ForeignDesign, generator: np.random.Generator, n: int, weeks: Array, change_weeks: Sequence[float]) -> Array:
    """What changes of protocol add to severity: for some a gain, for a few a loss, for most nothing."""
    added = np.zeros((n, len(weeks)))
    for change in sorted(week for week in change_weeks if week > weeks[0]):
        lot, size = generator.random(n), generator.exponential(design.change_size, n)
        harmed = (lot >= design.change_helps_share) & (lot < design.change_helps_share + design.change_harms_share)
        sign = np.where(lot < design.change_helps_share, -1.0, np.where(harmed, 1.0, 0.0))
        added += (sign * size)[:, None] * np.clip((weeks - change) / design.change_takes, 0, 1)
    return added


def session_relief(people: Temperament, weeks: Array, session_weeks: Sequence[float]) -> Array:
    """The share of severity that sessions take away: the best of them, not their sum; less each time where tolerance comes."""
    relief = np.zeros((len(people.start), len(weeks)))
    for count, session in enumerate(sorted(session_weeks)):
        first = int(np.searchsorted(weeks, session, side="right"))
        since = (weeks[first:] - session)[None, :] / people.lasts[:, None]
        hump = since * np.exp(1 - since)
        falling = np.clip(2 - since, 0, 1)
        shape = np.where(people.falls[:, None] > 0, falling, hump)
        given = (people.relief * people.kept**count)[:, None] * shape
        relief[:, first:] = np.maximum(relief[:, first:], given)
    return relief


def _cumulative_hazard(design: ForeignDesign, weeks: Array, session_weeks: Sequence[float]) -> Array:
    """Of a relapse: higher on days on which the last session is longer ago than any two before it were apart."""
    sessions = np.sort(np.asarray(session_weeks, dtype=float))
    done = np.searchsorted(sessions, weeks, side="left")
    widest = np.concatenate([[np.inf, np.inf], np.maximum.accumulate(np.diff(sessions))]) if len(sessions) > 1 else np.full(2, np.inf)
    last = sessions[np.maximum(done - 1, 0)] if len(sessions) else weeks
    thinned = weeks - last > widest[done]
    hazard = np.where(thinned, design.relapse_hazard_thinned, design.relapse_hazard)
    return np.concatenate([[0.0], np.cumsum(hazard[1:] * np.diff(weeks))])


def _plateau(p: Temperament, since: Array, _hazard: Array) -> Array:
    return p.start + 0 * since


def _exponential(p: Temperament, since: Array, _hazard: Array) -> Array:
    return np.asarray(p.start * (1 - p.drop * -np.expm1(-p.speed * since)))


def _logistic(p: Temperament, since: Array, _hazard: Array) -> Array:
    def risen(x: Array) -> Array:
        return np.asarray(1 / (1 + np.exp(-np.clip(4 * p.speed * (x - p.turn), -50, 50))))

    return p.start * (1 - p.drop * (risen(since) - risen(np.zeros(1))))


def _sudden_gain(p: Temperament, since: Array, _hazard: Array) -> Array:
    return np.asarray(p.start * (1 - p.drop * (since >= p.gain_at)))


def _drift(p: Temperament, since: Array, _hazard: Array) -> Array:
    return p.start + p.slope * since


def _relapse(p: Temperament, since: Array, hazard: Array) -> Array:
    gained = p.start * -np.expm1(-p.speed * since)
    return np.asarray(p.start - gained * (1 - p.back * (hazard >= p.patience)))


def _cycle(p: Temperament, since: Array, _hazard: Array) -> Array:
    return np.asarray(p.start + p.swing * (np.sin(2 * np.pi * since / p.period + p.phase) - np.sin(p.phase)))


_SHAPES: tuple[Callable[[Temperament, Array, Array], Array], ...] = (
    _plateau, _exponential, _logistic, _sudden_gain, _drift, _relapse, _cycle,
)  # fmt: skip
