"""A correction: a new event that takes the place of another, which stays in the list with who entered it and when."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from euthymia.catalog import Catalog
from euthymia.events import Assessment, EventBase
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import ConflictError, correct, corrections_of
from euthymia_clinic.chart.models import Event, Patient
from euthymia_clinic.chart.permissions import may_decide, may_enter
from euthymia_clinic.chart.to_core import event_from, zone_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.entry_fields import BY_KIND, Entry
from euthymia_clinic.pages.presenters.entry_forms import MOMENTS, EntryError, given_of
from euthymia_clinic.pages.presenters.events import content_words, kind_words
from euthymia_clinic.pages.presenters.rating_forms import given_rating
from euthymia_clinic.pages.views.entries import form_page, made, raise_alert
from euthymia_clinic.pages.views.form_tokens import new_token
from euthymia_clinic.pages.views.people_of_record import source_of

# What every correction says anew, and what the form of a rating holds. Anything else that a form has no field for is kept as it was.
_ANEW = frozenset(("id", "kind", "at", "recorded_at", "source", "supersedes", "entered_in_error"))
_RATED = frozenset(("instrument", "phase", "mode", "answers", "total"))
# What a code is the code of: where the words change, it is another thing's.
_CODED = ("drug", "condition", "measure", "treatment")


@for_care_team("correction")
@require_http_methods(["GET", "HEAD", "POST"])
def correct_view(request: ClinicRequest, patient: Patient, event_id: str) -> HttpResponse:
    """GET: the form, filled with what stands. POST: the correction, or that it never happened, with a reason."""
    row = Event.objects.filter(patient=patient, event_id=event_id).first()
    if row is None:
        raise Http404
    allowed = may_decide if row.kind in ("decision", "regimen") else may_enter
    if not allowed(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    catalog, entry = catalog_of(patient.site), BY_KIND.get(row.kind)
    by_items = row.kind == "assessment" and row.body.get("instrument") in catalog.instruments
    if request.method != "POST":
        return _page(request, patient, catalog, row, {"token": new_token(), **_given(row, catalog, patient)}, {})
    form = request.POST.dict()
    if by_items:
        form["instrument"] = row.body["instrument"]
    try:
        if form.get("never") == "yes":
            event = _never(request, row, form)
        elif entry is None and not by_items:
            raise EntryError({"": ["found nothing that can be changed; allowed: that it was entered in error"]})
        else:
            event = _changed(request, patient, catalog, row, form)
        if not _corrected(request, patient, event):
            messages.info(request, "This was corrected already; nothing was added.")
    except EntryError as error:
        return _page(request, patient, catalog, row, form, error.problems, status=422)
    except ConflictError as error:
        return _page(request, patient, catalog, row, form, {"": [str(error)]}, status=409)
    messages.success(request, "Corrected. What stood before stays in the list of events.")
    return HttpResponseRedirect(reverse("events", args=(patient.pk,)))


def _corrected(request: ClinicRequest, patient: Patient, event: EventBase) -> bool:
    with transaction.atomic():
        new = correct(request.here.actor, request.here, patient, event)
        if new and not event.entered_in_error:
            raise_alert(request, patient, event)
    return new


def _changed(request: ClinicRequest, patient: Patient, catalog: Catalog, row: Event, form: dict[str, str]) -> EventBase:
    """The event as it is now said. A time that was not touched keeps its seconds."""
    entry, before, was = BY_KIND.get(row.kind), _given(row, catalog, patient), event_from(row.body)
    said_anew = _ANEW | (frozenset(field.name for field in entry.fields) if entry else _RATED)
    if any(name in before and form.get(name, "").strip() != before[name] for name in _CODED):
        said_anew |= {"code"}
    kept = {name: value for name, value in row.body.items() if name not in said_anew}
    event = made(request, patient, catalog, entry, form, {**kept, "supersedes": row.event_id})
    untouched = [name for name in MOMENTS if name in before and _same(form, before, name) and _same(form, before, f"{name}_time")]
    return event.model_copy(update={name: getattr(was, name) for name in untouched})


def _same(form: Mapping[str, str], before: Mapping[str, str], name: str) -> bool:
    """Whether the form says what stood before; one that does not ask says nothing else."""
    said = before.get(name, "")
    return form.get(name, said) == said


def _never(request: ClinicRequest, row: Event, form: Mapping[str, str]) -> EventBase:
    """The same event, entered in error. Raises EntryError without a reason."""
    reason, token = " ".join(form.get("why", "").split()), form.get("token", "")
    if not reason:
        raise EntryError({"why": ["found nothing; allowed: why it was entered in error"]})
    if len(token) != 32 or not token.isalnum():
        raise EntryError({"": ["found a form that was not given out here; allowed: a new one"]})
    said: dict[str, Any] = {
        "id": f"{row.kind}-{token}",
        "supersedes": row.event_id,
        "entered_in_error": True,
        "recorded_at": None,
        "source": f"{source_of(request.here)}: entered in error, {reason[:300]}",
    }
    return event_from(row.body).model_copy(update=said)


def _given(row: Event, catalog: Catalog, patient: Patient) -> dict[str, str]:
    given, event = given_of(row.body, zone_of(patient)), event_from(row.body)
    if isinstance(event, Assessment) and event.instrument in catalog.instruments:
        given |= given_rating(event, catalog.instruments[event.instrument])
    return given


def _page(
    request: ClinicRequest,
    patient: Patient,
    catalog: Catalog,
    row: Event,
    form: dict[str, str],
    problems: dict[str, list[str]],
    status: int = 200,
) -> HttpResponse:
    other = corrections_of(patient, [row.event_id]).first()
    correcting = {
        "id": row.event_id,
        "kind": kind_words(row.kind),
        "words": content_words(row.body),
        "source": row.body.get("source", ""),
        "corrected_by": other.event_id if other else "",
        "why": problems.get("why", []),
        "can_change": True,
    }
    entry = BY_KIND.get(row.kind)
    if entry is None and (row.kind != "assessment" or row.body.get("instrument") not in catalog.instruments):
        entry = Entry("", EventBase, kind_words(row.kind), "What was entered cannot be changed, only withdrawn.", ())
        correcting["can_change"] = False
    return form_page(request, patient, catalog, entry, form, problems, correcting=correcting, status=status)
