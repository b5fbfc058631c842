"""What is known of the doses at home on one day. What nobody logged or counted is not known, never "taken" and never a zero."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.events import Regimen
from euthymia.facts import Status

HomeFindingKind = Literal[
    "early_refill", "above_regimen", "extra", "alone", "presence_unknown", "unlogged", "not_taken", "changed", "unaccounted",
    "more_than_dispensed", "pressure_not_measured", "worrying", "never_counted", "other_route",
]  # fmt: skip


@dataclass(frozen=True)
class HomeFinding:
    """Something that does not agree, or that nobody knows. `events`: the ids that it rests on; `status`: of the rule that finds it."""

    kind: HomeFindingKind
    day: date | None
    sentence: str
    events: tuple[str, ...]
    status: Status


@dataclass(frozen=True)
class HomeDay:
    """One day of the regimen, for a strip of days: how many doses were planned, and how each one that was logged went."""

    day: date
    planned: int | None
    taken: int
    not_taken: int
    changed: int
    unlogged: int | None


@dataclass(frozen=True)
class Stock:
    """Units dispensed - taken - left over since the first dispensing that is counted. A range where doses are not logged.

    `unaccounted_low`, `unaccounted_high`: units; None where something needed was never counted, which `words` says.
    """

    since: date | None
    dispensed: float | None
    taken: float | None
    not_logged: float | None
    left_over: float | None
    counted_on: date | None
    unaccounted_low: float | None
    unaccounted_high: float | None
    words: str


@dataclass(frozen=True)
class HomeDoses:
    """The regimen in force (None: doses without one), its days so far, the stock, what was found; `notices`: what is to be known."""

    regimen: Regimen | None
    words: str
    since: date | None
    days: tuple[HomeDay, ...]
    stock: Stock
    findings: tuple[HomeFinding, ...]
    notices: tuple[str, ...]
