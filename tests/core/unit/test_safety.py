"""Safety facts: silence, age and a blanked answer are never "safe"."""

from datetime import date, timedelta

import pytest

from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import review
from euthymia.safety import Safety

CATALOG = load_catalog()
START = date(2026, 1, 5)
NONE = [0, 0, None, None, None, 0, None]


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def phq9(at: int | str, item_9: float | None, others: float | None = 1, **more: object) -> dict[str, object]:
    when = at if isinstance(at, str) else day(at)
    return {"kind": "assessment", "at": when, "instrument": "phq9", "answers": [others] * 8 + [item_9], **more}


def answered(instrument: str, at: int, answers: list[float | None]) -> dict[str, object]:
    return {"kind": "assessment", "at": day(at), "instrument": instrument, "answers": answers}


def total(instrument: str, at: int, stated: float) -> dict[str, object]:
    return {"kind": "assessment", "at": day(at), "instrument": instrument, "total": stated}


def safe(*events: dict[str, object], on: int = 0) -> Safety:
    numbered = [{"id": f"e{position:02}", **e} for position, e in enumerate(events)]
    return review(PatientRecord.model_validate({"patient_id": "p", "events": numbered}), CATALOG, START + timedelta(days=on)).safety


def states(found: Safety) -> dict[str, str]:
    return {finding.id: finding.state for finding in found.findings}


class TestSuicidality:
    def test_silence_is_not_safe(self):
        found = safe()
        assert (found.suicidality, found.line, found.last_answer_day) == (
            "cannot_tell",
            "no item-level answer on suicidal thoughts; ask",
            None,
        )
        assert safe(total("phq9", 0, 3)).line == found.line

    @pytest.mark.parametrize(("answer", "state"), [(0, "negative"), (1, "positive")])
    def test_item_9_of_the_phq9(self, answer, state):
        assert safe(phq9(0, answer)).suicidality == state

    @pytest.mark.parametrize(("answer", "state"), [(2, "negative"), (3, "positive")])
    def test_item_10_of_the_madrs(self, answer, state):
        assert safe(answered("madrs", 0, [1] * 9 + [answer])).suicidality == state

    def test_the_worst_answer_of_the_day_counts(self):
        found = safe(phq9(0, 2), answered("cssrs_screener", 0, NONE))
        assert (found.suicidality, found.line) == ("positive", "PHQ-9 item 9: 2 on 5 January 2026, positive")

    def test_a_later_day_on_which_it_was_denied_holds(self):
        assert safe(phq9(0, 2), phq9(7, 0), on=7).suicidality == "negative"

    @pytest.mark.parametrize(("age", "state"), [(28, "negative"), (29, "cannot_tell")])
    def test_an_old_denial_is_not_known_any_more(self, age, state):
        assert safe(phq9(0, 0), on=age).suicidality == state

    def test_an_old_positive_answer_stays_and_says_its_age(self):
        assert safe(phq9(0, 1), on=29).line == "PHQ-9 item 9: 1 on 5 January 2026, positive; 29 days old, ask again"

    def test_an_unanswered_item_is_a_question(self):
        found = safe(phq9(0, 0), phq9(7, None), on=7)
        assert found.suicidality == "cannot_tell"
        assert found.line == "PHQ-9 item 9 not answered on 12 January 2026; ask (last: PHQ-9 item 9: 0 on 5 January 2026)"

    def test_on_one_day_a_denial_elsewhere_does_not_answer_it(self):
        assert safe(phq9(0, None), answered("cssrs_screener", 0, NONE)).suicidality == "cannot_tell"

    def test_a_positive_answer_of_a_questionnaire_too_incomplete_to_score_counts(self):
        assert safe(phq9(0, 2, others=None)).suicidality == "positive"

    def test_a_total_alone_since_the_last_answer_leaves_it_open(self):
        found = safe(phq9(0, 0), total("phq9", 7, 4), on=7)
        assert (found.suicidality, found.line.split(";")[0]) == ("cannot_tell", "PHQ-9 item 9 not known on 12 January 2026")
        assert safe(phq9(0, 0), total("madrs", 0, 8)).suicidality == "negative"
        assert safe(phq9(0, 0), total("who5", 7, 40), on=7).suicidality == "negative"

    def test_questions_that_were_not_due_are_no_silence(self):
        assert safe(answered("cssrs_screener", 0, NONE)).suicidality == "negative"

    def test_a_yes_counts_even_where_the_question_was_not_due(self):
        assert safe(answered("cssrs_screener", 0, [0, 0, None, 1, None, 0, None])).suicidality == "positive"

    def test_a_new_episode_does_not_make_it_unsaid(self):
        onset = {"kind": "episode", "at": day(1)}
        assert safe(phq9(0, 2), onset, on=2).suicidality == "positive"
        assert safe(phq9(0, 0), onset, on=2).suicidality == "negative"

    def test_an_answer_without_a_day_may_be_the_later_one(self):
        found = safe(phq9(0, 0), phq9("2026-01", 2), on=7)
        assert (found.suicidality, found.line) == ("cannot_tell", "PHQ-9 item 9 was 2 in 2026-01, its day is not known; ask")
        assert safe(phq9(0, 0), phq9("2025", 2), on=7).suicidality == "negative"
        assert safe(phq9(0, 1), phq9("2026-01", 2), on=7).suicidality == "positive"
        assert safe(phq9("2026-01", 0), {**phq9("2026", 2), "instrument": "gone"}, on=7).line.startswith("no item-level answer")


