"""Nothing that comes later changes a chance that has been stated: sessions, ratings and changes of treatment of later days.

`test_invariants` asks it of a whole review of an earlier day; here it is asked of the course that a later review computes,
which knows all of them.
"""

import json
import os
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.unit.clinics import START, clinic, day, infusion, madrs, plan
from euthymia.catalog import Catalog
from euthymia.episode import current_episode
from euthymia.heading import Chance, chance_on, filtered_course
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import review

EXAMPLES = int(os.environ.get("EUTHYMIA_EXAMPLES", "60"))
few = settings(
    max_examples=EXAMPLES, derandomize="EUTHYMIA_EXAMPLES" not in os.environ, deadline=None, suppress_health_check=list(HealthCheck)
)
LAST = 90
SHIPPED, OWN = load_catalog(), clinic()
days = st.integers(1, LAST)


@st.composite
def treated(draw: st.DrawFn, planned: bool) -> list[dict]:
    """Up to ten ratings and ten sessions of one treatment that began on the day of the first rating, and what was changed besides."""
    events = [madrs(0, 32), infusion(0), *([plan()] if planned else [])]
    events += [madrs(o, draw(st.integers(0, 40))) for o in sorted(draw(st.sets(days, max_size=10)))]
    every = draw(st.sampled_from([3, 7, 14]))
    regular = range(every, draw(st.integers(0, LAST)), every) if draw(st.booleans()) else ()
    events += [infusion(o) for o in sorted({*list(regular)[:10], *draw(st.sets(days, max_size=4))})]
    for o in sorted(draw(st.sets(days, max_size=2))):
        asked = draw(st.integers(1, 60))
        more = {"next_decision": day(o + asked)} if draw(st.booleans()) else {}
        events.append(
            plan(o, draw(st.sampled_from(["series", "maintenance"])), rating_interval_days=draw(st.sampled_from([None, 7, 28])), **more)
        )
    for o in sorted(draw(st.sets(days, max_size=2))):
        events.append({"kind": "medication", "id": f"drug{o}", "at": day(o), "drug": "sertraline"})
    for o in sorted(draw(st.sets(days, max_size=3))):
        events.append(
            {"kind": "request", "id": f"q{o}", "at": day(o), "instrument": "madrs", "outcome": draw(st.sampled_from(["missed", "open"]))}
        )
    return events


def record_of(events: list[dict]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": events})


def stated(events: list[dict], catalog: Catalog, until: int) -> list[Chance]:
    """The chance after every rating of the first days, by the course of a record."""
    course = filtered_course(current_episode(record_of(events), catalog), catalog)
    return [chance_on(course, catalog, rated) for rated in course.days if (rated - START).days <= until] if course else []


def early(events: list[dict], until: int) -> list[dict]:
    return [event for event in events if event["at"] <= day(until)]


def assert_nothing_moved(events: list[dict], until: int, catalog: Catalog) -> None:
    then, now = stated(early(events, until), catalog, until), stated(events, catalog, until)
    # A rating set aside as one of the days after a dose counts once the next session shows that it was the one before it.
    assert set(then) <= set(now)
    assert {chance.day for chance in now} - {chance.day for chance in then} <= {START + timedelta(days=until)}
    assert then


@few
@given(treated(planned=True), days)
def test_what_comes_later_changes_no_chance_stated_before(events, until):
    assert_nothing_moved(events, until, OWN)


@few
@given(treated(planned=False), days)
def test_nor_does_a_plan_where_there_was_none(events, until):
    assert_nothing_moved(events, until, SHIPPED)


def test_a_plan_of_a_later_day_is_not_known_before_it():
    """Without a plan: in four weeks, at the intervals so far. A later plan with a decision in six weeks does not change what was asked."""
    events = [madrs(0, 32), infusion(0), *[madrs(7 * k, 20) for k in range(1, 7)], *[infusion(7 * k) for k in range(1, 7)]]
    later = plan(45, "maintenance", next_decision=day(84))
    assert stated([*events, later], SHIPPED, 42) == stated(events, SHIPPED, 42)


@few
@given(treated(planned=True), st.integers(0, LAST + 30))
def test_a_review_with_sessions_is_the_same_again_and_knows_no_later_day(events, on):
    reviewed = START + timedelta(days=on)
    found = review(record_of(events), OWN, reviewed)
    assert found == review(record_of(early(events, on)[::-1]), OWN, reviewed)
    said = json.dumps(found.to_dict(), allow_nan=False)
    assert json.dumps(review(record_of(events[::-1]), OWN, reviewed).to_dict(), allow_nan=False) == said
    sessions = found.prospects.sessions
    if sessions:
        assert 0 <= sessions.identified_share <= 1
        assert all(0 <= other.identified_share <= 1 and 0 <= other.rating <= 60 for other in sessions.alternatives)
        assert sessions.most_telling_days is None or sessions.most_telling_days > 3
        assert sessions.lost is None or sessions.lost >= 0
    if found.prospects.sustained is not None:
        assert 0 <= found.prospects.sustained <= found.verdict.probability
