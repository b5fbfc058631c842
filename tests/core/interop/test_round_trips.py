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


def test_doses_at_home_are_told_in_fields_of_fhir() -> None:
    """A pharmacy's system reads the days, the words and the counts without an extension of ours."""
    told = [
        {"kind": "regimen", "id": "r", "at": "2026-03-01", "treatment": "ketamine", "route": "sublingual", "dose_mg": 100.0,
         "weekdays": ["monday", "thursday"], "words": "One troche on Monday and Thursday evening.", "prescriber": "Dr Example",
         "recorded_at": "2026-03-01T10:00:00Z", "ended": "2026-04-01"},
        {"kind": "regimen", "id": "r2", "at": "2026-04-01", "treatment": "ketamine", "every_days": 3.0, "doses_a_day": 2},
        {"kind": "dispensing", "id": "h", "at": "2026-03-02", "treatment": "ketamine", "quantity": 8.0, "days_supply": 28.0,
         "pharmacy": "Corner Pharmacy"},
        {"kind": "left_over", "id": "l", "at": "2026-03-20", "treatment": "ketamine", "units": 0.0, "counted_by": "patient"},
        {"kind": "dose_session", "id": "s", "at": "2026-02-01", "treatment": "ketamine", "monitored_by": "nurse"},
        {"kind": "dose_session", "id": "e", "at": "2026-02-02", "treatment": "ect", "monitored_by": "anaesthetist"},
        {"kind": "observation", "id": "o", "at": "2026-02-01", "about": "orientated", "answer": "yes", "of": "s"},
    ]  # fmt: skip
    [reading] = native_json.from_json(json.dumps({"schema": "euthymia/record/1", "patient_id": "p", "events": told}))
    bundle = sent(fhir_r4.to_fhir(reading.record, CATALOG))
    assert reading.skipped == ()
    assert fhirkit.validate(json.dumps(bundle)) == []
    assert [entry["resource"].get("extension") for entry in bundle["entry"]] == [None] * 8
    assert fhir_r4.from_fhir(bundle, CATALOG) == [reading]
    by_id = {entry["resource"].get("id"): entry["resource"] for entry in bundle["entry"]}
    [instruction] = by_id["r"]["dosageInstruction"]
    assert (by_id["r"]["status"], instruction["text"]) == ("completed", "One troche on Monday and Thursday evening.")
    assert instruction["timing"]["repeat"] == {
        "boundsPeriod": {"start": "2026-03-01", "end": "2026-04-01"},
        "dayOfWeek": ["mon", "thu"],
        "frequency": 1,
        "period": 1,
        "periodUnit": "d",
    }
    every = by_id["r2"]["dosageInstruction"][0]["timing"]["repeat"]
    assert (every["frequency"], every["period"], every["periodUnit"]) == (2, 3, "d")
    assert by_id["h"]["quantity"] == {"value": 8}
    assert by_id["l"]["valueQuantity"] == {"value": 0}
    assert by_id["o"]["partOf"] == [{"identifier": {"system": "urn:euthymia:event", "value": "s"}}]


def test_days_that_are_not_fixed_are_not_made_up() -> None:
    """FHIR would read two doses a day without days as every day; ours says that no day is a day with a dose."""
    told = {"kind": "regimen", "id": "r", "at": "2026-03-01", "treatment": "ketamine", "doses_a_day": 2}
    [reading] = native_json.from_json(json.dumps({"schema": "euthymia/record/1", "patient_id": "p", "events": [told]}))
    bundle = sent(fhir_r4.to_fhir(reading.record, CATALOG))
    written = bundle["entry"][1]["resource"]
    assert written["dosageInstruction"][0]["timing"]["repeat"] == {"boundsPeriod": {"start": "2026-03-01"}}
    assert written["extension"] == [{"url": "urn:euthymia:doses_a_day", "valueDecimal": 2}]
    assert fhir_r4.from_fhir(bundle, CATALOG) == [reading]


def test_a_day_that_fhir_does_not_have_is_refused_with_its_name() -> None:
    told = {"kind": "regimen", "id": "r", "at": "2026-03-01", "treatment": "ketamine", "weekdays": ["monday"]}
    [reading] = native_json.from_json(json.dumps({"schema": "euthymia/record/1", "patient_id": "p", "events": [told]}))
    bundle = sent(fhir_r4.to_fhir(reading.record, CATALOG))
    bundle["entry"][1]["resource"]["dosageInstruction"][0]["timing"]["repeat"]["dayOfWeek"] = ["mon", "moonday"]
    [read] = fhir_r4.from_fhir(bundle, CATALOG)
    assert "moonday" in str(read.skipped[0])
