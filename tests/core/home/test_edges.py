"""Doses at home at their edges: days that are not known, counts without a clock, supplies of two strengths, several drugs and routes."""

from datetime import date
from typing import Any

import pytest

from euthymia.home import HomeDoses, home_doses
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord

CATALOG = load_catalog()
ON = date(2026, 3, 31)
REGIMEN = {"kind": "regimen", "at": "2026-03-02", "dose_mg": 100, "every_days": 7}
SUPPLY = {"kind": "dispensing", "at": "2026-03-02", "quantity": 10, "unit_mg": 100}


def taken(at: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "dose_log", "at": at, "taken": "taken", "someone_present": True, **fields}


WEEKLY = [taken(f"2026-03-{day:02}") for day in (2, 9, 16, 23, 30)]


def reconciled(*events: dict[str, Any], on: date = ON) -> HomeDoses:
    every = [{"id": f"e{n:02}", "treatment": "ketamine", "route": "sublingual", **event} for n, event in enumerate(events)]
    found = home_doses(PatientRecord.model_validate({"patient_id": "p", "events": every}).until(on), CATALOG, on)
    assert found is not None
    return found


def kinds(found: HomeDoses) -> list[str]:
    return [finding.kind for each in found.each for finding in each.findings]


def test_a_record_that_says_nothing_of_doses_at_home_has_none():
    assert home_doses(PatientRecord(patient_id="p"), CATALOG, ON) is None


def test_the_day_on_which_a_regimen_ended_is_not_judged():
    """Whether its dose was still to be taken nobody says: neither left out nor too many."""
    regimen = {**REGIMEN, "ended": "2026-03-30"}
    assert kinds(reconciled(regimen, *WEEKLY[:4])) == kinds(reconciled(regimen, *WEEKLY)) == []
    assert kinds(reconciled(regimen, *WEEKLY, taken("2026-03-31"))) == ["extra"]


def test_a_regimen_known_by_its_month_plans_nothing_that_can_be_told():
    found = reconciled({**REGIMEN, "at": "2026-03"}, *WEEKLY)
    assert {day.planned for day in found.days} == {None}
    assert kinds(found) == []


def test_a_dose_known_by_its_month_is_kept_and_placed_on_no_day():
    found = reconciled(
        REGIMEN, SUPPLY, *WEEKLY, taken("2026-03", someone_present=False), {"kind": "left_over", "at": "2026-03-31", "units": 4}
    )
    assert sum(day.taken for day in found.days) == 5
    assert [(each.kind, each.day) for each in found.findings] == [("alone", None)]
    assert (found.stock.unaccounted_low, found.stock.unaccounted_high) == (0, 1)


@pytest.mark.parametrize(("log", "low"), [("2026-03-16", 0), ("2026-03-16T09:00:00+00:00", 0), ("2026-03-16T21:00:00+00:00", 1)])
def test_a_dose_of_the_day_of_a_count_is_before_it_after_it_or_not_known(log, low):
    """Seven are left: had the dose been taken before the count all is explained, else one is missing."""
    count = {"kind": "left_over", "at": "2026-03-16T12:00:00+00:00", "units": 7}
    found = reconciled(REGIMEN, SUPPLY, WEEKLY[0], WEEKLY[1], taken(log), count, on=date(2026, 3, 17))
    assert found.stock.unaccounted_low == low


def test_a_count_of_the_day_of_the_first_dispensing_counted_it():
    found = reconciled(REGIMEN, SUPPLY, *WEEKLY, {"kind": "left_over", "at": "2026-03-02", "units": 10})
    assert kinds(found) == []


def test_a_count_of_the_day_of_a_refill_came_before_it():
    refill = {**SUPPLY, "at": "2026-03-31"}
    found = reconciled(REGIMEN, SUPPLY, *WEEKLY, {**refill, "quantity": 10}, {"kind": "left_over", "at": "2026-03-31", "units": 5})
    assert (found.stock.dispensed, found.stock.unaccounted_low) == (10, 0)


def test_units_of_two_strengths_are_never_added_to_a_balance():
    found = reconciled(
        REGIMEN, SUPPLY, *WEEKLY, {**SUPPLY, "at": "2026-03-20", "unit_mg": 50}, {"kind": "left_over", "at": "2026-03-31", "units": 0}
    )
    assert found.stock.unaccounted_high is None
    assert "50 mg and 100 mg" in found.stock.words
    assert found.cannot_tell == ("how many units are not accounted for",)
    assert kinds(found) == []


def test_what_was_there_before_the_first_dispensing_is_not_made_up():
    found = reconciled(REGIMEN, {**SUPPLY, "at": "2026-03-05"}, *WEEKLY, {"kind": "left_over", "at": "2026-03-31", "units": 0})
    assert found.stock.unaccounted_high is None
    assert kinds(found) == []


def test_a_count_before_the_first_dispensing_is_what_was_there():
    before = {"kind": "left_over", "at": "2026-03-01", "units": 3}
    found = reconciled(REGIMEN, SUPPLY, *WEEKLY, before, {"kind": "left_over", "at": "2026-03-31", "units": 8})
    assert (found.stock.opening, found.stock.unaccounted_low, found.stock.unaccounted_high) == (3, 0, 0)


