"""The sheet of a session: every limit on both sides of its number, in the browser's terms; what is read as a number; what can be."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, same, twice
from euthymia.knowledge_file import KNOWLEDGE, CatalogError, read_knowledge
from euthymia.session_sheet.limits import Against, Limit, limits_of, number, passed
from euthymia.sheet_rules import FieldRow

NAME = "sessions/sheet.cases.toml"
Outcome = Literal["passed", "not_passed", "unknown"]
_TRUTH: dict[Outcome, bool | None] = {"passed": True, "not_passed": False, "unknown": None}


class LimitCase(Case):
    """What is typed into a field, the last reading before the dose, and whether a rule's limit is passed. `gate`: subject/rule."""

    field: str
    gate: str
    against: Against = "value"
    typed: str
    before: float | None = None
    expect: Outcome


class NumberCase(Case):
    """What is read as which number; absent: as none."""

    typed: str
    value: float | None = None


class PlausibleCase(Case):
    """Whether a number can be at all."""

    field: str
    typed: str
    expect: Literal["can_be", "cannot_be"]


class SheetCases(CaseFile):
    """One table for both sides: Python here, the browser in its own test."""

    cases: tuple[LimitCase, ...] = Field(min_length=1)
    numbers: tuple[NumberCase, ...] = Field(min_length=1)
    plausible: tuple[PlausibleCase, ...] = Field(min_length=1)


def sheet_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the sheet's cases."""
    try:
        read = read_knowledge(find(NAME, folders), SheetCases)
    except CatalogError as error:
        return FileReport(NAME, 0, (str(error),))
    every = (*read.cases, *read.numbers, *read.plausible)
    wrong = (*_wrong_limits(catalog, read), *_wrong_numbers(read), *_wrong_ranges(catalog, read))
    return FileReport(NAME, len(every), (*wrong, *twice(every), *_uncovered(catalog, read)))


def sheet_cases_as_json(catalog: Catalog, folder: Path = KNOWLEDGE) -> dict[str, list[dict[str, Any]]]:
    """The table for the browser: each case with its limit, or its range, as the sheet sends it; the outcome as true, false, null."""
    read = read_knowledge(folder / NAME, SheetCases)
    cases = [(case, _limit(catalog, case)) for case in read.cases]
    spans = [(case, _span(catalog, case.field)) for case in read.plausible]
    return {
        "limits": [c.model_dump() | {"limit": asdict(limit), "expect": _TRUTH[c.expect]} for c, limit in cases if limit],
        "numbers": [case.model_dump() for case in read.numbers],
        "plausible": [c.model_dump() | {"low": low, "high": high, "expect": c.expect == "can_be"} for c, (low, high) in spans],
    }


def sheet_limits(catalog: Catalog) -> Iterator[tuple[FieldRow, Limit]]:
    """Every limit of every field, by any route."""
    for row in catalog.sheet.fields:
        if row.measurement in catalog.measurements:
            yield from ((row, limit) for limit in limits_of(catalog, row.measurement or "", None))


def _limit(catalog: Catalog, case: LimitCase) -> Limit | None:
    found = (limit for row, limit in sheet_limits(catalog) if row.id == case.field and limit.against == case.against)
    return next((limit for limit in found if f"{limit.subject}/{limit.rule}" == case.gate), None)


def _span(catalog: Catalog, field: str) -> tuple[float | None, float | None]:
    row = catalog.sheet.field(field)
    kind = catalog.measurements.get(row.measurement or "") if row else None
    span = kind.plausible if kind else None
    return (span.low, span.high) if span else (row.low, row.high) if row else (None, None)


def _wrong_limits(catalog: Catalog, read: SheetCases) -> Iterator[str]:
    for case in read.cases:
        limit = _limit(catalog, case)
        if limit is None:
            yield f"{case.name}: found no limit of {case.gate} against the {case.against} of {case.field}; allowed: one that a rule has"
        elif (found := passed(limit, number(case.typed), case.before)) is not _TRUTH[case.expect]:
            yield f"{case.name}: expected {case.expect}, found {found}"


def _wrong_numbers(read: SheetCases) -> Iterator[str]:
    for case in read.numbers:
        found = number(case.typed)
        if (found is None) != (case.value is None) or (found is not None and not same(found, case.value or 0.0)):
            yield f"{case.name}: expected {case.value}, found {found}"


def _wrong_ranges(catalog: Catalog, read: SheetCases) -> Iterator[str]:
    for case in read.plausible:
        low, high = _span(catalog, case.field)
        value = number(case.typed)
        can = value is not None and low is not None and high is not None and low <= value <= high
        if can != (case.expect == "can_be"):
            yield f"{case.name}: expected {case.expect}, found that {case.field} can be {low} to {high}"


def _uncovered(catalog: Catalog, read: SheetCases) -> Iterator[str]:
    """A limit without a case at its number, one below, one above, and one that nobody can tell; a range without its ends."""
    for row, limit in sheet_limits(catalog):
        gate, known = f"{limit.subject}/{limit.rule}", catalog.rules[limit.subject]
        step = max(catalog.vocabulary[leaf.fact or ""].step for leaf in known.leaves[limit.rule])
        own = [c for c in read.cases if (c.field, c.gate, c.against) == (row.id, gate, limit.against)]
        values = [v - (c.before or 0.0 if limit.against == "before_dose" else 0.0) for c in own if (v := number(c.typed)) is not None]
        for wanted in (limit.value - step, limit.value, limit.value + step):
            if not any(same(value, wanted) for value in values):
                yield f"no case of {gate} at {wanted:g} of {row.id}"
        if not any(case.expect == "unknown" for case in own):
            yield f"no case of {gate} in which nobody can tell of {row.id}"
    for row in (row for row in catalog.sheet.fields if row.input == "number"):
        typed = [number(case.typed) for case in read.plausible if case.field == row.id]
        for end in _span(catalog, row.id):
            if end is not None and not any(value is not None and same(value, end) for value in typed):
                yield f"no case at the end {end:g} of what {row.id} can be"
