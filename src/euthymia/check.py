"""Does the catalog do what its case files say? Runs every case, asks for both sides of every edge, counts the facts.

Pure: it reads the case files beside the knowledge and returns a Report; `euthymia check` prints it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from euthymia.catalog import KNOWLEDGE, Catalog, CatalogError, read_knowledge
from euthymia.definition import Definition
from euthymia.facts import Status
from euthymia.instrument import CutOff, Instrument
from euthymia.outcomes import Response, State, change_since, course
from euthymia.scoring import Score, Unscorable, score, score_total

FIRST = "phq9"  # The instrument that most records hold: where it is wrong, nothing else needs reading.
DAY_ZERO = date(2026, 1, 1)  # The days of a case are counted from any day; the result does not depend on it.


class _Case(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    name: str = Field(description="What it proves.")


class InstrumentCase(_Case):
    """Answers (or a reported total) and what they must become. An answer of "" is not answered."""

    answers: tuple[float | Literal[""], ...] | None = None
    weights: tuple[float, ...] | None = None
    reported: float | None = None
    total: float | None = None
    band: str | None = None
    positive: tuple[str, ...] | None = None
    prorated: bool = False
    se: float | None = None
    unscorable: str | None = Field(None, description="Words of the reason.")


class DefinitionCase(_Case):
    """A series of [day, total] and the state on its last day; or an index, a latest total and their response."""

    instrument: str
    ratings: tuple[tuple[int, float], ...] = ()
    incidents: tuple[tuple[int, str], ...] = ()
    state: State | None = None
    index: float | None = None
    latest: float | None = None
    response: Response | None = None


class _InstrumentCases(_Case):
    name: str = ""
    cases: tuple[InstrumentCase, ...] = Field(min_length=1)


class _DefinitionCases(_Case):
    name: str = ""
    cases: tuple[DefinitionCase, ...] = Field(min_length=1)


@dataclass(frozen=True)
class FileReport:
    """One case file: how many cases ran, and what is wrong, in plain words."""

    name: str
    cases: int
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The whole catalog: its files, its links, its facts by status."""

    files: tuple[FileReport, ...]
    link_failures: tuple[str, ...]
    facts: dict[Status, int]

    @property
    def cases(self) -> int:
        return sum(file.cases for file in self.files)

    @property
    def failures(self) -> tuple[str, ...]:
        """Everything that is wrong, each line with the file it is found in."""
        return (*(f"{file.name}: {line}" for file in self.files for line in file.failures), *self.link_failures)

    @property
    def ok(self) -> bool:
        return not self.failures


def check(catalog: Catalog, site: Path | str | None = None) -> Report:
    """Run every case of the catalog. `site` is the folder that `load_catalog` was given, whose cases come first."""
    folders = (*([Path(site)] if site is not None else []), KNOWLEDGE)
    instruments = sorted(catalog.instruments.values(), key=lambda found: (found.id != FIRST, found.id))
    files = [_instrument_file(catalog, instrument, folders) for instrument in instruments]
    files += [_definition_file(catalog, definition, folders) for definition in catalog.definitions.values()]
    return Report(tuple(files), tuple(_link_problems(catalog)), catalog.status_counts)


def _instrument_file(catalog: Catalog, instrument: Instrument, folders: Sequence[Path]) -> FileReport:
    name = f"instruments/{instrument.id}.cases.toml"
    try:
        cases = read_knowledge(_find(name, folders), _InstrumentCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _score_problems(catalog, instrument, case)]
    return FileReport(name, len(cases), (*wrong, *_twice(cases), *_uncovered_scores(instrument, cases)))


def _definition_file(catalog: Catalog, definition: Definition, folders: Sequence[Path]) -> FileReport:
    name = f"outcomes/{definition.id}.cases.toml"
    try:
        cases = read_knowledge(_find(name, folders), _DefinitionCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _course_problems(catalog, definition, case)]
    return FileReport(name, len(cases), (*wrong, *_twice(cases), *_uncovered_courses(catalog, definition, cases)))


def _find(name: str, folders: Sequence[Path]) -> Path:
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    raise CatalogError(f"{name}: found no such file; allowed: one beside every instrument and definition")


def _twice(cases: Iterable[_Case]) -> Iterator[str]:
    names = [case.name for case in cases]
    yield from (f"found the case {name!r} twice" for name in sorted({n for n in names if names.count(n) > 1}))


