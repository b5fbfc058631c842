"""What is looked at: every answer read, both sides of every reading, range and greatest age asked for."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.episode import current_episode
from euthymia.instrument import Instrument
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.option import Looked, Measured, Reading
from euthymia.options.differential import look
from euthymia.record import PatientRecord

NAME = "options/looking.cases.toml"
DAY_ZERO = date(2026, 6, 1)  # The ages of a case are counted back from any day; the result does not depend on it.
State = Literal["present", "absent", "known", "cannot_tell"]


class LookedCase(Case):
    """One entry of a record, so many days old (`event`: its fields, without id and day), and what it says of one item."""

    item: str
    days_ago: int = 0
    event: dict[str, Any] = Field(description="One event of a record, without id and day.")
    state: State


class LookedCases(CaseFile):
    """The cases of what is looked at."""

    cases: tuple[LookedCase, ...] = Field(min_length=1)


def looking_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the cases of everything that is looked at."""
    try:
        cases = read_knowledge(find(NAME, folders), LookedCases).cases
    except CatalogError as error:
        return FileReport(NAME, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case)]
    missing = [line for item in catalog.looking.looked for line in _uncovered(catalog, item, [c for c in cases if c.item == item.id])]
    return FileReport(NAME, len(cases), (*wrong, *twice(cases), *missing))


def _problems(catalog: Catalog, case: LookedCase) -> Iterator[str]:
    if case.item not in {item.id for item in catalog.looking.looked}:
        yield f"found the item {case.item!r}; allowed: an id of looking.toml"
        return
    day = DAY_ZERO - timedelta(days=case.days_ago)
    try:
        record = PatientRecord.model_validate({"patient_id": "case", "events": [{**case.event, "id": "1", "at": day.isoformat()}]})
    except ValueError as error:
        yield f"found an event that cannot be read ({str(error).splitlines()[-1].strip()}); allowed: the fields of a record"
        return
    found = look(record, current_episode(record, catalog), catalog, DAY_ZERO)[case.item]
    if found.state != case.state:
        yield f"expected {case.state}, found {found.state} ({found.sentence})"


def _uncovered(catalog: Catalog, item: Looked, cases: Sequence[LookedCase]) -> Iterator[str]:
    """What no case shows. The cases are believed here: whether they hold was asked before."""
    ages = {case.days_ago: case.state for case in cases if not _standing(case)}
    oldest = int(item.max_age_days)
    if ages.get(oldest, "cannot_tell") == "cannot_tell" or ages.get(oldest + 1) != "cannot_tell":
        yield f"{item.id}: no case on both sides of {oldest} days"
    for about in item.observations[:1]:
        states = {case.state for case in cases if case.event.get("about") == about}
        if not {"present", "absent"} <= states:
            yield f"{item.id}: no case of {about} answered yes and answered no"
    for reading in item.readings:
        yield from (f"{item.id}: {line}" for line in _reading_edges(catalog.instrument(reading.instrument), reading, cases))
    for measured in item.measured:
        yield from (f"{item.id}: {line}" for line in _range_edges(measured, cases))


def _standing(case: LookedCase) -> bool:
    """Whether the answer of a case holds whatever its age, so that it shows nothing about ages."""
    return case.event.get("kind") in ("condition", "medication", "person")


def _reading_edges(instrument: Instrument, reading: Reading, cases: Sequence[LookedCase]) -> Iterator[str]:
    """The score at which it is found and the one below it; of an item, its answer."""
    mine = [case for case in cases if case.event.get("instrument") == instrument.id and case.days_ago == 0]
    below: State = "absent" if reading.rules_out else "cannot_tell"
    if reading.item is not None:
        place, edge = instrument.item_index[reading.item], reading.at_least or 0.0
        found = {case.event["answers"][place]: case.state for case in mine if "answers" in case.event}
    else:
        cuts = [cut.at_least for cut in instrument.cut_offs if cut.id == reading.cut_off and cut.at_least is not None]
        edge = min([*cuts, *(band.low for band in instrument.bands if band.id in reading.bands)])
        found = {case.event["total"]: case.state for case in mine if "total" in case.event}
    step = (instrument.range.step if instrument.range else None) or 0.1
    if (found.get(edge), found.get(edge - step)) != ("present", below):
        yield f"no case of {instrument.id} at {edge:g}, where it is found, and at {edge - step:g}, where it is not"


def _range_edges(measured: Measured, cases: Sequence[LookedCase]) -> Iterator[str]:
    mine = {case.event["value"]: case.state for case in cases if "value" in case.event and case.event.get("unit") in measured.unit}
    for edge in (measured.low, measured.high):
        if edge is not None and mine.get(edge) != "absent":
            yield f"no case of {measured.names[0]} at {edge:g}, inside its range"
    for value, wrong in (("below", measured.low), ("above", measured.high)):
        beyond = [v for v, state in mine.items() if wrong is not None and state == "present" and (v < wrong) == (value == "below")]
        if wrong is not None and not beyond:
            yield f"no case of {measured.names[0]} {value} {wrong:g}"
