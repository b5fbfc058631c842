"""Treatment trials: every case judged; both sides of every minimum (dose, level, days, sessions, time, adherence, gaps) asked for."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.adequacy import Adequacy, Trial, trials
from euthymia.adequacy.trial import CountsAs, TrialOutcome, Why
from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, same, twice
from euthymia.episode import current_episode
from euthymia.events import DoseSession, Episode, Event, Measurement, Medication, TreatmentCourse
from euthymia.facts import Strict
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.treatment import Dose, Treatment, TreatmentKind

DAY_ZERO, LAST_DAY = date(2024, 1, 1), date(2026, 1, 1)
FILES = ("antidepressants", "augmentation", "procedures", "rules")


class Entry(Strict):
    """One entry of a record. Days are counted from any day; no `to`: no end. `dose` in mg a day, or a session's (mg, or mg/kg)."""

    treatment: str
    begin: int = 0
    end: int | None = None
    dose: float | None = None
    per_kg: float | None = None
    route: str | None = None
    sessions: int | None = Field(None, description="A course of so many sessions; with `every`, sessions one by one.")
    every: float | None = None
    technique: str | None = None
    level: float | None = None
    unit: str = "mmol/L"
    adherence: float | None = None
    outcome: TrialOutcome = "unknown"
    stopped: str | None = None


class TrialCase(Case):
    """Entries, and what the trial of the first of them becomes."""

    entries: tuple[Entry, ...] = Field(min_length=1)
    adequacy: Adequacy
    why: Why | None = None
    kind: TreatmentKind | None = None
    counts: CountsAs | None = None
    trials: int | None = Field(None, description="How many trials the entries are.")
    atrq: bool | None = None
    says: str | None = Field(None, description="Words of a reason.")


class TrialCases(CaseFile):
    """The cases of one file of treatments."""

    cases: tuple[TrialCase, ...] = Field(min_length=1)


def adequacy_files(catalog: Catalog, folders: Sequence[Path]) -> list[FileReport]:
    """The reports of all case files of treatments; every edge has its cases in one of them."""
    reports, everything = [], []
    for stem in FILES:
        name = f"adequacy/{stem}.cases.toml"
        try:
            cases = read_knowledge(find(name, folders), TrialCases).cases
        except CatalogError as error:
            reports.append(FileReport(name, 0, (str(error),)))
            continue
        everything += list(cases)
        wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case)]
        reports.append(FileReport(name, len(cases), (*wrong, *twice(cases))))
    edges = tuple(_uncovered(catalog, everything))
    last = reports[-1]
    return [*reports[:-1], FileReport(last.name, last.cases, (*last.failures, *edges))]


def judged(catalog: Catalog, case: TrialCase) -> tuple[Trial, ...]:
    """The trials of a case, those of its first entry first."""
    events: list[Event] = [Episode(id="episode", at=Moment.of(DAY_ZERO))]
    for number, entry in enumerate(case.entries):
        events += list(_events(entry, f"{number:03}"))
    record = PatientRecord(patient_id="case", events=tuple(events)).until(LAST_DAY)
    found = trials(record, current_episode(record, catalog), catalog, LAST_DAY)
    return tuple(sorted(found, key=lambda trial: min(trial.events)))


def _events(entry: Entry, name: str) -> Iterator[Event]:
    at, end = _day(entry.begin), None if entry.end is None else _day(entry.end)
    if entry.level is not None:
        yield Measurement(id=f"{name}-level", at=at, measure=f"{entry.treatment} level", value=entry.level, unit=entry.unit)
    elif entry.sessions is not None and entry.every is not None:
        for k in range(entry.sessions):
            day = _day(entry.begin + round(k * entry.every))
            yield DoseSession(
                id=f"{name}-{k:03}", at=day, treatment=entry.treatment, route=entry.route, dose_mg=entry.dose, dose_mg_per_kg=entry.per_kg
            )
    elif entry.sessions is not None or entry.technique is not None or (entry.dose is None and entry.route == "course"):
        yield TreatmentCourse(
            id=name,
            at=at,
            ended=end,
            treatment=entry.treatment,
            technique=entry.technique,
            sessions_done=entry.sessions,
            outcome=entry.outcome,
            stopped_because=entry.stopped,
        )
    else:
        yield Medication(
            id=name,
            at=at,
            ended=end,
            drug=entry.treatment,
            daily_dose_mg=entry.dose,
            route=entry.route,
            adherence_percent=entry.adherence,
            outcome=entry.outcome,
            stopped_because=entry.stopped,
        )


