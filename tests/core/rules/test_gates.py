"""The gates of a session at their edges, from records: numbers, minutes, units, clocks, contradictions."""

import pytest

from core.rules.people import BASE, CATALOG, DOSE, at, gated, measured, observed, pressure, record, reviewed, screener
from euthymia.record import PatientRecord
from euthymia.rules import CannotTell, Finding, NotApplicable, gates

KINDS = {"said": Finding, "clear": NotApplicable, "open": CannotTell}


@pytest.mark.parametrize(
    ("systolic", "diastolic", "expected"),
    [(140, 90, "clear"), (141, 90, "said"), (140, 91, "said"), (180, 110, "said"), (300, 90, "said"), (301, 90, "open")],
)
def test_pressure_before_the_dose_is_a_caution_above_140_or_90(systolic, diastolic, expected):
    found = gated(record(pressure(systolic, diastolic, -15), session=False), -1, "before")["pressure_before"]
    assert isinstance(found, KINDS[expected])


@pytest.mark.parametrize(("systolic", "diastolic", "expected"), [(180, 110, "clear"), (181, 110, "said"), (180, 111, "said")])
def test_pressure_before_the_dose_is_urgent_above_180_or_110(systolic, diastolic, expected):
    found = gated(record(pressure(systolic, diastolic, -15), session=False), -1, "before")["pressure_urgent_before"]
    assert isinstance(found, KINDS[expected])


@pytest.mark.parametrize(("minutes", "expected"), [(59, "said"), (60, "said"), (61, "open")])
def test_a_reading_counts_for_an_hour_before_the_dose(minutes, expected):
    found = gated(record(pressure(150, 80, -minutes), session=False), 0, "before")["pressure_before"]
    assert isinstance(found, KINDS[expected])
    if expected == "open":
        assert "older than 60 minutes; last known 150 mm Hg on 2 March 2026" in found.sentence


@pytest.mark.parametrize(("minutes", "expected"), [(119, "said"), (119.99, "said"), (120, "clear"), (121, "clear")])
def test_nobody_leaves_before_two_hours(minutes, expected):
    assert isinstance(gated(record(), minutes, "discharge")["observation_two_hours"], KINDS[expected])


def test_a_session_without_a_clock_leaves_the_two_hours_open():
    found = record({"kind": "dose_session", "at": "2026-03-02", "treatment": "esketamine"}, session=False)
    assert isinstance(gated(found, 180, "discharge")["observation_two_hours"], CannotTell)


ELSEWHERE = {"kind": "person", "at": "1980-05-02", "birth_date": "1980-05-01", "zone": "Pacific/Kiritimati", "pregnancy_potential": True}


@pytest.mark.parametrize(("systolic", "saturation", "minutes"), [(195, 97, 90), (130, 85, 90), (130, 97, 90), (130, 97, 125)])
@pytest.mark.parametrize("phase", ["during", "discharge"])
def test_midnight_in_the_middle_of_a_session_changes_nothing(systolic, saturation, minutes, phase):
    read = [*pressure(125, 80, -10), *pressure(140, 85, 40), *pressure(systolic, 85, minutes - 5)]
    read += [measured("oxygen saturation", saturation, "%", minutes - 5), measured("MOAA/S", 5, "{score}", minutes - 5)]
    late = record(ELSEWHERE, read)  # the dose is at eleven in the evening there
    here, there = (gated(each, minutes, phase) for each in (record(read), late))
    about_session = {rule for rule, result in here.items() if result.subject in ("session_during", "discharge")}
    assert about_session
    assert {rule: type(there[rule]) for rule in about_session} == {rule: type(here[rule]) for rule in about_session}


@pytest.mark.parametrize(("minutes", "expected"), [(59, "said"), (119, "said"), (360, "clear"), (361, "open")])
def test_after_midnight_a_session_goes_on_for_six_hours(minutes, expected):
    assert isinstance(gated(record(ELSEWHERE), minutes, "discharge")["observation_two_hours"], KINDS[expected])


@pytest.mark.parametrize(("food", "fluid", "expected"), [(120, 30, "clear"), (119, 30, "said"), (120, 29, "said")])
def test_a_nasal_dose_waits_for_food_and_fluid(food, fluid, expected):
    events = [measured("minutes since food", food, "min", -10), measured("minutes since fluid", fluid, "min", -10)]
    assert isinstance(gated(record(events, session=False), 0, "before")["food_or_fluid"], KINDS[expected])


