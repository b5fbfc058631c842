"""Everything that may be done to a check-in. Each action is one transaction with its audit entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from euthymia.asking import can_be_asked
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import record_events
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import check_enter
from euthymia_clinic.checkins.links import KIOSK_STAYS_OPEN, hash_of, new_key
from euthymia_clinic.checkins.models import Answer, Checkin, Link, Message
from euthymia_clinic.checkins.planning import FIRST_BY_HAND, Planned
from euthymia_clinic.checkins.sitting import PREFERRED_NOT, Sitting, assessments, request_ended, requests_asked, sitting_of

LONGEST_REASON = 300
LONGEST_OPEN = timedelta(days=14)
# A second press within this time is the same press.
SAME_PRESS = timedelta(minutes=1)
LANGUAGES = ("en", "es")


class CheckinError(ValueError):
    """What cannot be done with a check-in: says what was found and what is allowed."""


class ClosedError(Exception):
    """The check-in takes no answers any more."""


@action("checkin.planned")
def plan_checkin(actor: Actor, /, patient: Patient, planned: Planned, instruments: Sequence[str]) -> Checkin | None:
    """Ask a patient on an occasion; None where that occasion has been asked. The requests stand in the record with it."""
    return _open(actor, patient, planned, instruments)


@action("checkin.asked")
def ask(
    actor: Actor, /, here: Here, patient: Patient, instruments: Sequence[str], opens_at: datetime, stays: timedelta, token: str
) -> Checkin | None:
    """Somebody of the clinic asks a patient, beside the rhythm. `token`: the form's own. Raises Forbidden, CheckinError."""
    check_enter(here, patient)
    catalog = catalog_of(patient.site)
    known = [each for each in dict.fromkeys(instruments) if each in catalog.instruments and can_be_asked(catalog.instruments[each])]
    if not known or len(known) != len(set(instruments)):
        raise CheckinError("found no instrument, or one without its wording here; allowed: those that patients can answer themselves")
    if not timedelta(hours=1) <= stays <= LONGEST_OPEN:
        raise CheckinError(f"found a check-in that stays open for {stays}; allowed: 1 hour to {LONGEST_OPEN.days} days")
    return _open(actor, patient, Planned(f"staff:{token}"[:120], opens_at.date(), opens_at, opens_at + stays), known)


@action("checkin.excused")
def excuse(actor: Actor, /, here: Here, checkin_id: UUID, reason: str) -> None:
    """A check-in need not be answered, with the reason: it is not counted as missed. Raises Forbidden, CheckinError."""
    checkin, reason = _locked(checkin_id), reason.strip()
    check_enter(here, checkin.patient)
    if not 0 < len(reason) <= LONGEST_REASON:
        raise CheckinError(f"found a reason of {len(reason)} characters; allowed: 1 to {LONGEST_REASON}")
    if checkin.outcome == Checkin.Outcome.EXCUSED:
        nothing_changed()
        return
    if checkin.outcome != Checkin.Outcome.OPEN:
        raise CheckinError(f"found a check-in that was {checkin.outcome}; allowed: one that is open")
    # What the patient has said already is kept, and heard (checkins/risk.py): excused is what they did not answer.
    made = assessments(sitting_of(checkin))
    kept = {each.instrument for each in made}
    ends = [
        request_ended(checkin, each, "answered") if each in kept else request_ended(checkin, each, "excused", reason)
        for each in checkin.instruments
    ]
    record_events(actor, checkin.patient, [*made, *ends])
    _end(checkin, Checkin.Outcome.EXCUSED, timezone.now(), reason)
    told(checkin.patient.subject, checkin=str(checkin.pk), assessments=len(made))


@action("checkin.sent_again")
def resend(actor: Actor, /, here: Here, checkin_id: UUID, channel: str) -> Message | None:
    """Send the link again by hand; a second press within a minute is the first. Raises Forbidden, CheckinError."""
    checkin = _locked(checkin_id)
    check_enter(here, checkin.patient)
    now = timezone.now()
    if checkin.outcome != Checkin.Outcome.OPEN or checkin.closes_at <= now:
        raise CheckinError("found a check-in that has ended; allowed: one that is open")
    if not channel:
        raise CheckinError("found no address of this patient; allowed: with an e-mail address, or a phone where text messages are set up")
    last = checkin.messages.filter(rung__gte=FIRST_BY_HAND).order_by("-rung").first()
    if last is not None and (last.state == Message.State.WAITING or now - last.due_at < SAME_PRESS):
        nothing_changed()
        return None
    rung = last.rung + 1 if last else FIRST_BY_HAND
    message = Message.objects.create(checkin=checkin, rung=rung, channel=channel, due_at=now)
    told(checkin.patient.subject, checkin=str(checkin.pk), channel=channel)
    return message


