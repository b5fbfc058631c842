"""`euthymia letter`: the history and the present state of one patient, as a draft for the prescriber to edit and sign."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from euthymia.cli.asking import NOTHING, On, Patient, Site, catalog_of, day_of, one_patient, plain_errors, tell

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.interop.result import Reading
    from euthymia.letter import Letter

Kind = Literal["authorisation", "renewal", "referring"]
Paper = Literal["a4", "us-letter"]


def letter(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    kind: Annotated[Kind, typer.Option(help="To whom: a payer (authorisation, renewal) or the referring clinician.")],
    on: On = "today",
    patient: Patient = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the letter as a PDF.")] = None,
    fhir: Annotated[Path | None, typer.Option(help="Write a FHIR R4 DocumentReference with the PDF and the text.")] = None,
    paper: Annotated[Paper, typer.Option(help="The paper of the PDF.")] = "a4",
    site: Site = None,
) -> None:
    """Draft a letter about one patient. Without --pdf and --fhir its text is printed. Exit codes as of `review`."""
    with plain_errors():
        from euthymia.report.letter_text import letter_text

        catalog = catalog_of(site)
        reading, code = one_patient(path, patient, catalog)
        written = _letter(reading, kind, on, catalog)
        if pdf is None and fhir is None:
            typer.echo(letter_text(written), nl=False)
        else:
            _write(written, reading.record.patient_id, pdf, fhir, paper)
        raise typer.Exit(code)


def _letter(reading: "Reading", kind: Kind, on: str, catalog: "Catalog") -> "Letter":
    from euthymia.letter import letter as write
    from euthymia.reviewing import review

    record = reading.record
    day = day_of(on) or record.last_day()
    if day is None:
        tell(f"skipped: {record.patient_id}: found no event that can be reviewed; allowed: at least one rating")
        raise typer.Exit(NOTHING)
    reviewed = replace(review(record, catalog, day), unread=tuple(str(note) for note in reading.skipped))
    return write(reviewed, record, catalog, kind)


def _write(written: "Letter", patient_id: str, pdf: Path | None, fhir: Path | None, paper: Paper) -> None:
    from euthymia.report.letter_pdf import letter_pdf

    made = letter_pdf(written, paper)
    for path in (pdf, fhir):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
    if pdf is not None:
        pdf.write_bytes(made)
        typer.echo(f"Wrote {pdf}.")
    if fhir is not None:
        from euthymia.report.letter_fhir import letter_fhir

        fhir.write_text(json.dumps(letter_fhir(written, patient_id, made), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        typer.echo(f"Wrote {fhir}.")
