"""`euthymia backup` and `euthymia restore`."""

from pathlib import Path
from typing import Annotated

import typer


def backup(file: Annotated[Path, typer.Argument(help="The new file; a note with its digest is written beside it.")]) -> None:
    """Copy the running clinic into one file, without stopping it."""
    from django.utils import timezone

    from euthymia.cli.asking import stop
    from euthymia_clinic.backup.copying import take
    from euthymia_clinic.backup.note import BackupError

    try:
        note = take(file, timezone.now())
    except BackupError as error:
        stop(str(error))
    typer.echo(f"{file}: {note.bytes:,} bytes, {sum(note.rows.values()):,} rows in {len(note.rows)} tables; the chain ends at {note.end}")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `euthymia backup` made.")],
    verify: Annotated[bool, typer.Option("--verify", help="Then prove it: the audit's chain, the rows, a sample of the reviews.")] = False,
) -> None:
    """Bring a backup back into an empty database. Exit code 1 where the proof finds something, 2 where nothing was restored."""
    from euthymia.cli.asking import stop
    from euthymia_clinic.audit.command import with_bar
    from euthymia_clinic.backup.copying import Proof, bring_back, prove
    from euthymia_clinic.backup.note import BackupError
    from euthymia_clinic.serving.tables import unapplied

    try:
        note = bring_back(file)
    except BackupError as error:
        stop(str(error))
    typer.echo(f"{file}: restored" + ("" if note else "; without its note, so neither its digest nor its counts were compared"))
    if not verify:
        return
    missing = unapplied()
    if missing:
        stop(
            f"found a backup of an earlier version ({len(missing)} migrations are missing); "
            "allowed: euthymia serve --migrate, then euthymia audit verify"
        )
    proof: Proof = with_bar(lambda progress: prove(note, progress))
    for trouble in proof.troubles:
        typer.echo(trouble)
    rows = sum(proof.rows.values())
    typer.echo(f"{proof.walk.entries} entries, {proof.walk.reads} sealed reads, {rows} rows, {proof.reviews} reviews read again")
    if proof.troubles:
        raise typer.Exit(1)
    typer.echo("whole: it is what was backed up")
