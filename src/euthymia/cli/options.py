"""`euthymia options`: everything about every option that is listed for one patient."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euthymia.cli.asking import AsJson, On, Patient, Site, catalog_of, day_of, one_patient, plain_errors, stop

if TYPE_CHECKING:
    from euthymia.options import Options


def options(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    on: On = "today",
    patient: Patient = None,
    as_json: AsJson = False,
    site: Site = None,
) -> None:
    """What could be done next for one patient: why, what speaks against it, what must be known first, evidence. It recommends nothing."""
    with plain_errors():
        from euthymia.reviewing import review

        catalog = catalog_of(site)
        reading, code = one_patient(path, patient, catalog)
        record = reading.record
        day = day_of(on) or record.last_day()
        if day is None:
            stop(f"{record.patient_id}: found no event that can be reviewed; allowed: at least one rating")
        _show(review(record, catalog, day).options, as_json)
        raise typer.Exit(code)


def _show(found: "Options", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str))
        return
    from rich.console import Console

    from euthymia.report.options_terminal import print_options

    print_options(found, Console())
