"""`check` finds what moves, and `euthymia history` reads well and says what it skipped."""

import json

import pytest
from typer.testing import CliRunner

from core.report.people import SAMPLES
from euthymia.check.checking import check
from euthymia.cli import app
from euthymia.knowledge_file import KNOWLEDGE, CatalogError
from euthymia.loading import load_catalog


def failures(tmp_path, name, old, new):
    (tmp_path / "adequacy").mkdir(exist_ok=True)
    text = (KNOWLEDGE / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    return "\n".join(check(load_catalog(tmp_path), tmp_path).failures)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (
            "adequacy/antidepressants.toml",
            "dose = { value = 20,",
            "dose = { value = 21,",
            "citalopram: 20 mg a day for 28 days: expected adequacy",
        ),
        ("adequacy/antidepressants.toml", "dose = { value = 20,", "dose = { value = 19,", "citalopram: no case on both sides of 19 mg"),
        ("adequacy/antidepressants.toml", "at_most = 120", "at_most = 119", "nortriptyline"),
        ("adequacy/procedures.toml", "minimum = 7,", "minimum = 6,", "ECT: 6 treatments: expected adequacy inadequate, found adequate"),
        ("adequacy/procedures.toml", "within_days = 21", "within_days = 22", "IV ketamine: six infusions within 22 days"),
        ("adequacy/rules.toml", "value = 28", "value = 27", "27 days are too short: expected adequacy inadequate, found adequate"),
        ("adequacy/rules.toml", "value = 42", "value = 41", "41 days are not: expected ATRQ False, found True"),
        ("adequacy/rules.toml", "value = 80", "value = 79", "79 % taken is not"),
        ("adequacy/rules.toml", "value = 14", "value = 15", "steps with a pause of 15 days are two"),
        ("adequacy/rules.toml", "value = 366", "value = 367", "a longer silence shows nothing"),
        (
            "adequacy/resistance.toml",
            "minimum_trials = 2",
            "minimum_trials = 3",
            "two adequate trials without response: expected regulatory met",
        ),
        ("adequacy/resistance.toml", "at_most = 12", "at_most = 13", "a day more than 12 months is sub-acute"),
        ("adequacy/resistance.toml", 'partial = "not_said"', 'partial = "counts"', "expected regulatory cannot_tell, found met"),
        ("adequacy/resistance.toml", "ect = 3", "ect = 2", "expected mgh_s"),
        ("adequacy/resistance.toml", "moderate = 3", "moderate = 4", "severity: moderate"),
    ],
)
def test_a_number_that_moves_breaks_a_case(tmp_path, name, old, new, words):
    assert words in failures(tmp_path, name, old, new)


def without(name, words):
    cases = (KNOWLEDGE / name).read_text(encoding="utf-8").split("[[cases]]\n")[1:]
    return "[[cases]]\n" + next(case for case in cases if words in case.splitlines()[0])


@pytest.mark.parametrize(
    ("name", "case", "words"),
    [
        ("adequacy/antidepressants.cases.toml", "sertraline: just under", "sertraline: no case on both sides of 50 mg (inadequate wanted)"),
        ("adequacy/antidepressants.cases.toml", "sertraline: another list", "sertraline: no case that says what another list asks, 100 mg"),
        ("adequacy/augmentation.cases.toml", "lithium: a level just under", "lithium: no case on both sides of a level of 0.5"),
        ("adequacy/procedures.cases.toml", "ECT: 6 treatments", "ect: no case on both sides of 7 sessions"),
        ("adequacy/procedures.cases.toml", "within 22 days", "ketamine: no case on both sides of 21 days for the sessions"),
        ("adequacy/rules.cases.toml", "79 % taken", "no case on both sides of 80 % taken"),
        ("adequacy/rules.cases.toml", "steps with a pause of 15", "no case on both sides of 14 days (step_gap_days)"),
        ("adequacy/rules.cases.toml", "sessions 43 days", "no case on both sides of 42 days (session_gap_days)"),
        ("adequacy/rules.cases.toml", "41 days are not", "no case on both sides of 42 days for the MGH-ATRQ"),
        ("adequacy/resistance.cases.toml", "the same drug twice", "all hold"),
        ("adequacy/resistance.cases.toml", "stage V", "thase_rush: no case of stage V"),
        ("adequacy/resistance.cases.toml", "15 is the most", "maudsley: no case at 15, an edge of severe"),
    ],
)
def test_an_edge_without_a_case_is_found(tmp_path, name, case, words):
    found = failures(tmp_path, name, without(name, case), "")
    assert words in (found or "all hold")


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("adequacy/antidepressants.toml", 'words = ["citalopram",', 'words = ["Citalopram",', "allowed: lower case letters"),
        ("adequacy/antidepressants.toml", "value = 20,", "value = -20,", "citalopram.dose.value: found -20"),
        ("adequacy/resistance.toml", 'also = ["TCA"]', 'also = ["tricyclic"]', "found the class 'tricyclic'"),
        ("adequacy/resistance.toml", "at_most = 12", "at_most = 30", "allowed: rising limits"),
        ("adequacy/resistance.toml", "moderately_severe = 4, ", "", "found no score for"),
        ("adequacy/augmentation.toml", "[aripiprazole]", "[citalopram]", "found a treatment that another file has"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_words(tmp_path, name, old, new, words):
    with pytest.raises(CatalogError, match="found") as refused:
        failures(tmp_path, name, old, new)
    assert words in str(refused.value)


def run(*arguments, width=80):
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["history", *(str(a) for a in arguments)])


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.json")), ids=lambda p: p.stem)
def test_a_history_fits_and_says_what_it_rests_on(path, width):
    result = run(path, "--on", "last", width=width)
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.splitlines()) <= width
    for heading in ("Why", "Treatment-resistant?", "Staging", "What can look like resistance", "This content has not been adopted"):
        assert heading in result.stdout


def test_history_as_json():
    found = json.loads(run(SAMPLES / "in-remission.json", "--on", "last", "--json").stdout)
    assert found["schema"] == "euthymia/history/1"
    assert found["history"]["resistance"][0]["state"] in ("met", "not_met", "cannot_tell")


def test_several_patients_are_one_line_each():
    result = run(SAMPLES, "--on", "last")
    assert result.exit_code == 0
    assert result.stdout.count("Synthetic") == 3


def test_an_unknown_patient_is_said():
    result = run(SAMPLES, "--patient", "nobody")
    assert result.exit_code == 2
    assert "found no patient 'nobody'" in result.output
