"""The sessions of a day and the sheet of one, as they are shown. What is open, held or late the core and the room have said."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from euthymia.moment import day_in_words
from euthymia.report.words import FINDING_SHAPES, safety_line
from euthymia.session_sheet import SheetField
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.snapshots import latest, readable
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.presenters.chart import name_of
from euthymia_clinic.sessions.listing import Today
from euthymia_clinic.sessions.models import Sheet, SheetEntry
from euthymia_clinic.sessions.permissions import may_answer_for, may_attend
from euthymia_clinic.sessions.standing import Gate, Standing

SECTIONS = (
    ("before", "Before the dose", "Before"),
    ("dose", "Dose", "Dose"),
    ("during", "While watched", "Readings"),
    ("leaving", "Leaving", "Leaving"),
    ("after", "Sign-off", "Sign"),
)
NEEDED = {"dose": "needed before the dose", "leave": "needed to leave", "sign_off": "needed to sign"}
# Pill, shape and word of a gate: never colour alone.
SEVERITIES = {
    "emergency": ("positive", "▲", "Emergency"),
    "contraindicated": ("positive", "▲", "Contraindicated"),
    "hold": ("positive", "■", "Hold"),
    "escalate": ("positive", "▲", "Tell the prescriber"),
    "block": ("holding", "▬", "Stay"),
    "caution": ("holding", "◇", "Caution"),
    "overdue": ("holding", "…", "Due"),
    "note": ("plain", "·", "Note"),
}
# A scale of so few steps is tapped, not typed.
MOST_TAPS = 6
# Narrow columns: how a reading is headed.
HEADS = {"systolic": "Sys", "diastolic": "Dia", "heart_rate": "HR", "oxygen_saturation": "SpO₂", "moaas": "MOAA/S", "cadss6": "CADSS-6"}


@dataclass(frozen=True)
class Ask:
    """One question where it is shown; `key` is its id on the page, `uuid` that of the entry that a plain form makes."""

    id: str
    key: str
    label: str
    input: str
    unit: str
    hint: str
    needed: str
    choices: tuple[tuple[str, str], ...]
    uuid: UUID


@dataclass(frozen=True)
class ReadingSet:
    """Numbers that are read together."""

    key: str
    title: str
    asks: tuple[Ask, ...]


@dataclass(frozen=True)
class GateShown:
    """A gate that is not clear."""

    id: str
    field: str
    uuid: UUID
    address: str
    pill: str
    shape: str
    word: str
    tone: str
    sentence: str
    missing: tuple[str, ...]
    actions: tuple[str, ...]
    explained: dict[str, str] | None
    may_explain: bool
    who: str


def page(request: HttpRequest, row: Sheet, standing: Standing, *, token: str) -> dict[str, Any]:
    """The whole sheet."""
    found = state(request, row, standing, token=token)
    parts = found.pop("parts")
    data = {
        "id": str(row.pk),
        "by": request.here.user.pk,  # type: ignore[attr-defined]
        "token": token,
        "sheet": _for_browser(standing),
        "addresses": {"entries": reverse("session_entries", args=[row.pk]), "state": reverse("session_state", args=[row.pk])},
        "state": {**found, "parts": {}},
    }
    return {
        "row": row,
        "patient": row.patient,
        "name": name_of(row.patient),
        "suicidality": _suicidality(row),
        "data": json.dumps(data),
        "parts": parts,
        "sections": [_section(standing, *each) for each in SECTIONS],
        "closed": _closed(row),
    }


def state(request: HttpRequest, row: Sheet, standing: Standing, *, token: str = "") -> dict[str, Any]:
    """How the sheet stands, for the page that is open: numbers as data, words and panels as they are shown."""
    zone = zone_of(row.patient)
    return {
        "version": len(standing.entries),
        "now": standing.now.isoformat(),
        "zone": round((standing.now.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60),
        "closed": not row.is_open,
        "started": standing.started.isoformat() if standing.started else None,
        "ended": standing.ended.isoformat() if standing.ended else None,
        "times": [{"minutes": time.minutes, "words": time.words, "done": done} for time, done in standing.times],
        "before": dict(standing.before_dose),
        "fields": {field: _entry(standing, entry, zone) for field, entry in standing.latest.items()},
        "parts": _parts(request.here, row, standing, token or str(request.META.get("CSRF_COOKIE", ""))),  # type: ignore[attr-defined]
    }


def opened_already(sheet: Sheet) -> str:
    """That there is a sheet of this session."""
    at = sheet.opened_at.astimezone(zone_of(sheet.patient))
    return f"This session has its sheet already, opened by {sheet.opened_by} at {at:%H:%M}. You are on it."


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


def _for_browser(standing: Standing) -> dict[str, Any]:
    """The part of the core's sheet that the page computes with."""
    sheet = standing.core.to_dict()
    return {name: sheet[name] for name in ("fields", "number_pattern", "tolerances")}


