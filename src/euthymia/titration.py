"""Titration, structured: what each dose did and cost, the protocol's next step and its bounds, what is in the way."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.position import Position
from euthymia.record import PatientRecord
from euthymia.rules import RuleResult


@dataclass(frozen=True)
class DoseLevel:
    """One dose by one route: when, how often, what the ratings before later sessions said, how it was tolerated."""

    amount: float
    unit: str
    route: str | None
    first: date
    last: date
    doses: int
    response: tuple[str, ...]
    tolerability: tuple[str, ...]
    not_known: tuple[str, ...]


@dataclass(frozen=True)
class Titration:
    """The doses so far by level, the next step within the bounds, and what stands in its way. Information, never an order."""

    levels: tuple[DoseLevel, ...]
    next_step: str
    bounds: str
    in_the_way: tuple[str, ...]
    increase: Literal["possible", "not_now", "cannot_tell", "none"]
    words: str


def titration(
    record: PatientRecord, episode: CurrentEpisode, stands: Position, found: tuple[RuleResult, ...], catalog: Catalog, on: date
) -> Titration | None:
    """The structured titration on `on`; None where the protocol in force has no dose."""
    return None
