"""Doses at home on the timeline: what was logged is drawn, and what was prescribed, handed out or counted is not a dose."""

from typing import Any

from euthymia.episode import current_episode
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.timeline import Lane, timeline

CATALOG = load_catalog()
RATED = {"kind": "assessment", "id": "a", "at": "2026-03-01", "instrument": "phq9", "total": 14}


def lanes(*events: dict[str, Any]) -> tuple[Lane, ...]:
    record = PatientRecord.model_validate({"patient_id": "p", "events": [RATED, *events]})
    return timeline(record, current_episode(record, CATALOG), CATALOG).lanes


def log(day: int, **more: Any) -> dict[str, Any]:
    return {"kind": "dose_log", "id": f"d{day}", "at": f"2026-03-{day:02}", "treatment": "ketamine", "route": "sublingual", **more}


def test_only_what_was_logged_is_drawn_and_an_amount_that_nobody_said_is_not_reckoned() -> None:
    said = [log(2, taken="taken", dose_mg=100), log(5, taken="changed", units=2, worrying=True), log(9, taken="not_taken"), log(12)]
    [lane] = lanes(*said)
    assert (lane.kind, lane.name) == ("home_dose", "ketamine sublingual, at home")
    assert [(dose.amount, dose.unit, dose.taken) for dose in lane.doses] == [
        (100, "mg", True),
        (None, None, True),
        (None, None, False),
        (None, None, None),
    ]


def test_a_regimen_a_dispensing_and_a_count_are_no_doses() -> None:
    drug = {"treatment": "ketamine", "route": "sublingual"}
    regimen = {"kind": "regimen", "id": "r", "at": "2026-03-01", "weekdays": ["monday"], "dose_mg": 100, **drug}
    dispensing = {"kind": "dispensing", "id": "h", "at": "2026-03-01", "quantity": 8, "unit_mg": 100, **drug}
    counted = {"kind": "left_over", "id": "l", "at": "2026-03-20", "units": 3, **drug}
    assert lanes(regimen, dispensing, counted) == ()
