"""Long-term safety as the clinic shows it: what the review says of it, and what can be recorded from there."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from euthymia.catalog import Catalog
from euthymia.events import EventBase, Observation
from euthymia.follow_up import FollowUp
from euthymia.followed import Followed
from euthymia.report.follow_up_page import follow_up_view
from euthymia.rule import VocabularyFact
from euthymia_clinic.pages.presenters.entry_forms import EntryError, Problems, check_times, event_of, moment_of

ANSWERS = (("yes", "Yes"), ("no", "No"), ("unclear", "Unclear"), ("", "Not asked"))
LONGEST_NOTE = 1000


def safety_context(said: FollowUp, catalog: Catalog, patient_id: UUID, *, enters: bool) -> dict[str, Any]:
    """What `parts/follow_up.html` shows, with what can be recorded of each subject by whoever may."""
    view = follow_up_view(said)
    for subject in view["subjects"]:
        followed = catalog.followed.get(subject["id"])
        subject["doings"] = list(_doings(catalog, subject["id"], followed, patient_id)) if followed and enters else []
    return view


def _doings(catalog: Catalog, subject_id: str, followed: Followed, patient_id: UUID) -> Iterator[dict[str, str]]:
    facts = {fact_id: catalog.vocabulary[fact_id] for fact_id in _with_parts(catalog, followed)}
    for fact_id, fact in facts.items():
        if fact.measured and fact.place == "any":
            kind = catalog.measurements[fact.measured]
            words = fact.words if fact.measured == fact_id else kind.words[0]
            unit = {} if fact.kind != "number" else {"unit": kind.unit}
            asked = urlencode({"measure": kind.words[0], **unit, "to": "safety"})
            yield {"words": f"Record {words}", "address": f"{reverse('enter', args=(patient_id, 'measurement'))}?{asked}"}
    if questions_of(catalog, subject_id):
        yield {"words": "Ask the questions", "address": reverse("safety_ask", args=(patient_id, subject_id))}
    if referral := followed.referral:
        asked = urlencode({"about": referral.fact, "answer": "yes", "to": "safety"})
        words = f"Record a referral to {referral.to}"
        yield {"words": words, "address": f"{reverse('enter', args=(patient_id, 'observation'))}?{asked}"}


def _with_parts(catalog: Catalog, followed: Followed) -> list[str]:
    """The facts, and what a ratio among them is made of."""
    ratios = [catalog.vocabulary[fact_id].ratio for fact_id in followed.facts]
    parts = [part for ratio in ratios if ratio for part in (ratio.of, ratio.to)]
    return list(dict.fromkeys((*followed.facts, *parts)))


def questions_of(catalog: Catalog, subject_id: str) -> list[tuple[str, VocabularyFact]]:
    """What a person is asked, or what is looked for, of one subject; empty where the subject is not known."""
    followed = catalog.followed.get(subject_id)
    facts = [(fact_id, catalog.vocabulary[fact_id]) for fact_id in (followed.facts if followed else ())]
    return [(fact_id, fact) for fact_id, fact in facts if fact.kind == "yes_no" and not fact.computed and not fact.measured]


def answers_in(
    catalog: Catalog, subject_id: str, post: Mapping[str, str], source: str, born: date | None, now: datetime, zone: ZoneInfo
) -> list[EventBase]:
    """One observation for each question that was answered; a question not asked is no answer. Raises EntryError."""
    problems: Problems = {}
    try:
        at = moment_of(post.get("at", "").strip(), post.get("at_time", "").strip(), zone)
    except ValueError as error:
        raise EntryError({"at": [str(error)]}) from None
    events = []
    for fact_id, _ in questions_of(catalog, subject_id):
        answer, note = post.get(f"answer_{fact_id}", ""), post.get("note", "").strip()
        if answer not in dict(ANSWERS):
            problems[fact_id] = [f"found {answer[:20]!r}; allowed: yes, no, unclear, or not asked"]
        elif answer:
            values = {"about": fact_id, "answer": answer, "note": note[:LONGEST_NOTE] or None, "source": source, "by": source, "at": at}
            events.append(event_of(Observation, {"id": f"observation-{post.get('token', '')}-{fact_id}", **values}))
    if not events and not problems:
        problems[""] = ["found no answer; allowed: at least one, or none of it is recorded"]
    if problems:
        raise EntryError(problems)
    check_times(events[0], born, now, zone)
    return events