def _section(standing: Standing, section: str, title: str, short: str) -> dict[str, Any]:
    shown = [field for field in standing.core.fields if section in field.shown_in]
    together = [field for field in shown if _in_a_set(field)]
    asks = tuple(_ask(standing, section, field) for field in shown if field not in together)
    words = {"before": "Readings before the dose", "during": "Readings now", "leaving": "Readings before leaving"}.get(section, "Readings")
    found = ReadingSet(f"{section}-set", words, tuple(_ask(standing, section, field) for field in together)) if together else None
    return {"id": section, "title": title, "short": short, "set": found, "asks": asks}


def _in_a_set(field: SheetField) -> bool:
    return field.input == "number" and field.repeats and not _taps(field)


def _taps(field: SheetField) -> tuple[tuple[str, str], ...]:
    """The steps of a small scale, to be tapped."""
    if field.choices:
        return tuple((value, words.capitalize() if field.input == "yes_no" else words) for value, words in field.choices)
    if field.input == "number" and (field.unit or "").startswith("{") and field.low is not None and field.high is not None:
        steps = range(round(field.low), round(field.high) + 1)
        return tuple((str(step), str(step)) for step in steps) if len(steps) <= MOST_TAPS else ()
    return ()


def _ask(standing: Standing, section: str, field: SheetField) -> Ask:
    # Where a question stands twice, it is needed where it is asked for.
    here = {"before": "dose", "dose": "dose", "leaving": "leave"}.get(section)
    step = next((step for step in field.needed_for if step == here or len(field.shown_in) == 1), None)
    return Ask(
        id=field.id,
        key=f"{section}-{field.id}",
        label=field.label,
        input=field.input,
        unit=_unit(field.unit),
        hint=_hint(standing, field),
        needed=NEEDED[step] if step else "",
        choices=_taps(field),
        uuid=uuid4(),
    )


def _hint(standing: Standing, field: SheetField) -> str:
    """What helps while one types: the last weight, the bounds of the dose."""
    if field.id == "weight" and standing.core.weight_kg and standing.core.weight_day:
        return f"Last known {standing.core.weight_kg:g} kg on {day_in_words(standing.core.weight_day)}"
    dose = standing.core.dose
    if field.id != "dose":
        return ""
    if dose.unclear or dose.unit is None:
        return f"Bounds: not known ({dose.unclear or 'the plan names none'})"
    ends = [words for words in (f"from {dose.lower:g}" if dose.lower is not None else "", f"to {dose.upper:g}" if dose.upper is not None else "") if words]
    return f"In force: {' '.join(ends)} {dose.unit}, of the {dose.source}" if ends else "No bounds are in force"


def _unit(unit: str | None) -> str:
    return "" if unit is None or unit.startswith("{") else unit.replace("mm[Hg]", "mm Hg")


