"""What falls due, and when: agreements, ratings, answers, decisions, domains never measured."""

from datetime import date, timedelta

import pytest

from euthymia.due import DueItem
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import review

CATALOG = load_catalog()
START = date(2026, 1, 5)
TARGET = {"kind": "target", "at": "2026-01-05", "definition": "acnp_2006"}
PLAN = {"kind": "plan", "at": "2026-01-05", "protocol": "oral_antidepressant"}  # ratings every 14 days, decisions every four weeks


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def rated(at: int, total: float = 14) -> dict[str, object]:
    return {"kind": "assessment", "at": day(at), "instrument": "phq9", "total": total}


def due(*events: dict[str, object], on: int = 0) -> dict[str, DueItem]:
    numbered = [{"id": f"e{position:02}", **e} for position, e in enumerate(events)]
    found = review(PatientRecord.model_validate({"patient_id": "p", "events": numbered}), CATALOG, START + timedelta(days=on)).due
    return {item.id: item for item in found}


def when(item: DueItem | None) -> tuple[int, bool] | None:
    return None if item is None else ((item.by - START).days, item.overdue)


def test_agree_what_success_is_comes_first():
    assert list(due(rated(0)))[:3] == ["target", "plan", "suicidality"]
    assert not {"target", "plan"} & set(due(TARGET, PLAN, rated(0)))


def test_suicidal_thoughts_are_asked_about_unless_just_denied():
    answers = {"kind": "assessment", "at": day(0), "instrument": "phq9"}
    assert due()["suicidality"].what == "ask about suicidal thoughts"
    assert due({**answers, "answers": [1] * 9})["suicidality"].what == "see the patient's answer on suicidal thoughts"
    assert "suicidality" not in due({**answers, "answers": [1] * 8 + [0]})


@pytest.mark.parametrize(("on", "expected"), [(20, None), (21, (28, False)), (28, (28, False)), (29, (28, True))])
def test_the_next_rating_a_week_ahead_and_then_late(on, expected):
    assert when(due(TARGET, PLAN, rated(0), rated(14), on=on).get("rating")) == expected


def test_without_any_rating_one_is_due_now_and_where_nothing_can_be_told_the_next_is_named():
    assert when(due(PLAN)["rating"]) == (0, True)
    assert due(PLAN)["rating"].what == "rate with a depression scale"
    assert when(due(PLAN, rated(0), on=1)["rating"]) == (14, False)


@pytest.mark.parametrize(("outcome", "there"), [("open", True), ("answered", False), ("missed", False), ("excused", False)])
def test_an_open_request_is_awaited(outcome, there):
    found = due({"kind": "request", "id": "r", "at": day(0), "instrument": "phq9", "outcome": outcome}, on=1)
    assert ("request_r" in found) is there
    if there:
        assert when(found["request_r"]) == (0, True)


@pytest.mark.parametrize(("on", "expected"), [(20, None), (21, (28, False)), (28, (28, False)), (29, (28, True))])
def test_a_decision_every_four_weeks_from_the_plan(on, expected):
    assert when(due(PLAN, rated(0), on=on).get("decision")) == expected


def test_the_day_agreed_for_it_goes_before_the_rhythm():
    assert when(due({**PLAN, "next_decision": day(40)}, rated(0), on=41)["decision"]) == (40, True)


@pytest.mark.parametrize(("next_decision", "expected"), [(None, 28), (day(30), 30)])
def test_the_next_after_a_decision(next_decision, expected):
    """The day agreed; without one, the protocol's own point at week 4, for which a decision at day 20 came too early."""
    decision = {"kind": "decision", "at": day(20), "disposition": "continue", "reason": "better", "next_decision": next_decision}
    assert when(due(PLAN, rated(0), decision, on=60)["decision"]) == (expected, True)


@pytest.mark.parametrize(("review_on", "expected"), [(60, 60), (84, 84), (85, 84), (300, 84)])
def test_a_hold_by_agreement_is_reviewed_within_twelve_weeks(review_on, expected):
    hold = {"disposition": "hold_by_agreement", "patient_reason": "the exams", "next_decision": day(review_on)}
    found = due(PLAN, rated(0), {"kind": "decision", "at": day(0), **hold}, on=200)["decision"]
    assert (found.what, when(found)) == ("review the hold by agreement", (expected, True))


def test_without_a_plan_the_rhythm_starts_with_the_treatment_or_the_index():
    assert when(due(rated(0), {"kind": "medication", "at": day(3), "drug": "sertraline"}, on=40)["decision"]) == (31, True)
    assert when(due(rated(0), on=40)["decision"]) == (28, True)
    assert "decision" not in due(on=40)


def test_domains_never_measured_are_due_but_goals_and_symptoms_have_their_own_line():
    measured = {"kind": "assessment", "at": day(0), "instrument": "who5", "total": 40}
    assert {item for item in due() if item.startswith("measure_")} == {"measure_function", "measure_quality_of_life", "measure_burden"}
    assert "measure_quality_of_life" not in due(measured)
