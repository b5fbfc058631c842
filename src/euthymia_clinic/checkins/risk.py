"""From an answer on suicidal thoughts to somebody who sees it: at once, and again by the worker where that could not be done."""

import logging

from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.checkins.actions import note_triaged
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.checkins.sitting import assessment_id, assessment_of, sitting_of

log = logging.getLogger(__name__)


def raise_at_once(actor: Actor, checkin: Checkin) -> Alert | None:
    """Triage the answers as they stand, before the patient has finished. Never raises: the answer is kept, the worker tries again."""
    checkin = Checkin.objects.select_related("patient__site").get(pk=checkin.pk)
    sitting = sitting_of(checkin)
    if not sitting.positive:
        return None
    return _triage(actor, checkin, unfinished=checkin.outcome == Checkin.Outcome.OPEN)


def triage_finished(actor: Actor, checkin: Checkin) -> Alert | None:
    """Triage what was recorded when the check-in ended. Never raises."""
    return _triage(actor, Checkin.objects.select_related("patient__site").get(pk=checkin.pk), unfinished=False)


def _triage(actor: Actor, checkin: Checkin, *, unfinished: bool) -> Alert | None:
    from euthymia_clinic.alerts.actions import triage

    sitting, worst = sitting_of(checkin), None
    try:
        for each in _with_triggers(checkin):
            so_far = assessment_of(sitting, each)
            if so_far is None:
                continue
            if unfinished:
                alert = triage(actor, checkin.patient, so_far.id, unfinished=so_far)
            else:
                alert = triage(actor, checkin.patient, assessment_id(checkin, each))
            worst = alert or worst
        note_triaged(actor, checkin.pk)
    except Exception as error:
        log.error("check-in %s could not be triaged: %s", checkin.pk, type(error).__name__)
    return worst


def _with_triggers(checkin: Checkin) -> list[str]:
    """The instruments of the check-in that ask about suicidal thoughts, the screener among them."""
    catalog = sitting_of(checkin).catalog
    begun = dict.fromkeys([*checkin.instruments, *checkin.answers.values_list("instrument", flat=True).distinct()])
    known = [catalog.instruments[each] for each in begun if each in catalog.instruments]
    return [each.id for each in known if any(item.suicidality_trigger is not None for item in each.items)]