class TestTriage:
    @pytest.mark.parametrize(
        ("answers", "state", "words"),
        [
            (NONE, "negative", "none"),
            ([1, 0, None, None, None, 0, None], "positive", "low"),
            ([0, 1, 0, 1, 0, 0, None], "positive", "high"),
            ([1, None, None, None, None, 0, None], "positive", "at least low; not answered: item 4, 5, 3"),
            ([0, None, None, None, None, 0, None], "cannot_tell", "not every question was answered; ask"),
        ],
    )
    def test_the_tier_of_the_last_day(self, answers, state, words):
        (finding,) = [f for f in safe(answered("cssrs_screener", 0, answers)).findings if f.id == "triage_cssrs_screener"]
        assert (finding.state, finding.sentence) == (state, f"C-SSRS screener 5 January 2026: {words}")

    def test_the_worst_of_the_day(self):
        found = safe(answered("cssrs_screener", 0, [1, 1, 1, 0, 0, 0, None]), answered("cssrs_screener", 0, NONE))
        assert states(found)["triage_cssrs_screener"] == "positive"
        half = safe(answered("cssrs_screener", 0, [0, None, None, None, None, 0, None]), answered("cssrs_screener", 0, NONE))
        assert states(half)["triage_cssrs_screener"] == "cannot_tell"

    @pytest.mark.parametrize(("age", "state"), [(28, "negative"), (29, "cannot_tell")])
    def test_none_grows_old(self, age, state):
        assert states(safe(answered("cssrs_screener", 0, NONE), on=age))["triage_cssrs_screener"] == state


class TestMania:
    @pytest.mark.parametrize(("score", "state"), [(5, None), (6, "positive")])
    def test_the_cut_off(self, score, state):
        assert states(safe(answered("asrm", 0, [4, score - 4, 0, 0, 0]))).get("mania_screen") == state

    def test_an_incomplete_screen_is_a_question_and_does_not_hide_the_one_before(self):
        found = safe(answered("asrm", 0, [4, 4, 0, 0, 0]), answered("asrm", 7, [4, 4, 0, 0, None]), on=7)
        assert states(found)["mania_screen"] == "cannot_tell"

    def test_it_stays_with_its_age_and_across_episodes(self):
        found = safe(answered("asrm", 0, [4, 4, 0, 0, 0]), {"kind": "episode", "at": day(1)}, on=29)
        (finding,) = [f for f in found.findings if f.id == "mania_screen"]
        assert finding.state == "positive"
        assert finding.sentence.endswith("(29 days old)")


class TestRecorded:
    @pytest.mark.parametrize("kind", ["attempt", "hospitalisation"])
    @pytest.mark.parametrize(("age", "state"), [(90, "positive"), (91, "cannot_tell")])
    def test_an_incident_is_a_finding_and_then_a_question_and_never_nothing(self, kind, age, state):
        assert states(safe({"kind": "incident", "at": day(0), "incident": kind}, on=age))["incident_e00"] == state

    def test_an_adverse_event_is_none(self):
        assert list(states(safe({"kind": "incident", "at": day(0), "incident": "adverse_event"}))) == ["suicidality"]

    def test_one_of_which_only_the_year_is_known_is_as_late_as_it_can_have_been(self):
        (finding,) = [f for f in safe({"kind": "incident", "at": "2025", "incident": "attempt"}, on=60).findings if f.id == "incident_e00"]
        assert (finding.state, finding.sentence) == ("positive", "suicide attempt in 2025")

    @pytest.mark.parametrize(("settled", "there"), [(None, True), (day(10), True), (day(7), False), ("2026", True), ("2025", False)])
    def test_a_concern_stays_until_it_is_surely_settled(self, settled, there):
        found = safe({"kind": "concern", "at": day(0), "concern": "gave things away", "about": "suicidality", "settled": settled}, on=7)
        assert ("concern_e00" in states(found)) is there

    def test_the_worst_is_first(self):
        found = safe(phq9(0, 0), answered("asrm", 0, [4, 4, 0, 0, 0]), {"kind": "incident", "at": "2020", "incident": "attempt"})
        assert [f.state for f in found.findings] == ["positive", "cannot_tell", "negative"]


