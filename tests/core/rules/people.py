"""A patient in ketamine care on a day with a session, made up; and what can be wrong with such a patient."""

from datetime import date, datetime, timedelta
from typing import Any

from euthymia.episode import current_episode
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.rules import RuleResult, evaluate, gates

CATALOG = load_catalog()
ON = date(2026, 3, 2)
DOSE = datetime.fromisoformat("2026-03-02T10:00:00+01:00")
SEVERE = {"emergency", "contraindicated", "hold", "escalate", "block"}


def at(minutes: float) -> str:
    """An instant, in minutes after the dose (before it: below zero)."""
    return (DOSE + timedelta(minutes=minutes)).isoformat()


def measured(measure: str, value: float, unit: str, minutes: float) -> dict[str, Any]:
    return {"kind": "measurement", "measure": measure, "value": value, "unit": unit, "at": at(minutes)}


def observed(about: str, answer: str, when: float | str) -> dict[str, Any]:
    return {"kind": "observation", "about": about, "answer": answer, "at": when if isinstance(when, str) else at(when), "by": "nurse"}


def pressure(systolic: float, diastolic: float, minutes: float) -> list[dict[str, Any]]:
    return [measured("systolic", systolic, "mm[Hg]", minutes), measured("diastolic", diastolic, "mm[Hg]", minutes)]


def screener(*answers: float | None, day: str = "2026-03-01") -> dict[str, Any]:
    return {"kind": "assessment", "instrument": "cssrs_screener", "at": day, "answers": list(answers)}


BASE: list[dict[str, Any]] = [
    {"kind": "person", "at": "1980-05-01", "birth_date": "1980-05-01", "zone": "Europe/Madrid", "pregnancy_potential": True},
    {"kind": "episode", "at": "2025-11-01", "polarity": "unipolar", "psychotic": False, "primary_instrument": "phq9"},
    {"kind": "plan", "at": "2026-02-02", "protocol": "esketamine_label", "phase": "induction"},
    {"kind": "assessment", "instrument": "phq9", "at": "2026-02-02", "answers": [3, 3, 3, 2, 2, 2, 2, 1, 0]},
]
SESSION = {"kind": "dose_session", "at": at(0), "treatment": "esketamine", "route": "nasal", "dose_mg": 84}


def record(*events: dict[str, Any] | list[dict[str, Any]], session: bool = True) -> PatientRecord:
    """The patient, with more events."""
    flat = [e for each in events for e in (each if isinstance(each, list) else [each])]
    every = [*BASE, *([SESSION] if session else []), *flat]
    return PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n:02}", **event} for n, event in enumerate(every)]})


def reviewed(found: PatientRecord, on: date = ON) -> dict[str, RuleResult]:
    cut = found.until(on)
    return {result.rule: result for result in evaluate(cut, current_episode(cut, CATALOG), CATALOG, on)}


def gated(found: PatientRecord, minutes: float, phase: Any) -> dict[str, RuleResult]:
    return {result.rule: result for result in gates(found, CATALOG, DOSE + timedelta(minutes=minutes), phase)}


# Everything that a session or a review must hold or escalate, at once; each fact is stated once.
HAZARDS: list[dict[str, Any]] = [
    screener(1, 1, 1, 1, 0, 0, None),
    {"kind": "assessment", "instrument": "phq9", "at": "2026-03-01", "answers": [3, 3, 2, 2, 2, 2, 2, 1, 2]},
    {"kind": "assessment", "instrument": "asrm", "at": "2026-03-01", "answers": [2, 2, 1, 1, 1]},
    observed("patient_reached", "no", -600),
    observed("elevated_mood", "yes", -30),
    observed("less_sleep_more_energy", "yes", -30),
    observed("intoxication", "yes", -30),
    observed("pregnant", "yes", -30),
    {"kind": "condition", "condition": "Aortic aneurysm", "at": "2020", "clinical_status": "active"},
    {"kind": "condition", "condition": "Allergy to ketamine", "at": "2021-01", "clinical_status": "active"},
    {"kind": "condition", "condition": "Psychosis", "at": "2026-02-20", "clinical_status": "active", "verification": "confirmed"},
    {"kind": "condition", "condition": "Ketamine cystitis", "at": "2026-02-20", "clinical_status": "active"},
    {"kind": "condition", "condition": "Liver cirrhosis", "at": "2019", "clinical_status": "active"},
    {"kind": "measurement", "measure": "Child-Pugh class", "text": "C", "at": "2026-02-01"},
    observed("haematuria", "yes", "2026-02-20"),
    observed("diversion", "yes", "2026-02-20"),
    {"kind": "measurement", "measure": "ALT", "value": 200, "unit": "U/L", "at": "2026-02-20"},
    {"kind": "measurement", "measure": "ALT upper limit", "value": 40, "unit": "U/L", "at": "2026-02-20"},
    measured("minutes since food", 40, "min", -20),
    measured("minutes since fluid", 40, "min", -20),
    *pressure(185, 112, -15),
]
OBSERVED: list[dict[str, Any]] = [
    *pressure(128, 78, -15),
    *pressure(170, 95, 40),
    *pressure(186, 112, 70),
    observed("red_flag_symptoms", "yes", 70),
    observed("pressure_symptoms", "yes", 70),
    observed("respiratory_depression", "yes", 70),
    measured("SpO2", 90, "%", 70),
    measured("MOAA/S", 3, "{score}", 70),
    observed("dissociation", "yes", 70),
    observed("escort_present", "no", 5),
    observed("plans_to_drive", "yes", 5),
]
