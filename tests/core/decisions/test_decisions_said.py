"""Decisions word for word: what is due, since what and what it needs, at both sides of each edge."""

from dataclasses import replace

import pytest

from core.decisions.test_decisions import CATALOG, HOLD, PLAN, day, decided, decision, finding, rated, record
from euthymia.decisions import DecisionDue, Decisions, decisions, farthest_weeks
from euthymia.episode import current_episode
from euthymia.record import PatientRecord
from euthymia.reviewing import review
from euthymia.rules import FactUsed

REASON = "a reason, if nothing is changed"
MORE = "a second opinion or a hold by agreement, if nothing is changed"
DECIDE, REVIEW = "decide: continue, change or add", "review the hold by agreement"
PLATEAU = {5: "holding_above_remission"}
AGREED = {"next_decision": day(80).isoformat()}


def unplanned(*events, on):
    """The same where no plan is recorded."""
    known = PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n:02}", **e} for n, e in enumerate(events)]})
    cut = known.until(day(on))
    return decisions(cut, current_episode(cut, CATALOG), None, review(known, CATALOG, day(on)).verdict, (), CATALOG, day(on))


def held(on, **more):
    return decided(decision(10, **HOLD, **AGREED), on=on, **{"statuses": PLATEAU, **more})


def test_without_any_decision_the_rhythm_counts_from_the_plan():
    found = decided(on=20)
    assert found == Decisions(DecisionDue(day(28), False, DECIDE, ("the rhythm of the protocol",), (REASON,)), None, None, None, 0, ())


def test_without_a_plan_it_counts_from_the_treatment_else_from_the_first_rating():
    drug = {"kind": "medication", "at": day(7).isoformat(), "drug": "Sertraline 100 mg"}
    assert unplanned(rated(3, 20), on=10).due.by == day(3 + 28)
    assert unplanned(rated(3, 20), drug, on=10).due.by == day(7 + 28)
    assert unplanned({"kind": "person", "at": "1960"}, on=10).due is None


def test_of_somebody_who_has_died_nothing_is_said_at_all():
    assert decided({"kind": "person", "at": "1960", "died": day(3).isoformat()}, decision(1), on=100) == Decisions(
        None, None, None, None, 0, ()
    )
    alive = decided({"kind": "person", "at": "1960"}, decision(1), on=2)
    assert alive.last is not None


def test_what_is_overdue_is_said_with_its_day_and_everything_that_asks():
    found = decided(on=60, statuses={0: "too_early", 10: "not_improving"})
    rhythm, status = "the rhythm of the protocol", "not improving since 15 January 2026"
    assert (found.due.by, found.due.overdue, found.due.since) == (day(24), True, (status, rhythm))
    assert found.findings == (f"a decision is overdue since 29 January 2026: {status}; {rhythm}",)


def test_the_row_of_continue_asks_for_more_in_words():
    found = decided(decision(10), decision(20), decision(30), on=31, statuses={0: "too_early", 5: "not_improving"})
    words = "3 times 'continue' in a row on a plateau, without a second opinion or a hold by agreement"
    assert (found.due.by, found.due.what, found.due.needs) == (day(44), DECIDE, (REASON, MORE))
    assert found.due.since == (words, "the rhythm of the protocol")
    assert (found.continues_in_a_row, found.findings) == (3, (words,))


def test_a_second_opinion_is_asked_of_a_plateau_only():
    row = [decision(10), decision(20)]
    plateau = {0: "too_early", 5: "not_improving"}
    assert decided(*row, on=31, statuses=plateau).due.needs == (REASON, MORE)
    assert decided(*row, on=31, statuses={**plateau, 30: "improving"}).due.needs == (REASON,)
    assert decided(*row[:1], on=31, statuses=plateau).due.needs == (REASON,)


def test_a_continue_before_anything_was_known_is_none_on_a_plateau():
    assert decided(decision(3), decision(10), on=31, statuses=PLATEAU).continues_in_a_row == 1
    assert decided(decision(5), decision(10), on=31, statuses=PLATEAU).continues_in_a_row == 2, "on its day it was known"
    mixed = {0: "not_improving", 15: "improving", 25: "not_improving"}
    assert decided(decision(10), decision(20), decision(30), on=31, statuses=mixed).continues_in_a_row == 1


def test_a_hold_that_stands_is_the_only_thing_that_asks():
    found = held(60)
    assert found.due == DecisionDue(day(80), False, REVIEW, ("the hold by agreement of 15 January 2026",), (REASON,))
    assert (found.held_until, found.hold_void, found.findings) == (day(80), None, ())


def test_a_hold_is_looked_at_on_the_day_agreed_and_never_later_than_its_limit():
    weeks = round(CATALOG.verdict.hold_max_weeks.value)
    for agreed, expected in (({"next_decision": day(900).isoformat()}, 10 + 7 * weeks), (AGREED, 80)):
        assert decided(decision(10, **HOLD, **agreed), on=20, statuses=PLATEAU).held_until == day(expected)


