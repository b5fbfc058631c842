"""`euthymia conversation`: one page for the patient, from the same review."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euthymia.cli.asking import On, Patient, Site, catalog_of, day_of, one_patient, plain_errors, stop

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.record import PatientRecord


def conversation(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    language: Annotated[str | None, typer.Option(help="en or es; absent: the patient's own where there are phrases, else en.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to print or to read on a phone; absent: text.")] = None,
    scores: Annotated[bool, typer.Option(help="Show the patient's own scores.")] = True,
    country: Annotated[str | None, typer.Option(help="Whose crisis lines to name: us, es …; absent: the site's own.")] = None,
    on: On = "today",
    patient: Patient = None,
    site: Site = None,
) -> None:
    """Write the patient's page: where you were and are, what to ask, when we look again, who helps now. Exit codes as of `review`."""
    with plain_errors():
        from euthymia.conversation import LanguageError
        from euthymia.conversation import conversation as conversation_of
        from euthymia.report.patient_page import patient_lines, write_patient_page
        from euthymia.reviewing import review

        catalog = catalog_of(site)
        reading, code = one_patient(path, patient, catalog)
        record = reading.record
        _reachable(record, path)
        day = day_of(on) or record.last_day()
        if day is None:
            stop(f"{record.patient_id}: found no event that can be reviewed; allowed: at least one rating")
        spoken = language or _spoken(record, catalog)
        try:
            page = conversation_of(review(record, catalog, day), catalog, spoken, scores=scores, country=country)
        except LanguageError as error:
            stop(str(error))
        if html is not None:
            typer.echo(f"Wrote {write_patient_page(page, html)}.")
        else:
            typer.echo("\n".join(patient_lines(page)))
        raise typer.Exit(code)


def _reachable(record: "PatientRecord", path: Path) -> None:
    """A page is written to somebody who can read it."""
    from euthymia.events import Person

    if any(person.died for person in record.of_kind(Person)):
        stop(f"{path.name}: found a patient who has died; allowed: a patient whom the page can reach")


def _spoken(record: "PatientRecord", catalog: "Catalog") -> str:
    """The patient's language where the catalog has phrases in it, else English."""
    from euthymia.events import Person

    said = [person.language for person in record.of_kind(Person) if person.language]
    own = said[-1].lower().split("-")[0] if said else "en"
    return own if own in catalog.phrases else "en"
