"""One phase of a treatment protocol as data: doses, intervals, decision points, what is measured and watched, and when it is too early.

A protocol says *when*. Nothing here is an order: bounds, steps and windows are what a source or a site has written down, each with
its status. What a source leaves open stays open ("left to the prescriber").
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from euthymia.facts import Fact, Id, Strict

Outcome = Literal["remission", "partial", "no_response"]
OUTCOMES: tuple[Outcome, ...] = ("remission", "partial", "no_response")
Text = Annotated[str, Field(min_length=1)]
Days = Annotated[float, Field(gt=0)]
Span = tuple[float, float]
S = TypeVar("S", bound=Strict)


class Weight(Fact):
    """Which weight a mg/kg dose is reckoned from, and how old it may be (days); an older one is not known any more."""

    basis: Text
    max_age_days: Days


class Dose(Fact):
    """The doses of one session (or day): bounds in `unit`, the steps between them, and in words when a step is considered.

    An absent bound is left to the prescriber. `steps`: the doses themselves, ascending. `step_size`: or by how much.
    """

    unit: Literal["mg", "mg/kg"]
    per: Literal["session", "day"] = "session"
    lower: float | None = Field(None, gt=0)
    upper: float | None = Field(None, gt=0)
    start: float | None = Field(None, gt=0)
    steps: tuple[Annotated[float, Field(gt=0)], ...] = ()
    step_size: float | None = Field(None, gt=0)
    step_rule: Text | None = None
    weight: Weight | None = None

    @model_validator(mode="after")
    def _coherent(self) -> "Dose":
        return _sound(self, _dose_problems(self))

    def next_step(self, last: float, lower: float | None, upper: float) -> float | None:
        """The next dose above `last` within the bounds given, in `unit`; None where there is none, or no step is named."""
        above = self.steps or ((last + self.step_size,) if self.step_size else ())
        return next((step for step in above if step > last and step <= upper and step >= (lower or 0.0)), None)


class Interval(Fact):
    """The shortest and the longest interval between two sessions that the protocol allows."""

    shortest_days: Days
    longest_days: Days

    @model_validator(mode="after")
    def _in_order(self) -> "Interval":
        return _sound(self, _order(self.shortest_days, self.longest_days, "shortest_days", "longest_days"))


class Extending(Fact):
    """When the interval may be lengthened: `ratings` before sessions in remission over `span_days`, changes `apart_days` apart."""

    ratings: int = Field(ge=1)
    span_days: float = Field(ge=0)
    apart_days: float = Field(ge=0)
    on_worsening: Text
    on_missed_session: Text


class Row(Fact):
    """What the scores of one instrument mean at a decision point, both ends included. Never applied to another instrument."""

    instrument: Id
    remission: Span
    partial: Span
    no_response: Span

    @model_validator(mode="after")
    def _apart(self) -> "Row":
        return _sound(self, _row_problems(self))

    def outcome(self, score: float) -> Outcome | None:
        """In which of the three a score lies; None outside all of them."""
        return next((name for name in OUTCOMES if self.span(name)[0] <= score <= self.span(name)[1]), None)

    def span(self, outcome: Outcome) -> Span:
        """The lowest and the highest score of one of the three."""
        found: Span = getattr(self, outcome)
        return found


class DecisionPoint(Fact):
    """A day on which to decide: at the end of a week of the protocol, or after a session of the phase.

    `measured_by`: the instruments whose rows are read. `considers`: what is looked at, by outcome ("any": whatever it was).
    """

    id: Id
    name: Text
    week: int | None = Field(None, ge=1)
    session: int | None = Field(None, ge=1)
    measured_by: tuple[Id, ...] = ()
    considers: dict[Literal["remission", "partial", "no_response", "any"], tuple[Text, ...]] = Field({})

    @model_validator(mode="after")
    def _one_clock(self) -> "DecisionPoint":
        return _sound(self, _exactly_one(self, "week", "session"))


class Measured(Fact):
    """An instrument or a measure, anchored to sessions (`minutes_after` the dose where it matters) or to days (`every_days`)."""

    instrument: Id | None = None
    measure: Text | None = None
    anchor: Literal["before_session", "during_session", "after_dose", "before_leaving", "days"]
    minutes_after: float | None = Field(None, gt=0)
    every_days: Days | None = None

    @model_validator(mode="after")
    def _anchored(self) -> "Measured":
        problems = [*_exactly_one(self, "instrument", "measure")]
        if (self.minutes_after is not None) != (self.anchor == "after_dose"):
            problems.append(
                f"found the anchor {self.anchor} and minutes_after {self.minutes_after}; allowed: minutes after a dose, only then"
            )
        if (self.every_days is not None) != (self.anchor == "days"):
            problems.append(f"found the anchor {self.anchor} and every_days {self.every_days}; allowed: every_days with days, only then")
        return _sound(self, problems)


class Monitoring(Fact):
    """What is watched for harm. `every_days`, `every_sessions`: how often at least, where a number is known."""

    id: Id
    what: Text
    when: Text
    baseline: bool = False
    every_days: Days | None = None
    every_sessions: int | None = Field(None, gt=0)


class FutilityWindow(Fact):
    """One source's word on when going on is futile, by sessions or weeks of the phase. Sources disagree: each has its own window."""

    id: Id
    after_sessions: int | None = Field(None, ge=1)
    after_weeks: float | None = Field(None, gt=0)
    says: Text
    disagreement: Text | None = None

    @model_validator(mode="after")
    def _one_clock(self) -> "FutilityWindow":
        return _sound(self, _exactly_one(self, "after_sessions", "after_weeks"))


