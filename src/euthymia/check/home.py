"""Doses at home: every case reconciled, every kind of finding met, and every number noticed by a case when it moves by one either way."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.facts import Number
from euthymia.home import HomeDoses, home_doses
from euthymia.home_rules import FINDING_KINDS, HomeRules
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.record import PatientRecord

NAME = "home/reconciling.cases.toml"
DAY_ZERO = date(2026, 1, 1)  # The days of a case are counted from any day; the result does not depend on it.


class HomeCase(Case):
    """What happened on which day, and which kinds are found on the day `on`, each as often as it is named.

    `events`: the fields of an event, with `day` in place of `at`, and without id. `count_by`: the day by which it is to be counted.
    """

    on: int
    events: tuple[dict[str, Any], ...] = Field(min_length=1)
    expect: tuple[str, ...] = ()
    count_by: int | None = None


class HomeCases(CaseFile):
    """The cases of doses at home."""

    cases: tuple[HomeCase, ...] = Field(min_length=1)


def home_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the case file of doses at home."""
    try:
        cases = read_knowledge(find(NAME, folders), HomeCases).cases
    except CatalogError as error:
        return FileReport(NAME, 0, (str(error),))
    wrong = tuple(f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case))
    # Whether a number that moves is noticed can be asked only of cases that hold.
    return FileReport(NAME, len(cases), (*wrong, *twice(cases), *(() if wrong else _uncovered(catalog, cases))))


def reconciled(catalog: Catalog, case: HomeCase) -> HomeDoses | None:
    """The doses of a case. Raises ValueError where its events cannot be read."""
    events = [{**_with_time(event), "id": str(n)} for n, event in enumerate(case.events)]
    record = PatientRecord.model_validate({"patient_id": "case", "events": events})
    on = DAY_ZERO + timedelta(days=case.on)
    return home_doses(record.until(on), catalog, on)


def _with_time(event: dict[str, Any]) -> dict[str, Any]:
    day = DAY_ZERO + timedelta(days=event.get("day", 0))
    return {**{key: value for key, value in event.items() if key != "day"}, "at": day.isoformat()}


def _problems(catalog: Catalog, case: HomeCase) -> Iterator[str]:
    try:
        found = reconciled(catalog, case)
    except ValueError as error:
        yield f"found an event that cannot be read ({str(error).splitlines()[-1].strip()}); allowed: the fields of a record"
        return
    kinds = sorted(finding.kind for each in (found.each if found else ()) for finding in each.findings)
    if kinds != sorted(case.expect):
        yield f"expected {', '.join(sorted(case.expect)) or 'nothing'}, found {', '.join(kinds) or 'nothing'}"
    by = (found.count_by - DAY_ZERO).days if found and found.count_by else None
    if case.count_by is not None and by != case.count_by:
        yield f"expected to be counted by day {case.count_by}, found day {by}"


def _uncovered(catalog: Catalog, cases: Sequence[HomeCase]) -> Iterator[str]:
    """Kinds that no case finds, and numbers that can move without a case that notices."""
    met = {kind for case in cases for kind in case.expect}
    yield from (f"no case finds {kind}" for kind in FINDING_KINDS if kind not in met)
    for name in HomeRules.model_fields:
        number = getattr(catalog.home, name)
        for step in (-1.0, 1.0) if isinstance(number, Number) else ():
            moved = catalog.home.model_copy(update={name: number.model_copy(update={"value": number.value + step})})
            changed = catalog.model_copy(update={"home": moved})
            if not any(problem for case in cases for problem in _problems(changed, case)):
                yield f"no case notices {name} at {number.value + step:g} in place of {number.value:g}"