def _suicidality(row: Sheet) -> dict[str, str]:
    """What stands beside the name: the last answer, with its date."""
    review = readable(latest(row.patient))
    if review is None:
        return {"state": "cannot_tell", "shape": FINDING_SHAPES["cannot_tell"], "line": "suicidality not known"}
    return {"state": review.safety.suicidality, "shape": FINDING_SHAPES[review.safety.suicidality], "line": safety_line(review)}


def _closed(row: Sheet) -> dict[str, str]:
    if row.is_open or row.closed_at is None:
        return {"title": "", "words": "", "reason": ""}
    at = row.closed_at.astimezone(zone_of(row.patient))
    title = {"signed": "Signed", "overridden": "Signed with something missing", "without_end": "Closed without an end"}[row.ending]
    return {"title": title, "words": f"By {row.closed_by} on {day_in_words(at.date())}, {at:%H:%M}. What is added now is marked as late.", "reason": row.reason}


# --- Entries, as they stand at their fields and in the log ---


def _entry(standing: Standing, entry: SheetEntry, zone: ZoneInfo) -> dict[str, str]:
    instant = standing.is_instant(entry.field)
    value = "" if instant else _value(standing, entry)
    words = " · ".join(each for each in (value, f"{entry.measured_at.astimezone(zone):%H:%M}", *_marks(standing, entry)) if each)
    return {"entry": str(entry.pk), "value": entry.value, "words": words}


def _marks(standing: Standing, entry: SheetEntry) -> Iterator[str]:
    """What must be known of an entry: late, its clock set right, kept although it looked wrong."""
    if entry.late:
        yield f"entered late by {entry.minutes_late} min"
    if abs(entry.offset_seconds) > standing.core.tolerances.clock_minutes * 60:
        yield "device clock set right"
    if entry.confirmed:
        yield "confirmed"


def _value(standing: Standing, entry: SheetEntry) -> str:
    field = standing.core.field(entry.field)
    if field is None:
        return entry.value
    return dict(field.choices).get(entry.value, entry.value) + (f" {_unit(field.unit)}" if _unit(field.unit) else "")


def _log(standing: Standing, zone: ZoneInfo) -> Iterator[str]:
    gone = {entry.replaces for entry in standing.entries if entry.replaces}
    for entry in reversed(standing.entries):
        field = standing.core.field(entry.field)
        label = field.label if field else "Explanation" if entry.field.startswith("gate:") else entry.field
        value = f"{entry.measured_at.astimezone(zone):%H:%M}" if standing.is_instant(entry.field) else _value(standing, entry)
        marks = [*_marks(standing, entry), *(["corrected since"] if entry.pk in gone else [])]
        yield f"{entry.measured_at.astimezone(zone):%H:%M} {label}: {value} ({', '.join([str(entry.by), *marks])})"


def _readings(standing: Standing, zone: ZoneInfo) -> dict[str, Any]:
    """One row for each moment, one column for each number that was read."""
    numbers = [f for f in standing.core.fields if f.input == "number" and f.repeats]
    moments: dict[datetime, dict[str, SheetEntry]] = {}
    for entry in standing.standing:
        if any(entry.field == field.id for field in numbers):
            moments.setdefault(entry.measured_at, {})[entry.field] = entry
    read = [field for field in numbers if any(field.id in row for row in moments.values())]
    rows = [_reading(standing, at, row, read, zone) for at, row in sorted(moments.items(), reverse=True)]
    return {"columns": [HEADS.get(field.id, field.label) for field in read], "rows": rows, "log": list(_log(standing, zone))}


def _reading(standing: Standing, at: datetime, row: dict[str, SheetEntry], read: Sequence[SheetField], zone: ZoneInfo) -> dict[str, Any]:
    late = max((entry.minutes_late for entry in row.values() if entry.late), default=0)
    since = f"+{int((at - standing.started).total_seconds() // 60)} min" if standing.started and at >= standing.started else ""
    return {
        "at": f"{at.astimezone(zone):%H:%M}",
        "since": since,
        "late": f"late by {late} min" if late else "",
        "cells": [row[field.id].value if field.id in row else "–" for field in read],
    }


