"""From the tables to the core's own record, and from an event to its row."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from euthymia.events import Event as CoreEvent
from euthymia.events import EventBase
from euthymia.record import PatientRecord
from euthymia_clinic.chart.models import Event, Patient

# Earlier than any person of the record, so that it says nothing but the zone.
_BEFORE_ANYTHING = "1850-01-01"


def record_of(patient: Patient) -> PatientRecord:
    """Everything that is known about a patient, as the core takes it."""
    return record_from(patient, patient.events.order_by("pk").values_list("body", flat=True))


def record_from(patient: Patient, bodies: Iterable[dict[str, Any]]) -> PatientRecord:
    """A record from the bodies of its events, with the zone that the clinic knows where none of them says one."""
    events = tuple(bodies)
    if not any(body.get("kind") == "person" and body.get("zone") for body in events):
        # Without it, days would be counted in UTC, and what is recorded on an evening in the west would be tomorrow's.
        events = ({"kind": "person", "id": "clinic-zone", "at": _BEFORE_ANYTHING, "zone": str(zone_of(patient))}, *events)
    return PatientRecord.model_validate({"patient_id": patient.code, "events": events})


def event_from(body: dict[str, Any]) -> EventBase:
    """One event from its JSON form. Raises pydantic's ValidationError."""
    event: EventBase = _event().validate_python(body)
    return event


def body_of(event: EventBase) -> dict[str, Any]:
    """The native JSON form of an event: what was said, nothing else."""
    return {"kind": event.kind, **event.model_dump(mode="json", exclude_defaults=True)}  # type: ignore[attr-defined]


def row_of(patient: Patient, event: EventBase) -> Event:
    """The row of an event that carries `recorded_at`."""
    known = event.recorded_at.instant if event.recorded_at else None
    if known is None:
        raise ValueError(f"found the event {event.id!r} without the instant at which it was recorded; allowed: one that has it")
    return Event(
        patient=patient,
        event_id=event.id,
        kind=event.kind,  # type: ignore[attr-defined]
        day=event.at.day(zone_of(patient)),
        recorded_at=known,
        body=body_of(event),
    )


def zone_of(patient: Patient) -> ZoneInfo:
    """The zone in which this patient's days are counted."""
    return ZoneInfo(patient.zone or patient.site.zone)


@cache
def _event() -> TypeAdapter[Any]:
    return TypeAdapter(CoreEvent)
