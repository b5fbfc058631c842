"""One virtual patient of the demo, whole: the record on both clocks, the review of today, the forecasts of before. Pure: no database."""

import json
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import chain
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.events import Assessment
from euthymia.ledger import Settled, settle
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, digest, review, review_digest
from euthymia.triage import triage
from euthymia_clinic.chart.to_core import body_of
from euthymia_clinic.demo.background import background
from euthymia_clinic.demo.cast import Place
from euthymia_clinic.demo.decided import caught_up, decisions_made
from euthymia_clinic.demo.drawing import Body, Drawn, at_clock, draw
from euthymia_clinic.demo.forms import forms_submitted
from euthymia_clinic.demo.home import at_home, said_of_dose
from euthymia_clinic.demo.watched import watched

_RECORDED, _INTAKE, _MISSED = time(16), time(8, 30), time(0, 5)
_CHANCES = 3
# Whoever has not been here for ten weeks is not in care any more.
_DISCHARGED = timedelta(weeks=10)
_SHOWN_APART = timedelta(weeks=4)
_ALERTS_KEPT = timedelta(weeks=8)
_OWN = frozenset({"person", "episode", "target", "decision"})
_EXCUSED, _EXCUSES = 41, ("away, told the clinic before", "in hospital for a planned operation", "the telephone was broken")


class Row(NamedTuple):
    """One event as its table holds it."""

    event_id: str
    kind: str
    day: date
    recorded_at: datetime
    body: dict[str, Any]


class Shown(NamedTuple):
    """A chance that a review of an earlier day would have shown, and how it came out, as the ledger has it."""

    made_on: date
    horizon: date
    status: str
    probability: float
    settled: Settled | None


class Raise(NamedTuple):
    """An alert that an assessment raised: its tier and row of the rules, and when."""

    source: str
    tier: str
    why: str
    at: datetime


class Made(NamedTuple):
    """What is stored of one patient."""

    place: Place
    rows: tuple[Row, ...]
    review: Review
    packed: bytes
    record_digest: str
    digest: str
    in_care: bool
    shown: tuple[Shown, ...]
    raised: tuple[Raise, ...]


def made(place: Place, today: date) -> Made:
    """Make a patient as the clinic knows them this morning, from everything up to yesterday's end."""
    catalog = _catalog()
    drawn = draw(place, catalog, today - timedelta(days=1))
    bodies = _bodies(drawn)
    record = _record(place, bodies)
    found = review(record, catalog, today)
    for again in range(_CHANCES):
        answer = caught_up(drawn, found, again)
        if answer is None:
            break
        bodies.append(_known(drawn, answer))
        record = _record(place, bodies)
        found = review(record, catalog, today)
    packed = zlib.compress(json.dumps(found.to_dict(), separators=(",", ":")).encode())
    in_care = today - (record.last_day() or place.start) < _DISCHARGED
    shown = tuple(_shown_before(found, catalog))
    return Made(
        place,
        tuple(_rows(record)),
        found,
        packed,
        digest(record),
        review_digest(found),
        in_care,
        shown,
        tuple(_raised(record, catalog, today)),
    )


def _shown_before(found: Review, catalog: Catalog) -> Iterator[Shown]:
    """The chances of earlier rating days, some weeks apart: each rests on what was known on its day alone."""
    episode, last = found.episode, date.min
    if episode.primary is None or (cut := catalog.definitions[episode.definition].remission.get(episode.primary)) is None:
        return
    for step in found.verdict.steps:
        chance = step.chance
        if chance is None or chance.day >= chance.horizon or min(chance.day - last, found.on - chance.day) < _SHOWN_APART:
            continue
        last = chance.day
        settled = settle(last, chance.horizon, episode.primary, cut.at_most, episode, catalog.ledger, found.on)
        yield Shown(last, chance.horizon, step.status, chance.probability, settled)


def _raised(record: PatientRecord, catalog: Catalog, today: date) -> Iterator[Raise]:
    """The alerts of the last weeks, triaged as each assessment came; those of one contact are one alert."""
    done: set[str] = set()
    for event in record.of_kind(Assessment):
        day, at = event.at.day(record.zone), event.at.instant
        asked = event.instrument in ("phq9", catalog.alerts.screener)
        if not asked or at is None or event.id in done or today - day > _ALERTS_KEPT or not any((event.answers or ())[_asks_from(event) :]):
            continue
        found = triage(record.until(day), catalog, event, day)
        done.update(found.contact)
        if found.tier is not None and found.positive:
            yield Raise(event.id, found.tier, found.row, at)


def _asks_from(event: Assessment) -> int:
    """The place of the first answer on suicidal thoughts."""
    return 8 if event.instrument == "phq9" else 0


def _rows(record: PatientRecord) -> Iterator[Row]:
    for event in record.events:
        known = event.recorded_at.instant if event.recorded_at else None
        if known is None:
            raise ValueError(f"found the event {event.id!r} without the instant at which it was recorded; allowed: one that has it")
        yield Row(event.id, event.kind, event.at.day(record.zone), known, body_of(event))


def _bodies(drawn: Drawn) -> list[Body]:
    told = [event for event in drawn.events if event["kind"] not in _OWN]
    said = (said_of_dose(drawn, event) for event in told)
    events = chain(said, at_home(drawn), background(drawn), watched(drawn), forms_submitted(drawn), decisions_made(drawn))
    return [_known(drawn, _excused(drawn, event)) for event in events]


def _known(drawn: Drawn, event: Body) -> Body:
    """The event with its source and the instant at which the clinic knew it; what is not known is left out."""
    zone, at = ZoneInfo(drawn.place.zone), event["at"]
    day = date.fromisoformat(at[:10]) if len(at) >= len("2026-01-01") else drawn.place.start
    if "T" in at:
        recorded = at
    elif day <= drawn.place.start:
        recorded = at_clock(drawn.place.start, _INTAKE, zone)
    elif event["kind"] == "request":
        recorded = at_clock(day + timedelta(days=1), _MISSED, zone)
    else:
        recorded = at_clock(day, _RECORDED, zone)
    said = {key: value for key, value in event.items() if value is not None}
    return {**said, "source": "simulated", "recorded_at": _instant(recorded)}


def _excused(drawn: Drawn, event: Body) -> Body:
    """One in ten of the check-ins missed was excused beforehand."""
    if event["kind"] != "request" or event.get("outcome") != "missed":
        return event
    lot = drawn.place.stream(_EXCUSED + int(event["id"].rsplit("-", 1)[1])).random()
    return {**event, "outcome": "excused", "reason": _EXCUSES[int(lot * 30)]} if lot < 0.1 else event


def _instant(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def _record(place: Place, bodies: list[Body]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": place.code, "events": tuple(bodies)})


@cache
def _catalog() -> Catalog:
    return load_catalog()
