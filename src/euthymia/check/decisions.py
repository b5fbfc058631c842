"""Decisions: every case decided upon, both sides of every due day, of the row of "continue" and of the farthest days asked for."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.decision import AskingStatus
from euthymia.decisions import Decisions, decisions, farthest_weeks
from euthymia.episode import current_episode
from euthymia.events import Decision, Disposition, Plan
from euthymia.facts import Strict
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.rule import Severity
from euthymia.rules import FactUsed, Finding
from euthymia.verdict import Step, Verdict

DAY_ZERO = date(2026, 1, 1)
_NAME = "decisions/rules.cases.toml"


class Made(Strict):
    """A decision of a case: on which day, what, and the day agreed for the next."""

    day: int
    disposition: Disposition
    next: int | None = None
    second_opinion: bool = False


class Found(Strict):
    """A finding of a case: of which severity, and the day of its newest fact."""

    day: int
    severity: Severity


class Entered(Strict):
    """The status that the verdict enters on a day."""

    day: int
    status: AskingStatus


class DecisionCase(Case):
    """What was decided and found by `on` (days from a plan that starts on day 0), and what must be due.

    `by`: the day that the earliest thing asks for. `more`: whether the next "continue" needs more than a reason.
    """

    statuses: tuple[Entered, ...] = ()
    decisions: tuple[Made, ...] = ()
    findings: tuple[Found, ...] = ()
    on: int
    by: int
    overdue: bool
    more: bool = False
    row: int = 0
    held_until: int | None = None
    void: str | None = Field(None, description="Words of why a hold does not stand.")


class DecisionCases(CaseFile):
    """The cases of the decision rules."""

    cases: tuple[DecisionCase, ...] = Field(min_length=1)


def decisions_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the decision rules' cases."""
    try:
        cases = read_knowledge(find(_NAME, folders), DecisionCases).cases
    except CatalogError as error:
        return FileReport(_NAME, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case)]
    return FileReport(_NAME, len(cases), (*wrong, *twice(cases), *_uncovered(catalog, cases)))


def _day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)


def _problems(catalog: Catalog, case: DecisionCase) -> Iterator[str]:
    got = _decided(catalog, case)
    due, needs = got.due, got.due.needs if got.due else ()
    pairs: list[tuple[str, object, object]] = [
        ("by", case.by, (due.by - DAY_ZERO).days if due else None),
        ("overdue", case.overdue, due.overdue if due else None),
        ("more", case.more, len(needs) > 1),
        ("row", case.row, got.continues_in_a_row),
        ("held_until", case.held_until, (got.held_until - DAY_ZERO).days if got.held_until else None),
    ]
    yield from (f"expected {name} {expected}, found {found}" for name, expected, found in pairs if expected != found)
    if (case.void is None) != (got.hold_void is None) or (case.void or "") not in (got.hold_void or ""):
        yield f"expected a hold that does not stand since {case.void!r}, found {got.hold_void!r}"


def _decided(catalog: Catalog, case: DecisionCase) -> Decisions:
    plan = Plan(id="plan", at=Moment.of(DAY_ZERO), protocol=catalog.verdict.default_protocol)
    events = (plan, *(_event(place, made) for place, made in enumerate(case.decisions)))
    record, on = PatientRecord(patient_id="case", events=events), _day(case.on)
    steps = tuple(Step(_day(entered.day), entered.status, _day(entered.day), "between", None) for entered in case.statuses)
    findings = [_finding(found) for found in case.findings]
    return decisions(record, current_episode(record, catalog), None, _verdict(steps), findings, catalog, on)


def _finding(found: Found) -> Finding:
    fact = FactUsed("something", "yes", _day(found.day), "case")
    return Finding("case", "other", found.severity, f"{found.severity} of day {found.day}", (fact,), (), (), None, "design")


def _event(place: int, made: Made) -> Decision:
    held = made.disposition == "hold_by_agreement"
    return Decision(
        id=f"decision-{place}",
        at=Moment.of(_day(made.day)),
        disposition=made.disposition,
        reason="as agreed",
        next_decision=Moment.of(_day(made.next)) if made.next is not None else None,
        second_opinion="a colleague" if made.second_opinion else None,
        patient_reason="as agreed" if held else None,
        offered=("a change",) if held else (),
    )


def _verdict(steps: tuple[Step, ...]) -> Verdict:
    """A verdict of which only its statuses are known: the last one holds."""
    last = steps[-1] if steps else Step(DAY_ZERO, "cannot_tell", DAY_ZERO, "between", None)
    unknown: dict[str, None] = dict.fromkeys(
        ("confirmed", "arrived", "probability", "horizon", "heading_to", "heading_low", "heading_high", "better", "warning", "missing")
    )
    return Verdict(
        status=last.status,
        since=last.since,
        by_total_only=False,
        vetoes=(),
        would_settle=None,
        settling=(),
        weeks_above_remission=0.0,
        weeks_not_observed=0.0,
        changes_tried=0,
        steps=steps,
        **unknown,
    )


def _uncovered(catalog: Catalog, cases: Sequence[DecisionCase]) -> Iterator[str]:
    """Every due day, place in the row and farthest day without a case on one of its sides."""
    rules, late = catalog.decisions, int(catalog.decisions.overdue_after_days.value)
    for status, days in rules.after_status.items():
        mine = [c for c in cases if c.statuses and c.statuses[-1].status == status and c.by == c.statuses[-1].day + days.value]
        if {(c.on - c.by - late, c.overdue) for c in mine if 0 <= c.on - c.by - late <= 1} != {(0, False), (1, True)}:
            yield f"no case on both sides of the day on which {status} is to be answered"
    for severity, days in rules.after_finding.items():
        severe = [c for c in cases if any(f.severity == severity and c.by == f.day + days.value for f in c.findings)]
        if {(c.on - c.by - late, c.overdue) for c in severe if 0 <= c.on - c.by - late <= 1} != {(0, False), (1, True)}:
            yield f"no case on both sides of the day on which a finding '{severity}' is to be answered"
    place = int(rules.second_opinion_at.value)
    if not {(place - 2, False), (place - 1, True), (place, True)} <= {(c.row, c.more) for c in cases}:
        yield f"no case on both sides of the {place}. 'continue' in a row"
    for held in (False, True):
        yield from _uncovered_farthest(catalog, cases, held)


def _uncovered_farthest(catalog: Catalog, cases: Sequence[DecisionCase], held: bool) -> Iterator[str]:
    last = [(c, c.decisions[-1]) for c in cases if c.decisions and (c.decisions[-1].disposition == "hold_by_agreement") == held]
    days = int(farthest_weeks(catalog, "hold_by_agreement" if held else "continue") * 7)
    at = any(made.next == made.day + days and case.by == made.next for case, made in last)
    beyond = any(made.next == made.day + days + 1 and case.by == made.day + days for case, made in last)
    if not (at and beyond):
        yield f"no case on both sides of the farthest next day{' of a hold by agreement' if held else ''}"
