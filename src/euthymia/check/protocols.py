"""Protocols: every case run through a made-up record, and a case asked for on both sides of every edge.

Edges: each row of a decision point, each dose step and bound, the weight of a mg/kg dose, the rule of the interval, the minimum of
a phase, each decision point and each futility window.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, same, twice
from euthymia.episode import current_episode
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.phase import OUTCOMES, Dose, Extending, ProtocolPhase
from euthymia.position import Position, position
from euthymia.position.pacing import extension
from euthymia.protocol import Protocol
from euthymia.record import PatientRecord

DAY_ZERO = date(2026, 1, 1)  # The days of a case are counted from any day; the result does not depend on it.
GOOD_FOR = 14.0  # Of the ratings in an interval case: long enough for each of them; the verdict's rules decide elsewhere.
Reached = Literal["reached", "not_reached", "cannot_tell"]
_REACHED: dict[bool | None, Reached] = {True: "reached", False: "not_reached", None: "cannot_tell"}


class ProtocolCase(Case):
    """One case of one phase; `proves` says of what. Days count from the first day of the phase."""

    phase: str
    proves: Literal["row", "dose", "interval", "minimum", "point", "futility"]
    # row: an instrument and a score, and where they lie
    instrument: str | None = None
    score: float | None = None
    outcome: Literal["remission", "partial", "no_response", "none"] | None = None
    # dose: the last one in the protocol's unit, the prescriber's bounds, a weight; whether a step is possible, and which
    last: float | None = None
    lower: float | None = None
    upper: float | None = None
    weight_kg: float | None = None
    titrate: Literal["yes", "no", "cannot_tell"] | None = None
    next: float | None = None
    # interval: ratings as [day, total], the line for remission, the day of the last change, the day asked about
    ratings: tuple[tuple[int, float], ...] = ()
    cut: float | None = None
    changed: int | None = None
    extending: Literal["may", "too_short", "changed_lately", "above", "no_rating", "old_rating"] | None = None
    # minimum, point, futility: a day, the sessions known by then; `id` of the point or window
    id: str | None = None
    day: int = 0
    sessions: int = 0
    reached: Reached | None = None


class ProtocolCases(CaseFile):
    """The cases of one protocol."""

    cases: tuple[ProtocolCase, ...] = Field(min_length=1)


def protocol_file(catalog: Catalog, protocol: Protocol, folders: Sequence[Path]) -> FileReport:
    """The report of one protocol's cases."""
    name = f"protocols/{protocol.id}.cases.toml"
    try:
        return case_report(catalog, protocol, name, find(name, folders))
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))


def case_report(catalog: Catalog, protocol: Protocol, name: str, path: Path) -> FileReport:
    """The report of one case file. Raises CatalogError where it cannot be read."""
    cases = read_knowledge(path, ProtocolCases).cases
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, protocol, case)]
    return FileReport(name, len(cases), (*wrong, *twice(cases), *uncovered(protocol, cases)))


def _problems(catalog: Catalog, protocol: Protocol, case: ProtocolCase) -> Iterator[str]:
    phase = protocol.phase(case.phase)
    if phase is None:
        yield f"found the phase {case.phase!r}; allowed: {', '.join(p.id for p in protocol.phases)}"
        return
    expected, found = _answer(catalog, protocol, phase, case)
    if expected != found:
        yield f"expected {expected}, found {found}"


def _answer(catalog: Catalog, protocol: Protocol, phase: ProtocolPhase, case: ProtocolCase) -> tuple[object, object]:
    """What the case expects and what comes out."""
    if case.proves == "row":
        row = phase.row(case.instrument or "")
        return case.outcome, (row.outcome(case.score or 0.0) or "none") if row else f"no row of {case.instrument}"
    if case.proves == "interval":
        return case.extending, _extended(phase.extending, case) if phase.extending else "no rule of the interval"
    found = _position(catalog, protocol, phase, case)
    if case.proves == "dose":
        return (case.titrate, case.next), (found.dose.can_titrate, found.dose.next_step)
    if case.proves == "minimum":
        return case.reached, _REACHED[found.minimum_reached]
    if case.proves == "point":
        reached = [point.reached for point in found.decision_points if point.id == case.id]
        return case.reached, _REACHED[reached[0]] if reached else f"no decision point {case.id}"
    windows = [window.id for window in phase.futility]
    return case.reached, _REACHED[found.futility[windows.index(case.id)].reached] if case.id in windows else f"no window {case.id}"


def _extended(rule: Extending, case: ProtocolCase) -> str:
    rated = [(_day(day), total) for day, total in case.ratings]
    changed = None if case.changed is None else _day(case.changed)
    return extension(rule, case.cut or 0.0, rated, changed, _day(case.day), GOOD_FOR).state


def _position(catalog: Catalog, protocol: Protocol, phase: ProtocolPhase, case: ProtocolCase) -> Position:
    """Where a made-up patient stands who has had what the case says."""
    bounds = {"dose_lower": case.lower, "dose_upper": case.upper, "dose_unit": phase.dose.unit if phase.dose else "mg"}
    plan = {"kind": "plan", "id": "plan", "at": DAY_ZERO.isoformat(), "protocol": protocol.id, "phase": phase.id, **bounds}
    sessions = case.sessions or (1 if case.last is not None else 0)
    events = [plan, *(_given(protocol, phase, case, number) for number in range(sessions))]
    record = PatientRecord.model_validate({"patient_id": "case", "events": events})
    return position(record, current_episode(record, catalog), catalog, _day(case.day))


