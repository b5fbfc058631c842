"""Evidence: every doubt and level judged, both sides of every threshold asked for; and every question against its own level.

A question is wrong where its judgements give another level than the clinical pack drafted, where its sentence is worded
surer or less sure than that level, or where its figures raise a doubt that no judgement looks at.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from euthymia.catalog import Catalog
from euthymia.check.cases import Case, CaseFile, FileReport, find, twice
from euthymia.evidence.applicability import Features, held_against
from euthymia.evidence.certainty import Weighed, doubts, level, level_of, lowered
from euthymia.evidence.pools import doubted
from euthymia.knowledge_file import CatalogError, read_knowledge
from euthymia.question import LEVELS, Certainty, Domain, Question

_NAME = "evidence/grading.cases.toml"
_CERTAIN_WORDS = ("probably", " may ", "very uncertain")


class DoubtCase(Case):
    """What the figures say, and the domains that they must ask about (each doubt once)."""

    i2: float | None = None
    participants: int | None = None
    events: int | None = None
    counted: bool = False
    lower: float | None = None
    upper: float | None = None
    null: float | None = None
    comparator: Literal["psychoactive", "inactive", "open", "sham", "none"] | None = None
    guess_rate: float | None = None
    dropout_difference: float | None = None
    madrs: bool = False
    asks: tuple[Domain, ...]


class LevelCase(Case):
    """Where a level starts, by how much it is changed, and what it must be."""

    starts: Literal["rct", "observational", "no_study", "disputed"]
    changes: tuple[int, ...] = ()
    level: Certainty


class PatientCase(Case):
    """A patient beside a question: the mismatches that must be printed, and the level that is left."""

    question: str
    age: float | None = None
    trials_without_response: int | None = None
    psychotic: bool | None = None
    polarity: str | None = None
    setting: str | None = None
    route: str | None = None
    co_treatment: tuple[str, ...] = ()
    mismatches: tuple[str, ...]
    here: Certainty


class GradingCases(CaseFile):
    """The cases of grading.toml."""

    doubts: tuple[DoubtCase, ...] = Field(min_length=1)
    levels: tuple[LevelCase, ...] = Field(min_length=1)
    patients: tuple[PatientCase, ...] = Field(min_length=1)


def grading_file(catalog: Catalog, folders: Sequence[Path]) -> FileReport:
    """The report of the cases of grading.toml."""
    try:
        cases = read_knowledge(find(_NAME, folders), GradingCases)
    except CatalogError as error:
        return FileReport(_NAME, 0, (str(error),))
    wrong = [*_doubt_problems(catalog, cases.doubts), *_level_problems(cases.levels), *_patient_problems(catalog, cases.patients)]
    every: tuple[Case, ...] = (*cases.doubts, *cases.levels, *cases.patients)
    return FileReport(_NAME, len(every), (*wrong, *twice(every), *_uncovered(catalog, cases)))


def question_files(catalog: Catalog) -> Iterator[FileReport]:
    """One report a question: its level, its words and its doubts are one case each."""
    for question in catalog.questions.values():
        yield FileReport(f"evidence/questions/{question.id}.toml", 3, tuple(_question_problems(catalog, question)))


def _question_problems(catalog: Catalog, question: Question) -> Iterator[str]:
    found, drafted = level_of(question.grading.starts, question.grading.judgements), question.grading.draft
    if drafted and found not in drafted:
        yield f"expected the certainty {' or '.join(drafted)} of the draft, found {found}"
    said = {words for words in _CERTAIN_WORDS if words in f" {question.says} "}
    word = catalog.grading.words[found].text if found != "none" and found != "high" else None
    wanted = {words for words in _CERTAIN_WORDS if words.strip() == word}
    if said != wanted:
        yield f"says: found {', '.join(sorted(said)) or 'no word of doubt'} at the level {found}; allowed: {word or 'none of them'}"
    looked = {judgement.domain for judgement in question.grading.judgements}
    for doubt in doubted(catalog, question):
        if doubt.domain not in looked:
            found_nothing = f"grading: found no judgement of {doubt.domain}, which the figures ask about ({doubt.why})"
            yield f"{found_nothing}; allowed: one, 0 with its reason"


def _doubt_problems(catalog: Catalog, cases: Sequence[DoubtCase]) -> Iterator[str]:
    for case in cases:
        found = [doubt.domain for doubt in doubts(_weighed(case), catalog.grading)]
        if sorted(found) != sorted(case.asks):
            yield f"{case.name}: expected {', '.join(case.asks) or 'no doubt'}, found {', '.join(found) or 'no doubt'}"


def _weighed(case: DoubtCase) -> Weighed:
    return Weighed(**{name: getattr(case, name) for name in Weighed.__dataclass_fields__})


def _level_problems(cases: Sequence[LevelCase]) -> Iterator[str]:
    for case in cases:
        if (found := level(case.starts, case.changes)) != case.level:
            yield f"{case.name}: expected {case.level}, found {found}"


def _patient_problems(catalog: Catalog, cases: Sequence[PatientCase]) -> Iterator[str]:
    for case in cases:
        question = catalog.questions.get(case.question)
        if question is None:
            yield f"{case.name}: found the question {case.question!r}; allowed: {', '.join(catalog.questions)}"
            continue
        features = Features(**{name: getattr(case, name) for name in Features.__dataclass_fields__})
        held = held_against(question, catalog, features)
        here = lowered(level_of(question.grading.starts, question.grading.judgements), held.levels)
        if (held.mismatches, here) != (case.mismatches, case.here):
            yield f"{case.name}: expected {list(case.mismatches)} and {case.here}, found {list(held.mismatches)} and {here}"


def _uncovered(catalog: Catalog, cases: GradingCases) -> Iterator[str]:
    """Thresholds without a case on one of their sides, and levels that no case reaches."""
    rules = catalog.grading
    for name, edge, step, asks_above in (
        ("i2", rules.inconsistency_i2.value, 1.0, True),
        ("participants", rules.few_participants.value, 1.0, False),
        ("events", rules.few_events.value, 1.0, False),
        ("guess_rate", rules.guess_rate.value, 1.0, True),
        ("dropout_difference", rules.dropout_difference.value, 1.0, True),
    ):
        seen = {(getattr(case, name), bool(case.asks)) for case in cases.doubts}
        beyond = edge + step if asks_above else edge - step
        if not {(edge, False), (beyond, True)} <= seen:
            yield f"no case on both sides of {name} {edge:g}: asked about at {beyond:g}, not at {edge:g}"
    sides = {case.lower for case in cases.doubts if case.madrs}
    if not {-rules.meaningful_madrs.value, -rules.meaningful_madrs.value + 0.1} <= sides:
        yield f"no case on both sides of the {rules.meaningful_madrs.value:g} points of MADRS that one person notices"
    reached = {case.level for case in cases.levels}
    yield from (f"no case of the level {each}" for each in (*LEVELS, "none") if each not in reached)
    trials = {case.trials_without_response for case in cases.patients}
    if not {rules.resistant_trials.value, rules.resistant_trials.value - 1} <= trials:
        yield f"no case on both sides of {rules.resistant_trials.value:g} trials without response"
