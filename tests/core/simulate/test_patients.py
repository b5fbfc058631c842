"""Virtual patients: the same from the same seed, whoever else there is; records that say what they are and can be read and reviewed."""

import json
from itertools import pairwise

import numpy as np
import pytest

import euthymia
from core.simulate.settings import CATALOG, setting
from euthymia.events import Assessment, Decision, DoseLog, DoseSession, Measurement, Person, Plan, Request
from euthymia.heading import population_for
from euthymia.interop.native_json import to_json
from euthymia.scoring import contradiction, score_assessment
from euthymia.simulate.files import ENDINGS, write_record
from euthymia.simulate.patients import draw_patient
from euthymia.simulate.records import record_of, virtual_record

BOTH = pytest.mark.parametrize("foreign", [False, True], ids=["own", "foreign"])


@BOTH
def test_the_same_seed_gives_the_same_patient(foreign):
    texts = [to_json(virtual_record(setting(foreign), 3)) for _ in range(2)]
    assert texts[0] == texts[1]
    assert to_json(virtual_record(setting(foreign, seed=2), 3)) != texts[0]
    assert to_json(virtual_record(setting(foreign), 4)) != texts[0]


@BOTH
def test_a_longer_time_does_not_alter_the_beginning(foreign):
    records = [virtual_record(setting(foreign, weeks=weeks), 5) for weeks in (10, 20)]
    early = [[event for event in record.events if event.at.text < "2026-03-10"] for record in records]
    assert early[0] == early[1]
    assert len(early[0]) > 50


@BOTH
def test_a_decision_does_not_alter_what_was_before_it(foreign):
    """The course is drawn again with the changed plan: up to the decision it must be the same one."""
    seen = 0
    for number in range(1, 25):
        free = setting(foreign, instrument="madrs", weeks=20)
        changed = draw_patient(free, number)
        decisions = [segment.day for segment in changed.segments if segment.decision]
        if not decisions:
            continue
        seen += 1
        planned = draw_patient(setting(foreign, instrument="madrs", weeks=20, change_share=0.0, lengthen_share=0.0, stop_share=0.0), number)
        before = [[t for t, d in zip(p.totals, p.due, strict=True) if d.planned < decisions[0]] for p in (planned, changed)]
        assert before[0] == before[1]
    assert seen >= 5


@BOTH
@pytest.mark.parametrize("protocol", sorted(CATALOG.protocols))
def test_every_event_says_that_it_is_simulated(foreign, protocol):
    record = virtual_record(setting(foreign, protocol=protocol), 1)
    assert record.patient_id.startswith("virtual-")
    assert {event.source for event in record.events} == {"simulated"}
    assert all(event.id.startswith(record.patient_id) for event in record.events)
    assert [person.name for person in record.of_kind(Person)] == [None]


@pytest.mark.parametrize("instrument", sorted(i.id for i in CATALOG.instruments.values() if i.severity_of_depression))
def test_answers_and_totals_agree_in_every_instrument(instrument):
    for number in range(1, 4):
        ratings = virtual_record(setting(instrument=instrument), number).of_kind(Assessment)
        assert ratings
        assert [contradiction(CATALOG, rating) for rating in ratings] == [None] * len(ratings)
        assert [score_assessment(CATALOG, rating).total for rating in ratings] == [rating.total for rating in ratings]
        assert all(rating.answers is not None for rating in ratings)


def test_sessions_have_doses_blood_pressure_and_dissociation():
    record = virtual_record(setting(protocol="ketamine_iv"), 2)
    sessions, measured = record.of_kind(DoseSession), record.of_kind(Measurement)
    assert len(sessions) > 4
    assert all(session.dose_mg_per_kg in (0.5, 0.75) for session in sessions)
    of = {short: [m.value for m in measured if short in m.measure] for short in ("systolic", "diastolic", "CADSS")}
    assert (len(of["systolic"]), len(of["diastolic"]), len(of["CADSS"])) == (3 * len(sessions), 3 * len(sessions), 2 * len(sessions))
    assert all(low < high for low, high in zip(of["diastolic"], of["systolic"], strict=True))
    assert np.mean(of["systolic"][1::3]) > np.mean(of["systolic"][0::3])
    assert np.mean(of["CADSS"][0::2]) > np.mean(of["CADSS"][1::2])


