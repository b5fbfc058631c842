"""`euthymia clinic`: one review in the terminal, then a whole clinic of virtual patients at a local address."""

import os
from pathlib import Path
from typing import Annotated

import typer


def clinic(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port; where it is taken, the next free one.")] = 8000,
    host: Annotated[str, typer.Option(help="The address to listen at. Anybody who reaches it can sign in.")] = "127.0.0.1",
    patients: Annotated[int, typer.Option(min=1, max=2000, help="How many virtual patients the first site has.")] = 200,
    home: Annotated[Path | None, typer.Option(help="Where the clinic is kept; absent: EUTHYMIA_HOME, else out/clinic.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Make the clinic anew, though there is one of today.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Make the clinic, fetch the sign-in page once, and end.")] = False,
) -> None:
    """Print one review, then bring up a demo clinic: virtual patients over eighteen months, a sign-in for each role."""
    from euthymia_clinic.demo.running import Asked, run

    chosen = home or Path(os.environ.get("EUTHYMIA_HOME", "out/clinic"))
    code = run(Asked(host, port, patients, chosen.resolve(), fresh, check))
    if code:
        raise typer.Exit(code)
