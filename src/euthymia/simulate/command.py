"""`euthymia simulate …`: the command line of the virtual patients. What it needs is imported when it runs."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from euthymia.catalog import Catalog
    from euthymia.simulate.courses import Drawable
    from euthymia.simulate.patients import Setting

_FIRST_YEAR, _LAST_YEAR = 1900, 2180
simulate = typer.Typer(
    help="Virtual patients. Nobody of them exists, and every event of theirs says so.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@simulate.callback()
def _group() -> None:
    """Kept so that `patients` stays a command of its own."""


@simulate.command()
def patients(
    count: Annotated[int, typer.Argument(metavar="N", min=1, max=999_999, help="How many.")],
    out: Annotated[Path, typer.Option(help="The folder to write: json/, csv/ and fhir/ in it, one file a patient in each.")],
    foreign: Annotated[bool, typer.Option("--foreign", help="From a generator that is not the engine.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files, byte for byte.")] = 1,
    instrument: Annotated[str, typer.Option(help="The instrument that carries the verdict.")] = "phq9",
    protocol: Annotated[str, typer.Option(help="A protocol of the catalog.")] = "esketamine_label",
    weeks: Annotated[int, typer.Option(min=1, max=520, help="How long they are followed.")] = 26,
    start: Annotated[str, typer.Option(help="The day of the first rating.")] = "2026-01-05",
    site: Annotated[Path | None, typer.Option(help="A site's own knowledge folder, laid over the shipped one.")] = None,
) -> None:
    """Write N virtual patients: sessions, plans, ratings answered and missed, dropout, answers, blood pressure, dissociation."""
    from euthymia.knowledge_file import CatalogError
    from euthymia.loading import load_catalog
    from euthymia.report.progress import progress
    from euthymia.simulate.files import in_the_way, write_record
    from euthymia.simulate.records import virtual_record

    try:
        setting = _setting(load_catalog(site), instrument, protocol, foreign, weeks, _day(start), seed)
        others = in_the_way(out, map(setting.patient_id, range(1, count + 1)))
        if others:
            allowed = "a new folder, or one with these patients alone"
            raise typer.BadParameter(f"found {len(others)} other files in it ({others[0]}); allowed: {allowed}", param_hint="--out")
        for number in progress(range(1, count + 1), "Simulating"):
            write_record(virtual_record(setting, number), out, setting.catalog)
    except CatalogError as error:
        raise typer.BadParameter(str(error), param_hint="--site") from None
    except OSError as error:
        found = f"{error.filename or 'file'}: found {error.strerror or error}"
        raise typer.BadParameter(f"{found}; allowed: a path that can be written", param_hint="--out") from None
    kind = "patient" if count == 1 else "patients"
    typer.echo(f"Wrote {count} virtual {kind} to {out}: json/, csv/, fhir/. Nobody of them exists.")
    typer.echo(f"{_origin(setting)} Seed {seed}. Next: euthymia review {out / 'json'} --on last")


def _setting(catalog: "Catalog", instrument: str, protocol: str, foreign: bool, weeks: int, start: date, seed: int) -> "Setting":
    """What all of them have in common. Raises BadParameter naming what was found and what is allowed."""
    from euthymia.simulate.patients import Setting

    carrying = [found.id for found in catalog.instruments.values() if found.severity_of_depression and found.lower_is_better]
    if instrument not in carrying:
        raise typer.BadParameter(f"found {instrument!r}; allowed: {', '.join(carrying)}", param_hint="--instrument")
    if protocol not in catalog.protocols:
        raise typer.BadParameter(f"found {protocol!r}; allowed: {', '.join(catalog.protocols)}", param_hint="--protocol")
    population = None if foreign else _population(catalog, instrument, protocol)
    return Setting(catalog, catalog.instruments[instrument], catalog.protocols[protocol], population, weeks, start, seed)


def _population(catalog: "Catalog", instrument: str, protocol: str) -> "Drawable":
    """Where the protocol has sessions: one that knows what a session does, though no verdict may rest on it; else the verdict's."""
    from euthymia.heading import population_for, population_on

    sessions = any(phase.session_interval_days for phase in catalog.protocols[protocol].phases)
    knows = [p for p in catalog.populations.values() if sessions and p.parameters.effect_mean > 0]
    if knows:
        fitted = next((p for p in knows if p.instrument == instrument), knows[0])
        return population_on(catalog, fitted, instrument, borrowed=False)[0]
    chosen = population_for(catalog, instrument, protocol)
    if chosen is None:
        raise typer.BadParameter("found no population in the catalog; allowed: one, or --foreign", param_hint="--site")
    return chosen[0]


def _origin(setting: "Setting") -> str:
    return "From a generator that is not the engine." if setting.foreign else "From the engine's own population."


def _day(text: str) -> date:
    allowed = f"a day such as 2026-01-05, from {_FIRST_YEAR} to {_LAST_YEAR}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.max
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise typer.BadParameter(f"found {text!r}; allowed: {allowed}", param_hint="--start")
    return day
