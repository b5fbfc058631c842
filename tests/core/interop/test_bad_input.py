"""Bad input: a message that names the place, what was found and what is allowed; everything readable is still read."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from euthymia.home_events import Dispensing, LeftOver, Regimen
from euthymia.interop.csv import derived_id
from euthymia.reading import ReadError, Reading, read, read_many

HEAD = '{"schema": "euthymia/record/1", "patient_id": "p", "events": ['
GOOD = '{"kind": "assessment", "id": "good", "at": "2026-03-01", "instrument": "phq9", "total": 9}'
CSV = "patient_id,at,kind,instrument,total,id\np,2026-03-01,assessment,phq9,9,good\n"


def native(event: str) -> str:
    return f"{HEAD}{GOOD},\n{event}]}}"


def phq(rest: str, event_id: str = "x") -> str:
    return native(f'{{"kind": "assessment", "id": "{event_id}", "at": "2026-03-02", "instrument": "phq9", {rest}}}')


def observation(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": "x",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "44261-6"}]},
        "subject": {"reference": "Patient/p"},
        "effectiveDateTime": "2026-03-02",
        "valueInteger": 12,
    } | fields


def fhir(*resources: Any) -> str:
    good = observation(id="good", valueInteger=9)
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in (good, *resources)]})


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "input.dat"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_each_good_part_is_good(tmp_path: Path) -> None:
    for content in (f"{HEAD}{GOOD}]}}", CSV, fhir(), "\ufeff" + CSV):
        reading = read(write(tmp_path, content))
        assert reading.skipped == ()
        assert [event.at.text for event in reading.record.events] == ["2026-03-01" if "44261" not in content else "2026-03-02"]


SKIPPED = [
    (phq('"total": 31'), "input.dat: events[1]: found a PHQ-9 total of 31; allowed: 0 to 27"),
    (phq('"total": NaN'), "input.dat: events[1].total: found 'NaN'; allowed: a number"),
    (phq('"total": -Infinity'), "events[1].total: found '-Infinity'; allowed: a number"),
    (phq('"total": 1e999'), "events[1].total: found inf; allowed: a finite number"),
    (phq('"total": "9"'), "events[1].total: found '9'; allowed: a number"),
    (phq('"answers": [0, 1, 2]'), "events[1]: found 3 answers for PHQ-9; allowed: 9"),
    (phq('"answers": [0, 1, 2, 3, 4, 0, 0, 0, 0]'), "events[1]: found 4 for PHQ-9 item 5; allowed: 0 to 3"),
    (phq('"total": 9, "version": "phq9_of_mars"'), "found version 'phq9_of_mars' of PHQ-9; allowed: phq9"),
    (phq('"mood": 3'), "events[1].mood: found a field that this kind does not have; allowed: the fields of assessment"),
    (phq('"total": 10', "good"), "events[1]: found another event with the id 'good' and different content; allowed: one event per id"),
    (phq('"total": 10, "total": 11'), "input.dat: JSON: found the key 'total' twice with different values in one object; allowed: once"),
    (phq('"phase": "later", "total": 1'), "events[1].phase: found 'later'; allowed: 'before_session', 'after_dose' or 'unrelated'"),
    (native(GOOD.replace("phq9", "phq10").replace("good", "x")), "events[1]: found the instrument 'phq10'; allowed: asrm"),
    (native(GOOD.replace('"good"', '"x"').replace("2026-03-01", "2026-02-30")), "events[1].at: found '2026-02-30', which is not"),
    (native(GOOD.replace('"good"', '"x"').replace("2026-03-01", "2026-03-01T09:30")), "a clock time without an offset"),
    (native(GOOD.replace('"id": "good", ', "")), "events[1].id: found nothing; allowed: a value"),
    (native('{"kind": "mood", "id": "x"}'), "events[1].kind: found 'mood'; allowed: one of person, episode"),
    (native('"mood"'), "events[1]: found 'mood'; allowed: an object"),
    (native(GOOD)[:-40], "input.dat: line 2, column 44: found JSON that breaks off; allowed: JSON (what is complete"),
    (native("}"), "input.dat: line 2, column 1: found JSON that cannot be read (Expecting value)"),
    (f"{HEAD}{GOOD}]}}\n{{]", "input.dat: line 2, column 2: found JSON that cannot be read"),
    (f'[{HEAD}{GOOD}]}}, {{"patient_id": "q"}}]', "input.dat: [1].schema: found nothing; allowed: 'euthymia/record/1'"),
    (f"[{HEAD}{GOOD}]}}, [1]]", "input.dat: [1]: found a list in a list"),
    (native(GOOD).replace('"patient_id"', '"colour": 1, "patient_id"'), "input.dat: colour: found a field that a record does not have"),
    (CSV + "p,2026-03-02,assessment,phq9,31,x\n", "input.dat: row 3: found a PHQ-9 total of 31; allowed: 0 to 27"),
    (CSV + "p,2026-03-02,assessment,phq9,nan,x\n", "input.dat: row 3, column total: found 'nan'; allowed: a finite number"),
    (CSV + "p,2026-03-02,assessment,phq9,twelve,x\n", "row 3, column total: found 'twelve'; allowed: a number"),
    (CSV + "p,02/03/2026,assessment,phq9,9,x\n", "row 3, column at: found '02/03/2026'; allowed: a date (2026,"),
    (CSV + ",2026-03-02,assessment,phq9,9,x\n", "row 3, column patient_id: found nothing; allowed: the patient's id"),
    (CSV + "\np,2026-03-02,assess\n", "row 4: found 3 cells; allowed: 6"),
    (CSV + 'p,2026-03-02,"assess', "row 3: found a row that cannot be read (unexpected end of data)"),
    (
        CSV + "p,2026-03-02,request,phq9,9,x\n",
        "row 3, column total: found a field that this kind does not have; allowed: the fields of request",
    ),
    (CSV.replace(",id\n", ",id,mood\n").replace(",good", ",good,1"), "input.dat: row 1: found the column 'mood'; allowed: patient_id"),
    (
        CSV.replace(",id\n", ",id,code\n").replace(",good", ",good,") + "p,2026-03-02,condition,,,x,{oops\n",
        "row 3, column code: found JSON text that cannot be read",
    ),
    (fhir(observation(status="preliminary")), "entry[1].resource: found Observation with status 'preliminary'; allowed: one that"),
    (fhir(observation(status="entered-in-error")), "entry[1].resource: found Observation with status 'entered-in-error'"),
    (fhir(observation(subject={"reference": "Group/p"})), "entry[1].resource: found an Observation whose subject is no patient"),
    (fhir(observation(valueInteger=31)), "input.dat: entry[1].resource: found a PHQ-9 total of 31; allowed: 0 to 27"),
    (fhir(observation(valueInteger=None)), "entry[1].resource: found a PHQ-9 without a score or answers; allowed: a value"),
    (fhir(observation(valueInteger="NaN")), "found an Observation with 'NaN' at valueInteger; allowed: FHIR R4"),
    (fhir(observation(effectiveDateTime=None)), "entry[1].resource: found Observation without a date"),
    (fhir(observation(effectiveDateTime="2026-03-02T09:30:00")), "found an Observation with '2026-03-02T09:30:00' at effectiveDateTime"),
    (fhir(observation(modifierExtension=[{"url": "http://x", "valueBoolean": True}])), "found Observation with a modifierExtension"),
    (fhir(observation(status=None)), "found an Observation with nothing at status; allowed: FHIR R4"),
    (
        fhir({"resourceType": "Claim", "id": "c"}, {"resourceType": "Claim"}),
        "entry[1].resource and 1 more: found the resource type 'Claim'",
    ),
    (fhir(3), "input.dat: entry[1].resource: found 3; allowed: a FHIR resource with its resourceType"),
    (fhir({"resourceType": "Condition", "subject": {"reference": "Patient/p"}, "code": {"text": "d"}}), "found Condition without a date"),
    (fhir(observation())[:-60], "input.dat: line 1, column "),
]


@pytest.mark.parametrize(("content", "words"), SKIPPED, ids=[words[:60] for _, words in SKIPPED])
def test_skipped_with_a_word_and_the_rest_is_read(tmp_path: Path, content: str, words: str) -> None:
    reading = read(write(tmp_path, content))
    assert [event.id.removeprefix("Observation/") for event in reading.record.events][:1] == ["good"]
    assert [str(note) for note in reading.skipped if words in str(note)], [str(note) for note in reading.skipped]


REFUSED: list[tuple[str | bytes, str]] = [
    ("", "input.dat: found an empty file; allowed: JSON (native, FHIR R4) or CSV, in UTF-8"),
    (b"\xef\xbb\xbf \n", "input.dat: found an empty file"),
    (CSV.encode("utf-16"), "input.dat: found UTF-16 (byte 0 is 0xFF); allowed: JSON (native, FHIR R4) or CSV, in UTF-8"),
    (CSV.encode("utf-16-le"), "input.dat: found UTF-16 (byte 1 is 0x00)"),
    (CSV.replace("good", "ñ").encode("latin-1"), "found byte 70 (0xF1, line 2) that is not UTF-8, perhaps Latin-1"),
    (b"PK\x03\x04\xff\xff", "input.dat: found a ZIP archive (perhaps .xlsx)"),
    (b"%PDF-1.7\n\xff", "input.dat: found a PDF"),
    (b"abc\0\0\0\x01def", "input.dat: found binary data (byte 3 is 0x00)"),
    ("<Bundle/>", "input.dat: found XML or HTML; allowed: JSON"),
    ("name,score\nAnn,9\n", "found text whose first row has no column patient_id and no column at; allowed: CSV with the columns"),
    ("patient_id,at,at,total\n", "input.dat: row 1: found the column 'at' twice; allowed: each once"),
    ("[" * 100_000, "input.dat: found JSON nested too deeply; allowed: some tens of levels"),
    ('{"a": ' + "9" * 5000 + "}", "input.dat: found a number with thousands of digits"),
    ('{"a": ', "input.dat: line 1, column 7: found JSON that breaks off"),
    ("{}", "input.dat: schema: found nothing; allowed: 'euthymia/record/1' (or a FHIR resource with its resourceType)"),
    ("[]", "input.dat: found no patient; allowed: JSON"),
    ('{"resourceType": "Bundle"}', "input.dat: found no patient"),
    ('{"resourceType": "Organization"}', "input.dat: found the resource type 'Organization'; allowed: Patient, Observation"),
    ('{"schema": "euthymia/record/1"}', "input.dat: patient_id: found nothing; allowed: text that is not empty"),
]


@pytest.mark.parametrize(("content", "words"), REFUSED, ids=[words[:60] for _, words in REFUSED])
def test_refused_with_a_word(tmp_path: Path, content: str | bytes, words: str) -> None:
    with pytest.raises(ReadError) as refused:
        read(write(tmp_path, content))
    assert words in str(refused.value)


def test_a_large_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(ReadError, match=r"large.json: found 100 MiB; allowed: up to 64 MiB: split it by patient"):
        read(path)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="gone: found no such file"):
        read(tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match="empty: found a folder without a readable file"):
        read(tmp_path / "empty")


def test_several_patients_are_not_one(tmp_path: Path) -> None:
    path = write(tmp_path, CSV + "q,2026-03-02,assessment,phq9,9,good\n")
    with pytest.raises(ReadError, match=r"input.dat: found 2 patients; allowed: one \(read_many reads several\)"):
        read(path)
    assert [reading.record.patient_id for reading in read_many(path)] == ["p", "q"]


def test_a_bundle_with_two_patients_is_split_by_subject(tmp_path: Path) -> None:
    patients = [{"resourceType": "Patient", "id": each} for each in ("p", "q")]
    others = [observation(subject={"reference": f"Patient/{each}"}) for each in ("q", "nobody")]
    readings = read_many(write(tmp_path, fhir(*patients, *others)))
    assert [(r.record.patient_id, len(r.record.events)) for r in readings] == [("p", 1), ("q", 1)]
    assert all("found 2 patients in one bundle" in str(reading.skipped[0]) for reading in readings)
    assert [str(note) for note in readings[0].skipped if "whose subject is no patient" in str(note)]


def test_a_folder_is_read_together(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1980"}))
    (tmp_path / "b.txt").write_text(json.dumps(observation()))
    (tmp_path / "c.csv").write_text(CSV)
    (tmp_path / "notes.md").write_text("# notes\n")
    (tmp_path / ".hidden").write_text("not looked at")
    reading = read(tmp_path)
    assert sorted(event.id for event in reading.record.events) == ["Observation/x", "Patient/p", "good"]
    assert [note.where for note in reading.skipped] == ["notes.md"]


def test_once_is_once_and_twice_is_told(tmp_path: Path) -> None:
    """The same id and content: one, silent. Other ids, same answers: both stay, for the episode to report."""
    same = read(write(tmp_path, native(GOOD)))
    assert (len(same.record.events), same.skipped) == (1, ())
    twin = read(write(tmp_path, native(GOOD.replace('"good"', '"twin"'))))
    assert (len(twin.record.events), twin.skipped) == (2, ())


def test_rows_without_ids_are_the_same_events_again(tmp_path: Path) -> None:
    rows = "p,2026-03-01,phq9,9,\np,2026-03-01,phq9,10,\np,2026-03-01,phq9,9,after_dose\n"
    path = write(tmp_path, "patient_id,at,instrument,total,phase\n" + rows)
    once: Reading = read(path)
    assert len({event.id for event in once.record.events}) == 3
    path.write_text("patient_id,at,instrument,total,phase\n" + rows + rows.replace(",9,", ",9.0,"))
    assert read(path) == once


def test_an_id_rests_on_what_a_row_says_and_on_no_field_that_it_does_not_have() -> None:
    """Reckoned a second way: a field that is added to a kind must not make every row of an old file new."""
    said = {"kind": "dose_log", "at": "2026-03-01", "treatment": "ketamine"}
    digest = hashlib.sha256(json.dumps(["p", said], sort_keys=True).encode()).hexdigest()
    assert derived_id("p", said) == derived_id("p", {**said, "taken": "unknown", "source": "a file"}) == f"csv-{digest[:16]}"
    assert derived_id("p", {**said, "units": "1"}) != derived_id("p", said)


HOME = "patient_id,kind,at,id,treatment,weekdays,every_days,quantity,units\n"


def test_doses_at_home_by_row(tmp_path: Path) -> None:
    rows = (
        "regimen,2026-03-01,r,ketamine,monday; thursday,,,",
        "dispensing,2026-03-01,d,ketamine,,,8,",
        "left_over,2026-03-20,l,ketamine,,,,0",
    )
    reading = read(write(tmp_path, HOME + "".join(f"p,{row}\n" for row in rows)))
    assert reading.skipped == ()
    assert [regimen.weekdays for regimen in reading.record.of_kind(Regimen)] == [("monday", "thursday")]
    assert [given.quantity for given in reading.record.of_kind(Dispensing)] == [8]
    assert [counted.units for counted in reading.record.of_kind(LeftOver)] == [0]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("regimen,2026-03-01,x,ketamine,moonday,,,", "row 2, column weekdays[0]: found 'moonday'; allowed: 'monday', 'tuesday'"),
        ("regimen,2026-03-01,x,ketamine,monday;monday,,,", "found a weekday twice in monday, monday; allowed: each once"),
        ("regimen,2026-03-01,x,ketamine,monday,2,,", "found both weekdays and every_days; allowed: one of them, or neither"),
        ("regimen,2026-03-01,x,ketamine,,0.5,,", "row 2, column every_days: found '0.5'; allowed: greater than or equal to 1"),
        ("dispensing,2026-03-01,x,ketamine,,,,", "row 2, column quantity: found nothing; allowed: a value"),
        ("dispensing,2026-03-01,x,ketamine,,,0,", "row 2, column quantity: found '0'; allowed: greater than 0"),
        ("left_over,2026-03-01,x,ketamine,,,,-1", "row 2, column units: found '-1'; allowed: greater than or equal to 0"),
    ],
)
def test_doses_at_home_that_cannot_be(tmp_path: Path, cells: str, words: str) -> None:
    reading = read(write(tmp_path, f"{HOME}p,{cells}\n"))
    assert reading.record.events == ()
    assert words in str(reading.skipped[0])


def test_incomplete_answers_stay(tmp_path: Path) -> None:
    items = ",".join(f"item_{n}" for n in range(1, 10))
    path = write(tmp_path, f"patient_id,at,instrument,{items}\np,2026-03-01,phq9,,,,,,,,,1\np,2026-03-02,gad7,1,,1,1,1,1,0,,\n")
    reading = read(path)
    assert reading.skipped == ()
    assert [event.answers for event in reading.record.events] == [(*[None] * 8, 1.0), (1.0, None, 1.0, 1.0, 1.0, 1.0, 0.0)]  # type: ignore[union-attr]


def test_no_name_in_a_message(tmp_path: Path) -> None:
    person = {"resourceType": "Patient", "id": "p", "name": "Ann Example", "birthDate": "1980"}
    reading = read(write(tmp_path, fhir(person)))
    assert "at name" in str(reading.skipped[0])
    assert "Ann" not in str(reading.skipped)
    reading = read(write(tmp_path, native('{"kind": "person", "id": "x", "at": "2026", "name": 5550100}')))
    assert str(reading.skipped[0]) == "input.dat: events[1].name: found a value that is not shown; allowed: a string"
