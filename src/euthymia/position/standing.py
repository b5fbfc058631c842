"""Where the patient stands in the protocol in force: weeks and sessions, what is reached, the dose and the interval actually kept.

Nothing here is an order and nothing is judged: the verdict says how it goes, the protocol says when to look.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Plan
from euthymia.facts import Status
from euthymia.moment import day_in_words
from euthymia.phase import Monitoring, ProtocolPhase
from euthymia.position.dosing import DoseStanding, dose_standing, outside_the_range
from euthymia.position.exposures import Exposures, exposures
from euthymia.position.pacing import Count, minimum_reached, point_day, regular_points, week_ends, window_reached
from euthymia.position.spacing import interval_words
from euthymia.protocol import Protocol
from euthymia.record import PatientRecord

__all__ = ["DecisionPoint", "DoseStanding", "Futility", "Position", "position"]


@dataclass(frozen=True)
class DecisionPoint:
    """A decision point of the phase in force, dated; `reached`: its day has come (after a session: the session has taken place)."""

    id: str
    name: str
    day: date
    reached: bool


@dataclass(frozen=True)
class Futility:
    """One source's window, whether it is reached (None: too few sessions are known), and what other sources say."""

    reached: bool | None
    words: str
    status: Status
    ref: str | None


@dataclass(frozen=True)
class Position:
    """Where the patient stands. `sessions_in_phase`, `exposures_in_all`: those known; at home there may have been more.

    `minimum_reached` is None where too little is known. `interval_days`: the median interval kept under the plan in force.
    """

    protocol: str
    phase: str
    route: str | None
    weeks_in_phase: float
    sessions_in_phase: int
    exposures_in_all: int
    minimum_reached: bool | None
    interval_days: float | None
    decision_points: tuple[DecisionPoint, ...]
    futility: tuple[Futility, ...]
    dose: DoseStanding
    interval_words: str
    stop_rules: tuple[str, ...]
    monitoring: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Case:
    """What every part looks at. `start`: the first day of the phase; None where it is not known. `vague`: a start without its day."""

    record: PatientRecord
    episode: CurrentEpisode
    catalog: Catalog
    protocol: Protocol
    phase: ProtocolPhase
    plan: Plan | None
    start: date | None
    vague: str | None
    given: Exposures
    on: date

    @property
    def weeks(self) -> float | None:
        return None if self.start is None or self.vague else (self.on - self.start).days / 7

    @property
    def sessions(self) -> Count:
        return self.given.count_since(self.start) if self.start else Count(len(self.given.given), more_possible=True)

    @property
    def every_days(self) -> float | None:
        """The interval planned now: the plan's own, else the phase's usual one."""
        return (self.plan.session_interval_days if self.plan else None) or self.phase.session_interval_days


