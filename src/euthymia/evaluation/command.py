"""`euthymia evaluate`: the options, and in which order things are done. Everything heavy is imported when it runs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from euthymia.evaluation.evaluating import Job


def evaluate(
    data: Annotated[Path, typer.Argument(help="A long CSV: one row a rating.")],
    instrument: Annotated[str, typer.Option(help="For example phq9; or any name, with --range and --cut.")],
    person: Annotated[str | None, typer.Option(help="The column that says who.")] = None,
    time: Annotated[str | None, typer.Option(help="The column that says when.")] = None,
    total: Annotated[str | None, typer.Option(help="The column of the totals.")] = None,
    unit: Annotated[Literal["weeks", "days", "dates"] | None, typer.Option(help="Of the times; absent: as the column's name says.")] = None,
    session: Annotated[str | None, typer.Option(help="The column that marks a treatment session at that time (1, yes, true).")] = None,
    change: Annotated[str | None, typer.Option(help="The column that marks a change of protocol at that time.")] = None,
    cut: Annotated[float | None, typer.Option(help="The highest total that is remission; absent: the catalog's.")] = None,
    score_range: Annotated[tuple[float, float] | None, typer.Option("--range", help="LOW HIGH, where the catalog has none.")] = None,
    target: Annotated[Literal["last", "next"], typer.Option(help="Which rating is forecast.")] = "last",
    first: Annotated[int, typer.Option("--from", help="The fewest ratings seen.")] = 2,
    folds: Annotated[int, typer.Option(help="How many groups of people.")] = 5,
    seed: Annotated[int, typer.Option(help="Of the groups and of the bootstrap.")] = 1,
    resamples: Annotated[int, typer.Option(min=100, help="Of people, for the intervals.")] = 2000,
    out: Annotated[Path | None, typer.Option(help="Write report.json, forecasts.csv and the reliability plot into this folder.")] = None,
    site: Annotated[Path | None, typer.Option(help="A site's own knowledge folder, laid over the shipped one.")] = None,
) -> None:
    """Score the model beside its peers on your own data: grouped cross-validation of a long CSV."""
    from rich.console import Console

    from euthymia.evaluation.columns import Columns
    from euthymia.evaluation.evaluating import Options
    from euthymia.evaluation.evaluating import evaluate as evaluate_cohort
    from euthymia.evaluation.figures import figures_of
    from euthymia.evaluation.long_csv import read_long_csv
    from euthymia.evaluation.scale import scale_of
    from euthymia.evaluation.terminal import print_evaluation
    from euthymia.evaluation.writing import write_evaluation
    from euthymia.loading import load_catalog

    catalog = load_catalog(site)
    scale = scale_of(catalog, instrument, cut, score_range)
    cohort = read_long_csv(data, scale, Columns(person, time, total, session, change, unit), instrument)
    evaluation = evaluate_cohort(cohort, Options(folds, first, target, seed, resamples), watch=_watch)
    figures = figures_of(evaluation)
    written = write_evaluation(evaluation, figures, out, catalog.digest) if out is not None else ()
    print_evaluation(evaluation, figures, Console())
    if written:
        typer.echo(f"Wrote {', '.join(path.name for path in written)} to {out}.")


def _watch(jobs: "Sequence[Job]") -> "Iterable[Job]":
    from euthymia.report.progress import progress

    return progress(jobs, "Fitting")
