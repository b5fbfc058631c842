"""What the pages of a patient's doses at home show: the regimen as it was written, what waits to be logged, what was logged."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from euthymia.dose_check import ASKED, PRESSURE
from euthymia.events import DoseLog, Measurement
from euthymia.home import HomeDoses
from euthymia.phrases import Phrases, day_said
from euthymia.record import PatientRecord
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.alerts.patient_view import help_of
from euthymia_clinic.alerts.watching import clock_in_words, phrases_for, told
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.home.waiting import Waiting, key_in, key_of, planned_day, waiting

# So many of what was logged are shown to the patient; the chart holds all.
_SHOWN = 14


def frame(patient: Patient, language: str, key: str, now: datetime) -> dict[str, Any]:
    """What stands around every page: the sentences, the languages, the help at its foot."""
    catalog = catalog_of(patient.site)
    wanted = language if language in catalog.phrases else patient.language
    phrases = phrases_for(catalog, wanted)
    return {
        "lang": phrases.language,
        "language": phrases.id,
        "tongues": [(each.id, each.name) for each in catalog.phrases.values()],
        "languages": [],
        "said": phrases.home_doses,
        "own": phrases.own_page,
        "support": phrases.support,
        "phrases": phrases,
        "help": help_of(patient, phrases.id, now),
        "clinic": patient.site.name,
        "notice": phrases.notice,
        "key": key,
    }


def doses_page(record: PatientRecord, supplies: Sequence[HomeDoses], phrases: Phrases, today: date) -> dict[str, Any]:
    """The list of doses: what is prescribed, what waits to be logged, what was logged."""
    open_now = waiting(record, supplies, today)
    logs = sorted(record.of_kind(DoseLog), key=lambda log: log.at.key(record.zone), reverse=True)
    return {
        "regimens": [regimen_of(each, record, phrases) for each in supplies if each.regimen],
        "waiting": [waiting_of(each, open_now, phrases, today) for each in open_now],
        "logged": [logged_of(log, record, phrases) for log in logs[:_SHOWN]],
        "any_at_home": bool(supplies),
    }


def regimen_of(supply: HomeDoses, record: PatientRecord, phrases: Phrases) -> dict[str, Any]:
    """A regimen word for word; nothing is put into words here."""
    regimen = supply.regimen
    since = day_said(phrases, regimen.at.day(record.zone)) if regimen and regimen.at.has_day else ""
    return {
        "drug": regimen.treatment if regimen else supply.drug,
        "words": regimen.words if regimen else None,
        "since": phrases.own_page.regimen_since.format(day=since) if since else "",
        "by_video": bool(regimen and regimen.telehealth),
    }


def waiting_of(dose: Waiting, every: Sequence[Waiting], phrases: Phrases, today: date) -> dict[str, Any]:
    """One dose that nobody has logged; the questions before it are asked on its own day only."""
    drugs = {key_of(each.supply) for each in every}
    alike = sum(each.day == dose.day and each.supply is dose.supply for each in every)
    numbered = alike > 1 or dose.number > 1
    return {
        "id": dose.id,
        "words": dose_words(dose.day, phrases),
        "number": phrases.home_doses.dose_number.format(n=dose.number) if numbered else "",
        "drug": dose.supply.drug if len(drugs) > 1 else "",
        "today": dose.day == today,
    }


def logged_of(log: DoseLog, record: PatientRecord, phrases: Phrases) -> dict[str, Any]:
    """One dose that was logged: when, how it went, and that it was logged on a later day."""
    said, zone = phrases.home_doses, record.zone
    day, own = log.at.day(zone), bool(key_in(log.id))
    clock = log.at.instant.astimezone(zone) if log.at.instant else None
    # A correction stands in the place of what was logged: the day of the first is the day on which it was logged.
    first = first_of(log, record)
    written = first.recorded_at.day(zone) if first.recorded_at else None
    return {
        "id": log.id,
        "words": dose_words(day, phrases) + (f", {clock_in_words(phrases, clock.hour, clock.minute)}" if clock else ""),
        "how": said.logged_as[log.taken],
        "later": said.logged_later.format(day=day_said(phrases, written)) if written and written > day and own else "",
        "own": own,
    }


def first_of(log: DoseLog, record: PatientRecord) -> DoseLog:
    """What was logged first of a dose, before it was corrected."""
    by_id = {event.id: event for event in record.events if isinstance(event, DoseLog)}
    seen: set[str] = set()
    while log.supersedes in by_id and log.supersedes not in seen:
        seen.add(log.supersedes)
        log = by_id[log.supersedes]
    return log


def readings_with(log: DoseLog, record: PatientRecord) -> dict[str, float]:
    """The two numbers of the cuff that were logged with a dose."""
    found = {event.id.removeprefix(f"{log.id}-"): event.value for event in record.of_kind(Measurement)}
    return {name: value for name in ("systolic", "diastolic") if (value := found.get(name)) is not None}


def dose_title(dose_id: str, phrases: Phrases) -> str:
    """Which dose a form is about, where it is a planned one."""
    day = planned_day(dose_id)
    return dose_words(day, phrases) if day else ""


def dose_words(day: date, phrases: Phrases) -> str:
    """Wednesday, 25 November 2026."""
    return phrases.home_doses.dose_of.format(weekday=phrases.weekdays[day.weekday()], day=day_said(phrases, day))


def worry_shown(patient: Patient, alert: Alert | None, phrases: Phrases, now: datetime) -> tuple[str, ...]:
    """Who sees what was worrying, and when: only what is true at this hour."""
    return told(patient.site, now, phrases, by=alert.see_by if alert else None)


def check_fields(phrases: Phrases) -> list[tuple[str, str]]:
    """The questions before a dose, in their order."""
    return [(about, phrases.home_doses.checks[about]) for about in ASKED if about in phrases.home_doses.checks]


def heard_words(heard: Sequence[str], answers: dict[str, bool], pressure: str, phrases: Phrases) -> list[str]:
    """What the clinic asked to hear of first, as the patient answered it."""
    said = phrases.home_doses
    yes_no = {True: said.yes, False: said.no}
    lines = [f"{said.checks[about]} {yes_no[answers[about]]}" for about in heard if about in answers and about in said.checks]
    return [*lines, *([f"{said.check_pressure}: {pressure}"] if PRESSURE in heard else [])]


def supplies_to_choose(supplies: Sequence[HomeDoses]) -> list[tuple[str, str]]:
    """The drugs by their routes, where another dose can be of several."""
    return [(key_of(each), f"{each.drug}{f' ({each.route})' if each.route else ''}") for each in supplies]