def position(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Position:
    """Where the patient stands on `on` in the protocol in force. `record` has already been cut at that day."""
    case = _case(record, episode, catalog, on)
    protocol, phase = case.protocol, case.phase
    return Position(
        protocol=protocol.id,
        phase=phase.id,
        route=protocol.route,
        weeks_in_phase=round((on - case.start).days / 7, 1) if case.start else 0.0,
        sessions_in_phase=case.sessions.known,
        exposures_in_all=len(case.given.given),
        minimum_reached=minimum_reached(phase, case.weeks, case.sessions),
        interval_days=case.given.interval_days(episode.plan.since),
        decision_points=tuple(_points(case)),
        futility=tuple(_futility(case)),
        dose=dose_standing(record, case.plan, protocol, phase, case.given, on),
        interval_words=interval_words(record, episode, catalog, case.given, case.every_days, on),
        stop_rules=tuple(rule.when for rule in (*protocol.stop_rules, *phase.stop_rules)),
        monitoring=tuple(_watched(part) for part in (*protocol.monitoring, *phase.monitoring)),
        words=tuple(_words(case)),
    )


def _case(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> _Case:
    protocol = catalog.protocols[episode.plan.protocol]
    recorded = record.of_kind(Plan)
    first = len(episode.plans) - 1
    # A plan that only changes an interval or a bound does not begin its phase anew.
    while first > 0 and _same_phase(episode, first - 1, first):
        first -= 1
    began = recorded[first].at if recorded else None
    start: date | None = episode.plans[first].since
    if began is None:
        start = episode.treatment_started or (episode.index.day if episode.index else None)
    return _Case(
        record=record,
        episode=episode,
        catalog=catalog,
        protocol=protocol,
        phase=episode.plan.phase,
        plan=recorded[-1] if recorded else None,
        start=start,
        vague=str(began) if began is not None and not began.has_day else None,
        given=exposures(record, protocol),
        on=on,
    )


def _same_phase(episode: CurrentEpisode, one: int, other: int) -> bool:
    before, after = episode.plans[one], episode.plans[other]
    return (before.protocol, before.phase.id) == (after.protocol, after.phase.id)


def _points(case: _Case) -> Iterator[DecisionPoint]:
    """The protocol's own decision points, then its regular ones up to the first that is to come; none where no day is known."""
    if case.start is None or case.vague:
        return
    held = [e.day for e in case.given.since(case.start) if e.day]
    last = case.start
    found: list[DecisionPoint] = []
    for point in case.phase.decision_points:
        day = point_day(case.phase, point, case.start, held, case.every_days)
        if day is None:
            continue
        reached = len(held) >= point.session if point.session is not None else day <= case.on
        # A session that has not taken place cannot have been on a day that has gone.
        day = day if reached else max(day, case.on)
        found.append(DecisionPoint(point.id, point.name, day, reached))
        last = max(last, day)
    for day in regular_points(case.phase, case.start, last, case.on):
        weeks = (day - case.start).days // 7
        found.append(DecisionPoint(f"regular_{weeks}", f"regular decision point, {weeks} weeks into the phase", day, day <= case.on))
    yield from sorted(found, key=lambda point: (point.day, point.id))


def _futility(case: _Case) -> Iterator[Futility]:
    for window in case.phase.futility:
        after = f"{window.after_sessions} sessions" if window.after_sessions is not None else f"{window.after_weeks:g} weeks"
        against = f"; but: {window.disagreement}" if window.disagreement else ""
        reached = window_reached(window, case.weeks, case.sessions)
        yield Futility(reached, f"window after {after}: {window.says}{against}", window.status, window.ref)


def _watched(part: Monitoring) -> str:
    return f"{part.what}: {part.when}"


def _words(case: _Case) -> Iterator[str]:
    yield _where(case)
    yield from _unknown(case)
    yield from _beyond(case)
    if case.start is not None:
        yield from outside_the_range(case.protocol, case.phase.dose, case.given.since(case.start))


def _where(case: _Case) -> str:
    sessions = (
        "" if case.phase.session_interval_days is None else f", {case.sessions.known} {_unit(case.protocol, case.sessions.known)} known"
    )
    if case.start is None:
        return f"{case.protocol.name}, {case.phase.name}: its beginning is not known{sessions}"
    if case.vague:
        return f"{case.protocol.name}, {case.phase.name}: since {case.vague}, its day is not known{sessions}"
    return f"{case.protocol.name}, {case.phase.name}: since {day_in_words(case.start)}, {case.weeks:.1f} weeks{sessions}"


def _unit(protocol: Protocol, count: int) -> str:
    word = "dose" if protocol.setting == "home" else "session"
    return word if count == 1 else f"{word}s"


def _unknown(case: _Case) -> Iterator[str]:
    """What is not known of the doses, and what is another treatment."""
    if case.start is not None and (unclear := case.given.unclear_since(case.start)):
        yield f"{unclear} logged {_unit(case.protocol, unclear)} where nobody said whether it was taken: unknown, not counted"
    if case.given.at_home and case.phase.session_interval_days is not None:
        yield "a dose at home that was not logged is unknown: there may have been more"
    for treatment, count in case.given.others if case.protocol.drugs else ():
        yield f"{count} of {treatment}: another treatment, not counted here"
    other = {e.route for e in case.given.given if case.protocol.by_its_route(e.route) is False}
    for route in sorted(route for route in other if route):
        yield f"doses recorded as {route}, where the protocol is {case.protocol.route}: counted as exposures, never converted"


def _beyond(case: _Case) -> Iterator[str]:
    """Whether the phase has run past its end."""
    end = case.phase.last_week
    if end is None or case.start is None or case.vague:
        return
    over = week_ends(case.phase, case.start, end)
    if case.on > over + timedelta(weeks=1):
        following = case.protocol.phase(case.phase.next) if case.phase.next else None
        after = f"; by the protocol {following.name} follows" if following else ""
        yield f"the phase was to end on {day_in_words(over)}{after}"
