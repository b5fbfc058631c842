"""The seven days: both sides, what submits a form, what takes that back, which sessions have the duty at all."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.rems.spray import CATALOG, DAY, person, record, saw, session
from euthymia.due import DueItem
from euthymia.rems import rems_due, rems_duties
from euthymia.reviewing import review


def states(*events, on: date) -> list[str]:
    return [duty.state for duty in rems_duties(record(person(), *events), CATALOG, on)]


@pytest.mark.parametrize(("after", "state"), [(0, "due"), (6, "due"), (7, "due"), (8, "overdue"), (400, "overdue")])
def test_the_seventh_day_is_in_time_and_the_eighth_is_not(after, state) -> None:
    assert states(session(), on=DAY + timedelta(days=after)) == [state]


def test_before_the_session_there_is_no_duty() -> None:
    assert states(session(), on=DAY - timedelta(days=1)) == []


def test_submitting_ends_it_and_a_form_that_came_back_is_due_again() -> None:
    sent, back = saw("rems_form_submitted", "yes", "2026-03-04"), saw("rems_form_submitted", "no", "2026-03-06")
    assert states(session(), sent, on=DAY + timedelta(days=30)) == ["submitted"]
    assert states(session(), sent, on=date(2026, 3, 3)) == ["due"]
    assert states(session(), sent, back, on=date(2026, 3, 12)) == ["overdue"]
    assert states(session(), sent, saw("rems_form_submitted", "unclear", "2026-03-06"), on=date(2026, 3, 12)) == ["submitted"]
    assert states(session(), saw("rems_form_submitted", "yes", "2026-03-04", of="other"), on=date(2026, 3, 12)) == ["overdue"]
    assert states(session(), saw("rems_form_submitted", "yes", "2026-03-04", of=None), on=date(2026, 3, 12)) == ["overdue"]


def test_a_corrected_session_keeps_its_submission_and_has_one_duty() -> None:
    sent = saw("rems_form_submitted", "yes", "2026-03-04")
    assert states(session(), session("s2", supersedes="s"), sent, on=date(2026, 3, 12)) == ["submitted"]
    again = [session(), session("s2", supersedes="s"), session("s3", supersedes="s2"), session("s4", supersedes="s3")]
    assert states(*again, sent, on=date(2026, 3, 12)) == ["submitted"]
    assert states(session(), session("s2", supersedes="s", entered_in_error=True), on=date(2026, 3, 12)) == []


def test_other_drugs_and_routes_have_no_duty_and_an_unknown_route_is_asked_about() -> None:
    others = [session("a", treatment="ketamine", route="IV"), session("b", route="SL"), session("c", treatment="ketamine", route="oral")]
    others += [session("d", treatment="ketamine", route="intranasal"), session("e", treatment="esketamine", route="IV")]
    assert states(*others, on=date(2026, 3, 12)) == []
    [open_one] = rems_due(record(person(), session(route=None)), CATALOG, DAY)
    assert open_one.what == "say of the session whether it was the nasal spray: the route is not recorded"
    assert states(session(route=None), on=DAY + timedelta(days=8)) == ["overdue"]


def due_items(*events, on: date) -> list[DueItem]:
    found = review(record(person(), *events), CATALOG, on)
    return [item for item in found.due if item.source == "rems"]


def test_a_review_lists_what_is_due_and_puts_what_is_overdue_together() -> None:
    [item] = due_items(session(), on=DAY + timedelta(days=7))
    assert (item.by, item.overdue, item.what) == (date(2026, 3, 9), False, "submit the REMS monitoring form (session of 2 March 2026)")
    [late] = due_items(session(), on=DAY + timedelta(days=8))
    assert (late.id, late.overdue, late.what) == ("rems_overdue", True, "submit the REMS monitoring form (session of 2 March 2026)")
    second = session("t", at="2026-03-05T10:00:00-05:00", ended=None)
    [both] = due_items(session(), second, on=date(2026, 3, 20))
    assert both.what == "submit the REMS monitoring form (2 sessions, the first of 2 March 2026)"
    assert [i.overdue for i in due_items(session(), second, on=date(2026, 3, 11))] == [True, False]
    assert due_items(session(), {"kind": "person", "id": "gone", "at": "2026-03-03", "died": "2026-03-03"}, on=date(2026, 3, 20)) == []


def test_a_catalog_of_before_the_forms_has_no_duty() -> None:
    assert rems_duties(record(person(), session()), CATALOG.model_copy(update={"forms": {}}), DAY) == ()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 40))), min_size=1, max_size=6, unique_by=lambda pair: pair[0]
    ),
    st.integers(0, 90),
)
def test_against_the_days_counted_by_hand(sessions, on) -> None:
    """A second route: integers alone, no record."""
    start, events = date(2026, 1, 1), []
    expected = []
    for day, sent_after in sorted(sessions):
        name = f"s{day}"
        events.append(session(name, at=(start + timedelta(days=day)).isoformat(), ended=None))
        if sent_after is not None:
            events.append(saw("rems_form_submitted", "yes", (start + timedelta(days=day + sent_after)).isoformat(), of=name))
        if day <= on:
            sent = sent_after is not None and day + sent_after <= on
            expected.append("submitted" if sent else "overdue" if on - day > 7 else "due")
    assert states(*events, on=start + timedelta(days=on)) == expected
