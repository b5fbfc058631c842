"""The two doors: the whole answer of a question, and what of it stands beside one patient.

Both are kept for as long as their catalog is in use: `review()` asks for the same questions thousands of times.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from euthymia.catalog import Catalog
from euthymia.evidence.applicability import Features, held_against
from euthymia.evidence.certainty import Doubt, level_of, lowered
from euthymia.evidence.pools import Drawn, PooledEffect, doubted, drawn_alone, label, pooled
from euthymia.evidence.quoting import pooled_words, row_words, status_tag, study_row_words
from euthymia.facts import Status
from euthymia.question import Certainty, Judgement, Question
from euthymia.study import Kind, Study
from euthymia.study_links import row

LEVEL_WORDS: dict[Certainty, str] = {
    "high": "high certainty",
    "moderate": "moderate certainty",
    "low": "low certainty",
    "very_low": "very low certainty",
    "none": "no level of certainty",
}
START_WORDS = {
    "rct": "starts high: randomised trials",
    "observational": "starts low: nobody was randomised",
    "no_study": "no study, no level",
    "disputed": "no level: the figures themselves are disputed",
}


@dataclass(frozen=True)
class StudyQuoted:
    """One study as far as the question quotes it. `carries`: whether the certainty rests on it."""

    id: str
    label: str
    citation: str
    population: str
    design: str
    n: str
    rob: str
    rows: tuple[str, ...]
    carries: bool
    links: tuple[str, ...]
    statuses: tuple[Status, ...]


@dataclass(frozen=True)
class Answer:
    """Everything that is known of one question, in reading order."""

    question: Question
    kind: Kind
    sentence: str
    certainty: Certainty
    start: str
    reasons: tuple[Judgement, ...]
    doubts: tuple[Doubt, ...]
    pooled: tuple[PooledEffect, ...]
    pooled_words: tuple[str, ...]
    why_not_pooled: str | None
    alone: tuple[Drawn, ...]
    studies: tuple[StudyQuoted, ...]
    figures: tuple[str, ...]
    statement: str | None
    tells_not: tuple[str, ...]
    positions: tuple[str, ...]
    disagreements: tuple[str, ...]
    statuses: tuple[Status, ...]


@dataclass(frozen=True)
class EvidenceBeside:
    """What stands beside a patient. `certainty_here`: after every mismatch; `partly`: what only some of the studies fit."""

    question: str
    sentence: str
    certainty: Certainty
    certainty_here: Certainty
    mismatches: tuple[str, ...]
    unknown: tuple[str, ...]
    figures: tuple[str, ...]
    positions: tuple[str, ...]
    statuses: tuple[Status, ...]
    partly: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Asked:
    """A question to one catalog; the catalog is compared as the object that it is."""

    question: str
    place: int
    catalog: Catalog = field(compare=False, repr=False)


def answer(question_id: str, catalog: Catalog) -> Answer:
    """The whole answer of one question. Raises KeyError with the known ids."""
    return _answered(_Asked(question_id, id(catalog), catalog))


def beside(question_id: str, catalog: Catalog, features: Features) -> EvidenceBeside:
    """What of a question's answer stands beside a patient with these features. Raises KeyError with the known ids."""
    return _beside(_Asked(question_id, id(catalog), catalog), features)


@lru_cache(maxsize=512)
def _answered(asked: _Asked) -> Answer:
    catalog = asked.catalog
    question = catalog.questions.get(asked.question)
    if question is None:
        raise KeyError(f"unknown question {asked.question!r}; known: {', '.join(catalog.questions)}")
    pools = tuple(pooled(catalog, each) for each in question.pools)
    words = tuple(line for each in pools for line in pooled_words(each, catalog))
    positions = [catalog.grading.positions[each] for each in question.positions]
    studies = tuple(_studies(question, catalog))
    statement = catalog.grading.statements.get(question.statement) if question.statement else None
    statuses = {status for each in studies for status in each.statuses} | {each.status for each in positions}
    return Answer(
        question=question,
        kind=question.kind,
        sentence=question.says,
        certainty=level_of(question.grading.starts, question.grading.judgements),
        start=START_WORDS[question.grading.starts],
        reasons=question.grading.judgements,
        doubts=doubted(catalog, question),
        pooled=pools,
        pooled_words=words,
        why_not_pooled=question.why_not_pooled,
        alone=drawn_alone(catalog, question),
        studies=studies,
        figures=(*words, *_figures(question, catalog)),
        statement=statement.text if statement else None,
        tells_not=question.tells_not,
        positions=tuple(f"{each.body}: {each.says}{status_tag(each)}" for each in positions),
        disagreements=question.disagreements,
        statuses=tuple(sorted(statuses | {question.grading.status})),
    )


def _figures(question: Question, catalog: Catalog) -> Iterator[str]:
    for name in question.carries:
        if found := row(catalog, name):
            yield study_row_words(*found)


def _studies(question: Question, catalog: Catalog) -> Iterator[StudyQuoted]:
    carrying = {name.partition("/")[0] for name in question.carries}
    by_study: dict[str, list[str]] = {}
    for name in question.rows():
        by_study.setdefault(name.partition("/")[0], []).append(name.partition("/")[2])
    for study_id, rows in by_study.items():
        study = catalog.studies[study_id]
        results = [found for found in (study.result(each) for each in rows) if found is not None]
        yield StudyQuoted(
            id=study_id,
            label=label(study),
            citation=study.citation,
            population=f"{study.population.text}{status_tag(study.population)}",
            design=study.design_words,
            n=f"{study.n.value}{status_tag(study.n)}" if study.n else "not known",
            rob=study.rob,
            rows=tuple(row_words(study, each) for each in results),
            carries=study_id in carrying,
            links=tuple(_links(study)),
            statuses=tuple(sorted({each.status for each in (study.population, *results, *study.arms, *([study.n] if study.n else []))})),
        )


def _links(study: Study) -> Iterator[str]:
    if study.doi is not None:
        yield f"doi {study.doi.text}{status_tag(study.doi)}"
    if study.pmid is not None:
        yield f"PMID {study.pmid.text}{status_tag(study.pmid)}"


@lru_cache(maxsize=4096)
def _beside(asked: _Asked, features: Features) -> EvidenceBeside:
    found = _answered(asked)
    held = held_against(found.question, asked.catalog, features)
    here = lowered(found.certainty, held.levels)
    sentence = found.sentence
    if here != found.certainty:
        sentence += f" For this patient: {LEVEL_WORDS[here]}, since the evidence is from elsewhere ({'; '.join(held.mismatches)})."
    elif held.mismatches:
        sentence += f" The evidence is from elsewhere ({'; '.join(held.mismatches)})."
    return EvidenceBeside(
        question=found.question.id,
        sentence=sentence,
        certainty=found.certainty,
        certainty_here=here,
        mismatches=held.mismatches,
        unknown=held.unknown,
        figures=found.figures,
        positions=found.positions,
        statuses=found.statuses,
        partly=held.partly,
    )
