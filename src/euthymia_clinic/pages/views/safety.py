"""Long-term safety of one patient in ketamine care, and the questions that are asked for it."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from euthymia.report.follow_up_page import follow_up_pictures
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import ConflictError, enter_all
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import may_enter
from euthymia_clinic.chart.snapshots import is_stale, latest, readable
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.chart import clock_words, name_of
from euthymia_clinic.pages.presenters.entry_forms import EntryError, Problems
from euthymia_clinic.pages.presenters.safety import ANSWERS, answers_in, questions_of, safety_context
from euthymia_clinic.pages.views.form_tokens import is_token, new_token
from euthymia_clinic.pages.views.people_of_record import born, source_of


@for_care_team("long-term safety")
@require_safe
def safety_view(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Every subject of long-term safety, as the last review says it, against time or against the doses so far."""
    snapshot = latest(patient)
    review = readable(snapshot)
    said = review.follow_up if review else None
    doses = request.GET.get("against") == "doses"
    enters = may_enter(request.here, patient)
    context = {
        "patient": patient,
        "name": name_of(patient),
        "suicidality": review.safety.line if review else "",
        "follow_up": safety_context(said, catalog_of(patient.site), patient.pk, enters=enters) if said else None,
        "panels": follow_up_pictures(said, "doses" if doses else "time"),
        "doses": doses,
        "made": clock_words(snapshot.made_at, zone_of(patient)) if snapshot else "",
        "stale": snapshot is not None and is_stale(snapshot, patient),
        "enters": enters,
    }
    return render(request, "clinic/safety/safety.html", context)


@for_care_team("long-term safety questions")
@require_http_methods(["GET", "HEAD", "POST"])
def ask_view(request: ClinicRequest, patient: Patient, subject: str) -> HttpResponse:
    """The questions of one subject on one form; what was not asked is left out, and nothing is assumed of it."""
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    if not questions_of(catalog_of(patient.site), subject):
        raise Http404
    if request.method != "POST":
        local = timezone.now().astimezone(zone_of(patient))
        given = {"token": new_token(), "at": local.date().isoformat(), "at_time": f"{local:%H:%M}"}
        return _form(request, patient, subject, given, {})
    return _answered(request, patient, subject, request.POST.dict())


def _answered(request: ClinicRequest, patient: Patient, subject: str, post: dict[str, str]) -> HttpResponse:
    catalog, zone, here = catalog_of(patient.site), zone_of(patient), request.here
    try:
        if not is_token(post.get("token", "")):
            raise EntryError({"": ["found a form that was not given out here; allowed: a new one"]})
        events = answers_in(catalog, subject, post, source_of(here), born(patient), timezone.now(), zone)
        new = enter_all(here.actor, here, patient, events)
    except EntryError as error:
        return _form(request, patient, subject, {**post, "token": new_token()}, error.problems, status=422)
    except ConflictError:
        problems = {"": ["found other answers that were given with this form; allowed: a correction of them, in the list of events"]}
        return _form(request, patient, subject, {**post, "token": new_token()}, problems, status=409)
    messages.success(request, f"Recorded: {new} of {len(events)}." if new else "This was recorded already; nothing was added.")
    return HttpResponseRedirect(reverse("safety", args=(patient.pk,)))


def _form(
    request: ClinicRequest, patient: Patient, subject: str, given: Mapping[str, str], problems: Problems, *, status: int = 200
) -> HttpResponse:
    catalog = catalog_of(patient.site)
    context = {
        "patient": patient,
        "name": name_of(patient),
        "zone": str(zone_of(patient)),
        "title": catalog.followed[subject].name,
        "given": given,
        "problems": problems,
        "answers": ANSWERS,
        "questions": [{"id": fact_id, "words": fact.words} for fact_id, fact in questions_of(catalog, subject)],
    }
    return render(request, "clinic/safety/ask.html", context, status=status)
