"""Doses at home for the care team: what was logged of each, and what was answered before them."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.events import DoseLog, Observation
from euthymia.moment import Moment, day_in_words
from euthymia.record import PatientRecord
from euthymia_clinic.pages.presenters.own_doses import first_of, readings_with

# So many rows are shown; the list of events holds all.
_ROWS = 14
TAKEN_WORDS = {"taken": "taken", "changed": "taken in another way", "not_taken": "not taken", "unknown": "not known"}
_NOT_SAID = "not said"


def logs_shown(record: PatientRecord) -> list[dict[str, str]]:
    """The last doses logged, the newest first; what was not said is said to be not said."""
    logs = sorted(record.of_kind(DoseLog), key=lambda log: log.at.key(record.zone), reverse=True)
    return [_log(log, record) for log in logs[:_ROWS]]


def _log(log: DoseLog, record: PatientRecord) -> dict[str, str]:
    zone, took = record.zone, log.taken != "not_taken"
    reading = readings_with(log, record)
    pressure = (
        f"{reading['systolic']:g} / {reading['diastolic']:g}"
        if len(reading) == 2
        else {"not_measured": "not measured"}.get(log.pressure or "", _NOT_SAID)
    )
    first = first_of(log, record)
    written = first.recorded_at.day(zone) if first.recorded_at else None
    units = f"{log.units:g} units" if log.units else ""
    return {
        "id": log.id,
        "when": _moment(log.at, zone),
        "how": TAKEN_WORDS[log.taken],
        "dose": (f"{log.dose_mg:g} mg" if log.dose_mg else units or _NOT_SAID) if took else "",
        "present": {True: "yes", False: "alone", None: _NOT_SAID}[log.someone_present] if took else "",
        "pressure": pressure if took else "",
        "effects": (f"{log.effects_minutes:g} min" if log.effects_minutes is not None else _NOT_SAID) if took else "",
        "worrying": {True: "yes", False: "no", None: _NOT_SAID}[log.worrying],
        "note": log.note or "",
        "later": f"logged later, on {day_in_words(written)}" if written and written > log.at.day(zone) else "",
        "corrected": "corrected" if log.supersedes else "",
    }


def checks_shown(record: PatientRecord, catalog: Catalog) -> list[dict[str, Any]]:
    """What patients answered before doses, the newest first: each time with its answers, those heard first marked."""
    asked = [each for each in record.of_kind(Observation) if each.of and each.id.startswith("check-")]
    times: dict[Moment, list[Observation]] = {}
    for each in asked:
        times.setdefault(each.at, []).append(each)
    shown = [{"when": _moment(at, record.zone), "answers": [_answer(each, catalog) for each in said]} for at, said in times.items()]
    return shown[::-1][:_ROWS]


def _answer(seen: Observation, catalog: Catalog) -> dict[str, Any]:
    fact = catalog.vocabulary.get(seen.about)
    return {"words": f"{fact.words if fact else seen.about}: {seen.answer}", "first": fact is not None and fact.worst == seen.answer}


def _moment(at: Moment, zone: ZoneInfo) -> str:
    local: datetime | None = at.instant.astimezone(zone) if at.instant else None
    return f"{day_in_words(local.date())}, {local:%H:%M}" if local else day_in_words(at.day(zone)) if at.has_day else str(at)