def test_doses_at_home_are_logged_and_some_are_left_out():
    logs = [log for number in range(1, 11) for log in virtual_record(setting(protocol="ketamine_sublingual_home"), number).of_kind(DoseLog)]
    assert {log.taken for log in logs} == {"taken", "not_taken"}


def test_ratings_are_irregular_and_some_are_missed():
    records = [virtual_record(setting(weeks=26), number) for number in range(1, 31)]
    requests = [request for record in records for request in record.of_kind(Request)]
    share = np.mean([request.outcome == "missed" for request in requests])
    assert 0.05 < share < 0.4
    gaps = {(b.at.instant - a.at.instant).days for record in records for a, b in pairwise(record.of_kind(Assessment))}
    assert len(gaps) > 4
    phases = {rating.phase for record in records for rating in record.of_kind(Assessment)}
    assert phases == {"before_session", "unrelated"}


def test_changes_of_treatment_are_plans_and_decisions():
    records = [virtual_record(setting(weeks=40), number) for number in range(1, 31)]
    decisions = [decision for record in records for decision in record.of_kind(Decision)]
    assert {decision.disposition for decision in decisions} == {"change_interval", "stop", "continue"}
    for decision in decisions:
        [record] = [each for each in records if decision in each.events]
        assert (decision.at in {plan.at for plan in record.of_kind(Plan)}) == (decision.disposition == "change_interval")
        assert decision.reason.startswith("simulated decision")
    oral = [virtual_record(setting(weeks=40, protocol="oral_antidepressant"), number) for number in range(1, 21)]
    assert {d.disposition for record in oral for d in record.of_kind(Decision)} == {"switch", "continue"}


@BOTH
def test_dropout_is_informative(foreign):
    """Those who drop out were worse at their last rating, against their best, than those who stay at the same place."""

    def excess(**schedule):
        patients = [draw_patient(setting(foreign, weeks=24, dropout_hazard=0.03, change_share=0.0, **schedule), n) for n in range(1, 201)]
        left = [risen(patient, patient.attendance.dropped_at) for patient in patients if patient.attendance.dropped_at is not None]
        stayed = [risen(patient, at) for patient in patients for at in range(1, patient.attendance.dropped_at or len(patient.due))]
        return len(left), np.mean(left) - np.mean(stayed)

    def risen(patient, at):
        known = [t for t, a in list(zip(patient.totals, patient.attendance.answered, strict=True))[:at] if a]
        return known[-1] - min(known)

    count, difference = excess()
    assert count > 30
    assert difference > 1.0
    count, difference = excess(dropout_when_worse=0.0)
    assert count > 30
    assert abs(difference) < 1.0


@BOTH
def test_files_read_back_are_the_same_records(foreign, tmp_path):
    records = [virtual_record(setting(foreign, protocol=protocol), n) for protocol in ("ketamine_iv",) for n in range(1, 5)]
    for record in records:
        write_record(record, tmp_path, CATALOG)
    for kind in ENDINGS:
        readings = euthymia.read_many(tmp_path / kind)
        assert [reading.skipped for reading in readings] == [()] * len(records)
        assert [reading.record for reading in readings] == records


def test_what_is_written_is_the_documented_format(tmp_path):
    write_record(virtual_record(setting(), 1), tmp_path, CATALOG)
    document = json.loads((tmp_path / "json/virtual-foreign-000001.json").read_text(encoding="utf-8"))
    assert document["schema"] == "euthymia/record/1"
    assert document["patient_id"] == "virtual-foreign-000001"


@BOTH
def test_thirty_are_reviewed(foreign):
    base = setting(foreign, weeks=20)
    if not foreign:
        population, _ = population_for(CATALOG, "phq9", "esketamine_label")
        base = type(base)(**{**vars(base), "population": population})
    for number in range(1, 31):
        record = record_of(base, draw_patient(base, number))
        review = euthymia.review(record, CATALOG, record.last_day())
        assert review.patient_id == record.patient_id
        assert review.episode.assumptions == ()
