"""`euthymia review`: one patient in full, or many as a list."""

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from euthymia.cli.asking import NOTHING, SKIPPED, AsJson, On, Patient, Site, catalog_of, day_of, instant_of, plain_errors, stop, tell

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.interop.result import Reading
    from euthymia.reviewing import Review


def review(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    on: On = "today",
    known_at: Annotated[str | None, typer.Option(help="Only what was known at this instant: 2026-03-01T09:00:00+01:00.")] = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write a page (one patient), or a folder of pages (several).")] = None,
    patient: Patient = None,
    site: Site = None,
) -> None:
    """Review one patient or many. Exit code 0: reviewed; 1: reviewed, something skipped; 2: nothing reviewable."""
    with plain_errors():
        from euthymia.reading import read_many

        catalog = catalog_of(site)
        day, instant = day_of(on), instant_of(known_at, "--known-at") if known_at else None
        everyone = read_many(path, catalog=catalog)
        readings = [r for r in everyone if patient is None or r.record.patient_id == patient]
        if not readings:
            stop(f"{path.name}: found no patient {patient!r}; allowed: one of the {len(everyone)} patients in it")
        # What was not read may belong to the patient asked for, whoever it was found beside.
        skipped = [str(note) for reading in everyone for note in reading.skipped]
        reviews, missed = _review_all(readings, catalog, day, instant)
        for line in [*skipped, *missed]:
            tell(f"skipped: {line}")
        if not reviews:
            raise typer.Exit(NOTHING)
        _show(reviews, as_json, html, alone=len(readings) == 1)
        raise typer.Exit(SKIPPED if skipped or missed else 0)


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
