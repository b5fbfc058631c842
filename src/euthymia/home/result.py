"""What is known of the doses at home on one day. What nobody logged or counted is not known, never "taken" and never a zero."""

from dataclasses import dataclass
from datetime import date

from euthymia.events import Regimen
from euthymia.facts import Status
from euthymia.home_rules import HomeFindingKind


@dataclass(frozen=True)
class HomeFinding:
    """Something that does not agree, or that nobody knows. `events`: the ids that it rests on; `status`: of the rule that finds it.

    `words`: what its kind is called.
    """

    kind: HomeFindingKind
    day: date | None
    sentence: str
    events: tuple[str, ...]
    status: Status
    words: str = ""


@dataclass(frozen=True)
class HomeDay:
    """One day of the regimen, for a strip of days: how many doses were planned, and how each one that was logged went.

    `planned` None: its days are not fixed, or it is not known whether the regimen held. `unlogged` None: not known, or there is
    still time to log. `unknown`: logged without saying whether it was taken.
    """

    day: date
    planned: int | None
    taken: int
    not_taken: int
    changed: int
    unlogged: int | None
    unknown: int = 0


@dataclass(frozen=True)
class Stock:
    """Units dispensed - taken - left over, from `since` to the last count (never counted: to the day). A range where doses are not logged.

    `opening`: what an earlier count found; 0 at the first dispensing. `not_logged`: what may have been taken and was not logged.
    `unaccounted_low`, `unaccounted_high`: units, below 0 where more is there than can be; None where it cannot be told, which `words` says.
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
    opening: float | None = None


@dataclass(frozen=True)
class HomeSigns:
    """What a rule asks of the look-back window: True, False, or None where it cannot be told. `unlogged`: planned doses nobody logged."""

    early_refill: bool | None
    above_regimen: bool | None
    extra: bool | None
    unlogged: int | None


@dataclass(frozen=True)
class HomeDoses:
    """One drug by one route at home: the regimen in force (None: none), its days so far, the stock, what was found.

    `cannot_tell`: what nobody can tell, and why. `notices`: what is to be known of the drug. `count_by`: the day by which what is
    left over is to be counted. `others`: other drugs and routes at home, each by itself: nothing is compared across routes.
    """

    regimen: Regimen | None
    words: str
    since: date | None
    days: tuple[HomeDay, ...]
    stock: Stock
    findings: tuple[HomeFinding, ...]
    notices: tuple[str, ...]
    drug: str
    route: str | None
    signs: HomeSigns
    cannot_tell: tuple[str, ...] = ()
    count_by: date | None = None
    others: "tuple[HomeDoses, ...]" = ()

    @property
    def each(self) -> "tuple[HomeDoses, ...]":
        """This one and the others."""
        return (self, *self.others)
