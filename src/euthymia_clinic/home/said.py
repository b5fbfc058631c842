"""What a patient says of one dose at home, and before one, as events of the record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from euthymia.events import Concern, DoseLog, EventBase, Measurement, Observation, Regimen
from euthymia.moment import Moment
from euthymia.record import PatientRecord

SOURCE = "patient's page"
UNIT = "mm[Hg]"
NO_WORDS = "The patient logged a dose at home and said that something was worrying, without words."
_MEASURES = {"systolic": "systolic blood pressure", "diastolic": "diastolic blood pressure"}

Pressure = tuple[float, float]


@dataclass(frozen=True)
class DoseSaid:
    """One dose as the patient says it was. `changes`: the id of the log in whose place it comes; None everywhere else: not said.

    `supply`: which drug by which route (waiting.key_of). `pressure`: upper and lower number, in mm Hg.
    """

    id: str
    supply: str
    at: Moment
    taken: Literal["taken", "not_taken", "changed"]
    dose_mg: float | None = None
    units: float | None = None
    someone_present: bool | None = None
    pressure: Pressure | Literal["not_measured"] | None = None
    effects_minutes: float | None = None
    worrying: bool | None = None
    words: str = ""
    changes: str = ""


def log_of(said: DoseSaid, treatment: str, route: str | None, regimen: Regimen | None) -> DoseLog:
    """The log. Taken as prescribed is the dose of the regimen, where it names one."""
    prescribed = regimen.dose_mg if regimen and said.taken == "taken" else None
    return DoseLog(
        id=said.id,
        at=said.at,
        treatment=regimen.treatment if regimen else treatment,
        route=(regimen.route if regimen else None) or route,
        taken=said.taken,
        dose_mg=prescribed if said.taken == "taken" else said.dose_mg,
        units=said.units,
        someone_present=said.someone_present,
        pressure="measured" if isinstance(said.pressure, tuple) else said.pressure,
        effects_minutes=said.effects_minutes,
        worrying=said.worrying,
        note=said.words or None,
        source=SOURCE,
        supersedes=said.changes or None,
    )


def readings_of(said: DoseSaid, record: PatientRecord) -> Iterator[Measurement]:
    """The reading of the cuff with a dose, in the place of the one before: of its day, since nobody said at what time it was.

    Where a correction has no reading any more, the one before is withdrawn.
    """
    day = Moment.of(said.at.day(record.zone))
    values = dict(zip(_MEASURES, said.pressure, strict=True)) if isinstance(said.pressure, tuple) else {}
    known = {event.id: event for event in record.events if isinstance(event, Measurement) and not event.entered_in_error}
    for name, measure in _MEASURES.items():
        before = known.get(f"{said.changes}-{name}") if said.changes else None
        new = {"id": f"{said.id}-{name}", "supersedes": before.id if before else None}
        if name in values:
            yield Measurement(**new, at=day, measure=measure, value=values[name], unit=UNIT, source=SOURCE)
        elif before is not None:
            yield before.model_copy(update={**new, "entered_in_error": True, "recorded_at": None})


def concern_of(said: DoseSaid, now: datetime) -> Concern:
    """What was worrying, in the patient's own words: for a person to read, never scored."""
    return Concern(id=f"{said.id}-concern", at=Moment.of(now), concern=said.words or NO_WORDS, about="other", source=SOURCE)


def check_events(dose_id: str, token: str, at: datetime, answers: Mapping[str, bool], pressure: Pressure | None) -> Iterator[EventBase]:
    """What was answered and measured before a dose: observations that belong to its log to come, readings of this minute."""
    now = Moment.of(at)
    for about, yes in answers.items():
        answer: Literal["yes", "no"] = "yes" if yes else "no"
        yield Observation(id=f"check-{token}-{about}", at=now, about=about, answer=answer, of=dose_id, by="patient", source=SOURCE)
    for (name, measure), value in zip(_MEASURES.items(), pressure or (), strict=False):
        yield Measurement(id=f"check-{token}-{name}", at=now, measure=measure, value=value, unit=UNIT, source=SOURCE)


def is_new_worry(said: DoseSaid, before: DoseLog | None) -> bool:
    """Whether something worrying is said that was not said before: once told, a correction of something else tells it no second time."""
    return said.worrying is True and (before is None or not before.worrying or (before.note or "") != said.words)
