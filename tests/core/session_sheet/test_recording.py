"""Entries become events: each once, never otherwise by what comes later, corrected by a new one."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.rules.people import CATALOG, DOSE
from core.session_sheet.sessions import CLEAR, base, entries, entry, of, with_events
from euthymia.events import DoseSession, Incident, Measurement, Observation
from euthymia.record import PatientRecord
from euthymia.session_sheet import events_of, gate_field, session_id

SHEET = of(base())
VALUES = {
    "systolic": ["120", "190", "x", ""], "moaas": ["5", "3", ""], "dose": ["56", "84", ""], "treatment": ["esketamine", "ketamine", ""],
    "started_at": [DOSE.isoformat(), (DOSE + timedelta(minutes=3)).isoformat(), ""], "serious_adverse_event": ["yes", "no", ""],
    "serious_adverse_event_words": ["a fall", ""], "confusion": ["yes", "no", ""], "lot": ["L1", "L2"], "note": ["well"],
    gate_field("session_before", "pressure_before"): ["discussed", ""],
}  # fmt: skip


@st.composite
def typed(draw):
    found = []
    for number in range(draw(st.integers(1, 14))):
        field = draw(st.sampled_from(sorted(VALUES)))
        earlier = [e.id for e in found if e.field == field]
        replaces = draw(st.sampled_from([None, *earlier]))
        found.append(entry(field, draw(st.sampled_from(VALUES[field])), draw(st.integers(-20, 20)), number, replaces=replaces))
    return found


@given(typed())
def test_more_entries_add_events_and_change_none(found):
    every = events_of(CATALOG, SHEET, found)
    for place in range(len(found)):
        part = events_of(CATALOG, SHEET, found[:place])
        assert every[: len(part)] == part
    ids = [event.id for event in every]
    assert len(set(ids)) == len(ids)
    PatientRecord(patient_id="p", events=every)


@given(typed())
def test_the_record_holds_one_session_and_it_is_the_one_that_the_sheet_shows(found):
    record = PatientRecord(patient_id="p", events=events_of(CATALOG, SHEET, found))
    replaced = {e.replaces for e in found}
    standing = [e for e in found if e.id not in replaced and e.value]
    starts = [e for e in standing if e.field == "started_at"]
    sessions = record.of_kind(DoseSession)
    assert len(sessions) == (1 if starts else 0)
    if starts:
        latest = max(starts, key=lambda e: (e.at, found.index(e)))
        assert sessions[0].at.text == latest.value
    assert len(record.of_kind(Incident)) <= 1
    kept = [e for e in standing if e.field == "systolic" and e.value != "x"]
    assert sorted(m.value for m in record.of_kind(Measurement) if m.measure == "systolic") == sorted(float(e.value) for e in kept)


def test_a_whole_session():
    more = [("systolic", "139", 40), ("nausea", "yes", 41), ("side_effect", "a metallic taste", 42), ("devices", "3", 1), ("lot", "L7", 1)]
    last = ("ended", (DOSE + timedelta(minutes=125)).isoformat(), 125)
    found = events_of(CATALOG, SHEET, entries(*CLEAR, *more, last))
    record = PatientRecord(patient_id="p", events=found)
    (session,) = record.of_kind(DoseSession)
    assert (session.treatment, session.route, session.dose_mg, session.lot) == ("esketamine", "nasal", 84, "L7")
    assert session.dose_mg_per_kg is None
    assert session.ended.instant == DOSE + timedelta(minutes=125)
    seen = {o.about: (o.answer, o.note, o.of) for o in record.of_kind(Observation)}
    assert seen["nausea"] == ("yes", None, session_id("s1"))
    assert seen["side_effect"] == ("yes", "a metallic taste", session_id("s1"))
    assert {(m.measure, m.unit) for m in record.of_kind(Measurement)} >= {("systolic", "mm[Hg]"), ("devices", "{device}")}
    assert all(event.recorded_at and event.source == "session sheet" for event in found)


def test_a_dose_per_kilogram_says_both():
    of_iv = of(base(), "ketamine_iv")
    found = entries(("weight", "80", -5), ("treatment", "ketamine", -5), ("dose", "40", -5), ("started_at", DOSE.isoformat(), 0))
    (session,) = [e for e in events_of(CATALOG, of_iv, found) if isinstance(e, DoseSession)]
    assert (session.dose_mg, session.dose_mg_per_kg, session.weight_kg) == (40, 0.5, 80)


def test_a_dose_that_began_before_its_drug_was_typed_starts_the_clock():
    record = with_events(base(), SHEET, entries(("started_at", DOSE.isoformat(), 0)))
    assert record.of_kind(DoseSession)[0].treatment == "drug not recorded yet"


def test_what_is_taken_back_never_happened():
    first = entry("systolic", "190", 40, 0)
    record = with_events(base(), SHEET, [first, entry("systolic", "", 40, 1, replaces=first.id)])
    assert record.of_kind(Measurement) == []
    corrected = with_events(base(), SHEET, [first, entry("systolic", "130", 40, 1, replaces=first.id)])
    assert [m.value for m in corrected.of_kind(Measurement)] == [130]
