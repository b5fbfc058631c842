"""`euthymia …`: the command line. Reads files, passes the day in, prints; what is said is decided elsewhere.

Imports are inside the commands: `euthymia score` must not wait for NumPy or Rich. This is the only module that reads
the clock, and only where no day was given.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from euthymia import __version__
from euthymia.evaluation.command import evaluate
from euthymia.simulate.command import simulate

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.interop.result import Reading
    from euthymia.reviewing import Review

app = typer.Typer(
    help="Is this depression protocol moving toward remission, or managing symptoms at a tolerable baseline?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(simulate, name="simulate")
Site = Annotated[Path | None, typer.Option(help="A site's own knowledge folder, laid over the shipped one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
SKIPPED, NOTHING = 1, 2
Format = Literal["json", "csv", "fhir"]


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"euthymia {__version__}")
        raise typer.Exit


@app.command(context_settings={"ignore_unknown_options": True})
def score(
    instrument: Annotated[str, typer.Argument(help="For example phq9; see `euthymia instruments`.")],
    answers: Annotated[list[str], typer.Argument(help="In item order; '-', '.' or null for an item that was not answered.")],
    as_json: AsJson = False,
    site: Site = None,
) -> None:
    """Score the answers of one instrument."""
    with _plain_errors():
        from euthymia.report.scored import score_json, score_lines
        from euthymia.scoring import Unscorable
        from euthymia.scoring import score as score_answers

        catalog = _catalog(site)
        given = [_answer(text) for text in answers]
        scored = score_answers(catalog, instrument, given)
        if isinstance(scored, Unscorable):
            _stop(scored.reason)
        found = catalog.instruments[instrument]
        typer.echo(score_json(found, scored) if as_json else "\n".join(score_lines(found, scored, given)))


@app.command()
def review(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    on: Annotated[str, typer.Option(help="The day to review: 2026-03-01, today, or last (the day of the last event).")] = "today",
    known_at: Annotated[str | None, typer.Option(help="Only what was known at this instant: 2026-03-01T09:00:00+01:00.")] = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write a page (one patient), or a folder of pages (several).")] = None,
    patient: Annotated[str | None, typer.Option(help="Only this patient.")] = None,
    site: Site = None,
) -> None:
    """Review one patient or many. Exit code 0: reviewed; 1: reviewed, something skipped; 2: nothing reviewable."""
    with _plain_errors():
        from euthymia.reading import read_many

        catalog = _catalog(site)
        day, instant = _day(on), _instant(known_at)
        everyone = read_many(path, catalog=catalog)
        readings = [r for r in everyone if patient is None or r.record.patient_id == patient]
        if not readings:
            _stop(f"{path.name}: found no patient {patient!r}; allowed: one of the {len(everyone)} patients in it")
        # What was not read may belong to the patient asked for, whoever it was found beside.
        skipped = [str(note) for reading in everyone for note in reading.skipped]
        reviews, missed = _review_all(readings, catalog, day, instant)
        for line in [*skipped, *missed]:
            typer.echo(f"skipped: {line}", err=True)
        if not reviews:
            raise typer.Exit(NOTHING)
        _show(reviews, as_json, html, alone=len(readings) == 1)
        raise typer.Exit(SKIPPED if skipped or missed else 0)


@app.command()
def check(site: Site = None) -> None:
    """Prove the catalog by its own cases, and count facts verified, recalled and of our own design."""
    with _plain_errors():
        from euthymia.check import check as check_catalog

        report = check_catalog(_catalog(site), site)
        for failure in report.failures:
            typer.echo(failure, err=True)
        facts = ", ".join(f"{count} {status}" for status, count in report.facts.items())
        typer.echo(f"{report.cases} cases in {len(report.files)} files: {'all hold' if report.ok else f'{len(report.failures)} problems'}.")
        typer.echo(f"Facts: {facts} (design: this project's own proposal, for a site to adopt or change).")
        raise typer.Exit(0 if report.ok else 1)


@app.command()
def convert(
    path: Annotated[Path, typer.Argument(help="A file or folder that `euthymia review` reads.")],
    to: Annotated[Format, typer.Option(help="The format to write.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Translate patients' records between native JSON, CSV and FHIR R4."""
    with _plain_errors():
        from euthymia.reading import read_many

        catalog = _catalog(None)
        readings = read_many(path, catalog=catalog)
        skipped = [str(note) for reading in readings for note in reading.skipped]
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(_written(readings, to, catalog), encoding="utf-8")
        for line in skipped:
            typer.echo(f"skipped: {line}", err=True)
        typer.echo(f"Wrote {len(readings)} {'patient' if len(readings) == 1 else 'patients'} to {out}.")
        raise typer.Exit(SKIPPED if skipped else 0)


