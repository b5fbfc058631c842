"""When things happen to a virtual patient: phases, sessions, ratings, and the changes that a prescriber makes on the way.

Everything by chance is drawn beforehand, day by day (`Lots`): a later change never alters what has already happened.
Days count from the first rating (day 0).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from euthymia.protocol import Protocol, ProtocolPhase
from euthymia.simulate.courses import Array

DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class ScheduleDesign:
    """How clinics and patients keep to a schedule: our own choice, no clinical facts.

    `late_days`: by how many days a session or a rating misses its day, one of these by chance. `drug_phase_weeks`: how long a
    first phase without sessions lasts. Changes: at a decision point, where less than `better_fraction` of the way to the best
    score is gone, `change_share` of prescribers change something; where at least `well_fraction` is gone, they may lengthen the
    interval (up to `longest_interval_days`) or stop. Two changes are `apart_days` apart at least. Of the decisions to change nothing
    `recorded_share` are written down.
    Ratings are missed by chance; a patient drops out with `dropout_hazard` a rating, and e^(`dropout_when_worse` · share of the
    range by which the last rating is above the best one) times as probably. `dropout_when_worse = 0` makes it uninformative.
    `requests_after`: how many more are sent to someone who has dropped out.
    """

    late_days: tuple[int, ...] = (-1, 0, 0, 0, 0, 1)
    close_days: int = 3
    drug_phase_weeks: float = 12.0
    session_missed_share: float = 0.04
    rating_missed_share: float = 0.08
    dropout_hazard: float = 0.008
    dropout_when_worse: float = 8.0
    requests_after: int = 2
    better_fraction: float = 0.25
    change_share: float = 0.3
    well_fraction: float = 0.6
    lengthen_share: float = 0.3
    stop_share: float = 0.1
    longest_interval_days: float = 28.0
    apart_days: int = 14
    recorded_share: float = 0.7


class Segment(NamedTuple):
    """From `day` on: a phase, its intervals (None: no sessions), which of the regimen's drugs, and the decision that led to it."""

    day: int
    phase: ProtocolPhase
    session_interval_days: float | None
    rating_interval_days: float
    drug: int = 0
    decision: Literal["change_interval", "switch", "stop"] | None = None


class Lots(NamedTuple):
    """What chance has decided for every day, before anything has happened: each [day]."""

    late: NDArray[np.int64]
    session: Array
    rating: Array
    dropout: Array
    decision: Array
    recorded: Array


class Due(NamedTuple):
    """A rating that falls due: the day planned, the day on which it would be answered, and whether a session follows it then."""

    planned: int
    day: int
    session: bool


def draw_lots(design: ScheduleDesign, generator: np.random.Generator, days: int) -> Lots:
    """Chance for every day up to `days`; the same for a day, however long the time is."""
    late, *others = generator.random((days + 1, 6)).T
    by_days = np.array(sorted(design.late_days))
    return Lots(np.where(np.arange(days + 1) > 0, by_days[(late * len(by_days)).astype(int)], 0), *others)


def as_planned(design: ScheduleDesign, protocol: Protocol) -> tuple[Segment, ...]:
    """The phases of the protocol one after the other, without any decision."""
    segments, day = [], 0
    for phase in protocol.phases:
        segments.append(Segment(day, phase, phase.session_interval_days, phase.rating_interval_days))
        if phase.session_interval_days is None:
            weeks = max(phase.minimum_weeks, design.drug_phase_weeks)
        else:
            weeks = max(phase.minimum_weeks, (phase.minimum_sessions or 0) * phase.session_interval_days / DAYS_PER_WEEK)
        day += round(weeks * DAYS_PER_WEEK)
    return tuple(segments)


def session_days(design: ScheduleDesign, lots: Lots, segments: Sequence[Segment], last: int) -> list[int]:
    """The days of sessions that took place, up to `last`."""
    found = {_actual(design, lots, day, interval, last) for day, interval in _planned_sessions(segments, last) if _kept(design, lots, day)}
    return sorted(found)


