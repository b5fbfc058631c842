"""The panels of a session sheet that the server draws: gates, readings, leaving, sign-off; and entries in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.urls import reverse

from euthymia.moment import day_in_words
from euthymia.session_sheet import Gate, SheetField, unit_words
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.sessions.models import Sheet, SheetEntry
from euthymia_clinic.sessions.permissions import may_answer_for, may_attend
from euthymia_clinic.sessions.standing import Standing, field_of, for_prescribers

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
# Narrow columns: how a reading is headed.
HEADS = {"systolic": "Sys", "diastolic": "Dia", "heart_rate": "HR", "oxygen_saturation": "SpO₂", "moaas": "MOAA/S", "cadss6": "CADSS-6"}
ENDINGS = {"signed": "Signed", "overridden": "Signed with something missing", "without_end": "Closed without an end"}


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
    grave: bool
    brief: str
    sentence: str
    settled_by: tuple[str, ...]
    actions: tuple[str, ...]
    explained: str
    may_explain: bool
    who: str


def parts(here: Here, standing: Standing, token: str) -> dict[str, str]:
    """The panels as HTML, by name: the page swaps in those that have changed."""
    row, zone = standing.row, zone_of(standing.row.patient)
    contexts: dict[str, dict[str, Any]] = {
        "gates": _gates(here, standing, "before", token),
        "watching": _gates(here, standing, "during", token) | {"started": standing.started},
        "readings": _readings(standing, zone),
        "leaving": _leaving(here, standing, zone, token),
        "sign": {
            "is_open": row.is_open,
            "missing": standing.missing("sign_off"),
            "attends": may_attend(here, row.patient),
            "answers": may_answer_for(here, row.patient),
            "sign_address": reverse("session_sign", args=[row.pk]),
            "without_end": standing.started is not None and standing.ended is None,
            "without_end_address": reverse("session_without_end", args=[row.pk]),
            "closed_words": closed_words(row)["words"],
        },
    }
    return {name: render_to_string(f"clinic/sessions/_{name}.html", {"token": token, **context}) for name, context in contexts.items()}


def closed_words(row: Sheet) -> dict[str, str]:
    """How a sheet was closed, by whom and when; empty for an open one."""
    if row.is_open or row.closed_at is None:
        return {"title": "", "words": "", "reason": ""}
    at = row.closed_at.astimezone(zone_of(row.patient))
    return {"title": ENDINGS[row.ending], "words": f"By {row.closed_by} on {day_in_words(at.date())}, {at:%H:%M}.", "reason": row.reason}


def _gates(here: Here, standing: Standing, stage: str, token: str) -> dict[str, Any]:
    """The gates of a stage: those to be seen now, those that wait for answers of this sheet, those that somebody has explained."""
    found = [(gate, _gate(here, standing, gate)) for gate in standing.gates if gate.stage == stage]
    waiting = [shown for gate, shown in found if _waits(standing, gate)]
    open_now = [shown for gate, shown in found if not gate.explained and not _waits(standing, gate)]
    return {"gates": open_now, "waiting": waiting, "settled": [shown for gate, shown in found if gate.explained], "token": token}


def _waits(standing: Standing, gate: Gate) -> bool:
    """Whether nobody can tell, and a question of the sheet that nobody has answered yet would."""
    asked = {item.id for item in standing.open if item.kind == "field"}
    return bool(getattr(gate.result, "missing", ())) and not gate.explained and bool(asked & set(gate.fields))


def _gate(here: Here, standing: Standing, gate: Gate) -> GateShown:
    row, field, result = standing.row, field_of(gate), gate.result
    pill, shape, word = SEVERITIES[result.severity]
    if getattr(result, "missing", ()):
        # Nobody can tell: said as such, with what it may hide.
        pill, shape = "cannot_tell", "?"
    asked = getattr(result, "question", "") if getattr(result, "missing", ()) else ""
    told = standing.explained.get(field) if gate.explained else None
    at = f"{told.measured_at.astimezone(zone_of(row.patient)):%H:%M}" if told else ""
    may = may_answer_for(here, row.patient) if for_prescribers(gate) else may_attend(here, row.patient)
    return GateShown(
        id=f"gate-{gate.stage}-{result.rule}",
        field=field,
        # The same while nothing was entered: a form that is sent twice is one explanation.
        uuid=uuid5(row.pk, f"{field} {len(standing.entries)}"),
        address=reverse("session_entries", args=[row.pk]),
        pill=pill,
        shape=shape,
        word=word,
        grave=for_prescribers(gate),
        brief=f"not known {asked}" if asked else result.sentence,
        sentence=result.sentence,
        settled_by=tuple(known.label for name in gate.fields if (known := standing.core.field(name))),
        actions=getattr(result, "actions", ()),
        explained=f"{told.value} ({told.by}, {at})" if told else "",
        may_explain=may and row.is_open and gate.is_open,
        who="" if may or not gate.is_open else "A prescriber explains this.",
    )


def _leaving(here: Here, standing: Standing, zone: ZoneInfo, token: str) -> dict[str, Any]:
    found = standing.leaving if standing.started else None
    return {
        **_gates(here, standing, "discharge", token),
        "started": standing.started,
        "ended": f"{standing.ended.astimezone(zone):%H:%M}" if standing.ended else "",
        "ready": bool(found and found.may_leave and not standing.missing("leave")),
        "words": found.words if found else "",
        "missing": [item.words for item in standing.open if item.step == "leave" and item.kind == "field"],
    }


def entry_words(standing: Standing, entry: SheetEntry, zone: ZoneInfo) -> dict[str, Any]:
    """An entry as it stands at its field; `asks`: what looks wrong with it and is not confirmed yet."""
    instant = standing.is_instant(entry.field)
    value = "" if instant else _value(standing, entry)
    words = " · ".join(each for each in (value, f"{entry.measured_at.astimezone(zone):%H:%M}", *_marks(standing, entry)) if each)
    wrong = next((p for p in standing.problems if p.entry == str(entry.pk) and p.is_open), None)
    asks = {"found": wrong.found, "allowed": wrong.allowed} if wrong else None
    return {"entry": str(entry.pk), "value": entry.value, "at": entry.measured_at.isoformat(), "words": words, "asks": asks}


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
    return dict(field.choices).get(entry.value, entry.value) + (f" {unit_words(field.unit)}" if unit_words(field.unit) else "")


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
    moments: list[dict[str, SheetEntry]] = []
    for entry in standing.standing:
        if not any(entry.field == field.id for field in numbers):
            continue
        # What was read within one minute is one row, unless a number was read twice.
        if not moments or entry.field in moments[-1] or _minute(entry) != _minute(*moments[-1].values()):
            moments.append({})
        moments[-1][entry.field] = entry
    read = [field for field in numbers if any(field.id in row for row in moments)]
    rows = [_reading(standing, row, read, zone) for row in reversed(moments)]
    return {"columns": [HEADS.get(field.id, field.label) for field in read], "rows": rows, "log": list(_log(standing, zone))}


def _minute(first: SheetEntry, *_: SheetEntry) -> datetime:
    return first.measured_at.replace(second=0, microsecond=0)


def _reading(standing: Standing, row: dict[str, SheetEntry], read: Sequence[SheetField], zone: ZoneInfo) -> dict[str, Any]:
    at = min(entry.measured_at for entry in row.values())
    late = max((entry.minutes_late for entry in row.values() if entry.late), default=0)
    since = f"+{int((at - standing.started).total_seconds() // 60)} min" if standing.started and at >= standing.started else ""
    return {
        "at": f"{at.astimezone(zone):%H:%M}",
        "since": since,
        "late": f"late by {late} min" if late else "",
        "cells": [row[field.id].value if field.id in row else "–" for field in read],
    }
