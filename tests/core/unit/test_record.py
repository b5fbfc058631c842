"""The record: two clocks, corrections that overwrite nothing, and an order that does not matter."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from euthymia.events import Assessment, Episode, Medication, Person, Request, TreatmentCourse
from euthymia.record import PatientRecord


def record(*events: dict[str, object]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": events})


def phq9(event_id: str, at: str = "2026-03-01", total: float | None = 14, **more: object) -> dict[str, object]:
    return {"kind": "assessment", "id": event_id, "at": at, "instrument": "phq9", "total": total, **more}


def ids(found: PatientRecord) -> list[str]:
    return [event.id for event in found.current]


def test_importing_twice_changes_nothing():
    assert record(phq9("a"), phq9("a")) == record(phq9("a"))


def test_two_different_events_with_one_id_are_refused():
    with pytest.raises(ValidationError, match="two different events with the id 'a'"):
        record(phq9("a", total=14), phq9("a", total=15))


def test_the_order_of_entry_does_not_matter():
    events = [phq9("b"), phq9("a"), phq9("c", "2026-02-01")]
    assert record(*events) == record(*reversed(events))
    assert ids(record(*events)) == ["c", "a", "b"]


def test_a_correction_holds_and_the_corrected_event_is_kept():
    found = record(phq9("a", total=14), phq9("b", total=12, supersedes="a"))
    assert ids(found) == ["b"]
    assert len(found.events) == 2


def test_a_correction_of_a_correction_holds_alone():
    assert ids(record(phq9("a"), phq9("b", total=12, supersedes="a"), phq9("c", total=11, supersedes="b"))) == ["c"]


def test_an_event_is_known_under_every_id_that_it_corrects_also_once_the_record_is_cut():
    found = record(phq9("a"), phq9("b", supersedes="a"), phq9("c", supersedes="b"), phq9("other"))
    for cut in (found, found.until(date(2026, 3, 1)), found.until(date(2026, 3, 9)).until(date(2026, 3, 2))):
        assert {event.id: cut.ids_of(event) for event in cut.current} == {"c": {"a", "b", "c"}, "other": {"other"}}
    circle = record(phq9("d", supersedes="e"), phq9("e", supersedes="d"))
    assert [circle.ids_of(event) for event in circle.current] == [{"d", "e"}, {"d", "e"}]


def test_what_a_later_correction_says_of_earlier_ids_is_not_known_before_it():
    first = phq9("a", recorded_at="2026-03-01T10:00:00Z")
    found = record(first, phq9("b", supersedes="a", recorded_at="2026-03-05T10:00:00Z"))
    then = found.known_at(datetime(2026, 3, 2, tzinfo=UTC))
    assert [then.ids_of(event) for event in then.current] == [{"a"}]


def test_an_event_entered_in_error_never_happened():
    assert ids(record(phq9("a"), phq9("b", supersedes="a", entered_in_error=True))) == []


def test_an_event_cannot_correct_itself():
    with pytest.raises(ValidationError, match="supersedes itself"):
        record(phq9("a", supersedes="a"))


def test_a_correction_counts_on_its_own_day():
    """The rating was dated wrongly: by the wrong day there is none."""
    found = record(phq9("a", "2026-03-01"), phq9("b", "2026-03-05", supersedes="a"))
    assert ids(found.until(date(2026, 3, 1))) == []
    assert ids(found.until(date(2026, 3, 5))) == ["b"]


def test_the_cut_is_at_the_end_of_the_day_in_the_patients_zone():
    tokyo = {"kind": "person", "id": "p", "at": "2020", "zone": "Asia/Tokyo"}
    late = phq9("a", "2026-03-01T23:30:00Z")
    assert ids(record(late).until(date(2026, 3, 1))) == ["a"]
    assert ids(record(late, tokyo).until(date(2026, 3, 1))) == ["p"]
    assert ids(record(late, tokyo).until(date(2026, 3, 2))) == ["p", "a"]


def test_the_zone_is_the_last_that_was_said_and_utc_where_nobody_did():
    first = {"kind": "person", "id": "a", "at": "2020-01-01", "zone": "Asia/Tokyo"}
    moved = {"kind": "person", "id": "b", "at": "2024-01-01", "zone": "Europe/Madrid"}
    assert record().zone.key == "UTC"
    assert record(first, moved).zone.key == "Europe/Madrid"
    assert record(first, {**moved, "zone": None}).zone.key == "Asia/Tokyo"


def test_a_zone_that_was_corrected_does_not_hold():
    wrong = {"kind": "person", "id": "z", "at": "2020-01-01", "zone": "Asia/Tokyo"}
    right = {"kind": "person", "id": "a", "at": "2020-01-01", "zone": "Europe/Madrid", "supersedes": "z"}
    found = record(wrong, right)
    assert found.zone.key == found.until(date(2026, 1, 1)).zone.key == "Europe/Madrid"


def test_what_had_not_ended_by_the_day_has_no_end_and_no_outcome_yet():
    drug = {"kind": "medication", "id": "m", "at": "2026-01-01", "ended": "2026-06-30", "drug": "sertraline"}
    outcome = {"outcome": "none", "stopped_because": "no effect"}
    found = record({**drug, **outcome}, {"kind": "episode", "id": "e", "at": "2026-01-01", "ended": "2026-06-30"})
    before, on_the_day = found.until(date(2026, 6, 29)), found.until(date(2026, 6, 30))
    (early,), (late,) = before.of_kind(Medication), on_the_day.of_kind(Medication)
    assert (early.ended, early.outcome, early.stopped_because) == (None, "unknown", None)
    assert (str(late.ended), late.outcome, late.stopped_because) == ("2026-06-30", "none", "no effect")
    assert before.of_kind(Episode)[0].ended is None
    assert before.until(date(2026, 6, 29)) == before


def test_what_was_known_at_an_instant():
    found = record(
        phq9("as it happened", "2026-03-01T09:00:00Z"),
        phq9("entered late", "2026-03-01T09:00:00Z", total=9, recorded_at="2026-03-08T09:00:00Z"),
        phq9("a day", "2026-03-01", total=8),
    )
    known = [{e.id for e in found.known_at(datetime(2026, 3, day, 9, tzinfo=UTC)).events} for day in (1, 2, 8)]
    assert found.known_at(datetime(2026, 3, 1, 8, tzinfo=UTC)).events == ()
    assert known == [{"as it happened"}, {"as it happened", "a day"}, {"as it happened", "a day", "entered late"}]


def test_a_correction_not_yet_known_does_not_hold():
    found = record(phq9("a"), phq9("b", total=12, supersedes="a", recorded_at="2026-04-01T00:00:00Z"))
    assert ids(found.known_at(datetime(2026, 3, 15, tzinfo=UTC))) == ["a"]
    assert ids(found.known_at(datetime(2026, 4, 1, tzinfo=UTC))) == ["b"]


def test_the_last_day_is_of_something_that_happened():
    person = {"kind": "person", "id": "p", "at": "2027-01-01", "zone": "UTC"}
    request = {"kind": "request", "id": "r", "at": "2026-05-01", "instrument": "phq9"}
    assert record().last_day() is None
    assert record(person, request).last_day() is None
    assert record(person, request, phq9("a"), phq9("b", "2026-02-01", total=9)).last_day() == date(2026, 3, 1)


def test_events_of_one_kind_are_given_by_time():
    request = {"kind": "request", "id": "r", "at": "2026-03-01", "instrument": "phq9"}
    found = record(phq9("a", "2026-03-02"), phq9("b", "2026-03-01", total=9), request)
    assert [e.id for e in found.of_kind(Assessment)] == ["b", "a"]
    assert [e.id for e in found.of_kind(Request)] == ["r"]
    assert found.of_kind(TreatmentCourse) == []


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (phq9("a", total=None), "neither a total nor answers"),
        (phq9("a", total=float("nan")), "finite"),
        (phq9("a", at="2026-03-01T09:00:00"), "without an offset"),
        (phq9("a", recorded_at="2026-03-01"), "an instant with its offset"),
        ({"kind": "person", "id": "a", "at": "2026", "zone": "Madrid"}, "an IANA name"),
        ({"kind": "measurement", "id": "a", "at": "2026", "measure": "weight"}, "neither a value nor a text"),
        ({"kind": "decision", "id": "a", "at": "2026", "disposition": "continue"}, "without a reason"),
        ({"kind": "decision", "id": "a", "at": "2026", "disposition": "hold_by_agreement", "reason": "x"}, "without the patient's reason"),
        ({"kind": "plan", "id": "a", "at": "2026", "rating_interval_days": 1e9}, "less than or equal to 3660"),
        ({"kind": "plan", "id": "a", "at": "2026", "rating_interval_days": 0.001}, "greater than or equal to 0.25"),
        ({"kind": "rumour", "id": "a", "at": "2026"}, "does not match any of the expected tags"),
        (phq9(" "), "at least 1 character"),
        (phq9("a", colour="blue"), "Extra inputs are not permitted"),
    ],
)
def test_an_event_that_says_nothing_or_too_much_is_refused(event, words):
    with pytest.raises(ValidationError, match=words):
        record(event)


def _positive(event_id: str, **more: object) -> dict[str, object]:
    return {"kind": "assessment", "id": event_id, "at": "2026-03-16", "instrument": "phq9", "answers": [1] * 8 + [3], **more}


def test_a_correction_takes_the_place_of_its_own_kind_and_instrument_alone():
    gad7 = {"kind": "assessment", "id": "g", "at": "2026-03-16", "instrument": "gad7", "total": 5, "supersedes": "p"}
    concern = {"kind": "concern", "id": "c", "at": "2026-03-16", "concern": "words", "supersedes": "p"}
    record = PatientRecord.model_validate({"patient_id": "x", "events": [_positive("p"), gad7, concern]})
    assert {event.id for event in record.current} == {"p", "g", "c"}
    again = PatientRecord.model_validate({"patient_id": "x", "events": [_positive("p"), _positive("q", supersedes="p")]})
    assert [event.id for event in again.current] == ["q"]


def test_corrections_in_a_circle_delete_nothing():
    circle = [_positive("p", supersedes="q"), _positive("q", supersedes="p")]
    record = PatientRecord.model_validate({"patient_id": "x", "events": circle})
    assert {event.id for event in record.current} == {"p", "q"}
    chain = [_positive("p"), _positive("q", supersedes="p"), _positive("r", supersedes="q")]
    assert [event.id for event in PatientRecord.model_validate({"patient_id": "x", "events": chain}).current] == ["r"]


@pytest.mark.parametrize("at", ["0001-01-01", "9999-12-31", "1849", "2200"])
def test_a_date_that_stands_for_not_known_is_refused(at):
    with pytest.raises(ValueError, match="a year from 1850 to 2199"):
        PatientRecord.model_validate({"patient_id": "x", "events": [_positive("p", at=at)]})


def test_a_later_death_is_not_known_before_it():
    person = {"kind": "person", "id": "who", "at": "1980", "died": "2026-03-05"}
    record = PatientRecord.model_validate({"patient_id": "x", "events": [person]})
    assert [p.died for p in record.until(date(2026, 3, 4)).of_kind(Person)] == [None]
    assert [str(p.died) for p in record.until(date(2026, 3, 5)).of_kind(Person)] == ["2026-03-05"]
