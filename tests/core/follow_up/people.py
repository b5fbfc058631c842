"""Patients in ketamine care over months, made up, and what follow-up says of them."""

from datetime import date
from typing import Any

from core.rules.people import BASE, CATALOG
from euthymia.follow_up import FollowUp, Subject
from euthymia.record import PatientRecord
from euthymia.reviewing import review

ON = date(2026, 3, 2)


def record(*events: dict[str, Any]) -> PatientRecord:
    """The patient of the rules' tests, with these events in place of a session."""
    every = [*BASE, *events]
    return PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n:03}", **event} for n, event in enumerate(every)]})


def said_of(*events: dict[str, Any], on: date = ON) -> FollowUp:
    found = review(record(*events), CATALOG, on).follow_up
    assert found is not None
    return found


def subject(said: FollowUp, subject_id: str) -> Subject:
    return next(each for each in said.subjects if each.id == subject_id)


def session(at: str, **more: Any) -> dict[str, Any]:
    return {"kind": "dose_session", "at": at, "treatment": "esketamine", "route": "nasal", "dose_mg": 84, **more}


def measurement(at: str, measure: str, value: float, unit: str) -> dict[str, Any]:
    return {"kind": "measurement", "at": at, "measure": measure, "value": value, "unit": unit}


def statement(at: str, about: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"kind": "observation", "at": at, "about": about, "answer": answer, **more}
