"""A file of options, or of what is looked at, that cannot be used: named, with what was found and what is allowed."""

import re
from pathlib import Path

import pytest

from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog

OPTIONS = KNOWLEDGE / "options"


def refused(tmp_path: Path, name: str, old: str, new: str) -> str:
    """Load a site whose copy of one file differs in one place."""
    text = (OPTIONS / name).read_text(encoding="utf-8")
    assert old in text
    place = tmp_path / "options" / name
    place.parent.mkdir(parents=True)
    place.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as error:
        load_catalog(tmp_path)
    return str(error.value)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("care.toml", 'statuses = ["cannot_tell"]', 'statuses = ["cannot tell"]', r"care\.toml: .*statuses.*'cannot tell'.*allowed"),
        ("care.toml", 'holds = ["high_acuity"]', 'holds = ["acute"]', r"safety_first\.listed_when\.1: found 'acute'; allowed: an id"),
        ("care.toml", "{rating}", "{score}", r"found the placeholder \{score\}; allowed: .*rating"),
        ("care.toml", 'id = "refer"', 'id = "second_opinion"', r"second_opinion: found an id that another option has; allowed: each once"),
        ("care.toml", 'group = "safety"', 'group = "urgent"', r"care\.toml: .*group.*'urgent'"),
        (
            "optimise.toml",
            'know_first = ["doses_taken"]',
            'know_first = ["aged_60"]',
            r"optimise_dose\.know_first: found 'aged_60'; allowed: an id of looking",
        ),
        ("optimise.toml", 'question = "optimise"', 'question = "gone"', r"optimise_dose\.question: found gone; allowed: .*aripiprazole"),
        ("optimise.toml", 'must_be = "absent"', 'must_be = "low"', r"optimise\.toml: .*must_be.*'low'"),
        ("optimise.toml", 'ref = "ubc_fibser"', 'ref = "gone_2020"', r"found 'gone_2020'; allowed: an id of references\.toml"),
        (
            "psychotherapy.toml",
            "trials_at_least = 1",
            "trials_at_least = 1\ntrials_at_most = 0",
            r"trials_at_least 1 above trials_at_most 0",
        ),
        (
            "ketamine_care.toml",
            'circumstance = "bladder"\nwords',
            'circumstance = "bladder"\ndrugs = ["x"]\nwords',
            r"found both or neither of `circumstance`",
        ),
        (
            "looking.toml",
            'instrument = "fibser"',
            'instrument = "fibsor"',
            r"looking\.toml: side_effects\.readings: found the unknown instrument 'fibsor'",
        ),
        ("looking.toml", '"reduce_or_switch"', '"high"', r"found the band high of fibser; allowed: no_change, address, reduce_or_switch"),
        ("looking.toml", 'item = "3"', 'item = "33"', r"found the item 33 of phq9"),
        ("looking.toml", "max_age_days = 28", "max_age_days = 0", r"looking\.toml: .*max_age_days"),
        ("looking.toml", 'id = "calcium"', 'id = "kidney"', r"found kidney twice; allowed: each once"),
        ("looking.toml", 'id = "calcium"', 'id = "severe"', r"found severe, which the engine already uses"),
        ("limits.toml", '"safety", "look", "continue"', '"look", "continue"', r"found groups or group_names that lack a group"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, name: str, old: str, new: str, said: str) -> None:
    message = refused(tmp_path, name, old, new)
    assert re.search(said, message), message


def test_a_missing_case_is_asked_for(tmp_path: Path) -> None:
    from euthymia.check.checking import check

    cases = (OPTIONS / "ketamine_care.cases.toml").read_text(encoding="utf-8").split("[[cases]]")
    place = tmp_path / "options" / "ketamine_care.cases.toml"
    place.parent.mkdir()
    place.write_text("[[cases]]".join(c for c in cases if "FIBSER first" not in c), encoding="utf-8")
    failures = check(load_catalog(tmp_path), tmp_path).failures
    assert any("titrate_up: no case held back by" in line for line in failures)


def test_a_changed_condition_fails_its_cases(tmp_path: Path) -> None:
    from euthymia.check.checking import check

    place = tmp_path / "options" / "neuromodulation.toml"
    place.parent.mkdir()
    text = (OPTIONS / "neuromodulation.toml").read_text(encoding="utf-8")
    place.write_text(text.replace("trials_at_least = 2", "trials_at_least = 3"), encoding="utf-8")
    failures = check(load_catalog(tmp_path), tmp_path).failures
    assert any("tms: " in line and "expected offered, found not_listed" in line for line in failures)
    assert any("tms: row 1: no case at 3 trials" in line for line in failures)


def test_an_age_on_both_sides_is_asked_for(tmp_path: Path) -> None:
    from euthymia.check.checking import check

    place = tmp_path / "options" / "looking.toml"
    place.parent.mkdir()
    text = (OPTIONS / "looking.toml").read_text(encoding="utf-8")
    place.write_text(text.replace("max_age_days = 730", "max_age_days = 700"), encoding="utf-8")
    failures = check(load_catalog(tmp_path), tmp_path).failures
    assert any("sleep_apnoea: no case on both sides of 700 days" in line for line in failures)
