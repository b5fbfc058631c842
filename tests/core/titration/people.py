"""A patient on a plateau at home of whom everything is known that a higher dose asks for; and what can be taken away."""

from typing import Any

from core.options.people import CATALOG, ON, event, plateau
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, review

NO = (
    "elevated_mood", "psychotic_symptoms", "active_psychosis", "active_mania", "less_sleep_more_energy", "pregnant", "breastfeeding",
    "bladder_symptoms", "haematuria", "sterile_pyuria", "pain_on_filling", "cystitis", "diversion", "craving", "requests_for_more",
)  # fmt: skip


def fibser(burden: float, days: int = 3) -> dict[str, Any]:
    return event("assessment", days, instrument="fibser", answers=[1, 1, burden])


def log(days: int, dose_mg: float | None = 100, route: str | None = "sublingual", **more: Any) -> dict[str, Any]:
    return event("dose_log", days, treatment="ketamine", route=route, taken="taken", dose_mg=dose_mg, someone_present=True, **more)


SETTLED: tuple[dict[str, Any], ...] = (
    event("assessment", 2, instrument="cssrs_screener", answers=[0, 0, None, None, None, 0, None]),
    event("assessment", 2, instrument="asrm", answers=[0, 0, 0, 0, 0]),
    *(event("observation", 2, about=about, answer="no", by="prescriber") for about in NO),
    event("observation", 2, about="medicines_reviewed", answer="yes", by="prescriber"),
    event("observation", 2, about="contraindications_checked", answer="yes", by="prescriber"),
    event("measurement", 5, measure="BPIC-SS", value=4, unit="{score}"),
    event("measurement", 5, measure="ALT", value=20, unit="U/L"),
    event("measurement", 5, measure="ALT upper limit", value=40, unit="U/L"),
)
BOUNDS = {"dose_lower": 50, "dose_upper": 300}


def settled(*more: dict[str, Any], burden: float | None = 1, **plan: Any) -> PatientRecord:
    """The plateau with every question answered, and two doses of 100 mg."""
    rated = () if burden is None else (fibser(burden),)
    return plateau(*SETTLED, *rated, log(10), log(3), *more, **(plan or BOUNDS))


def reviewed(record: PatientRecord) -> Review:
    return review(record, CATALOG, ON)
