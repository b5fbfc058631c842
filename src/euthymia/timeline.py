"""What happened beside the ratings, on one timeline: doses, drugs, courses, plans, decisions, incidents.

So that coincidence is visible and nobody credits the wrong thing. Pure facts of the record; nothing is concluded.
`Scale` is what a picture needs of the primary instrument: its range and its bands.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Decision, DoseLog, DoseSession, Incident, Medication, Plan, TreatmentCourse
from euthymia.record import PatientRecord

LaneKind = Literal["session", "home_dose", "course", "drug"]


@dataclass(frozen=True)
class Dose:
    """One dose on its day, as recorded: given in a session, or logged at home. `amount` is None where it is not known."""

    day: date
    amount: float | None
    unit: str | None
    taken: bool | None


@dataclass(frozen=True)
class Stretch:
    """A drug or a course from `start` to `end` (None: still going on)."""

    start: date
    end: date | None
    words: str


@dataclass(frozen=True)
class Lane:
    """One line of the timeline: the doses or stretches of one treatment."""

    kind: LaneKind
    name: str
    doses: tuple[Dose, ...] = ()
    stretches: tuple[Stretch, ...] = ()


@dataclass(frozen=True)
class Mark:
    """Something that happened on one day and that a reader should see beside the ratings."""

    day: date
    kind: Literal["plan", "decision", "incident"]
    words: str
    detail: str | None


@dataclass(frozen=True)
class ScaleBand:
    """A severity band of the primary instrument, both ends included."""

    label: str
    low: float
    high: float


@dataclass(frozen=True)
class Scale:
    """The primary instrument as an axis. `step` is the smallest difference between two scores."""

    instrument: str
    short_name: str
    low: float
    high: float
    step: float
    bands: tuple[ScaleBand, ...]


@dataclass(frozen=True)
class Timeline:
    """The axis, the lanes (doses first) and the marks, by time."""

    scale: Scale | None
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]


def timeline(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog) -> Timeline:
    """The timeline of the current episode, from a record that has already been cut at its day."""
    lanes = (*_sessions(record, episode), *_home_doses(record, episode), *_courses(record, episode), *_drugs(record, episode))
    return Timeline(_scale(episode, catalog), lanes, tuple(sorted(_marks(record, episode, catalog), key=lambda m: (m.day, m.words))))


def _scale(episode: CurrentEpisode, catalog: Catalog) -> Scale | None:
    instrument = catalog.instruments[episode.primary] if episode.primary else None
    if instrument is None or instrument.range is None:
        return None
    span = instrument.range
    bands = tuple(ScaleBand(b.label, b.low, b.high) for b in instrument.bands)
    return Scale(instrument.id, instrument.short_name, span.minimum, span.maximum, span.step or 0.1, bands)


def _within(episode: CurrentEpisode, start: date, end: date | None = None) -> bool:
    """Whether something belongs to this episode: begun in it, or still going on when it began."""
    return episode.started is None or start >= episode.started or end is None or end >= episode.started


def _sessions(record: PatientRecord, episode: CurrentEpisode) -> Iterator[Lane]:
    lanes: dict[str, list[Dose]] = {}
    for session in record.of_kind(DoseSession):
        day = session.at.day(record.zone)
        if _within(episode, day, day):
            amount, unit = (session.dose_mg, "mg") if session.dose_mg else (session.dose_mg_per_kg, "mg/kg")
            dose = Dose(day, amount, unit if amount else None, taken=True)
            lanes.setdefault(_named(session.treatment, session.route), []).append(dose)
    yield from (Lane("session", name, doses=tuple(doses)) for name, doses in lanes.items())


def _home_doses(record: PatientRecord, episode: CurrentEpisode) -> Iterator[Lane]:
    """Doses at home as logged. Never logged is unknown, so nothing is drawn between the logs."""
    lanes: dict[str, list[Dose]] = {}
    known = {"taken": True, "changed": True, "not_taken": False, "unknown": None}
    for log in record.of_kind(DoseLog):
        day = log.at.day(record.zone)
        if _within(episode, day, day):
            dose = Dose(day, log.dose_mg, "mg" if log.dose_mg else None, known[log.taken])
            lanes.setdefault(f"{_named(log.treatment, log.route)}, at home", []).append(dose)
    yield from (Lane("home_dose", name, doses=tuple(doses)) for name, doses in lanes.items())


def _courses(record: PatientRecord, episode: CurrentEpisode) -> Iterator[Lane]:
    lanes: dict[str, list[Stretch]] = {}
    for course in record.of_kind(TreatmentCourse):
        start, end = course.at.day(record.zone), course.ended.day(record.zone) if course.ended else None
        if _within(episode, start, end):
            done = "" if course.sessions_done is None else f"{course.sessions_done} sessions"
            lanes.setdefault(course.treatment, []).append(Stretch(start, end, done))
    yield from (Lane("course", name, stretches=tuple(found)) for name, found in lanes.items())


def _drugs(record: PatientRecord, episode: CurrentEpisode) -> Iterator[Lane]:
    lanes: dict[str, list[Stretch]] = {}
    for drug in record.of_kind(Medication):
        start, end = drug.at.day(record.zone), drug.ended.day(record.zone) if drug.ended else None
        if _within(episode, start, end):
            words = drug.dose_text or (f"{drug.daily_dose_mg:g} mg a day" if drug.daily_dose_mg else "")
            lanes.setdefault(drug.drug, []).append(Stretch(start, end, words))
    yield from (Lane("drug", name, stretches=tuple(found)) for name, found in lanes.items())


def _marks(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog) -> Iterator[Mark]:
    zone = record.zone
    for plan in record.of_kind(Plan):
        if _within(episode, day := plan.at.day(zone), day):
            protocol = catalog.protocols.get(plan.protocol or "")
            phase = protocol.phase(plan.phase) if protocol else None
            yield Mark(day, "plan", plan.summary or (phase.name if phase else "plan"), protocol.name if protocol else None)
    for decision in record.of_kind(Decision):
        if _within(episode, day := decision.at.day(zone), day):
            yield Mark(day, "decision", decision.disposition.replace("_", " "), decision.reason or decision.patient_reason)
    for incident in record.of_kind(Incident):
        if _within(episode, day := incident.at.day(zone), day):
            yield Mark(day, "incident", incident.incident.replace("_", " "), incident.description)


def _named(treatment: str, route: str | None) -> str:
    return f"{treatment} {route}" if route else treatment
