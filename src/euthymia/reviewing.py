"""The one use case: `review(record, catalog, on) -> Review`. Everything a person or a machine sees renders a Review."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from euthymia import __version__
from euthymia.catalog import Catalog
from euthymia.combination import Combination, combination
from euthymia.decisions import Decisions, decisions
from euthymia.domains import DomainView, domains
from euthymia.due import DueItem, due
from euthymia.episode import CurrentEpisode, current_episode
from euthymia.events import Decision, Incident
from euthymia.follow_up import FollowUp, follow_up
from euthymia.heading import FanPoint, PopulationUsed, fan, filtered_course
from euthymia.home import HomeDoses, home_doses
from euthymia.left import Left, what_is_left
from euthymia.options import Options, options
from euthymia.outcomes import Outcomes, change_since, course, discordant, spans
from euthymia.position import Position, position
from euthymia.prospects import Prospects, prospects
from euthymia.rating_days import rating_days, remission_points
from euthymia.record import PatientRecord
from euthymia.resistance import History, history
from euthymia.rules import RuleResult, facts_on, judged, watched_by
from euthymia.safety import Safety, safety
from euthymia.timeline import Timeline, timeline
from euthymia.titration import Titration, titration
from euthymia.verdict import Verdict, verdict
from euthymia.wording import STATUS_SHAPES, STATUS_WORDS, reasons, sentence

SCHEMA = "euthymia/review/1"


@dataclass(frozen=True)
class Answer:
    """The verdict as it is said: status in words with its shape, one sentence, then what it rests on."""

    words: str
    shape: str
    sentence: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Provenance:
    """What this review was computed from, so that it can be replayed."""

    engine: str
    catalog_digest: str
    catalog_adopted_by: str | None
    record_digest: str
    events: int
    population: PopulationUsed | None
    facts: dict[str, int]


@dataclass(frozen=True)
class Review:
    """What can be said about one patient on one day. Frozen; one named part per module."""

    schema: str
    patient_id: str
    on: date
    answer: Answer
    episode: CurrentEpisode
    verdict: Verdict
    prospects: Prospects
    outcomes: Outcomes
    domains: tuple[DomainView, ...]
    left: Left
    safety: Safety
    rules: tuple[RuleResult, ...]
    history: History
    position: Position
    options: Options
    decisions: Decisions
    due: tuple[DueItem, ...]
    fan: tuple[FanPoint, ...]
    timeline: Timeline
    provenance: Provenance
    home: HomeDoses | None = None
    titration: Titration | None = None
    follow_up: FollowUp | None = None
    combination: Combination | None = None
    unread: tuple[str, ...] = field(default=(), metadata={"description": "What the reader could not read, where a file was read."})

    def to_dict(self) -> dict[str, Any]:
        """The versioned JSON form (docs/schemas/review.schema.json)."""
        return _adapter().dump_python(self, mode="json")  # type: ignore[no-any-return]


def review(record: PatientRecord, catalog: Catalog, on: date) -> Review:
    """Review a patient on `on`, a calendar day in the patient's zone, through its end. Pure: same input, same Review."""
    cut = record.until(on)
    episode = current_episode(cut, catalog)
    heading = filtered_course(episode, catalog)
    answer = verdict(cut, episode, heading, catalog, on)
    beside = prospects(cut, episode, heading, answer, catalog, on)
    outcomes = _outcomes(cut, episode, catalog, on)
    safe = safety(cut, episode, catalog, on)
    views, left = domains(cut, episode, catalog), what_is_left(episode, catalog)
    known = facts_on(cut, episode, catalog, on, safe)
    found, before = judged(known), history(cut, episode, catalog, on)
    stands = position(cut, episode, catalog, on)
    offered = options(cut, episode, before, stands, answer, found, left, catalog, on)
    decided = decisions(cut, episode, stands, answer, found, catalog, on)
    watch, at_home = watched_by(known), home_doses(cut, catalog, on)
    used = heading.used if heading else None
    rests_on = (*reasons(answer, episode, outcomes, used, catalog), *beside.lines)
    return Review(
        schema=SCHEMA,
        patient_id=record.patient_id,
        on=on,
        answer=Answer(STATUS_WORDS[answer.status], STATUS_SHAPES[answer.status], sentence(answer, episode, catalog), rests_on),
        episode=episode,
        verdict=answer,
        prospects=beside,
        outcomes=outcomes,
        domains=views,
        left=left,
        safety=safe,
        rules=found,
        history=before,
        position=stands,
        options=offered,
        decisions=decided,
        due=due(cut, episode, catalog, answer, safe, views, on, decided, stands, watch, at_home),
        fan=fan(heading, answer.horizon) if heading and answer.horizon else (),
        timeline=timeline(cut, episode, catalog),
        provenance=_provenance(cut, catalog, used),
        home=at_home,
        titration=titration(known.scene, stands, offered, decided),
        follow_up=follow_up(known.scene, found, watch),
        combination=combination(cut, episode, catalog, on),
    )


