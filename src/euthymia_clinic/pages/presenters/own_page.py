"""What stands on a patient's own page: the conversation, goals in words, the regimen as written, help. No risk, no dosing advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from euthymia.catalog import Catalog
from euthymia.conversation import conversation
from euthymia.events import Goal, Medication
from euthymia.home import HomeDoses
from euthymia.moment import Moment
from euthymia.phrases import Phrases, day_said
from euthymia.record import PatientRecord
from euthymia.report.patient_page import drawn
from euthymia.reviewing import Review, review
from euthymia_clinic.alerts.patient_view import help_of
from euthymia_clinic.alerts.watching import phrases_for
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.snapshots import is_stale, latest, review_in
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.home.waiting import supplies_at_home


@dataclass(frozen=True)
class OwnGoal:
    """One of the patient's goals in their own words, and how far it is: -2 to +2 as words and as a place on a line of five."""

    goal: str
    words: str
    place: int | None
    when: str


@dataclass(frozen=True)
class Prescribed:
    """What was prescribed for home, word for word."""

    drug: str
    words: str
    since: str


def own_page(patient: Patient, language: str, now: datetime) -> dict[str, Any]:
    """Everything on the page, in one language."""
    catalog, site = catalog_of(patient.site), patient.site
    phrases, record = phrases_for(catalog, language), record_of(patient)
    supplies = supplies_at_home(record, catalog, site.today())
    country = (site.country or "").lower()
    known = country if country in catalog.crisis_lines.countries else None
    page = conversation(_review(patient, record, catalog), catalog, phrases.id, scores=site.shows_scores, country=known)
    return {
        "page": page,
        "drawing": drawn(page.picture) if page.picture else None,
        "said": phrases.own_page,
        "goals": goals(record, phrases),
        "home": [*regimen(record, phrases, site.today()), *at_home(supplies, record, phrases)],
        "doses_at_home": any(each.regimen for each in supplies),
        "doses": phrases.home_doses,
        "checkin": open_checkin(patient, now),
        "help": help_of(patient, language, now),
        "levels": list(reversed(range(5))),
        "languages": [(each.id, each.name) for each in catalog.phrases.values()],
        "lang": phrases.language,
        "site": site,
    }


def open_checkin(patient: Patient, now: datetime) -> Checkin | None:
    """The questions that can be answered now, if there are any: those that close first."""
    return patient.checkins.filter(outcome=Checkin.Outcome.OPEN, opens_at__lte=now, closes_at__gt=now).order_by("closes_at").first()


def goals(record: PatientRecord, phrases: Phrases) -> list[OwnGoal]:
    """Each goal once, as it was last rated."""
    last: dict[str, Goal] = {}
    rated: dict[str, Goal] = {}
    for goal in record.of_kind(Goal):
        last[goal.goal] = goal
        if goal.attainment is not None:
            rated[goal.goal] = goal
    return [_goal(rated.get(words, goal), goal, phrases, record) for words, goal in last.items()]


def _goal(rated: Goal, goal: Goal, phrases: Phrases, record: PatientRecord) -> OwnGoal:
    said = phrases.own_page
    if rated.attainment is None:
        when = said.goal_by.format(day=day_said(phrases, goal.by.day(record.zone))) if goal.by and goal.by.has_day else ""
        return OwnGoal(goal.goal, said.goal_not_rated, None, when)
    when = said.goal_rated.format(day=day_said(phrases, rated.at.day(record.zone)))
    return OwnGoal(goal.goal, said.attainment[rated.attainment + 2], rated.attainment + 2, when)


def regimen(record: PatientRecord, phrases: Phrases, on: date) -> list[Prescribed]:
    """Prescriptions in force that say in words how they are taken; nothing is put into words here."""
    held = [drug for drug in record.until(on).of_kind(Medication) if drug.intent == "prescribed" and drug.ended is None]
    return [Prescribed(drug.drug, drug.dose_text, _since(drug.at, record, phrases)) for drug in held if drug.dose_text]


def at_home(supplies: Sequence[HomeDoses], record: PatientRecord, phrases: Phrases) -> list[Prescribed]:
    """The regimens for home that are in force and stand in words, word for word."""
    held = [each.regimen for each in supplies if each.regimen and each.regimen.words]
    return [Prescribed(each.treatment, each.words or "", _since(each.at, record, phrases)) for each in held]


def _since(at: Moment, record: PatientRecord, phrases: Phrases) -> str:
    """Since when something is prescribed, where its day is known."""
    return phrases.own_page.regimen_since.format(day=day_said(phrases, at.day(record.zone))) if at.has_day else ""


def _review(patient: Patient, record: PatientRecord, catalog: Catalog) -> Review:
    """The stored review, where it is of today and of all that is known; else one made now."""
    snapshot = latest(patient)
    if snapshot is not None and not is_stale(snapshot, patient):
        return review_in(snapshot)
    return review(record, catalog, patient.site.today())
