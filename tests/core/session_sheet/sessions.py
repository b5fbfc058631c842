"""A session as it is typed into a sheet, made up: entries in the order of their arrival."""

from datetime import datetime, timedelta

from core.rules.people import BASE, CATALOG, DOSE
from euthymia.record import PatientRecord
from euthymia.session_sheet import Entry, Sheet, events_of, sheet

SHEET_ID = "s1"
CLEAR = [
    ("contraindications_checked", "yes", -40), ("medicines_reviewed", "yes", -40), ("alcohol_today", "no", -40),
    ("sedative_today", "no", -40), ("minutes_since_food", "200", -40), ("minutes_since_fluid", "60", -40), ("pregnancy", "no", -40),
    ("breastfeeding", "no", -40), ("elevated_mood", "no", -35), ("psychotic_symptoms", "no", -35), ("intoxication", "no", -35),
    ("confusion", "no", -35), ("suicidality_asked", "yes", -35), ("escort_arranged", "yes", -35), ("systolic", "124", -15),
    ("diastolic", "78", -15), ("treatment", "esketamine", -10), ("route", "nasal", -10), ("dose", "84", -10),
    ("started_at", DOSE.isoformat(), 0),
]  # fmt: skip


def entry(field: str, value: str, minutes: float, number: int, **more: object) -> Entry:
    """One entry, measured so many minutes after the dose and arrived a second later."""
    at = DOSE + timedelta(minutes=minutes)
    return Entry(f"n{number:03}", field, value, at, at + timedelta(seconds=1), "nurse", **more)  # type: ignore[arg-type]


def entries(*typed: tuple[str, str, float]) -> list[Entry]:
    """Entries, one after the other."""
    return [entry(field, value, minutes, number) for number, (field, value, minutes) in enumerate(typed)]


def base(*events: dict[str, object]) -> PatientRecord:
    """The patient without a session."""
    found = [{"id": f"b{n:02}", **event} for n, event in enumerate([*BASE, *events])]
    return PatientRecord.model_validate({"patient_id": "p", "events": found})


def with_events(record: PatientRecord, of: Sheet, typed: list[Entry]) -> PatientRecord:
    """The record with what the sheet has made."""
    return PatientRecord(patient_id="p", events=(*record.events, *events_of(CATALOG, of, typed)))  # type: ignore[arg-type]


def of(record: PatientRecord, protocol: str = "esketamine_label", at: datetime = DOSE) -> Sheet:
    return sheet(CATALOG, protocol, record, at, SHEET_ID)
