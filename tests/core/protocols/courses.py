"""Records by hand: a plan, sessions, doses at home, weights and ratings, days counted from one Monday."""

from datetime import date, timedelta
from typing import Any

from euthymia.episode import current_episode
from euthymia.loading import load_catalog
from euthymia.position import Position, position
from euthymia.record import PatientRecord

CATALOG = load_catalog()
START = date(2026, 1, 5)
Event = dict[str, Any]


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def on(offset: int) -> date:
    return START + timedelta(days=offset)


def plan(protocol: str, phase: str, offset: int = 0, **more: Any) -> Event:
    return {"kind": "plan", "id": f"plan{offset}", "at": day(offset), "protocol": protocol, "phase": phase, **more}


def session(offset: int, treatment: str = "ketamine", route: str | None = "IV", **more: Any) -> Event:
    return {"kind": "dose_session", "id": f"s{offset}{treatment}", "at": day(offset), "treatment": treatment, "route": route, **more}


def nasal(offset: int, dose: float | None = 56) -> Event:
    return session(offset, "esketamine", "intranasal", dose_mg=dose)


def taken(offset: int, dose: float | None = 100, how: str = "taken", route: str | None = "sublingual") -> Event:
    return {
        "kind": "dose_log",
        "id": f"d{offset}",
        "at": day(offset),
        "treatment": "ketamine",
        "route": route,
        "taken": how,
        "dose_mg": dose,
    }


def weight(offset: int, value: float, unit: str | None = "kg") -> Event:
    return {"kind": "measurement", "id": f"w{offset}", "at": day(offset), "measure": "body weight", "value": value, "unit": unit}


def phq9(offset: int, total: float, **more: Any) -> Event:
    return {"kind": "assessment", "id": f"p{offset}", "at": day(offset), "instrument": "phq9", "total": total, **more}


def record(*events: Event) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": list(events)})


def standing(*events: Event, at: int) -> Position:
    """Where they stand on that day, from the record cut at it."""
    cut = record(*events).until(on(at))
    return position(cut, current_episode(cut, CATALOG), CATALOG, on(at))
