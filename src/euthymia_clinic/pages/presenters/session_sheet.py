"""The sheet of a session as it is shown. What is open, held, late or wrong the core has said."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.urls import reverse

from euthymia.moment import day_in_words
from euthymia.report.words import FINDING_SHAPES, safety_line
from euthymia.session_sheet import SheetField, unit_words
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.snapshots import latest, readable
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.pages.presenters.chart import name_of
from euthymia_clinic.pages.presenters.session_panels import closed_words, entry_words, parts
from euthymia_clinic.sessions.models import Sheet
from euthymia_clinic.sessions.standing import Standing

SECTIONS = (
    ("before", "Before the dose", "Before"),
    ("dose", "Dose", "Dose"),
    ("during", "While watched", "Readings"),
    ("leaving", "Leaving", "Leaving"),
    ("after", "Sign-off", "Sign"),
)
NEEDED = {"dose": "needed before the dose", "leave": "needed to leave", "sign_off": "needed to sign"}
# A scale of so few steps is tapped, not typed.
MOST_TAPS = 6


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


def page(here: Here, standing: Standing, token: str) -> dict[str, Any]:
    """The whole sheet. `token`: of its forms."""
    row = standing.row
    found = state(here, standing, token)
    panels = found.pop("parts")
    data = {
        "id": str(row.pk),
        "by": here.user.pk,
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
        "parts": panels,
        "sections": [_section(standing, *each) for each in SECTIONS],
        "closed": closed_words(row),
    }


def state(here: Here, standing: Standing, token: str = "") -> dict[str, Any]:
    """How the sheet stands, for the page that is open: numbers as data, words and panels as they are shown."""
    zone = zone_of(standing.row.patient)
    return {
        "version": len(standing.entries),
        "now": standing.now.isoformat(),
        "zone": round((standing.now.astimezone(zone).utcoffset() or timedelta()).total_seconds() / 60),
        "closed": not standing.row.is_open,
        "started": standing.started.isoformat() if standing.started else None,
        "ended": standing.ended.isoformat() if standing.ended else None,
        "times": [{"minutes": time.minutes, "words": time.words, "done": done} for time, done in standing.times],
        "before": standing.before_dose,
        "fields": {field: entry_words(standing, entry, zone) for field, entry in standing.latest.items()},
        "parts": parts(here, standing, token),
    }


def opened_already(sheet: Sheet) -> str:
    """That there is a sheet of this session."""
    at = sheet.opened_at.astimezone(zone_of(sheet.patient))
    return f"This session has its sheet already, opened by {sheet.opened_by} at {at:%H:%M}. You are on it."


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
        unit=unit_words(field.unit),
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
    ends = [f"{word} {bound:g}" for word, bound in (("from", dose.lower), ("to", dose.upper)) if bound is not None]
    return f"In force: {' '.join(ends)} {dose.unit}, of the {dose.source}" if ends else "No bounds are in force"


def _suicidality(row: Sheet) -> dict[str, str]:
    """What stands beside the name: the last answer, with its date."""
    review = readable(latest(row.patient))
    if review is None:
        return {"state": "cannot_tell", "shape": FINDING_SHAPES["cannot_tell"], "line": "suicidality not known"}
    return {"state": review.safety.suicidality, "shape": FINDING_SHAPES[review.safety.suicidality], "line": safety_line(review)}