@action("checkin.link_given")
def give_link(actor: Actor, /, here: Here, checkin_id: UUID, how: str) -> str:
    """A new key to an open check-in, for the patient's phone (qr) or a tablet of the clinic (kiosk). Raises Forbidden, CheckinError."""
    checkin, now = _locked(checkin_id), timezone.now()
    check_enter(here, checkin.patient)
    if checkin.outcome != Checkin.Outcome.OPEN or not checkin.opens_at <= now < checkin.closes_at:
        raise CheckinError("found a check-in that is not open; allowed: one that can be answered now")
    expires = min(checkin.closes_at, now + KIOSK_STAYS_OPEN) if how == "kiosk" else checkin.closes_at
    # One tablet at a time: what was handed over before is closed.
    checkin.links.filter(how=how, withdrawn_at=None).update(withdrawn_at=now)
    key = new_key()
    Link.objects.create(checkin=checkin, key_hash=hash_of(key), how=how, expires_at=expires)
    told(checkin.patient.subject, checkin=str(checkin.pk), how=how)
    return key


@action("checkin.link_from_page")
def link_from_page(actor: Actor, /, patient: Patient, checkin_id: UUID) -> str:
    """A new key to an open check-in, for the patient who asks for it on their own page. Raises CheckinError."""
    checkin, now = _locked(checkin_id), timezone.now()
    if checkin.patient_id != patient.pk or checkin.outcome != Checkin.Outcome.OPEN or not checkin.opens_at <= now < checkin.closes_at:
        raise CheckinError("found a check-in that is not open; allowed: one of this patient that can be answered now")
    checkin.links.filter(how="page", withdrawn_at=None).update(withdrawn_at=now)
    key = new_key()
    Link.objects.create(checkin=checkin, key_hash=hash_of(key), how="page", expires_at=checkin.closes_at)
    told(patient.subject, checkin=str(checkin.pk), how="page")
    return key


@action("checkin.saved")
def save_answer(actor: Actor, /, checkin_id: UUID, instrument: str, item: str, value: float | None, language: str) -> Sitting:
    """Keep one answer as it was tapped (None: left out on purpose); the same one twice is one. Raises ClosedError, CheckinError."""
    checkin, now = _answerable(checkin_id)
    sitting = sitting_of(checkin)
    number = sitting.number_of(instrument, item)
    if number is None:
        raise CheckinError("found a question that is not asked here; allowed: one of this check-in")
    if value is not None and value not in dict(sitting.questions[number - 1].answers):
        raise CheckinError("found an answer that the question does not have; allowed: one of those shown")
    known = sitting.given.get((instrument, item))
    if known is not None and known.value == value:
        nothing_changed()
        return sitting
    Answer.objects.update_or_create(
        checkin=checkin, instrument=instrument, item=item, defaults={"value": value, "language": language, "at": now}
    )
    if checkin.triaged_at is not None:
        Checkin.objects.filter(pk=checkin.pk).update(triaged_at=None)
    told(checkin.patient.subject, checkin=str(checkin.pk), question=f"{instrument}.{item}")
    return sitting_of(_locked(checkin_id))


@action("checkin.language")
def choose_language(actor: Actor, /, checkin_id: UUID, language: str) -> None:
    """The language of the page from now on. Raises ClosedError, CheckinError."""
    checkin, _ = _answerable(checkin_id)
    if language not in LANGUAGES:
        raise CheckinError(f"found another language; allowed: {', '.join(LANGUAGES)}")
    changed = Checkin.objects.filter(pk=checkin.pk).exclude(language=language).update(language=language)
    told(checkin.patient.subject, checkin=str(checkin.pk), language=language) if changed else nothing_changed()


