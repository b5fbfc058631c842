"""`euthymia letter`: text, PDF and FHIR of one patient; exit codes as of `review`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import euthymia
from core.letter.letters import sample
from euthymia.cli import app
from euthymia.interop import native_json

SAMPLE = Path(euthymia.__file__).parent / "samples/in-remission.json"


def run(*arguments: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["letter", *map(str, arguments)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("kind", ["authorisation", "renewal", "referring"])
def test_without_a_file_the_text_is_printed(kind: str) -> None:
    code, out, err = run(SAMPLE, "--kind", kind, "--on", "last")
    assert (code, err) == (0, "")
    assert out.startswith("# ")
    assert "[to complete: licence number]" in out


def test_pdf_and_fhir_are_written(tmp_path: Path) -> None:
    code, out, _ = run(SAMPLE, "--kind", "renewal", "--on", "last", "--pdf", tmp_path / "a/l.pdf", "--fhir", tmp_path / "b/l.json")
    assert code == 0
    assert out == f"Wrote {tmp_path / 'a/l.pdf'}.\nWrote {tmp_path / 'b/l.json'}.\n"
    assert (tmp_path / "a/l.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / "b/l.json").read_text())["resourceType"] == "DocumentReference"


def test_one_patient_a_letter(tmp_path: Path) -> None:
    both = tmp_path / "both.ndjson"
    both.write_text(native_json.to_ndjson([sample("in-remission"), sample("losing-ground")]), encoding="utf-8")
    code, _, err = run(both, "--kind", "renewal")
    assert (code, err) == (2, "both.ndjson: found 2 patients; allowed: one, chosen with --patient\n")
    wanted = sample("losing-ground").patient_id
    assert run(both, "--kind", "renewal", "--on", "last", "--patient", wanted)[0] == 0
    code, _, err = run(both, "--kind", "renewal", "--patient", "nobody")
    assert (code, err) == (2, "both.ndjson: found no patient 'nobody'; allowed: one of the 2 patients in it\n")


def test_what_was_not_read_is_told_in_the_letter(tmp_path: Path) -> None:
    document = native_json.to_dict(sample("in-remission"))
    document["events"].append({"kind": "medication", "id": "x", "at": "no day", "drug": "y"})
    path = tmp_path / "record.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    code, out, err = run(path, "--kind", "authorisation", "--on", "last")
    assert code == 1
    assert err.startswith("skipped: ")
    assert "could not be read, and are not in it: 1." in out


def test_an_empty_record_has_no_letter(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"schema": "euthymia/record/1", "patient_id": "p", "events": []}), encoding="utf-8")
    code, out, err = run(path, "--kind", "renewal", "--on", "last")
    assert (code, out) == (2, "")
    assert "found no event" in err


def test_an_unknown_kind_is_named() -> None:
    code, _, err = run(SAMPLE, "--kind", "praise")
    assert code == 2
    assert "praise" in err
