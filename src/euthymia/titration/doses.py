"""The doses of ketamine in this episode as lists by drug and route, and each list as levels. Nothing is converted between routes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.combination import about, doses_apart
from euthymia.events import DoseLog, DoseSession
from euthymia.position.dosing import amount_in
from euthymia.position.exposures import exposure_of
from euthymia.protocol import Protocol
from euthymia.routes import same_route_key
from euthymia.rules.care_facts import exposures
from euthymia.rules.readings import Scene

OWN = "protocol"


@dataclass(frozen=True)
class Dose:
    """One dose that was surely given, on a day that is known. `own`: of the protocol in force, by its drug and its route."""

    event: DoseSession | DoseLog
    day: date
    key: str
    own: bool
    amount: float | None
    unit: str | None

    @property
    def instant(self) -> datetime | None:
        return self.event.at.instant

    @property
    def about(self) -> str:
        """As changes of treatment name it."""
        return about(self.event.treatment, self.event.route)


@dataclass(frozen=True)
class Level:
    """The doses of one list that are one dose. `low` None: their amount is not recorded."""

    key: str
    low: float | None
    high: float | None
    unit: str | None
    doses: tuple[Dose, ...]


def doses_given(scene: Scene) -> tuple[list[Dose], int]:
    """Every dose of ketamine of this episode, by time; and how many have no day."""
    zone, started = scene.record.zone, scene.episode.started
    mine = [event for _, event in exposures(scene) if started is None or event.at.last_day(zone) >= started]
    protocol, dosing = scene.catalog.protocols[scene.episode.plan.protocol], scene.episode.plan.phase.dose
    found = [_dose(event, zone, protocol, dosing.unit if dosing else None) for event in mine if event.at.has_day]
    return found, len(mine) - len(found)


def _dose(event: DoseSession | DoseLog, zone: ZoneInfo, protocol: Protocol, unit: str | None) -> Dose:
    own = bool(protocol.drugs) and protocol.gives(event.treatment) and protocol.by_its_route(event.route) is True
    given = exposure_of(event, zone)
    asked = unit if own and unit else "mg/kg" if given.dose_mg_per_kg is not None else "mg"
    amount = amount_in(asked, given)
    key = f"{OWN}/{same_route_key(event.route)}" if own else about(event.treatment, event.route)
    return Dose(event, given.first_day, key, own, amount, asked if amount is not None else None)


def levels_of(doses: Sequence[Dose], catalog: Catalog) -> list[Level]:
    """The levels of one list, by unit and amount; the doses whose amount nobody wrote down last."""
    found: list[list[Dose]] = []
    for dose in sorted(doses, key=lambda d: (d.unit or "~", d.amount or 0.0)):
        least = found[-1][0] if found else None
        if least is not None and least.unit == dose.unit and not _apart(least, dose, catalog):
            found[-1].append(dose)
        else:
            found.append([dose])
    return [_level(group, [dose for dose in doses if dose in group]) for group in found]


def _apart(one: Dose, other: Dose, catalog: Catalog) -> bool:
    return one.amount is not None and other.amount is not None and doses_apart(one.amount, other.amount, catalog)


def _level(by_amount: Sequence[Dose], by_time: Sequence[Dose]) -> Level:
    first = by_amount[0]
    return Level(first.key, first.amount, by_amount[-1].amount, first.unit, tuple(by_time))
