"""Limits come out of the rules and nowhere else: every number of a rule over a field of the sheet is one, with its own words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules.people import CATALOG
from core.session_sheet.sessions import base, of
from euthymia.check.session_sheet import sheet_cases_as_json, sheet_file, sheet_limits
from euthymia.knowledge_file import KNOWLEDGE
from euthymia.rule import COMPARISONS
from euthymia.session_sheet import Limit, number, passed

FIELDS = {row.measurement: row.id for row in CATALOG.sheet.fields if row.measurement}


def _numbers_of_rules():
    """Field, against what, op, number, gate: read from the rule files by a route of its own."""
    for rules in CATALOG.rules.values():
        for rule in rules.rules:
            if not {"before", "during", "discharge"} & set(rule.asked or rules.asked):
                continue
            for leaf in rule.when.leaves():
                if leaf.op not in COMPARISONS:
                    continue
                fact = CATALOG.vocabulary[leaf.fact]
                at = (leaf.op, rules.thresholds[leaf.threshold].value, f"{rules.id}/{rule.id}")
                if fact.measured in FIELDS:
                    yield (FIELDS[fact.measured], "value", *at)
                elif leaf.fact in ("systolic_rise", "diastolic_rise"):
                    yield (leaf.fact.removesuffix("_rise"), "before_dose", *at)


def test_every_number_of_a_rule_over_a_field_is_a_limit_of_it_and_no_other_is():
    found = {(row.id, x.against, x.op, x.value, f"{x.subject}/{x.rule}") for row, x in sheet_limits(CATALOG)}
    assert found == set(_numbers_of_rules())
    assert len(found) == 21


def test_a_limit_has_the_severity_the_actions_and_the_weakest_status_of_its_rule():
    field = of(base()).field("systolic")
    urgent = next(limit for limit in field.limits if limit.rule == "pressure_urgent_before")
    assert (urgent.severity, urgent.status, urgent.stage) == ("escalate", "design", "before")
    assert urgent.actions == ("no dose before a medical review", "recheck both arms")
    assert urgent.words == "systolic blood pressure before the dose above 180 mm Hg"


def test_a_number_that_needs_symptoms_besides_is_not_the_finding_by_itself():
    limits = of(base()).field("systolic").limits
    emergency = [limit for limit in limits if limit.rule == "pressure_emergency"]
    assert emergency
    assert not any(limit.alone for limit in emergency)
    assert all("chest pain" in " ".join(limit.together_with) for limit in emergency)
    assert next(limit for limit in limits if limit.rule == "pressure_severe").alone


def test_food_and_fluid_are_asked_of_a_nasal_dose_alone():
    assert of(base()).field("minutes_since_food").limits[0].alone
    assert of(base(), "ketamine_iv").field("minutes_since_food") is None


@given(st.sampled_from([limit for _, limit in sheet_limits(CATALOG)]), st.integers(-400, 400), st.integers(0, 300) | st.none())
def test_passed_says_what_the_comparison_says_and_nothing_of_what_is_not_known(limit: Limit, typed, before):
    found = passed(limit, typed, before)
    if limit.against == "before_dose" and before is None:
        assert found is None
        return
    value = typed - before if limit.against == "before_dose" else typed
    strict, equal = {"<": (value < limit.value, False), "<=": (value < limit.value, True), ">": (value > limit.value, False)}.get(
        limit.op, (value > limit.value, True)
    )
    assert found is (equal if value == limit.value else strict)
    assert passed(limit, None, before) is None


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text):
    found = number(text)
    assert found is None or isinstance(found, float)


def test_the_table_of_cases_holds_and_asks_for_every_limit():
    report = sheet_file(CATALOG, (KNOWLEDGE,))
    assert report.failures == ()
    assert report.cases == 175


@pytest.mark.parametrize("change", ["op", "value"])
def test_a_table_that_is_wrong_is_found_out(tmp_path, change):
    text = (KNOWLEDGE / "sessions/sheet.cases.toml").read_text()
    (tmp_path / "sessions").mkdir()
    wrong = text.replace('typed = "181"', 'typed = "180"', 1) if change == "value" else text.replace('"passed"', '"not_passed"', 1)
    (tmp_path / "sessions/sheet.cases.toml").write_text(wrong)
    assert sheet_file(CATALOG, (tmp_path,)).failures


def test_the_table_goes_to_the_browser_with_the_limits_in_it():
    found = sheet_cases_as_json(CATALOG)
    assert len(found["limits"]) == 110
    assert all(passed(Limit(**case["limit"]), number(case["typed"]), case["before"]) is case["expect"] for case in found["limits"])
