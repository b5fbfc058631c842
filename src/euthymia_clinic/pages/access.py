"""The doors: what every view asks before it shows anything. Each view carries exactly one of them (a test sees to it)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import glass_until, in_care_of, may_break_glass

View = Callable[..., HttpResponse]


class Arriving(HttpRequest):
    """A request before the door: whoever sends it may not work anywhere."""

    here: Here | None
    glass_until: datetime | None


class ClinicRequest(HttpRequest):
    """A request of somebody who works here: what a view behind a door gets."""

    here: Here


def for_roles(*roles: Role) -> Callable[[View], View]:
    """Only for people in one of the roles at the site; everybody else gets 403. None given: for everybody with a role."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def door(request: Arriving, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.here is None or (roles and request.here.role not in roles):
                return render(request, "clinic/forbidden.html", status=403)
            return view(request, *args, **kwargs)

        door.door = ("roles", roles)  # type: ignore[attr-defined]
        return door

    return decorate


def for_care_team(page: str) -> Callable[[View], View]:
    """Only for those who may see the patient; the view gets the patient, and the look is logged under `page`.

    A colleague of the site is offered to open the chart with a reason; for everybody else there is no such patient.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def door(request: Arriving, patient_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            here = request.here
            patient = Patient.objects.select_related("site").filter(pk=patient_id, site=here.site).first() if here else None
            if here is None or patient is None:
                raise Http404
            request.glass_until = None if (mine := in_care_of(here, patient)) else glass_until(here, patient)
            if not mine and request.glass_until is None:
                return kept_out(request, here, patient)
            looked(here.actor, page, patient.subject, break_glass=request.glass_until is not None)
            return view(request, patient, *args, **kwargs)

        door.door = ("care_team", page)  # type: ignore[attr-defined]
        return door

    return decorate


def kept_out(request: HttpRequest, here: Here, patient: Patient) -> HttpResponse:
    """What somebody is shown to whom the patient's chart is not open: the way to open it with a reason, for those who may."""
    if may_break_glass(here, patient):
        return render(request, "clinic/break_glass.html", {"patient": patient, "trouble": "", "reason": ""}, status=403)
    return render(request, "clinic/forbidden.html", status=403)


def for_breaking_glass(view: View) -> View:
    """For the view that opens a chart with a reason: only for those of the patient's site who may; the view gets the patient."""

    @login_required
    @wraps(view)
    def door(request: Arriving, patient_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        here = request.here
        patient = Patient.objects.select_related("site").filter(pk=patient_id, site=here.site).first() if here else None
        if here is None or patient is None:
            raise Http404
        if not may_break_glass(here, patient):
            return render(request, "clinic/forbidden.html", status=403)
        return view(request, patient, *args, **kwargs)

    door.door = ("glass", None)  # type: ignore[attr-defined]
    return door


def open_to_all(view: View) -> View:
    """For a view that anybody may see: it shows nothing of anybody, or the key in its address is what opens it."""
    view.door = ("open", None)  # type: ignore[attr-defined]
    return view
