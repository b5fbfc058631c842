"""`euthymia demo`."""

from pathlib import Path
from typing import Annotated

import typer

from euthymia.cli.asking import plain_errors


def demo(
    data: Annotated[Path | None, typer.Option(help="The trial data; absent: ../shared/data, else the shipped sample.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the pages and letters.")] = Path("out/demo"),
) -> None:
    """List real people of two trials where their data are at hand; then three made-up people, from verdict to letter."""
    with plain_errors():
        from euthymia.demo.tour import run

        run(data, out)
