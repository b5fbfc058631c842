"""The people of a site: for its administrator. No clinical data is here, and none can be reached from here."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from euthymia_clinic.accounts import actions
from euthymia_clinic.accounts.actions import Watch
from euthymia_clinic.accounts.adapter import deliver, link_to_set_password
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Membership, OnCall, Role, User
from euthymia_clinic.accounts.permissions import ON_CALL, PeopleError, may_see_link, works_only_where
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.actions import leave_all_care_teams
from euthymia_clinic.chart.models import BreakGlass
from euthymia_clinic.chart.permissions import CLINICAL
from euthymia_clinic.pages.access import ClinicRequest, for_roles

_administrator = for_roles(Role.ADMINISTRATOR)


@_administrator
@require_safe
def people(request: ClinicRequest) -> HttpResponse:
    """Who works here, as what, since when; whom to invite."""
    return _people(request)


@_administrator
@require_POST
def invite(request: ClinicRequest) -> HttpResponse:
    """Give somebody a role here; the link to set a password goes by mail, or over to the administrator if mail is down."""
    said = {name: request.POST.get(name, "") for name in ("email", "name", "phone", "role")}
    try:
        membership = actions.invite(request.here.actor, request.here, said["email"], said["name"], _role(said["role"]), said["phone"])
    except PeopleError as error:
        return _people(request, trouble=str(error), said=said)
    if membership.user.has_usable_password():
        messages.success(request, f"{membership.user.name} works here now, and signs in as before.")
        return redirect("people")
    return _give_link(request, membership.user)


@_administrator
@require_POST
def role(request: ClinicRequest, user_id: int) -> HttpResponse:
    """Another role for somebody; without a clinical role they leave the care teams."""
    person = _person(request.here, user_id)
    try:
        new = _role(request.POST.get("role", ""))
        with transaction.atomic():
            actions.change_role(request.here.actor, request.here, person, new)
            if new not in CLINICAL:
                leave_all_care_teams(request.here.actor, request.here.site, person)
    except PeopleError as error:
        return _people(request, trouble=str(error))
    messages.success(request, f"{person.name} is {new.label.lower()} now.")
    return redirect("people")


@_administrator
@require_http_methods(["GET", "POST"])
def end(request: ClinicRequest, user_id: int) -> HttpResponse:
    """Somebody works here no more: asked once, then done."""
    person = _person(request.here, user_id)
    if request.method == "GET":
        return render(request, "clinic/people/end.html", {"person": person})
    try:
        with transaction.atomic():
            actions.end_membership(request.here.actor, request.here, person)
            leave_all_care_teams(request.here.actor, request.here.site, person)
    except PeopleError as error:
        return _people(request, trouble=str(error))
    messages.success(request, f"{person.name} has no place here any more.")
    return redirect("people")


@_administrator
@require_http_methods(["GET", "POST"])
def second_factor(request: ClinicRequest, user_id: int) -> HttpResponse:
    """Take away the second step of somebody who lost theirs; they set up a new one when they sign in next."""
    person = _person(request.here, user_id)
    trouble, reason = "", request.POST.get("reason", "")
    if request.method == "POST":
        try:
            actions.reset_second_factor(request.here.actor, request.here, person, reason)
        except PeopleError as error:
            trouble = str(error)
        else:
            messages.success(request, f"{person.name} sets up a new second step when signing in next.")
            return redirect("people")
    shown = {"person": person, "trouble": trouble, "reason": reason, "longest": actions.LONGEST_REASON}
    return render(request, "clinic/people/second_factor.html", shown, status=400 if trouble else 200)


@_administrator
@require_POST
def link(request: ClinicRequest, user_id: int) -> HttpResponse:
    """A new link to set a password."""
    try:
        return _give_link(request, _person(request.here, user_id))
    except PeopleError as error:
        return _people(request, trouble=str(error))


@for_roles(Role.ADMINISTRATOR, Role.MEDICAL_LEAD)
@require_http_methods(["GET", "POST"])
def on_call(request: ClinicRequest) -> HttpResponse:
    """Who is paged when somebody is at risk, in what order, and how long each has to answer."""
    here, trouble = request.here, ""
    fit = Membership.objects.filter(site=here.site, ended=None, role__in=ON_CALL).select_related("user").order_by("user__name")
    by_id = {membership.user.pk: membership.user for membership in fit}
    chain = [(watch.user_id, watch.minutes_to_answer) for watch in OnCall.objects.filter(site=here.site)]
    if request.method == "POST":
        try:
            chain = _chain(request.POST.getlist("user"), request.POST.getlist("minutes"))
            actions.arrange_on_call(here.actor, here, [Watch(_one_of(by_id, pk), minutes) for pk, minutes in chain])
        except PeopleError as error:
            trouble = str(error)
        else:
            messages.success(request, "Saved. It holds from the next alert on.")
            return redirect("on_call")
    places = [*chain, *[(0, 10)] * min(3, max(1, len(fit) - len(chain)))]
    shown = {"places": places, "fit": fit, "trouble": trouble, "nobody": not chain}
    return render(request, "clinic/people/on_call.html", shown, status=400 if trouble else 200)


@for_roles(Role.AUDITOR, Role.MEDICAL_LEAD)
@require_safe
def openings(request: ClinicRequest) -> HttpResponse:
    """The charts of this site that somebody outside the care team opened, with the reason."""
    looked(request.here.actor, "openings")
    found = BreakGlass.objects.filter(patient__site=request.here.site).select_related("patient", "user").order_by("-at")[:500]
    return render(request, "clinic/people/openings.html", {"openings": found, "tz": request.here.site.tz})


def _people(request: ClinicRequest, *, trouble: str = "", said: dict[str, str] | None = None, link: str = "") -> HttpResponse:
    here = request.here
    rows = Membership.objects.filter(site=here.site, ended=None).select_related("user").order_by("user__name", "user__pk")
    with_factor = set(Authenticator.objects.filter(user__in=rows.values("user")).values_list("user", flat=True))
    shown = {
        "rows": [(row, row.user.pk in with_factor, works_only_where(here, row.user)) for row in rows],
        "roles": list(Role),
        "trouble": trouble,
        "said": said or {"email": "", "name": "", "phone": "", "role": Role.PRESCRIBER.value},
    }
    return render(request, "clinic/people/people.html", shown, status=400 if trouble else 200)


def _give_link(request: ClinicRequest, person: User) -> HttpResponse:
    """Send the link; where mail is down and the person is new, hand it to the administrator, once, on this page."""
    address = link_to_set_password(user_pk_to_url_str(person), default_token_generator.make_token(person))
    said = {"person": person, "site": request.here.site, "address": address}
    text = render_to_string("clinic/people/invitation.txt", said)
    sent = deliver(EmailMessage("Your access to Euthymia", text, to=[person.email]))
    actions.gave_link(request.here.actor, request.here, person, by_mail=sent)
    shown = {"person": person, "sent": sent, "address": address if not sent and may_see_link(request.here, person) else ""}
    return render(request, "clinic/people/link.html", shown)


def _person(here: Here, user_id: int) -> User:
    found = Membership.objects.filter(user=user_id, site=here.site, ended=None).select_related("user").first()
    if found is None:
        raise Http404
    return found.user


def _role(said: str) -> Role:
    try:
        return Role(said)
    except ValueError:
        raise PeopleError(f"found no such role; allowed: {', '.join(role.label.lower() for role in Role)}") from None


def _chain(users: list[str], minutes: list[str]) -> list[tuple[int, int]]:
    """The places that were filled in; an empty place is left out."""
    try:
        return [(int(user), int(wait)) for user, wait in zip(users, minutes, strict=True) if user]
    except ValueError:
        raise PeopleError("found a place without minutes; allowed: whole minutes") from None


def _one_of(known: dict[int, User], pk: int) -> User:
    if pk not in known:
        raise PeopleError("found somebody who cannot be paged here; allowed: people with a clinical role at this site")
    return known[pk]
