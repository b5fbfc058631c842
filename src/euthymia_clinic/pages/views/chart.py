"""One patient on one screen, from the stored review; its chart; and asking for a new review."""

from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.audit.actor import system
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.ledger import as_shown
from euthymia_clinic.chart.models import BreakGlass, Event, PanelRow, Patient, ReviewSnapshot
from euthymia_clinic.chart.permissions import DECIDES, ENTERS
from euthymia_clinic.chart.pictures import picture_of
from euthymia_clinic.chart.snapshots import AT_ONCE, CANNOT_BE_REVIEWED, is_stale, latest, readable, refresh
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.chart import TIERS, address_of, chart_context, clock_words, glass_words, name_of
from euthymia_clinic.pages.presenters.rems import may_have_forms
from euthymia_clinic.sessions.permissions import may_attend
from euthymia_clinic.sessions.protocols import is_watched


@for_care_team("chart")
@require_safe
def chart(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The chart of one patient."""
    return show(request, patient)


def show(request: ClinicRequest, patient: Patient, *, status: int = 200, **more: Any) -> HttpResponse:
    """The chart as it is now. `more`: the form of a decision, and what changed while it was open."""
    snapshot = latest(patient)
    context = {**around(request, patient), "form": None, "news": (), "changed": False, **more}
    if snapshot is None:
        return render(
            request, "clinic/chart/waiting.html", {**context, "long": _is_long(patient), "trouble": _trouble(patient)}, status=status
        )
    if (review := readable(snapshot)) is None:
        return render(request, "clinic/chart/waiting.html", {**context, "long": False, "trouble": "another engine"}, status=status)
    context |= chart_context(patient, snapshot, as_shown(patient.site, review))
    context["stale"] = _stale(patient, snapshot)
    context["snapshot"] = snapshot
    return render(request, "clinic/chart/chart.html", context, status=status)


def around(request: ClinicRequest, patient: Patient) -> dict[str, Any]:
    """What stands around the review: who may do what, and what must be known first."""
    here, zone = request.here, patient.site.tz
    alerts = Alert.objects.filter(patient=patient).exclude(state=Alert.State.RESOLVED).order_by("raised_at")
    opened = BreakGlass.objects.filter(patient=patient, until__gt=timezone.now()).select_related("user").order_by("at")
    return {
        "patient": patient,
        "name": name_of(patient),
        # That the chart is open to them, the door has seen to.
        "decides": here.role in DECIDES,
        "enters": here.role in ENTERS,
        "alerts": [_alert(each, zone) for each in alerts],
        # The banner of every page counts only the others.
        "own_high": sum(each.tier == Alert.Tier.HIGH and each.state == Alert.State.OPEN for each in alerts),
        "glass": glass_words(list(opened), zone),
        "send": address_of("send_checkin", patient.pk),
        "team": address_of("care_team", patient.pk),
        "sheets": may_attend(here, patient) and is_watched(patient),
        "rems": may_have_forms(patient, catalog_of(patient.site)),
    }


def _alert(alert: Any, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "tier": TIERS[alert.tier],
        "high": alert.tier == "high",
        "since": clock_words(alert.raised_at, zone),
        "state": alert.get_state_display(),
        "address": address_of("alert", alert.pk),
    }


@for_care_team("chart picture")
@require_safe
def chart_picture(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The chart of the last snapshot, or of the one that is asked for, as the browser draws it."""
    wanted = request.GET.get("snapshot", "")
    kept = ReviewSnapshot.objects.filter(patient=patient)
    snapshot = kept.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else latest(patient)
    if snapshot is None:
        return HttpResponse(b"null", content_type="application/json", status=404)
    return HttpResponse(picture_of(system("pictures"), snapshot), content_type="application/json")


@for_care_team("chart refreshed")
@require_POST
def chart_refresh(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Review again, now; a record that is too long for that is left to the worker, and the page says so."""
    if _is_long(patient):
        messages.info(request, "This record is long. It is being reviewed and will stand here soon.")
    elif refresh(patient) is None:
        messages.error(request, "This record cannot be reviewed as it is; nothing of it is lost. The list of events holds all of it.")
    return HttpResponseRedirect(reverse("chart", args=(patient.pk,)))


def _is_long(patient: Patient) -> bool:
    return Event.objects.filter(patient=patient)[: AT_ONCE + 1].count() > AT_ONCE


def _trouble(patient: Patient) -> str:
    """Why there is no review: the type of the error, where there was one."""
    row = PanelRow.objects.filter(patient=patient).first()
    return row.now if row and row.now.startswith(CANNOT_BE_REVIEWED) else ""


def _stale(patient: Patient, snapshot: ReviewSnapshot) -> dict[str, Any] | None:
    """Since when the review says no longer all that is known, and why."""
    if not is_stale(snapshot, patient):
        return None
    news = Event.objects.filter(patient=patient, recorded_at__gt=snapshot.made_at).order_by("recorded_at").first()
    newer = snapshot.record_version != patient.record_version
    return {
        "made": clock_words(snapshot.made_at, zone_of(patient)),
        "why": "something has been recorded since" if newer else "a day has passed, or another catalog or version is in force",
        "since": clock_words(news.recorded_at, zone_of(patient)) if news and newer else "",
        "long": _is_long(patient),
        "trouble": _trouble(patient),
    }
