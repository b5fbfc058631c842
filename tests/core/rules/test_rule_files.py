"""Rule files: a bad one is refused in words; a number or an age that moves breaks a case; a side without a case is found."""

import re
from pathlib import Path

import pytest

from euthymia.check.checking import check
from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog

BAD = sorted((Path(__file__).parent / "bad").glob("*.toml"))
RULES = sorted(p for p in (KNOWLEDGE / "rules").glob("*.toml") if p.stem != "vocabulary" and not p.name.endswith(".cases.toml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_rule_file_is_refused_in_words(path, tmp_path):
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# expect: ")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/mine.toml").write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(CatalogError) as refused:
        load_catalog(tmp_path)
    assert "mine.toml" in str(refused.value)
    assert expected in str(refused.value)


def site(folder, name, text):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / name).write_text(text, encoding="utf-8")
    return [line for line in check(load_catalog(folder), folder).failures if line.startswith("rules/")]


NUMBERS = [(path, m.start(1)) for path in RULES for m in re.finditer(r"^\w+ = \{ value = ([0-9.]+)", path.read_text(), re.MULTILINE)]


@pytest.mark.parametrize(("path", "place"), NUMBERS, ids=lambda v: v.stem if isinstance(v, Path) else str(v))
def test_a_number_that_moves_breaks_a_case(path, place, tmp_path):
    text = path.read_text(encoding="utf-8")
    number = re.match(r"[0-9.]+", text[place:])
    assert number
    moved = text[:place] + f"{float(number.group()) + 1:g}" + text[place + number.end() :]
    assert site(tmp_path, path.name, moved)


AGES = [
    (path, m.start(1))
    for path in RULES
    for m in re.finditer(r"^\w+ = \{ (?:days|hours|minutes) = ([0-9.]+)", path.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize(("path", "place"), AGES[::4], ids=lambda v: v.stem if isinstance(v, Path) else str(v))
def test_an_age_that_moves_breaks_a_case(path, place, tmp_path):
    text = path.read_text(encoding="utf-8")
    number = re.match(r"[0-9.]+", text[place:])
    assert number
    moved = text[:place] + f"{float(number.group()) + 1:g}" + text[place + number.end() :]
    assert site(tmp_path, path.name, moved)


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("liver", "upper limit 3", "both sides of alt_ratio > 3"),
        ("discharge", "minutes since the start of the dose 120", "both sides of minutes_since_dose < 120"),
        ("discharge", "31 minutes old", "no case on both sides of the age of"),
        ("cognition", "first score", "cognition_fall: no case of"),
    ],
)
def test_a_side_without_a_case_is_found(name, words, expected, tmp_path):
    text = (KNOWLEDGE / f"rules/{name}.cases.toml").read_text(encoding="utf-8")
    head, *cases = text.split("[[cases]]\n")
    kept = [case for case in cases if words not in case.splitlines()[0]]
    assert any(expected in line for line in site(tmp_path, f"{name}.cases.toml", head + "".join(f"[[cases]]\n{case}" for case in kept)))


def test_every_case_of_the_shipped_rules_holds():
    assert [line for line in check(load_catalog()).failures if line.startswith("rules/")] == []
