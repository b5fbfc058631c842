"""What is written is read back the same, whatever the record, in every format (invariant 5 of ARCHITECTURE.md)."""

import io
import json
from csv import reader, writer
from pathlib import Path
from typing import Any

import fhirkit
import jsonschema
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.strategies import CATALOG, events, records
from euthymia.events import KINDS
from euthymia.interop import csv, fhir_r4, native_json
from euthymia.record import PatientRecord

SCHEMA_FILE = Path(__file__).parents[3] / "docs/schemas/record.schema.json"
VALIDATOR = jsonschema.Draft202012Validator(native_json.record_schema())
# Large generated records are slow to draw, not to translate.
quick = settings(derandomize=True, deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))


def sent(document: Any) -> Any:
    """What arrives of a document that goes over a wire."""
    return json.loads(json.dumps(document))


@quick
@given(records())
def test_native_json(record: PatientRecord) -> None:
    text = native_json.to_json(record)
    assert native_json.from_json(text) == [(record, ())]
    VALIDATOR.validate(json.loads(text))


@quick
@given(st.lists(records(), min_size=2, max_size=3, unique_by=lambda record: record.patient_id))
def test_several_patients(several: list[PatientRecord]) -> None:
    expected = [(record, ()) for record in several]
    assert native_json.from_json(native_json.to_ndjson(several)) == expected
    assert native_json.from_json(json.dumps([native_json.to_dict(record) for record in several])) == expected


@quick
@given(records().filter(lambda record: bool(record.events)))
def test_csv(record: PatientRecord) -> None:
    assert csv.from_csv(csv.to_csv([record]), CATALOG) == [(record, ())]


@quick
@given(records())
def test_fhir(record: PatientRecord) -> None:
    assert fhir_r4.from_fhir(sent(fhir_r4.to_fhir(record, CATALOG)), CATALOG) == [(record, ())]


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(quick, max_examples=8)
@given(data=st.data())
def test_every_kind_is_valid_fhir(kind: str, data: st.DataObject) -> None:
    """Two routes: the published models, and an independent validator."""
    event: Any = data.draw(events(kind))
    bundle = fhir_r4.to_fhir(PatientRecord(patient_id="p", events=(event,)), CATALOG)
    assert fhirkit.validate(json.dumps(bundle)) == []
    for entry in bundle["entry"]:
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
    [reading] = fhir_r4.from_fhir(sent(bundle), CATALOG)
    assert reading == (PatientRecord(patient_id="p", events=(event,)), ())


@quick
@given(records(max_events=8), st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_matter(record: PatientRecord, chance: Any) -> None:
    document = native_json.to_dict(record)
    chance.shuffle(document["events"])
    assert native_json.from_json(json.dumps(document))[0].record == record
    header, *rows = list(reader(io.StringIO(csv.to_csv([record]), newline="")))
    chance.shuffle(rows)
    text = io.StringIO(newline="")
    writer(text).writerows([header, *rows])
    assert not rows or csv.from_csv(text.getvalue(), CATALOG)[0].record == record
    bundle = sent(fhir_r4.to_fhir(record, CATALOG))
    chance.shuffle(bundle["entry"])
    assert fhir_r4.from_fhir(bundle, CATALOG)[0].record == record


def test_the_published_schema_is_current() -> None:
    assert json.loads(SCHEMA_FILE.read_text(encoding="utf-8")) == native_json.record_schema()
    jsonschema.Draft202012Validator.check_schema(native_json.record_schema())


def test_fhir_says_in_its_own_fields_what_it_can() -> None:
    """Without our extensions the facts that FHIR has fields for are still there."""
    told = [
        {"kind": "assessment", "id": "a", "at": "2026-03-01", "instrument": "phq9", "total": 9, "answers": [1] * 9},
        {"kind": "medication", "id": "m", "at": "2026-01", "drug": "sertraline", "daily_dose_mg": 150.0, "ended": "2026-02-03"},
        {"kind": "condition", "id": "c", "at": "2020", "condition": "depression", "clinical_status": "active"},
        {"kind": "measurement", "id": "w", "at": "2026-03-01", "measure": "weight", "value": 72.5, "unit": "kg"},
        {"kind": "dose_session", "id": "d", "at": "2026-03-02T10:00:00+01:00", "treatment": "ketamine", "dose_mg": 40.0},
        {"kind": "concern", "id": "f", "at": "2026-03-01", "concern": "sleeps badly", "about": "other"},
        {
            "kind": "observation",
            "id": "o",
            "at": "2026-03-01",
            "about": "escort_present",
            "answer": "yes",
            "by": "nurse",
            "note": "her brother",
        },
    ]
    [reading] = native_json.from_json(json.dumps({"schema": "euthymia/record/1", "patient_id": "p", "events": told}))
    bundle = fhir_r4.to_fhir(reading.record, CATALOG)
    assert reading.skipped == ()
    assert [entry["resource"].get("extension") for entry in bundle["entry"]] == [None] * 8
    assert fhir_r4.from_fhir(bundle, CATALOG) == [reading]
    total = next(e["resource"] for e in bundle["entry"] if e["resource"].get("id") == "a")
    assert total["code"]["coding"][0] == {"system": "http://loinc.org", "code": "44261-6"}
    assert [c["code"]["coding"][0]["code"] for c in total["component"]][::8] == ["44250-9", "44260-8"]
    assert total["component"][0]["valueCodeableConcept"]["coding"][0]["code"] == "LA6569-3"
    seen = next(e["resource"] for e in bundle["entry"] if e["resource"].get("id") == "o")
    assert seen["code"]["coding"] == [{"system": "urn:euthymia:fact", "code": "escort_present"}]
    assert seen["valueCodeableConcept"]["coding"] == [
        {"system": "urn:euthymia:answer", "code": "yes"},
        {"system": "http://loinc.org", "code": "LA33-6"},
    ]
