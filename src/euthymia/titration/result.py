"""What is said of a titration: each dose with its response and its tolerability, the next step, and what is in its way."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.options import InTheWay
from euthymia.position.dosing import DoseStanding


@dataclass(frozen=True)
class Rated:
    """One counted rating: its day and its total."""

    day: date
    total: float


@dataclass(frozen=True)
class Response:
    """The counted ratings while a dose was the last one given. `change`: points better since `before`, the last rating before the dose.

    `change` is None where another dose came in between, or no rating before it is known; `percent_since_index` where that has no meaning.
    `beside`: what else was changed in the same time.
    """

    instrument: str
    before: Rated | None
    first: Rated
    last: Rated
    ratings: int
    percent_since_index: float | None
    change: float | None
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Tolerability:
    """The worst that was recorded around the doses of one level; None: not recorded. `observed`: side effects with their counts.

    `burden`: the last FIBSER burden while on it. `effects_minutes`, `worrying`: of doses at home, as logged.
    """

    cadss6: float | None
    systolic_rise: float | None
    diastolic_rise: float | None
    moaas: float | None
    oxygen_saturation: float | None
    observed: tuple[tuple[str, int], ...]
    burden: Rated | None
    effects_minutes: float | None
    worrying: int


@dataclass(frozen=True)
class DoseLevel:
    """One dose, `low` to `high` where rounding or weight moved it; None: given without its amount. `not_known`: what nobody can tell."""

    low: float | None
    high: float | None
    unit: str | None
    first: date
    last: date
    doses: int
    at_home: int
    response: Response | None
    tolerability: Tolerability
    not_known: tuple[str, ...]


@dataclass(frozen=True)
class DoseList:
    """The doses of one drug by one route. Doses of different routes are never compared and never converted."""

    drug: str
    route: str | None
    of_protocol: bool
    levels: tuple[DoseLevel, ...]


Increase = Literal["possible", "not_now", "cannot_tell", "none"]


@dataclass(frozen=True)
class Titration:
    """The doses so far by level, the next step within the bounds, and what stands in its way. Information, never an order.

    `lists`: the protocol's own drug and route first. `increase`: "none": there is no step left. `words`: why.
    `decided`: whether the decision point that was reached last has its decision, in words.
    """

    lists: tuple[DoseList, ...]
    dose: DoseStanding
    in_the_way: tuple[InTheWay, ...]
    increase: Increase
    words: str
    listed: bool
    decided: str | None
    not_known: tuple[str, ...]
