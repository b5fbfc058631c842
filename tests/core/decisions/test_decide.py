"""`euthymia decide`: what is appended, byte for byte; what is refused with found and allowed; the review that it answers."""

import json
import os
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import euthymia
from core.report.people import SAMPLES
from euthymia.cli import app
from euthymia.deciding import DecisionError, new_decision
from euthymia.interop.appending import appended
from euthymia.interop.native_json import from_json, to_json, to_ndjson
from euthymia.interop.result import ReadError
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.reviewing import review, review_answered, review_digest

CATALOG = load_catalog()
HOLDING = (SAMPLES / "holding-above-remission.json").read_bytes()
TITRATE = ("--disposition", "titrate", "--reason", "no longer moving", "--by", "prescriber")


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "record.json"
    found.write_bytes(HOLDING)
    return found


def decide(path, *arguments, on="2026-11-19"):
    return CliRunner().invoke(app, ["decide", str(path), *arguments, "--on", on])


def last_decision(path):
    record, skipped = euthymia.read(path)
    assert skipped == ()
    return record, max((e for e in record.events if e.kind == "decision"), key=lambda e: e.at.day(record.zone))


def test_it_says_what_was_decided_and_when_we_look_again(path):
    result = decide(path, *TITRATE, "--next", "2026-12-17")
    assert result.exit_code == 0, result.stderr
    first, second, held, third, fourth = result.stdout.splitlines()
    assert first == "Decided on 19 November 2026 by prescriber: titrate — no longer moving."
    assert second.endswith("this protocol is heading to a PHQ-9 of 8, not 4 or lower.")
    assert held.startswith("Held back in that review: raise the dose by one step of this protocol: cannot tell whether a ketamine cystitis")
    assert third == "We look again by 17 December 2026 (the day agreed on 19 November 2026)."
    assert fourth.startswith("Recorded as decision-2026-11-19-")


def test_without_a_next_day_the_rhythm_of_the_protocol_says_when(path):
    assert "We look again by 17 December 2026 (" in decide(path, *TITRATE).stdout


def test_nothing_else_in_the_file_changes(path):
    assert decide(path, *TITRATE).exit_code == 0
    before, after = HOLDING.decode().splitlines(), path.read_text().splitlines()
    changed = [n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b]
    # The line of the last event gets its comma, the new event its own line behind it.
    assert changed == [len(before) - 2, len(before) - 1]
    assert after[len(before) - 2] == before[-2] + ","
    assert after[-1] == before[-1]
    assert len(after) == len(before) + 1


def test_the_same_decision_twice_changes_nothing(path):
    decide(path, *TITRATE)
    once = path.read_bytes()
    again = decide(path, *TITRATE)
    assert (again.exit_code, again.stdout) == (0, "This decision is already recorded; nothing was changed.\n")
    assert path.read_bytes() == once
    assert decide(path, *TITRATE[:3], "another reason").exit_code == 0
    assert path.read_bytes() != once


def test_the_review_that_it_answers_can_be_computed_again(path):
    """As it was read before the decision, and from the record with the decision and what came after it."""
    record, _ = euthymia.read(path)
    before = review_digest(review(record, CATALOG, date(2026, 11, 19)))
    decide(path, *TITRATE)
    with_decision, made = last_decision(path)
    assert made.answers_review == before
    later = PatientRecord(
        patient_id=with_decision.patient_id,
        events=(*with_decision.events, made.model_copy(update={"id": "later", "at": Moment.of("2099-01-01"), "recorded_at": None})),
    )
    assert review_digest(review_answered(later, made, CATALOG)) == before
    assert review_digest(review(with_decision, CATALOG, date(2026, 11, 19))) != before


def test_another_rating_before_it_gives_another_digest(path):
    record, _ = euthymia.read(path)
    lines = record.events
    fewer = PatientRecord(patient_id=record.patient_id, events=[e for e in lines if e.at.text < "2026-11-19"])
    on = date(2026, 11, 19)
    assert review_digest(review(record, CATALOG, on)) != review_digest(review(fewer, CATALOG, on))


