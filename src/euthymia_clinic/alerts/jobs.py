"""The clock of the alerts: who is paged next. May die at any moment; whoever comes next goes on."""

import logging
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from euthymia_clinic.alerts.channels import send
from euthymia_clinic.alerts.models import Alert, Clock, Page
from euthymia_clinic.alerts.paging import IN_HAND_FOR, ended, page_next, take
from euthymia_clinic.alerts.people import chain_of
from euthymia_clinic.alerts.watching import PAGING
from euthymia_clinic.audit.actor import system

WORKER = system(PAGING)
log = logging.getLogger(__name__)


def escalate(now: datetime) -> int:
    """Page whoever's turn has come, for every open alert; take up what another worker left. Gives how many were told."""
    told = _carry_on(now)
    due = Alert.objects.filter(state=Alert.State.OPEN, escalate_at__lte=now).order_by("escalate_at").values_list("pk", flat=True)
    for alert_id in list(due):
        try:
            told += _page(alert_id, now)
        except Exception as error:
            log.error("paging: %s", type(error).__name__)
    Clock.objects.update_or_create(job=PAGING, defaults={"ran_at": now})
    return told


def page_now(alert_id: UUID) -> None:
    """Page for one alert now, without waiting for the worker."""
    _page(alert_id, timezone.now())


def _page(alert_id: UUID, now: datetime) -> int:
    """Turn by turn until some channel takes it, once round the list at most."""
    alert = Alert.objects.select_related("site").get(pk=alert_id)
    told = 0
    for _ in range(max(len(chain_of(alert.site)), 1)):
        pages = page_next(WORKER, alert_id, now)
        told += sum(_deliver(page.pk, now) for page in pages)
        if any(Page.objects.filter(pk__in=[page.pk for page in pages]).exclude(sent=False)):
            break
    return told


def _carry_on(now: datetime) -> int:
    """Pages whose worker died with them in hand, or before. Of an alert that somebody has taken since, none is sent."""
    free = Q(tried_at=None) | Q(tried_at__lte=now - IN_HAND_FOR)
    left = Page.objects.filter(free, sent=None, alert__state=Alert.State.OPEN).values_list("pk", flat=True)
    return sum(_deliver(page_id, now) for page_id in list(left))


def _deliver(page_id: int, now: datetime) -> bool:
    page = take(WORKER, page_id, now)
    if page is None:
        return False
    try:
        send(page.user, page.channel)
    except Exception as error:
        ended(WORKER, page, sent=False, trouble=type(error).__name__, now=now)
        return False
    ended(WORKER, page, sent=True, trouble="", now=now)
    return True