def _score_problems(catalog: Catalog, instrument: Instrument, case: InstrumentCase) -> Iterator[str]:
    if (case.answers is None) == (case.reported is None):
        yield "found both or neither of `answers` and `reported`; allowed: exactly one"
        return
    got: Score | Unscorable
    if case.answers is None:
        got = score_total(catalog, instrument.id, case.reported or 0.0)
    else:
        answers = [None if answer == "" else answer for answer in case.answers]
        got = score(catalog, instrument.id, answers, case.weights)
    if isinstance(got, Unscorable):
        if case.unscorable is None or case.unscorable not in got.reason:
            yield f"expected {case.unscorable or 'a score'!r}, found no score: {got.reason}"
    elif case.unscorable is not None:
        yield f"expected no score ({case.unscorable}), found {got.total}"
    else:
        yield from _differences(case, got)


def _differences(case: InstrumentCase, got: Score) -> Iterator[str]:
    pairs: list[tuple[str, object, object]] = [
        ("total", case.total, got.total),
        ("band", case.band, got.band),
        ("prorated", case.prorated, got.prorated),
    ]
    if case.positive is not None:
        pairs.append(("positive", case.positive, got.positive))
    if case.se is not None:
        pairs.append(("standard error", case.se, got.se))
    yield from (f"expected {name} {expected}, found {found}" for name, expected, found in pairs if expected != found)


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


def _uncovered_scores(instrument: Instrument, cases: Sequence[InstrumentCase]) -> Iterator[str]:
    """Every edge that no case stands on. The cases are believed here: whether they hold was asked before."""
    scored = [case for case in cases if case.unscorable is None]
    for band in instrument.bands:
        for edge in (band.low, band.high):
            if not any(case.total == edge and case.band == band.id for case in scored):
                yield f"no case at {edge:g}, an edge of the band {band.id}"
    for tier in (*(row.id for row in instrument.triage), *(["none"] if instrument.triage else [])):
        if not any(case.band == tier for case in scored):
            yield f"no case of the tier {tier}"
    for cut in instrument.cut_offs:
        for edge, side in zip(_beside(instrument, cut), (True, False), strict=True):
            sides = [cut.id in case.positive for case in scored if case.total == edge and case.positive is not None]
            if side not in sides:
                yield f"no case at {edge:g}, where the cut-off {cut.id} is {'positive' if side else 'not positive'}"
    yield from _uncovered_missing(instrument, scored, cases)


def _beside(instrument: Instrument, cut: CutOff) -> tuple[float, float]:
    """The reported scores next to a cut-off: the last that is positive and the first that is not."""
    span = instrument.range
    low, high, step = (span.minimum, span.maximum, span.step or 0.1) if span else (0.0, 0.0, 1.0)
    scores = [round(low + step * k, 4) for k in range(round((high - low) / step) + 1)]
    positive = [value for value in scores if cut.holds(value)]
    other = [value for value in scores if not cut.holds(value)]
    return (min(positive), max(other)) if cut.at_least is not None else (max(positive), min(other))


def _uncovered_missing(instrument: Instrument, scored: Sequence[InstrumentCase], cases: Sequence[InstrumentCase]) -> Iterator[str]:
    allowed = instrument.missing.prorate_up_to
    if allowed and allowed not in {_blanks(case) for case in scored if case.prorated}:
        yield f"no case with {allowed} answers missing, the most that is prorated"
    refused = {_blanks(case) for case in cases if case.unscorable is not None} - {0}
    if (allowed + 1 not in refused) if allowed else not refused:
        yield f"no case with {allowed + 1} answers missing, the first that has no score"


def _blanks(case: InstrumentCase) -> int:
    return (case.answers or ()).count("")


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
    return {case.state for case in cases if case.instrument == instrument_id and case.ratings and _same(case.ratings[-1][1], total)}


def _same(a: float, b: float) -> bool:
    return abs(a - b) < 1e-9


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
                at |= {case.response} if _same(case.latest, edge) else set()
                under |= {case.response} if _same(case.latest, edge + step) else set()
        if not at or not under or at == under:
            yield f"no case on both sides of an improvement of {share:.0%}"


def _link_problems(catalog: Catalog) -> Iterator[str]:
    """A verified or recalled fact names its source; a source that nobody has seen verifies nothing."""
    for path, fact in catalog.facts():
        reference = catalog.references.get(fact.ref or "")
        if fact.status != "design" and reference is None:
            yield f"{path}: a {fact.status} fact names the reference {fact.ref!r}, which references.toml does not have"
        elif fact.status == "verified" and reference is not None and reference.seen == "not seen":
            yield f"{path}: a verified fact rests on {fact.ref!r}, which was not seen"
