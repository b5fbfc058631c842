"""The clinic's side of the check-ins: who has not answered, send one, excuse one, show a code for the phone, hand over a tablet."""

from datetime import timedelta
from secrets import token_hex
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from euthymia.asking import can_be_asked
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import CLINICAL, may_enter
from euthymia_clinic.chart.queries import not_answered
from euthymia_clinic.checkins import actions
from euthymia_clinic.checkins.messages import channel_of
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.pages.access import ClinicRequest, for_care_team, for_roles
from euthymia_clinic.pages.presenters.checkin_list import ended_rows, open_now, open_rows

DAYS_OPEN = (1, 2, 3, 7)


@for_roles(*sorted(CLINICAL))
@require_safe
def checkins(request: ClinicRequest) -> HttpResponse:
    """Who has been asked and has not answered, for how long, and whether the message arrived; then what was missed lately."""
    looked(request.here.actor, "check-ins")
    now = timezone.now()
    context = {
        "rows": open_rows(request.here, now),
        "ended": ended_rows(request.here, now),
        "not_answered": not_answered(request.here),
        "text_messages": bool(settings.TEXT_MESSAGES),
    }
    return render(request, "clinic/checkins/list.html", context)


@for_care_team("send a check-in")
@require_http_methods(["GET", "HEAD", "POST"])
def send_checkin(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Ask one patient: which instruments, from now, for how long. The same form twice asks once."""
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    problem, chosen, token = "", request.POST.getlist("instrument")[:20], request.POST.get("token", "")[:64]
    days = request.POST.get("days", "2")
    if request.method == "POST":
        try:
            if days not in {str(each) for each in DAYS_OPEN} or not token.isalnum():
                raise actions.CheckinError(f"found another number of days; allowed: {', '.join(map(str, DAYS_OPEN))}")
            made = actions.ask(request.here.actor, request.here, patient, chosen, timezone.now(), timedelta(days=int(days)), token)
        except actions.CheckinError as error:
            problem = str(error)
        else:
            messages.success(request, "The check-in is open; the message goes out by day." if made else "This check-in was sent already.")
            return redirect("checkins")
    catalog = catalog_of(patient.site)
    offered = [each for each in catalog.instruments.values() if can_be_asked(each)]
    usual = [each for each in catalog.verdict.instrument_order if any(each == other.id for other in offered)][:1]
    context = {
        "patient": patient,
        "offered": offered,
        "chosen": chosen or ([] if problem else usual),
        "days": days,
        "days_open": [(str(each), "1 day" if each == 1 else f"{each} days") for each in DAYS_OPEN],
        "token": token if token.isalnum() else token_hex(16),
        "problem": problem,
        "channel": channel_of(patient),
    }
    return render(request, "clinic/checkins/send.html", context, status=422 if problem else 200)


@for_care_team("send a check-in again")
@require_POST
def checkin_resend(request: ClinicRequest, patient: Patient, checkin_id: UUID) -> HttpResponse:
    """Send the link once more, by hand."""
    checkin = _of(patient, checkin_id)
    return _done(
        request, lambda: actions.resend(request.here.actor, request.here, checkin.pk, channel_of(patient)), "The message goes out again."
    )


@for_care_team("excuse a check-in")
@require_http_methods(["GET", "HEAD", "POST"])
def checkin_excuse(request: ClinicRequest, patient: Patient, checkin_id: UUID) -> HttpResponse:
    """A check-in need not be answered, for a reason that is kept."""
    checkin = _of(patient, checkin_id)
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    problem = ""
    if request.method == "POST":
        try:
            actions.excuse(request.here.actor, request.here, checkin.pk, request.POST.get("reason", ""))
        except actions.CheckinError as error:
            problem = str(error)
        else:
            messages.success(request, "Excused: it is not counted as missed.")
            return redirect("checkins")
    context = {"patient": patient, "checkin": checkin, "problem": problem, "reason": request.POST.get("reason", "")[:400]}
    return render(request, "clinic/checkins/excuse.html", context, status=422 if problem else 200)


@for_care_team("code of a check-in")
@require_POST
def checkin_qr(request: ClinicRequest, patient: Patient, checkin_id: UUID) -> HttpResponse:
    """A code for the patient's own phone: a key of its own, shown once."""
    checkin = _of(patient, checkin_id)
    try:
        key = actions.give_link(request.here.actor, request.here, checkin.pk, "qr")
    except actions.CheckinError as error:
        messages.error(request, str(error))
        return redirect("checkins")
    address = settings.PUBLIC_ADDRESS + reverse("checkin", args=[key])
    code = segno.make(address, error="m").svg_data_uri(scale=6, border=3, dark="#000", light="#fff")
    response = render(request, "clinic/checkins/qr.html", {"patient": patient, "checkin": checkin, "code": code})
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@for_roles(*sorted(CLINICAL))
@require_safe
def kiosk(request: ClinicRequest) -> HttpResponse:
    """Which patient gets the tablet. Nothing is handed over before somebody presses the button."""
    looked(request.here.actor, "kiosk")
    return render(request, "clinic/checkins/kiosk.html", {"rows": open_now(request.here, timezone.now())})


@for_care_team("hand over a tablet")
@require_POST
def kiosk_hand_over(request: ClinicRequest, patient: Patient, checkin_id: UUID) -> HttpResponse:
    """Leave the session of the clinic, then open the questions: whoever holds the tablet now can go nowhere else from it."""
    checkin = _of(patient, checkin_id)
    try:
        key = actions.give_link(request.here.actor, request.here, checkin.pk, "kiosk")
    except actions.CheckinError as error:
        messages.error(request, str(error))
        return redirect("kiosk")
    logout(request)
    response = redirect("checkin", key)
    response.headers["Referrer-Policy"] = "no-referrer"
    # What the browser kept of the clinic's pages goes too: "back" shows the sign-in.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def _of(patient: Patient, checkin_id: UUID) -> Checkin:
    """A check-in of this patient. Raises Http404 for one of somebody else."""
    found = Checkin.objects.filter(pk=checkin_id, patient=patient).select_related("patient__site").first()
    if found is None:
        raise Http404
    return found


def _done(request: ClinicRequest, do: Any, words: str) -> HttpResponse:
    try:
        done = do()
    except actions.CheckinError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, words if done is not None else "It was sent a moment ago.")
    return redirect("checkins")