def test_a_hold_stands_on_its_review_day_and_the_day_after_it_is_to_be_reviewed():
    assert (held(80).held_until, held(80).hold_void) == (day(80), None)
    found = held(81)
    why = "its review was due on 26 March 2026"
    assert (found.held_until, found.hold_void, found.due.what, found.due.by) == (None, why, REVIEW, day(80))
    assert f"the hold by agreement of 15 January 2026 does not stand: {why}" in found.findings
    assert found.due.since[0] == f"the hold by agreement of 15 January 2026 does not stand: {why}"


def test_a_hold_ended_by_loss_of_ground_asks_for_a_decision_on_that_day():
    found = held(60, statuses={**PLATEAU, 30: "losing_ground", 40: "losing_ground"})
    why = "losing ground on 4 February 2026"
    void = f"the hold by agreement of 15 January 2026 does not stand: {why}"
    assert (found.hold_void, found.due.what, found.due.by, found.due.since[0]) == (why, DECIDE, day(30), void)
    assert found.findings[0].startswith(f"a decision is overdue since 4 February 2026: {void}; ")
    assert found.findings[1:] == (void,)


def test_what_ended_a_hold_first_is_said():
    both = {"statuses": {**PLATEAU, 30: "losing_ground"}}
    assert held(60, **both, rules=(finding("escalate", 20),)).hold_void == "escalate found"
    assert held(60, **both, rules=(finding("escalate", 40),)).hold_void == "losing ground on 4 February 2026"
    undated = held(60, rules=(finding("hold", None),))
    assert (undated.hold_void, undated.due.by) == ("hold found", day(60))


def test_a_day_agreed_counts_up_to_the_longest_time_allowed():
    last = round(7 * CATALOG.decisions.next_max_weeks.value)
    at, after = (decided(decision(5, next_decision=day(5 + last + more).isoformat()), on=20).due for more in (0, 1))
    assert (at.by, at.since) == (day(5 + last), ("the day agreed on 10 January 2026",))
    assert (after.by, after.since) == (day(5 + last), ("the decision of 10 January 2026",))


@pytest.mark.parametrize(("planned_on", "expected"), [(4, 40), (5, 40), (6, 30)])
def test_a_plan_takes_the_place_of_a_day_agreed_where_it_is_the_later_one(planned_on, expected):
    again = {**PLAN, "at": day(planned_on).isoformat(), "next_decision": day(30).isoformat()}
    assert decided(decision(5, next_decision=day(40).isoformat()), again, on=20).due.by == day(expected)


@pytest.mark.parametrize(("decided_on", "by", "since"), [(22, 30, "the day named in the plan"), (23, 51, "the rhythm of the protocol")])
def test_a_decision_in_the_week_before_the_planned_day_is_for_it(decided_on, by, since):
    planned = {**PLAN, "at": day(1).isoformat(), "next_decision": day(30).isoformat()}
    found = decided(planned, decision(decided_on), on=25)
    assert (found.due.by, found.due.since) == (day(by), (since,))


def test_what_cannot_be_told_asks_for_nothing():
    assert decided(on=20, statuses={5: "cannot_tell"}).due.since == ("the rhythm of the protocol",)


def test_a_finding_counts_from_the_last_of_its_days():
    two = replace(finding("hold", 3), facts=(*finding("hold", 6).facts, FactUsed("pain", "yes", day(3), "record")))
    assert decided(decision(5), on=7, rules=(two,)).due.by == day(6)
    assert decided(decision(6), on=7, rules=(two,)).due.by == day(34)


def test_what_several_ask_in_the_same_words_is_said_once():
    found = decided(decision(5), on=7, rules=(finding("hold", 6), finding("hold", 7)))
    assert found.due.since == ("hold found", "the rhythm of the protocol")


def test_of_two_ratings_of_a_day_the_one_recorded_last_says_when_the_day_was_known():
    """Both of day 10; the second was entered on day 20, so a decision of day 12 did not know it."""
    first = rated(10, 12, recorded_at="2026-01-15T09:00:00+00:00")
    late = {**rated(10, 13, recorded_at="2026-01-25T09:00:00+00:00"), "instrument": "phq9"}
    entered = {0: "too_early", 10: "not_improving"}
    for events in ((first, late), (late, first)):
        found = decided(rated(0, 20), *events, decision(12), on=22, statuses=entered)
        assert any("not improving" in words for words in found.due.since)


def test_a_decision_of_the_day_on_which_the_episode_begins_belongs_to_it():
    episode = {"kind": "episode", "at": day(50).isoformat()}
    assert decided(decision(49), episode, on=60).last is None
    assert decided(decision(50), episode, on=60).last is not None
    month = {**decision(50), "at": "2026-02"}  # may have been on its last day
    assert decided(month, episode, on=60).last is not None


HONOLULU = {"kind": "person", "at": "1960", "zone": "Pacific/Honolulu"}
ENTERED = {0: "too_early", 10: "not_improving"}


def test_the_days_of_decisions_are_the_patients():
    """Two in the morning in Greenwich is the afternoon of the day before in Honolulu."""
    made = {**decision(11), "at": "2026-01-16T02:00:00+00:00", "next_decision": "2026-03-02T03:00:00+00:00"}
    found = decided(HONOLULU, made, on=20)
    assert (found.due.by, found.due.since) == (day(55), ("the day agreed on 15 January 2026",))
    held = decided(HONOLULU, {**made, **HOLD, "reason": None}, on=20, statuses=PLATEAU)
    assert held.held_until == day(55)


