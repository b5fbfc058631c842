"""When check-ins are asked: before sessions, chained, in the patient's own zone, over the change of the clock; and the ladder."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia_clinic.checkins.planning import FIRST_HOUR, LADDER, LAST_HOUR, Rhythm, by_day, instant_at, ladder, next_checkin

NEW_YORK, MADRID = ZoneInfo("America/New_York"), ZoneInfo("Europe/Madrid")
DAY = timedelta(hours=24)
ZONES = [NEW_YORK, MADRID, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Pago_Pago")]


def rhythm(**said):
    known = {"rating_days": 7.0, "session_days": None, "last_session": None, "session_time": None, "last_rated": None, "last_asked": None}
    return Rhythm(**(known | said))


def at(day, hour, zone=NEW_YORK, minute=0):
    return datetime.combine(day, time(hour, minute), tzinfo=zone)


MONDAY = date(2026, 6, 1)


def test_the_rating_that_counts_is_asked_in_the_day_before_the_session():
    seen = rhythm(session_days=7.0, last_session=MONDAY, session_time=time(10, 30), last_rated=MONDAY)
    found = next_checkin(seen, NEW_YORK, at(MONDAY, 15), DAY)
    assert found.occasion == "session:2026-06-08"
    assert (found.opens_at, found.closes_at) == (at(date(2026, 6, 7), 10, minute=30), at(date(2026, 6, 8), 10, minute=30))


def test_two_sessions_a_week_and_one_rating_a_week_ask_before_every_second_session():
    seen = rhythm(session_days=3.5, last_session=MONDAY, last_rated=MONDAY)
    assert next_checkin(seen, NEW_YORK, at(MONDAY, 15), DAY).anchor == date(2026, 6, 8)


def test_without_sessions_it_is_asked_by_the_interval_of_ratings():
    found = next_checkin(rhythm(rating_days=14.0, last_rated=MONDAY), MADRID, at(MONDAY, 15, MADRID), DAY)
    assert (found.occasion, found.opens_at) == ("rating:2026-06-15", at(date(2026, 6, 15), 9, MADRID))


def test_rare_sessions_do_not_hold_up_frequent_ratings():
    found = next_checkin(rhythm(session_days=28.0, last_session=MONDAY, last_rated=MONDAY), NEW_YORK, at(MONDAY, 15), DAY)
    assert found.occasion == "rating:2026-06-08"


def test_the_next_is_counted_from_the_day_it_was_planned_for_not_from_the_answer():
    late = rhythm(last_asked=date(2026, 6, 8), last_rated=date(2026, 6, 11))
    assert next_checkin(late, NEW_YORK, at(date(2026, 6, 11), 12), DAY).anchor == date(2026, 6, 15)


def test_what_was_slept_through_is_left_and_the_rhythm_goes_on():
    found = next_checkin(rhythm(last_asked=MONDAY), NEW_YORK, at(date(2027, 6, 2), 12), DAY)
    assert (found.anchor - MONDAY).days % 7 == 0
    assert found.closes_at > at(date(2027, 6, 2), 12)


def test_somebody_new_is_asked_today():
    assert next_checkin(rhythm(), NEW_YORK, at(MONDAY, 8), DAY).anchor == MONDAY


def test_who_was_rated_since_it_opened_is_not_asked_again():
    seen = rhythm(last_asked=None, last_rated=date(2026, 6, 8))
    assert next_checkin(seen, NEW_YORK, at(date(2026, 6, 8), 12), DAY).anchor == date(2026, 6, 15)


def test_a_time_that_does_not_exist_is_the_time_after_the_leap():
    leap = date(2026, 3, 8)
    assert instant_at(leap, time(2, 30), NEW_YORK).astimezone(NEW_YORK).time() == time(3, 30)


def test_a_time_that_exists_twice_is_the_first():
    back = date(2026, 11, 1)
    assert instant_at(back, time(1, 30), NEW_YORK).astimezone(NEW_YORK).utcoffset() == timedelta(hours=-4)


@pytest.mark.parametrize(
    ("session", "clock"), [(date(2026, 3, 8), time(2, 30)), (date(2026, 11, 1), time(1, 30)), (date(2026, 3, 9), time(9))]
)
def test_the_day_before_a_session_is_24_hours_whatever_the_clock_does(session, clock):
    seen = rhythm(session_days=7.0, last_session=session - timedelta(days=7), session_time=clock, last_rated=session - timedelta(days=7))
    found = next_checkin(seen, NEW_YORK, at(session - timedelta(days=5), 12), DAY)
    assert found.anchor == session
    assert found.closes_at - found.opens_at == DAY


def test_the_ladder_of_a_day():
    opens = at(date(2026, 6, 7), 10, minute=30)
    said = ladder(opens, opens + DAY, NEW_YORK)
    assert [(rung, moment.astimezone(NEW_YORK).strftime("%d %H:%M")) for rung, moment in said] == [
        (0, "07 10:30"),
        (1, "07 18:30"),
        (2, "08 09:00"),
    ]


def test_the_last_reminder_comes_where_there_is_a_morning_left():
    opens = at(date(2026, 6, 7), 15)
    hours = [(rung, moment.astimezone(NEW_YORK).strftime("%d %H:%M")) for rung, moment in ladder(opens, opens + DAY, NEW_YORK)]
    assert hours == [(0, "07 15:00"), (1, "08 09:00"), (2, "08 13:00")]


instants = st.integers(0, 365 * 24 * 60).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(instants, st.integers(1, 14 * 24), st.sampled_from(ZONES))
def test_no_message_at_night_in_order_and_apart_and_in_time(opens, hours, zone):
    closes = opens + timedelta(hours=hours)
    said = ladder(opens, closes, zone)
    assert all(FIRST_HOUR <= moment.astimezone(zone).time() < LAST_HOUR for _, moment in said)
    assert all(opens <= moment < closes for _, moment in said)
    assert [rung for rung, _ in said] == sorted({rung for rung, _ in said})
    assert all(later - earlier >= timedelta(hours=2) for (_, earlier), (_, later) in pairwise(said))


@given(instants, st.sampled_from(ZONES))
def test_by_day_is_never_earlier_and_never_a_day_later(moment, zone):
    moved = by_day(moment, zone)
    assert moment <= moved <= moment + timedelta(hours=16)
    assert by_day(moved, zone) == moved


@given(
    st.floats(1, 60),
    st.none() | st.floats(1, 60),
    st.integers(0, 400),
    st.none() | st.integers(0, 100),
    st.none() | st.integers(0, 100),
    st.sampled_from(ZONES),
)
def test_it_never_ends_in_the_past_and_always_comes(rating, sessions, passed, asked, rated, zone):
    start = date(2025, 10, 1)
    seen = Rhythm(
        rating,
        sessions,
        start if sessions else None,
        None,
        start + timedelta(days=rated) if rated is not None else None,
        start + timedelta(days=asked) if asked is not None else None,
    )
    now = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=passed, hours=5)
    found = next_checkin(seen, zone, now, DAY)
    assert found is not None
    assert found.opens_at < found.closes_at > now
    assert seen.last_asked is None or found.anchor > seen.last_asked


def test_every_rung_says_why():
    assert all(rung.why and (rung.after_opening is None) != (rung.before_closing is None) for rung in LADDER)
