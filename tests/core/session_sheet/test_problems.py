"""What is typed wrong: refused where it cannot be, kept and asked about where it is unlikely, kept and said where nobody is to blame."""

from datetime import timedelta

import pytest

from core.rules.people import DOSE
from core.session_sheet.sessions import base, entries, entry, of
from euthymia.session_sheet import gate_field, problems

WEIGHED = {"kind": "measurement", "measure": "weight", "value": 80, "unit": "kg", "at": "2026-02-01"}
LATER = DOSE + timedelta(minutes=30)


def kinds(record, *typed, protocol="esketamine_label", now=LATER):
    return [(p.kind, p.answer) for p in problems(of(record, protocol), entries(*typed), now)]


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("systolic", "301", [("impossible", "refused")]), ("systolic", "300", []), ("systolic", "40", []),
        ("systolic", "39", [("impossible", "refused")]), ("oxygen_saturation", "101", [("impossible", "refused")]),
        ("systolic", "high", [("not_read", "refused")]), ("moaas", "6", [("impossible", "refused")]),
        ("confusion", "perhaps", [("not_read", "refused")]), ("started_at", "10:00", [("not_read", "refused")]),
        ("shoe_size", "44", [("unknown_field", "refused")]), (gate_field("bladder", "no_rule"), "why", [("unknown_field", "refused")]),
        (gate_field("session_before", "pressure_before"), "discussed", []), ("side_effect", "a metallic taste", []),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_the_field(field, value, expected):
    assert kinds(base(), (field, value, -5)) == expected


def test_a_refusal_says_what_was_found_and_what_is_allowed():
    (found,) = problems(of(base()), entries(("systolic", "301", -5)), LATER)
    assert (found.found, found.allowed) == ("301 mm Hg", "40 to 300 mm Hg")


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("120", "80", []), ("80", "120", [("swapped", "confirm")]), ("100", "100", [("swapped", "confirm")]), ("101", "100", []),
        ("300", "20", [("far_apart", "confirm")]), ("240", "80", []), ("241", "80", [("far_apart", "confirm")]),
    ],
)  # fmt: skip
def test_a_pair_of_pressures_is_asked_about_where_it_cannot_be_one_reading(above, below, expected):
    assert kinds(base(), ("systolic", above, -5), ("diastolic", below, -4.9)) == expected
    assert kinds(base(), ("diastolic", below, -5), ("systolic", above, -4.9)) == expected


def test_readings_of_different_times_are_no_pair():
    assert kinds(base(), ("systolic", "80", -20), ("diastolic", "90", -5)) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("80", []), ("89.6", []), ("89.7", [("weight", "confirm")]), ("70.4", []), ("70.3", [("weight", "confirm")]),
        ("176", [("pounds", "confirm")]), ("197.5", [("pounds", "confirm")]), ("197.6", [("weight", "confirm")]),
        ("155.3", [("pounds", "confirm")]), ("155.1", [("weight", "confirm")]),
    ],
)  # fmt: skip
def test_a_weight_of_2_2_times_the_last_one_was_typed_in_pounds(typed, expected):
    assert kinds(base(WEIGHED), ("weight", typed, -5)) == expected


def test_without_a_last_weight_none_is_asked_about():
    assert kinds(base(), ("weight", "176", -5)) == []


@pytest.mark.parametrize(("dose", "expected"), [("55", ["dose"]), ("56", []), ("84", []), ("85", ["dose"]), ("112", ["dose"])])
def test_a_nasal_dose_outside_the_protocol_is_asked_about(dose, expected):
    assert [kind for kind, _ in kinds(base(), ("dose", dose, -5))] == expected


@pytest.mark.parametrize(("dose", "expected"), [("39.2", []), ("39.1", ["dose"]), ("40", []), ("80", []), ("81.6", []), ("81.7", ["dose"])])
def test_a_dose_per_kilogram_is_held_against_the_weight_typed_with_what_rounding_makes(dose, expected):
    typed = (("weight", "80", -6), ("dose", dose, -5))
    assert [kind for kind, _ in kinds(base(), *typed, protocol="ketamine_iv")] == expected


