"""The sessions of a day as they are listed."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from euthymia.moment import day_in_words
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.models import Patient
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
        "planned": [_planned(patient) for patient in found.planned],
        "closed": [_closed_line(sheet) for sheet in found.closed],
    }




def _line(standing: Standing, now: datetime) -> dict[str, Any]:
    row, missing = standing.row, standing.missing["sign_off"]
    zone = zone_of(row.patient)
    opened = row.opened_at.astimezone(zone)
    words = (
        f"Opened by {row.opened_by} {'' if row.day == now.astimezone(zone).date() else f'on {day_in_words(row.day)}, '}at {opened:%H:%M}"
    )
    pill, tone, shape = ("", "", "")
    if standing.without_end:
        pill, tone, shape = "no end recorded", "positive", "▲"
    elif standing.ended:
        pill, tone, shape = (
            (f"{len(missing)} open" if missing else "ready to sign"),
            "holding" if missing else "negative",
            "▬" if missing else "✓",
        )
    elif standing.started:
        due = next((f"readings at {time.minutes} min" for time, done in standing.times if not done), "")
        pill, tone, shape = ("may leave", "negative", "✓") if standing.may_leave else (due or "watched", "holding", "◌")
    clock = _since(standing.started, standing.ended or now) if standing.started else ""
    name = name_of(row.patient)
    address = reverse("session_sheet", args=[row.pk])
    return {"name": name, "code": row.patient.code, "address": address, "sheet": address, "open": "", "words": words, "clock": clock} | {
        "pill": pill, "tone": tone, "shape": shape,
    }  # fmt: skip


def _planned(patient: Any) -> dict[str, Any]:
    return {
        "name": name_of(patient), "code": patient.code, "address": reverse("chart", args=[patient.pk]), "sheet": "",
        "open": reverse("session_open", args=[patient.pk]), "words": "Next session today", "clock": "", "pill": "", "tone": "", "shape": "",
    }  # fmt: skip


def _closed_line(sheet: Sheet) -> dict[str, Any]:
    told, address = _closed(sheet), reverse("session_sheet", args=[sheet.pk])
    good = sheet.ending == Sheet.Ending.SIGNED
    return {
        "name": name_of(sheet.patient), "code": sheet.patient.code, "address": address, "sheet": address, "open": "",
        "words": told["words"].removesuffix(" What is added now is marked as late."), "clock": "",
        "pill": told["title"].lower(), "tone": "negative" if good else "holding", "shape": "✓" if good else "▬",
    }  # fmt: skip


def _since(start: datetime, end: datetime) -> str:
    minutes = max(0, int((end - start).total_seconds() // 60))
    return f"{minutes // 60}:{minutes % 60:02}"
