"""What the worker does with check-ins: plan them, send them, close them. Each may be killed anywhere and run twice."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Max, OuterRef

from euthymia_clinic.audit.actor import Actor, system
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import PanelRow, Patient
from euthymia_clinic.chart.snapshots import latest, review_in
from euthymia_clinic.chart.to_core import record_of, zone_of
from euthymia_clinic.checkins.actions import close as close_checkin
from euthymia_clinic.checkins.actions import finish, plan_checkin
from euthymia_clinic.checkins.due import has_died, instruments_due, rhythm_of
from euthymia_clinic.checkins.messages import claim, deliver, enqueue, give_up_lost, settle
from euthymia_clinic.checkins.models import Checkin, Message
from euthymia_clinic.checkins.planning import FIRST_BY_HAND, by_day, ladder, next_checkin
from euthymia_clinic.checkins.risk import raise_at_once, triage_finished
from euthymia_clinic.checkins.sitting import sitting_of

log = logging.getLogger(__name__)
T = TypeVar("T")

# Every question answered and nothing sent for so long: it goes by itself.
SENDS_ITSELF_AFTER = timedelta(minutes=30)
LOOK_AGAIN = timedelta(hours=6)
# When to look at a patient again, by the snapshot that was looked at. Forgotten with the process, and then found again.
_looked: dict[UUID, tuple[int, datetime]] = {}


def plan(now: datetime) -> int:
    """Ask everyone whose check-in opens now; gives how many were asked. From the stored review: it reviews nobody."""
    open_now = Checkin.objects.filter(patient=OuterRef("pk"), outcome=Checkin.Outcome.OPEN)
    snapshots = PanelRow.objects.filter(snapshot__isnull=False).values_list("patient_id", "snapshot_id")
    waiting = Patient.objects.filter(in_care=True).exclude(Exists(open_now)).values_list("pk", flat=True)
    current = dict(snapshots)
    due = [pk for pk in waiting if pk in current and _to_look_at(pk, current[pk], now)]
    return _each(due, lambda pk: _plan_one(pk, now), "plan")


def send(now: datetime) -> int:
    """Send what is due by day, try again what was not taken, and say of the lost that they are; gives how many were sent."""
    actor = system("checkins.send")
    lost = Message.objects.filter(state=Message.State.UNDER_WAY, due_at__lte=now).values_list("pk", flat=True)
    _each(list(lost), lambda pk: give_up_lost(actor, pk, now), "send")
    opened = Checkin.objects.filter(outcome=Checkin.Outcome.OPEN, opens_at__lte=now, closes_at__gt=now)
    ladders = opened.select_related("patient__site").prefetch_related("messages")
    _each(list(ladders), lambda checkin: _climb(actor, checkin, now), "send")
    waiting = Message.objects.filter(state=Message.State.WAITING, due_at__lte=now, checkin__outcome=Checkin.Outcome.OPEN)
    ready = waiting.select_related("checkin__patient__site").order_by("due_at")
    return _each(list(ready), lambda message: _send_one(actor, message, now), "send")


def close(now: datetime) -> int:
    """End what is over, send what was answered to its end, and triage what could not be before; gives how many ended."""
    actor = system("checkins.close")
    over = Checkin.objects.filter(outcome=Checkin.Outcome.OPEN, closes_at__lte=now).values_list("pk", flat=True)
    ended = _each(list(over), lambda pk: _close_one(actor, pk, now), "close")
    begun = Checkin.objects.filter(outcome=Checkin.Outcome.OPEN, answers__isnull=False).annotate(last=Max("answers__at"))
    idle = begun.filter(last__lte=now - SENDS_ITSELF_AFTER).select_related("patient__site")
    ended += _each(list(idle), lambda checkin: _send_itself(actor, checkin, now), "close")
    unseen = Checkin.objects.filter(triaged_at=None, answers__isnull=False).distinct().select_related("patient__site")
    _each(list(unseen), lambda checkin: _triage_again(actor, checkin), "close")
    return ended


def _to_look_at(pk: UUID, snapshot: int, now: datetime) -> bool:
    known = _looked.get(pk)
    return known is None or known[0] != snapshot or known[1] <= now


def _plan_one(pk: UUID, now: datetime) -> bool:
    patient = Patient.objects.select_related("site").get(pk=pk)
    snapshot, zone = latest(patient), zone_of(patient)
    if snapshot is None:
        return False
    catalog, record, review = catalog_of(patient.site), record_of(patient), review_in(snapshot)
    before = timedelta(hours=catalog.verdict.before_session_hours.value)
    planned = None if has_died(record) else next_checkin(rhythm_of(patient, review, record, zone), zone, now, before)
    if planned is None or planned.opens_at > now:
        _looked[pk] = (snapshot.pk, min(planned.opens_at, now + LOOK_AGAIN) if planned else now + LOOK_AGAIN)
        return False
    instruments = instruments_due(review, catalog, planned.anchor)
    if not instruments:
        _looked[pk] = (snapshot.pk, now + LOOK_AGAIN)
        return False
    return plan_checkin(system("checkins.plan"), patient, planned, instruments) is not None


def _climb(actor: Actor, checkin: Checkin, now: datetime) -> bool:
    """Put the highest rung that is due in line; the ones below that were never sent are passed over."""
    due = [rung for rung, at in ladder(checkin.opens_at, checkin.closes_at, zone_of(checkin.patient)) if at <= now]
    reached = max((message.rung for message in checkin.messages.all() if message.rung < FIRST_BY_HAND), default=-1)
    return bool(due) and due[-1] > reached and enqueue(actor, checkin, due[-1], now) is not None


def _send_one(actor: Actor, message: Message, now: datetime) -> bool:
    if message.rung < FIRST_BY_HAND and by_day(now, zone_of(message.checkin.patient)) > now:
        return False
    claimed = claim(actor, message.pk, now)
    if claimed is None:
        return False
    trouble = ""
    try:
        deliver(*claimed)
    except Exception as error:
        # Its type alone: a message may hold an address.
        trouble = type(error).__name__
    settle(actor, message.pk, now, trouble)
    return not trouble


def _close_one(actor: Actor, pk: UUID, now: datetime) -> bool:
    checkin = close_checkin(actor, pk, now)
    if checkin.outcome == Checkin.Outcome.ANSWERED:
        triage_finished(actor, checkin)
    return checkin.outcome != Checkin.Outcome.OPEN


def _send_itself(actor: Actor, checkin: Checkin, now: datetime) -> bool:
    if not sitting_of(checkin).through:
        return False
    triage_finished(actor, finish(actor, checkin.pk, now))
    return True


def _triage_again(actor: Actor, checkin: Checkin) -> bool:
    checkin.refresh_from_db()
    if checkin.triaged_at is not None:
        return False
    if checkin.outcome == Checkin.Outcome.OPEN:
        return raise_at_once(actor, checkin) is not None
    # However it ended: what was answered stands in the record.
    triage_finished(actor, checkin)
    return True


def _each(things: Iterable[T], do: Callable[[T], object], job: str) -> int:
    """Do it to each; whatever one of them holds, the others go on. Gives how many were done."""
    done = 0
    for thing in things:
        try:
            done += bool(do(thing))
        except Exception as error:
            log.error("checkins.%s: one could not be done: %s", job, type(error).__name__)
    return done
