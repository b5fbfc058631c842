"""Answers: recalled figures are tagged wherever they go, small pools say that they are small, and asking twice is free."""

import json
import subprocess
import sys

import pytest

from euthymia import load_catalog
from euthymia.evidence import Features, answer, beside
from euthymia.evidence.quoting import figure

CATALOG = load_catalog()


def test_a_pool_that_uses_a_recalled_figure_is_tagged():
    for question, status in (("esketamine_acute", "recalled"), ("accelerated_tms", "recalled"), ("aripiprazole", "verified")):
        found = answer(question, CATALOG)
        assert found.pooled[0].status == status
        assert ("[recalled]" in found.pooled_words[0]) == (status == "recalled")


def test_a_count_over_a_recalled_arm_is_drawn_as_recalled():
    relapse = next(each for each in answer("maintenance", CATALOG).alone if each.row.endswith("relapse_remitters"))
    assert (relapse.status, relapse.computed) == ("recalled", True)
    hazard = next(each for each in answer("maintenance", CATALOG).alone if each.row.endswith("hazard_remitters"))
    assert (hazard.status, hazard.estimate, hazard.lower, hazard.upper) == ("verified", 0.49, 0.29, 0.84)


def test_two_studies_say_that_their_interval_is_as_wide_as_it_is():
    found = answer("aripiprazole", CATALOG)
    low, high = (found.pooled[0].read(end) for end in (found.pooled[0].summary.lower, found.pooled[0].summary.upper))
    assert low < 1 < high
    assert any("one degree of freedom" in line for line in found.pooled_words)


def test_studies_that_agree_by_chance_show_the_wider_interval_too():
    assert any("read the wider one" in line for line in answer("esketamine_acute", CATALOG).pooled_words)


def test_who_is_left_out_of_a_pool_is_said():
    found = answer("esketamine_acute", CATALOG)
    assert any("Japan" in line for line in found.pooled[0].pool.left_out)
    assert found.pooled[0].people == 587


def test_differences_of_madrs_are_held_against_what_one_person_notices():
    for question in ("esketamine_acute", "esketamine_suicidal"):
        assert any("smaller than the 6 points that one person notices" in line for line in answer(question, CATALOG).pooled_words)


def test_every_figure_says_how_many_on_what_and_when():
    """n, instrument, time point and the threshold of remission stand with each figure that the certainty rests on."""
    line = next(line for line in answer("esketamine_vs_quetiapine", CATALOG).figures if "remission" in line)
    assert all(words in line for words in ("n = 676", "MADRS", "week 8", "MADRS ≤ 10", "91 of 336 (27.1 %)", "60 of 340 (17.6 %)"))
    assert all(
        ", n" in line
        for question in CATALOG.questions
        for line in answer(question, CATALOG).figures[len(answer(question, CATALOG).pooled_words) :]
    )


def test_statuses_hold_every_status_that_is_quoted():
    assert answer("ketamine_suicidal", CATALOG).statuses == ("design", "recalled", "verified")  # verified: a position
    assert "recalled" in answer("maintenance", CATALOG).statuses


def test_acute_figures_never_stand_in_the_answer_on_maintenance():
    said = " ".join(line for each in answer("racemic_maintenance", CATALOG).studies for line in each.rows)
    assert "24 h" not in said
    assert "open infusions" not in said


def test_asking_again_gives_the_same_object():
    features = Features(age=50)
    assert answer("maintenance", CATALOG) is answer("maintenance", CATALOG)
    assert beside("maintenance", CATALOG, features) is beside("maintenance", CATALOG, features)


def test_a_changed_catalog_is_not_answered_from_memory():
    question = CATALOG.questions["maintenance"]
    changed = CATALOG.model_copy(update={"questions": {"maintenance": question.model_copy(update={"says": "Another sentence."})}})
    assert answer("maintenance", CATALOG).sentence == question.says
    assert answer("maintenance", changed).sentence == "Another sentence."


def test_a_question_without_a_study_says_so():
    found = beside("optimise", CATALOG, Features(age=50))
    assert (found.certainty, found.certainty_here, found.mismatches, found.figures) == ("none", "none", (), ())
    assert "No study" in found.sentence


@pytest.mark.parametrize(
    ("value", "words"), [(-4.0, "−4"), (0.49, "0.49"), (737.64, "737.6"), (0.0, "0"), (-3.627, "−3.63"), (100.0, "100")]
)
def test_figures_are_printed_plainly(value, words):
    assert figure(value) == words


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "euthymia.cli", "evidence", *arguments], capture_output=True, text=True, check=False)


def test_the_command_lists_and_answers(tmp_path):
    listed = run()
    assert listed.returncode == 0
    assert listed.stdout.index("Acute treatment") < listed.stdout.index("Maintenance") < listed.stdout.index("By mouth")
    one = run("maintenance")
    assert one.stdout.index("probably lowers relapse") < one.stdout.index("moderate certainty") < one.stdout.index("Daly 2019 (SUSTAIN-1)")
    found = json.loads(run("aripiprazole", "--json").stdout)
    assert found["pooled"][0]["summary"]["k"] == 2
    assert len(json.loads(run("--json").stdout)) == len(CATALOG.questions)
    assert run("maintenance", "--html", str(tmp_path / "page.html")).returncode == 0
    assert "Continuing esketamine" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_an_unknown_question_ends_in_a_sentence():
    found = run("nothing")
    assert found.returncode == 2
    assert "found no question 'nothing'; allowed: accelerated_tms" in found.stderr
    assert "Traceback" not in found.stderr
    assert "found --html without a question" in run("--html", "page.html").stderr
