"""`euthymia gates`: what stands between one patient and a dose, or the way home, at one instant."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from euthymia.cli.asking import AsJson, Patient, Site, catalog_of, instant_of, one_patient, plain_errors

if TYPE_CHECKING:
    from euthymia.rules.readings import SessionPhase

PHASES: dict[str, "SessionPhase"] = {"before": "before", "during": "during", "discharge": "discharge"}


def gates(
    path: Annotated[Path, typer.Argument(help="A file (native JSON, CSV, FHIR R4) or a folder of them.")],
    at: Annotated[str, typer.Option(help="The instant: 2026-03-01T10:15:00+01:00.")],
    phase: Annotated[str, typer.Option(help="before (the dose), during (observation) or discharge.")] = "before",
    patient: Patient = None,
    as_json: AsJson = False,
    site: Site = None,
) -> None:
    """The gates of a dosing session at an instant, worst first. Exit code 0 also where one is held: it informs, the clinician decides."""
    with plain_errors():
        from euthymia.rules import gates as gates_of

        instant = instant_of(at, "--at")
        if phase not in PHASES:
            raise typer.BadParameter(f"found {phase!r}; allowed: {', '.join(PHASES)}", param_hint="--phase")
        catalog = catalog_of(site)
        reading, code = one_patient(path, patient, catalog)
        results = gates_of(reading.record, catalog, instant, PHASES[phase])
        if as_json:
            found = [{"result": type(result).__name__, **asdict(result)} for result in results]
            typer.echo(json.dumps(found, ensure_ascii=False, indent=1, default=str))
        else:
            from rich.console import Console

            from euthymia.report.gates_terminal import print_gates

            print_gates(reading.record.patient_id, instant, phase, results, catalog.adopted_by, Console())
        raise typer.Exit(code)
