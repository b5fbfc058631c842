"""A progress bar on stderr: only for a person at a terminal, or where there are many patients."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
MANY = 20


def progress(items: Sequence[T], words: str) -> Iterator[T]:
    """Hand the items through, showing how far it is."""
    from rich.console import Console

    console = Console(stderr=True)
    if len(items) < 2 or not (console.is_terminal or len(items) > MANY):
        yield from items
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(TextColumn(words), BarColumn(), MofNCompleteColumn(), console=console, transient=console.is_terminal) as bar:
        yield from bar.track(items)
