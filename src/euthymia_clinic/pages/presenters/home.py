"""Doses at home for the care team: the core's reconciliation, a calendar of its days, what was logged and answered before doses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.events import DoseLog, Observation
from euthymia.home import HomeDay, HomeDoses
from euthymia.moment import Moment, day_in_words
from euthymia.record import PatientRecord
from euthymia_clinic.pages.presenters.own_doses import first_of, readings_with

# The calendar shows so many weeks, the lists so many rows; the list of events holds all.
_WEEKS, _ROWS = 13, 30
# What weighs most on a day comes first.
_SHAPES = {
    "not_logged": ("?", "not logged"),
    "not_taken": ("–", "not taken"),
    "changed": ("△", "taken in another way"),
    "taken": ("✓", "taken"),
}
LEGEND = [(shape, kind, words) for kind, (shape, words) in reversed(_SHAPES.items())]
TAKEN_WORDS = {"taken": "taken", "changed": "taken in another way", "not_taken": "not taken", "unknown": "not known"}
_NOT_SAID = "not said"


@dataclass(frozen=True)
class Cell:
    """One day of the calendar. `kind`: what weighs most on it (empty: no dose planned, none logged); `words`: all of it."""

    day: date
    number: int
    kind: str
    shape: str
    words: str


def supply_shown(supply: HomeDoses, record: PatientRecord, today: date) -> dict[str, Any]:
    """One drug by one route: the regimen, the stock, the findings, the calendar."""
    return {
        "home": supply,
        "title": f"{supply.drug}{f', {supply.route}' if supply.route else ''}",
        "since": day_in_words(supply.regimen.at.day(record.zone)) if supply.regimen and supply.regimen.at.has_day else "",
        "weeks": list(weeks(supply.days, today)),
    }


def weeks(days: Sequence[HomeDay], today: date) -> Iterator[list[Cell | None]]:
    """The last weeks from Monday to Sunday, the newest first; None: the regimen had not begun, or the day is still to come."""
    known = {each.day: each for each in days}
    first, monday = min(known, default=today), today - timedelta(days=today.weekday())
    for week in (monday - timedelta(weeks=n) for n in range(_WEEKS)):
        line = [week + timedelta(days=n) for n in range(7)]
        if line[-1] < first:
            return
        yield [_cell(day, known.get(day)) if first <= day <= today else None for day in line]


def _cell(day: date, said: HomeDay | None) -> Cell:
    found = [(kind, count) for kind, count in _counts(said).items() if count] if said else []
    kind = found[0][0] if found else ""
    parts = [f"{count} {_SHAPES[each][1]}" if count > 1 else _SHAPES[each][1] for each, count in found]
    nothing = "no dose planned" if said and said.planned == 0 else "nothing logged"
    return Cell(day, day.day, kind, _SHAPES[kind][0] if kind else "", f"{day_in_words(day)}: {', '.join(parts) or nothing}")


def _counts(said: HomeDay) -> dict[str, int]:
    unknown = (said.unlogged or 0) + said.unknown
    return {"not_logged": unknown, "not_taken": said.not_taken, "changed": said.changed, "taken": said.taken}


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
