"""The native format: `{"schema": "euthymia/record/1", "patient_id": …, "events": […]}`.

Several patients are a JSON list of these, or one a line (NDJSON).
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from euthymia.interop.intake import Intake, shown
from euthymia.interop.json_text import decode
from euthymia.interop.result import Reading
from euthymia.record import SCHEMA, PatientRecord

_KEYS = ("schema", "patient_id", "events")


def to_json(record: PatientRecord, *, indent: int | None = 1) -> str:
    """One patient as native JSON. What is not known is left out, and so is a field at its default."""
    return json.dumps(to_dict(record), ensure_ascii=False, indent=indent)


def to_ndjson(records: Iterable[PatientRecord]) -> str:
    """Several patients, one a line."""
    return "".join(to_json(record, indent=None) + "\n" for record in records)


def to_dict(record: PatientRecord) -> dict[str, Any]:
    """One patient as a native document, ready to be encoded."""
    events = [{"kind": event.kind, **event.model_dump(mode="json", exclude_defaults=True)} for event in record.events]
    return {"schema": SCHEMA, "patient_id": record.patient_id, "events": events}


def from_json(text: str) -> list[Reading]:
    """Read native JSON: one reading per patient, each event on its own. Raises ReadError where nothing can be read."""
    intake = Intake()
    decoded = decode(text)
    intake.skipped += [(None, note) for note in decoded.skipped]
    for where, document in decoded.documents:
        gather(document, where, intake)
    return intake.readings()


def gather(document: object, where: str, intake: Intake) -> None:
    """Bring one decoded document, or a list of them, into `intake`. `where` is its place (a file, a line)."""
    if isinstance(document, list):
        for index, each in enumerate(document):
            place = f"{where}: [{index}]" if where else f"[{index}]"
            if isinstance(each, list):
                intake.skip(place, "a list in a list", "a patient's record")
            else:
                gather(each, place, intake)
        return
    before = f"{where}." if where.endswith("]") else f"{where}: " if where else ""
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        found = shown(document.get("schema") if isinstance(document, Mapping) else document)
        intake.skip(f"{before}schema", found, f"{SCHEMA!r} (or a FHIR resource with its resourceType)")
        return
    patient_id, events = document.get("patient_id"), document.get("events")
    if not isinstance(patient_id, str) or not patient_id.strip():
        intake.skip(f"{before}patient_id", shown(patient_id), "text that is not empty")
        return
    patient_id = patient_id.strip()
    intake.patient(patient_id)
    for key in document.keys() - set(_KEYS):
        intake.skip(f"{before}{key}", "a field that a record does not have", ", ".join(_KEYS), patient_id)
    if not isinstance(events, list):
        intake.skip(f"{before}events", shown(events), "a list", patient_id)
        return
    for index, event in enumerate(events):
        place = f"{before}events[{index}]"
        if isinstance(event, Mapping):
            intake.admit(patient_id, place, event, strict=True)
        else:
            intake.skip(place, shown(event), "an object", patient_id)


def record_schema() -> dict[str, Any]:
    """The JSON Schema of one patient's document (published as docs/schemas/record.schema.json)."""
    schema = PatientRecord.model_json_schema()
    properties = {"schema": {"const": SCHEMA, "description": "The format and its version."}, **schema["properties"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
        **schema,
        "title": "A patient's record",
        "properties": properties,
        "required": list(_KEYS),
    }
