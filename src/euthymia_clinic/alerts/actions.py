"""Everything that may be done about an alert. Each action is one transaction with its audit entry."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from euthymia.alerting import When
from euthymia.events import Assessment, Concern, Observation
from euthymia.moment import Moment
from euthymia.triage import Triage, of_row
from euthymia.triage import triage as triaged
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.alerts.jobs import page_now
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.alerts.raising import apply, mark
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import record_events
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import check_enter
from euthymia_clinic.chart.to_core import record_from, record_of, zone_of

# What may be noted with an alert, as the rules ask for it.
NOTED = ("suicidality_reviewed", "past_behaviour_reviewed", "safety_plan", "patient_reached")


class AlertError(Exception):
    """Something about an alert that cannot be done: the message says what was found and what is allowed."""


@action("alert.triaged")
def triage(actor: Actor, /, patient: Patient, event_id: str, *, unfinished: Assessment | None = None) -> Alert | None:
    """Triage an assessment just recorded, and raise, move or settle the alert of its contact. The same one does it once.

    `unfinished`: a form that is not recorded yet, with the answers so far, under the id that it will have: somebody who
    stops after the answer that matters is not lost. Raises AlertError where there is no such assessment.
    """
    Patient.objects.select_for_update().get(pk=patient.pk)
    catalog, now = catalog_of(patient.site), timezone.now()
    record = record_of(patient)
    if unfinished is not None and not any(event.id == unfinished.id for event in record.events):
        bodies = [*patient.events.values_list("body", flat=True), unfinished.model_dump(mode="json")]
        record = record_from(patient, bodies)
    named = next((event for event in record.events if event.id == event_id), None)
    if not isinstance(named, Assessment):
        raise AlertError(f"found no assessment {event_id!r} in the record; allowed: one that has been recorded")
    # One that was taken back says nothing.
    held = any(event.id == named.id for event in record.current)
    today = now.astimezone(zone_of(patient)).date()
    found = triaged(record, catalog, named, today) if held else Triage(None, unknown=False, positive=False)
    alert = apply(patient, event_id, found, catalog, now)
    _page_soon(alert)
    return alert


@action("alert.concern")
def raise_concern(actor: Actor, /, here: Here, patient: Patient, words: str, token: str) -> Alert | None:
    """A worry about suicidality that no form holds: it is recorded, and seen the same working day. `token`: the form's own.

    Raises Forbidden, and AlertError without words.
    """
    check_enter(here, patient)
    if not words.strip():
        raise AlertError("found no words; allowed: what you saw or heard, in your own words")
    said = {"concern": words, "about": "suicidality", "source": f"user:{here.user.pk}"}
    return _raised(actor, patient, Concern(id=f"concern-{token}", at=Moment.of(timezone.now()), **said), "concern")


@action("alert.told_by_patient")
def hear_patient(actor: Actor, /, patient: Patient, concern: Concern) -> Alert | None:
    """A worry that the patient told on their own page: it is recorded, and seen the same working day. The same one does it once."""
    return _raised(actor, patient, concern, "patient_concern")


@action("alert.acknowledged")
def acknowledge(actor: Actor, /, here: Here, alert_id: UUID) -> Alert:
    """Somebody has seen it and takes it: nobody further is paged. A second click changes nothing. Raises Forbidden."""
    alert = _locked(alert_id)
    check_enter(here, alert.patient)
    if alert.state != Alert.State.OPEN:
        nothing_changed()
        return alert
    alert.state, alert.acknowledged_at, alert.acknowledged_by = Alert.State.ACKNOWLEDGED, timezone.now(), here.user
    alert.escalate_at = None
    alert.save()
    told(alert.patient.subject, alert=str(alert.pk))
    return alert


@action("alert.noted")
def note_facts(actor: Actor, /, here: Here, alert_id: UUID, noted: Mapping[str, str], token: str) -> None:
    """Note what was done about an alert as observations of the record (reached or not, safety plan, reviewed), with its time."""
    alert = _locked(alert_id)
    check_enter(here, alert.patient)
    _record(actor, here, alert, noted, token)


@action("alert.resolved")
def resolve(
    actor: Actor, /, here: Here, alert_id: UUID, note: str, *, acted_on: bool, noted: Mapping[str, str] | None = None, settles: bool = False
) -> Alert:
    """End an alert with a note of what was found and done, and whether anything was. What was noted is recorded with it.

    `settles`: the concern that raised it is settled. Raises Forbidden, and AlertError without a note or once it has ended.
    """
    alert = _locked(alert_id)
    check_enter(here, alert.patient)
    # A sign that nobody sees, or a dash, is no note.
    if not any(map(str.isalnum, note)):
        raise AlertError("found no note; allowed: what you found and what was done, in a sentence")
    if alert.state == Alert.State.RESOLVED:
        if (alert.note, alert.resolved_by_id) != (note.strip(), here.user.pk):
            raise AlertError("found an alert that somebody has resolved already; allowed: one that is open or acknowledged")
        nothing_changed()
        return alert
    now = timezone.now()
    _record(actor, here, alert, noted or {}, "resolved")
    if settles:
        _settle(actor, alert, now)
    alert.acknowledged_at, alert.acknowledged_by = alert.acknowledged_at or now, alert.acknowledged_by or here.user
    alert.state, alert.resolved_at, alert.resolved_by = Alert.State.RESOLVED, now, here.user
    alert.note, alert.acted_on, alert.escalate_at = note.strip(), acted_on, None
    alert.save()
    mark(alert.patient)
    told(alert.patient.subject, alert=str(alert.pk), acted_on=acted_on)
    return alert


def _record(actor: Actor, here: Here, alert: Alert, noted: Mapping[str, str], token: str) -> None:
    events = []
    for about, answer in noted.items():
        if about not in NOTED or answer not in ("yes", "no"):
            raise AlertError(f"found {about[:40]!r}: {answer[:20]!r}; allowed: {', '.join(NOTED)}, each yes or no")
        by = f"user:{here.user.pk}"
        key = f"alert-{alert.pk}-{about}-{token}"
        if not alert.patient.events.filter(event_id=key).exists():
            events.append(Observation(id=key, at=Moment.of(timezone.now()), about=about, answer=answer, by=by, source="alert"))
    if events:
        record_events(actor, alert.patient, events)
        told(alert.patient.subject, alert=str(alert.pk), noted=len(events))
    else:
        nothing_changed()


def _settle(actor: Actor, alert: Alert, now: datetime) -> None:
    """The concern itself, settled, in the place of the open one; each of them, where one contact told of several."""
    sources = {alert.source, *alert.raised.values_list("source", flat=True)}
    for concern in (each for each in record_of(alert.patient).of_kind(Concern) if each.id in sources):
        changed = {"id": f"{concern.id}-settled", "settled": Moment.of(now), "supersedes": concern.id, "recorded_at": None}
        record_events(actor, alert.patient, [concern.model_copy(update=changed)])


def _locked(alert_id: UUID) -> Alert:
    """The alert with its row locked. Raises AlertError where there is none."""
    if Alert.objects.select_for_update().filter(pk=alert_id).first() is None:
        raise AlertError("found no such alert; allowed: one of this site")
    return Alert.objects.select_related("patient__site", "site").get(pk=alert_id)


def _raised(actor: Actor, patient: Patient, concern: Concern, when: When) -> Alert | None:
    """Record a concern, once, and raise the alert that `help/alerts.toml` has for it."""
    Patient.objects.select_for_update().get(pk=patient.pk)
    catalog = catalog_of(patient.site)
    if not patient.events.filter(event_id=concern.id).exists():
        record_events(actor, patient, [concern])
    found = of_row(catalog, catalog.alerts.row(when), contact=(concern.id,))
    alert = apply(patient, concern.id, found, catalog, timezone.now())
    _page_soon(alert)
    return alert


def _page_soon(alert: Alert | None) -> None:
    """Page at once where it is high; the worker goes on from there, or does it where this process ends here."""
    if alert is not None and alert.tier == Alert.Tier.HIGH and alert.state == Alert.State.OPEN:
        transaction.on_commit(partial(page_now, alert.pk), robust=True)