# --- Panels ---


def _parts(here: Here, row: Sheet, standing: Standing, token: str) -> dict[str, str]:
    zone = zone_of(row.patient)
    phase = "during" if standing.started and not standing.ended else "before"
    around = {"token": token}
    missing = standing.missing
    contexts: dict[str, tuple[str, dict[str, Any]]] = {
        "gates": ("_gates", _gates(here, row, standing, phase)),
        "readings": ("_readings", _readings(standing, zone)),
        "leaving": ("_leaving", _leaving(here, row, standing, zone)),
        "sign": (
            "_sign",
            {
                "is_open": row.is_open,
                "missing": missing["sign_off"],
                "attends": may_attend(here, row.patient),
                "answers": may_answer_for(here, row.patient),
                "sign_address": reverse("session_sign", args=[row.pk]),
                "without_end": standing.started is not None and standing.ended is None,
                "without_end_address": reverse("session_without_end", args=[row.pk]),
                "closed_words": _closed(row)["words"],
            },
        ),
    }
    return {name: render_to_string(f"clinic/sessions/{template}.html", {**around, **context}) for name, (template, context) in contexts.items()}


def _gates(here: Here, row: Sheet, standing: Standing, phase: str) -> dict[str, Any]:
    found = standing.gates[phase]
    return {"gates": [_gate(here, row, standing, gate) for gate in found.open], "clear": found.clear}


def _gate(here: Here, row: Sheet, standing: Standing, gate: Gate) -> GateShown:
    pill, shape, word = SEVERITIES[gate.severity]
    if gate.missing:
        # Nobody can tell: said as such, with what it may hide.
        pill, shape, word = "cannot_tell", "?", f"Cannot tell · {word.lower()}"
    told = standing.explained.get(gate.field)
    at = f"{told.measured_at.astimezone(zone_of(row.patient)):%H:%M}" if told else ""
    may = may_answer_for(here, row.patient) if gate.for_prescriber else may_attend(here, row.patient)
    return GateShown(
        id="g-" + "".join(c if c.isalnum() else "-" for c in gate.field),
        field=gate.field,
        uuid=uuid4(),
        address=reverse("session_entries", args=[row.pk]),
        pill=pill,
        shape=shape,
        word=word,
        tone="grave" if gate.for_prescriber and not told else "",
        sentence=gate.sentence,
        missing=gate.missing,
        actions=gate.actions,
        explained={"by": str(told.by), "at": at, "words": told.value} if told else None,
        may_explain=may and row.is_open and gate.phase != "discharge",
        who="A prescriber explains this." if gate.for_prescriber and not may and not told else "",
    )


def _leaving(here: Here, row: Sheet, standing: Standing, zone: ZoneInfo) -> dict[str, Any]:
    shown = _gates(here, row, standing, "discharge") if standing.started else {"gates": [], "clear": 0}
    return {
        **shown,
        "started": standing.started,
        "ended": f"{standing.ended.astimezone(zone):%H:%M}" if standing.ended else "",
        "ready": standing.may_leave,
        "minutes_left": standing.minutes_left,
        "missing": standing.missing["leave"],
    }


# --- The list ---


def _line(standing: Standing, now: datetime) -> dict[str, Any]:
    row, missing = standing.row, standing.missing["sign_off"]
    zone = zone_of(row.patient)
    opened = row.opened_at.astimezone(zone)
    words = f"Opened by {row.opened_by} {'' if row.day == now.astimezone(zone).date() else f'on {day_in_words(row.day)}, '}at {opened:%H:%M}"
    pill, tone, shape = ("", "", "")
    if standing.without_end:
        pill, tone, shape = "no end recorded", "positive", "▲"
    elif standing.ended:
        pill, tone, shape = (f"{len(missing)} open" if missing else "ready to sign"), "holding" if missing else "negative", "▬" if missing else "✓"
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