def test_what_a_reader_skipped_does_not_change_the_digest():
    found = review(from_json(HOLDING.decode())[0].record, CATALOG, date(2026, 11, 19))
    from dataclasses import replace

    assert review_digest(replace(found, unread=("a line",))) == review_digest(found)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--disposition", "continue"], "found 'continue' without a reason; allowed: 'no change' with its reason"),
        (["--disposition", "titrate", "--reason-code", "boredom"], "reason code: found 'boredom' for 'titrate'; allowed: "),
        (["--disposition", "titrate", "--reason-code", "still_moving"], "reason code: found 'still_moving' for 'titrate'; allowed: "),
        (["--disposition", "add", "--option", "unicorn"], "option: found 'unicorn'; allowed: "),
        ([*TITRATE, "--next", "2026-11-19"], "next: found 19 November 2026; allowed: 20 November 2026 to 11 February 2027"),
        ([*TITRATE, "--next", "2027-02-12"], "next: found 12 February 2027; allowed: 20 November 2026 to 11 February 2027"),
        ([*TITRATE, "--next", "2027"], "next: found 2027; allowed: a day"),
        ([*TITRATE, "--next", "soon"], "next_decision: found 'soon'; allowed: "),
        (["--disposition", "hold_by_agreement", "--patient-reason", "the exams"], "found a hold by agreement without"),
        (
            ["--disposition", "hold_by_agreement", "--patient-reason", "the exams", "--next", "2027-01-15"],
            "offered: found a hold by agreement without what was offered; allowed: at least one thing",
        ),
        (
            ["--disposition", "hold_by_agreement", "--patient-reason", "the exams", "--offered", "a change", "--next", "2027-02-12"],
            "next: found 12 February 2027; allowed: 20 November 2026 to 11 February 2027 (at most 12 weeks after the decision)",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_is_written(path, arguments, words):
    result = decide(path, *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert path.read_bytes() == HOLDING


@pytest.mark.parametrize("next_day", ["2026-11-20", "2027-02-11"])
def test_the_nearest_and_the_farthest_day_are_allowed(path, next_day):
    assert decide(path, *TITRATE, "--next", next_day).exit_code == 0


def test_the_third_continue_in_a_row_on_a_plateau_asks_for_more(tmp_path):
    """From a record with two of them: a reason alone does not do; a second opinion, a hold or a change does."""
    record = from_json(HOLDING.decode())[0].record
    kept = [e for e in record.events if e.kind != "decision"]
    two = [
        new_decision(record.patient_id, Moment.of(day), record.zone, disposition="continue", reason="wait")
        for day in ("2026-10-29", "2026-11-12")
    ]
    path = tmp_path / "two.json"
    text = to_json(PatientRecord(patient_id=record.patient_id, events=(*kept, *two)))
    path.write_text(text, encoding="utf-8")
    refused = decide(path, "--disposition", "continue", "--reason", "wait once more")
    assert refused.exit_code == 2
    assert "disposition: found 'continue' as number 3 in a row on a plateau; allowed: 'continue' with a second opinion" in refused.stderr
    hold = ("--disposition", "hold_by_agreement", "--patient-reason", "the move", "--offered", "titrate", "--next", "2027-01-15")
    for arguments in (
        ("--disposition", "continue", "--reason", "wait", "--second-opinion", "Dr B, 18 November"),
        hold,
        ("--disposition", "add", "--reason", "sleep"),
    ):
        path.write_text(text, encoding="utf-8")
        assert decide(path, *arguments).exit_code == 0


def test_a_reason_from_the_list_is_a_reason(path):
    assert decide(path, "--disposition", "measure_again", "--reason-code", "cannot_tell").exit_code == 0
    _, made = last_decision(path)
    assert (made.reason_code, made.reason) == ("cannot_tell", "not enough is known to decide")


def test_who_decided_is_never_guessed(path):
    assert "(who decided is not recorded: --by)" in decide(path, "--disposition", "stop", "--reason", "patient's wish").stdout


@pytest.mark.parametrize(("name", "words"), [("record.csv", "found CSV"), ("record.fhir.json", "found FHIR")])
def test_only_native_json_takes_a_decision_and_how_to_convert_is_said(tmp_path, path, name, words):
    other = tmp_path / name
    CliRunner().invoke(app, ["convert", str(path), "--to", "csv" if name.endswith("csv") else "fhir", "--out", str(other)])
    before = other.read_bytes()
    result = decide(other, *TITRATE)
    assert result.exit_code == 2
    assert words in result.stderr
    assert "euthymia convert PATH --to json --out record.json" in result.stderr
    assert other.read_bytes() == before


def test_one_of_several_patients(tmp_path):
    many = tmp_path / "many.ndjson"
    records = [euthymia.read(file)[0] for file in sorted(SAMPLES.glob("*.json"))]
    many.write_text(to_ndjson(records), encoding="utf-8")
    assert "allowed: --patient with one of the" in decide(many, *TITRATE).stderr
    before = many.read_text().splitlines()
    assert decide(many, *TITRATE, "--patient", records[0].patient_id).exit_code == 0
    assert [a == b for a, b in zip(before, many.read_text().splitlines(), strict=True)] == [False] + [True] * (len(records) - 1)


def test_another_file_and_the_same_permissions(path, tmp_path):
    path.chmod(0o640)
    out = tmp_path / "new" / "out.json"
    assert decide(path, *TITRATE, "--out", str(out)).exit_code == 0
    assert path.read_bytes() == HOLDING
    assert (out.stat().st_mode & 0o777, sorted(os.listdir(out.parent))) == (0o640, ["out.json"])


def test_a_file_that_may_only_be_read_and_a_folder_are_not_written_over(path, tmp_path):
    path.chmod(0o444)
    found = decide(path, *TITRATE)
    assert (found.exit_code, path.read_bytes()) == (2, HOLDING)
    assert "found a file that may only be read; allowed: --out" in found.stderr
    assert decide(path, *TITRATE, "--out", str(tmp_path / "other.json")).exit_code == 0
    assert "found a folder; allowed: a file" in decide(path, *TITRATE, "--out", str(tmp_path)).stderr


def test_a_text_that_breaks_off_takes_nothing(path):
    path.write_bytes(HOLDING[:-20])
    broken = path.read_bytes()
    assert decide(path, *TITRATE).exit_code == 2
    assert path.read_bytes() == broken


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["--at", "2026"], "allowed: a day, or an instant"), (["--at", "2026-11-18"], "allowed: both of one day, or one of them")],
)
def test_when_it_was_decided_is_a_day_and_one_day(path, arguments, words):
    result = decide(path, *TITRATE, *arguments)
    assert result.exit_code == 2
    assert words in " ".join(result.stderr.replace("│", " ").split())


