"""What coincides: every case computed; both sides of how long before a change counts, and of what is one dose, asked for."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.combination import Combination, combination, doses_apart
from euthymia.combination.result import Credit
from euthymia.episode import current_episode
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.record import PatientRecord

NAME = "combination/rules.cases.toml"
DAY_ZERO = date(2026, 6, 1)  # The days of a case are counted from any day; the result does not depend on it.
Pair = tuple[int, float]


class CombinationCase(Case):
    """Ratings (PHQ-9) and what was changed, by day; and the last marked change with what coincides. `doses`: sessions, in mg."""

    ratings: tuple[Pair, ...] = Field(min_length=1)
    drugs: tuple[int, ...] = Field((), description="Days on which a drug began, each another.")
    doses: tuple[Pair, ...] = ()
    start: int | None = None
    end: int | None = None
    credit: Credit | None = Field(None, description="Absent: no marked change.")
    beside: int = Field(0, description="How many changes of treatment coincide.")


class CombinationCases(CaseFile):
    """The cases of what coincides."""

    cases: tuple[CombinationCase, ...] = Field(min_length=1)


def combination_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the cases of what coincides."""
    try:
        cases = read_knowledge(find(NAME, folders), CombinationCases).cases
    except CatalogError as error:
        return FileReport(NAME, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case)]
    return FileReport(NAME, len(cases), (*wrong, *twice(cases), *_uncovered(catalog, cases)))


def _problems(catalog: Catalog, case: CombinationCase) -> Iterator[str]:
    found = _computed(catalog, case)
    last = found.coincidences[0] if found and found.coincidences else None
    expected = (case.credit, case.start, case.end, case.beside)
    if last is None:
        got: tuple[Any, ...] = (None, None, None, 0)
    else:
        days = ((day - DAY_ZERO).days for day in (last.change.start, last.change.end))
        got = (last.credit, *days, len(last.treatments))
    if got != expected:
        yield f"expected {expected}, found {got} ({last.sentence if last else 'no marked change'})"


def _computed(catalog: Catalog, case: CombinationCase) -> Combination | None:
    def event(number: int, kind: str, day: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"id": f"{kind}-{number}", "kind": kind, "at": (DAY_ZERO + timedelta(days=day)).isoformat(), **more}

    rated = [event(n, "assessment", day, instrument="phq9", total=total, phase="unrelated") for n, (day, total) in enumerate(case.ratings)]
    drugs = [event(n, "medication", day, drug=f"drug {n}") for n, day in enumerate(case.drugs)]
    doses = [event(n, "dose_session", day, treatment="ketamine", route="IV", dose_mg=dose) for n, (day, dose) in enumerate(case.doses)]
    record = PatientRecord.model_validate({"patient_id": "case", "events": [*rated, *drugs, *doses]})
    on = max(record.last_day() or DAY_ZERO, DAY_ZERO)
    return combination(record, current_episode(record, catalog), catalog, on)


def _uncovered(catalog: Catalog, cases: Sequence[CombinationCase]) -> Iterator[str]:
    """What no case shows. The cases are believed here: whether they hold was asked before."""
    before = int(catalog.combination.before_days.value)
    for days, beside in ((before, 1), (before + 1, 0)):
        if not any(c.start is not None and c.drugs == (c.start - days,) and c.beside == beside for c in cases):
            yield f"no case of a drug begun {days} days before the ratings moved"
    share = catalog.combination.same_dose_share.value
    apart = {doses_apart(c.doses[0][1], c.doses[1][1], catalog) for c in cases if len(c.doses) == 2}
    if apart != {True, False}:
        yield f"no cases of two doses on both sides of {100 * share:g} % apart"
    edge = catalog.combination.edge_share.value
    trimmed = [c for c in cases if c.start is not None and (c.start, c.end) != (c.ratings[0][0], c.ratings[-1][0])]
    if edge and not trimmed:
        yield "no case of a change that is dated without its edges"
    for credit in ("none_recorded", "one_at_the_same_time", "not_to_one", None):
        if not any(c.credit == credit for c in cases):
            yield f"no case of {credit or 'ratings without a marked change'}"
