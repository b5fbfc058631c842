"""Decisions: which one is due and since what, what "no change" needs, and whether a hold by agreement still stands.

A decision falls due by the protocol (or on the day that was agreed), by the verdict entering a status that asks for one,
or by a finding of a rule. It answers what was known when it was made: a decision from before a plateau was known does
not answer the plateau. All numbers come from the catalog.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Assessment, Decision, Disposition, Person
from euthymia.moment import Moment, day_in_words
from euthymia.position import Position
from euthymia.record import PatientRecord
from euthymia.rules import Finding, RuleResult
from euthymia.verdict import Status, Verdict

# What falls due within a calendar week is listed; a decision made once it was listed answers it.
LISTED_AHEAD = timedelta(days=7)


@dataclass(frozen=True)
class DecisionDue:
    """The decision that is due or comes next: `by` when, what asks for it (`since`, the earliest first), what it must hold."""

    by: date
    overdue: bool
    what: str
    since: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True)
class Decisions:
    """What was decided last and what is to be decided.

    `held_until`: the day on which a hold by agreement that stands is looked at; `hold_void`: why one stands no longer.
    `continues_in_a_row`: the "continue" decisions on a plateau since something was changed, held or asked elsewhere.
    `findings`: what a clinician must know: overdue, void, too often "continue".
    """

    due: DecisionDue | None
    last: Decision | None
    held_until: date | None
    hold_void: str | None
    continues_in_a_row: int
    findings: tuple[str, ...]


@dataclass(frozen=True)
class _Ask:
    """One thing that asks for a decision: by when, and in words."""

    by: date
    words: str


@dataclass(frozen=True)
class _Hold:
    """A hold by agreement as the last decision. `void`: why it does not stand, since `void_on`; None while it stands."""

    review_day: date
    void: str | None = None
    void_on: date | None = None

    @property
    def passed(self) -> bool:
        return self.void_on == self.review_day


@dataclass(frozen=True)
class _Case:
    """What is looked at together. `made`: the decisions of this episode, by time; `known`: when each rating day became known."""

    record: PatientRecord
    episode: CurrentEpisode
    position: Position | None
    verdict: Verdict
    rules: Sequence[RuleResult]
    catalog: Catalog
    made: Sequence[Decision]
    known: dict[date, Moment]
    on: date

    @property
    def last(self) -> Decision | None:
        return self.made[-1] if self.made else None

    def day(self, decision: Decision) -> date:
        """The day of a decision, in the patient's zone."""
        return decision.at.day(self.record.zone)


def decisions(
    record: PatientRecord,
    episode: CurrentEpisode,
    position: Position | None,
    verdict: Verdict,
    rules: Sequence[RuleResult],
    catalog: Catalog,
    on: date,
) -> Decisions:
    """What is to be decided on `on`; nothing is due of somebody who has died. `position` None: the cadence of the phase alone."""
    if any(person.died for person in record.of_kind(Person)):
        return Decisions(None, None, None, None, 0, ())
    zone, started = record.zone, episode.started
    made = [d for d in record.of_kind(Decision) if started is None or d.at.last_day(zone) >= started]
    case = _Case(record, episode, position, verdict, rules, catalog, made, _known(record, episode), on)
    row, hold = _continues(case), _hold(case)
    asks = sorted(_asks(case, hold, row), key=lambda ask: ask.by)
    due = _due(case, asks, row, hold) if asks else None
    stands = hold.review_day if hold and hold.void is None else None
    void = hold.void if hold else None
    return Decisions(due, case.last, stands, void, row, tuple(_findings(case, due, row, void)))


def _due(case: _Case, asks: Sequence[_Ask], row: int, hold: _Hold | None) -> DecisionDue:
    rules, by = case.catalog.decisions, asks[0].by
    reviewed = hold is not None and (hold.void is None or hold.passed)
    what = "review the hold by agreement" if reviewed else "decide: continue, change or add"
    asked = row + 1 >= rules.second_opinion_at.value and case.verdict.status in rules.plateau
    more = "a second opinion or a hold by agreement, if nothing is changed"
    needs = ("a reason, if nothing is changed", *([more] if asked else []))
    overdue = case.on > by + timedelta(days=rules.overdue_after_days.value)
    return DecisionDue(by, overdue, what, tuple(dict.fromkeys(ask.words for ask in asks)), needs)