class StopRule(Fact):
    """When stopping is considered, in words."""

    id: Id
    when: Text


class ProtocolPhase(Fact):
    """One phase: cadence, decision points, doses, and when it is too early.

    It is too early before both `minimum_weeks` and `minimum_sessions` (where given) are reached in this phase. `first_week` and
    `last_week` count from the start of the protocol, both included; without `last_week` and `last_session` it is open-ended.
    """

    id: Id
    name: str
    session_interval_days: float | None = Field(None, gt=0)
    rating_interval_days: float = Field(gt=0)
    decision_every_weeks: float = Field(gt=0)
    minimum_weeks: float = Field(ge=0)
    minimum_sessions: int | None = Field(None, ge=0)
    first_week: int | None = Field(None, ge=1)
    last_week: int | None = Field(None, ge=1)
    last_session: int | None = Field(None, ge=1)
    next: Id | None = None
    interval: Interval | None = None
    extending: Extending | None = None
    dose: Dose | None = None
    rows: tuple[Row, ...] = ()
    decision_points: tuple[DecisionPoint, ...] = ()
    measures: tuple[Measured, ...] = ()
    monitoring: tuple[Monitoring, ...] = ()
    futility: tuple[FutilityWindow, ...] = ()
    stop_rules: tuple[StopRule, ...] = ()

    @model_validator(mode="after")
    def _coherent(self) -> "ProtocolPhase":
        return _sound(self, (*_phase_problems(self), *_point_problems(self)))

    def row(self, instrument: str) -> Row | None:
        """The row of that instrument, and of no other."""
        return next((row for row in self.rows if row.instrument == instrument), None)


def twice(ids: Iterable[str]) -> tuple[str, ...]:
    """The ids that are given twice."""
    found = list(ids)
    return tuple(sorted({name for name in found if found.count(name) > 1}))


def _sound(value: S, problems: Iterable[str]) -> S:
    """The value itself, or every problem at once, one a line."""
    if found := list(problems):
        raise ValueError("\n".join(found))
    return value


def _exactly_one(value: Strict, first: str, second: str) -> Iterator[str]:
    if (getattr(value, first) is None) == (getattr(value, second) is None):
        yield f"found both or neither of `{first}` and `{second}`; allowed: exactly one"


