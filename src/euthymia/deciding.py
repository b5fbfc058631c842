"""A new decision: made from what was said, and refused with found and allowed where the site's rules do not let it stand."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from euthymia.catalog import Catalog
from euthymia.decisions import LISTED_AHEAD, Decisions, farthest_weeks
from euthymia.events import Decision
from euthymia.moment import Moment, day_in_words
from euthymia.position import Position
from euthymia.verdict import Status


class DecisionError(Exception):
    """What was said is no decision that can be recorded: every reason on its own line, with found and allowed."""


def new_decision(patient_id: str, at: Moment, zone: ZoneInfo, recorded_at: Moment | None = None, **said: Any) -> Decision:  # noqa: ANN401
    """The event of a decision. `said`: the fields of `Decision`. Its id comes from the patient, the day and what was said.

    So the same decision twice on one day is one. Raises DecisionError where a field is missing or wrong.
    """
    given = {name: value for name, value in said.items() if value not in (None, "", ())}
    content = repr((patient_id, at.day(zone).isoformat(), sorted((name, str(value)) for name, value in given.items())))
    own = f"decision-{at.day(zone).isoformat()}-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
    try:
        return Decision(id=own, at=at, recorded_at=recorded_at, **given)
    except ValidationError as error:
        raise DecisionError("\n".join(_problem(each) for each in error.errors(include_url=False))) from None


def with_reason(catalog: Catalog, reason: str | None, code: str | None) -> str | None:
    """The reason in words: as said, else as the site's list has it."""
    listed = catalog.decisions.reason(code) if code else None
    return reason or (listed.words if listed else None)


def objections(decision: Decision, decided: Decisions, status: Status, catalog: Catalog, zone: ZoneInfo) -> tuple[str, ...]:
    """Why a decision may not be recorded as it is, each with found and allowed; `decided` and `status` are those before it."""
    return (
        *_reason(decision, catalog),
        *_option(decision, sorted(catalog.options)),
        *_row(decision, decided, status, catalog),
        *_next(decision, catalog, zone),
        *_offered(decision),
    )


def next_day(stands: Position, every_weeks: float, catalog: Catalog, on: date) -> date:
    """When to look again, as the protocol has it: its next decision point, else its rhythm; never beyond the farthest day."""
    points = [point.day for point in stands.decision_points if point.day > on + LISTED_AHEAD]
    latest = on + timedelta(weeks=farthest_weeks(catalog, "continue"))
    return min(min(points, default=on + timedelta(weeks=every_weeks)), latest)


def _reason(decision: Decision, catalog: Catalog) -> Iterator[str]:
    fitting = [r.id for r in catalog.decisions.reasons if decision.disposition in r.dispositions]
    if decision.reason_code and decision.reason_code not in fitting:
        allowed = ", ".join(fitting) or "none"
        yield f"reason code: found {decision.reason_code!r} for '{decision.disposition}'; allowed: {allowed}"


def _option(decision: Decision, known: Sequence[str]) -> Iterator[str]:
    if decision.option and decision.option not in known:
        yield f"option: found {decision.option!r}; allowed: {', '.join(known)}"


def _row(decision: Decision, decided: Decisions, status: Status, catalog: Catalog) -> Iterator[str]:
    """The "continue" that the site does not let stand with a reason alone."""
    rules, place = catalog.decisions, decided.continues_in_a_row + 1
    if decision.disposition != "continue" or decision.second_opinion:
        return
    if status in rules.plateau and place >= rules.second_opinion_at.value:
        yield (
            f"disposition: found 'continue' as number {place} in a row on a plateau; allowed: 'continue' with a second opinion, "
            "'hold_by_agreement', or a change"
        )


def _next(decision: Decision, catalog: Catalog, zone: ZoneInfo) -> Iterator[str]:
    if decision.next_decision is None:
        return
    made, weeks = decision.at.day(zone), farthest_weeks(catalog, decision.disposition)
    first, last = made + timedelta(days=1), made + timedelta(weeks=weeks)
    if not decision.next_decision.has_day:
        yield f"next: found {decision.next_decision}; allowed: a day, such as {last.isoformat()}"
    elif not first <= decision.next_decision.day(zone) <= last:
        found, span = day_in_words(decision.next_decision.day(zone)), f"{day_in_words(first)} to {day_in_words(last)}"
        yield f"next: found {found}; allowed: {span} (at most {weeks:g} weeks after the decision)"


def _offered(decision: Decision) -> Iterator[str]:
    if decision.disposition == "hold_by_agreement" and not decision.offered:
        yield "offered: found a hold by agreement without what was offered; allowed: at least one thing that was offered"


def _problem(problem: Any) -> str:  # noqa: ANN401
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    said = message if message.startswith("found") else f"found {problem['input']!r}; allowed: {message}"
    return f"{place}: {said}" if place else said