@pytest.mark.parametrize(
    ("unit", "expected"), [("mm[Hg]", "said"), ("mmHg", "said"), ("mm Hg", "said"), ("kPa", "open"), (None, "open"), ("mg", "open")]
)
def test_a_unit_is_understood_or_asked_about(unit, expected):
    event = {"kind": "measurement", "measure": "Systolic blood pressure", "value": 150, "unit": unit, "at": DOSE.isoformat()}
    found = gated(record(event, measured("diastolic", 80, "mm[Hg]", -5), session=False), 0, "before")["pressure_before"]
    assert isinstance(found, KINDS[expected])
    if expected == "open":
        assert "needed: mm[Hg]" in found.sentence


def test_two_hours_since_food_stated_in_hours_are_converted():
    events = [measured("minutes since food", 1.9, "h", -10), measured("minutes since fluid", 60, "min", -10)]
    found = gated(record(events, session=False), 0, "before")["food_or_fluid"]
    assert isinstance(found, Finding)
    assert "114 minutes since food" in found.sentence


def test_of_two_readings_at_one_instant_the_worse_counts_and_a_later_one_takes_it_back():
    twice = [*pressure(150, 80, -15), *pressure(130, 80, -15)]
    assert isinstance(gated(record(twice, session=False), 0, "before")["pressure_before"], Finding)
    assert isinstance(gated(record(twice, pressure(130, 80, -5), session=False), 0, "before")["pressure_before"], NotApplicable)


def test_a_reading_of_today_without_a_clock_is_asked_about():
    event = {"kind": "measurement", "measure": "systolic", "value": 120, "unit": "mm[Hg]", "at": "2026-03-02"}
    found = gated(record(event, measured("diastolic", 70, "mm[Hg]", -5), session=False), 0, "before")["pressure_before"]
    assert isinstance(found, CannotTell)
    assert "its clock time is not known" in found.sentence


def test_what_happens_after_the_instant_is_not_known_at_it():
    found = record(pressure(130, 80, -15), pressure(190, 100, 50))
    assert isinstance(gated(found, 41, "during")["pressure_unread"], Finding)
    assert isinstance(gated(found, 50, "during")["pressure_severe"], Finding)


@pytest.mark.parametrize(("minutes", "expected"), [(39, "clear"), (40, "said")])
def test_pressure_is_read_at_forty_minutes(minutes, expected):
    assert isinstance(gated(record(), minutes, "during")["pressure_unread"], KINDS[expected])


@pytest.mark.parametrize(("last", "expected"), [(149, "clear"), (150, "said"), (155, "said")])
def test_pressure_that_does_not_fall_again_is_seen_by_a_physician(last, expected):
    events = [*pressure(120, 80, -10), *pressure(150, 85, 40), *pressure(last, 85, 60), observed("pressure_symptoms", "no", 60)]
    assert isinstance(gated(record(events), 61, "during")["pressure_not_falling"], KINDS[expected])


def test_red_flags_are_an_emergency_where_pressure_is_high_or_not_known_and_an_escalation_always():
    flag = observed("red_flag_symptoms", "yes", 50)
    high, calm = [*pressure(120, 80, -10), *pressure(190, 100, 50)], [*pressure(120, 80, -10), *pressure(125, 80, 50)]
    for events, expected in ((high, "said"), ([], "said"), (calm, "clear")):
        found = gated(record(flag, events), 51, "during")
        assert isinstance(found["pressure_emergency"], KINDS[expected])
        assert isinstance(found["red_flag_symptoms"], Finding)


@pytest.mark.parametrize(("saturation", "moaas", "expected"), [(93, 5, "clear"), (92, 5, "said"), (93, 4, "said")])
def test_leaving_needs_oxygen_and_alertness(saturation, moaas, expected):
    events = [measured("SpO2", saturation, "%", 119), measured("MOAA/S", moaas, "{score}", 119)]
    events += [observed("dissociation", "no", 119), observed("confusion", "no", 119)]
    assert isinstance(gated(record(events), 125, "discharge")["not_yet_well"], KINDS[expected])