def _asks(case: _Case, hold: _Hold | None, row: int) -> Iterator[_Ask]:
    """Everything that asks for a decision. While a hold by agreement stands, only its review does."""
    if hold is not None and case.last is not None:
        words = f"the hold by agreement of {day_in_words(case.day(case.last))}"
        if hold.void is None:
            yield _Ask(hold.review_day, words)
            return
        yield _Ask(hold.void_on or case.on, f"{words} does not stand: {hold.void}")
    yield from _by_protocol(case)
    yield from _by_status(case)
    yield from _by_findings(case)
    if case.last is not None and row >= case.catalog.decisions.second_opinion_at.value:
        by = case.day(case.last) + timedelta(days=case.catalog.decisions.second_opinion_days.value)
        yield _Ask(by, _row_words(row))


def _by_protocol(case: _Case) -> Iterator[_Ask]:
    """The day agreed, else the next decision point of the protocol, else its cadence since the last decision or the plan."""
    plan, last = case.episode.plan, case.last
    decided = case.day(last) if last else None
    start = max((day for day in (decided, _plan_start(case.episode)) if day), default=None)
    planned = plan.next_decision if plan.next_decision and not _decided_for(decided, plan.next_decision) else None
    if last and decided and last.next_decision and not (planned and plan.since > decided):
        agreed, latest = last.next_decision.day(case.record.zone), decided + _farthest(case, last.disposition)
        words = f"the day agreed on {day_in_words(decided)}" if agreed <= latest else f"the decision of {day_in_words(decided)}"
        yield _Ask(min(agreed, latest), words)
    elif planned:
        yield _Ask(planned, "the day named in the plan")
    elif start is not None:
        points = [p for p in case.position.decision_points if not _decided_for(decided, p.day)] if case.position else []
        point = min(points, key=lambda p: p.day, default=None)
        every = timedelta(weeks=plan.phase.decision_every_weeks)
        yield _Ask(point.day, f"the protocol: {point.name}") if point else _Ask(start + every, "the rhythm of the protocol")


def _decided_for(decided: date | None, point: date) -> bool:
    """Whether a decision was made for this point: on its day or later, or once it was listed."""
    return decided is not None and decided >= point - LISTED_AHEAD


def _farthest(case: _Case, disposition: Disposition) -> timedelta:
    return timedelta(weeks=farthest_weeks(case.catalog, disposition))


def farthest_weeks(catalog: Catalog, disposition: Disposition) -> float:
    """How many weeks after a decision the next one may be, at most; a hold by agreement has its own limit."""
    held = disposition == "hold_by_agreement"
    return (catalog.verdict.hold_max_weeks if held else catalog.decisions.next_max_weeks).value


def _by_status(case: _Case) -> Iterator[_Ask]:
    """The verdict has entered a status that asks for a decision, and none was made since that was known."""
    status, since = case.verdict.status, case.verdict.since
    within = case.catalog.decisions.after_status.get(status) if status != "cannot_tell" else None
    if within is None or since is None:
        return
    known = case.known.get(since, Moment.of(since))
    if case.last is None or not _answers(case.last, known, case.record):
        day = known.day(case.record.zone)
        yield _Ask(day + timedelta(days=within.value), f"{status.replace('_', ' ')} since {day_in_words(since)}")


def _by_findings(case: _Case) -> Iterator[_Ask]:
    for finding, day in _new_findings(case):
        within = case.catalog.decisions.after_finding[finding.severity]
        yield _Ask((day or case.on) + timedelta(days=within.value), finding.sentence)


