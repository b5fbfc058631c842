"""allauth as this clinic has it: nobody signs up by themselves, answers are uniform, a mail server that is down stops nobody."""

import base64
import hashlib
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

FRESH_SECONDS = 300.0
_log = logging.getLogger(__name__)


class ClinicAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No open door: an administrator adds people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Never."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send in the background: how long it takes, or that it did not go, does not say whether there is such a person."""
        _post().submit(deliver, self.render_mail(template_prefix, email, {"email": email, "home": settings.PUBLIC_ADDRESS, **context}))

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a mail leads to the clinic's own address, whatever host the request named."""
        return link_to_set_password(*key.split("-", 1))

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not right after somebody has signed in."""
        request = context.request
        records = get_authentication_records(request, request.user)
        if records and timezone.now().timestamp() - records[-1]["at"] < FRESH_SECONDS:
            return False
        return bool(super().is_reauthentication_required(app=app, **kwargs))


class ClinicSecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """The seeds of authenticator apps and recovery codes stand encrypted in the tables, under the clinic's secret key."""

    def encrypt(self, text: str) -> str:
        """Under the key in use."""
        return _vault(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Under the key in use or one of those before it."""
        return _vault(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(encrypted_text.encode()).decode()


def link_to_set_password(uid: str, key: str) -> str:
    """The address at which a person sets a password."""
    return settings.PUBLIC_ADDRESS + reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})


def deliver(mail: EmailMessage) -> bool:
    """Send one mail; False: the mail server did not take it. The log says so, without the address."""
    try:
        mail.send()
    except Exception as trouble:  # noqa: BLE001, RUF100 - whatever a mail server does, it stops nobody
        _log.warning("a mail did not go: %s", type(trouble).__name__)
        return False
    return True


def mail_has_gone() -> None:
    """Wait until everything that was to be sent has been tried (for tests, and before the process ends)."""
    gone: Future[None] = _post().submit(lambda: None)
    gone.result()


@cache
def _post() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")


@cache
def _vault(*keys: str) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"second factor:" + key.encode()).digest())) for key in keys])