def _order(low: float | None, high: float | None, first: str, second: str) -> Iterator[str]:
    if low is not None and high is not None and low > high:
        yield f"found {first} {low:g} above {second} {high:g}; allowed: {first} at most {second}"


def _dose_problems(dose: Dose) -> Iterator[str]:
    yield from _order(dose.lower, dose.upper, "lower", "upper")
    for name, given in (("start", (dose.start,)), ("steps", dose.steps)):
        for value in given:
            if value is not None and dose.lower is not None and value < dose.lower:
                yield f"found {name} {value:g} below the lower bound; allowed: at least {dose.lower:g}"
            if value is not None and dose.upper is not None and value > dose.upper:
                yield f"found {name} {value:g} above the upper bound; allowed: at most {dose.upper:g}"
    if any(above <= below for below, above in pairwise(dose.steps)):
        yield f"found steps {', '.join(f'{step:g}' for step in dose.steps)}; allowed: ascending, each once"
    if dose.steps and dose.step_size:
        yield "found both `steps` and `step_size`; allowed: one of them, or neither"
    if (dose.unit == "mg/kg") != (dose.weight is not None):
        yield f"found the unit {dose.unit} and {'a' if dose.weight else 'no'} `weight`; allowed: a `weight` table for mg/kg, only then"


def _row_problems(row: Row) -> Iterator[str]:
    for name in OUTCOMES:
        yield from _order(*row.span(name), f"the start of {name}", "its end")
    for low, high in pairwise(OUTCOMES):
        if row.span(high)[0] <= row.span(low)[1]:
            yield (
                f"found {high} from {row.span(high)[0]:g} where {low} reaches to {row.span(low)[1]:g}; "
                "allowed: remission, partial, no_response ascending, without overlap"
            )


def _phase_problems(phase: ProtocolPhase) -> Iterator[str]:
    yield from _order(phase.first_week, phase.last_week, "first_week", "last_week")
    if phase.last_week is not None and phase.first_week is None:
        yield f"found last_week {phase.last_week} without first_week; allowed: both, or first_week alone"
    interval, usual = phase.interval, phase.session_interval_days
    if interval and usual is None:
        yield "found an allowed interval without session_interval_days; allowed: with the usual one"
    if interval and usual is not None and not interval.shortest_days <= usual <= interval.longest_days:
        yield (
            f"found session_interval_days {usual:g}; "
            f"allowed: inside its own interval, {interval.shortest_days:g} to {interval.longest_days:g} days"
        )
    for name in ("decision_points", "monitoring", "futility", "stop_rules"):
        if again := twice(part.id for part in getattr(phase, name)):
            yield f"found {name} with the id {', '.join(again)} twice; allowed: each once"
    if again := twice(row.instrument for row in phase.rows):
        yield f"found rows of {', '.join(again)} twice; allowed: one row an instrument"


def _point_problems(phase: ProtocolPhase) -> Iterator[str]:
    first = phase.first_week or 1
    for point in phase.decision_points:
        if point.week is not None and (point.week < first or point.week > (phase.last_week or point.week)):
            until = f"to {phase.last_week}" if phase.last_week else "on"
            yield f"found the decision point {point.id} in week {point.week}; allowed: inside its phase, week {first} {until}"
        if point.session is not None and point.session > (phase.last_session or point.session):
            yield f"found the decision point {point.id} after session {point.session}; allowed: at most {phase.last_session}"
        if point.session is not None and phase.session_interval_days is None:
            yield f"found the decision point {point.id} after a session; allowed: a week, where the phase has no sessions"
        for instrument in point.measured_by:
            if phase.row(instrument) is None:
                has = ", ".join(row.instrument for row in phase.rows) or "none"
                yield f"found the decision point {point.id} measured by {instrument}; allowed: one with a row in the phase ({has})"