def _provenance(record: PatientRecord, catalog: Catalog, used: PopulationUsed | None) -> Provenance:
    return Provenance(
        engine=f"euthymia {__version__}",
        catalog_digest=catalog.digest,
        catalog_adopted_by=catalog.adopted_by,
        record_digest=digest(record),
        events=len(record.events),
        population=used,
        facts={str(status): count for status, count in catalog.status_counts.items()},
    )


def review_schema() -> dict[str, Any]:
    """The JSON Schema of `Review.to_dict()`."""
    return _adapter().json_schema(mode="serialization")


def digest(record: PatientRecord) -> str:
    """SHA-256 of the record's canonical form: the order in which events were entered does not change it."""
    return hashlib.sha256(record.model_dump_json(exclude_none=True).encode()).hexdigest()


def review_digest(review: Review) -> str:
    """SHA-256 of a review's JSON: what a decision names as the review that it answered.

    Without what a reader could not read: that belongs to a file, and the review is of the record.
    """
    said = replace(review, unread=()).to_dict()
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def review_answered(record: PatientRecord, decision: Decision, catalog: Catalog) -> Review:
    """The review that a decision answered: of its day, from what was recorded before it. Its digest is `answers_review`.

    The decision itself, and whatever was recorded after it, is not in it. Another catalog or another version of this
    program gives another digest, and so does an event that says an earlier time of recording than the true one.
    """
    return review(record.known_before(decision), catalog, decision.at.day(record.zone))


def _outcomes(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Outcomes:
    """Response, state and time in remission by the definition in force; instruments that disagree."""
    window = timedelta(days=catalog.verdict.veto_window_days.value)
    counted = [r for r in episode.ratings if r.phase != "after_dose" and on - r.day <= window]
    latest = {r.instrument: r.total for r in counted if r.total is not None}
    disagreeing = discordant(catalog, latest)
    days = rating_days(episode)
    if episode.index is None or episode.primary is None or episode.cut is None or not days:
        return Outcomes(None, None, (), disagreeing)
    definition, instrument = catalog.definitions[episode.definition], catalog.instruments[episode.primary]
    incidents = [(i.at.day(record.zone), i.incident) for i in record.of_kind(Incident) if i.at.day(record.zone) >= episode.index.day]
    with_index = [(episode.index.day, episode.index.total), *((rated.day, rated.total) for rated in days)]
    cover = catalog.verdict.remission_cover_days.value
    return Outcomes(
        course(definition, instrument.id, remission_points(days), incidents),
        change_since(definition, instrument, episode.index.total, days[-1].total),
        spans(with_index, episode.cut, instrument.structure.recall_days, cover, on),
        disagreeing,
    )


@cache
def _adapter() -> TypeAdapter[Review]:
    return TypeAdapter(Review)
