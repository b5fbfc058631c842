"""Everything that may be done to a record. Each action is one transaction with its audit entry."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from euthymia.deciding import DecisionError, new_decision, objections, with_reason
from euthymia.events import Decision, EventBase, Regimen
from euthymia.moment import Moment
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Site, User
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import BreakGlass, CareTeamMember, Event, Patient
from euthymia_clinic.chart.permissions import CLINICAL, Forbidden, check_change_team, check_decide, check_enter, may_break_glass
from euthymia_clinic.chart.snapshots import is_stale, latest, refresh_soon, review_in
from euthymia_clinic.chart.to_core import body_of, event_from, row_of, zone_of

GLASS_STAYS_BROKEN = timedelta(hours=4)
LONGEST_REASON = 500


class CareTeamError(ValueError):
    """A care team that cannot be: says what was found and what is allowed."""


class ConflictError(Exception):
    """Another event stands under this id already."""


@action("patient.admitted")
def admit(actor: Actor, /, site: Site, code: str, *, name: str = "", team: Sequence[User] = (), **fields: Any) -> Patient:
    """Take a patient into care at a site, with their care team. Raises IntegrityError where the code is taken."""
    patient = Patient.objects.create(site=site, code=code, name=name, **fields)
    CareTeamMember.objects.bulk_create(CareTeamMember(patient=patient, user=user) for user in team)
    told(patient.subject, team=[user.pk for user in team])
    return patient


@action("record.added")
def record_events(actor: Actor, /, patient: Patient, events: Sequence[EventBase], *, review_now: bool = True) -> tuple[EventBase, ...]:
    """Add events to a record; those that stand there already, word for word, are not added twice. Gives the new ones.

    `review_now`: False where many more follow: the worker reviews what is stale within seconds.
    Raises ConflictError where another event has the id: nothing is overwritten, a correction has an id of its own.
    """
    locked = Patient.objects.select_for_update().get(pk=patient.pk)
    known = dict(Event.objects.filter(patient=patient, event_id__in=[e.id for e in events]).values_list("event_id", "body"))
    new = []
    for event in events:
        if event.id not in known:
            new.append(event if event.recorded_at else event.model_copy(update={"recorded_at": Moment.of(timezone.now())}))
        elif _said(known[event.id]) != _said(body_of(event)):
            raise ConflictError(f"found another event with the id {event.id!r}; allowed: a correction with an id of its own")
    if not new:
        nothing_changed()
        return ()
    Event.objects.bulk_create([row_of(locked, event) for event in new])
    Patient.objects.filter(pk=patient.pk).update(record_version=F("record_version") + 1)
    told(patient.subject, events=[[event.id, event.kind] for event in new])  # type: ignore[attr-defined]
    if review_now:
        transaction.on_commit(partial(refresh_soon, patient.pk), robust=True)
    return tuple(new)


@action("entry.made")
def enter(actor: Actor, /, here: Here, patient: Patient, event: EventBase) -> bool:
    """Add what somebody of the care team entered; whether it was new. To prescribe is to decide. Raises Forbidden, ConflictError."""
    _check_of(event)(here, patient)
    new = record_events(actor, patient, [event])
    told(patient.subject, event=event.id) if new else nothing_changed()
    return bool(new)


@action("entries.made")
def enter_all(actor: Actor, /, here: Here, patient: Patient, events: Sequence[EventBase]) -> int:
    """Add what somebody of the care team entered with one form, all or nothing; how many were new. Raises Forbidden, ConflictError."""
    check_enter(here, patient)
    new = record_events(actor, patient, events)
    told(patient.subject, events=[event.id for event in new]) if new else nothing_changed()
    return len(new)


@action("entry.corrected")
def correct(actor: Actor, /, here: Here, patient: Patient, event: EventBase) -> bool:
    """Add a correction beside the event that it supersedes, which stays as it is; whether it was new.

    Raises Forbidden, ConflictError where that event is corrected already, Event.DoesNotExist where there is none.
    """
    _check_of(event)(here, patient)
    Patient.objects.select_for_update().get(pk=patient.pk)
    Event.objects.get(patient=patient, event_id=event.supersedes)
    if other := corrections_of(patient, [event.supersedes or ""]).exclude(event_id=event.id).first():
        raise ConflictError(f"found that it was corrected already, by {other.event_id!r}; allowed: a correction of that one")
    new = record_events(actor, patient, [event])
    told(patient.subject, event=event.id, supersedes=event.supersedes) if new else nothing_changed()
    return bool(new)


def _check_of(event: EventBase) -> Callable[[Here, Patient], None]:
    """Who may say it: decisions and regimens are a prescriber's."""
    return check_decide if isinstance(event, Decision | Regimen) else check_enter


def corrections_of(patient: Patient, event_ids: Sequence[str]) -> QuerySet[Event]:
    """The events that correct one of these."""
    return Event.objects.filter(patient=patient, body__supersedes__in=list(event_ids))


