"""Monitoring forms: which sessions have one, by when it is due, what is filled in; both sides of each clock."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.events import DoseSession, Event, Measurement, Observation
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.moment import Moment
from euthymia.monitoring_form import MonitoringForm
from euthymia.record import PatientRecord
from euthymia.rems import SUBMITTED, CannotTellRems, NotRems, RemsForm, rems_duties, rems_form


class FormCase(Case):
    """A session `from_start` days after the version came into force, looked at `after` days later; what must come out.

    `minutes`: how long it lasted. `pressure_at`: minutes after the dose; `pressure_to_end`: minutes before the end.
    `reviewed`: how many days before the session the list of medicines was gone through. "" in `answers`: missing.
    """

    treatment: str = "esketamine"
    route: str | None = "intranasal"
    from_start: int = 30
    after: int = 0
    minutes: int = 125
    pressure_at: int | None = None
    pressure_to_end: int | None = None
    reviewed: int | None = None
    submitted: bool = False
    expect: Literal["form", "not_rems", "cannot_tell"]
    version: str | None = Field(None, description="Of a form; absent: this one.")
    state: Literal["submitted", "due", "overdue"] | None = None
    answers: dict[str, str] = Field({})


class FormCases(CaseFile):
    """The cases of one version."""

    cases: tuple[FormCase, ...] = Field(min_length=1)


def form_files(catalog: Catalog, folders: Sequence[Path]) -> list[FileReport]:
    """The reports of the case files of every version."""
    return [_file(catalog, form, folders) for form in catalog.forms.values()]


def _file(catalog: Catalog, form: MonitoringForm, folders: Sequence[Path]) -> FileReport:
    name = f"forms/{form.id}.cases.toml"
    try:
        cases = read_knowledge(find(name, folders), FormCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, form, case)]
    return FileReport(name, len(cases), (*wrong, *twice(cases), *_uncovered(form, cases)))


def _problems(catalog: Catalog, form: MonitoringForm, case: FormCase) -> Iterator[str]:
    day = form.in_force.day + timedelta(days=case.from_start)
    record, on = PatientRecord(patient_id="case", events=tuple(_events(day, case))), day + timedelta(days=case.after)
    found = rems_form(record, "session", catalog, on)
    said = {RemsForm: "form", NotRems: "not_rems", CannotTellRems: "cannot_tell"}[type(found)]
    if said != case.expect:
        yield f"expected {case.expect}, found {said}"
        return
    states = [duty.state for duty in rems_duties(record, catalog, on)]
    if states != ([case.state] if case.state else []):
        yield f"expected the state {case.state}, found {', '.join(states) or None}"
    if isinstance(found, RemsForm):
        if found.version != (case.version or form.id):
            yield f"expected the version {case.version or form.id}, found {found.version}"
        known = {answer.id: answer.words for answer in found.answers}
        yield from (
            f"{key}: expected {words!r}, found {known.get(key)!r}" for key, words in case.answers.items() if known.get(key) != words
        )


def _events(day: date, case: FormCase) -> Iterator[Event]:
    start = datetime.combine(day, time(10), UTC)
    end = start + timedelta(minutes=case.minutes)
    yield DoseSession(id="session", at=Moment.of(start), treatment=case.treatment, route=case.route, ended=Moment.of(end))
    for minutes in (case.pressure_at, None if case.pressure_to_end is None else case.minutes - case.pressure_to_end):
        if minutes is not None:
            for measure, value in (("systolic", 128.0), ("diastolic", 80.0)):
                at = Moment.of(start + timedelta(minutes=minutes))
                yield Measurement(id=f"{measure}-{minutes}", at=at, measure=measure, value=value, unit="mm[Hg]")
    if case.reviewed is not None:
        reviewed = Moment.of(day - timedelta(days=case.reviewed))
        yield Observation(id="reviewed", at=reviewed, about="medicines_reviewed", answer="yes")
    if case.submitted:
        yield Observation(id="submitted", at=Moment.of(day), about=SUBMITTED, answer="yes", of="session")


def _uncovered(form: MonitoringForm, cases: Sequence[FormCase]) -> Iterator[str]:
    """Clocks without a case at the edge and one beyond it."""
    within, least = int(form.submit_within_days.value), int(form.minimum_minutes.value)
    check, window = int(form.check_minutes.value), int(form.check_window_minutes.value)
    end, age = int(form.end_window_minutes.value), int(form.medicines_age.days or 0)
    edges: list[tuple[str, set[int | None], set[int | None]]] = [
        ("in_force", {c.from_start for c in cases}, {-1, 0}),
        ("submit_within_days", {c.after for c in cases if not c.submitted}, {within, within + 1}),
        ("minimum_minutes", {c.minutes for c in cases}, {least - 1, least}),
        ("check_window_minutes", {c.pressure_at for c in cases}, {check - window - 1, check - window, check + window, check + window + 1}),
        ("end_window_minutes", {c.pressure_to_end for c in cases}, {end, end + 1}),
        ("medicines_age", {c.reviewed for c in cases}, {age, age + 1}),
    ]
    for name, found, wanted in edges:
        if missing := wanted - found:
            yield f"no case on both sides of {name} ({', '.join(str(each) for each in sorted(missing, key=str))} wanted)"
