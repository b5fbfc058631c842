"""Around a dose at home: what the clinic wants to hear of before it, and which readings of a cuff cannot be.

Which answer is heard first says the vocabulary (the worst value of the fact that was asked); of blood pressure, the gates
before a session. Nothing here says that a dose is to be taken, or left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.events import Observation
from euthymia.record import PatientRecord
from euthymia.rules import Finding, gates

# What a patient is asked before a dose at home, in this order. The words are those of the patient's language (phrases).
ASKED = ("escort_present", "plans_to_drive", "alcohol_today", "sedating_medicine_today")
PRESSURE = "pressure"
_BEFORE = frozenset({"systolic_before_dose", "diastolic_before_dose"})


PressureTrouble = Literal["upper", "lower", "swapped", "apart"]


@dataclass(frozen=True)
class PressureProblem:
    """Why two numbers are no reading: one cannot be, they are swapped, or too far apart or too close. `low` to `high` can be."""

    kind: PressureTrouble
    found: float
    low: float | None = None
    high: float | None = None


def heard_first(record: PatientRecord, catalog: Catalog, at: datetime, said: Iterable[Observation]) -> tuple[str, ...]:
    """What of the check at `at` the clinic asked to hear of first: the facts that were answered so, and `PRESSURE`.

    `said`: the answers, which with their reading of the cuff stand in the record already.
    """
    worst = {name: fact.worst for name, fact in catalog.vocabulary.items()}
    answered = [each.about for each in said if each.answer == worst.get(each.about)]
    findings = [found for found in gates(record, catalog, at, "before") if isinstance(found, Finding)]
    high = any(used.fact in _BEFORE for found in findings for used in found.facts)
    return (*answered, *((PRESSURE,) if high else ()))


def pressure_problem(catalog: Catalog, upper: float, lower: float) -> PressureProblem | None:
    """What is wrong with a reading as it was typed; None: it can be."""
    if lower >= upper:
        return PressureProblem("swapped", upper - lower)
    asked: tuple[tuple[PressureTrouble, float, str], ...] = (
        ("upper", upper, "systolic"),
        ("lower", lower, "diastolic"),
        ("apart", upper - lower, "pulse_pressure"),
    )
    for kind, value, measured in asked:
        span = catalog.measurements[measured].plausible
        if span is not None and not span.low <= value <= span.high:
            return PressureProblem(kind, value, span.low, span.high)
    return None
