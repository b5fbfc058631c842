"""Everything that falls due: agreements, ratings, answers, decisions, domains never measured. One pure list for all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.domains import DomainView
from euthymia.episode import CurrentEpisode
from euthymia.events import Decision, Person, Request
from euthymia.rating_days import rating_days
from euthymia.record import PatientRecord
from euthymia.safety import Safety
from euthymia.verdict import Verdict


@dataclass(frozen=True)
class DueItem:
    """One thing due: `by` is the day on which it fell or falls due; overdue when that day has passed."""

    id: str
    what: str
    by: date
    overdue: bool


def due(
    record: PatientRecord,
    episode: CurrentEpisode,
    catalog: Catalog,
    verdict: Verdict,
    safe: Safety,
    views: tuple[DomainView, ...],
    on: date,
) -> tuple[DueItem, ...]:
    """What is due on `on`: "agree what success is" first where there is no target, then by urgency and day."""
    if any(person.died for person in record.of_kind(Person)):
        return ()
    items: list[DueItem] = [*_agreements(episode, on)]
    if safe.suicidality != "negative":
        what = "see the patient's answer on suicidal thoughts" if safe.suicidality == "positive" else "ask about suicidal thoughts"
        items.append(DueItem("suicidality", what, on, overdue=False))
    rest = [*_rating(episode, catalog, verdict, on), *_requests(record, on), *_decision(record, episode, catalog, on)]
    items += sorted(rest, key=lambda item: (item.by, item.id))
    items += [DueItem(f"measure_{v.domain}", f"measure {_words(v.domain)}", on, overdue=False) for v in views if _unmeasured(v)]
    return tuple(items)


def _agreements(episode: CurrentEpisode, on: date) -> Iterator[DueItem]:
    if episode.target is None:
        yield DueItem("target", "agree what success is: the definition of remission, the patient's own words, by when", on, overdue=False)
    if episode.plan.assumed:
        yield DueItem("plan", "record the plan in force: protocol, phase, next decision", on, overdue=False)


def _rating(episode: CurrentEpisode, catalog: Catalog, verdict: Verdict, on: date) -> Iterator[DueItem]:
    name = catalog.instruments[episode.primary].short_name if episode.primary else "a depression scale"
    days = rating_days(episode)
    last = days[-1].day if days else (episode.index.day if episode.index else None)
    if last is None:
        yield DueItem("rating", f"rate with {name}", on, overdue=True)
        return
    by = last + timedelta(days=round(episode.plan.rating_interval_days))
    if by <= on + timedelta(days=7) or verdict.status == "cannot_tell":
        yield DueItem("rating", f"rate with {name}", by, overdue=by < on)


def _requests(record: PatientRecord, on: date) -> Iterator[DueItem]:
    for request in record.of_kind(Request):
        if request.outcome == "open":
            day = request.at.day(record.zone)
            yield DueItem(f"request_{request.id}", f"answer to {request.instrument} awaited", day, overdue=day < on)


def _decision(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Iterator[DueItem]:
    """The decision point that is due or comes next: every one ends in a recorded decision."""
    last = next(reversed(record.of_kind(Decision)), None)
    decided = last.at.day(record.zone) if last else None
    start = max((day for day in (decided, _plan_start(episode)) if day), default=None)
    if start is None:
        return
    by = episode.plan.next_decision or start + timedelta(weeks=episode.plan.phase.decision_every_weeks)
    if last and last.next_decision:
        by = last.next_decision.day(record.zone)
    held = last is not None and last.disposition == "hold_by_agreement"
    if held and decided:
        by = min(by, decided + timedelta(weeks=catalog.verdict.hold_max_weeks.value))
    what = "review the hold by agreement" if held else "decide: continue, change or add"
    if by <= on + timedelta(days=7):
        yield DueItem("decision", what, by, overdue=by < on)


def _plan_start(episode: CurrentEpisode) -> date | None:
    if not episode.plan.assumed:
        return episode.plan.since
    return episode.treatment_started or (episode.index.day if episode.index else None)


def _unmeasured(view: DomainView) -> bool:
    return view.instrument is None and view.domain not in ("symptoms", "goals")


def _words(domain: str) -> str:
    return {"function": "function", "quality_of_life": "quality of life", "burden": "the burden of treatment"}.get(domain, domain)
