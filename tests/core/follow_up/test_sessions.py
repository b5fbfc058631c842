"""What was recorded around each dose: peaks by a second route, the same as the rule reads, and what is missing said."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.follow_up.people import measurement, record, said_of, session, subject
from core.rules.people import CATALOG, ON
from euthymia.episode import current_episode
from euthymia.rule import MaximumAge
from euthymia.rules import facts_on
from euthymia.safety import safety

FIRST = datetime.fromisoformat("2026-02-02T10:00:00+01:00")
EVER = MaximumAge(ever=True, status="design", note="a test")
# Of each session: minutes after its dose, and a pressure.
readings = st.lists(st.tuples(st.integers(-90, 150), st.integers(90, 240).map(float)), max_size=5, unique_by=lambda pair: pair[0])


def events_of(courses):
    for week, readings_ in enumerate(courses):
        dose = FIRST + timedelta(weeks=week)
        yield session(dose.isoformat())
        for minutes, systolic in readings_:
            yield measurement((dose + timedelta(minutes=minutes)).isoformat(), "systolic", systolic, "mm[Hg]")


@settings(max_examples=60, deadline=None)
@given(st.lists(readings, min_size=1, max_size=4))
def test_peaks_agree_with_a_second_route_and_the_last_with_the_rule(courses):
    events = list(events_of(courses))
    said = said_of(*events)
    for seen, course in zip(said.sessions, courses, strict=True):
        before = [value for minutes, value in sorted(course) if minutes <= 0]
        after = [value for minutes, value in course if minutes > 0]
        assert seen.systolic_before == (before[-1] if before else None)
        assert seen.systolic_peak == max(after, default=None)
        assert any("before" in line for line in seen.missing)  # diastolic is never recorded here
        assert any("after" in line for line in seen.missing)
    cut = record(*events).until(ON)
    episode = current_episode(cut, CATALOG)
    known = facts_on(cut, episode, CATALOG, ON, safety(cut, episode, CATALOG, ON)).get("peak_systolic_rise", EVER)
    last = said.sessions[-1]
    rise = None if None in (last.systolic_before, last.systolic_peak) else last.systolic_peak - last.systolic_before
    assert known.value == rise


def test_of_two_sessions_on_one_day_each_has_its_own_peak():
    said = said_of(
        session("2026-02-10T09:00:00+01:00"),
        measurement("2026-02-10T09:40:00+01:00", "systolic", 160, "mm[Hg]"),
        session("2026-02-10T14:00:00+01:00"),
        measurement("2026-02-10T14:40:00+01:00", "systolic", 150, "mm[Hg]"),
    )
    assert [seen.systolic_peak for seen in said.sessions] == [160, 150]


@pytest.mark.parametrize(
    ("dose", "reading", "words"),
    [
        ("2026-02-10T10:00:00+01:00", None, "blood pressure after the dose: not recorded"),
        ("2026-02-10T10:00:00+01:00", "2026-02-10", "blood pressure after the dose: its clock time is not known"),
        ("2026-02-10", "2026-02-10T10:40:00+01:00", "blood pressure after the dose: the time of the dose is not known"),
    ],
)
def test_what_is_missing_is_said_with_its_reason(dose, reading, words):
    events = [session(dose)] + ([measurement(reading, "systolic", 150, "mm[Hg]")] if reading else [])
    [seen] = said_of(*events).sessions
    assert seen.systolic_peak is None
    assert words in seen.missing


def test_a_reading_that_cannot_be_makes_the_peak_not_known_and_stays_in_the_picture():
    said = said_of(
        session("2026-02-10T10:00:00+01:00"),
        measurement("2026-02-10T10:40:00+01:00", "systolic", 150, "mm[Hg]"),
        measurement("2026-02-10T10:50:00+01:00", "systolic", 900, "mm[Hg]"),
    )
    [seen] = said.sessions
    assert seen.systolic_peak is None
    assert any("900" in line for line in seen.missing)
    [peak] = [series for series in subject(said, "blood_pressure").series if series.fact == "systolic_after_dose"]
    assert [(point.value, "900" in point.why) for point in peak.points] == [(None, True)]


def test_doses_at_home_without_a_reading_are_counted_and_those_with_one_are_shown():
    log = {"kind": "dose_log", "treatment": "ketamine", "route": "sublingual", "taken": "taken", "dose_mg": 100}
    said = said_of(
        {**log, "at": "2026-02-10T20:00:00+01:00"},
        {**log, "at": "2026-02-12T20:00:00+01:00"},
        measurement("2026-02-12T20:40:00+01:00", "systolic", 150, "mm[Hg]"),
    )
    assert said.home_without_readings == 1
    assert [(seen.number, seen.at_home, seen.systolic_peak) for seen in said.sessions] == [(2, True, 150)]


def test_the_course_of_dissociation_at_a_stable_dose_with_the_finding_of_three_rises():
    events = []
    for week, (score, mg) in enumerate([(3, 56), (2, 84), (4, 84), (5, 84), (9, 84)]):
        at = (FIRST - timedelta(weeks=1) + timedelta(weeks=week)).isoformat()
        events += [session(at, dose_mg=mg), measurement(at, "CADSS-6", score, "{score}")]
    said = said_of(*events)
    assert [(seen.cadss6, seen.same_dose) for seen in said.sessions] == [(3, None), (2, False), (4, True), (5, True), (9, True)]
    found = subject(said, "dissociation")
    assert found.state == "finding"
    assert [result.rule for result in found.results] == ["dissociation_rising"]


def test_the_points_against_doses_count_every_dose_until_their_day():
    events = [session((FIRST + timedelta(weeks=week)).isoformat()) for week in range(4)]
    said = said_of(*events, measurement("2026-02-10", "MoCA", 27, "{score}"), measurement("2026-02-24", "MoCA", 26, "{score}"))
    [moca] = subject(said, "cognition").series
    assert [point.doses for point in moca.points] == [2, 4]
    assert all(first.doses <= second.doses for first, second in pairwise(moca.points))
