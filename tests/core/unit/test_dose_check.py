"""Around a dose at home: what is heard first, and which two numbers of a cuff can be a reading."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia.dose_check import ASKED, PRESSURE, heard_first, pressure_problem
from euthymia.events import DoseLog, Measurement, Observation
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.record import PatientRecord

CATALOG = load_catalog()
NOW = datetime(2026, 3, 10, 20, tzinfo=UTC)
AGAINST = {"escort_present": "no", "plans_to_drive": "yes", "alcohol_today": "yes", "sedating_medicine_today": "yes"}
SPANS = {name: CATALOG.measurements[name].plausible for name in ("systolic", "diastolic", "pulse_pressure")}


def answer(about, said):
    return Observation(id=f"check-{about}", at=Moment.of(NOW), about=about, answer=said, of="dose-1", by="patient")


def reading(upper, lower, minutes=0):
    at = Moment.of(NOW - timedelta(minutes=minutes))
    values = (("systolic blood pressure", upper), ("diastolic blood pressure", lower))
    return [Measurement(id=f"m-{name}", at=at, measure=name, value=value, unit="mm[Hg]") for name, value in values]


def heard(said=(), events=()):
    dose = DoseLog(id="before", at=Moment.of("2026-03-07"), treatment="ketamine", route="sublingual", taken="taken")
    record = PatientRecord(patient_id="one", events=(dose, *said, *events))
    return heard_first(record, CATALOG, NOW, said)


# What is heard first


@pytest.mark.parametrize("about", ASKED)
def test_one_answer_of_each_question_is_heard_first_and_the_other_is_not(about):
    other = {"yes": "no", "no": "yes"}[AGAINST[about]]
    assert heard([answer(about, AGAINST[about])]) == (about,)
    assert heard([answer(about, other)]) == ()
    assert heard([answer(about, "unclear")]) == ()


def test_what_was_not_asked_is_not_heard():
    assert heard() == ()
    assert heard([answer("something_else", "yes")]) == ()


@pytest.mark.parametrize(
    ("upper", "lower", "found"), [(140, 90, False), (141, 90, True), (140, 91, True), (180, 110, True), (120, 80, False)]
)
def test_pressure_is_heard_by_the_gates_before_a_session(upper, lower, found):
    assert (PRESSURE in heard(events=reading(upper, lower))) is found


def test_an_old_reading_is_not_that_of_this_dose():
    assert heard(events=reading(190, 120, minutes=59)) == (PRESSURE,)
    assert heard(events=reading(190, 120, minutes=61)) == ()


def test_every_question_has_its_words_in_every_language_and_its_fact_in_the_vocabulary():
    assert set(AGAINST) == set(ASKED)
    for phrases in CATALOG.phrases.values():
        assert set(phrases.home_doses.checks) == set(ASKED)
    assert all(CATALOG.vocabulary[about].kind == "yes_no" for about in ASKED)


# Two numbers


def test_what_the_issue_names_cannot_be():
    assert pressure_problem(CATALOG, 300, 20).kind == "apart"
    assert pressure_problem(CATALOG, 80, 120).kind == "swapped"
    assert pressure_problem(CATALOG, 120, 120).kind == "swapped"


@pytest.mark.parametrize(("name", "kind"), [("systolic", "upper"), ("diastolic", "lower"), ("pulse_pressure", "apart")])
def test_both_sides_of_every_range(name, kind):
    span = SPANS[name]

    def typed(value):
        upper = {"systolic": value, "diastolic": value + 40, "pulse_pressure": 100 + value}[name]
        lower = {"systolic": max(value - 100, 30), "diastolic": value, "pulse_pressure": 100}[name]
        return pressure_problem(CATALOG, upper, lower)

    assert typed(span.low) is None
    assert typed(span.high) is None
    for beyond in (span.low - 0.5, span.high + 0.5):
        found = typed(beyond)
        assert (found.kind, found.found, found.low, found.high) == (kind, beyond, span.low, span.high)


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_reading_that_can_be_is_in_all_three_ranges(upper, lower):
    values = {"systolic": upper, "diastolic": lower, "pulse_pressure": upper - lower}
    inside = all(SPANS[name].low <= value <= SPANS[name].high for name, value in values.items())
    assert (pressure_problem(CATALOG, upper, lower) is None) is inside
