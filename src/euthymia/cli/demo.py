"""`euthymia demo`."""

from pathlib import Path
from typing import Annotated

import typer

from euthymia.cli.asking import plain_errors


def demo(
    data: Annotated[Path | None, typer.Option(help="The trial data; absent: ../shared/data, else the shipped sample.")] = None,
    html: Annotated[Path, typer.Option(help="Where to write the page.")] = Path("out/review.html"),
) -> None:
    """Review real patients of two trials (or the synthetic sample shipped with the project)."""
    with plain_errors():
        from euthymia.demo import run

        run(data, html)
