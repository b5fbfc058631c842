"""The command line: exit codes, messages, no traceback, and a quick start."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.report.people import SAMPLES
from euthymia.cli import app

PHQ9 = ["2", "2", "2", "1", "1", "2", "2", "1", "0"]
ONE = str(SAMPLES / "holding-above-remission.json")
SHARED = Path(__file__).parents[3] / "shared" / "data"


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def record(tmp_path, *events, patient="one", name="record.json"):
    path = tmp_path / name
    path.write_text(json.dumps({"schema": "euthymia/record/1", "patient_id": patient, "events": events}), encoding="utf-8")
    return path


def rating(day, total, **more):
    return {"kind": "assessment", "id": f"a-{day}", "at": day, "instrument": "phq9", "total": total, **more}


def test_version():
    assert run("--version").stdout == "euthymia 0.1.0\n"


def test_score_says_total_band_cut_off_and_status():
    result = run("score", "phq9", *PHQ9)
    assert result.exit_code == 0
    assert "PHQ-9 total 13 (0 to 27, lower is better)" in result.stdout
    assert "moderate, 10 to 14 (verified" in result.stdout
    assert "10 or more (screening for major depression): positive" in result.stdout


def test_score_json():
    found = json.loads(run("score", "phq9", *PHQ9, "--json").stdout)
    assert (found["schema"], found["total"], found["band"], found["facts"]["scoring"]) == ("euthymia/score/1", 13, "moderate", "verified")


@pytest.mark.parametrize("blank", ["-", ".", "null"])
def test_an_unanswered_item_is_prorated_and_said(blank):
    result = run("score", "phq9", *PHQ9[:8], blank)
    assert result.exit_code == 0
    assert "prorated (recalled" in result.stdout
    assert "item 9 (thoughts of death or self-harm): not answered — ask" in result.stdout


def test_a_positive_item_on_suicidal_thoughts_is_said():
    assert "item 9 (thoughts of death or self-harm): 1, positive" in run("score", "phq9", *PHQ9[:8], "1").stdout


def test_negative_answers_are_answers():
    assert json.loads(run("score", "gas", "-1", "-2", "0", "--json").stdout)["total"] < 50


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["phq9", "9", *PHQ9[1:]], "found 9 for PHQ-9 item 1; allowed: 0 to 3"),
        (["phq9", "1"], "found 1 answers for PHQ-9; allowed: 9"),
        (["phq10", *PHQ9], "found the instrument 'phq10'; allowed: "),
        (["phq9", *"------", "1", "1", "1"], "not answered: item 1, 2, 3"),
        (["phq9", "nan", *PHQ9[1:]], "found 'nan'; allowed: a number"),
        (["phq9", "many", *PHQ9[1:]], "found 'many'; allowed: a number"),
    ],
)
def test_what_cannot_be_scored_is_said_on_stderr(arguments, words):
    result = run("score", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_review_prints_the_answer_first():
    result = run("review", ONE, "--on", "last")
    assert result.exit_code == 0
    assert "PHQ-9 item 9: 0 on 19 November 2026" in result.stdout.splitlines()[0]
    assert "▬ Holding above remission" in result.stdout
    assert result.stderr == ""


def test_review_on_a_past_day_knows_nothing_later():
    found = json.loads(run("review", ONE, "--on", "2026-08-10", "--json").stdout)
    assert found["on"] == "2026-08-10"
    assert all(r["day"] <= "2026-08-10" for r in found["episode"]["ratings"])


def test_review_as_known_at_an_instant(tmp_path):
    late = rating("2026-02-02", 18) | {"recorded_at": "2026-03-01T10:00:00Z"}
    path = record(tmp_path, rating("2026-01-05", 20), rating("2026-01-19", 19), late)
    arguments = ["review", path, "--on", "2026-02-03", "--json"]
    then = json.loads(run(*arguments, "--known-at", "2026-02-15T00:00:00Z").stdout)
    now = json.loads(run(*arguments).stdout)
    assert (len(then["episode"]["ratings"]), len(now["episode"]["ratings"])) == (2, 3)


def test_today_is_the_default():
    assert json.loads(run("review", ONE, "--json").stdout)["on"] == time.strftime("%Y-%m-%d")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--on", "yesterday"),
        ("--on", "2026-02-30"),
        ("--known-at", "2026-02-15"),
        ("--known-at", "noon"),
        ("--on", "1849-12-31"),
        ("--on", "2200-01-01"),
        ("--on", "9999-12-31"),
        ("--known-at", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_day_that_cannot_be_read_is_said(option, value):
    result = run("review", ONE, option, value)
    assert result.exit_code == 2
    assert f"found '{value}'; allowed" in result.stderr


def test_skipped_things_are_listed_and_the_rest_is_reviewed(tmp_path):
    path = record(tmp_path, rating("2026-01-05", 20), rating("2026-01-19", 31), rating("2026-02-02", 12))
    result = run("review", path, "--on", "2026-02-02")
    assert result.exit_code == 1
    assert "record.json: events[1]" in result.stderr
    assert "found a PHQ-9 total of 31; allowed: 0 to 27" in result.stderr
    assert "PHQ-9 12" in result.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty file"),
        (b"\xff\xfe\x00", "found"),
        (b"PK\x03\x04\x14\x00\x00", "ZIP"),
        (b"<html>", "XML or HTML"),
        (b"{}", "schema"),
        (b'{"schema": "euthymia/record/1", "patient_id": "x", "events": [NaN]}', "found"),
        (b'{"schema": "euthymia/record/1", "patient_id": "x", "events": []}', "no event that can be reviewed"),
        (b"[" * 100_000, "found"),
    ],
)
def test_nothing_reviewable_ends_with_two_and_a_sentence(tmp_path, content, words):
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    result = run("review", path, "--on", "last")
    assert result.exit_code == 2
    assert words in result.stderr
    assert "Traceback" not in result.stderr
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)


def test_no_such_file_and_no_such_patient():
    assert "no such file" in run("review", "nowhere.json").stderr
    result = run("review", ONE, "--patient", "nobody")
    assert (result.exit_code, "found no patient 'nobody'" in result.stderr) == (2, True)


def test_many_are_one_line_each_worst_first():
    result = run("review", SAMPLES, "--on", "last")
    assert result.exit_code == 0
    order = [result.stdout.index(f"Synthetic {n}") for n in ("0093", "0147", "0012")]
    assert order == sorted(order)


def test_many_as_json_are_a_list_and_one_of_many_is_one():
    assert len(json.loads(run("review", SAMPLES, "--on", "last", "--json").stdout)) == 3
    assert (
        json.loads(run("review", SAMPLES, "--on", "last", "--json", "--patient", "Synthetic 0012").stdout)["patient_id"] == "Synthetic 0012"
    )


def test_pages(tmp_path):
    assert run("review", ONE, "--on", "last", "--html", tmp_path / "new" / "one.html").exit_code == 0
    assert (tmp_path / "new" / "one.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert run("review", SAMPLES, "--on", "last", "--html", tmp_path / "many").exit_code == 0
    assert len(list((tmp_path / "many").glob("0*.html"))) == 3


def test_a_page_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    result = run("review", ONE, "--on", "last", "--html", tmp_path / "file" / "one.html")
    assert result.exit_code == 2
    assert "allowed: a path that can be read and written" in result.stderr


def test_check_counts_facts():
    result = run("check")
    assert result.exit_code == 0, result.stderr
    assert all(word in result.stdout for word in ("cases", "verified", "recalled", "design"))


def test_a_site_folder_that_is_wrong_is_refused(tmp_path):
    (tmp_path / "instruments").mkdir()
    (tmp_path / "instruments" / "phq9.toml").write_text('id = "phq9"\nid = "phq9"\n')
    result = run("check", "--site", tmp_path)
    assert result.exit_code == 2
    assert "phq9.toml" in result.stderr


@pytest.mark.parametrize("to", ["json", "csv", "fhir"])
def test_convert_and_back(tmp_path, to):
    out = tmp_path / f"record.{to}"
    assert run("convert", ONE, "--to", to, "--out", out).exit_code == 0
    there, back = (json.loads(run("review", path, "--on", "last", "--json").stdout) for path in (ONE, out))
    assert there["answer"] == back["answer"]


@pytest.mark.parametrize("name", ["record", "review"])
def test_schemas(name):
    assert "properties" in json.loads(run("schema", name).stdout)


def test_instruments_are_listed_with_their_licence():
    listed = run("instruments").stdout
    assert "phq9" in listed
    assert "licence verified" in listed


@pytest.mark.skipif(not SHARED.is_dir(), reason="the trial data in ../shared/data are not here")
def test_demo_on_real_people(tmp_path):
    result = run("demo", "--data", SHARED, "--out", tmp_path / "demo")
    assert result.exit_code == 0, result.stderr
    assert "real people from two published trials" in result.stdout
    assert (tmp_path / "demo" / "index.html").is_file()


def test_demo_without_the_data_says_that_the_sample_is_synthetic(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("demo")
    assert result.exit_code == 0
    assert "SYNTHETIC" in result.stdout
    written = {path.name for path in (tmp_path / "out" / "demo").iterdir()}
    assert {"index.html", "in-remission.renewal.pdf", "losing-ground.patient.es.html", "holding-above-remission.patient.html"} <= written
    for said in (
        "Holding above remission",
        "In remission",
        "Losing ground",
        "Why is this patient not remitting?",
        "Evidence, of the first option",
    ):
        assert said in result.stdout


def test_demo_with_data_that_are_not_there(tmp_path):
    result = run("demo", "--data", tmp_path)
    assert result.exit_code == 2
    assert "no such trial data" in result.stderr


def test_as_a_process():
    done = subprocess.run([sys.executable, "-m", "euthymia.cli", "score", "phq9", *PHQ9], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "moderate" in done.stdout


def test_score_waits_for_nothing_heavy():
    code = """if True:
        import sys
        from typer.testing import CliRunner
        from euthymia.cli import app
        CliRunner().invoke(app, ["score", "phq9", *"222112210"])
        print(*sorted({"numpy", "scipy", "rich.console", "vl_convert", "jinja2", "fhir"} & set(sys.modules)))
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_what_was_not_read_stands_beside_the_name(tmp_path: Path) -> None:
    rows = ["patient_id,at,instrument,total", "7,2026-03-02,phq9,19", "7,2026-03-16,phq9,15", "7,2026-03-23,phq9,31"]
    path = tmp_path / "seven.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    assert run("review", path, "--on", "last", "--html", tmp_path / "seven.html").exit_code == 1
    found = run("review", path, "--on", "last")
    assert found.exit_code == 1
    assert "1 entry not read" in " ".join(found.stdout.split())
    assert "1 entry not read" in (tmp_path / "seven.html").read_text(encoding="utf-8")
    as_json = json.loads(run("review", path, "--on", "last", "--json").stdout)
    assert "PHQ-9 total of 31" in as_json["unread"][0]


def test_a_note_about_another_patient_is_not_hidden_by_the_choice_of_one(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    path.write_text("patient_id,at,instrument,total\n7,2026-03-02,phq9,19\n8,2026-03-02,phq9,31\n8,2026-03-09,phq9,3", encoding="utf-8")
    found = run("review", path, "--on", "last", "--patient", "7")
    assert found.exit_code == 1
    assert "31" in found.stderr


def test_control_characters_of_a_file_do_not_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "esc.csv"
    path.write_text("patient_id,at,instrument,total\nA\x1b[2JB,2026-03-02,phq9,19\nA\x1b[2JB,2026-03-16,phq9,15", encoding="utf-8")
    assert "\x1b" not in run("review", path, "--on", "last").stdout


def test_an_underscore_is_no_part_of_a_number(tmp_path: Path) -> None:
    path = tmp_path / "under.csv"
    path.write_text("patient_id,at,instrument,total\n7,2026-03-02,phq9,19\n7,2026-03-16,phq9,1_2", encoding="utf-8")
    found = run("review", path, "--on", "last")
    assert found.exit_code == 1
    assert "row 3, column total: found '1_2'; allowed: a number" in found.stderr
