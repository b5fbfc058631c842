"""The alerts: who needs to be seen, who was told, and how each ended."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from euthymia_clinic.alerts.actions import NOTED, AlertError, acknowledge, note_facts, raise_concern, resolve
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.alerts.people import chain_of
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import (
    CLINICAL,
    broke_glass,
    check_enter,
    may_enter,
    may_see,
    visible_patients,
)
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.pages.access import Arriving, ClinicRequest, View, for_care_team, for_roles, kept_out
from euthymia_clinic.pages.presenters import alerts as presenter

# So many that have ended are shown below those that stand.
ENDED_SHOWN = 25


def for_alert(page: str) -> Callable[[View], View]:
    """Only for those who may see the alert's patient: the care team, whoever was paged, the medical lead. The look is logged."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def door(request: Arriving, alert_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
            here = request.here
            found = Alert.objects.select_related("patient__site", "site", "acknowledged_by", "resolved_by")
            alert = found.filter(pk=alert_id, site=here.site).first() if here else None
            if here is None or alert is None:
                raise Http404
            if not may_see(here, alert.patient):
                return kept_out(request, here, alert.patient)
            looked(here.actor, page, alert.patient.subject, break_glass=broke_glass(here, alert.patient))
            return view(request, alert, *args, **kwargs)

        door.door = ("alert", page)  # type: ignore[attr-defined]
        return door

    return decorate


@for_roles(*CLINICAL)
@require_GET
def alerts(request: ClinicRequest) -> HttpResponse:
    """Every alert of this person's patients: those that stand first, the highest tier on top; below, the last that ended."""
    here, now = request.here, timezone.now()
    looked(here.actor, "alerts")
    catalog = catalog_of(here.site)
    mine = Alert.objects.filter(site=here.site, patient__in=visible_patients(here).values("pk"))
    mine = mine.select_related("patient", "site").prefetch_related("pages__user")
    ended = mine.filter(state=Alert.State.RESOLVED).order_by("-resolved_at")[:ENDED_SHOWN]
    context = {
        "standing": presenter.lines(list(mine.exclude(state=Alert.State.RESOLVED)), catalog, now),
        "ended": [presenter.line(alert, catalog, now) for alert in ended],
        "chain": [person.user.name for person in chain_of(here.site)],
        "tone": "plain",
    }
    return render(request, "clinic/alerts/alerts.html", context)


@for_alert("alert")
@require_GET
def alert(request: ClinicRequest, alert: Alert) -> HttpResponse:
    """One alert: what was answered, why this tier, what is done now, and what has happened so far."""
    return _show(request, alert)


@for_alert("alert acknowledged")
@require_POST
def alert_acknowledge(request: ClinicRequest, alert: Alert) -> HttpResponse:
    """Take it: nobody further is paged."""
    acknowledge(request.here.actor, request.here, alert.pk)
    return redirect(
        "alerts" if request.POST.get("from") == "list" else "alert", *(() if request.POST.get("from") == "list" else (alert.pk,))
    )


@for_alert("alert noted")
@require_POST
def alert_note(request: ClinicRequest, alert: Alert) -> HttpResponse:
    """Note, with its time, whether the patient was reached, or what else was done."""
    try:
        note_facts(request.here.actor, request.here, alert.pk, _noted(request), _token(request))
    except AlertError as error:
        return _show(request, alert, trouble=str(error), status=422)
    messages.success(request, "Noted in the record.")
    return redirect("alert", alert.pk)


@for_alert("alert resolved")
@require_POST
def alert_resolve(request: ClinicRequest, alert: Alert) -> HttpResponse:
    """End it with a note."""
    said = request.POST
    if said.get("acted_on") not in ("yes", "no"):
        return _show(request, alert, trouble="Say whether something was done.", status=422)
    try:
        acted, settles = said["acted_on"] == "yes", said.get("settles") == "1"
        resolve(request.here.actor, request.here, alert.pk, said.get("note", ""), acted_on=acted, noted=_noted(request), settles=settles)
    except AlertError as error:
        return _show(request, alert, trouble=str(error), status=422)
    messages.success(request, "Resolved, with your note.")
    return redirect("alerts")


@for_care_team("concern")
@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Say that one is worried about somebody, in one's own words: it is seen the same working day."""
    check_enter(request.here, patient)
    words, trouble = request.POST.get("words", ""), ""
    if request.method == "POST":
        try:
            raised = raise_concern(request.here.actor, request.here, patient, words, _token(request))
        except AlertError as error:
            trouble = str(error)
        else:
            messages.success(request, "Recorded. It is to be seen the same working day.")
            return redirect("alert", raised.pk) if raised else redirect("alerts")
    context = {"patient": patient, "words": words, "trouble": trouble, "token": request.POST.get("token") or uuid4().hex}
    return render(request, "clinic/alerts/concern.html", context, status=422 if trouble else 200)


def _show(request: ClinicRequest, alert: Alert, *, trouble: str = "", status: int = 200) -> HttpResponse:
    catalog, now = catalog_of(alert.site), timezone.now()
    context = presenter.alert_context(alert, record_of(alert.patient), catalog, now)
    said = request.POST
    context |= {
        "alert": alert,
        "enters": may_enter(request.here, alert.patient),
        "trouble": trouble,
        "notes": presenter.NOTE_WORDS,
        "given": {"note": said.get("note", ""), "acted_on": said.get("acted_on", ""), **{about: said.get(about, "") for about in NOTED}},
        "token": uuid4().hex,
        "tone": {"high": "losing", "same_day": "holding"}.get(alert.tier, "plain"),
    }
    return render(request, "clinic/alerts/alert.html", context, status=status)


def _noted(request: ClinicRequest) -> dict[str, str]:
    return {about: request.POST[about] for about in NOTED if request.POST.get(about)}


def _token(request: ClinicRequest) -> str:
    """The form's own number, so that a second submission is the same one."""
    found = request.POST.get("token", "")
    return found if found.isalnum() and len(found) <= 40 else uuid4().hex
