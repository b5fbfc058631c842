"""A moment keeps what is known: an instant, a day, a month or a year, and invents nothing."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter

from euthymia.moment import Moment

MADRID, TOKYO, HONOLULU = ZoneInfo("Europe/Madrid"), ZoneInfo("Asia/Tokyo"), ZoneInfo("Pacific/Honolulu")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "precision"),
    [("2026", "year"), ("2026-03", "month"), ("2026-03-01", "day"), ("2026-03-01T09:30:00+01:00", "instant")],
)
def test_the_precision_is_what_was_written(text, precision):
    moment = Moment.of(text)
    assert (moment.text, moment.precision, str(moment)) == (text, precision, text)
    assert moment.has_day is (precision in ("day", "instant"))
    assert (moment.instant is not None) is (precision == "instant")


@pytest.mark.parametrize("text", ["2026-03-01T09:30Z", "2026-03-01 09:30:00+00:00", "2026-03-01T09:30:00.000+00:00", " 2026-03-01T09:30Z "])
def test_spellings_of_one_instant_are_equal(text):
    assert Moment.of(text) == Moment.of("2026-03-01T09:30:00+00:00")


def test_dates_and_aware_datetimes_are_read_and_a_moment_is_itself():
    assert Moment.of(date(2026, 3, 1)) == Moment.of("2026-03-01")
    assert Moment.of(datetime(2026, 3, 1, 9, 30, tzinfo=UTC)) == Moment.of("2026-03-01T09:30:00Z")
    moment = Moment.of("2026")
    assert Moment.of(moment) is moment


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2026-03-01T09:30:00", "without an offset"),
        ("2026-02-30", "not in the calendar"),
        ("2026-02-30T09:30:00Z", "not in the calendar"),
        ("2026-13", "not in the calendar"),
        ("0000", "not in the calendar"),
        ("1 March 2026", "allowed: a date"),
        ("", "allowed: a date"),
        ("٢٠٢٦", "allowed: a date"),
        ("2026-3-1", "allowed: a date"),
    ],
)
def test_what_is_no_moment_is_refused_with_what_is_allowed(text, words):
    with pytest.raises(ValueError, match=words):
        Moment.of(text)


def test_a_datetime_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="without an offset"):
        Moment.of(datetime(2026, 3, 1, 9, 30))  # noqa: DTZ001


def test_the_day_is_counted_in_the_zone_asked_for():
    evening = Moment.of("2026-03-01T23:30:00+00:00")
    assert evening.day(UTC) == date(2026, 3, 1)
    assert evening.day(TOKYO) == date(2026, 3, 2)
    assert Moment.of("2026-03-01").day(TOKYO) == date(2026, 3, 1)


def test_a_year_or_a_month_begins_and_ends():
    assert (Moment.of("2026").day(UTC), Moment.of("2026").last_day(UTC)) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (Moment.of("2024-02").day(UTC), Moment.of("2024-02").last_day(UTC)) == (date(2024, 2, 1), date(2024, 2, 29))
    assert Moment.of("2026-03-01").last_day(UTC) == date(2026, 3, 1)
    assert Moment.of("2026-03-01T23:30:00Z").last_day(TOKYO) == date(2026, 3, 2)


def test_it_has_happened_by_the_end_of_its_day_and_not_before():
    assert Moment.of("2026-03-01T23:59:59Z").happened_by(date(2026, 3, 1), UTC)
    assert not Moment.of("2026-03-01T23:59:59Z").happened_by(date(2026, 3, 1), TOKYO)
    assert Moment.of("2026").happened_by(date(2026, 1, 1), UTC)
    assert not Moment.of("2026").happened_by(date(2025, 12, 31), UTC)


@pytest.mark.parametrize(
    ("text", "zone", "before", "known"),
    [
        ("2026-03-01T09:30:00Z", UTC, "2026-03-01T09:29:59+00:00", "2026-03-01T09:30:00+00:00"),
        ("2026-03-01", UTC, "2026-03-01T23:59:59+00:00", "2026-03-02T00:00:00+00:00"),
        ("2026-03-01", HONOLULU, "2026-03-02T09:59:59+00:00", "2026-03-02T10:00:00+00:00"),
        ("2026-03-01", MADRID, "2026-03-01T22:59:59+00:00", "2026-03-01T23:00:00+00:00"),
        ("2026-02", UTC, "2026-02-28T23:59:59+00:00", "2026-03-01T00:00:00+00:00"),
        ("2026", UTC, "2026-12-31T23:59:59+00:00", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_a_date_is_surely_past_only_when_it_has_ended_where_the_patient_is(text, zone, before, known):
    assert not Moment.of(text).known_by(at(before), zone)
    assert Moment.of(text).known_by(at(known), zone)


@pytest.mark.parametrize("text", ["9999-12-31", "9999-12", "9999", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00", "0001"])
def test_the_ends_of_the_calendar_do_not_break(text):
    """FHIR writes 9999-12-31 for an open end."""
    moment = Moment.of(text)
    assert moment.day(UTC) <= moment.last_day(TOKYO)
    assert moment.known_by(at("2026-03-01T00:00:00+00:00"), UTC) is text.startswith("0001")
    assert moment.key(UTC)[0] == moment.day(UTC)


def test_a_day_without_a_clock_comes_before_its_instants():
    moments = [Moment.of(t) for t in ("2026-03-02", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+02:00", "2026-03-01")]
    assert [str(m) for m in sorted(moments, key=lambda m: m.key(UTC))] == [
        "2026-03-01",
        "2026-03-01T13:00:00+02:00",
        "2026-03-01T12:00:00+00:00",
        "2026-03-02",
    ]


def test_in_json_it_is_its_text():
    adapter = TypeAdapter(Moment)
    assert adapter.dump_json(Moment.of("2026-03")) == b'"2026-03"'
    assert adapter.validate_json('"2026-03"') == Moment.of("2026-03")
    assert adapter.json_schema()["type"] == "string"
