"""What rules make of doses at home: what is found holds, what nobody can tell is asked, and a statement of somebody counts beside it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.home.planted import ON, START, TEN, Home, at
from euthymia.episode import current_episode
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import review
from euthymia.rules import CannotTell, Finding, NotApplicable, evaluate

CATALOG = load_catalog()
BASE = [
    {"kind": "person", "id": "p", "at": "1980", "birth_date": "1980-01-01"},
    {"kind": "plan", "id": "plan", "at": START.isoformat(), "protocol": "ketamine_sublingual_home"},
]
QUIET = [
    {"kind": "observation", "id": f"o-{about}", "at": ON.isoformat(), "about": about, "answer": "no"}
    for about in ("craving", "requests_for_more")
]


def record(*events: dict) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": [*BASE, *QUIET, *events]})


def judged(*events: dict, on: date = ON) -> dict:
    cut = record(*events).until(on)
    return {result.rule: result for result in evaluate(cut, current_episode(cut, CATALOG), CATALOG, on)}


def supply(lost: int = 0, *, dose_mg: float = 100, refilled: int = 10) -> list[dict]:
    """Every dose taken and logged, once in ten days; refilled when the first units have run out, or so many doses later."""
    home = Home(0)
    home.prescribe(every_days=10)
    home.dispense(0, 2 * 5)
    home.dispense(refilled * 5, 20)
    home.live(range(0, 90, 10))
    home.logs[80, 0].update(dose_mg=dose_mg, taken="taken" if dose_mg == 100 else "changed")
    home.there -= (dose_mg - 100) / 50
    home.lose(lost)
    home.count(88)
    return home.events


def test_a_supply_that_was_used_as_prescribed_says_no_to_every_sign():
    found = judged(*supply())
    for rule in ("misuse_signs", "home_dose_above_regimen", "home_doses_extra", "home_doses_unlogged"):
        assert isinstance(found[rule], NotApplicable), found[rule]


@pytest.mark.parametrize(
    ("rule", "events"),
    [
        ("misuse_signs", supply(lost=1)),
        ("misuse_signs", supply(refilled=3)),
        ("home_dose_above_regimen", supply(dose_mg=150)),
        ("home_doses_extra", [*supply(), {**supply()[-2], "id": "extra", "at": at(85, 9)}]),
        ("home_doses_unlogged", [e for e in supply() if e["kind"] != "dose_log" or e["at"] < at(60)]),
    ],
    ids=["a unit lost", "an early refill", "a dose above", "an extra dose", "three not logged"],
)
def test_a_discrepancy_is_a_finding(rule, events):
    assert isinstance(judged(*events)[rule], Finding)


def test_what_was_never_counted_cannot_be_told():
    found = judged(*(event for event in supply() if event["kind"] != "left_over"))["misuse_signs"]
    assert isinstance(found, CannotTell)
    assert "never counted" in " ".join(found.missing)


def test_what_doses_that_nobody_logged_may_explain_cannot_be_told():
    events = [event for event in supply() if event["kind"] != "dose_log" or event["at"] < at(80)]
    found = judged(*events)["misuse_signs"]
    assert isinstance(found, CannotTell)
    assert "0 to 2" in found.sentence


def test_units_that_cannot_be_told_make_a_refill_that_cannot_be_told():
    events = [{**event, "unit_mg": None} if event["kind"] == "dispensing" else event for event in supply(refilled=3)]
    found = judged(*events)["misuse_signs"]
    assert isinstance(found, CannotTell)
    assert "refill" in found.sentence


@pytest.mark.parametrize("stated", ["yes", "no"])
def test_the_worse_of_a_statement_and_of_the_reckoning_holds(stated):
    """Somebody saw an early refill where the record shows none, or none where it shows one."""
    said = {"kind": "observation", "id": "said", "at": at(85), "about": "early_refill", "answer": stated}
    assert isinstance(judged(*supply(refilled=3), said)["misuse_signs"], Finding)
    expected = Finding if stated == "yes" else NotApplicable
    assert isinstance(judged(*supply(), said)["misuse_signs"], expected)


@pytest.mark.parametrize(("value", "expected"), [(2, Finding), (0, NotApplicable)])
def test_a_count_stated_as_such_still_counts(value, expected):
    said = {"kind": "measurement", "id": "said", "at": at(89), "measure": "doses_unaccounted", "value": value, "unit": "{dose}"}
    assert isinstance(judged(*supply(), said)["misuse_signs"], expected)
    assert isinstance(judged(*supply(lost=1), said)["misuse_signs"], Finding)


def test_a_patient_of_a_clinic_is_not_asked_about_doses_at_home():
    events = [{**BASE[1], "id": "later", "at": at(1), "protocol": "esketamine_label"}]
    found = judged(*events)
    assert isinstance(found["home_doses_unlogged"], NotApplicable)
    nobody_said = [{**BASE[1], "id": "later", "at": at(1), "protocol": None}]
    assert isinstance(judged(*nobody_said)["home_doses_unlogged"], CannotTell)


# The record as it is with one thing taken away: what was found stays, or nobody can tell.
BLANKS = {
    "regimen": ("dose_mg", "every_days", "weekdays"),
    "dispensing": ("unit_mg",),
    "dose_log": ("taken", "units", "someone_present"),
}
SIGNS = ("misuse_signs", "home_dose_above_regimen", "home_doses_extra")


@given(st.sampled_from(TEN), st.integers(0, 5), st.data())
def test_a_thing_taken_away_never_silences(regimen, seed, data):
    events = regimen(seed).events
    before = judged(*events)
    event = data.draw(st.sampled_from([event for event in events if event["kind"] in BLANKS]))
    name = data.draw(st.sampled_from([name for name in BLANKS[event["kind"]] if event.get(name)] or ["note"]))
    kept = [{key: value for key, value in each.items() if each is not event or key != name} for each in events]
    after = judged(*kept)
    for rule in SIGNS:
        if isinstance(before[rule], Finding):
            assert not isinstance(after[rule], NotApplicable), (rule, name, event)


@given(st.sampled_from(TEN), st.integers(0, 5), st.integers(1, 89))
def test_nothing_is_known_beforehand(regimen, seed, days):
    found, on = record(*regimen(seed).events), START + timedelta(days=days)
    assert review(found, CATALOG, on).home == review(found.until(on), CATALOG, on).home


@given(st.sampled_from(TEN), st.integers(0, 5), st.randoms())
def test_the_order_of_entry_does_not_matter(regimen, seed, order):
    events = list(regimen(seed).events)
    as_entered = review(record(*events), CATALOG, ON).home
    order.shuffle(events)
    assert review(record(*events), CATALOG, ON).home == as_entered
