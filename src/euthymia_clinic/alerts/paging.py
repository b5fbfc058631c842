"""The paging as actions: the next person's turn, taking a page in hand, and how it went."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from euthymia_clinic.alerts.channels import channels_of
from euthymia_clinic.alerts.models import Alert, Page
from euthymia_clinic.alerts.people import chain_of
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of

# A worker that took a page in hand and said nothing for so long is dead; another takes it up.
IN_HAND_FOR = timedelta(minutes=2)


@action("alert.paged")
def page_next(actor: Actor, /, alert_id: UUID, now: datetime) -> list[Page]:
    """The next person's turn, where it has come: a row for each channel, before anything is sent. Gives the rows."""
    alert = Alert.objects.select_for_update().get(pk=alert_id)
    if alert.state != Alert.State.OPEN or alert.escalate_at is None or alert.escalate_at > now:
        nothing_changed()
        return []
    chain = chain_of(alert.site)
    again = timedelta(minutes=catalog_of(alert.site).alerts.page_again_minutes.value)
    if not chain:
        alert.escalate_at = now + again
        alert.save(update_fields=["escalate_at"])
        nothing_changed()
        return []
    person = chain[alert.turn % len(chain)]
    pages = [Page(alert=alert, turn=alert.turn, user=person.user, at=now, channel=channel) for channel in channels_of(person.user)]
    alert.turn += 1
    # Nobody to reach by any way: the next person at once, but not round and round.
    at_once = not pages and alert.turn % len(chain)
    alert.escalate_at = now if at_once else now + (timedelta(minutes=person.minutes) if pages else again)
    alert.save(update_fields=["turn", "escalate_at"])
    for page in pages:
        page.save()
    told(alert.patient.subject, alert=str(alert.pk), user=person.user.pk, channels=[page.channel for page in pages])
    return pages


@action("alert.page_taken")
def take(actor: Actor, /, page_id: int, now: datetime) -> Page | None:
    """Take a page in hand; None where another worker has it or it has gone."""
    free = Q(tried_at=None) | Q(tried_at__lte=now - IN_HAND_FOR)
    taken = Page.objects.filter(free, pk=page_id, sent=None).update(tried_at=now, attempts=F("attempts") + 1)
    if not taken:
        nothing_changed()
        return None
    page = Page.objects.select_related("alert__patient", "user").get(pk=page_id)
    told(page.alert.patient.subject, page=page.pk, attempt=page.attempts)
    return page


@action("alert.page_ended")
def ended(actor: Actor, /, page: Page, *, sent: bool, trouble: str, now: datetime) -> None:
    """How it went. Where no channel took it, the next person's turn has come (after the last one: after a while)."""
    alert = Alert.objects.select_for_update().get(pk=page.alert_id)
    Page.objects.filter(pk=page.pk).update(sent=sent, trouble=trouble[:80])
    others = Page.objects.filter(alert=alert, turn=page.turn).exclude(pk=page.pk)
    if not sent and alert.state == Alert.State.OPEN and alert.turn == page.turn + 1 and not others.exclude(sent=False).exists():
        round_over = alert.turn % max(len(chain_of(alert.site)), 1) == 0
        again = timedelta(minutes=catalog_of(alert.site).alerts.page_again_minutes.value)
        alert.escalate_at = now + again if round_over else now
        alert.save(update_fields=["escalate_at"])
    told(alert.patient.subject, page=page.pk, sent=sent)
