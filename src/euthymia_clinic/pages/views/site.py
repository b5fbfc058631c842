"""What a site says of itself: name, country, zone, how it is reached, when somebody watches, what patients see."""

from datetime import time
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.models import Entry
from euthymia_clinic.governance.actions import SettingsError, change_site, known_countries
from euthymia_clinic.pages.access import ClinicRequest, for_roles

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@for_roles(Role.ADMINISTRATOR, Role.MEDICAL_LEAD)
@require_http_methods(["GET", "POST"])
def site_settings(request: ClinicRequest) -> HttpResponse:
    """See the settings of the site, change them with a reason."""
    if request.method == "GET":
        return _page(request, _of_site(request), {}, "", 200)
    given, problems = _given(request)
    reason = request.POST.get("reason", "")
    if problems:
        return _page(request, given, problems, reason, 400)
    try:
        change_site(request.here.actor, request.here, given, reason)
    except SettingsError as error:
        return _page(request, given, error.problems, reason, 400)
    messages.success(request, "Kept.")
    return redirect("site_settings")


def _given(request: ClinicRequest) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields as their kinds, and what could not be read."""
    post, problems = request.POST, dict[str, str]()
    given: dict[str, Any] = {name: post.get(name, "").strip() for name in ("name", "country", "zone", "contact")}
    days = post.getlist("watched_days")
    given["watched_days"] = sorted(int(day) if day in {"0", "1", "2", "3", "4", "5", "6"} else -1 for day in days)
    for name in ("watched_from", "watched_to"):
        text = post.get(name, "").strip()
        try:
            given[name] = time.fromisoformat(text) if text else None
        except ValueError:
            given[name], problems[name] = None, f"found {text[:20]!r}; allowed: a time, such as 09:00, or empty"
        if given[name] is not None and given[name].tzinfo is not None:
            given[name], problems[name] = None, "found a time with a zone; allowed: a time, such as 09:00"
    given["shows_scores"] = post.get("shows_scores") == "1"
    return given, problems


def _of_site(request: ClinicRequest) -> dict[str, Any]:
    names = ("name", "country", "zone", "contact", "watched_days", "watched_from", "watched_to", "shows_scores")
    return {name: getattr(request.here.site, name) for name in names}


def _page(request: ClinicRequest, given: dict[str, Any], problems: dict[str, str], reason: str, status: int) -> HttpResponse:
    site = request.here.site
    countries = sorted(known_countries(site).items(), key=lambda pair: pair[1])
    shown = {name: value.strftime("%H:%M") if isinstance(value, time) else value for name, value in given.items()}
    context = {
        "given": {**shown, "watched_from": shown["watched_from"] or "", "watched_to": shown["watched_to"] or ""},
        "problems": problems,
        "reason": reason,
        "countries": [("", "not said: nothing is assumed"), *countries],
        "days": list(enumerate(DAYS)),
        "changes": Entry.objects.filter(subject=f"site:{site.pk}", action="site.changed").order_by("-seq")[:20],
        "leads": request.here.role == Role.MEDICAL_LEAD,
    }
    return render(cast(HttpRequest, request), "clinic/governance/site.html", context, status=status)