@action("checkin.answered")
def finish(actor: Actor, /, checkin_id: UUID, now: datetime | None = None) -> Checkin:
    """The patient has finished: what was answered becomes assessments, the requests end. A second time changes nothing.

    Raises ClosedError where it has ended in another way.
    """
    checkin = _locked(checkin_id)
    if checkin.outcome == Checkin.Outcome.ANSWERED:
        nothing_changed()
        return checkin
    if checkin.outcome != Checkin.Outcome.OPEN:
        raise ClosedError
    _record(actor, checkin, now or timezone.now())
    return checkin


@action("checkin.closed")
def close(actor: Actor, /, checkin_id: UUID, now: datetime) -> Checkin:
    """The time is over: what was answered is kept, with None for the rest; without any answer it was missed."""
    checkin = _locked(checkin_id)
    if checkin.outcome != Checkin.Outcome.OPEN or checkin.closes_at > now:
        nothing_changed()
    elif checkin.answers.exists():
        _record(actor, checkin, now)
    else:
        record_events(actor, checkin.patient, [request_ended(checkin, each, "missed") for each in checkin.instruments])
        _end(checkin, Checkin.Outcome.MISSED, now)
        told(checkin.patient.subject, checkin=str(checkin.pk), outcome="missed")
    return checkin


@action("checkin.triaged")
def note_triaged(actor: Actor, /, checkin_id: UUID) -> None:
    """Note that the answers so far have been triaged."""
    checkin = _locked(checkin_id)
    Checkin.objects.filter(pk=checkin.pk).update(triaged_at=timezone.now())
    told(checkin.patient.subject, checkin=str(checkin.pk))


def _open(actor: Actor, patient: Patient, planned: Planned, instruments: Sequence[str]) -> Checkin | None:
    # The patient's row is what two workers wait for: the occasion is looked up behind it.
    locked = Patient.objects.select_for_update(of=("self",)).select_related("site").get(pk=patient.pk)
    if Checkin.objects.filter(patient=locked, occasion=planned.occasion).exists():
        nothing_changed()
        return None
    checkin = Checkin.objects.create(
        patient=locked,
        instruments=list(instruments),
        occasion=planned.occasion,
        anchor=planned.anchor,
        opens_at=planned.opens_at,
        closes_at=planned.closes_at,
    )
    record_events(actor, locked, requests_asked(checkin))
    told(patient.subject, checkin=str(checkin.pk), occasion=planned.occasion, instruments=list(instruments))
    return checkin


def _record(actor: Actor, checkin: Checkin, now: datetime) -> None:
    """The assessments and the ends of the requests, in one go."""
    sitting = sitting_of(checkin)
    made = assessments(sitting)
    kept = {each.instrument for each in made}
    begun = {instrument for instrument, _ in sitting.given}
    ends = []
    for each in checkin.instruments:
        if each in kept:
            ends.append(request_ended(checkin, each, "answered"))
        elif each in begun:
            ends.append(request_ended(checkin, each, "excused", PREFERRED_NOT))
        else:
            ends.append(request_ended(checkin, each, "missed"))
    record_events(actor, checkin.patient, [*made, *ends])
    _end(checkin, Checkin.Outcome.ANSWERED, now)
    told(checkin.patient.subject, checkin=str(checkin.pk), assessments=len(made))


def _end(checkin: Checkin, outcome: Checkin.Outcome, now: datetime, reason: str = "") -> None:
    checkin.outcome, checkin.ended_at, checkin.reason, checkin.triaged_at = outcome, now, reason, None
    checkin.save(update_fields=["outcome", "ended_at", "reason", "triaged_at"])
    checkin.messages.filter(state=Message.State.WAITING).delete()


def _locked(checkin_id: UUID) -> Checkin:
    """The check-in with its row locked. Raises CheckinError where there is none."""
    found = Checkin.objects.select_for_update(of=("self",)).select_related("patient__site").filter(pk=checkin_id).first()
    if found is None:
        raise CheckinError("found no such check-in; allowed: one of this patient")
    return found


def _answerable(checkin_id: UUID) -> tuple[Checkin, datetime]:
    checkin, now = _locked(checkin_id), timezone.now()
    if checkin.outcome != Checkin.Outcome.OPEN or checkin.closes_at <= now:
        raise ClosedError
    return checkin, now
