"""The answer of a question as a self-contained page: the claim, its certainty, a forest plot, every study and its status."""

from pathlib import Path

from euthymia.evidence.answering import Answer
from euthymia.report.evidence_words import GROUP_WORDS, HOW_KNOWN, certainty_words, reasons
from euthymia.report.forest import direction_words, forest_chart, forests
from euthymia.report.html import picture_page
from euthymia.report.tokens import DARK, LIGHT
from euthymia.report.words import DECISION_SUPPORT, NOT_ADOPTED


def evidence_page(answer: Answer, adopted_by: str | None = None) -> str:
    """The page of one answer; `adopted_by`: who adopted the catalog, where a site has."""
    forest = next(iter(forests(answer)), None)
    charts = (forest_chart(forest, LIGHT), forest_chart(forest, DARK)) if forest else (None, None)
    return picture_page(
        "evidence.html",
        *charts,
        answer=answer,
        group=GROUP_WORDS[answer.question.group],
        certainty=certainty_words(answer.certainty),
        reasons=list(reasons(answer)),
        forest=forest,
        directions=direction_words(forest) if forest else None,
        left_out=[line for each in answer.pooled for line in each.pool.left_out],
        carrying=[each for each in answer.studies if each.carries],
        others=[each for each in answer.studies if not each.carries],
        lines=[HOW_KNOWN, NOT_ADOPTED if adopted_by is None else f"Adopted by {adopted_by}.", DECISION_SUPPORT],
    )


def write_evidence_page(answer: Answer, path: Path, adopted_by: str | None = None) -> Path:
    """Write the page to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(evidence_page(answer, adopted_by), encoding="utf-8")
    return path
