"""`euthymia audit verify`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from euthymia_clinic.audit.verify import Progress

Found = TypeVar("Found")


def verify(
    after: Annotated[str, typer.Option(help="An end noted earlier, as NUMBER:HASH: the chain must still contain it.")] = "",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Walk the whole chain; name every row that was changed, added or taken away. Exit code 1 where there is one."""
    from django.utils import timezone

    from euthymia_clinic.audit.actions import record_verification
    from euthymia_clinic.audit.actor import system
    from euthymia_clinic.audit.verify import still_contains, walk

    found = with_bar(lambda progress: walk(timezone.now(), progress), quiet=quiet)
    still_contains(found, after)
    record_verification(
        system("audit.verify"), entries=found.entries, reads=found.reads, rows=found.rows, troubles=[str(t) for t in found.troubles]
    )
    for trouble in found.troubles:
        typer.echo(str(trouble))
    number, digest = found.end
    typer.echo(f"{found.entries} entries, {found.reads} sealed reads, {found.rows} rows of the record; the chain ends at {number}:{digest}")
    if found.troubles:
        raise typer.Exit(1)
    typer.echo("whole: nothing was changed, added or taken away")


def with_bar(work: "Callable[[Progress], Found]", *, quiet: bool = False) -> "Found":
    """Walk under a progress bar, where somebody looks on."""
    import sys

    from euthymia_clinic.audit.verify import silently

    if quiet or not sys.stderr.isatty():
        return work(silently)
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("walking the chain", total=None)
        return work(lambda done, of: bar.update(task, completed=done, total=of))
