"""Alerts: every case triaged, every row asked for, and both sides of each clock (contact, review, safety plan, old)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.alerting import CONCERNS
from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.events import Assessment, Event, Observation
from euthymia.facts import Strict
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.triage import Triage, triage

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FORM = "phq9"
_NAME = "help/alerts.cases.toml"
Given = float | Literal[""]


class Before(Strict):
    """What was answered so many days before: item 9 of the form, the screener, or both. "": left out."""

    days: int = Field(gt=0)
    item9: Given | None = None
    screener: tuple[Given, ...] | None = None


class AlertCase(Case):
    """A form with an answer to its item 9, and perhaps the screener, hours later; which tier and which row it must get.

    `reviewed`, `past_reviewed`, `plan`: days since a clinician noted each. `late`: recorded so many days later.
    """

    item9: Given | None = None
    screener: tuple[Given, ...] | None = None
    hours: float = 0.1
    before: tuple[Before, ...] = ()
    reviewed: int | None = None
    past_reviewed: int | None = None
    plan: int | None = None
    late: int = 0
    tier: Literal["high", "same_day", "low", "none", "ask"]
    row: str = ""


class AlertCases(CaseFile):
    """The cases of the alerts."""

    cases: tuple[AlertCase, ...] = Field(min_length=1)


def alerts_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the case file of the alerts."""
    try:
        cases = read_knowledge(find(_NAME, folders), AlertCases).cases
    except CatalogError as error:
        return FileReport(_NAME, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case)]
    return FileReport(_NAME, len(cases), (*wrong, *twice(cases), *_uncovered(catalog, cases)))


def triaged(catalog: Catalog, case: AlertCase) -> Triage:
    """The triage of the last assessment of a case."""
    events = list(_events(catalog, case))
    record = PatientRecord(patient_id="case", events=tuple(events))
    last = [event for event in events if isinstance(event, Assessment)][-1]
    return triage(record, catalog, last, (NOW + timedelta(days=case.late)).date())


def _events(catalog: Catalog, case: AlertCase) -> Iterator[Event]:
    screener = catalog.alerts.screener
    noted = {"suicidality_reviewed": case.reviewed, "past_behaviour_reviewed": case.past_reviewed, "safety_plan": case.plan}
    for about, days in noted.items():
        if days is not None:
            yield Observation(id=about, at=Moment.of((NOW - timedelta(days=days)).date()), about=about, answer="yes")
    for earlier in case.before:
        at = Moment.of(NOW - timedelta(days=earlier.days))
        if earlier.item9 is not None:
            yield Assessment(id=f"form-{earlier.days}", at=at, instrument=FORM, answers=_form(catalog, earlier.item9))
        if earlier.screener is not None:
            yield Assessment(id=f"screener-{earlier.days}", at=at, instrument=screener, answers=_answers(earlier.screener))
    if case.item9 is not None:
        yield Assessment(id="form", at=Moment.of(NOW), instrument=FORM, answers=_form(catalog, case.item9))
    if case.screener is not None:
        at = Moment.of(NOW + timedelta(hours=case.hours))
        yield Assessment(id="screener", at=at, instrument=screener, answers=_answers(case.screener))


def _form(catalog: Catalog, item9: Given) -> tuple[float | None, ...]:
    """A form whose other answers are all 1."""
    items = catalog.instruments[FORM].items
    return tuple((None if item9 == "" else item9) if item.suicidality_trigger is not None else 1.0 for item in items)


def _answers(given: Sequence[Given]) -> tuple[float | None, ...]:
    return tuple(None if answer == "" else answer for answer in given)


def _problems(catalog: Catalog, case: AlertCase) -> Iterator[str]:
    found = triaged(catalog, case)
    tier = found.tier or ("ask" if found.unknown else "none")
    if tier != case.tier:
        yield f"expected {case.tier}, found {tier}{f' by {found.row}' if found.row else ''}"
    elif found.row != case.row:
        yield f"expected the row {case.row!r}, found {found.row!r}"


def _uncovered(catalog: Catalog, cases: Sequence[AlertCase]) -> Iterator[str]:
    """Rows without a case, and clocks without one at the edge and one beyond it."""
    named = {case.row for case in cases}
    yield from (f"no case of the row {row.id!r}" for row in catalog.alerts.rows if row.id not in named and row.when not in CONCERNS)
    rules, hours = catalog.rules[catalog.alerts.rules], catalog.alerts.contact_hours.value
    edges: list[tuple[str, set[float | None], float, float]] = [
        ("contact_hours", {case.hours for case in cases}, hours, hours + 0.1),
        ("the age of an answer", {float(case.late) for case in cases}, *_days(catalog.verdict.suicidality_max_age_days.value)),
    ]
    for name, found in (("suicidality_reviewed", {c.reviewed for c in cases}), ("safety_plan", {c.plan for c in cases})):
        if (days := rules.facts[name].days) is not None:
            edges.append((name, {None if each is None else float(each) for each in found}, *_days(days)))
    for name, given, at, beyond in edges:
        if not {at, beyond} <= given:
            yield f"no case on both sides of {name} ({at:g} and {beyond:g} wanted)"


def _days(edge: float) -> tuple[float, float]:
    return edge, edge + 1
