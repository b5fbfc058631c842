"""Outcome definitions: every course judged, both sides of every cut, relapse line, duration and fraction asked for."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, same, twice
from euthymia.definition import Definition
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.outcomes import Response, State, change_since, course

DAY_ZERO = date(2026, 1, 1)  # The days of a case are counted from any day; the result does not depend on it.


class DefinitionCase(Case):
    """A series of [day, total] and the state on its last day; or an index, a latest total and their response."""

    instrument: str
    ratings: tuple[tuple[int, float], ...] = ()
    incidents: tuple[tuple[int, str], ...] = ()
    state: State | None = None
    index: float | None = None
    latest: float | None = None
    response: Response | None = None


class DefinitionCases(CaseFile):
    """The cases of one definition."""

    cases: tuple[DefinitionCase, ...] = Field(min_length=1)


def definition_file(catalog: Catalog, definition: Definition, folders: Sequence[Path]) -> FileReport:
    """The report of one definition's cases."""
    name = f"outcomes/{definition.id}.cases.toml"
    try:
        cases = read_knowledge(find(name, folders), DefinitionCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _course_problems(catalog, definition, case)]
    return FileReport(name, len(cases), (*wrong, *twice(cases), *_uncovered_courses(catalog, definition, cases)))


def _course_problems(catalog: Catalog, definition: Definition, case: DefinitionCase) -> Iterator[str]:
    if case.instrument not in definition.remission:
        yield f"found {case.instrument!r}; allowed: {', '.join(definition.remission)}"
    elif case.index is not None and case.latest is not None:
        instrument = catalog.instrument(case.instrument)
        response = change_since(definition, instrument, case.index, case.latest).response
        if response != case.response:
            yield f"expected {case.response}, found {response}"
    else:
        ratings = [(_day(day), total) for day, total in case.ratings]
        incidents = [(_day(day), kind) for day, kind in case.incidents]
        state = course(definition, case.instrument, ratings, incidents).state
        if state != case.state:
            yield f"expected {case.state}, found {state}"


def _day(number: int) -> date:
    return DAY_ZERO + timedelta(days=number)


def _uncovered_courses(catalog: Catalog, definition: Definition, cases: Sequence[DefinitionCase]) -> Iterator[str]:
    """Every cut, relapse line, incident, duration and fraction of a definition that has no case on one of its sides."""
    known = [case for case in cases if case.instrument in definition.remission]
    for instrument_id, cut in definition.remission.items():
        step = _step(catalog, instrument_id)
        within = _states(known, instrument_id, cut.at_most)
        if not within & {"remission_candidate", "remission"} or "in_episode" not in _states(known, instrument_id, cut.at_most + step):
            yield f"{instrument_id}: no case on both sides of the cut at {cut.at_most:g}"
    for instrument_id, rule in definition.relapse.items():
        step = _step(catalog, instrument_id)
        at, under = (_states(known, instrument_id, total) for total in (rule.at_least, rule.at_least - step))
        if "relapse" not in at or "remission" not in under:
            yield f"{instrument_id}: no case on both sides of relapse from {rule.at_least:g}"
        ended_by = {kind for case in known if (case.instrument, case.state) == (instrument_id, "relapse") for _, kind in case.incidents}
        yield from (f"{instrument_id}: no case of a relapse by {kind}" for kind in sorted({*rule.incidents} - ended_by))
    yield from _uncovered_durations(definition, known)
    yield from _uncovered_fractions(catalog, definition, known)


def _states(cases: Sequence[DefinitionCase], instrument_id: str, total: float) -> set[State | None]:
    """The expected states of the series of an instrument that end with this total."""
    return {case.state for case in cases if case.instrument == instrument_id and case.ratings and same(case.ratings[-1][1], total)}


def _step(catalog: Catalog, instrument_id: str) -> float:
    span = catalog.instrument(instrument_id).range
    return (span.step if span else None) or 0.1


def _uncovered_durations(definition: Definition, cases: Sequence[DefinitionCase]) -> Iterator[str]:
    """Days from the first rating in range to the last, in cases that never leave it."""
    held: set[tuple[State | None, float]] = set()
    for case in cases:
        low = [day for day, total in case.ratings if total <= definition.remission[case.instrument].at_most]
        if low and len(low) == sum(day >= low[0] for day, _ in case.ratings):
            held.add((case.state, low[-1] - low[0]))
    asked: list[tuple[State, float | None, State]] = [
        ("remission", definition.durations.remission_days, "remission_candidate"),
        ("recovery", definition.durations.recovery_days, "remission"),
    ]
    for state, days, before in asked:
        if days and not {(state, days), (before, days - 1)} <= held:
            yield f"no case on both sides of {days:g} days for {state}"


def _uncovered_fractions(catalog: Catalog, definition: Definition, cases: Sequence[DefinitionCase]) -> Iterator[str]:
    asked = definition.fractions
    for share in (asked.response, asked.partial_response) if asked else ():
        if share is None:
            continue
        at, under = set(), set()
        for case in cases:
            if case.index is not None and case.latest is not None:
                edge, step = case.index * (1 - share), _step(catalog, case.instrument)
                at |= {case.response} if same(case.latest, edge) else set()
                under |= {case.response} if same(case.latest, edge + step) else set()
        if not at or not under or at == under:
            yield f"no case on both sides of an improvement of {share:.0%}"
