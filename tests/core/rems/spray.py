"""A patient with a session of esketamine by nasal spray, made up; each test says what is recorded of it."""

from datetime import date, datetime, timedelta
from typing import Any

from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.rems import CannotTellRems, NotRems, RemsForm, rems_form

CATALOG = load_catalog()
DAY = date(2026, 3, 2)
DOSE = datetime.fromisoformat("2026-03-02T10:00:00-05:00")
ZONE = "America/New_York"


def at(minutes: float) -> str:
    """An instant, in minutes after the dose (before it: below zero)."""
    return (DOSE + timedelta(minutes=minutes)).isoformat()


def person(**said: Any) -> dict[str, Any]:
    return {"kind": "person", "id": "who", "at": "2020-01-01", "zone": ZONE, **said}


def session(name: str = "s", **said: Any) -> dict[str, Any]:
    base = {"kind": "dose_session", "id": name, "at": at(0), "ended": at(125), "treatment": "esketamine", "route": "intranasal"}
    return {key: value for key, value in {**base, **said}.items() if value is not None}


def saw(about: str, answer: str, when: float | str, of: str | None = "s", **said: Any) -> dict[str, Any]:
    moment = when if isinstance(when, str) else at(when)
    event = {"kind": "observation", "id": f"{about}-{moment}-{answer}-{of}", "about": about, "answer": answer, "at": moment, **said}
    return event | ({"of": of} if of else {})


def pressure(systolic: float, diastolic: float, minutes: float) -> list[dict[str, Any]]:
    return [measured("systolic", systolic, "mm[Hg]", minutes), measured("diastolic", diastolic, "mm[Hg]", minutes)]


def measured(measure: str, value: float, unit: str | None, minutes: float | str) -> dict[str, Any]:
    moment = minutes if isinstance(minutes, str) else at(minutes)
    return {"kind": "measurement", "id": f"{measure}-{moment}", "measure": measure, "value": value, "at": moment} | (
        {"unit": unit} if unit else {}
    )


def drug(name: str, since: str = "2025-01-01", **said: Any) -> dict[str, Any]:
    return {"kind": "medication", "id": f"drug-{name}", "drug": name, "at": since, **said}


def record(*events: Any) -> PatientRecord:
    flat = [e for each in events for e in (each if isinstance(each, list) else [each])]
    return PatientRecord.model_validate({"patient_id": "p", "events": flat})


def asked(*events: Any, name: str = "s", on: date = DAY, **beside: str) -> RemsForm | NotRems | CannotTellRems:
    """What comes out for a session of a record."""
    return rems_form(record(person(), *events), name, CATALOG, on, beside)


def filled(*events: Any, name: str = "s", on: date = DAY, **beside: str) -> RemsForm:
    found = asked(*events, name=name, on=on, **beside)
    assert isinstance(found, RemsForm), found
    return found