def test_a_positive_tier_is_seen_before_dosing_and_never_held():
    found = gated(record(screener(1, 1, 1, 0, 0, 0, None), session=False), 0, "before")["suicidality_before_dosing"]
    assert isinstance(found, Finding)
    assert (found.severity, "never an automatic hold" in found.sentence) == ("escalate", True)


def test_under_18_a_session_is_held_and_the_rest_of_ketamine_content_does_not_apply():
    young = [{**BASE[0], "birth_date": "2010-03-03"}, *BASE[1:]]
    found = PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n}", **e} for n, e in enumerate(young)]})
    assert isinstance(gated(found, 0, "before")["under_age"], Finding)
    results = reviewed(found)
    ketamine = {
        rule.id for name in ("bladder", "liver", "misuse", "long_term", "interactions", "trends") for rule in CATALOG.rules[name].rules
    }
    assert {rule for rule in ketamine if not isinstance(results[rule], NotApplicable)} == set()


def test_a_birth_year_alone_leaves_open_whether_somebody_turned_18():
    for year, expected in (("2008", "open"), ("2007", "clear"), ("2009", "said")):
        events = [{**BASE[0], "birth_date": year}, *BASE[1:]]
        found = PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n}", **e} for n, e in enumerate(events)]})
        assert isinstance(gated(found, 0, "before")["under_age"], KINDS[expected] if expected != "said" else Finding)


def test_an_unknown_drug_leaves_open_what_a_reviewed_list_would_deny():
    reviewed_list = observed("medicines_reviewed", "yes", -10)
    asked = [observed("alcohol_today", "no", -10), reviewed_list]
    known = {"kind": "medication", "drug": "Sertraline 100 mg", "at": "2026-01-01"}
    unknown = {"kind": "medication", "drug": "zzyzzamab", "at": "2026-01-01"}
    benzo = {"kind": "medication", "drug": "Lorazepam 1 mg", "at": "2026-01-01"}
    for drugs, expected in (([known], "clear"), ([known, unknown], "open"), ([benzo], "said"), ([unknown, benzo], "said")):
        found = gated(record(asked, drugs, session=False), 0, "before")["sedating_today"]
        assert isinstance(found, KINDS[expected])
    ended = {**benzo, "ended": "2026-02-01"}
    assert isinstance(gated(record(asked, [ended], session=False), 0, "before")["sedating_today"], NotApplicable)


def test_a_tms_session_has_no_ketamine_gates():
    other = {"kind": "dose_session", "at": DOSE.isoformat(), "treatment": "TMS"}
    found = gated(record(other, session=False), 30, "discharge")["observation_two_hours"]
    assert isinstance(found, NotApplicable)


def test_a_tms_session_after_the_dose_does_not_begin_its_time_anew():
    tms = {"kind": "dose_session", "at": at(30), "treatment": "TMS"}
    events = [tms, *pressure(120, 80, -10), *pressure(190, 115, 20)]
    found = gated(record(events), 40, "discharge")
    assert "40 minutes" in found["observation_two_hours"].sentence
    assert isinstance(found["pressure_severe"], Finding), "a reading after the dose is not one before it"


@pytest.mark.parametrize("second", ["2026-03-02", at(180)])
def test_a_second_session_of_the_day_never_clears_the_two_hours_of_the_first(second):
    """Without its clock time it may be the last of them: nobody knows; with it, it counts."""
    again = {"kind": "dose_session", "at": second, "treatment": "esketamine", "route": "nasal"}
    found = gated(record(again), 240, "discharge")["observation_two_hours"]
    assert isinstance(found, Finding if "T" in second else CannotTell)


def test_gates_come_worst_first_and_name_their_source():
    results = gates(record(pressure(190, 80, -5), session=False), CATALOG, DOSE, "before")
    severities = [r.severity for r in results if not isinstance(r, NotApplicable)]
    order = ["emergency", "contraindicated", "hold", "escalate", "block", "caution", "overdue", "note"]
    assert severities == sorted(severities, key=order.index)
    said = next(r for r in results if r.rule == "pressure_before")
    assert isinstance(said, Finding)
    assert (said.ref, said.status, said.facts[0].value, said.facts[0].day.isoformat()) == (
        "spravato_mpr_monograph", "verified", "190 mm Hg", "2026-03-02",
    )  # fmt: skip
