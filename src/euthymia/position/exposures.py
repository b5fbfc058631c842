"""Sessions and doses of a protocol as they are recorded: what was given surely, what may have been, what is another treatment.

A supervised session counts, and a dose at home that was logged as taken or changed. A dose that nobody logged is unknown: neither
taken nor left out.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

from euthymia.events import DoseLog, DoseSession
from euthymia.position.pacing import Count
from euthymia.protocol import Protocol
from euthymia.record import PatientRecord


@dataclass(frozen=True)
class Exposure:
    """One session or dose. `first_day`, `last_day`: the days between which it was; the same where its day is known."""

    id: str
    first_day: date
    last_day: date
    route: str | None
    dose_mg: float | None
    dose_mg_per_kg: float | None
    weight_kg: float | None

    @property
    def day(self) -> date | None:
        return self.first_day if self.first_day == self.last_day else None


@dataclass(frozen=True)
class Exposures:
    """What was given of the protocol's drug, by time; `unclear`: days of logs that do not say; `others`: other treatments, counted."""

    given: tuple[Exposure, ...]
    unclear: tuple[date, ...]
    others: tuple[tuple[str, int], ...]
    at_home: bool

    def since(self, start: date) -> tuple[Exposure, ...]:
        """Those that were surely given on or after `start`."""
        return tuple(exposure for exposure in self.given if exposure.first_day >= start)

    def count_since(self, start: date) -> Count:
        """How many since `start`, and whether there can have been more: at home, where a log is unclear, where nothing is recorded."""
        known = len(self.since(start))
        undated = any(e.first_day < start <= e.last_day for e in self.given)
        return Count(known, self.at_home or undated or known == 0 or any(day >= start for day in self.unclear))

    def unclear_since(self, start: date) -> int:
        """How many logs since `start` do not say whether the dose was taken."""
        return sum(day >= start for day in self.unclear)

    def interval_days(self, start: date) -> float | None:
        """The median interval between the days with a dose since `start` (and the last one before it); None with fewer than two."""
        days = sorted({e.day for e in self.given if e.day})
        before = [day for day in days if day < start][-1:]
        kept = [*before, *(day for day in days if day >= start)]
        return float(median((later - earlier).days for earlier, later in pairwise(kept))) if len(kept) > 1 else None


def exposures(record: PatientRecord, protocol: Protocol) -> Exposures:
    """Every session and dose of the record (already cut at its day) that the protocol gives. A drug taken daily has none."""
    zone = record.zone
    counts = bool(protocol.drugs) or protocol.kind == "none"
    sessions, logs = record.of_kind(DoseSession), record.of_kind(DoseLog)
    taken: list[DoseSession | DoseLog] = [*sessions, *(log for log in logs if log.was_taken)]
    given = [exposure_of(event, zone) for event in taken if counts and protocol.gives(event.treatment)]
    others = Counter(event.treatment for event in taken if not (counts and protocol.gives(event.treatment)))
    return Exposures(
        given=tuple(sorted(given, key=lambda exposure: (exposure.first_day, exposure.last_day))),
        unclear=tuple(log.at.day(zone) for log in logs if log.taken == "unknown" and counts and protocol.gives(log.treatment)),
        others=tuple(sorted(others.items())),
        at_home=protocol.setting == "home",
    )


def exposure_of(event: DoseSession | DoseLog, zone: ZoneInfo) -> Exposure:
    """One session or dose, with what was recorded of its amount."""
    return Exposure(
        id=event.id,
        first_day=event.at.day(zone),
        last_day=event.at.last_day(zone),
        route=event.route,
        dose_mg=event.dose_mg,
        dose_mg_per_kg=event.dose_mg_per_kg if isinstance(event, DoseSession) else None,
        weight_kg=event.weight_kg if isinstance(event, DoseSession) else None,
    )
