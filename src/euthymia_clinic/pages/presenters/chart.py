"""One patient on one screen: what the chart's template shows beside the parts that it shares with the page on paper."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse

from euthymia.events import Decision, Disposition
from euthymia.moment import day_in_words
from euthymia.report.chart import chart_description
from euthymia.report.review_context import review_context
from euthymia.report.words import NOT_ADOPTED, weeks_between
from euthymia.reviewing import Review
from euthymia_clinic.chart.models import BreakGlass, Patient, ReviewSnapshot

DISPOSITIONS: dict[Disposition, str] = {
    "continue": "Continue unchanged",
    "measure_again": "Measure again first",
    "hold_by_agreement": "Hold by agreement with the patient",
    "titrate": "Titrate within the protocol",
    "change_interval": "Change the interval",
    "add": "Add something",
    "switch": "Switch to something else",
    "taper": "Taper",
    "stop": "Stop",
    "refer": "Refer",
}
TIERS = {"high": "High: now", "same_day": "The same working day", "low": "Low"}
# As many rows of ratings as a person reads; the list of events holds all.
_ROWS = 400


def name_of(patient: Patient) -> str:
    """How a patient is called on the clinic's own pages."""
    return patient.name or patient.code


def chart_context(patient: Patient, snapshot: ReviewSnapshot, review: Review) -> dict[str, Any]:
    """Everything of the review; the chart is fetched by its own address."""
    shown = review_context(review)
    described = chart_description(review)
    address = f"{reverse('chart_picture', args=(patient.pk,))}?snapshot={snapshot.pk}"
    return {
        **shown,
        "name": name_of(patient),
        "chart": {"description": described, "address": address} if described else None,
        "ratings": shown["ratings"][-_ROWS:],
        "ratings_left_out": max(0, len(shown["ratings"]) - _ROWS),
        "history": shown["history"][:_ROWS],
        "not_adopted": NOT_ADOPTED if review.provenance.catalog_adopted_by is None else None,
        "pill": _pill(review),
        "made": decided_words(review.decisions.last, review) if review.decisions.last else None,
        "chart_taken": "" if described else " without-picture",
    }


def _pill(review: Review) -> dict[str, str] | None:
    """How urgent the decision is, beside the word Decide."""
    due = review.decisions.due
    if due is None:
        return None
    if due.overdue:
        return {"words": f"▲ overdue {weeks_between(due.by, review.on)}", "kind": "positive"}
    return {"words": "due today", "kind": "holding"} if due.by <= review.on else {"words": f"by {day_in_words(due.by)}", "kind": "plain"}


def decided_words(last: Decision, review: Review) -> dict[str, str] | None:
    """That it was decided, by whom, when, and when we look again; an older one only while nothing is due."""
    due = review.decisions.due
    if last.at.text[:10] != review.on.isoformat() and due and due.by <= review.on:
        return None
    what = DISPOSITIONS[last.disposition]
    why = last.patient_reason if last.disposition == "hold_by_agreement" else last.reason
    again = review.decisions.held_until or (review.decisions.due.by if review.decisions.due else None)
    return {
        "what": what,
        "option": (last.option or "").replace("_", " "),
        "why": why or "",
        "by": last.by or "who decided is not recorded",
        "on": _moment_words(last.at.text),
        "again": day_in_words(again) if again else "",
    }


def _moment_words(text: str) -> str:
    day = date.fromisoformat(text[:10]) if len(text) >= 10 else None
    clock = f", {text[11:16]}" if len(text) > 10 else ""
    return f"{day_in_words(day)}{clock}" if day else text


def clock_words(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as a person at the site says it."""
    local = instant.astimezone(zone)
    return f"{day_in_words(local.date())}, {local:%H:%M}"


def glass_words(opened: list[BreakGlass], zone: ZoneInfo) -> list[str]:
    """Who has the chart open outside of the care team, and until when."""
    return [f"{each.user} has opened this chart outside of the care team, until {clock_words(each.until, zone)}." for each in opened]


def address_of(name: str, *args: object) -> str | None:
    """The address of a page of another room; None where this clinic does not have it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return None
