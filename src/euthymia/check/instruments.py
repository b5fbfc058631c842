"""Instruments: every case scored, both sides of every band, cut-off and limit of missing answers asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.instrument import CutOff, Instrument
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.scoring import Score, Unscorable, score, score_total


class InstrumentCase(Case):
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


class InstrumentCases(CaseFile):
    """The cases of one instrument."""

    cases: tuple[InstrumentCase, ...] = Field(min_length=1)


def instrument_file(catalog: Catalog, instrument: Instrument, folders: Sequence[Path]) -> FileReport:
    """The report of one instrument's cases."""
    name = f"instruments/{instrument.id}.cases.toml"
    try:
        cases = read_knowledge(find(name, folders), InstrumentCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _score_problems(catalog, instrument, case)]
    return FileReport(name, len(cases), (*wrong, *twice(cases), *_uncovered_scores(instrument, cases)))


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
