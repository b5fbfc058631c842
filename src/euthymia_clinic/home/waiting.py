"""Which doses at home wait to be logged, and which were: from the core's own reconciliation, nothing is counted anew."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from euthymia.catalog import Catalog
from euthymia.events import DoseLog, Regimen
from euthymia.home import HomeDoses, home_doses
from euthymia.home.planned import planned_on
from euthymia.record import PatientRecord

# So far back the page offers doses that nobody has logged; an earlier one is logged as another dose, with its day.
OFFERED_BACK = timedelta(days=14)
# A log made on the patient's page names its drug and route; a planned dose its day and number, another one its form.
_ID = re.compile(r"dose-([0-9a-f]{8})-(?:(\d{4}-\d{2}-\d{2})-\d{1,2}|[0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True)
class Waiting:
    """A planned dose that nobody has logged. `id`: that of its log to come; `number`: which dose of its day."""

    id: str
    day: date
    number: int
    supply: HomeDoses


def supplies_at_home(record: PatientRecord, catalog: Catalog, today: date) -> tuple[HomeDoses, ...]:
    """Each drug by each route at home, reconciled up to today; none: nothing says that there is any."""
    found = home_doses(record.until(today), catalog, today)
    return found.each if found else ()


def waiting(record: PatientRecord, supplies: Sequence[HomeDoses], today: date) -> list[Waiting]:
    """The planned doses of today and of the days before it that nobody has logged, the last first."""
    taken_ids = {event.id for event in record.events}
    days = [today - timedelta(days=n) for n in range(OFFERED_BACK.days + 1)]
    return [each for day in days for supply in supplies for each in _waiting_on(supply, day, record.zone, taken_ids)]


def planned_day(dose_id: str) -> date | None:
    """The day of which a planned dose's id speaks; None of any other id."""
    found = _ID.fullmatch(dose_id)
    try:
        return date.fromisoformat(found[2]) if found and found[2] else None
    except ValueError:
        return None


def key_in(dose_id: str) -> str:
    """The drug and route of which a dose's id speaks; empty of an id that was not made on the patient's page."""
    found = _ID.fullmatch(dose_id)
    return found[1] if found else ""


def key_of(supply: HomeDoses) -> str:
    """A drug by a route, as it stands in the id of a dose and in a form."""
    return sha256(f"{supply.drug}|{supply.route or ''}".encode()).hexdigest()[:8]


def regimen_on(record: PatientRecord, catalog: Catalog, supply: HomeDoses, day: date) -> Regimen | None:
    """The regimen of a drug and route that held on a day."""
    then = supplies_at_home(record, catalog, day)
    return next((each.regimen for each in then if key_of(each) == key_of(supply)), None)


def standing_log(record: PatientRecord, event_id: str) -> DoseLog | None:
    """A log as it holds now: what came in its place, if anything did. None: there is none, or it was taken back."""
    later = {event.supersedes: event.id for event in record.events if event.supersedes}
    seen: set[str] = set()
    while event_id in later and event_id not in seen:
        seen.add(event_id)
        event_id = later[event_id]
    return next((log for log in record.of_kind(DoseLog) if log.id == event_id), None)


def _waiting_on(supply: HomeDoses, day: date, zone: ZoneInfo, taken_ids: set[str]) -> Iterator[Waiting]:
    said = next((each for each in supply.days if each.day == day), None)
    # A day on which there is still time to log stands in the reconciliation only once something was.
    planned = said.planned if said else planned_on((supply.regimen,), day, zone) if supply.regimen else None
    logged = said.taken + said.not_taken + said.changed + said.unknown if said else 0
    numbers = (n for n in range(1, 100) if _id(supply, day, n) not in taken_ids)
    for number, _ in zip(numbers, range((planned or 0) - logged), strict=False):
        yield Waiting(_id(supply, day, number), day, number, supply)


def _id(supply: HomeDoses, day: date, number: int) -> str:
    return f"dose-{key_of(supply)}-{day.isoformat()}-{number}"
