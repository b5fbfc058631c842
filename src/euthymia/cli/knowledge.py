"""`euthymia score`, `check`, `instruments`: what the catalog knows and whether it holds."""

from typing import Annotated

import typer

from euthymia.cli.asking import AsJson, Site, catalog_of, plain_errors, stop


def score(
    instrument: Annotated[str, typer.Argument(help="For example phq9; see `euthymia instruments`.")],
    answers: Annotated[list[str], typer.Argument(help="In item order; '-', '.' or null for an item that was not answered.")],
    as_json: AsJson = False,
    site: Site = None,
) -> None:
    """Score the answers of one instrument."""
    with plain_errors():
        from euthymia.report.scored import score_json, score_lines
        from euthymia.scoring import Unscorable
        from euthymia.scoring import score as score_answers

        catalog = catalog_of(site)
        given = [_answer(text) for text in answers]
        scored = score_answers(catalog, instrument, given)
        if isinstance(scored, Unscorable):
            stop(scored.reason)
        found = catalog.instruments[instrument]
        typer.echo(score_json(found, scored) if as_json else "\n".join(score_lines(found, scored, given)))


def check(site: Site = None) -> None:
    """Prove the catalog by its own cases, and count facts verified, recalled and of our own design."""
    with plain_errors():
        from euthymia.check.checking import check as check_catalog

        report = check_catalog(catalog_of(site), site)
        for failure in report.failures:
            typer.echo(failure, err=True)
        facts = ", ".join(f"{count} {status}" for status, count in report.facts.items())
        typer.echo(f"{report.cases} cases in {len(report.files)} files: {'all hold' if report.ok else f'{len(report.failures)} problems'}.")
        typer.echo(f"Facts: {facts} (design: this project's own proposal, for a site to adopt or change).")
        raise typer.Exit(0 if report.ok else 1)


def instruments(site: Site = None) -> None:
    """List the instruments, what each measures, and the status of its licence."""
    with plain_errors():
        from euthymia.report.scored import status_of

        for found in catalog_of(site).instruments.values():
            text = "text shipped" if found.licence.ship_item_text else "no text"
            typer.echo(
                f"{found.id:15} {found.short_name:18} {found.domain:16} {text:13} licence {status_of(found.licence)}: {found.licence.terms}"
            )


def _answer(text: str) -> float | None:
    if text in ("-", ".", "null"):
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or value in (float("inf"), float("-inf")):
        raise typer.BadParameter(f"found {text!r}; allowed: a number, or '-' for an item that was not answered")
    return value
