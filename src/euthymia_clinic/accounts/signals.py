"""What sign-in tells the audit: allauth and Django send signals, each becomes an action."""

from typing import Any

from allauth.account.signals import authentication_step_completed, password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from euthymia_clinic.accounts import actions
from euthymia_clinic.accounts.models import User
from euthymia_clinic.audit.actor import Actor, system


def actor_of(user: User) -> Actor:
    """A person, as the audit names who acts."""
    return Actor("person", str(user.pk))


@receiver(user_logged_in)
def on_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    """Somebody came in."""
    actions.signed_in(actor_of(user), user)
    request.session["seen"] = timezone.now().timestamp()


@receiver(user_logged_out)
def on_sign_out(user: User | None, **_: Any) -> None:
    """Somebody left."""
    if user is not None:
        actions.signed_out(actor_of(user), user)


@receiver(user_login_failed)
def on_sign_in_refused(credentials: dict[str, Any], **_: Any) -> None:
    """A password that was not the right one, or nobody of this address."""
    actions.sign_in_refused(system("sign-in"), str(credentials.get("email", "")))


@receiver(authentication_failed)
def on_second_factor_refused(user: User, authenticator: Authenticator, **_: Any) -> None:
    """A code that was not the right one."""
    actions.second_factor_refused(system("sign-in"), user, authenticator.type)


@receiver(authenticator_added)
def on_second_factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A second factor more; this session has shown it."""
    request.session["second_factor"] = True
    actions.second_factor_added(actor_of(user), user, authenticator.type)


@receiver(authenticator_removed)
def on_second_factor_removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    """A second factor less."""
    actions.second_factor_removed(actor_of(user), user, authenticator.type)


@receiver(authenticator_reset)
def on_recovery_codes_renewed(user: User, authenticator: Authenticator, **_: Any) -> None:
    """New recovery codes; the old ones are void."""
    actions.second_factor_renewed(actor_of(user), user, authenticator.type)


@receiver([password_changed, password_set, password_reset])
def on_password_changed(user: User, **_: Any) -> None:
    """A new password."""
    actions.password_changed(actor_of(user), user)


@receiver(authentication_step_completed)
def on_asked_again(request: HttpRequest, user: User, **step: Any) -> None:
    """Somebody said again who they are: the screen is theirs."""
    if step.get("reauthenticated"):
        request.session["seen"] = timezone.now().timestamp()
