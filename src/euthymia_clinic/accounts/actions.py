"""Everything that may be done to people, their roles and their sign-in. Each action is one transaction with its audit entry."""

import re
from collections.abc import Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import F
from django.utils import timezone
from django.utils.text import slugify

from euthymia_clinic.accounts.keyed import hash_of
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Membership, OnCall, Role, Site, User
from euthymia_clinic.accounts.permissions import ON_CALL, PeopleError, check_administer, check_arrange_on_call, works_only_where
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor

LONGEST_NAME = 120
_PHONE = re.compile(r"\+?[0-9 ()./-]{3,39}")
LONGEST_REASON = 300
MINUTES_TO_ANSWER = range(1, 241)


class Watch(NamedTuple):
    """One place in the chain of who is paged."""

    user: User
    minutes_to_answer: int


@action("site.opened")
def open_site(actor: Actor, /, name: str, zone: str, email: str, person: str) -> Membership:
    """Make a site and its first administrator, who invites everybody else. For the owner of the machine alone. Raises PeopleError."""
    name, slug = name.strip(), slugify(name)[:50]
    if not slug or len(name) > LONGEST_NAME:
        raise PeopleError(f"found a name of {len(name)} characters; allowed: 1 to {LONGEST_NAME}, with a letter or a digit among them")
    if Site.objects.filter(slug=slug).exists():
        raise PeopleError("found a site of that name; allowed: another name")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PeopleError("found no zone; allowed: one like Europe/Madrid") from None
    site = Site.objects.create(slug=slug, name=name, zone=zone)
    membership = _invited(site, email, person, Role.ADMINISTRATOR)
    told(f"site:{site.pk}", administrator=membership.user.pk)
    return membership


@action("person.invited")
def invite(actor: Actor, /, here: Here, email: str, name: str, role: Role, phone: str = "") -> Membership:
    """Give somebody a role at this site; who is new here has no password yet, and gets the phone. Raises PeopleError, Forbidden."""
    check_administer(here)
    membership = _invited(here.site, email, name, role, _phone(phone))
    told(membership.user.subject, site=here.site.pk, role=role.value)
    return membership


@action("role.changed")
def change_role(actor: Actor, /, here: Here, user: User, role: Role) -> None:
    """Another role at this site from now on; the old one stays as ended. Raises PeopleError, Forbidden."""
    old = _place_of(here, user)
    if old.role == role:
        nothing_changed()
        return
    _end(old)
    if role not in ON_CALL:
        _off_call(here.site, user)
    Membership.objects.create(user=user, site=here.site, role=role)
    told(user.subject, site=here.site.pk, role=role.value, before=old.role)


@action("membership.ended")
def end_membership(actor: Actor, /, here: Here, user: User) -> None:
    """Somebody works here no more. Raises PeopleError, Forbidden."""
    old = _place_of(here, user)
    _end(old)
    _off_call(here.site, user)
    told(user.subject, site=here.site.pk, role=old.role)


@action("second_factor.reset")
def reset_second_factor(actor: Actor, /, here: Here, user: User, reason: str) -> None:
    """Take away the second factors of somebody who lost theirs, with a reason. Raises PeopleError, Forbidden."""
    _place_of(here, user)
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise PeopleError(f"found a reason of {len(reason)} characters; allowed: 1 to {LONGEST_REASON}")
    if not works_only_where(here, user):
        raise PeopleError("found a person who works at another site too; allowed: people of this site alone")
    count, _ = Authenticator.objects.filter(user=user).delete()
    told(user.subject, site=here.site.pk, factors=count, reason=reason)


@action("person.renamed")
def rename(actor: Actor, /, user: User, name: str) -> None:
    """One's own name. Raises PeopleError."""
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise PeopleError(f"found a name of {len(name)} characters; allowed: 1 to {LONGEST_NAME}")
    changed = User.objects.filter(pk=user.pk).exclude(name=name).update(name=name)
    told(user.subject) if changed else nothing_changed()


@action("person.phone_changed")
def change_phone(actor: Actor, /, user: User, phone: str) -> None:
    """One's own phone, for a text message when one is paged. Raises PeopleError."""
    phone = _phone(phone)
    changed = User.objects.filter(pk=user.pk).exclude(phone=phone).update(phone=phone)
    told(user.subject) if changed else nothing_changed()


def _phone(text: str) -> str:
    """As it was typed, without what stands around it; empty where none is given. Raises PeopleError."""
    phone = text.strip()
    if phone and not _PHONE.fullmatch(phone):
        raise PeopleError("found no phone number; allowed: digits, spaces, + - ( ), up to 40 characters")
    return phone


