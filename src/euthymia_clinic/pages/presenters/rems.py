"""The REMS forms on the clinic's pages: the list, one form with its gaps, and what is typed into the gaps as events."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse

from euthymia.catalog import Catalog
from euthymia.events import EventBase, Measurement, Observation
from euthymia.moment import Moment, day_in_words
from euthymia.rems import SUBMITTED, Answer, RemsDuty, RemsForm
from euthymia.report.rems_words import SECTIONS, SHAPES, answer_words, duty_words
from euthymia_clinic.chart.models import Event, Patient
from euthymia_clinic.pages.presenters.entry_forms import EntryError, check_times, event_of, moment_of

TONES = {"submitted": "remission", "due": "moving", "overdue": "losing"}
MEDICINES = "medicines"
LONGEST_NOTE = 300
# Where an entry is made that would settle a field; what is observed of the session is asked on the page itself.
_ENTRIES = {"person": "person", "measurement": "measurement", "medicines": "medication", "incident": "incident"}
_LINKS = {
    "person": "Record it of the person",
    "session": "Correct the session",
    "measurement": "Record a measurement",
    "medicines": "Record a medicine",
    "incident": "See the events of that day",
}


def is_esketamine(catalog: Catalog) -> Q:
    """Events after which a patient may have forms: a session of the programme's drug, or a plan for it; the core judges the route."""
    words = {word for form in catalog.forms.values() for word in form.applies.drugs}
    sessions = Q(pk__in=[])
    for word in words:
        sessions |= Q(kind="dose_session", body__treatment__icontains=word)
    protocols = [protocol.id for protocol in catalog.protocols.values() if protocol.kind == "esketamine"]
    return sessions | Q(kind="plan", body__protocol__in=protocols)


def may_have_forms(patient: Patient, catalog: Catalog) -> bool:
    """Whether the chart leads to the forms."""
    return Event.objects.filter(is_esketamine(catalog), patient=patient).exists()


class Row(NamedTuple):
    """The form of one session in a list."""

    session_id: str
    day: str
    words: str
    shape: str
    tone: str
    missing: int | None
    asks: str


def row_of(duty: RemsDuty, missing: int | None = None) -> Row:
    """One line; `missing`: how many required fields are not recorded, where that was looked at."""
    return Row(duty.session_id, day_in_words(duty.day), duty_words(duty), SHAPES[duty.state], TONES[duty.state], missing, duty.asks)


def sections_of(form: RemsForm, patient: Patient) -> Iterator[dict[str, Any]]:
    """The fields by section, each with its words and, where it is missing, where it is entered."""
    for section, title in SECTIONS.items():
        if found := [answer for answer in form.answers if answer.section == section]:
            yield {"title": title, "fields": [_shown(answer, form, patient) for answer in found]}


def _shown(answer: Answer, form: RemsForm, patient: Patient) -> dict[str, Any]:
    link = _link(answer, form, patient) if answer.state == "missing" else ""
    return {
        "label": answer.label,
        "words": answer_words(answer),
        "missing": answer.state == "missing",
        "quiet": answer.state in ("by_hand", "not_asked"),
        "why": answer.settle if answer.settle not in ("not recorded", "") and answer.state == "missing" else "",
        "source": answer.source,
        "link": link,
        "link_words": _LINKS.get(answer.settled_by, "") if link else "",
    }


def _link(answer: Answer, form: RemsForm, patient: Patient) -> str:
    if answer.settled_by == "session":
        return reverse("correct", args=(patient.pk, form.session_id))
    if answer.settled_by == "incident":
        return f"{reverse('events', args=(patient.pk,))}?kind=incident&until={form.session_day.isoformat()}"
    slug = _ENTRIES.get(answer.settled_by)
    return reverse("enter", args=(patient.pk, slug)) if slug else ""


def gaps_of(form: RemsForm, given: Mapping[str, str], problems: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """What can be said on the page itself: the observations of the session that are missing, and the list of medicines."""
    gaps = [answer for answer in form.answers if answer.state == "missing" and answer.settled_by == "observation"]
    asked = [(answer.id, answer.label, _input(answer)) for answer in gaps]
    if any(answer.about == "medicines_reviewed" for answer in form.missing):
        asked.insert(0, (MEDICINES, "The list of medicines was gone through that day", "yes"))
    return [
        {"name": name, "label": label, "input": kind, "value": given.get(name, ""), "error": " ".join(problems.get(name, []))}
        for name, label, kind in asked
    ]


def _input(answer: Answer) -> str:
    return "time" if answer.says else answer.kind


def said_of(form: RemsForm, post: Mapping[str, str], token: str, own: Mapping[str, str], zone: ZoneInfo, now: datetime) -> list[EventBase]:
    """The events that a filled-in page says; nothing chosen says nothing. Raises EntryError, at each field."""
    events, problems = list[EventBase](), dict[str, list[str]]()
    for gap in gaps_of(form, post, {}):
        typed = post.get(gap["name"], "").strip()
        if not typed:
            continue
        try:
            event = _event(form, gap["name"], typed, zone, {**own, "id": f"observation-{token}-{gap['name']}"})
            check_times(event, None, now, zone)
            events.append(event)
        except EntryError as error:
            problems[gap["name"]] = [line for lines in error.problems.values() for line in lines]
        except ValueError as error:
            problems[gap["name"]] = [str(error)]
    if problems:
        raise EntryError(problems)
    return events


def _event(form: RemsForm, name: str, typed: str, zone: ZoneInfo, own: Mapping[str, str]) -> EventBase:
    day = form.session_day.isoformat()
    if name == MEDICINES:
        return event_of(Observation, {**own, "at": Moment.of(day), "about": "medicines_reviewed", "answer": typed})
    answer = form.answer(name)
    if answer.kind == "number":
        measured = {"at": Moment.of(day), "measure": answer.about, "value": typed, "unit": "min"}
        return event_of(Measurement, {"id": own["id"], "source": own["source"], **measured})
    said = answer.says or typed
    at = moment_of(day, typed, zone) if answer.says else Moment.of(day)
    return event_of(Observation, {**own, "at": at, "about": answer.about, "answer": said, "of": form.session_id})


def submission(form: RemsForm, note: str, now: datetime, own: Mapping[str, str]) -> EventBase:
    """That the form was submitted, with what confirms it. Raises EntryError."""
    if len(note) > LONGEST_NOTE:
        raise EntryError({"note": [f"found {len(note)} characters; allowed: up to {LONGEST_NOTE}"]})
    said = {**own, "at": Moment.of(now), "about": SUBMITTED, "answer": "yes", "of": form.session_id}
    return event_of(Observation, said | ({"note": note} if note else {}))
