"""How somebody is told: mail, and text message where the site has a way to send them. No health data in either."""

from typing import Protocol, cast

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils.module_loading import import_string

from euthymia_clinic.accounts.models import User

SUBJECT = "Someone in care at your clinic needs to be seen now"
# Nothing of the patient: no name, no number, no answer. Who it is stands behind the sign-in.
TEXT = "Someone in care at your clinic needs to be seen now. Sign in: {address}"


class Sender(Protocol):
    """What sends text messages."""

    def send(self, to: str, text: str) -> None:
        """Send one; raises where it was not taken."""


def channels_of(user: User) -> list[str]:
    """The ways in which a person can be told, all of which are used at once."""
    found = ["mail"] if user.email else []
    return found + (["text"] if settings.TEXT_MESSAGES and user.phone else [])


def send(user: User, channel: str) -> None:
    """Tell a person by one channel. Raises whatever the channel raises."""
    text = TEXT.format(address=settings.PUBLIC_ADDRESS + reverse("alerts"))
    if channel == "text":
        _sender().send(user.phone, text)
    else:
        send_mail(SUBJECT, text, settings.DEFAULT_FROM_EMAIL, [user.email])


def _sender() -> Sender:
    return cast("Sender", import_string(settings.TEXT_MESSAGES)())
