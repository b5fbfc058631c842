"""What staff enter, and how it is corrected: every entry is a new event, and what stood before stays."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from euthymia.catalog import Catalog
from euthymia.events import Assessment, Concern, Dispensing, DoseLog, DoseSession, EventBase, LeftOver, Regimen
from euthymia_clinic.alerts.actions import raise_concern, triage
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import ConflictError, corrections_of, enter
from euthymia_clinic.chart.models import Event, Patient
from euthymia_clinic.chart.permissions import may_enter
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.home.actions import ReasonNeededError, dispense
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.chart import name_of
from euthymia_clinic.pages.presenters.entry_fields import BY_SLUG, ENTRIES, Entry
from euthymia_clinic.pages.presenters.entry_forms import (
    EntryError,
    Problems,
    check_names,
    check_times,
    event_of,
    lists_of,
    shown_fields,
    values_in,
)
from euthymia_clinic.pages.presenters.events import content_words
from euthymia_clinic.pages.presenters.rating_forms import MODES, PHASES, instruments_of, rating_values, shown_items
from euthymia_clinic.pages.views.form_tokens import is_token, new_token
from euthymia_clinic.pages.views.people_of_record import born, source_of


@for_care_team("entries")
@require_safe
def entries(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Everything that can be recorded."""
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    instruments = instruments_of(catalog_of(patient.site))
    return render(
        request, "clinic/chart/entries.html", {"patient": patient, "name": name_of(patient), "entries": ENTRIES, "instruments": instruments}
    )


@for_care_team("entry")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_view(request: ClinicRequest, patient: Patient, kind: str) -> HttpResponse:
    """One form, by the kind in the address; `rating` with the instrument that is asked for."""
    if not may_enter(request.here, patient):
        return render(request, "clinic/forbidden.html", status=403)
    catalog = catalog_of(patient.site)
    form = {**_blank(patient), **(request.POST if request.method == "POST" else request.GET).dict()}
    if kind == "rating":
        if form.get("instrument") not in catalog.instruments:
            return HttpResponseRedirect(reverse("entries", args=(patient.pk,)))
        entry = None
    elif (entry := BY_SLUG.get(kind)) is None:
        raise Http404
    if request.method != "POST":
        return form_page(request, patient, catalog, entry, form, {})
    return _entered(request, patient, catalog, entry, form)


def _blank(patient: Patient) -> dict[str, str]:
    local = timezone.now().astimezone(zone_of(patient))
    return {"token": new_token(), "at": local.date().isoformat(), "at_time": f"{local:%H:%M}"}


def _entered(request: ClinicRequest, patient: Patient, catalog: Catalog, entry: Entry | None, form: dict[str, str]) -> HttpResponse:
    """Record it, or show the form again with what was found."""
    try:
        event = made(request, patient, catalog, entry, form, {})
    except EntryError as error:
        return form_page(request, patient, catalog, entry, form, error.problems, status=422)
    if isinstance(event, DoseSession) and form.get("confirm") != "yes" and (twin := _twin(patient, event)):
        return form_page(request, patient, catalog, entry, form, {}, twin=twin, status=409)
    try:
        new = _kept(request, patient, event)
    except ReasonNeededError as error:
        return form_page(request, patient, catalog, entry, form, {}, early=error.sentence, status=409)
    except ConflictError:
        problems = {"": ["found another entry that was made with this form; allowed: a correction of it, in the list of events"]}
        return form_page(request, patient, catalog, entry, {**form, "token": new_token()}, problems, status=409)
    messages.success(request, "Recorded." if new else "This was recorded already; nothing was added.")
    home = isinstance(event, Regimen | Dispensing | LeftOver | DoseLog)
    back = "safety" if form.get("to") == "safety" else "home" if home else "chart"
    return HttpResponseRedirect(reverse(back, args=(patient.pk,)))


def made(
    request: ClinicRequest, patient: Patient, catalog: Catalog, entry: Entry | None, form: Mapping[str, str], fixed: Mapping[str, Any]
) -> EventBase:
    """The event that a form says. `fixed`: what a correction keeps or sets. Raises EntryError."""
    zone, token = zone_of(patient), form.get("token", "")
    if not is_token(token):
        raise EntryError({"": ["found a form that was not given out here; allowed: a new one"]})
    if entry is None:
        kind: type[EventBase] = Assessment
        values = rating_values(catalog.instruments[form["instrument"]], form, zone)
    else:
        kind, values = entry.event, values_in(entry, form, zone)
    own = {"id": f"{kind.model_fields['kind'].default}-{token}", "source": source_of(request.here)}
    event = event_of(kind, {**own, **fixed, **values})
    check_times(event, born(patient), timezone.now(), zone)
    check_names(event, catalog)
    return event


def _kept(request: ClinicRequest, patient: Patient, event: EventBase) -> bool:
    """The entry and the alert that it may raise: both, or neither."""
    if isinstance(event, Dispensing):
        return dispense(request.here.actor, request.here, patient, event, request.POST.get("early_reason", ""))
    with transaction.atomic():
        new = enter(request.here.actor, request.here, patient, event)
        if new:
            raise_alert(request, patient, event)
    return new


def raise_alert(request: ClinicRequest, patient: Patient, event: EventBase) -> None:
    """Ask whether somebody must see it now: a rating, or a concern about suicidality."""
    actor = request.here.actor
    if isinstance(event, Assessment):
        triage(actor, patient, event.id)
    elif isinstance(event, Concern) and event.about == "suicidality":
        raise_concern(actor, request.here, patient, event.concern, event.id.removeprefix("concern-"))


def _twin(patient: Patient, session: DoseSession) -> dict[str, str] | None:
    """A session of the same treatment on the same day that stands already."""
    zone = zone_of(patient)
    there = Event.objects.filter(patient=patient, kind="dose_session", day=session.at.day(zone)).exclude(event_id=session.id)
    if Event.objects.filter(patient=patient, event_id=session.id).exists():
        return None
    corrected = set(corrections_of(patient, [e.event_id for e in there]).values_list("body__supersedes", flat=True))
    for event in there:
        same = event.body.get("treatment", "").casefold() == session.treatment.casefold()
        if same and event.event_id not in corrected and not event.body.get("entered_in_error"):
            return {"id": event.event_id, "words": content_words(event.body), "day": session.at.day(zone).isoformat()}
    return None


def form_page(
    request: ClinicRequest,
    patient: Patient,
    catalog: Catalog,
    entry: Entry | None,
    form: Mapping[str, str],
    problems: Problems,
    **more: Any,
) -> HttpResponse:
    """The page of one form. `more`: the status, a session that stands already, an early refill, the event that is corrected."""
    status = more.pop("status", 200)
    context: dict[str, Any] = {
        "patient": patient,
        "name": name_of(patient),
        "zone": str(zone_of(patient)),
        "token": form.get("token", ""),
        "entry": entry,
        "given": form,
        "problems": problems,
        "twin": None,
        "early": "",
        "correcting": None,
        **more,
    }
    if entry is not None:
        context |= {"fields": list(shown_fields(entry, form, problems, lists_of(catalog))), "title": entry.title, "about": entry.about}
        return render(request, "clinic/chart/entry.html", context, status=status)
    instrument = catalog.instruments[form["instrument"]]
    items = list(shown_items(instrument, form, problems))
    context |= {"title": instrument.short_name, "about": instrument.name, "instrument": instrument, "items": items}
    return render(request, "clinic/chart/rating.html", {**context, "phases": PHASES, "modes": MODES}, status=status)