class TestStanding:
    """A positive answer stands until the same question has taken it back, outside the days after a dose."""

    def test_another_instrument_takes_nothing_back(self):
        found = safe(answered("madrs", 0, [1] * 9 + [6]), phq9(1, 0), on=2)
        assert found.suicidality == "positive"
        assert found.line == "MADRS item 10: 6 on 5 January 2026, positive; PHQ-9 item 9: 0 on 6 January 2026"

    @pytest.mark.parametrize(("phase", "state"), [("after_dose", "positive"), ("before_session", "negative"), (None, "negative")])
    def test_the_days_after_a_dose_take_nothing_back(self, phase, state):
        assert safe(phq9(0, 3), phq9(1, 0, phase=phase), on=2).suicidality == state

    def test_the_same_question_takes_it_back_and_the_line_remembers(self):
        found = safe(phq9(0, 2), phq9(7, 0), on=8)
        assert (found.suicidality, found.line) == ("negative", "PHQ-9 item 9: 0 on 12 January 2026 (PHQ-9 item 9: 2 on 5 January 2026)")

    @pytest.mark.parametrize(("age", "state"), [(28, "positive"), (29, "negative")])
    def test_it_stands_as_long_as_an_answer_is_known(self, age, state):
        assert safe(answered("madrs", 0, [1] * 9 + [6]), phq9(age, 0), on=age).suicidality == state

    def test_an_open_item_after_a_positive_one_is_said(self):
        assert safe(phq9(0, 1), phq9(7, None), on=8).line.endswith("positive; PHQ-9 item 9 not answered on 12 January 2026")


class TestBesideTheName:
    def test_an_attempt_or_a_triage_is_worse_than_a_zero(self):
        attempt = {"kind": "incident", "at": day(1), "incident": "attempt"}
        assert safe(phq9(2, 0), attempt, on=3).line == "suicide attempt on 6 January 2026"
        high = answered("cssrs_screener", 1, [0, 0, None, None, None, 1, 1])
        assert safe(phq9(2, 0), high, on=3).suicidality == "positive"

    def test_what_other_words_say(self):
        event = {"kind": "incident", "at": day(1), "incident": "adverse_event", "description": "Suicide attempt by overdose"}
        assert safe(phq9(2, 0), event, on=3).suicidality == "positive"
        nausea = {**event, "description": "nausea"}
        assert safe(phq9(2, 0), nausea, on=3).suicidality == "negative"

    @pytest.mark.parametrize(("status", "state"), [("active", "positive"), ("unknown", "positive"), ("resolved", "negative")])
    def test_a_diagnosis_of_suicidality(self, status, state):
        condition = {"kind": "condition", "at": day(1), "condition": "Suicidal thoughts", "clinical_status": status}
        assert safe(phq9(2, 0), condition, on=3).suicidality == state


class TestOpen:
    """What was left out is asked, as a positive answer in its place would stand: another instrument's zero does not answer it."""

    @pytest.mark.parametrize(("answer", "state"), [(1, "positive"), (None, "cannot_tell"), (0, "negative")])
    def test_another_instrument_answers_nothing(self, answer, state):
        qids = answered("qids_sr16", 0, [0] * 11 + [answer] + [0] * 4)
        assert safe(qids, phq9(20, 0), on=20).suicidality == state

    @pytest.mark.parametrize(("phase", "state"), [("after_dose", "cannot_tell"), ("before_session", "negative")])
    def test_the_same_question_answers_it_outside_the_days_after_a_dose(self, phase, state):
        assert safe(phq9(0, None), phq9(1, 0, phase=phase), on=2).suicidality == state

    @pytest.mark.parametrize(("age", "state"), [(28, "cannot_tell"), (29, "negative")])
    def test_as_long_as_an_answer_would_be_known(self, age, state):
        qids = answered("qids_sr16", 0, [0] * 11 + [None] + [0] * 4)
        assert safe(qids, phq9(age, 0), on=age).suicidality == state
