"""Resistance and staging: every case told; both sides of every number of trials, month, band and stage asked for."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from pydantic import Field

from euthymia.adequacy import Adequacy, Trial, TrialOutcome
from euthymia.adequacy.spans import Between
from euthymia.adequacy.trial import counts_as
from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.facts import Strict
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.moment import Moment
from euthymia.resistance import Staging, State
from euthymia.resistance.definitions import resistance
from euthymia.resistance.staging import Beside, staging
from euthymia.resistance.telling import severity_scores
from euthymia.resistance_table import Maudsley
from euthymia.treatment import TreatmentKind

ON = date(2026, 1, 1)


class TrialGiven(Strict):
    """A trial as it was judged. `times`: so many different ones of it. `in_episode`: yes, no or unknown."""

    drug: str = Field(description="Its name; the same name twice is the same drug.")
    drug_class: str | None = "SSRI"
    kind: TreatmentKind = "antidepressant"
    adequacy: Adequacy = "adequate"
    outcome: TrialOutcome = "none"
    in_episode: str = "yes"
    technique: str | None = None
    days: int = 60
    times: int = 1


class ResistanceCase(Case):
    """Trials, and by which definitions they are resistance; or what a method of staging makes of them."""

    trials: tuple[TrialGiven, ...] = ()
    states: dict[str, State] = Field({})
    thase_rush: str | None = None
    mgh: tuple[float, float] | None = Field(None, description="Lowest and highest.")
    maudsley: tuple[float, float] | None = Field(None, description="Lowest and highest.")
    not_applicable: bool = False
    label: str | None = None
    onset: tuple[str, str] | None = Field(None, description="The first and the last day on which the episode can have begun.")
    severity: int | None = None
    band: str | None = None
    psychotic: str | None = Field(None, description="yes, no or unknown.")
    scores: tuple[float, float] | None = Field(None, description="What a severity band gives.")


class ResistanceCases(CaseFile):
    """The cases of the resistance table."""

    cases: tuple[ResistanceCase, ...] = Field(min_length=1)


def resistance_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the resistance table's cases."""
    name = "adequacy/resistance.cases.toml"
    try:
        cases = read_knowledge(find(name, folders), ResistanceCases).cases
    except CatalogError as error:
        return FileReport(name, 0, (str(error),))
    wrong = [f"{case.name}: {problem}" for case in cases for problem in _problems(catalog, case)]
    return FileReport(name, len(cases), (*wrong, *twice(cases), *_uncovered(catalog, cases)))


def given(case: ResistanceCase) -> tuple[Trial, ...]:
    """The trials of a case."""
    return tuple(_trial(one, f"{number}-{k}", k) for number, one in enumerate(case.trials) for k in range(one.times))


def _trial(one: TrialGiven, name: str, copy: int) -> Trial:
    return Trial(
        id=name,
        events=(name,),
        treatment=f"{one.drug}{copy or ''}",
        name=one.drug,
        kind=one.kind,
        drug_class=one.drug_class if one.kind == "antidepressant" else None,
        start=Moment.of(ON - timedelta(days=300)),
        end=Moment.of(ON - timedelta(days=200)),
        ended_known=True,
        going_on=False,
        in_episode={"yes": True, "no": False}.get(one.in_episode),
        exposure="as given",
        adequacy=one.adequacy,
        why="dose" if one.adequacy == "inadequate" else None,
        reasons=(),
        missing=(),
        outcome=one.outcome,
        outcome_source=None,
        counts_as=counts_as(one.adequacy, one.outcome),
        basis="design",
        days_lowest=one.days if one.adequacy == "adequate" else 0,
        days_highest=0 if one.adequacy == "inadequate" else one.days,
        technique=one.technique,
        drug=one.kind in ("antidepressant", "augmentation"),
    )


