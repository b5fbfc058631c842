"""The sessions of a day as they are listed."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from euthymia.moment import day_in_words
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.models import PanelRow, Patient
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.presenters.chart import name_of
from euthymia_clinic.pages.presenters.session_panels import closed_words
from euthymia_clinic.sessions.listing import Today
from euthymia_clinic.sessions.models import Sheet
from euthymia_clinic.sessions.standing import Standing


def listed(here: Here, found: Today, now: datetime) -> dict[str, Any]:
    """The list of the day."""
    rows: dict[str, list[dict[str, Any]]] = {"without_end": [], "watched": [], "opened": [], "unsigned": []}
    for standing in found.open:
        place = "without_end" if standing.without_end else "unsigned" if standing.ended else "watched" if standing.started else "opened"
        rows[place].append(_line(standing, now))
    return {
        "today": here.site.today(),
        **rows,
        "planned": [_planned(row, "Next session today") for row in found.planned],
        "missed": [_planned(row, f"Was planned {_on(row)}; nothing is recorded") for row in found.missed],
        "coming": [_named(row.patient, reverse("chart", args=[row.patient_id])) | {"words": f"Planned {_on(row)}"} for row in found.coming],
        "closed": [_closed_line(sheet) for sheet in found.closed],
    }


def _line(standing: Standing, now: datetime) -> dict[str, Any]:
    row, zone = standing.row, zone_of(standing.row.patient)
    opened = row.opened_at.astimezone(zone)
    day = "" if row.day == now.astimezone(zone).date() else f"on {day_in_words(row.day)}, "
    pill, tone, shape = _where(standing)
    return {
        **_named(row.patient, reverse("session_sheet", args=[row.pk])),
        "sheet": reverse("session_sheet", args=[row.pk]),
        "words": f"Opened by {row.opened_by} {day}at {opened:%H:%M}",
        "clock": _since(standing.started, standing.ended or now) if standing.started else "",
        "pill": pill,
        "tone": tone,
        "shape": shape,
    }


def _where(standing: Standing) -> tuple[str, str, str]:
    """Word, tone and shape of where a session stands."""
    if standing.without_end:
        return "no end recorded", "positive", "▲"
    if standing.ended:
        missing = len(standing.missing("sign_off"))
        return (f"{missing} open", "holding", "▬") if missing else ("ready to sign", "negative", "✓")
    if standing.started is None:
        return "", "", ""
    if standing.leaving.may_leave and not standing.missing("leave"):
        return "nothing in the way of leaving", "negative", "✓"
    due = next((f"next readings at {time.minutes} min" for time, done in standing.times if not done), "watched")
    return due, "holding", "◌"


def _planned(row: PanelRow, words: str) -> dict[str, Any]:
    named = _named(row.patient, reverse("chart", args=[row.patient_id]))
    return named | {"open": reverse("session_open", args=[row.patient_id]), "words": words}


def _on(row: PanelRow) -> str:
    return f"on {row.next_session:%A}, {day_in_words(row.next_session)}" if row.next_session else ""


def _closed_line(sheet: Sheet) -> dict[str, Any]:
    told, address = closed_words(sheet), reverse("session_sheet", args=[sheet.pk])
    tone, shape = ("negative", "✓") if sheet.ending == Sheet.Ending.SIGNED else ("holding", "▬")
    named = _named(sheet.patient, address) | {"sheet": address, "words": told["words"]}
    return named | {"pill": told["title"].lower(), "tone": tone, "shape": shape}


def _named(patient: Patient, address: str) -> dict[str, Any]:
    empty = dict.fromkeys(("open", "sheet", "words", "clock", "pill", "tone", "shape"), "")
    return empty | {"name": name_of(patient), "code": patient.code, "address": address}


def _since(start: datetime, end: datetime) -> str:
    minutes = max(0, int((end - start).total_seconds() // 60))
    return f"{minutes // 60}:{minutes % 60:02}"
