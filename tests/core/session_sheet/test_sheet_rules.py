"""A sheet or a table of cases that contradicts itself is refused, with what was found and what is allowed."""

import tomllib

import pytest

from core.rules.people import CATALOG
from euthymia.base_rates import SessionRates
from euthymia.check.session_sheet import sheet_file
from euthymia.knowledge_file import KNOWLEDGE, CatalogError, parse, tuples
from euthymia.sheet_rules import SheetRules

SHEET = KNOWLEDGE / "sessions/sheet.toml"
CASES = KNOWLEDGE / "sessions/sheet.cases.toml"


def field(name, **changes):
    data = tomllib.loads(SHEET.read_text(encoding="utf-8"))
    row = next(row for row in data["fields"] if row["id"] == name)
    row.update(changes)
    return {**data, "fields": [{k: v for k, v in each.items() if v is not None} for each in data["fields"]]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (field("systolic", observation="systolic"), "found that it becomes measurement, observation"),
        (field("route", choices=None), "found choices without the input choice"),
        (field("systolic", unit=None), "found a number without a unit"),
        (field("dose", high=None), "found low 0.5 and high None"), (field("dose", high=0.1), "found low 0.5 and high 0.1"),
        (field("lot", id="dose"), "found the field dose twice"),
        (field("systolic") | {"pairs": [["systolic", "pulse"]]}, "found the field pulse in pairs"),
    ],
)  # fmt: skip
def test_a_field_that_contradicts_itself_is_refused(changed, said):
    with pytest.raises(CatalogError, match=said):
        parse(SHEET, tuples(changed), SheetRules)


def test_a_time_after_the_dose_has_its_minutes():
    data = tomllib.loads(SHEET.read_text(encoding="utf-8"))
    data["times"][0]["minutes"] = 5
    with pytest.raises(CatalogError, match="allowed: minutes after the dose, only then"):
        parse(SHEET, tuples(data), SheetRules)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('gate = "session_before/pressure_before"', 'gate = "session_before/no_rule"', "found no limit of session_before/no_rule"),
        ("value = 128.5", "value = 129.5", "expected 129.5, found 128.5"),
        ('typed = "301"\nexpect = "cannot_be"', 'typed = "301"\nexpect = "can_be"', "expected can_be"),
        ('typed = "300"\nexpect = "can_be"', 'typed = "299"\nexpect = "can_be"', "no case at the end 300"),
        ('typed = "141"', 'typed = "142"', "no case of session_before/pressure_before at 141"),
        ('expect = "unknown"', 'expect = "sometimes"', "sometimes"),
        ('[[cases]]', '[[case]]', "case"),
    ],
)  # fmt: skip
def test_what_no_case_asks_or_what_a_case_says_wrong_is_found(tmp_path, old, new, said):
    (tmp_path / "sessions").mkdir()
    text = CASES.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "sessions/sheet.cases.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    assert any(said in failure for failure in sheet_file(CATALOG, (tmp_path,)).failures)


def test_a_limit_that_nobody_is_said_not_to_know_is_found(tmp_path):
    (tmp_path / "sessions").mkdir()
    kept = [part for part in CASES.read_text(encoding="utf-8").split("\n\n") if not ('"moaas"' in part and '"unknown"' in part)]
    (tmp_path / "sessions/sheet.cases.toml").write_text("\n\n".join(kept), encoding="utf-8")
    assert "no case of session_during/sedation_deep in which nobody can tell of moaas" in sheet_file(CATALOG, (tmp_path,)).failures


@pytest.mark.parametrize("name", ["sedation", "side_effects"])
def test_a_rate_is_a_share(name):
    number = {"value": 34.7, "status": "design", "note": "a percent"}
    found = CATALOG.base_rates.protocols["esketamine_label"].model_dump()
    found[name] = {"nausea": number} if name == "side_effects" else number
    with pytest.raises(ValueError, match="share"):
        SessionRates.model_validate(found)
