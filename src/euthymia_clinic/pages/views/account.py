"""One's own account, the site one works at, and the lock of an idle screen."""

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core.internal import ratelimit
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from euthymia_clinic.accounts.actions import change_phone, rename
from euthymia_clinic.accounts.membership import places_of
from euthymia_clinic.accounts.permissions import PeopleError
from euthymia_clinic.pages.access import ClinicRequest, for_roles


@for_roles()
@require_http_methods(["GET", "POST"])
def account(request: ClinicRequest) -> HttpResponse:
    """Own name, how one signs in, where one works."""
    here, trouble = request.here, ""
    name, phone = here.user.name, here.user.phone
    if request.method == "POST":
        name, phone = request.POST.get("name", ""), request.POST.get("phone", phone)
        try:
            with transaction.atomic():
                rename(here.actor, here.user, name)
                change_phone(here.actor, here.user, phone)
        except PeopleError as error:
            trouble = str(error)
        else:
            messages.success(request, "Saved.")
            return redirect("account")
    shown = {"name": name, "phone": phone, "trouble": trouble, "places": places_of(here.user), "second_factor": is_mfa_enabled(here.user)}
    return render(request, "clinic/people/account.html", shown, status=400 if trouble else 200)


@for_roles()
@require_http_methods(["GET", "POST"])
def choose_site(request: ClinicRequest) -> HttpResponse:
    """Where one works now, for people with several places."""
    places = places_of(request.here.user)
    if request.method == "POST":
        chosen = next((place for place in places if str(place.site.pk) == request.POST.get("site")), None)
        if chosen is None:
            return render(request, "clinic/people/choose_site.html", {"places": places, "trouble": "You do not work there."}, status=400)
        request.session["site"] = chosen.site.pk
        return redirect("/")
    return render(request, "clinic/people/choose_site.html", {"places": places, "trouble": ""})


@for_roles()
@require_POST
def lock(request: ClinicRequest) -> HttpResponse:
    """Lock the screen now: the page did so because nobody touched it, or somebody walks away."""
    request.session["seen"] = 0.0
    back = request.POST.get("back", "")
    request.session["return_to"] = back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "/"
    return redirect("account_reauthenticate")


@for_roles()
@sensitive_post_parameters("password")
@require_POST
def unlock(request: ClinicRequest) -> HttpResponse:
    """The password of the cover that a page put over itself: 204 where it is right, 403 where not, 429 after too many."""
    refused = ratelimit.consume_or_429(request, app="allauth.account", action="reauthenticate", user=request.user)
    if refused:
        return refused  # type: ignore[no-any-return]
    if not ReauthenticateForm(user=request.user, data=request.POST).is_valid():
        return HttpResponse(status=403)
    reauthenticate_by_password(request)
    return HttpResponse(status=204)


@for_roles()
@require_http_methods(["GET", "POST"])
def unlocked(request: ClinicRequest) -> HttpResponse:
    """Back to where one was; a form that was sent while the screen was locked is offered again, to send or to leave."""
    held = request.session.pop("held", None)
    back = request.session.pop("return_to", "/")
    if held and request.method == "GET":
        request.session["held"], request.session["return_to"] = held, back
        return render(request, "clinic/people/held.html", {"to": held["to"], "fields": held["fields"]})
    return redirect(back)