def test_an_instant_of_the_day(path):
    at = "2026-11-19T16:00:00-05:00"
    assert decide(path, *TITRATE, "--at", at).exit_code == 0
    assert last_decision(path)[1].at == Moment.of(at)


texts = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(str.strip)


@given(texts, st.lists(texts, max_size=4, unique=True), st.sampled_from([None, 1, 2]), st.booleans())
def test_an_event_goes_behind_the_last_one_in_every_layout(patient, notes, indent, in_list):
    """Whatever is in the texts (brackets, quotes, the word events): only the insertion differs, and it is read back."""
    events = [{"kind": "concern", "id": f"c{n}", "at": "2026-01-01", "concern": f'{note} "events": [{{'} for n, note in enumerate(notes)]
    document = {"schema": "euthymia/record/1", "patient_id": patient.strip(), "events": events}
    text = json.dumps([document] if in_list else document, indent=indent, ensure_ascii=False)
    made = {"kind": "decision", "id": "d", "at": "2026-02-01", "disposition": "stop", "reason": "]}"}
    new = appended(text, patient.strip(), made)
    found = json.loads(new)
    assert (found[0] if in_list else found)["events"] == [*events, made]
    line = json.dumps(made, ensure_ascii=False)
    head, tail = new.split(line)
    assert text.startswith(head.rstrip(" \n\r\t,")) or not events
    assert text.endswith(tail)


def test_an_empty_list_takes_its_first_event():
    text = '{"schema": "euthymia/record/1", "patient_id": "p", "events": []}\n'
    assert json.loads(appended(text, "p", {"id": "d"}))["events"] == [{"id": "d"}]


@pytest.mark.parametrize(
    "text", ["kind,id\n", "{", "}{", '{"resourceType": "Bundle"}', '{"schema": "euthymia/record/1", "patient_id": "q", "events": []}']
)
def test_what_cannot_take_an_event_says_what_can(text):
    with pytest.raises(ReadError, match=r"^found .*; allowed: native JSON"):
        appended(text, "p", {"id": "d"})


def test_a_field_that_is_wrong_is_named():
    zone = from_json(HOLDING.decode())[0].record.zone
    with pytest.raises(DecisionError, match="disposition: found 'dance'; allowed: "):
        new_decision("p", Moment.of("2026-01-01"), zone, disposition="dance")
