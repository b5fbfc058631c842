"""One drug by one route at home: everything recorded of it, put together. Nothing is compared with another route."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from euthymia.events import Dispensing, DoseLog, LeftOver, Regimen
from euthymia.home_rules import HomeRules
from euthymia.record import PatientRecord
from euthymia.routes import same_route_key

NOISE = 1e-9  # of floating-point arithmetic: three units of 0.1 mg are 0.3 mg
HomeEvent = Regimen | Dispensing | LeftOver | DoseLog


@dataclass(frozen=True)
class Supply:
    """The events of one drug by one route, each kind by time. `strays`: doses by a route that was not prescribed on their day.

    `away`: those of them whose route is nowhere prescribed, dispensed or counted, so that nobody knows which supply they are from.
    """

    drug: str
    route: str | None
    zone: ZoneInfo
    regimens: tuple[Regimen, ...]
    dispensed: tuple[Dispensing, ...]
    counts: tuple[LeftOver, ...]
    logs: tuple[DoseLog, ...]
    strays: tuple[DoseLog, ...]
    away: tuple[DoseLog, ...]

    def day(self, event: HomeEvent) -> date:
        """The (earliest) day of an event in the patient's zone."""
        return event.at.day(self.zone)

    @cached_property
    def logs_by_day(self) -> dict[date, tuple[DoseLog, ...]]:
        """Logs whose day is known, by day; those by another route apart."""
        found: dict[date, tuple[DoseLog, ...]] = {}
        for log in self.logs:
            if log.at.has_day and log not in self.strays:
                found[self.day(log)] = (*found.get(self.day(log), ()), log)
        return found

    @cached_property
    def begins(self) -> date:
        """The day of the first regimen; without one, of the first thing recorded: something is of every supply."""
        first: tuple[HomeEvent, ...] = self.regimens or (*self.dispensed, *self.counts, *self.logs, *self.away)
        return min(self.day(event) for event in first)

    def unit_mg_on(self, day: date) -> float | None:
        """What one unit of the last dispensing by that day holds; None where it is not known."""
        before = bisect_right(self._dispensed_on, day)
        return self.dispensed[before - 1].unit_mg if before else None

    @cached_property
    def _dispensed_on(self) -> list[date]:
        return [self.day(each) for each in self.dispensed]


def supplies(record: PatientRecord, rules: HomeRules) -> tuple[Supply, ...]:
    """Every drug by every route at home, the one spoken of last first."""
    kinds: tuple[type[HomeEvent], ...] = (Regimen, Dispensing, LeftOver, DoseLog)
    by_drug: dict[str, list[HomeEvent]] = {}
    for event in (event for kind in kinds for event in record.of_kind(kind)):
        by_drug.setdefault(rules.drug_of(event.treatment), []).append(event)
    found = [supply for drug, events in by_drug.items() for supply in _of_drug(drug, events, record.zone)]
    return tuple(sorted(found, key=_last_spoken_of, reverse=True))


def _last_spoken_of(supply: Supply) -> tuple[bool, date, str, str]:
    """One with a regimen that goes on comes first, then the one begun last."""
    goes_on = bool(supply.regimens) and supply.regimens[-1].ended is None
    first = supply.day(supply.regimens[-1]) if supply.regimens else supply.begins
    return goes_on, first, supply.drug, supply.route or ""


def _of_drug(drug: str, events: Sequence[HomeEvent], zone: ZoneInfo) -> Iterator[Supply]:
    routes = _routes([event for event in events if not isinstance(event, DoseLog)]) or _routes(events) or (None,)
    regimens = [event for event in events if isinstance(event, Regimen)]
    placed: dict[str | None, list[HomeEvent]] = {route: [] for route in routes}
    strays: list[DoseLog] = []
    away: list[DoseLog] = []
    for event in events:
        day, said = event.at.day(zone), same_route_key(event.route)
        prescribed = _prescribed(regimens, routes, day, zone)
        route = said if said in placed else prescribed[0] if prescribed else routes[0]
        placed[route].append(event)
        if isinstance(event, DoseLog) and said is not None and prescribed and said not in prescribed:
            (strays if said in placed else away).append(event)
    for route, own in placed.items():
        yield _supply(drug, route, zone, own, strays, away)


def _routes(events: Sequence[HomeEvent]) -> tuple[str, ...]:
    """The routes that are named, in a fixed order."""
    return tuple(sorted({route for event in events if (route := same_route_key(event.route))}))


def _prescribed(regimens: Sequence[Regimen], routes: Sequence[str | None], day: date, zone: ZoneInfo) -> list[str | None]:
    """The routes of the regimens that may hold on a day, the one begun last first. One that names no route has the drug's only one."""
    held = [r for r in regimens if r.at.day(zone) <= day and (r.ended is None or day <= r.ended.last_day(zone))]
    return list(dict.fromkeys(same_route_key(r.route) or routes[0] for r in reversed(held)))


def _supply(
    drug: str, route: str | None, zone: ZoneInfo, events: Sequence[HomeEvent], strays: Sequence[DoseLog], away: Sequence[DoseLog]
) -> Supply:
    logs = tuple(event for event in events if isinstance(event, DoseLog) and event not in away)
    return Supply(
        drug=drug,
        route=route,
        zone=zone,
        regimens=tuple(event for event in events if isinstance(event, Regimen)),
        dispensed=tuple(event for event in events if isinstance(event, Dispensing)),
        counts=tuple(event for event in events if isinstance(event, LeftOver)),
        logs=logs,
        strays=tuple(log for log in logs if log in strays),
        away=tuple(event for event in events if isinstance(event, DoseLog) and event in away),
    )
