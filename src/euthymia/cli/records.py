"""`euthymia convert` and `schema`: records as files."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from euthymia.cli.asking import SKIPPED, catalog_of, plain_errors, tell

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.interop.result import Reading

Format = Literal["json", "csv", "fhir"]


def convert(
    path: Annotated[Path, typer.Argument(help="A file or folder that `euthymia review` reads.")],
    to: Annotated[Format, typer.Option(help="The format to write.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
) -> None:
    """Translate patients' records between native JSON, CSV and FHIR R4."""
    with plain_errors():
        from euthymia.reading import read_many

        catalog = catalog_of(None)
        readings = read_many(path, catalog=catalog)
        skipped = [str(note) for reading in readings for note in reading.skipped]
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(_written(readings, to, catalog), encoding="utf-8")
        for line in skipped:
            tell(f"skipped: {line}")
        typer.echo(f"Wrote {len(readings)} {'patient' if len(readings) == 1 else 'patients'} to {out}.")
        raise typer.Exit(SKIPPED if skipped else 0)


def schema(name: Annotated[Literal["record", "review"], typer.Argument(help="record or review")]) -> None:
    """Print the JSON Schema of a patient's record or of a review."""
    if name == "record":
        from euthymia.interop.native_json import record_schema as found
    else:
        from euthymia.reviewing import review_schema as found
    typer.echo(json.dumps(found(), indent=2, ensure_ascii=False))


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
