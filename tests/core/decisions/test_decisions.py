"""Which decision is due and since what, the row of "continue", and when a hold by agreement stands no longer."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia.check.decisions import decisions_file
from euthymia.decisions import decisions
from euthymia.due import due
from euthymia.episode import current_episode
from euthymia.events import Decision, Plan
from euthymia.knowledge_file import KNOWLEDGE
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.position import DecisionPoint
from euthymia.record import PatientRecord
from euthymia.reviewing import review
from euthymia.rules import CannotTell, FactUsed, Finding, NotApplicable
from euthymia.verdict import Step

CATALOG = load_catalog()
START = date(2026, 1, 5)
PLAN = {"kind": "plan", "at": "2026-01-05", "protocol": "as_so_far"}
HOLD = {"disposition": "hold_by_agreement", "patient_reason": "the exams", "offered": ("a change",)}


def day(offset: int) -> date:
    return START + timedelta(days=offset)


def moment(offset: int) -> Moment:
    return Moment.of(day(offset))


def rated(at: int, total: float, **more: object) -> dict[str, object]:
    return {"kind": "assessment", "at": day(at).isoformat(), "instrument": "phq9", "total": total, **more}


def decision(at: int, disposition: str = "continue", **more: object) -> dict[str, object]:
    reason = {"reason": "as agreed"} if disposition == "continue" else {}
    return {"kind": "decision", "at": day(at).isoformat(), "disposition": disposition, **reason, **more}


def record(*events: dict[str, object]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n:02}", **e} for n, e in enumerate(events)]})


def decided(*events: dict[str, object], on: int, statuses=None, rules=(), points=()):
    """Where decisions stand; `statuses`: instead of those of the verdict, the status entered on each day."""
    known = record(PLAN, *events)
    found = review(known, CATALOG, day(on))
    verdict = found.verdict
    if statuses is not None:
        steps = tuple(Step(day(at), status, day(at), "between", None) for at, status in statuses.items())
        verdict = replace(verdict, status=steps[-1].status, since=steps[-1].since, steps=steps)
    cut = known.until(day(on))
    position = type("Standing", (), {"decision_points": points}) if points else None
    return decisions(cut, current_episode(cut, CATALOG), position, verdict, rules, CATALOG, day(on))


def finding(severity: str, at: int | None) -> Finding:
    fact = FactUsed("cssrs", "yes", day(at) if at is not None else None, "record")
    return Finding("r", "suicidality", severity, f"{severity} found", (fact,), (), (), None, "design")


def test_every_case_beside_the_rules_holds_and_every_edge_has_one():
    report = decisions_file(CATALOG, (KNOWLEDGE,))
    assert report.failures == ()
    assert report.cases >= 36


@pytest.mark.parametrize("table", ["after_status", "after_finding"])
def test_a_moved_due_day_is_noticed_by_the_cases(table):
    rules = CATALOG.decisions
    for key, number in getattr(rules, table).items():
        moved = {**getattr(rules, table), key: number.model_copy(update={"value": number.value + 1})}
        changed = CATALOG.model_copy(update={"decisions": rules.model_copy(update={table: moved})})
        assert decisions_file(changed, (KNOWLEDGE,)).failures


@pytest.mark.parametrize("name", ["second_opinion_at", "second_opinion_days", "overdue_after_days", "next_max_weeks"])
def test_every_other_moved_number_is_noticed_by_the_cases(name):
    number = getattr(CATALOG.decisions, name)
    for by in (-1, 1):
        if number.value + by >= 0:
            moved = CATALOG.decisions.model_copy(update={name: number.model_copy(update={"value": number.value + by})})
            assert decisions_file(CATALOG.model_copy(update={"decisions": moved}), (KNOWLEDGE,)).failures


def test_the_verdict_asks_again_when_it_enters_a_plateau_after_the_last_decision():
    found = decided(decision(9, next_decision=day(60).isoformat()), on=24, statuses={0: "too_early", 10: "holding_above_remission"})
    assert (found.due.by, found.due.overdue) == (day(24), False)
    assert found.due.since == ("holding above remission since 15 January 2026", "the day agreed on 14 January 2026")
    assert found.findings == ()


def test_what_became_known_later_is_not_answered_by_a_decision_of_before():
    """The rating of day 10 was entered on day 20: the decision of day 12 could not know the plateau."""
    late = rated(10, 12, recorded_at="2026-01-25T09:00:00+00:00")
    answered = decided(rated(0, 20), rated(10, 12), decision(12), on=22, statuses={0: "too_early", 10: "not_improving"})
    unanswered = decided(rated(0, 20), late, decision(12), on=22, statuses={0: "too_early", 10: "not_improving"})
    assert all("not improving" not in words for words in answered.due.since)
    assert (unanswered.due.by, unanswered.due.since[0]) == (day(34), "not improving since 15 January 2026")
    assert (answered.continues_in_a_row, unanswered.continues_in_a_row) == (1, 0)


def test_on_one_day_the_clock_decides_where_both_have_one():
    rating = {**rated(10, 12), "at": "2026-01-15T14:00:00+00:00"}
    before, after = ({**decision(10), "at": f"2026-01-15T{hour}:00:00+00:00"} for hour in ("09", "15"))
    entered = {0: "too_early", 10: "not_improving"}
    assert "not improving since 15 January 2026" in decided(rated(0, 20), rating, before, on=11, statuses=entered).due.since
    assert "not improving since 15 January 2026" not in decided(rated(0, 20), rating, after, on=11, statuses=entered).due.since


@pytest.mark.parametrize("severity", ["emergency", "contraindicated", "hold", "escalate"])
def test_a_finding_newer_than_the_last_decision_asks_at_once(severity):
    assert decided(decision(5), on=6, rules=(finding(severity, 6),)).due.by == day(6)
    assert decided(decision(5), on=7, rules=(finding(severity, 6),)).findings[0].startswith("a decision is overdue since 11 January 2026")
    assert decided(decision(6), on=7, rules=(finding(severity, 6),)).due.by == day(34)


def test_a_finding_without_a_day_is_never_surely_answered():
    assert decided(decision(6), on=6, rules=(finding("hold", None),)).due.by == day(6)


def test_what_cannot_be_told_or_does_not_apply_asks_for_no_decision():
    others = (
        CannotTell("r", "suicidality", "escalate", "ask", ("C-SSRS",), (), "design"),
        NotApplicable("r", "pregnancy", "no potential"),
        finding("caution", 6),
    )
    assert decided(decision(5), on=6, rules=others).due.by == day(33)


def test_the_protocols_own_points_go_before_its_rhythm_and_a_decision_in_the_week_before_is_for_them():
    points = (DecisionPoint("end", "end of induction", day(25), reached=False), DecisionPoint("w8", "week 8", day(56), reached=False))
    assert decided(on=20, points=points).due.since == ("the protocol: end of induction",)
    assert decided(decision(17), on=20, points=points).due.by == day(25)
    assert decided(decision(18), on=20, points=points).due.by == day(56)
    assert decided(decision(60), on=61, points=points).due.by == day(88)


def test_a_day_agreed_stands_in_the_place_of_the_protocols_but_not_for_ever():
    points = (DecisionPoint("end", "end of induction", day(25), reached=False),)
    assert decided(decision(5, next_decision=day(40).isoformat()), on=20, points=points).due.by == day(40)
    assert decided(decision(5, next_decision=day(400).isoformat()), on=20, points=points).due.by == day(5 + 84)


def test_a_plan_made_after_the_decision_names_the_later_day():
    again = {**PLAN, "at": day(10).isoformat(), "next_decision": day(30).isoformat()}
    found = decided(decision(5, next_decision=day(40).isoformat()), again, on=20)
    assert (found.due.by, found.due.since) == (day(30), ("the day named in the plan",))


def test_the_third_continue_needs_more_than_a_reason():
    plateau = {0: "too_early", 5: "not_improving"}
    row = [decision(10), decision(20), decision(30)]
    needs = [len(decided(*row[:count], on=31, statuses=plateau).due.needs) for count in (0, 1, 2, 3)]
    assert needs == [1, 1, 2, 2]
    words = "3 times 'continue' in a row on a plateau, without a second opinion or a hold by agreement"
    assert words in decided(*row, on=31, statuses=plateau).findings
    assert decided(*row[:2], decision(30, second_opinion="Dr B, 1 February"), on=31, statuses=plateau).continues_in_a_row == 0


@given(st.lists(st.sampled_from(["continue", "measure_again", "titrate", "add", "refer"]), max_size=8))
def test_the_row_is_what_a_plain_count_gives(made):
    """A second route: the string of decisions from the end, without those that only measure again."""
    events = [decision(10 + place, disposition) for place, disposition in enumerate(made)]
    text = "".join("c" if d == "continue" else "x" for d in made if d != "measure_again")
    expected = len(text) - len(text.rstrip("c"))
    assert decided(*events, on=40, statuses={0: "not_improving"}).continues_in_a_row == expected


def test_a_hold_by_agreement_silences_the_rhythm_until_its_review():
    found = decided(decision(10, **HOLD, next_decision=day(80).isoformat()), on=60, statuses={5: "holding_above_remission"})
    assert (found.held_until, found.hold_void, found.due.by, found.due.overdue) == (day(80), None, day(80), False)
    assert found.due.what == "review the hold by agreement"
    assert found.findings == ()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"statuses": {5: "holding_above_remission", 30: "losing_ground"}}, "losing ground on 4 February 2026"),
        ({"statuses": {5: "holding_above_remission", 30: "losing_ground", 40: "remission"}}, "losing ground on 4 February 2026"),
        ({"statuses": {5: "losing_ground"}}, "losing ground on 15 January 2026"),
        ({"statuses": {5: "holding_above_remission"}, "rules": (finding("escalate", 30),)}, "escalate found"),
        ({"statuses": {5: "holding_above_remission"}, "on": 81}, "its review was due on 26 March 2026"),
    ],
)
def test_a_hold_is_void_on_loss_of_ground_a_safety_finding_or_when_its_day_has_passed(more, words):
    found = decided(decision(10, **HOLD, next_decision=day(80).isoformat()), **{"on": 60, **more})
    assert (found.hold_void, found.held_until) == (words, None)
    assert found.due.overdue or more.get("rules")
    assert any("does not stand" in line for line in found.findings)


def test_a_hold_that_does_not_say_what_was_offered_is_a_finding():
    bare = {key: value for key, value in HOLD.items() if key != "offered"}
    found = decided(decision(10, **bare, next_decision=day(80).isoformat()), on=20, statuses={5: "holding_above_remission"})
    assert found.findings == ("the hold by agreement of 15 January 2026 does not say what was offered",)


def test_nobody_decides_for_somebody_who_has_died():
    found = decided({"kind": "person", "at": "1960", "died": day(3).isoformat()}, decision(1), on=100)
    assert (found.due, found.findings) == (None, ())


def test_decisions_of_an_earlier_episode_do_not_count():
    episode = {"kind": "episode", "at": day(50).isoformat()}
    assert decided(decision(10), episode, on=60).last is None


def test_the_due_list_says_what_decisions_says_and_only_a_week_ahead():
    known = record(PLAN)
    for on, listed in ((20, False), (21, True), (40, True)):
        cut = known.until(day(on))
        episode, found = current_episode(cut, CATALOG), review(known, CATALOG, day(on))
        own = decisions(cut, episode, None, found.verdict, (), CATALOG, day(on))
        items = due(cut, episode, CATALOG, found.verdict, found.safety, found.domains, day(on), own)
        assert [(i.what, i.by, i.overdue) for i in items if i.id == "decision"] == (
            [(own.due.what, own.due.by, own.due.overdue)] if listed else []
        )


def test_what_the_author_had_before_them():
    """Known before a decision: what was recorded by then, a rating of the same day without a clock, no other decision of that day."""
    made = Decision(id="d", at=moment(10), recorded_at=Moment.of("2026-01-16T10:00:00+00:00"), disposition="titrate")
    events = [
        Plan(id="seen", at=moment(0)),
        Plan(id="same-day", at=Moment.of(day(11))),
        Plan(id="later-that-day", at=moment(10), recorded_at=Moment.of("2026-01-16T10:00:01+00:00")),
        Decision(id="other", at=Moment.of(day(11)), disposition="add"),
        Decision(id="earlier", at=moment(9), disposition="add"),
        made,
    ]
    known = PatientRecord(patient_id="p", events=events).known_before(made)
    assert [event.id for event in known.events] == ["seen", "earlier", "same-day"]


def test_where_everything_has_its_clock_known_before_is_known_at():
    at = Moment.of("2026-01-16T10:00:00+00:00")
    made = Decision(id="d", at=at, disposition="titrate")
    ratings = [{"id": f"a{n}", **rated(0, 20 - n), "at": f"2026-01-{5 + n:02}T08:00:00+00:00"} for n in range(15)]
    known = PatientRecord.model_validate({"patient_id": "p", "events": [*ratings, made.model_dump()]})
    assert known.known_before(made) == known.known_at(at.instant - timedelta(microseconds=1))
    assert isinstance(at.instant, datetime)
