"""`euthymia evidence`: the questions that studies answer, and one answer with its figures and its certainty."""

import json
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from euthymia.cli.asking import AsJson, Site, catalog_of, plain_errors, stop

if TYPE_CHECKING:
    from euthymia.evidence import Answer


def evidence(
    question: Annotated[str | None, typer.Argument(help="For example maintenance; absent: every question, one line each.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page with the forest plot.")] = None,
    as_json: AsJson = False,
    site: Site = None,
) -> None:
    """What studies say and how sure that is: the questions, or the answer of one."""
    with plain_errors():
        from euthymia.evidence import answer

        catalog = catalog_of(site)
        if question is not None and question not in catalog.questions:
            stop(f"evidence: found no question {question!r}; allowed: {', '.join(sorted(catalog.questions))}")
        if question is None and html is not None:
            stop("evidence: found --html without a question; allowed: one question and a path")
        answers = [answer(each, catalog) for each in catalog.questions if question in (None, each)]
        if html is not None:
            from euthymia.report.evidence_page import write_evidence_page

            typer.echo(f"Wrote {write_evidence_page(answers[0], html, catalog.adopted_by)}.", err=as_json)
        if as_json:
            found = [_plain(each) for each in answers]
            typer.echo(json.dumps(found[0] if question else found, ensure_ascii=False, indent=1))
        elif html is None:
            _print(answers, question is None)


def _print(answers: "list[Answer]", every: bool) -> None:
    from rich.console import Console

    from euthymia.report.evidence_terminal import print_answer, print_questions

    if every:
        print_questions(answers, Console())
    else:
        print_answer(answers[0], Console())


def _plain(value: Any) -> Any:  # noqa: ANN401
    """An answer as JSON: dataclasses and knowledge types as objects, figures as numbers."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value