def _day(number: int) -> Moment:
    return Moment.of(DAY_ZERO + timedelta(days=number))


def _problems(catalog: Catalog, case: TrialCase) -> Iterator[str]:
    found = judged(catalog, case)
    first = found[0]
    pairs: list[tuple[str, object, object]] = [("adequacy", case.adequacy, first.adequacy), ("why", case.why, first.why)]
    pairs += [("kind", case.kind, first.kind)] if case.kind else []
    pairs += [("counts", case.counts, first.counts_as)] if case.counts else []
    pairs += [("trials", case.trials, len(found))] if case.trials is not None else []
    pairs += [("ATRQ", case.atrq, first.atrq)] if case.atrq is not None else []
    yield from (f"expected {name} {expected}, found {got}" for name, expected, got in pairs if expected != got)
    if case.says is not None and not any(case.says in reason for reason in first.reasons):
        yield f"expected a reason with {case.says!r}, found {'; '.join(first.reasons)}"


def _uncovered(catalog: Catalog, cases: Sequence[TrialCase]) -> Iterator[str]:
    """Every minimum without a case at it and one just short of it."""
    by_treatment: dict[str, list[TrialCase]] = {}
    for case in cases:
        for trial in judged(catalog, case)[:1]:
            by_treatment.setdefault(trial.treatment or "", []).append(case)
    for treatment in catalog.treatments.values():
        own = by_treatment.get(treatment.id, [])
        yield from (f"{treatment.id}: {problem}" for problem in _uncovered_treatment(treatment, own))
    yield from _uncovered_rules(catalog, cases)


def _uncovered_treatment(treatment: Treatment, cases: Sequence[TrialCase]) -> Iterator[str]:
    if not cases:
        yield "no case"
    for dose in (*([treatment.dose] if treatment.dose else []), *treatment.form_doses):
        if missing := [side for side in ("adequate", "inadequate") if not any(_at_dose(c, dose, side) for c in cases)]:
            yield f"no case on both sides of {dose.words} ({' and '.join(missing)} wanted)"
    for other in treatment.other_doses:
        if not any(case.says and other.words in case.says for case in cases):
            yield f"no case that says what another list asks, {other.words}"
    yield from _uncovered_level(treatment, cases)
    yield from _uncovered_course(treatment, cases)


def _uncovered_level(treatment: Treatment, cases: Sequence[TrialCase]) -> Iterator[str]:
    if treatment.level is not None:
        limits = [treatment.level.at_least, *([treatment.level.at_most] if treatment.level.at_most is not None else [])]
        levels = {(e.level, c.adequacy == "adequate") for c in cases for e in c.entries if e.level is not None}
        for limit in limits:
            if (limit, True) not in levels or not any(not ok and abs(value - limit) <= limit / 10 for value, ok in levels):
                yield f"no case on both sides of a level of {limit:g}"


def _uncovered_course(treatment: Treatment, cases: Sequence[TrialCase]) -> Iterator[str]:
    if treatment.sessions is not None:
        counts = {(e.sessions, c.adequacy) for c in cases for e in c.entries[:1]}
        if not {(treatment.sessions.minimum, "adequate"), (treatment.sessions.minimum - 1, "inadequate")} <= counts:
            yield f"no case on both sides of {treatment.sessions.minimum} sessions"
        if (within := treatment.sessions.within_days) and not _both_windows(cases, treatment.sessions.minimum, within):
            yield f"no case on both sides of {within:g} days for the sessions"
    if treatment.days is not None and not _both_lengths(cases, treatment.days.value):
        yield f"no case on both sides of {treatment.days.value:g} days"


