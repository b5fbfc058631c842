"""Processes that make virtual patients beside each other. Django is set up in each before anything else is imported."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from euthymia_clinic.demo.cast import Place
    from euthymia_clinic.demo.making import Made

    Make = Callable[[Sequence[Place], date], Iterator[Made]]


@contextmanager
def makers(workers: int | None = None) -> "Iterator[Make]":
    """Start the processes now, so that they are ready when the tables are; they end with the block."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(workers or os.cpu_count() or 1, initializer=_ready) as pool:
        yield lambda places, today: pool.imap(_make, [(place, today) for place in places], chunksize=2)


def _ready() -> None:
    """Everything that takes time to load, before the first patient."""
    import django

    from euthymia.loading import load_catalog

    django.setup()
    load_catalog()


def _make(asked: "tuple[Place, date]") -> "Made":
    from euthymia_clinic.demo.making import made

    place, today = asked
    return made(place, today)