def _problems(catalog: Catalog, case: ResistanceCase) -> Iterator[str]:
    table, trials = catalog.resistance, given(case)
    by_id = {definition.id: definition for definition in table.definitions}
    for name, state in case.states.items():
        if name not in by_id:
            yield f"found the definition {name!r}; allowed: {', '.join(by_id)}"
        elif (found := resistance(by_id[name], trials, onset_known=True).state) != state:
            yield f"expected {name} {state}, found {found}"
    onset = Between(*(float(date.fromisoformat(day).toordinal()) for day in case.onset)) if case.onset else None
    severity = Between(case.severity, case.severity) if case.severity else None
    stages = {found.method: found for found in staging(table, trials, Beside(onset, ON, severity, ""))}
    if case.thase_rush is not None and stages["thase_rush"].value != case.thase_rush:
        yield f"expected stage {case.thase_rush}, found {stages['thase_rush'].value}"
    for method, expected in (("mgh_s", case.mgh), ("maudsley", case.maudsley)):
        points = (stages[method].lowest, stages[method].highest)
        if expected is not None and points != expected:
            yield f"expected {method} {expected}, found {points}"
    yield from _words_problems(catalog, case, stages["maudsley"])


def _words_problems(catalog: Catalog, case: ResistanceCase, found: Staging) -> Iterator[str]:
    """The label of a total, whether the method applies at all, and what a band of severity gives."""
    if case.not_applicable != (found.lowest is None) and case.trials:
        yield f"expected Maudsley {'not applicable' if case.not_applicable else 'applicable'}"
    if case.label is not None and f"that is {case.label}" not in found.reasons:
        yield f"expected {case.label}, found {found.reasons[-1]}"
    if case.band is not None and case.scores is not None:
        psychotic = {"yes": True, "no": False}.get(case.psychotic or "")
        got = severity_scores(catalog.resistance.maudsley.severity, case.band, psychotic)
        if (got.low, got.high) != case.scores:
            yield f"expected severity {case.scores}, found {(got.low, got.high)}"


def _uncovered(catalog: Catalog, cases: Sequence[ResistanceCase]) -> Iterator[str]:
    """Every number that no pair of cases stands on both sides of."""
    table = catalog.resistance
    for definition in table.definitions:
        told = {(_countable(case, definition.outcome), case.states.get(definition.id)) for case in cases}
        if not {(definition.minimum_trials, "met"), (definition.minimum_trials - 1, "not_met")} <= told:
            yield f"{definition.id}: no case on both sides of {definition.minimum_trials} trials"
        if definition.outcome == "no_response" and not any(
            case.states.get(definition.id) == "cannot_tell" and any(t.adequacy == "indeterminate" for t in case.trials) for case in cases
        ):
            yield f"{definition.id}: no case that an indeterminate trial leaves open"
    for stage in table.thase_rush.stages:
        if not any(case.thase_rush == stage.stage for case in cases):
            yield f"thase_rush: no case of stage {stage.stage}"
    yield from _uncovered_maudsley(table.maudsley, cases)


def _uncovered_maudsley(method: Maudsley, cases: Sequence[ResistanceCase]) -> Iterator[str]:
    """Rows, months, totals and bands without their cases."""
    counts = {_countable(case, "no_response") for case in cases if case.maudsley is not None}
    for row in method.trials:
        if row.at_most is not None and not {int(row.at_most), int(row.at_most) + 1} <= counts:
            yield f"maudsley: no case on both sides of {row.at_most:g} trials"
    yield from _uncovered_months(method, cases)
    for total in method.totals:
        for points in (total.low, total.high):
            if not any(case.label == total.label and case.maudsley == (points, points) for case in cases):
                yield f"maudsley: no case at {points}, an edge of {total.label}"
    bands = {case.band for case in cases}
    yield from (f"maudsley: no case of the band {band}" for band in method.severity.bands if band not in bands)


def _uncovered_months(method: Maudsley, cases: Sequence[ResistanceCase]) -> Iterator[str]:
    onsets = {case.onset for case in cases if case.maudsley is not None and case.onset}
    for row in method.duration_months:
        if row.at_most is not None:
            edge = ON.replace(year=ON.year - int(row.at_most) // 12)
            for day in (edge, edge - timedelta(days=1)):
                if (day.isoformat(), day.isoformat()) not in onsets:
                    yield f"maudsley: no case of an onset on {day.isoformat()}, a side of {row.at_most:g} months"


def _countable(case: ResistanceCase, outcome: str) -> int:
    """Different antidepressants of the episode that were adequate with this outcome."""
    wanted = ("none", "worse") if outcome == "no_response" else ("partial",)
    taken = [t for t in case.trials if t.kind == "antidepressant" and t.adequacy == "adequate" and t.in_episode == "yes"]
    return sum(t.times for t in {t.drug: t for t in taken if t.outcome in wanted}.values())