@app.command()
def schema(name: Annotated[Literal["record", "review"], typer.Argument(help="record or review")]) -> None:
    """Print the JSON Schema of a patient's record or of a review."""
    if name == "record":
        from euthymia.interop.native_json import record_schema as found
    else:
        from euthymia.reviewing import review_schema as found
    typer.echo(json.dumps(found(), indent=2, ensure_ascii=False))


@app.command()
def instruments(site: Site = None) -> None:
    """List the instruments, what each measures, and the status of its licence."""
    with _plain_errors():
        from euthymia.report.scored import status_of

        for found in _catalog(site).instruments.values():
            text = "text shipped" if found.licence.ship_item_text else "no text"
            typer.echo(
                f"{found.id:15} {found.short_name:18} {found.domain:16} {text:13} licence {status_of(found.licence)}: {found.licence.terms}"
            )


@app.command()
def demo(
    data: Annotated[Path | None, typer.Option(help="The trial data; absent: ../shared/data, else the shipped sample.")] = None,
    html: Annotated[Path, typer.Option(help="Where to write the page.")] = Path("out/review.html"),
) -> None:
    """Review real patients of two trials (or the synthetic sample shipped with the project)."""
    with _plain_errors():
        from euthymia.demo import run

        run(data, html)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Bad input ends in a sentence and exit code 2, never in a traceback."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        _stop(f"{error.filename or 'file'}: found {error.strerror or error}; allowed: a path that can be read and written")
    except Exception as error:
        from euthymia.catalog import CatalogError
        from euthymia.interop.result import ReadError

        if not isinstance(error, CatalogError | ReadError):
            raise
        _stop(str(error))


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(NOTHING)


def _catalog(site: Path | None) -> "Catalog":
    from euthymia.catalog import load_catalog

    return load_catalog(site)


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


def _day(text: str) -> date | None:
    """The day asked for; None = the last day of each record."""
    if text == "last":
        return None
    if text == "today":
        return date.today()  # noqa: DTZ011, TID251 - the only clock: a person at a terminal means the day on their wall
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"found {text!r}; allowed: a day such as 2026-03-01, today, or last", param_hint="--on") from None


def _instant(text: str | None) -> datetime | None:
    from euthymia.moment import Moment

    if text is None:
        return None
    try:
        instant = Moment.of(text).instant
    except ValueError:
        instant = None
    if instant is None:
        allowed = "an instant with its offset, such as 2026-03-01T09:00:00+01:00"
        raise typer.BadParameter(f"found {text!r}; allowed: {allowed}", param_hint="--known-at")
    return instant


def _review_all(
    readings: "list[Reading]", catalog: "Catalog", day: date | None, instant: datetime | None
) -> "tuple[list[Review], list[str]]":
    """Review every patient; one that cannot be reviewed is told and does not cost the others."""
    from euthymia.report.progress import progress
    from euthymia.reviewing import review as review_record

    reviews, missed = [], []
    for reading in progress(readings, "Reviewing"):
        record = reading.record if instant is None else reading.record.known_at(instant)
        on = day or record.last_day()
        if on is None:
            missed.append(f"{reading.record.patient_id}: found no event that can be reviewed; allowed: at least one rating")
            continue
        try:
            reviews.append(replace(review_record(record, catalog, on), unread=tuple(str(note) for note in reading.skipped)))
        except Exception as error:  # the type alone: the words of an unforeseen error may hold a patient's data
            missed.append(f"{record.patient_id}: found a fault of this program ({type(error).__name__}); allowed: none: please report it")
    return reviews, missed


def _show(reviews: "list[Review]", as_json: bool, html: Path | None, alone: bool) -> None:
    if html is not None:
        from euthymia.report.html import write_page, write_pages

        written = write_page(reviews[0], html) if alone else write_pages(reviews, html)
        typer.echo(f"Wrote {written}.", err=as_json)
    if as_json:
        found: Any = reviews[0].to_dict() if alone else [each.to_dict() for each in reviews]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    elif html is None:
        from rich.console import Console

        from euthymia.report.terminal import print_panel, print_review

        console = Console()
        if alone:
            print_review(reviews[0], console)
        else:
            print_panel(reviews, console)


def _written(readings: "list[Reading]", to: Format, catalog: "Catalog") -> str:
    records = [reading.record for reading in readings]
    if to == "csv":
        from euthymia.interop.csv import to_csv

        return to_csv(records)
    if to == "fhir":
        from euthymia.interop.fhir_r4 import to_fhir

        bundles = [to_fhir(record, catalog) for record in records]
        return json.dumps(bundles[0] if len(bundles) == 1 else bundles, ensure_ascii=False, indent=1) + "\n"
    from euthymia.interop.native_json import to_json, to_ndjson

    return to_json(records[0]) + "\n" if len(records) == 1 else to_ndjson(records)


app.command()(_plain_errors()(evaluate))
if __name__ == "__main__":
    app()
