"""`euthymia options`: everything about every option that is listed for one patient."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euthymia.cli.asking import SKIPPED, AsJson, On, Patient, Site, catalog_of, day_of, plain_errors, stop, tell

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
        from euthymia.reading import read_many
        from euthymia.reviewing import review

        catalog = catalog_of(site)
        everyone = read_many(path, catalog=catalog)
        readings = [reading for reading in everyone if patient is None or reading.record.patient_id == patient]
        if not readings:
            stop(f"{path.name}: found no patient {patient!r}; allowed: one of the {len(everyone)} patients in it")
        if len(readings) > 1:
            stop(f"{path.name}: found {len(readings)} patients; allowed: one, chosen with --patient")
        skipped = [str(note) for reading in everyone for note in reading.skipped]
        for line in skipped:
            tell(f"skipped: {line}")
        record = readings[0].record
        day = day_of(on) or record.last_day()
        if day is None:
            stop(f"{record.patient_id}: found no event that can be reviewed; allowed: at least one rating")
        _show(review(record, catalog, day).options, as_json)
        raise typer.Exit(SKIPPED if skipped else 0)


def _show(found: "Options", as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False, indent=1, default=str))
        return
    from rich.console import Console

    from euthymia.report.options_terminal import print_options

    print_options(found, Console())
