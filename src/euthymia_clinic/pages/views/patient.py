"""The patient's own page, by its link; and how staff make, send and close that link."""

from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from euthymia.loading import load_catalog
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import check_enter
from euthymia_clinic.checkins.actions import CheckinError, link_from_page
from euthymia_clinic.pages.access import ClinicRequest, for_care_team, open_to_all
from euthymia_clinic.pages.presenters.own_page import own_page
from euthymia_clinic.patientpage.actions import link_in_force, make_link, opened_by, send_link, withdraw_link


@open_to_all
@require_safe
def my_page(request: HttpRequest, key: str) -> HttpResponse:
    """Where the patient is, what comes next, and whom to call: for whoever holds the link."""
    link = opened_by(key)
    if link is None:
        return closed_page(request)
    patient = link.patient
    looked(Actor("link", f"page-{link.pk}"), "my page", patient.subject)
    known = catalog_of(patient.site).phrases
    language = request.GET.get("language", "")
    language = language if language in known else patient.language
    context = own_page(patient, language, timezone.now())
    return render(request, "clinic/patient/my_page.html", {**context, "address": reverse("my_page", args=[key])})


@open_to_all
@require_POST
def my_page_answer(request: HttpRequest, key: str, checkin_id: UUID) -> HttpResponse:
    """From the page to the questions that are open now."""
    link = opened_by(key)
    if link is None:
        return closed_page(request)
    try:
        return redirect("checkin", link_from_page(Actor("link", f"page-{link.pk}"), link.patient, checkin_id))
    except CheckinError:
        # Answered or closed since the page was opened.
        return redirect("my_page", key)


@for_care_team("patient's page link")
@require_http_methods(["GET", "HEAD", "POST"])
def patient_link(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Make, send or close the link to a patient's own page. A new one is shown once."""
    check_enter(request.here, patient)
    context = {"patient": patient, "address": "", "qr": ""}
    if request.method == "POST":
        if request.POST.get("do") == "withdraw":
            withdraw_link(request.here.actor, request.here, patient)
            messages.success(request, "The page is closed: its link works no more.")
            return redirect("patient_link", patient.pk)
        address = settings.PUBLIC_ADDRESS + reverse("my_page", args=[make_link(request.here.actor, request.here, patient)])
        if request.POST.get("do") == "mail" and patient.email:
            try:
                send_link(request.here.actor, request.here, patient, address)
                messages.success(request, "The link is on its way by mail.")
            except OSError:
                messages.error(request, "The mail could not be sent. The link below works: hand it over, or try again.")
        context |= {"address": address, "qr": segno.make(address, error="m").svg_data_uri(scale=5, border=2, dark="#000", light="#fff")}
    context["link"] = link_in_force(patient)
    return render(request, "clinic/patient/link.html", context)


def closed_page(request: HttpRequest) -> HttpResponse:
    """A link that never was, was closed or has run out: the same page, so that nobody learns which."""
    both = [phrases.own_page for phrases in load_catalog().phrases.values()]
    return render(request, "clinic/patient/closed.html", {"both": both}, status=404)