def test_a_dose_per_kilogram_without_a_weight_is_said():
    assert kinds(base(), ("dose", "40", -5), protocol="ketamine_iv") == [("dose_unbounded", "said")]


def test_another_drug_or_route_than_the_plans_is_asked_about():
    assert kinds(base(), ("treatment", "ketamine", -5), ("route", "intravenous", -5)) == [("treatment", "confirm"), ("route", "confirm")]
    assert kinds(base(), ("treatment", "esketamine", -5), ("route", "nasal", -5)) == []
    assert kinds(base(), ("treatment", "esketamine", -5), protocol="ketamine_iv") == [("treatment", "confirm")]


def test_a_second_session_of_a_day_is_asked_about():
    held = {"kind": "dose_session", "at": "2026-03-02T08:00:00+01:00", "treatment": "esketamine", "route": "nasal"}
    assert kinds(base(held), ("started_at", DOSE.isoformat(), 0)) == [("another_session", "confirm")]


@pytest.mark.parametrize(("minutes", "expected"), [(360, []), (361, [("no_end", "confirm")])])
def test_a_session_without_an_end_is_asked_about_after_six_hours(minutes, expected):
    begun = ("started_at", DOSE.isoformat(), 0)
    now = DOSE + timedelta(minutes=minutes)
    assert kinds(base(), begun, now=now) == expected
    assert kinds(base(), begun, ("ended", (DOSE + timedelta(minutes=125)).isoformat(), 125), now=now) == []


def test_an_end_before_the_start_is_asked_about():
    typed = (("started_at", DOSE.isoformat(), 0), ("ended", (DOSE - timedelta(minutes=1)).isoformat(), 5))
    assert kinds(base(), *typed) == [("before_start", "confirm")]


@pytest.mark.parametrize(("off", "expected"), [(2, []), (2.1, ["clock"]), (-120, ["clock"])])
def test_a_device_clock_that_is_off_is_said(off, expected):
    found = problems(of(base()), [entry("systolic", "120", -5, 0, clock_off_minutes=off)], LATER)
    assert [p.kind for p in found] == expected
    assert all(not p.is_open for p in found)


def test_a_time_to_come_is_refused():
    assert kinds(base(), ("systolic", "120", 33)) == [("future", "refused")]
    assert kinds(base(), ("systolic", "120", 32)) == []
    assert kinds(base(), ("started_at", (DOSE + timedelta(minutes=33)).isoformat(), 0)) == [("future", "refused")]


def test_an_instant_typed_on_a_wrong_clock_is_set_right():
    # The device says 08:00 where it is ten: two hours behind.
    typed = entry("started_at", (DOSE - timedelta(hours=2)).isoformat(), 0, 0, clock_off_minutes=120)
    assert [p.kind for p in problems(of(base()), [typed], DOSE + timedelta(minutes=359))] == ["clock"]


def test_what_was_confirmed_or_corrected_is_no_longer_open():
    record, first = base(WEIGHED), entry("weight", "176", -5, 0)
    (open_one,) = problems(of(record), [first], LATER)
    assert open_one.is_open
    confirmed = entry("weight", "176", -5, 1, replaces=first.id, confirmed=True)
    (settled,) = problems(of(record), [first, confirmed], LATER)
    assert settled.confirmed
    assert not settled.is_open
    assert problems(of(record), [first, entry("weight", "80", -5, 1, replaces=first.id)], LATER) == ()


def test_a_dose_without_usable_bounds_is_said():
    plan = {"kind": "plan", "at": "2026-03-01", "protocol": "esketamine_label", "dose_unit": "mg/kg", "dose_upper": 1}
    (found,) = problems(of(base(plan)), entries(("dose", "84", -5)), LATER)
    assert (found.kind, found.answer) == ("dose_unbounded", "said")
    assert "not compared" in found.allowed


def test_the_prescribers_own_bound_is_named():
    plan = {"kind": "plan", "at": "2026-03-01", "protocol": "esketamine_label", "dose_upper": 56}
    (found,) = problems(of(base(plan)), entries(("dose", "84", -5)), LATER)
    assert found.allowed == "from 56 up to 56 mg set by the prescriber"
