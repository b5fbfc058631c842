"""Everything that falls due: agreements, ratings, answers, decisions, monitoring, domains never measured. One pure list for all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.decisions import LISTED_AHEAD, Decisions, decisions
from euthymia.domains import DomainView
from euthymia.episode import CurrentEpisode
from euthymia.events import Person, Request
from euthymia.home import HomeDoses
from euthymia.moment import day_in_words
from euthymia.plain_words import plain
from euthymia.position import Position
from euthymia.rating_days import rating_days
from euthymia.record import PatientRecord
from euthymia.rems import RemsDuty, rems_due
from euthymia.rules import WatchDue
from euthymia.safety import Safety
from euthymia.verdict import Verdict


@dataclass(frozen=True)
class DueItem:
    """One thing due: `by` is the day on which it fell or falls due; overdue when that day has passed. `source`: what asks for it."""

    id: str
    what: str
    by: date
    overdue: bool
    source: str = "review"


def due(
    record: PatientRecord,
    episode: CurrentEpisode,
    catalog: Catalog,
    verdict: Verdict,
    safe: Safety,
    views: tuple[DomainView, ...],
    on: date,
    decided: Decisions | None = None,
    position: Position | None = None,
    watch: tuple[WatchDue, ...] = (),
    home: HomeDoses | None = None,
) -> tuple[DueItem, ...]:
    """What is due on `on`: "agree what success is" first where there is no target, then by urgency and day.

    `position` brings the protocol's decision points, `watch` monitoring and what will be too old at the next session, `home` doses at home.
    """
    if any(person.died for person in record.of_kind(Person)):
        return ()
    decided = decided or decisions(record, episode, None, verdict, (), catalog, on)
    items: list[DueItem] = [*_agreements(episode, on)]
    if safe.suicidality != "negative":
        what = "see the patient's answer on suicidal thoughts" if safe.suicidality == "positive" else "ask about suicidal thoughts"
        items.append(DueItem("suicidality", what, on, overdue=False, source="safety"))
    rest = [*_rating(episode, catalog, verdict, on), *_requests(record, on), *_decision(decided, on)]
    rest += [*_decision_points(position, decided, on), *_watch(watch, on)]
    rest += [*_forms(rems_due(record, catalog, on)), *_home(home, on)]
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
        yield DueItem("rating", f"rate with {name}", on, overdue=True, source="protocol")
        return
    by = last + timedelta(days=round(episode.plan.rating_interval_days))
    if by <= on + timedelta(days=7) or verdict.status == "cannot_tell":
        yield DueItem("rating", f"rate with {name}", by, overdue=by < on, source="protocol")


def _requests(record: PatientRecord, on: date) -> Iterator[DueItem]:
    for request in record.of_kind(Request):
        if request.outcome == "open":
            day = request.at.day(record.zone)
            yield DueItem(f"request_{request.id}", f"answer to {request.instrument} awaited", day, overdue=day < on, source="request")


def _decision(decided: Decisions, on: date) -> Iterator[DueItem]:
    """The decision that is due or comes next: every one ends in a recorded decision. What it is and by when, `decisions` says."""
    if decided.due and decided.due.by <= on + LISTED_AHEAD:
        yield DueItem("decision", decided.due.what, decided.due.by, decided.due.overdue, source="decisions")


def _decision_points(position: Position | None, decided: Decisions, on: date) -> Iterator[DueItem]:
    """The protocol's decision points of the coming week; those past are the decision's, which says whether one was made."""
    own = decided.due.by if decided.due else None
    for point in position.decision_points if position else ():
        if not point.reached and on < point.day <= on + LISTED_AHEAD and point.day != own:
            yield DueItem(f"decision_point_{point.id}", point.name, point.day, overdue=False, source="protocol")


def _watch(watch: tuple[WatchDue, ...], on: date) -> Iterator[DueItem]:
    """Monitoring that is overdue or falls due within a week."""
    for item in watch:
        if item.by <= on + LISTED_AHEAD:
            yield DueItem(item.id, item.what, item.by, item.by < on, item.source)


def _forms(duties: tuple[RemsDuty, ...]) -> Iterator[DueItem]:
    """REMS forms: each that can still be in time by itself; those overdue as one, by the day of the first."""
    for duty in duties:
        if duty.state == "due":
            yield DueItem(
                f"rems_{duty.session_id}", f"{duty.what} (session of {day_in_words(duty.day)})", duty.by, overdue=False, source="rems"
            )
    if late := [duty for duty in duties if duty.state == "overdue"]:
        of = (
            f"session of {day_in_words(late[0].day)}"
            if len(late) == 1
            else f"{len(late)} sessions, the first of {day_in_words(late[0].day)}"
        )
        what = late[0].what if len({duty.what for duty in late}) == 1 else "settle the REMS monitoring forms"
        yield DueItem("rems_overdue", f"{what} ({of})", min(duty.by for duty in late), overdue=True, source="rems")


def _home(home: HomeDoses | None, on: date) -> Iterator[DueItem]:
    """What is left over is counted; a dose that nobody logged is asked about, until somebody logs it, were it as not known."""
    for each in home.each if home else ():
        name = " ".join(filter(None, (each.drug, each.route)))
        key = plain(name).strip().replace(" ", "_")
        if each.count_by and each.count_by <= on + LISTED_AHEAD:
            what = f"count what is left over at home of {name}"
            yield DueItem(f"home_count_{key}", what, each.count_by, each.count_by < on, source="home")
        listed = {finding.day for finding in each.findings if finding.kind == "unlogged"}
        days = [day for day in each.days if day.unlogged and day.day in listed]
        if days:
            count = sum(day.unlogged or 0 for day in days)
            what = f"ask about {count} {'dose' if count == 1 else 'doses'} of {name} not logged since {day_in_words(days[0].day)}"
            yield DueItem(f"home_log_{key}", what, on, overdue=False, source="home")


def _unmeasured(view: DomainView) -> bool:
    return view.instrument is None and view.domain not in ("symptoms", "goals")


def _words(domain: str) -> str:
    return {"function": "function", "quality_of_life": "quality of life", "burden": "the burden of treatment"}.get(domain, domain)
