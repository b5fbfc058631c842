"""`euthymia history`: what was tried, whether it was enough, how it turned out, and what that is called."""

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from euthymia.cli.asking import NOTHING, SKIPPED, AsJson, On, Patient, Site, catalog_of, day_of, plain_errors, stop, tell

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.interop.result import Reading
    from euthymia.report.history_terminal import PatientHistory


def history(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    on: On = "today",
    as_json: AsJson = False,
    patient: Patient = None,
    site: Site = None,
) -> None:
    """Tell each treatment trial: adequate or not, how it turned out, and whether this depression is treatment-resistant."""
    with plain_errors():
        from euthymia.reading import read_many

        catalog, day = catalog_of(site), day_of(on)
        everyone = read_many(path, catalog=catalog)
        readings = [r for r in everyone if patient is None or r.record.patient_id == patient]
        if not readings:
            stop(f"{path.name}: found no patient {patient!r}; allowed: one of the {len(everyone)} patients in it")
        skipped = [str(note) for reading in everyone for note in reading.skipped]
        told = [one for reading in readings for one in _told(reading, catalog, day, skipped)]
        for line in skipped:
            tell(f"skipped: {line}")
        if not told:
            raise typer.Exit(NOTHING)
        _show(told, as_json, alone=len(readings) == 1)
        raise typer.Exit(SKIPPED if skipped else 0)


def _told(reading: "Reading", catalog: "Catalog", day: date | None, skipped: list[str]) -> "list[PatientHistory]":
    """One patient's history; a record without any event is told and does not cost the others."""
    from euthymia.episode import current_episode
    from euthymia.report.history_terminal import PatientHistory
    from euthymia.resistance import history as history_of

    on = day or reading.record.last_day()
    if on is None:
        skipped.append(f"{reading.record.patient_id}: found no event; allowed: at least one treatment")
        return []
    cut = reading.record.until(on)
    return [PatientHistory(cut.patient_id, on, history_of(cut, current_episode(cut, catalog), catalog, on))]


def _show(told: "list[PatientHistory]", as_json: bool, alone: bool) -> None:
    from euthymia.report.history_terminal import history_dict, print_histories, print_history

    if as_json:
        found: Any = history_dict(told[0]) if alone else [history_dict(each) for each in told]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    from rich.console import Console

    if alone:
        print_history(told[0], Console())
    else:
        print_histories(told, Console())
