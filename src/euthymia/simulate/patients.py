"""One virtual patient: a schedule, a course drawn on it, decisions that answer to the course, ratings answered, missed and given up.

Everything of patient k comes from the seed and k alone: the same with ten patients as with a thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import numpy as np

from euthymia.catalog import Catalog
from euthymia.instrument import Instrument
from euthymia.protocol import Protocol
from euthymia.simulate.courses import Courses, Drawable, draw_courses
from euthymia.simulate.foreign import Span, draw_foreign
from euthymia.simulate.items import ItemDesign, attainable
from euthymia.simulate.regimens import BodyDesign, Regimen, regimen_of
from euthymia.simulate.schedule import (
    DAYS_PER_WEEK,
    Due,
    Lots,
    ScheduleDesign,
    Segment,
    as_planned,
    decided,
    decision_days,
    draw_lots,
    ratings_due,
    session_days,
)

_LOTS, _COURSE, ANSWERS, BODY, LOGS, EFFECTS = range(6)


@dataclass(frozen=True)
class Setting:
    """What a group of virtual patients has in common. `population`: drawn from it; None: from the foreign generator."""

    catalog: Catalog
    instrument: Instrument
    protocol: Protocol
    population: Drawable | None
    weeks: int
    start: date
    seed: int
    schedule: ScheduleDesign = field(default_factory=ScheduleDesign)
    items: ItemDesign = field(default_factory=ItemDesign)
    body: BodyDesign = field(default_factory=BodyDesign)

    @property
    def foreign(self) -> bool:
        return self.population is None

    @property
    def last(self) -> int:
        return self.weeks * DAYS_PER_WEEK

    @property
    def regimen(self) -> Regimen:
        return regimen_of(self.protocol.id, any(phase.session_interval_days for phase in self.protocol.phases))

    def patient_id(self, number: int) -> str:
        """An id that nobody takes for a person's."""
        return f"virtual-foreign-{number:06d}" if self.foreign else f"virtual-{number:06d}"

    def stream(self, number: int, purpose: int) -> np.random.Generator:
        """The chance of one patient for one purpose; asked twice, the same twice."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(int(self.foreign), number, purpose)))


class Attendance(NamedTuple):
    """Which of the ratings due were answered, and the place of the first that was not, because of dropping out (None: never)."""

    answered: tuple[bool, ...]
    dropped_at: int | None


@dataclass(frozen=True)
class VirtualPatient:
    """Everything that was drawn of one patient. `courses` is the truth that no record shows; `totals` [due] what each rating gives."""

    number: int
    segments: tuple[Segment, ...]
    due: tuple[Due, ...]
    sessions: tuple[int, ...]
    courses: Courses
    totals: tuple[float, ...]
    attendance: Attendance
    lots: Lots

    @property
    def until(self) -> int | None:
        """The day of dropping out; None: followed to the end."""
        at = self.attendance.dropped_at
        return None if at is None else self.due[at].day


def draw_patient(setting: Setting, number: int) -> VirtualPatient:
    """Draw one patient. Where a decision changes the plan, the course is drawn on from there; what was before stays."""
    lots = draw_lots(setting.schedule, setting.stream(number, _LOTS), setting.last)
    segments = as_planned(setting.schedule, setting.protocol)
    segments = tuple(segment for segment in segments if segment.day <= setting.last)
    considered = 0
    while True:
        drawn = _on(setting, number, lots, segments)
        changed = _first_change(setting, drawn, considered)
        if changed is None:
            return drawn
        considered, segments = changed


def _on(setting: Setting, number: int, lots: Lots, segments: tuple[Segment, ...]) -> VirtualPatient:
    due = ratings_due(setting.schedule, lots, segments, setting.last)
    sessions = session_days(setting.schedule, lots, segments, setting.last)
    courses = _courses(setting, number, [each.day for each in due], sessions, [segment.day for segment in segments[1:]])
    totals = tuple(attainable(setting.instrument, float(total)) for total in courses.totals[0])
    return VirtualPatient(number, segments, tuple(due), tuple(sessions), courses, totals, _attendance(setting, lots, due, totals), lots)


def _courses(setting: Setting, number: int, ratings: Sequence[int], sessions: Sequence[int], changes: Sequence[int]) -> Courses:
    rated, given, changed = ([day / DAYS_PER_WEEK for day in days] for days in (ratings, sessions, changes))
    generator, recall = setting.stream(number, _COURSE), setting.instrument.structure.recall_days
    if setting.population is not None:
        return draw_courses(setting.population, generator, 1, rated, given, changed, recall)
    low, high = _ends(setting.instrument)
    span = setting.instrument.range
    step = (span.step if span else None) or (high - low) / 1000
    return draw_foreign(Span(low, high, step), generator, 1, rated, given, changed, recall)


def _attendance(setting: Setting, lots: Lots, due: Sequence[Due], totals: Sequence[float]) -> Attendance:
    """Who is worse than at best drops out more often; the first rating is always answered."""
    design, (low, high) = setting.schedule, _ends(setting.instrument)
    answered = [True]
    known = [totals[0]]
    for place, each in enumerate(due[1:], 1):
        worse = (known[-1] - min(known)) / (high - low)
        if lots.dropout[each.planned] < design.dropout_hazard * np.exp(design.dropout_when_worse * worse):
            return Attendance((*answered, *[False] * (len(due) - place)), place)
        answered.append(bool(lots.rating[each.planned] >= design.rating_missed_share))
        if answered[-1]:
            known.append(totals[place])
    return Attendance(tuple(answered), None)


def _first_change(setting: Setting, drawn: VirtualPatient, considered: int) -> tuple[int, tuple[Segment, ...]] | None:
    """The first decision after day `considered` that changes the plan, and the plan after it."""
    low, _ = _ends(setting.instrument)
    shortest = setting.protocol.phases[0].session_interval_days
    for day in decision_days(drawn.segments, setting.last):
        if day <= considered or (drawn.until is not None and day >= drawn.until):
            continue
        known = [t for t, d, a in zip(drawn.totals, drawn.due, drawn.attendance.answered, strict=True) if a and d.day <= day]
        better = (known[0] - known[-1]) / max(known[0] - low, 1)
        changed = decided(setting.schedule, drawn.lots, drawn.segments, day, better, shortest)
        if changed is not None:
            return day, changed
    return None


def _ends(instrument: Instrument) -> tuple[float, float]:
    span = instrument.range
    return (span.minimum, span.maximum) if span else (0.0, 1.0)