def _given(protocol: Protocol, phase: ProtocolPhase, case: ProtocolCase, number: int) -> dict[str, Any]:
    at_home = protocol.setting == "home"
    in_mg = at_home or phase.dose is None or phase.dose.unit == "mg"
    event: dict[str, Any] = {"kind": "dose_log" if at_home else "dose_session", "id": f"given-{number}", "route": protocol.route}
    event |= {"at": _day(min(number, case.day)).isoformat(), "treatment": protocol.drugs[0] if protocol.drugs else "any"}
    event["dose_mg" if in_mg else "dose_mg_per_kg"] = case.last
    return event | ({"taken": "taken"} if at_home else {"weight_kg": case.weight_kg})


def _day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)


def uncovered(protocol: Protocol, cases: Sequence[ProtocolCase]) -> Iterator[str]:
    """Every edge that no case stands on. The cases are believed here: whether they hold was asked before."""
    doses: list[Dose] = []
    rules: list[Extending] = []
    for phase in protocol.phases:
        own = [case for case in cases if case.phase == phase.id]
        yield from (f"{phase.id}: {line}" for line in (*_uncovered_rows(phase, own), *_uncovered_clocks(phase, own)))
        if phase.dose is not None and phase.dose not in doses:
            doses.append(phase.dose)
            yield from (f"{phase.id}: {line}" for line in _uncovered_dose(phase.dose, own))
        if phase.extending is not None and phase.extending not in rules:
            rules.append(phase.extending)
            yield from (f"{phase.id}: {line}" for line in _uncovered_rule(phase.extending, own))


def _uncovered_rows(phase: ProtocolPhase, cases: Sequence[ProtocolCase]) -> Iterator[str]:
    seen = {(case.instrument, case.score, case.outcome) for case in cases if case.proves == "row"}
    for row in phase.rows:
        for outcome in OUTCOMES:
            for edge in row.span(outcome):
                if (row.instrument, edge, outcome) not in seen:
                    yield f"no case at {row.instrument} {edge:g}, an edge of {outcome}"


def _uncovered_dose(dose: Dose, cases: Sequence[ProtocolCase]) -> Iterator[str]:
    """Each step and what follows it; the last bound; no bound; no weight."""
    tried = [case for case in cases if case.proves == "dose" and case.last is not None]
    for step, after in zip(dose.steps, (*dose.steps[1:], None), strict=False):
        if not any(
            same(case.last or 0.0, step) and case.upper is None and case.next == after and case.titrate != "cannot_tell" for case in tried
        ):
            yield f"no case of what follows {step:g} {dose.unit}"
    if dose.steps and not any(case.upper is not None and case.titrate == "no" for case in tried):
        yield "no case where the prescriber's upper bound forbids a step"
    if dose.upper is not None and not any((case.last or 0.0) >= dose.upper and case.titrate == "no" for case in tried):
        yield f"no case at the upper bound of {dose.upper:g} {dose.unit}"
    if not any(case.titrate == "yes" for case in tried):
        yield "no case where a step is possible"
    if dose.upper is None and not any(case.upper is None and case.titrate == "cannot_tell" for case in tried):
        yield "no case without an upper bound"
    if dose.weight and not any(case.weight_kg is None and case.titrate == "cannot_tell" for case in tried):
        yield "no case without a weight"


def _uncovered_rule(rule: Extending, cases: Sequence[ProtocolCase]) -> Iterator[str]:
    """Both sides of the span of ratings, of their number, and of the time since the last change; a rating above the line."""
    tried = [case for case in cases if case.proves == "interval" and case.ratings]
    spans = {(case.extending, case.ratings[-1][0] - case.ratings[0][0]) for case in tried}
    if not {("may", rule.span_days), ("too_short", rule.span_days - 1)} <= spans:
        yield f"no case on both sides of {rule.span_days:g} days in remission"
    numbers = {(case.extending, len(case.ratings)) for case in tried}
    if not {("may", rule.ratings), ("too_short", rule.ratings - 1)} <= numbers:
        yield f"no case on both sides of {rule.ratings} ratings"
    since = {(case.extending, case.day - case.changed) for case in tried if case.changed is not None}
    if not {("may", rule.apart_days), ("changed_lately", rule.apart_days - 1)} <= since:
        yield f"no case on both sides of {rule.apart_days:g} days since the last change"
    if not any(case.extending == "above" for case in tried):
        yield "no case of a rating above the remission line"


def _uncovered_clocks(phase: ProtocolPhase, cases: Sequence[ProtocolCase]) -> Iterator[str]:
    """The minimum, the decision points and the windows: reached on the day (or by the session), not reached just before."""

    def sides(proves: str, name: str | None, clock: Literal["day", "sessions"], edge: float) -> bool:
        seen = {(getattr(case, clock), case.reached) for case in cases if (case.proves, case.id) == (proves, name)}
        return (edge, "reached") in seen and any((edge - 1, short) in seen for short in ("not_reached", "cannot_tell"))

    if phase.minimum_weeks and not sides("minimum", None, "day", phase.minimum_weeks * 7):
        yield f"no case on both sides of the minimum of {phase.minimum_weeks:g} weeks"
    if phase.minimum_sessions and not sides("minimum", None, "sessions", phase.minimum_sessions):
        yield f"no case on both sides of the minimum of {phase.minimum_sessions} sessions"
    for point in phase.decision_points:
        end = 7 * ((point.week or 1) - (phase.first_week or 1) + 1)
        if not (sides("point", point.id, "day", end) if point.session is None else sides("point", point.id, "sessions", point.session)):
            yield f"no case on both sides of the decision point {point.id}"
    for window in phase.futility:
        weeks = 7 * (window.after_weeks or 0)
        by_day = window.after_sessions is None
        if not (
            sides("futility", window.id, "day", weeks) if by_day else sides("futility", window.id, "sessions", window.after_sessions or 0)
        ):
            yield f"no case on both sides of the futility window {window.id}"