@action("on_call.arranged")
def arrange_on_call(actor: Actor, /, here: Here, chain: Sequence[Watch]) -> None:
    """Who is paged, in what order, and how long each has to answer. Raises PeopleError, Forbidden."""
    check_arrange_on_call(here)
    Site.objects.select_for_update().get(pk=here.site.pk)
    users = [watch.user.pk for watch in chain]
    if len(set(users)) != len(users):
        raise PeopleError("found a person twice; allowed: each once")
    fit = set(Membership.objects.filter(site=here.site, ended=None, role__in=ON_CALL).values_list("user", flat=True))
    if not fit.issuperset(users):
        raise PeopleError("found somebody without a clinical role here; allowed: prescriber, nurse, therapist, medical lead")
    if any(watch.minutes_to_answer not in MINUTES_TO_ANSWER for watch in chain):
        raise PeopleError(f"found minutes out of range; allowed: {MINUTES_TO_ANSWER.start} to {MINUTES_TO_ANSWER.stop - 1}")
    before = list(OnCall.objects.filter(site=here.site).values_list("user", "minutes_to_answer"))
    if before == [(watch.user.pk, watch.minutes_to_answer) for watch in chain]:
        nothing_changed()
        return
    OnCall.objects.filter(site=here.site).delete()
    OnCall.objects.bulk_create(
        OnCall(site=here.site, place=n, user=w.user, minutes_to_answer=w.minutes_to_answer) for n, w in enumerate(chain, 1)
    )
    told(f"site:{here.site.pk}", chain=[list(watch) for watch in zip(users, (w.minutes_to_answer for w in chain), strict=True)])


@action("link.given")
def gave_link(actor: Actor, /, here: Here, user: User, *, by_mail: bool) -> None:
    """Write down that a link to set a password was made for somebody. Raises PeopleError, Forbidden."""
    _place_of(here, user)
    told(user.subject, site=here.site.pk, by_mail=by_mail)


@action("person.signed_in")
def signed_in(actor: Actor, /, user: User) -> None:
    """Somebody signed in."""
    told(user.subject)


@action("person.signed_out")
def signed_out(actor: Actor, /, user: User) -> None:
    """Somebody signed out."""
    told(user.subject)


@action("sign_in.refused")
def sign_in_refused(actor: Actor, /, email: str) -> None:
    """A sign-in that was not one; the address stands as a keyed hash, so that tries at the same one can be counted."""
    told("", address=hash_of(email))


@action("second_factor.refused")
def second_factor_refused(actor: Actor, /, user: User, kind: str) -> None:
    """A code that was not the right one."""
    told(user.subject, kind=kind)


@action("second_factor.added")
def second_factor_added(actor: Actor, /, user: User, kind: str) -> None:
    """Somebody set up a second factor."""
    told(user.subject, kind=kind)


@action("second_factor.removed")
def second_factor_removed(actor: Actor, /, user: User, kind: str) -> None:
    """Somebody took a second factor away."""
    told(user.subject, kind=kind)


@action("second_factor.renewed")
def second_factor_renewed(actor: Actor, /, user: User, kind: str) -> None:
    """Somebody made new recovery codes."""
    told(user.subject, kind=kind)


@action("password.changed")
def password_changed(actor: Actor, /, user: User) -> None:
    """Somebody set a password."""
    told(user.subject)


def _place_of(here: Here, user: User) -> Membership:
    """Where somebody else works at this site, locked; nobody changes their own place."""
    check_administer(here)
    if user.pk == here.user.pk:
        raise PeopleError("found your own place; allowed: another administrator changes it")
    found = Membership.objects.select_for_update().filter(user=user, site=here.site, ended=None).first()
    if found is None:
        raise PeopleError("found nobody with a role here; allowed: people of this site")
    return found


def _end(membership: Membership) -> None:
    membership.ended = timezone.now()
    membership.save(update_fields=["ended"])


def _off_call(site: Site, user: User) -> None:
    """Out of the chain; those behind move up, so that no page goes nowhere."""
    for watch in OnCall.objects.filter(site=site, user=user):
        watch.delete()
        for behind in OnCall.objects.filter(site=site, place__gt=watch.place).order_by("place"):
            OnCall.objects.filter(pk=behind.pk).update(place=F("place") - 1)


def _invited(site: Site, email: str, name: str, role: Role, phone: str = "") -> Membership:
    email, name = email.strip().lower(), name.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise PeopleError("found no e-mail address; allowed: one like name@clinic.example") from None
    if not 0 < len(name) <= LONGEST_NAME:
        raise PeopleError(f"found a name of {len(name)} characters; allowed: 1 to {LONGEST_NAME}")
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=name, phone=phone)
    if user.memberships.filter(site=site, ended=None).exists():
        raise PeopleError("found a person with a role here; allowed: to change that role")
    return Membership.objects.create(user=user, site=site, role=role)