def _at_dose(case: TrialCase, dose: Dose, side: Literal["adequate", "inadequate"] | str) -> bool:
    """Whether a case stands at a minimum (adequate), or at most a tenth below it (inadequate for its dose)."""
    given = [e.per_kg if dose.unit == "mg/kg" else e.dose for e in case.entries[:1]]
    form = not dose.forms or any(word in case.entries[0].treatment.lower() for word in dose.forms)
    at = [amount for amount in given if amount is not None and form]
    if side == "adequate":
        return case.adequacy == "adequate" and any(same(amount, dose.amount) for amount in at)
    return case.why == "dose" and any(dose.amount * 0.9 <= amount < dose.amount for amount in at)


def _both_windows(cases: Sequence[TrialCase], minimum: int, within: float) -> bool:
    """Whether the sessions of one case span exactly the time allowed, and of another a day more."""
    spans = {(round((e.sessions - 1) * e.every), c.adequacy) for c in cases for e in c.entries[:1] if e.sessions == minimum and e.every}
    return any((edge, "adequate") in spans and (edge + 1, "inadequate") in spans for edge in [int(within)])


def _both_lengths(cases: Sequence[TrialCase], days: float) -> bool:
    lengths = {(e.end - e.begin, c.adequacy) for c in cases for e in c.entries[:1] if e.end is not None}
    return {(int(days), "adequate"), (int(days) - 1, "inadequate")} <= lengths


def _uncovered_rules(catalog: Catalog, cases: Sequence[TrialCase]) -> Iterator[str]:
    """The edges of the rules that hold for every trial: two cases each, a day or a percent apart, that come out differently."""
    rules = catalog.adequacy
    lone = [case for case in cases if len(case.entries) == 1]
    if not _both_lengths(lone, rules.minimum_days.value):
        yield f"no case on both sides of {rules.minimum_days.value:g} days"
    longer = {(e.end - e.begin, c.atrq) for c in lone for e in c.entries if e.end is not None}
    if not {(int(rules.atrq_days.value), True), (int(rules.atrq_days.value) - 1, False)} <= longer:
        yield f"no case on both sides of {rules.atrq_days.value:g} days for the MGH-ATRQ"
    taken = {(e.adherence, c.adequacy) for c in lone for e in c.entries}
    if not {(rules.adherence_percent.value, "adequate"), (rules.adherence_percent.value - 1, "inadequate")} <= taken:
        yield f"no case on both sides of {rules.adherence_percent.value:g} % taken"
    pauses = {(c.entries[1].begin - c.entries[0].end, c.trials) for c in cases if len(c.entries) == 2 and c.entries[0].end is not None}
    silent = {(c.entries[1].begin - c.entries[0].begin, c.trials) for c in cases if len(c.entries) == 2 and c.entries[0].end is None}
    for name, edge, found in (("step_gap", rules.step_gap_days, pauses), ("open_entry", rules.open_entry_days, silent)):
        if not {(int(edge.value), 1), (int(edge.value) + 1, 2)} <= found:
            yield f"no case on both sides of {edge.value:g} days ({name}_days)"
    beside = {(c.entries[1].end - c.entries[0].begin, c.kind) for c in cases if len(c.entries) == 2 and c.entries[1].end is not None}
    taper = int(rules.cross_taper_days.value)
    if not {(taper, "antidepressant"), (taper + 1, "augmentation")} <= beside:
        yield f"no case on both sides of {taper} days (cross_taper_days)"
    gaps = {(round(c.entries[0].every), c.trials) for c in cases if c.entries[0].every}
    if not any((int(rules.session_gap_days.value), 1) in gaps and (int(rules.session_gap_days.value) + 1, 2) in gaps for _ in [0]):
        yield f"no case on both sides of {rules.session_gap_days.value:g} days (session_gap_days)"
