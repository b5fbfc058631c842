"""A decision, recorded on the review that the page showed."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from euthymia.deciding import DecisionError
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import RecordChangedError, decide
from euthymia_clinic.chart.models import Event, Patient, ReviewSnapshot
from euthymia_clinic.chart.permissions import may_decide
from euthymia_clinic.chart.snapshots import is_stale, latest, readable, refresh
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.chart import clock_words
from euthymia_clinic.pages.presenters.decide import ChoiceError, form_of, problems_in, said_in
from euthymia_clinic.pages.presenters.events import content_words, kind_words
from euthymia_clinic.pages.views.chart import show


@for_care_team("decide")
@require_http_methods(["GET", "HEAD", "POST"])
def decide_view(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """GET: the form, in place where htmx asks for it. POST: the decision, and back to the chart, which then says it."""
    if not may_decide(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    if request.method == "POST":
        return _decided(request, patient)
    snapshot = latest(patient)
    review = readable(snapshot)
    if snapshot is None or review is None:
        return show(request, patient)
    form = form_of(review, catalog_of(patient.site), snapshot.digest, request.GET, {})
    if getattr(request, "htmx", False):
        return render(request, "clinic/chart/_decide_form.html", {"form": form, "patient": patient})
    return show(request, patient, form=form)


def _decided(request: ClinicRequest, patient: Patient) -> HttpResponse:
    answered = request.POST.get("review", "")
    try:
        said = said_in(request.POST, catalog_of(patient.site))
        decide(request.here.actor, request.here, patient, answered, said)
    except ChoiceError as error:
        return _again(request, patient, 422, {"choice": [str(error)]})
    except DecisionError as error:
        return _again(request, patient, 422, problems_in(str(error)))
    except RecordChangedError:
        return _changed(request, patient, answered)
    return HttpResponseRedirect(f"{reverse('chart', args=(patient.pk,))}#decide")


def _again(request: ClinicRequest, patient: Patient, status: int, problems: dict[str, list[str]], **more: Any) -> HttpResponse:
    """The page with the form as it was sent, and what was found wrong."""
    snapshot = latest(patient)
    review = readable(snapshot)
    if snapshot is None or review is None:
        return show(request, patient, status=status)
    form = form_of(review, catalog_of(patient.site), snapshot.digest, request.POST.dict(), problems)
    return show(request, patient, status=status, form=form, **more)


def _changed(request: ClinicRequest, patient: Patient, answered: str) -> HttpResponse:
    """409: what is new since the review that was answered, the review as it is now, and the form once more."""
    patient.refresh_from_db()
    snapshot = latest(patient)
    if snapshot is None or is_stale(snapshot, patient):
        refresh(patient)
    shown = ReviewSnapshot.objects.filter(patient=patient, digest=answered[:64]).order_by("-pk").first()
    since = Event.objects.filter(patient=patient, recorded_at__gt=shown.made_at) if shown else Event.objects.none()
    zone = zone_of(patient)
    news = [
        {"when": clock_words(event.recorded_at, zone), "what": kind_words(event.kind), "words": content_words(event.body)}
        for event in since.order_by("recorded_at")[:20]
    ]
    return _again(request, patient, 409, {}, news=news, changed=True)
