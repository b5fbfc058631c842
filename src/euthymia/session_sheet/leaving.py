"""Whether the patient may leave, by what is known now: the gates of discharge, and the minutes until the earliest time."""

import math
from dataclasses import dataclass
from datetime import datetime

from euthymia.catalog import Catalog
from euthymia.events import DoseSession
from euthymia.record import PatientRecord
from euthymia.rules import CannotTell, Finding, gates
from euthymia.rules.sessions_today import going_on


@dataclass(frozen=True)
class Leaving:
    """`staying`: findings that keep the patient here, `unknown`: what nobody can tell; both empty: may leave.

    `minutes_left`: whole minutes until the earliest time, 0 where it has come; None where the start of the dose is not known.
    """

    staying: tuple[Finding, ...]
    unknown: tuple[CannotTell, ...]
    minutes_left: int | None
    words: str

    @property
    def may_leave(self) -> bool:
        """Whether nothing found and nothing unknown speaks against it. What is not known never lets somebody go."""
        return not self.staying and not self.unknown


def leaving(record: PatientRecord, catalog: Catalog, at: datetime) -> Leaving:
    """The gates of discharge at an instant. A note keeps nobody; everything else does."""
    results = gates(record, catalog, at, "discharge")
    staying = tuple(r for r in results if isinstance(r, Finding) and r.severity != "note")
    unknown = tuple(r for r in results if isinstance(r, CannotTell) and r.severity != "note")
    left = _minutes_left(record, catalog, at)
    return Leaving(staying, unknown, left, _words(staying, unknown, left))


def _minutes_left(record: PatientRecord, catalog: Catalog, at: datetime) -> int | None:
    given = [session for session in record.of_kind(DoseSession) if session.at.instant is None or session.at.instant <= at]
    session = going_on(given, catalog, record.zone, at)
    start = session.at.instant if session else None
    if start is None:
        return None
    stay = catalog.rules["discharge"].thresholds["observation_minutes"].value
    return max(0, math.ceil(stay - (at - start).total_seconds() / 60))


def _words(staying: tuple[Finding, ...], unknown: tuple[CannotTell, ...], left: int | None) -> str:
    if left is None:
        return "cannot tell when the patient may leave: no dose with its clock time is recorded today"
    said = [f"at least {left} more {'minute' if left == 1 else 'minutes'}"] if left else []
    said += [f"{len(staying)} {'finding keeps' if len(staying) == 1 else 'findings keep'} the patient here"] if staying else []
    said += [f"{len(unknown)} {'question is' if len(unknown) == 1 else 'questions are'} open"] if unknown else []
    return "; ".join(said) if said else "nothing recorded speaks against leaving; the decision is the clinician's"
