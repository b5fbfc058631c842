"""Do the questions of `knowledge/evidence` lead to rows that exist, of their own kind, and that can be pooled as they ask?"""

from collections.abc import Iterator

from euthymia.catalog import Catalog
from euthymia.knowledge_file import CatalogError
from euthymia.question import Pooled, Question
from euthymia.study import Measure, Result, Study

COUNTED: tuple[Measure, ...] = ("RR", "OR", "RD")


def check_questions(catalog: Catalog) -> None:
    """Raises CatalogError at the first question that quotes what is not there, or what is not its kind."""
    for question in catalog.questions.values():
        for problem in question_problems(catalog, question):
            raise CatalogError(f"{question.id}.toml: {problem}")


def question_problems(catalog: Catalog, question: Question) -> Iterator[str]:
    """What is wrong with the links of one question. Acute, maintenance and low-dose figures never stand in one answer."""
    for name in question.rows():
        found = row(catalog, name)
        if found is None:
            yield f"found the row {name!r}; allowed: study/result, both of them ids of evidence/studies"
        elif found[1].kind != question.kind:
            yield f"found {name!r}, evidence of kind {found[1].kind}; allowed: rows of kind {question.kind}"
    for position in question.positions:
        if position not in catalog.grading.positions:
            yield f"positions: found {position!r}; allowed: {', '.join(catalog.grading.positions)}"
    for pool in question.pools:
        for each in pool.studies:
            if found := row(catalog, each.row):
                yield from _pool_problems(pool.measure, each, *found)


def row(catalog: Catalog, name: str) -> tuple[Study, Result] | None:
    """The study and its row by "study/result"; None where either is not there."""
    study_id, _, result_id = name.partition("/")
    study = catalog.studies.get(study_id)
    result = study.result(result_id) if study is not None else None
    return None if study is None or result is None else (study, result)


def _pool_problems(measure: Measure, each: Pooled, study: Study, result: Result) -> Iterator[str]:
    if measure in COUNTED:
        known = [share.arm for share in result.shares]
        if each.arms is None or not set(each.arms) <= set(known):
            yield f"{each.row}: arms: found {each.arms}; allowed: two of {', '.join(known)}"
        elif study.counts(result) is None:
            yield f"{each.row}: found percentages that are not exact whole numbers of people; allowed: counts that are known"
    elif result.effect is None or result.effect.measure != measure:
        yield f"{each.row}: found no {measure}; allowed: a row that printed one"
    elif result.effect.se is None and result.effect.lower is None:
        yield f"{each.row}: found a {measure} without a standard error or an interval; allowed: one with either"
