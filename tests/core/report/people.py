"""Reviews to render: the shipped samples, and a patient whose words try to break out of the page."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import euthymia
from euthymia.interop.intake import Intake
from euthymia.interop.native_json import gather

SAMPLES = Path(euthymia.__file__).parent / "samples"


@cache
def sample(name: str) -> Any:
    record, skipped = euthymia.read(SAMPLES / f"{name}.json")
    assert skipped == ()
    return euthymia.review(record, euthymia.load_catalog(), record.last_day())


def all_samples() -> list[Any]:
    return [sample(path.stem) for path in sorted(SAMPLES.glob("*.json"))]


def review_of(events: list[dict[str, Any]], on: date, patient_id: str = "one") -> Any:
    intake = Intake()
    gather({"schema": "euthymia/record/1", "patient_id": patient_id, "events": events}, "", intake)
    assert intake.skipped == []
    return euthymia.review(intake.readings()[0].record, euthymia.load_catalog(), on)


HOSTILE = "<script>alert(1)</script></script>[bold]&\"'"


def hostile() -> Any:
    """Everything that is free text in a record says something that is markup elsewhere."""
    days = [date(2026, 1, 5), date(2026, 1, 19), date(2026, 2, 2)]
    events: list[dict[str, Any]] = [
        {"kind": "plan", "id": "p", "at": "2026-01-05", "summary": HOSTILE},
        {"kind": "decision", "id": "d", "at": "2026-01-19", "disposition": "continue", "reason": HOSTILE},
        {"kind": "medication", "id": "m", "at": "2026-01-05", "drug": HOSTILE, "dose_text": HOSTILE},
        {"kind": "dose_session", "id": "s", "at": "2026-01-05", "treatment": HOSTILE},
        {"kind": "goal", "id": "g", "at": "2026-01-05", "goal": HOSTILE},
        {"kind": "incident", "id": "i", "at": "2026-02-01", "incident": "adverse_event", "description": HOSTILE},
    ]
    events += [
        {"kind": "assessment", "id": f"a{i}", "at": day.isoformat(), "instrument": "phq9", "total": 20 - i, "rater": f"{HOSTILE}{i}"}
        for i, day in enumerate(days)
    ]
    return review_of(events, date(2026, 2, 2), patient_id=HOSTILE)
