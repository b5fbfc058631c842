"""`euthymia simulate patients`: files, the same bytes from the same seed, and refusals in a sentence."""

import hashlib
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import euthymia
from euthymia.cli import app


def run(*arguments):
    return CliRunner().invoke(app, ["simulate", "patients", *map(str, arguments)])


def digests(folder):
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*.*"))}


def test_patient_k_is_the_same_whoever_else_there_is(tmp_path):
    for count in (2, 5):
        assert run(count, "--out", tmp_path / str(count), "--weeks", 8, "--foreign").exit_code == 0
    few, many = digests(tmp_path / "2"), digests(tmp_path / "5")
    assert (len(few), len(many)) == (6, 15)
    assert few.items() <= many.items()


def test_own_patients_from_the_shipped_population(tmp_path):
    done = run(2, "--out", tmp_path, "--weeks", 8, "--instrument", "madrs", "--protocol", "ketamine_iv", "--start", "2026-03-02")
    assert done.exit_code == 0
    assert "From the engine's own population. Seed 1." in done.stdout
    found = [[reading.record for reading in euthymia.read_many(tmp_path / kind)] for kind in ("json", "csv", "fhir")]
    assert found[0] == found[1] == found[2]
    assert [record.patient_id for record in found[0]] == ["virtual-000001", "virtual-000002"]
    assert run(2, "--out", tmp_path, "--weeks", 8).exit_code == 0


def test_other_files_in_the_folder_are_refused(tmp_path):
    assert run(2, "--out", tmp_path, "--weeks", 4, "--foreign").exit_code == 0
    refused = run(1, "--out", tmp_path, "--weeks", 4, "--foreign")
    assert refused.exit_code == 2
    assert "other files" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--instrument", "gad7"], "allowed: "),
        (["--protocol", "none"], "esketamine_label"),
        (["--start", "soon"], "a day such as"),
        (["--start", "0001-01-01"], "1900"),
        (["--weeks", "0"], "greater than or equal to 1"),
        (["--seed", "-1"], "greater than or equal to 0"),
        (["--site", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_is_said(tmp_path, arguments, words):
    done = run(1, "--out", tmp_path / "new", "--foreign", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    done = run(1, "--out", tmp_path / "file", "--foreign", "--weeks", 2)
    assert done.exit_code == 2
    assert "allowed: a path that can be written" in " ".join(done.stderr.split())


def test_the_command_line_does_not_wait_for_it():
    code = "import sys, euthymia.cli; print(sorted({'numpy', 'scipy', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
