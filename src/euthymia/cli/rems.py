"""`euthymia rems`: the monitoring forms of the esketamine REMS: which are due, and one filled from the record."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euthymia.cli.asking import NOTHING, AsJson, On, Patient, Site, catalog_of, day_of, one_patient, plain_errors, stop, tell

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.record import PatientRecord
    from euthymia.rems import RemsForm


def rems(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    session: Annotated[str | None, typer.Option(help="The id of a session: its form. Absent: how every form stands.")] = None,
    on: On = "today",
    patient: Patient = None,
    pdf: Annotated[Path | None, typer.Option(help="Write the form of --session as a PDF.")] = None,
    as_json: AsJson = False,
    site: Site = None,
) -> None:
    """The REMS monitoring forms of one patient: due, overdue, submitted; or the form of one session. Exit codes as of `review`."""
    with plain_errors():
        catalog = catalog_of(site)
        reading, code = one_patient(path, patient, catalog)
        record = reading.record
        day = day_of(on) or record.last_day()
        if day is None:
            tell(f"skipped: {record.patient_id}: found no event; allowed: at least one session")
            raise typer.Exit(NOTHING)
        if session is None:
            if pdf is not None:
                stop("found --pdf without --session; allowed: with the id of a session")
            _list(record, catalog, day, as_json)
        else:
            _show(_form(record, session, catalog, day), pdf, as_json)
        raise typer.Exit(code)


def _list(record: "PatientRecord", catalog: "Catalog", day: date, as_json: bool) -> None:
    from dataclasses import asdict

    from euthymia.rems import rems_duties

    duties = rems_duties(record, catalog, day)
    if as_json:
        typer.echo(json.dumps([asdict(duty) for duty in duties], default=str, ensure_ascii=False, indent=1))
        return
    from rich.console import Console

    from euthymia.report.rems_terminal import print_duties

    print_duties(duties, Console())


def _form(record: "PatientRecord", session: str, catalog: "Catalog", day: date) -> "RemsForm":
    from euthymia.rems import NotRems, RemsForm, rems_form

    try:
        found = rems_form(record, session, catalog, day)
    except KeyError as error:
        stop(str(error.args[0]))
    if isinstance(found, NotRems):
        stop(f"{session}: found a session without a form of the REMS ({found.reason}); allowed: esketamine nasal")
    if not isinstance(found, RemsForm):
        stop(f"{session}: cannot tell {found.missing}")
    return found


def _show(form: "RemsForm", pdf: Path | None, as_json: bool) -> None:
    if pdf is not None:
        from euthymia.report.rems_pdf import rems_pdf

        pdf.parent.mkdir(parents=True, exist_ok=True)
        pdf.write_bytes(rems_pdf(form))
        tell(f"Wrote {pdf}.")
    if as_json:
        typer.echo(json.dumps(form.to_dict(), ensure_ascii=False, indent=1))
    elif pdf is None:
        from rich.console import Console

        from euthymia.report.rems_terminal import print_form

        print_form(form, Console())