def test_every_drug_and_route_stands_by_itself():
    nasal = {"treatment": "S-ketamine", "route": "intranasal"}
    found = reconciled(
        REGIMEN, *WEEKLY, {**REGIMEN, **nasal, "at": "2026-03-16", "dose_mg": 28}, *({**log, **nasal, "dose_mg": 28} for log in WEEKLY[2:])
    )
    assert [(each.drug, each.route) for each in found.each] == [("esketamine", "nasal"), ("ketamine", "sublingual")]
    assert kinds(found) == []


def test_one_route_by_two_words_is_one_route():
    assert kinds(reconciled(REGIMEN, *({**log, "route": "SL"} for log in WEEKLY))) == []
    assert kinds(reconciled(REGIMEN, *({**log, "route": None} for log in WEEKLY))) == []


def test_a_dose_by_a_route_no_longer_prescribed_is_no_dose_too_many():
    sublingual = {**REGIMEN, "ended": "2026-03-16"}
    nasal = {**REGIMEN, "at": "2026-03-17", "route": "nasal"}
    found = reconciled(
        sublingual,
        nasal,
        *WEEKLY[:2],
        *({**log, "route": "nasal", "at": day} for log, day in zip(WEEKLY, ("2026-03-17", "2026-03-24", "2026-03-31"), strict=False)),
        taken("2026-03-26", dose_mg=300),
    )
    assert kinds(found) == ["other_route"]


@pytest.mark.parametrize(
    ("treatment", "compounded", "shown"),
    [
        ("ketamine", True, True),
        ("ketamine", None, True),
        ("ketamine", False, False),
        ("esketamine", True, False),
        ("Spravato", None, False),
    ],
)
def test_the_notice_on_compounded_ketamine_stands_where_it_applies(treatment, compounded, shown):
    supply = {**SUPPLY, "treatment": treatment, "compounded": compounded}
    found = reconciled({**REGIMEN, "treatment": treatment}, supply)
    assert bool(found.notices) == shown


def test_half_weeks_are_counted_from_the_first_day():
    found = reconciled({**REGIMEN, "every_days": 3.5}, on=date(2026, 3, 17))
    assert [day.day.day for day in found.days if day.planned] == [2, 5, 9, 12, 16]


def test_an_entry_in_error_is_no_dose():
    wrong = taken("2026-03-05")
    assert kinds(reconciled(REGIMEN, *WEEKLY, wrong)) == ["extra"]
    assert kinds(reconciled(REGIMEN, *WEEKLY, {**wrong, "entered_in_error": True})) == []


def test_doses_without_a_regimen_are_listed_and_judged_by_none():
    found = reconciled(*WEEKLY, taken("2026-03-05", dose_mg=900))
    assert (found.regimen, found.words, found.stock.words) == (None, "no regimen is recorded", "no dispensing is recorded")
    assert [day.planned for day in found.days] == [None] * 6
    assert kinds(found) == []
    assert (found.signs.above_regimen, found.signs.extra, found.signs.unlogged) == (None, None, None)


def test_a_regimen_that_ended_is_in_force_no_more():
    assert reconciled({**REGIMEN, "ended": "2026-03-17"}, *WEEKLY[:3]).words == "no regimen is in force"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"words": "one troche on Mondays"}, "one troche on Mondays"),
        ({"weekdays": ["monday", "friday"], "every_days": None}, "ketamine 100 mg sublingual, on Monday, Friday"),
        ({"every_days": None}, "ketamine 100 mg sublingual, on days that are not fixed"),
        ({"every_days": 1, "doses_a_day": 2}, "ketamine 100 mg sublingual, 2 doses a day, every day"),
    ],
)
def test_a_regimen_is_said_as_it_was_written_else_from_its_parts(fields, words):
    assert reconciled({**REGIMEN, **fields}, on=date(2026, 3, 2)).words == words


def test_a_refill_of_which_nothing_is_known_cannot_be_told():
    found = reconciled(REGIMEN, *WEEKLY, {**SUPPLY, "unit_mg": None}, {**SUPPLY, "unit_mg": None, "at": "2026-03-20"})
    assert found.cannot_tell == ("whether the refill on 20 March 2026 was early",)
    assert found.signs.early_refill is None
    assert found.count_by == date(2026, 4, 1)


def test_where_units_are_not_known_the_days_of_the_pharmacy_say_when_a_supply_ends():
    found = reconciled(REGIMEN, *WEEKLY, {**SUPPLY, "unit_mg": None, "days_supply": 21})
    assert found.count_by == date(2026, 3, 16)


def test_units_that_every_log_states_are_those_of_a_dose():
    logs = [{**log, "units": 2} for log in WEEKLY]
    supply = {**SUPPLY, "unit_mg": None}
    found = reconciled(REGIMEN, *logs[:4], supply, {"kind": "left_over", "at": "2026-03-31", "units": 0})
    assert (found.stock.taken, found.stock.not_logged) == (8, 2)
    assert (found.stock.unaccounted_low, found.stock.unaccounted_high) == (0, 2)


def test_a_supply_that_was_used_up_and_ended_is_not_counted_again():
    events = [{**REGIMEN, "ended": "2026-03-10"}, *WEEKLY[:2], {**SUPPLY, "quantity": 2}]
    assert reconciled(*events).count_by is not None
    assert reconciled(*events, {"kind": "left_over", "at": "2026-03-12", "units": 0}).count_by is None