def _new_findings(case: _Case) -> Iterator[tuple[Finding, date | None]]:
    """Findings of an asking severity that no decision has answered, with their day. One without a day is never surely answered."""
    asking = case.catalog.decisions.after_finding
    for finding in (result for result in case.rules if isinstance(result, Finding) and result.severity in asking):
        day = max((fact.day for fact in finding.facts if fact.day), default=None)
        if case.last is None or day is None or case.day(case.last) < day:
            yield finding, day


def _continues(case: _Case) -> int:
    """How many "continue" stand in a row at the end, each made on a plateau and without a second opinion."""
    plateau, count = set(case.catalog.decisions.plateau), 0
    for decision in reversed(case.made):
        if decision.disposition == "measure_again":
            continue
        if decision.disposition != "continue" or decision.second_opinion or _status_then(case, decision) not in plateau:
            break
        count += 1
    return count


def _status_then(case: _Case, decision: Decision) -> Status | None:
    """The status that was known when a decision was made; None before the first."""
    seen = [s.status for s in case.verdict.steps if _answers(decision, case.known.get(s.day, Moment.of(s.day)), case.record)]
    return seen[-1] if seen else None


def _hold(case: _Case) -> _Hold | None:
    """The hold by agreement where it is the last decision; what ended it first is said."""
    last = case.last
    if last is None or last.disposition != "hold_by_agreement":
        return None
    decided = case.day(last)
    agreed = [last.next_decision.day(case.record.zone)] if last.next_decision else []
    review_day = min([*agreed, decided + _farthest(case, last.disposition)])
    ended = list(_ends_of_hold(case, last, decided))
    if case.on > review_day:
        ended.append((review_day, f"its review was due on {day_in_words(review_day)}"))
    day, words = min(ended, default=(None, None))
    return _Hold(review_day, words, day)


def _ends_of_hold(case: _Case, last: Decision, decided: date) -> Iterator[tuple[date, str]]:
    """Loss of ground and safety findings, each with its day."""
    lost = [s.day for s in case.verdict.steps if s.status == "losing_ground"]
    fresh = [day for day in lost if not _answers(last, case.known.get(day, Moment.of(day)), case.record)]
    if case.verdict.status == "losing_ground":
        fresh = fresh or [decided]
    yield from ((day, f"losing ground on {day_in_words(day)}") for day in fresh[:1])
    yield from ((day or case.on, finding.sentence) for finding, day in _new_findings(case))


def _findings(case: _Case, due: DecisionDue | None, row: int, void: str | None) -> Iterator[str]:
    if due and due.overdue:
        yield f"a decision is overdue since {day_in_words(due.by)}: {'; '.join(due.since)}"
    if void is not None and case.last is not None:
        yield f"the hold by agreement of {day_in_words(case.day(case.last))} does not stand: {void}"
    if case.last is not None and case.last.disposition == "hold_by_agreement" and not case.last.offered:
        yield f"the hold by agreement of {day_in_words(case.day(case.last))} does not say what was offered"
    if row >= case.catalog.decisions.second_opinion_at.value:
        yield _row_words(row)


def _row_words(row: int) -> str:
    return f"{row} times 'continue' in a row on a plateau, without a second opinion or a hold by agreement"


def _known(record: PatientRecord, episode: CurrentEpisode) -> dict[date, Moment]:
    """When what each day's counted ratings say became known: the last of the day to be recorded."""
    recorded = {event.id: event.recorded_at or event.at for event in record.of_kind(Assessment)}
    known: dict[date, Moment] = {}
    for rating in episode.series:
        moment = recorded.get(rating.id, rating.at)
        before = known.get(rating.day)
        known[rating.day] = moment if before is None else max(before, moment, key=lambda m: m.key(record.zone))
    return known


def _answers(decision: Decision, known: Moment, record: PatientRecord) -> bool:
    """Whether a decision was made when something was known: by the clock where both have one, else by the day."""
    made, then = decision.at.instant, known.instant
    if made is not None and then is not None:
        return made >= then
    return decision.at.day(record.zone) >= known.day(record.zone)


def _plan_start(episode: CurrentEpisode) -> date | None:
    if not episode.plan.assumed:
        return episode.plan.since
    return episode.treatment_started or (episode.index.day if episode.index else None)