class RecordChangedError(Exception):
    """Something was recorded, a day has passed or another catalog was adopted since the review that is being answered."""


@action("decision.made")
def decide(actor: Actor, /, here: Here, patient: Patient, answers: str, said: Mapping[str, Any]) -> Decision:
    """Record a decision that answers the review of the digest `answers`. The same decision twice on one day is one.

    Raises Forbidden, RecordChangedError where another review stands now, DecisionError with found and allowed.
    """
    check_decide(here, patient)
    locked = Patient.objects.select_for_update().select_related("site").get(pk=patient.pk)
    catalog, record_zone, now = catalog_of(locked.site), zone_of(locked), Moment.of(timezone.now())
    words = with_reason(catalog, said.get("reason"), said.get("reason_code"))
    who = f"{here.user}, {here.role.label.lower()}"
    decision = new_decision(locked.code, now, record_zone, **{**said, "reason": words, "by": who})
    if standing := Event.objects.filter(patient=locked, event_id=decision.id).first():
        nothing_changed()
        return cast("Decision", event_from(standing.body))
    snapshot = latest(locked)
    if snapshot is None or snapshot.digest != answers or is_stale(snapshot, locked):
        raise RecordChangedError("found that the record has changed since this review; allowed: a decision on the review as it is now")
    found = review_in(snapshot)
    if refused := objections(decision, found.decisions, found.verdict.status, catalog, record_zone):
        raise DecisionError("\n".join(refused))
    decision = decision.model_copy(update={"answers_review": snapshot.digest})
    record_events(actor, locked, [decision])
    told(locked.subject, event=decision.id, answers=snapshot.digest)
    return decision


@action("letter.written")
def letter_written(actor: Actor, /, patient: Patient, kind: str, letter_digest: str, review: str) -> None:
    """Say that a letter was made from a review and handed out: of which kind, and which bytes."""
    told(patient.subject, kind=kind, digest=letter_digest, review=review)


@action("rems_form.written")
def rems_form_written(actor: Actor, /, patient: Patient, session: str, kind: str, form_digest: str) -> None:
    """Say that the monitoring form of a session was made and handed out: as what, and which bytes."""
    told(patient.subject, session=session, kind=kind, digest=form_digest)


@action("care_team.joined")
def join_care_team(actor: Actor, /, here: Here, patient: Patient, user: User) -> None:
    """Make somebody part of a patient's care team. Raises Forbidden, CareTeamError."""
    check_change_team(here, patient)
    if not user.memberships.filter(site=patient.site_id, ended=None, role__in=CLINICAL).exists():
        raise CareTeamError("found somebody without a clinical role at this site; allowed: prescriber, nurse, therapist, medical lead")
    _, made = CareTeamMember.objects.get_or_create(patient=patient, user=user, ended=None)
    told(patient.subject, user=user.pk) if made else nothing_changed()


@action("care_team.left")
def leave_care_team(actor: Actor, /, here: Here, patient: Patient, user: User) -> None:
    """End somebody's part in a patient's care; the last one stays. Raises Forbidden, CareTeamError."""
    check_change_team(here, patient)
    Patient.objects.select_for_update().get(pk=patient.pk)
    team = CareTeamMember.objects.filter(patient=patient, ended=None)
    if not team.exclude(user=user).exists():
        raise CareTeamError("found the last person in the care team; allowed: after somebody else has joined")
    ended = team.filter(user=user).update(ended=timezone.now())
    told(patient.subject, user=user.pk) if ended else nothing_changed()


@action("care_team.left_all")
def leave_all_care_teams(actor: Actor, /, site: Site, user: User) -> None:
    """End somebody's part in everybody's care at a site: they work there no more, or in a role without care."""
    ended = CareTeamMember.objects.filter(patient__site=site, user=user, ended=None).update(ended=timezone.now())
    told(user.subject, site=site.pk, patients=ended) if ended else nothing_changed()


@action("glass.broken")
def break_glass(actor: Actor, /, here: Here, patient: Patient, reason: str) -> BreakGlass:
    """Open the chart of a patient outside of one's care team, with a reason, for a while. Raises Forbidden, CareTeamError."""
    if not may_break_glass(here, patient):
        raise Forbidden(f"found {here.role.label}; allowed: prescriber, nurse, medical lead of this site")
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise CareTeamError(f"found a reason of {len(reason.strip())} characters; allowed: 1 to {LONGEST_REASON}")
    now = timezone.now()
    opened = BreakGlass(patient=patient, user=here.user, reason=reason.strip(), at=now, until=now + GLASS_STAYS_BROKEN)
    opened.save()
    told(patient.subject, until=opened.until.isoformat())
    return opened


def _said(body: dict[str, object]) -> dict[str, object]:
    """A body without the instant at which it was written down."""
    return {key: value for key, value in body.items() if key != "recorded_at"}
