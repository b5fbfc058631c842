"""A session to test with: a patient with a plan of infusions, the sheet of today, and entries as a page sends them."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from euthymia.events import Episode, Measurement, Person, Plan
from euthymia.moment import Moment
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.sessions.actions import keep_entries, open_sheet
from euthymia_clinic.sessions.saying import Said

# Everything that is asked before the dose, answered so that nothing holds.
QUIET_BEFORE = {
    "contraindications_checked": "yes", "medicines_reviewed": "yes", "alcohol_today": "no", "sedative_today": "no",
    "elevated_mood": "no", "psychotic_symptoms": "no", "intoxication": "no", "confusion": "no", "suicidality_asked": "yes",
    "escort_arranged": "yes", "systolic": "122", "diastolic": "78", "heart_rate": "70", "oxygen_saturation": "98", "weight": "70",
    "treatment": "ketamine", "route": "intravenous", "dose": "35", "lot": "K-12", "monitored_by": "Nurse",
}  # fmt: skip
WATCHED = {
    "systolic": "131", "diastolic": "82", "heart_rate": "76", "oxygen_saturation": "97", "moaas": "5", "dissociation": "no",
    "sedation": "no", "pressure_symptoms": "no", "red_flag_symptoms": "no", "respiratory_depression": "no", "confusion": "no",
}  # fmt: skip
LEAVING = {**WATCHED, "escort_present": "yes", "plans_to_drive": "no"}


def infused(site, code, team, **fields):
    """Somebody in care on a series of infusions, weighed last week."""
    found = admit(system("test"), site, code, team=team, **fields)
    before = (timezone.now() - timedelta(days=10)).date().isoformat()
    events = [
        Person(id=f"{code}-person", at=before, birth_date="1980-04-02", sex="male", zone=site.zone),
        Episode(id=f"{code}-episode", at=before, polarity="unipolar", psychotic=False, primary_instrument="phq9"),
        Plan(id=f"{code}-plan", at=before, protocol="ketamine_iv", phase="series"),
        Measurement(id=f"{code}-weight", at=before, measure="weight", value=70.0, unit="kg"),
    ]
    record_events(system("test"), found, events)
    found.refresh_from_db()
    return found


def opened(here, patient):
    """The sheet of today."""
    sheet, _ = open_sheet(here.actor, here, patient)
    return sheet


def said(field, value, at=None, **more):
    """One entry as a page makes it."""
    return Said(id=more.pop("id", None) or uuid4(), field=field, value=value, at=at or timezone.now(), **more)


def keep(here, sheet, *entries, sent_at=None, arrived=None):
    """Send entries, now, by a clock that is right."""
    now = arrived or timezone.now()
    return keep_entries(here.actor, here, sheet, entries, sent_at=sent_at or now, arrived=now)


def answer(here, sheet, answers, at=None):
    """Send one entry for each answer; all have to be kept."""
    kept, refused = keep(here, sheet, *(said(field, value, at) for field, value in answers.items()), arrived=at)
    assert refused == []
    return kept


def moment(text):
    """An instant of a test."""
    return Moment.of(text).instant or datetime(2026, 1, 1, tzinfo=UTC)
