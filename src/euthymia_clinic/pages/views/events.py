"""Everything that was recorded, with who and when; and what was said on an earlier day, and why."""

import json
import zlib
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from euthymia.moment import Moment, moment_in_words
from euthymia_clinic.chart.actions import corrections_of
from euthymia_clinic.chart.ledger import as_shown, number_is_withdrawn
from euthymia_clinic.chart.models import Event, Patient, ReviewSnapshot
from euthymia_clinic.chart.permissions import may_enter
from euthymia_clinic.chart.snapshots import readable
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters.chart import chart_context, clock_words, name_of
from euthymia_clinic.pages.presenters.events import KIND_WORDS, content_words, kind_words
from euthymia_clinic.pages.views.chart import around

_AT_A_TIME = 50


@for_care_team("events")
@require_safe
def events(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The events, latest first, a page at a time; by kind and from a day on where that is asked for."""
    kind, until = request.GET.get("kind", ""), _day(request.GET.get("until", ""))
    found = Event.objects.filter(patient=patient, **({"kind": kind} if kind in KIND_WORDS else {}))
    if until:
        found = found.filter(day__lte=until)
    page = Paginator(found.order_by("-day", "-pk"), _AT_A_TIME).get_page(request.GET.get("page"))
    counts = Event.objects.filter(patient=patient).values_list("kind").annotate(n=Count("pk")).order_by("kind")
    context = {
        "patient": patient,
        "name": name_of(patient),
        "enters": may_enter(request.here, patient),
        "kind": kind,
        "until": until.isoformat() if until else "",
        "kinds": [(name, kind_words(name), n) for name, n in counts],
        "page": page,
        "rows": _rows(patient, list(page)),
    }
    return render(request, "clinic/chart/events.html", context)


def _rows(patient: Patient, shown: list[Event]) -> list[dict[str, Any]]:
    corrected = dict(corrections_of(patient, [e.event_id for e in shown]).values_list("body__supersedes", "event_id"))
    zone = zone_of(patient)
    return [
        {
            "id": event.event_id,
            "at": moment_in_words(Moment.of(event.body["at"])),
            "kind": kind_words(event.kind),
            "words": content_words(event.body),
            "recorded": clock_words(event.recorded_at, zone),
            "source": event.body.get("source", ""),
            "state": _state(event, corrected.get(event.event_id)),
            "corrects": event.body.get("supersedes", ""),
            "stands": event.event_id not in corrected and not event.body.get("entered_in_error"),
        }
        for event in shown
    ]


def _state(event: Event, by: str | None) -> str:
    if event.body.get("entered_in_error"):
        return "withdraws an entry made in error"
    if by:
        return "corrected: another entry takes its place"
    return "a correction" if event.body.get("supersedes") else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@for_care_team("past reviews")
@require_safe
def past(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The reviews that were stored, latest first: which day, when it was said, from how much."""
    until = _day(request.GET.get("until", ""))
    kept = ReviewSnapshot.objects.filter(patient=patient, **({"on__lte": until} if until else {}))
    page = Paginator(kept.order_by("-pk").defer("review"), _AT_A_TIME).get_page(request.GET.get("page"))
    zone = zone_of(patient)
    rows = [
        {"pk": each.pk, "on": each.on, "made": clock_words(each.made_at, zone), "engine": each.engine, "digest": each.digest[:12]}
        for each in page
    ]
    context = {"patient": patient, "name": name_of(patient), "page": page, "rows": rows, "until": until.isoformat() if until else ""}
    return render(request, "clinic/chart/past.html", context)


@for_care_team("past review")
@require_safe
def chart_past(request: ClinicRequest, patient: Patient, snapshot_id: int) -> HttpResponse:
    """What was said on an earlier day, as it was said then."""
    snapshot = ReviewSnapshot.objects.filter(patient=patient, pk=snapshot_id).first()
    if snapshot is None:
        raise Http404
    said = {
        "made": clock_words(snapshot.made_at, zone_of(patient)),
        "engine": snapshot.engine,
        "digest": snapshot.digest[:12],
        "on": snapshot.on,
    }
    context = {**around(request, patient), "said": said, "snapshot": snapshot}
    if (review := readable(snapshot)) is None:
        stored = json.loads(zlib.decompress(bytes(snapshot.review)))
        lines = [stored.get("answer", {}).get("sentence", ""), *stored.get("answer", {}).get("reasons", [])]
        return render(request, "clinic/chart/past_words.html", {**context, "lines": [line for line in lines if line]})
    withdrawn = number_is_withdrawn(patient.site)
    if withdrawn is not None and snapshot.made_at >= withdrawn.at:
        # As it was shown then: without its number.
        review = as_shown(patient.site, review)
    return render(request, "clinic/chart/past_review.html", {**context, **chart_context(patient, snapshot, review)})