def skipped_days(design: ScheduleDesign, lots: Lots, segments: Sequence[Segment], last: int) -> list[int]:
    """The days on which a session or dose was due and did not take place."""
    return sorted({day for day, _ in _planned_sessions(segments, last) if not _kept(design, lots, day)})


def ratings_due(design: ScheduleDesign, lots: Lots, segments: Sequence[Segment], last: int) -> list[Due]:
    """The ratings that fall due, in order, one a day at most."""
    sessions = set(session_days(design, lots, segments, last))
    found: dict[int, Due] = {}
    for planned, interval in _planned(segments, last, sessions=False):
        day = _actual(design, lots, planned, interval, last)
        found.setdefault(day, Due(planned, day, day in sessions))
    return [found[day] for day in sorted(found)]


def decision_days(segments: Sequence[Segment], last: int) -> list[int]:
    """Days on which the plan is reconsidered: the decision points of each phase, counted from its beginning."""
    found = set()
    starts = {segment.phase.id: segment for segment in reversed(segments)}
    for segment in starts.values():
        after = [other.day for other in segments if other.phase.id != segment.phase.id and other.day > segment.day]
        every = round(segment.phase.decision_every_weeks * DAYS_PER_WEEK)
        found |= set(range(segment.day + every, min([*after, last + 1]), every))
    return sorted(found)


def decided(
    design: ScheduleDesign, lots: Lots, segments: tuple[Segment, ...], day: int, better: float, shortest: float | None
) -> tuple[Segment, ...] | None:
    """The segments after the decision of `day`; None where nothing is changed. `better`: the share of the way to the best score."""
    now = [segment for segment in segments if segment.day <= day][-1]
    near = any(abs(segment.day - day) < design.apart_days for segment in segments)
    lot = float(lots.decision[day])
    if near or now.decision == "stop":
        return None
    new = _less(design, now, lot) if better >= design.well_fraction else None
    if better < design.better_fraction and lot < design.change_share:
        new = _more(now, shortest)
    if new is None:
        return None
    later = [segment._replace(drug=new.drug) for segment in segments if segment.day > day]
    return (*(segment for segment in segments if segment.day <= day), new._replace(day=day), *([] if new.decision == "stop" else later))


def _more(now: Segment, shortest: float | None) -> Segment | None:
    """Closer sessions where that is possible; another drug where there are no sessions."""
    if now.session_interval_days is None:
        return now._replace(drug=now.drug + 1, decision="switch")
    closer = max(now.session_interval_days / 2, shortest or 0.0)
    if closer >= now.session_interval_days:
        return None
    return now._replace(session_interval_days=closer, decision="change_interval")


def _less(design: ScheduleDesign, now: Segment, lot: float) -> Segment | None:
    """Sessions further apart, or none, for some of those who are well."""
    if now.session_interval_days is None:
        return None
    if lot < design.stop_share:
        return now._replace(session_interval_days=None, decision="stop")
    longer = min(2 * now.session_interval_days, design.longest_interval_days)
    if lot < design.stop_share + design.lengthen_share and longer > now.session_interval_days:
        return now._replace(session_interval_days=longer, decision="change_interval")
    return None


def _planned_sessions(segments: Sequence[Segment], last: int) -> Iterator[tuple[int, float]]:
    return _planned(segments, last, sessions=True)


def _planned(segments: Sequence[Segment], last: int, *, sessions: bool) -> Iterator[tuple[int, float]]:
    ends = [*(segment.day for segment in segments[1:]), last + 1]
    for segment, end in zip(segments, ends, strict=True):
        interval = segment.session_interval_days if sessions else segment.rating_interval_days
        if interval is None:
            continue
        count = 0
        while (day := segment.day + int(count * interval)) < min(end, last + 1):
            yield day, interval
            count += 1


def _actual(design: ScheduleDesign, lots: Lots, day: int, interval: float, last: int) -> int:
    late = int(lots.late[day]) if interval >= design.close_days else 0
    return min(max(day + late, 0), last)


def _kept(design: ScheduleDesign, lots: Lots, day: int) -> bool:
    return day == 0 or float(lots.session[day]) >= design.session_missed_share
