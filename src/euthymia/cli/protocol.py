"""`euthymia protocol list | show | check`: treatment protocols as data, in words; and what is wrong with one that a site writes."""

from pathlib import Path
from typing import Annotated

import typer

from euthymia.cli.asking import Site, catalog_of, plain_errors, stop

protocol = typer.Typer(help="Treatment protocols as data: list, show, check.", no_args_is_help=True)


@protocol.command("list")
def list_protocols(site: Site = None) -> None:
    """List the protocols: id, kind, setting, phases."""
    with plain_errors():
        from euthymia.report.protocol_terminal import list_line

        for found in catalog_of(site).protocols.values():
            typer.echo(list_line(found))


@protocol.command()
def show(
    protocol_id: Annotated[str, typer.Argument(metavar="ID", help="For example esketamine_label; see `euthymia protocol list`.")],
    site: Site = None,
) -> None:
    """Say what a protocol is, and how well each of its facts is known."""
    with plain_errors():
        from euthymia.report.protocol_terminal import protocol_lines

        catalog = catalog_of(site)
        found = catalog.protocols.get(protocol_id)
        if found is None:
            stop(f"protocols: found {protocol_id!r}; allowed: {', '.join(catalog.protocols)}")
        typer.echo("\n".join(protocol_lines(found, catalog.references)))


@protocol.command("check")
def check_file(
    file: Annotated[Path, typer.Argument(help="A protocol file of a site: a TOML file named after its id.")],
    site: Site = None,
) -> None:
    """Explain every mistake of a protocol file at once; without one, say what the protocol is. Exit code 1: there are mistakes."""
    with plain_errors():
        from euthymia.check.site_protocol import catalog_beside, check_protocol
        from euthymia.report.protocol_terminal import protocol_lines
        from euthymia.report.words import printable

        catalog = catalog_beside(site)
        checked = check_protocol(file, catalog)
        for problem in checked.problems:
            typer.echo(printable(problem), err=True)
        if checked.protocol is None:
            count = len(checked.problems)
            typer.echo(f"{count} {'mistake' if count == 1 else 'mistakes'} in {file.name}; nothing was changed.", err=True)
            raise typer.Exit(1)
        typer.echo("\n".join(protocol_lines(checked.protocol, catalog.references)))
        typer.echo(f"\n{file.name} can be read. {checked.cases} cases beside it; {len(checked.unproved)} edges not proved by them yet.")
        for line in checked.unproved:
            typer.echo(f"  {printable(line)}")
        raise typer.Exit(1 if checked.problems else 0)
