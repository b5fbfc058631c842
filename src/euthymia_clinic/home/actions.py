"""What may be done about doses at home. Each action is one transaction with its audit entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from secrets import token_hex

from django.utils import timezone

from euthymia.dose_check import heard_first
from euthymia.events import Dispensing, DoseLog, EventBase, Observation
from euthymia.home import home_doses
from euthymia.moment import Moment
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.alerts.actions import hear_patient
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import ConflictError, corrections_of, enter, record_events
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.to_core import body_of, event_from, record_from, record_of, zone_of
from euthymia_clinic.home.said import DoseSaid, Pressure, check_events, concern_of, is_new_worry, log_of, readings_of
from euthymia_clinic.home.waiting import key_in, key_of, planned_day, regimen_on, supplies_at_home, waiting

LONGEST_REASON = 300


class DoseError(ValueError):
    """What cannot be said of a dose: found and allowed."""


class TooEarlyError(DoseError):
    """The day is one before anything of this drug was at home."""


class LoggedMeanwhileError(DoseError):
    """This dose was logged, or its log was changed, since the form was opened."""


class ReasonNeededError(DoseError):
    """A refill comes early, by the core's own reckoning: its reason is asked for. `sentence`: what was found."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"found an early refill without a reason ({sentence}); allowed: with its reason")
        self.sentence = sentence


@dataclass(frozen=True)
class Kept:
    """A dose as it stands in the record now, and the alert that was raised by what was worrying."""

    id: str
    alert: Alert | None = None


@action("home_dose.logged")
def log_dose(actor: Actor, /, patient: Patient, said: DoseSaid) -> Kept:
    """Keep what a patient says of one dose, or a correction of it beside what was said before. The same form twice is one.

    Raises LoggedMeanwhileError where another page was first, TooEarlyError of a day before anything was at home, DoseError.
    """
    locked, catalog = _locked(patient), catalog_of(patient.site)
    record, now = record_of(locked), timezone.now()
    known = next((event for event in record.events if event.id == said.id), None)
    supply = next((each for each in supplies_at_home(record, catalog, _today(locked)) if key_of(each) == said.supply), None)
    if supply is None:
        raise DoseError("found no such drug at home; allowed: one that is prescribed")
    day, before = said.at.day(record.zone), _before(locked, said)
    if supply.since is None or day < supply.since:
        raise TooEarlyError("found a day before anything was at home; allowed: a later one")
    if known is None and not said.changes and planned_day(said.id) and said.id not in _waiting_ids(locked):
        raise LoggedMeanwhileError("found that this dose was logged meanwhile; allowed: a correction of it, or another dose")
    log = log_of(said, supply.drug, supply.route, regimen_on(record, catalog, supply, day))
    try:
        new = record_events(actor, locked, [log, *readings_of(said, record)])
    except ConflictError as error:
        raise LoggedMeanwhileError(str(error)) from None
    if not new:
        nothing_changed()
        return Kept(log.id)
    told(locked.subject, dose=log.id, corrects=said.changes)
    worry = is_new_worry(said, before)
    return Kept(log.id, hear_patient(actor, locked, concern_of(said, now)) if worry else None)


@action("home_dose.checked")
def answer_check(
    actor: Actor, /, patient: Patient, dose_id: str, token: str, answers: Mapping[str, bool], pressure: Pressure | None
) -> tuple[str, ...]:
    """Keep what was answered before a dose; gives what of it the clinic asked to hear of first. `token`: the form's own.

    The same form twice is one; a new one, or the same with other answers, stands beside it, and the last counts. Raises DoseError
    where nothing was answered.
    """
    locked, now = _locked(patient), timezone.now().astimezone(zone_of(patient))
    if not answers and pressure is None:
        raise DoseError("found no answer; allowed: at least one")
    events = list(check_events(dose_id, token, now, answers, pressure))
    again = locked.events.filter(event_id__startswith=f"check-{token}-").exists()
    last = _last_check(locked, len(events)) if again else []
    if list(map(_answered, last)) == list(map(_answered, events)):
        nothing_changed()
        events = last
    else:
        # Whoever goes back and answers otherwise has the same form before them: what they say now must not be lost.
        events = list(check_events(dose_id, token_hex(16), now, answers, pressure)) if again else events
        record_events(actor, locked, events)
        told(locked.subject, dose=dose_id, answers=len(events))
    said = [event for event in events if isinstance(event, Observation)]
    return heard_first(record_of(locked), catalog_of(locked.site), events[0].at.instant or now, said)


@action("home_dose.dispensed")
def dispense(actor: Actor, /, here: Here, patient: Patient, event: Dispensing, reason: str) -> bool:
    """Record what was handed out for home; whether it was new. Where that is early by the core's reckoning, with the reason.

    Raises Forbidden, ConflictError, ReasonNeededError.
    """
    locked, words = _locked(patient), " ".join(reason.split())[:LONGEST_REASON]
    early = _early(locked, event)
    if early and not words and not locked.events.filter(event_id=event.id).exists():
        raise ReasonNeededError(early)
    new = enter(actor, here, locked, event)
    if new and early:
        by = f"user:{here.user.pk}"
        about = {"about": "early_refill", "answer": "yes", "of": event.id, "note": words, "by": by, "source": event.source}
        record_events(actor, locked, [Observation(id=f"{event.id}-early", at=event.at, **about)])
    told(locked.subject, event=event.id, early=bool(early)) if new else nothing_changed()
    return new


def _last_check(patient: Patient, count: int) -> list[EventBase]:
    rows = patient.events.filter(event_id__startswith="check-").order_by("-pk")[:count]
    return [event_from(row.body) for row in rows][::-1]


def _answered(event: EventBase) -> dict[str, object]:
    """What a check says, whenever and with whichever form."""
    return event.model_dump(exclude={"id", "at", "recorded_at"})


def _early(patient: Patient, event: EventBase) -> str:
    """What the reconciliation would say of a refill as too early; empty: nothing."""
    bodies = [body for body in patient.events.order_by("pk").values_list("body", flat=True) if body["id"] != event.id]
    known = event.model_copy(update={"recorded_at": Moment.of(timezone.now())})
    record, today = record_from(patient, [*bodies, body_of(known)]), _today(patient)
    found = home_doses(record.until(today), catalog_of(patient.site), today)
    findings = [finding for supply in found.each for finding in supply.findings] if found else []
    return next((f.sentence for f in findings if f.kind == "early_refill" and event.id in f.events), "")


def _before(patient: Patient, said: DoseSaid) -> DoseLog | None:
    """The log that is corrected. Raises LoggedMeanwhileError where another correction was first, DoseError of a log of staff."""
    if not said.changes:
        return None
    if not key_in(said.changes):
        raise DoseError("found a log that was not made on the patient's page; allowed: the patient's own")
    row = patient.events.filter(event_id=said.changes, kind="dose_log").first()
    if row is None or corrections_of(patient, [said.changes]).exclude(event_id=said.id).exists():
        raise LoggedMeanwhileError("found that this log was changed meanwhile; allowed: a change of what stands now")
    log = event_from(row.body)
    return log if isinstance(log, DoseLog) else None


def _waiting_ids(patient: Patient) -> Sequence[str]:
    record, today = record_of(patient), _today(patient)
    return [each.id for each in waiting(record, supplies_at_home(record, catalog_of(patient.site), today), today)]


def _locked(patient: Patient) -> Patient:
    return Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)


def _today(patient: Patient) -> date:
    return timezone.now().astimezone(zone_of(patient)).date()