def test_whether_a_decision_knew_a_rating_goes_by_the_patients_days():
    before = {**decision(10), "at": "2026-01-15T02:00:00+00:00"}  # the 14th there
    asked = decided(HONOLULU, rated(0, 20), rated(10, 12), before, on=22, statuses=ENTERED).due.since
    assert "not improving since 15 January 2026" in asked
    late = rated(10, 12, recorded_at="2026-01-25T02:00:00+00:00")  # the 24th there
    waiting = decided(HONOLULU, rated(0, 20), late, decision(12), on=22, statuses=ENTERED)
    assert (waiting.due.by, waiting.due.since[0]) == (day(19 + 14), "not improving since 15 January 2026")
    answered = decided(HONOLULU, rated(0, 20), late, decision(19), on=24, statuses=ENTERED)
    assert all("not improving" not in words for words in answered.due.since)


def ruled(*events, on, rules=(), hold_weeks=None, **moved):
    """Where decisions stand by other numbers than those shipped."""
    own = CATALOG.decisions
    numbers = {name: getattr(own, name).model_copy(update={"value": value}) for name, value in moved.items() if name != "hold"}
    if "hold" in moved:
        within = {**own.after_finding, "hold": own.after_finding["hold"].model_copy(update={"value": moved["hold"]})}
        numbers["after_finding"] = within
    change = {"decisions": own.model_copy(update=numbers)}
    if hold_weeks is not None:
        weeks = CATALOG.verdict.hold_max_weeks.model_copy(update={"value": hold_weeks})
        change["verdict"] = CATALOG.verdict.model_copy(update={"hold_max_weeks": weeks})
    catalog, known = CATALOG.model_copy(update=change), record(PLAN, *events)
    cut, seen = known.until(day(on)), review(known, CATALOG, day(on)).verdict
    return catalog, decisions(cut, current_episode(cut, catalog), None, seen, rules, catalog, day(on))


def test_a_hold_has_a_limit_of_its_own():
    hold = decision(10, **HOLD, **AGREED)
    catalog, found = ruled(hold, on=20, hold_weeks=6.0)
    assert [farthest_weeks(catalog, kind) for kind in ("hold_by_agreement", "continue", "titrate")] == [6.0, 12.0, 12.0]
    assert found.held_until == day(10 + 42)
    _, void = ruled(hold, on=20, hold_weeks=6.0, rules=(finding("hold", 15),))
    assert void.due.since[-1] == "the decision of 15 January 2026"


def test_a_finding_is_answered_within_its_days_and_a_decision_overdue_after_its_own():
    for on, overdue in ((10, False), (11, True)):
        _, found = ruled(decision(5), on=on, rules=(finding("hold", 6),), hold=2.0, overdue_after_days=2.0)
        assert (found.due.by, found.due.overdue) == (day(8), overdue)


def test_a_decision_of_the_day_before_the_episode_there_is_of_an_earlier_one():
    episode = {"kind": "episode", "at": day(50).isoformat()}
    made = {**decision(50), "at": f"{day(50).isoformat()}T02:00:00+00:00"}
    assert decided(HONOLULU, made, episode, on=60).last is None
    assert decided(made, episode, on=60).last is not None


def test_a_decision_of_the_same_instant_knew_it():
    rating = {**rated(10, 12), "at": "2026-01-15T14:00:00+00:00"}
    for clock, asked in (("13:59:59", True), ("14:00:00", False)):
        made = {**decision(10), "at": f"2026-01-15T{clock}+00:00"}
        found = decided(rated(0, 20), rating, made, on=11, statuses=ENTERED)
        assert ("not improving since 15 January 2026" in found.due.since) is asked


def test_a_loss_of_ground_that_became_known_after_the_hold_ends_it():
    steps = {5: "holding_above_remission", 9: "losing_ground", 20: "holding_above_remission"}
    for recorded_at, why in (("2026-01-14T09:00:00+00:00", None), ("2026-01-17T09:00:00+00:00", "losing ground on 14 January 2026")):
        rating = rated(9, 15, recorded_at=recorded_at)
        found = decided(rated(0, 20), rating, decision(10, **HOLD, **AGREED), on=30, statuses=steps)
        assert found.hold_void == why


def test_of_a_date_and_a_clock_time_of_one_day_the_clock_time_is_the_later_by_the_patients_days():
    """One in the morning of the 15th in Tokyo is the 14th in Greenwich."""
    tokyo = {"kind": "person", "at": "1960", "zone": "Asia/Tokyo"}
    timed = {**rated(10, 13), "at": "2026-01-15T01:00:00+09:00"}
    made = {**decision(10), "at": "2026-01-15T00:30:00+09:00"}
    for pair in ((rated(10, 12), timed), (timed, rated(10, 12))):
        found = decided(tokyo, rated(0, 20), *pair, made, on=22, statuses=ENTERED)
        assert any("not improving" in words for words in found.due.since)
