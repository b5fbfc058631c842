"""What is sent to a patient, and its way from waiting to sent. No name of an instrument, no word of health, no clinic.

Decided: at most once. A message is claimed in a transaction of its own before it is given to the mail server. Where that
says no, it was not sent, and it is tried again with growing pauses. Where the worker was killed in between, nobody knows:
the message is shown as "not known" and is not sent a second time; the next rung of the ladder goes out in its own right.
So no patient gets the same message twice, and none is forgotten.
"""

from datetime import datetime, timedelta
from typing import Protocol, cast

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.module_loading import import_string

from euthymia_clinic.alerts.watching import phrases_for, when_in_words
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.checkins.links import hash_of, new_key
from euthymia_clinic.checkins.models import Checkin, Link, Message

# So long a message may be under way before its worker is taken for dead.
LEASE = timedelta(minutes=5)
# The pauses before it is tried again; after the last one it was not delivered, and the list of the staff says so.
PAUSES = tuple(timedelta(minutes=m) for m in (2, 10, 30, 90))


class Sender(Protocol):
    """What sends text messages: a class named by settings.TEXT_MESSAGES."""

    def send(self, to: str, text: str) -> None:
        """Send one; raises where it was not taken."""


def channel_of(patient: Patient) -> str:
    """How this patient is reached: by mail, else by text message; empty: by neither."""
    if patient.email:
        return "mail"
    return "text" if patient.phone and settings.TEXT_MESSAGES else ""


def deliver(message: Message, key: str) -> None:
    """Give a message to its channel. Raises whatever the channel raises."""
    checkin, patient = message.checkin, message.checkin.patient
    phrases = phrases_for(catalog_of(patient.site), checkin.language or patient.language)
    said, address = phrases.checkin, settings.PUBLIC_ADDRESS + reverse("checkin", args=[key])
    if message.channel == "text":
        cast("Sender", import_string(settings.TEXT_MESSAGES)()).send(patient.phone, said.text_message.format(address=address))
        return
    until = when_in_words(phrases, checkin.closes_at.astimezone(zone_of(patient)))
    text = said.mail_text.format(address=f"\n\n{address}\n\n", when=until)
    send_mail(said.mail_subject, text, settings.DEFAULT_FROM_EMAIL, [patient.email])


@action("message.due")
def enqueue(actor: Actor, /, checkin: Checkin, rung: int, now: datetime) -> Message | None:
    """Put a rung of the ladder in line, once. Where the patient has no address, it stands there as not delivered."""
    locked = Checkin.objects.select_for_update(of=("self",)).select_related("patient__site").get(pk=checkin.pk)
    if locked.outcome != Checkin.Outcome.OPEN or locked.messages.filter(rung=rung).exists():
        nothing_changed()
        return None
    channel = channel_of(locked.patient)
    state, trouble = (Message.State.WAITING, "") if channel else (Message.State.NOT_DELIVERED, "no address")
    message = Message.objects.create(checkin=locked, rung=rung, channel=channel, state=state, due_at=now, trouble=trouble)
    told(locked.patient.subject, checkin=str(locked.pk), rung=rung, channel=channel)
    return message


@action("message.claimed")
def claim(actor: Actor, /, message_id: int, now: datetime) -> tuple[Message, str] | None:
    """Take a message to send it, with a fresh key; None where another has it, or nobody needs it any more."""
    message = Message.objects.select_for_update(of=("self",)).select_related("checkin__patient__site", "link").filter(pk=message_id).first()
    checkin = message.checkin if message else None
    if message is None or checkin is None or message.state != Message.State.WAITING or message.due_at > now:
        nothing_changed()
        return None
    if checkin.outcome != Checkin.Outcome.OPEN or checkin.closes_at <= now:
        nothing_changed()
        return None
    if message.link is not None:
        # The key of the try before went nowhere.
        Link.objects.filter(pk=message.link.pk).update(withdrawn_at=now)
    key = new_key()
    message.link = Link.objects.create(checkin=checkin, key_hash=hash_of(key), how=message.channel, expires_at=checkin.closes_at)
    message.state, message.due_at, message.attempts = Message.State.UNDER_WAY, now + LEASE, message.attempts + 1
    message.save()
    told(checkin.patient.subject, message=message.pk, attempt=message.attempts)
    return message, key


@action("message.settled")
def settle(actor: Actor, /, message_id: int, now: datetime, trouble: str) -> None:
    """How a try ended: sent, or what was wrong, and then when it is tried again."""
    message = Message.objects.select_for_update(of=("self",)).select_related("checkin__patient").get(pk=message_id)
    message.trouble = trouble[:120]
    if not trouble:
        message.state, message.sent_at = Message.State.SENT, now
    elif message.attempts > len(PAUSES):
        message.state = Message.State.NOT_DELIVERED
    else:
        message.state, message.due_at = Message.State.WAITING, now + PAUSES[message.attempts - 1]
    message.save()
    told(message.checkin.patient.subject, message=message.pk, state=message.state, trouble=message.trouble)


@action("message.unknown")
def give_up_lost(actor: Actor, /, message_id: int, now: datetime) -> None:
    """A worker was killed while a message was under way: whether it went is not known, and it is not sent again."""
    message = Message.objects.select_for_update(of=("self",)).select_related("checkin__patient").get(pk=message_id)
    if message.state != Message.State.UNDER_WAY or message.due_at > now:
        nothing_changed()
        return
    message.state = Message.State.UNKNOWN
    message.save()
    told(message.checkin.patient.subject, message=message.pk)
