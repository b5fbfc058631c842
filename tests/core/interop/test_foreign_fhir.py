"""Other systems' FHIR: the official quality-measure cases, and what their shapes may be."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.strategies import CATALOG, records
from euthymia.event import EventBase
from euthymia.events import Assessment, DoseSession, Incident, Measurement, Medication, Observation, TreatmentCourse
from euthymia.home_events import Dispensing
from euthymia.interop.fhir_r4 import from_fhir, to_fhir
from euthymia.interop.result import ReadError, Reading
from euthymia.reading import read
from euthymia.record import PatientRecord

CASES = Path(__file__).parents[4] / "shared/ecqm"
LOINC = "http://loinc.org"
ITEMS = [item.loinc for item in CATALOG.instruments["phq9"].items]
PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"given": ["Ann"], "family": "Example"}], "birthDate": "1970-05"}
SUBJECT = {"subject": {"reference": "Patient/p"}}


def loinc(code: str | None) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code}]}


def observation(code: str | None, name: str = "o", **fields: Any) -> dict[str, Any]:
    given = {"resourceType": "Observation", "id": name, "status": "final", "code": loinc(code), **SUBJECT}
    return given | {"effectiveDateTime": "2026-03-01T10:00:00+01:00"} | fields


def read_all(*resources: dict[str, Any]) -> Reading:
    [reading] = from_fhir([PATIENT, *resources], CATALOG)
    return reading


def one(kind: type[EventBase], *resources: dict[str, Any]) -> Any:
    [event] = [event for event in read_all(*resources).record.events if isinstance(event, kind)]
    return event


def cases(measure: str) -> list[Path]:
    """The official cases, where ../shared/ecqm is beside the checkout."""
    return sorted(path for path in (CASES / measure).glob("*") if path.is_dir())


@pytest.mark.skipif(not CASES.is_dir(), reason="../shared/ecqm is not here")
def test_the_official_cases_are_read() -> None:
    kinds, found = Counter[str](), Counter[str]()
    for case in cases("cms159"):
        reading = read(case, catalog=CATALOG)
        assert reading.record.patient_id == case.name
        kinds.update(type(event).__name__ for event in reading.record.events)
        found.update(note.found for note in reading.skipped)
        scores = [json.loads(path.read_text()) for path in case.glob("Observation-*.json")]
        final = {s["effectiveDateTime"]: s["valueInteger"] for s in scores if s["status"] == "final" and s.get("valueInteger", 99) <= 27}
        read_back = {str(e.at): e.total for e in reading.record.of_kind(Assessment)}
        assert {at: total for at, total in read_back.items() if at not in final or final[at] != total} == {}
    assert kinds == {"Person": 31, "Assessment": 53, "Condition": 34, "Measurement": 2}
    assert (found["a PHQ-9 total of 300"], found["Observation with status 'unknown'"]) == (1, 2)


@pytest.mark.parametrize("code", ["44261-6", "44249-1"])
@pytest.mark.parametrize("value", [{"valueInteger": 12}, {"valueQuantity": {"value": 12.0, "unit": "{score}"}}])
def test_total_and_panel_are_both_understood(code: str, value: dict[str, Any]) -> None:
    event = one(Assessment, observation(code, **value))
    assert (event.instrument, event.total, event.answers) == ("phq9", 12, None)


ONES = [
    {"valueInteger": 1},
    {"valueQuantity": {"value": 1}},
    {"valueCodeableConcept": {"coding": [{"system": LOINC, "code": "LA6569-3"}]}},
    {"valueCodeableConcept": {"coding": [{"system": "urn:local", "code": "b", "extension": [
        {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 1}]}]}},
]  # fmt: skip


@pytest.mark.parametrize("value", ONES)
def test_items_as_components_and_as_members(value: dict[str, Any]) -> None:
    components = [{"code": loinc(item), **value} for item in reversed(ITEMS[1:])]
    assert one(Assessment, observation("44261-6", valueInteger=8, component=components)).answers == (None, *[1.0] * 8)
    members = [observation(item, f"i{index}", **value) for index, item in enumerate(ITEMS)]
    panel = observation("44249-1", hasMember=[{"reference": f"Observation/{m['id']}"} for m in members])
    reading = read_all(panel, *members)
    assert reading.skipped == ()
    assert [event.answers for event in reading.record.of_kind(Assessment)] == [(1.0,) * 9]


def test_a_score_and_the_form_behind_it_are_one_assessment() -> None:
    answers = [{"linkId": f"/{item}", "answer": [{"valueCoding": {"system": LOINC, "code": "LA6570-1"}}]} for item in ITEMS]
    form = {"resourceType": "QuestionnaireResponse", "id": "q", "status": "completed", "authored": "2026-03-01", **SUBJECT}
    form["item"] = [{"linkId": "group", "item": answers}, {"linkId": "/44261-6", "answer": [{"valueDecimal": 18}]}]
    alone = one(Assessment, form)
    assert (alone.answers, alone.total, alone.at.text) == ((2.0,) * 9, 18, "2026-03-01")
    both = one(Assessment, form, observation("44261-6", valueInteger=18, derivedFrom=[{"reference": "QuestionnaireResponse/q"}]))
    assert (both.id, both.answers, both.total) == ("Observation/o", (2.0,) * 9, 18)


def test_an_answer_without_a_number_is_never_a_missing_one() -> None:
    component = {"code": loinc(ITEMS[8]), "valueCodeableConcept": {"text": "rather often"}}
    reading = read_all(observation("44261-6", valueInteger=8, component=[component]))
    assert reading.record.of_kind(Assessment) == []
    assert "a valueCodeableConcept that stands for no number" in str(reading.skipped[0])


def test_one_item_on_its_own_is_no_assessment() -> None:
    reading = read_all(observation(ITEMS[0], valueInteger=1))
    assert "one item of phq9 on its own" in str(reading.skipped[0])


def test_an_item_on_suicidal_thoughts_on_its_own_is_never_lost() -> None:
    alone = one(Assessment, observation(ITEMS[8], valueInteger=1))
    assert (alone.instrument, alone.total, alone.answers) == ("phq9", None, (None,) * 8 + (1.0,))


def test_vital_signs() -> None:
    pressure = [
        {"code": {"text": name}, "valueQuantity": {"value": v, "code": "mm[Hg]"}} for name, v in (("systolic", 121), ("diastolic", 80))
    ]
    events = read_all(observation("85354-9", component=pressure)).record.of_kind(Measurement)
    assert [(e.id, e.measure, e.value, e.unit) for e in events] == [
        ("Observation/o", "systolic", 121, "mm[Hg]"),
        ("Observation/o#2", "diastolic", 80, "mm[Hg]"),
    ]
    below = one(Measurement, observation("3016-3", valueQuantity={"value": 0.1, "comparator": "<", "unit": "mU/L"}))
    assert (below.value, below.text) == (None, "< 0.1 mU/L")


def fact(about: str, *answers: tuple[str, str], **fields: Any) -> dict[str, Any]:
    codings = [{"system": system, "code": code} for system, code in answers]
    concept = {"valueCodeableConcept": {"coding": codings, "text": "as written"}} if answers else {}
    return observation(None) | {"code": {"coding": [{"system": "urn:euthymia:fact", "code": about}]}} | concept | fields


OWN = "urn:euthymia:answer"


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([(LOINC, "LA33-6")], "yes"),
        ([(LOINC, "LA32-8")], "no"),
        ([(OWN, "unclear")], "unclear"),
        ([("urn:local", "y"), (OWN, "no"), (LOINC, "LA32-8")], "no"),
    ],
)
def test_a_fact_of_our_own_system_with_an_answer_that_we_know(answers: list[tuple[str, str]], expected: str) -> None:
    reading = read_all(fact("escort_present", *answers))
    [event] = reading.record.of_kind(Observation)
    assert (event.about, event.answer, event.at.text, reading.skipped) == ("escort_present", expected, "2026-03-01T10:00:00+01:00", ())


@pytest.mark.parametrize(
    "resource",
    [
        fact("escort_present", (LOINC, "LA4489-6")),  # LOINC's Unknown is no answer of ours
        fact("escort_present", (LOINC, "LA33-6"), (LOINC, "LA32-8")),  # two answers that contradict each other
        fact("escort_present", ("urn:local", "yes")),
        observation("93038-8", valueCodeableConcept={"coding": [{"system": LOINC, "code": "LA33-6"}], "text": "as written"}),
    ],
)
def test_an_answer_that_is_not_sure_stays_words(resource: dict[str, Any]) -> None:
    reading = read_all(resource)
    assert reading.record.of_kind(Observation) == []
    assert [event.text for event in reading.record.of_kind(Measurement)] == ["as written"]


def order(**fields: Any) -> dict[str, Any]:
    return {"resourceType": "MedicationRequest", "id": "m", "status": "active", "intent": "order", **SUBJECT} | fields


def test_medication() -> None:
    twice = {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}
    dose = {"doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg"}}]}
    inside = {"contained": [{"resourceType": "Medication", "id": "s", "code": {"text": "Sertraline"}}]}
    request = order(**inside, medicationReference={"reference": "#s"}, authoredOn="2026-01-02", dosageInstruction=[twice | dose])
    event = one(Medication, request)
    assert (event.drug, event.daily_dose_mg, event.at.text, event.ended) == ("Sertraline", 100, "2026-01-02", None)
    assert one(Medication, request | {"dosageInstruction": [twice | dose, dose]}).daily_dose_mg is None
    assert "and no end: it was read as going on" in str(read_all(request | {"status": "stopped"}).skipped[0])
    assert "with intent 'proposal'" in str(read_all(request | {"intent": "proposal"}).skipped[0])
    assert read_all(request | {"doNotPerform": True}).record.of_kind(Medication) == []


@pytest.mark.parametrize(
    ("timing", "more", "expected"),
    [
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, {}, 100),
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, {"asNeededBoolean": False}, 50),
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, {"asNeededBoolean": True}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, {"asNeededCodeableConcept": {"text": "sleep"}}, None),
        ({"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}, {}, None),
        ({"frequency": 1, "period": 1, "periodMax": 2, "periodUnit": "d"}, {}, None),
        ({"frequency": 1, "period": 1, "periodUnit": "d", "dayOfWeek": ["mon", "thu"]}, {}, None),
        ({"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}, {}, None),
    ],
)
def test_what_is_taken_as_needed_or_at_irregular_times_is_no_daily_dose(timing: Any, more: Any, expected: float | None) -> None:
    """It is at most, or at least, so much: a daily dose that nobody took would make a trial adequate."""
    dosage = {"timing": {"repeat": timing}, "doseAndRate": [{"doseQuantity": {"value": 50, "unit": "mg"}}], **more}
    drug = {"medicationCodeableConcept": {"text": "Trazodone"}, "authoredOn": "2026-01-02"}
    assert one(Medication, order(**drug, dosageInstruction=[dosage])).daily_dose_mg == expected


def procedure(words: str, **when: Any) -> dict[str, Any]:
    return {"resourceType": "Procedure", "id": "t", "status": "completed", "code": {"text": words}, **SUBJECT, **when}


def test_treatments_that_are_not_drugs() -> None:
    day, weeks = {"performedDateTime": "2026-02-01"}, {"performedPeriod": {"start": "2026-02-01", "end": "2026-03-01"}}
    assert one(DoseSession, procedure("Electroconvulsive therapy", **day)).treatment == "ect"
    assert one(TreatmentCourse, procedure("rTMS", **weeks)).ended.text == "2026-03-01"
    assert one(TreatmentCourse, procedure("Individual psychotherapy", **weeks)).treatment == "psychotherapy"
    exact = one(TreatmentCourse, procedure("Cognitive behavioral therapy", **weeks))
    assert (exact.treatment, exact.technique) == ("psychotherapy", "Cognitive behavioral therapy"), "nothing of its words is lost"
    assert "a Procedure that is not ECT, TMS or psychotherapy" in str(read_all(procedure("Appendectomy", **day)).skipped[0])


def test_a_dose_in_grams_and_a_stay() -> None:
    infusion = {"resourceType": "MedicationAdministration", "id": "k", "status": "completed", **SUBJECT, "effectiveDateTime": "2026-02-01"}
    infusion |= {"medicationCodeableConcept": {"text": "Ketamine"}, "dosage": {"dose": {"value": 0.04, "unit": "g"}}}
    assert math.isclose(one(DoseSession, infusion).dose_mg, 40)
    stay = {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "class": {"code": "IMP"},
        **SUBJECT,
        "period": {"start": "2026-01-01"},
    }
    reason = [{"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "F33.2", "display": "Depression"}]}]
    assert one(Incident, stay | {"reasonCode": reason}).description == "Depression"
    assert read_all(stay).record.of_kind(Incident) == []


def dispensed(**fields: Any) -> dict[str, Any]:
    given = {"resourceType": "MedicationDispense", "id": "h", "status": "completed", **SUBJECT, "whenHandedOver": "2026-02-01"}
    given |= {"medicationCodeableConcept": {"text": "Ketamine 100 mg troche"}, "quantity": {"value": 12, "unit": "troches"}}
    return given | {"daysSupply": {"value": 28, "unit": "days"}} | fields


@pytest.mark.parametrize("unit", [{"unit": "troches"}, {"code": "{tablet}"}, {"unit": "Tablet", "code": "TAB"}, {"code": "1"}])
def test_what_a_pharmacy_handed_out(unit: dict[str, str]) -> None:
    event = one(Dispensing, dispensed(quantity={"value": 12, **unit}))
    assert (event.treatment, event.quantity, event.days_supply, event.at.text) == ("Ketamine 100 mg troche", 12, 28, "2026-02-01")
    assert (event.unit_mg, event.compounded) == (None, None), "what was not said is not known"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"medicationCodeableConcept": {"text": "Sertraline"}}, "not known as one dosed in sessions"),
        ({"quantity": {"value": 30, "unit": "mL"}}, "a quantity in mL"),
        ({"quantity": {"value": 1, "unit": "box"}}, "a quantity in box"),
        ({"quantity": {"value": 12}}, "a quantity in no unit"),
        ({"quantity": {"unit": "troches"}}, "a quantity in troches"),
        ({"status": "on-hold"}, "not handed out for use at home"),
        ({"status": "in-progress"}, "with status 'in-progress'"),
        ({"category": {"coding": [{"code": "inpatient"}]}}, "not handed out for use at home"),
        ({"whenHandedOver": None, "whenPrepared": "2026-02-01"}, "without a date"),
    ],
)
def test_what_is_not_surely_in_the_patients_hands_is_told_instead(fields: dict[str, Any], found: str) -> None:
    reading = read_all({name: value for name, value in dispensed(**fields).items() if value is not None})
    assert reading.record.of_kind(Dispensing) == []
    assert found in str(reading.skipped[0])


def test_a_supply_in_weeks_is_not_read_as_days() -> None:
    assert one(Dispensing, dispensed(daysSupply={"value": 4, "unit": "wk"})).days_supply is None


def test_who_gave_a_drug_is_not_taken_for_who_watched() -> None:
    given = {"resourceType": "MedicationAdministration", "id": "k", "status": "completed", **SUBJECT, "effectiveDateTime": "2026-02-01"}
    given |= {"medicationCodeableConcept": {"text": "Ketamine"}, "performer": [{"actor": {"display": "Nurse Example"}}]}
    assert one(DoseSession, given).monitored_by is None


def test_subjects_by_full_url_and_by_address() -> None:
    url = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"
    subjects = ({"reference": url}, {"reference": "https://ehr.test/fhir/Patient/p"}, {"reference": "Patient/p/_history/2"})
    entries: list[dict[str, Any]] = [{"fullUrl": url, "resource": PATIENT}]
    entries += [{"resource": observation("44261-6", f"o{i}", valueInteger=i, subject=s)} for i, s in enumerate(subjects)]
    [reading] = from_fhir({"resourceType": "Bundle", "type": "collection", "entry": entries}, CATALOG)
    assert reading.skipped == ()
    assert sorted(e.total or 0 for e in reading.record.of_kind(Assessment)) == [0, 1, 2]


def test_precision_is_kept() -> None:
    for at in ("2026", "2026-03", "2026-03-01", "2026-03-01T10:00:00.123+05:30"):
        assert one(Assessment, observation("44261-6", valueInteger=1, effectiveDateTime=at)).at.text.startswith(at.removesuffix("+05:30"))


def damaged(value: Any, chance: Any) -> Any:
    """A document with one part of it replaced, lost or doubled."""
    inner = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    if not inner or chance.random() < 0.15:
        return chance.choice([None, 3, -1.5, "NaN", "", [], {}, [value], {"x": value}, True, {"reference": "#x"}])
    key = chance.choice(inner)
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[key] = damaged(copy[key], chance)
    return copy


@settings(derandomize=True, deadline=None, max_examples=80, suppress_health_check=list(HealthCheck))
@given(records(max_events=3), st.randoms(use_true_random=False), st.booleans())
def test_damage_is_told_and_never_a_traceback(record: PatientRecord, chance: Any, as_foreign: bool) -> None:
    bundle = json.loads(json.dumps(to_fhir(record, CATALOG)))
    if as_foreign:
        for entry in bundle["entry"]:
            entry["resource"].pop("meta", None)
    for _ in range(5):
        try:
            readings = from_fhir(damaged(bundle, chance), CATALOG)
        except ReadError:
            continue
        assert all(note.found and note.allowed for reading in readings for note in reading.skipped)
