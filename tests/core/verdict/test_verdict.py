"""The status table of VERDICT.md: every row with cases on both sides, and the memory of the fold."""

from datetime import date, timedelta

import pytest

from euthymia.heading import Chance
from euthymia.loading import load_catalog
from euthymia.rating_days import best_medians, rating_days
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, review
from euthymia.verdict import _lean

CATALOG = load_catalog()
START = date(2026, 1, 5)
PLATEAU = [21, 15, 13, 11, 11, 9, 8, 7, 10, 11, 9, 6, 7, 11, 9, 6, 9, 8]
WELL = [20, 12, 8, 5, 4, 3, 4, 3]


def day(offset: float) -> str:
    return (START + timedelta(days=offset)).isoformat()


def phq9(offset: float, total: float | None = None, answers: list[float | None] | None = None, **more: object) -> dict[str, object]:
    event = {"kind": "assessment", "id": f"phq9-{offset}-{total}", "at": day(offset), "instrument": "phq9", "total": total, **more}
    return {**event, "answers": answers} if answers is not None else event


def weekly(totals: list[float], **more: object) -> list[dict[str, object]]:
    return [phq9(7 * week, total, **more) for week, total in enumerate(totals)]


def items(total: int, core: int = 0, suicidality: int = 0) -> list[float | None]:
    """Answers that add up to `total`, with the core items and item 9 as given."""
    answers: list[float | None] = [core, 0, 0, 0, 0, 0, 0, 0, suicidality]
    left = total - core - suicidality
    for position in range(2, 8):
        answers[position] = min(3, left)
        left -= min(3, left)
    return answers


def reviewed(events: list[dict[str, object]], on: float | None = None) -> Review:
    record = PatientRecord.model_validate({"patient_id": "p", "events": events})
    last = record.last_day() or START
    return review(record, CATALOG, START + timedelta(days=on) if on is not None else last)


def status(events: list[dict[str, object]], on: float | None = None) -> str:
    return reviewed(events, on).verdict.status


PLAN = {"kind": "plan", "id": "plan", "at": day(0), "protocol": "oral_antidepressant"}


class TestCannotTell:
    def test_without_any_rating(self) -> None:
        found = reviewed([PLAN], on=3).verdict
        assert (found.status, found.missing) == ("cannot_tell", "no rating of an instrument that can carry a verdict")
        assert found.would_settle == "a rating now"

    def test_with_the_index_alone(self) -> None:
        assert reviewed([phq9(0, 20)]).verdict.missing == "no counted rating after the index"

    @pytest.mark.parametrize(("interval", "age", "expected"), [(7, 14, "told"), (7, 15, "stale"), (14, 21, "told"), (14, 22, "stale")])
    def test_a_rating_is_good_for_14_days_or_one_and_a_half_intervals(self, interval: int, age: int, expected: str) -> None:
        plan = {**PLAN, "rating_interval_days": interval}
        found = reviewed([plan, *weekly(PLATEAU)], on=7 * 17 + age).verdict
        assert (found.status == "cannot_tell") == (expected == "stale")

    @pytest.mark.parametrize(("every", "good"), [(7, 14), (14, 21), (28, 42), (60, 42)])
    def test_without_a_plan_the_interval_is_the_usual_one(self, every: int, good: int) -> None:
        ratings = [phq9(every * i, 12) for i in range(5)]
        assert status(ratings, on=every * 4 + good) != "cannot_tell"
        assert status(ratings, on=every * 4 + good + 1) == "cannot_tell"

    def test_says_since_when_the_last_rating_was_too_old(self) -> None:
        found = reviewed([{**PLAN, "rating_interval_days": 7}, *weekly(PLATEAU)], on=7 * 17 + 24).verdict
        assert found.missing == "no rating for 24 days (a rating is good for 14)"
        assert found.since == START + timedelta(days=7 * 17 + 14)
        assert found.probability is None  # what was forecast then is not known to hold now

    @pytest.mark.parametrize(
        ("outcomes", "expected"),
        [
            (["missed", "missed"], True),
            (["missed"], False),
            (["missed", "answered"], False),
            (["missed", "excused", "missed"], True),
            (["answered", "missed", "missed"], True),
            (["missed", "open"], False),
        ],
    )
    def test_two_requests_missed_in_a_row(self, outcomes: list[str], expected: bool) -> None:
        asked = [
            {"kind": "request", "id": f"r{i}", "at": day(7 * 17 + 2 + 2 * i), "instrument": "phq9", "outcome": outcome}
            for i, outcome in enumerate(outcomes)
        ]
        assert (status([*weekly(PLATEAU), *asked], on=7 * 17 + 9) == "cannot_tell") is expected

    def test_requests_missed_before_the_last_rating_or_of_another_instrument_do_not_count(self) -> None:
        missed = [{"kind": "request", "id": f"r{i}", "at": day(100 + i), "instrument": "phq9", "outcome": "missed"} for i in range(2)]
        other = [{"kind": "request", "id": f"o{i}", "at": day(121 + i), "instrument": "wsas", "outcome": "missed"} for i in range(2)]
        assert status([*weekly(PLATEAU), *missed, *other], on=125) != "cannot_tell"

    def test_a_stated_primary_instrument_without_a_remission_cut(self) -> None:
        episode = {"kind": "episode", "id": "e", "at": day(0), "primary_instrument": "wsas"}
        wsas = [{"kind": "assessment", "id": f"w{i}", "at": day(7 * i), "instrument": "wsas", "total": 20} for i in range(3)]
        assert reviewed([episode, *wsas]).verdict.missing == "no definition of remission has a cut for WSAS"

    def test_asks_for_a_rating_before_the_next_session(self) -> None:
        session = {"kind": "dose_session", "id": "s", "at": day(7 * 17), "treatment": "esketamine"}
        assert reviewed([session, *weekly(PLATEAU)], on=200).verdict.would_settle == "a rating now, before the next session"

    def test_when_every_rating_was_taken_in_the_days_after_a_dose(self) -> None:
        after = [phq9(7 * i, 9, phase="after_dose") for i in range(3)]
        assert reviewed(after).verdict.missing == "no counted rating: each was taken in the days after a dose"


class TestLosingGround:
    def test_two_ratings_in_a_row_six_above_the_best_four_weeks(self) -> None:
        found = reviewed(weekly([*PLATEAU, 14, 14])).verdict
        assert found.status == "losing_ground"
        assert found.warning == "two ratings in a row 6 or more above the best four weeks (median 8)"

    @pytest.mark.parametrize("last", [[14], [14, 13], [13, 14], [14, 13, 14]])
    def test_one_rating_or_a_smaller_rise_is_not(self, last: list[float]) -> None:
        assert status(weekly([*PLATEAU, *last])) != "losing_ground"

    @pytest.mark.parametrize(
        ("kind", "offset", "expected"),
        [("attempt", 120, True), ("hospitalisation", 98, True), ("hospitalisation", 97, False), ("adverse_event", 120, False)],
    )
    def test_one_risen_rating_and_an_incident_of_the_last_four_weeks(self, kind: str, offset: int, expected: bool) -> None:
        incident = {"kind": "incident", "id": "i", "at": day(offset), "incident": kind}
        assert (status([*weekly([*PLATEAU, 14]), incident]) == "losing_ground") is expected

    def test_an_incident_alone_is_not_a_lost_ground_but_a_safety_finding(self) -> None:
        incident = {"kind": "incident", "id": "i", "at": day(118), "incident": "attempt"}
        found = reviewed([*weekly(PLATEAU), incident])
        assert found.verdict.status != "losing_ground"
        assert any(f.state == "positive" and "attempt" in f.sentence for f in found.safety.findings)

    def test_below_the_cut_but_rising_is_remission_with_a_warning(self) -> None:
        madrs = [30, 20, 8, 0, 0, 0, 0, 10, 10]
        events = [{"kind": "assessment", "id": f"m{i}", "at": day(7 * i), "instrument": "madrs", "total": t} for i, t in enumerate(madrs)]
        found = reviewed(events).verdict
        assert found.status == "remission"
        assert found.warning == "two ratings in a row 10 or more above the best four weeks (median 0)"

    def test_an_instrument_without_a_within_person_change_never_loses_ground(self) -> None:
        instruments = {**CATALOG.instruments, "phq9": CATALOG.instruments["phq9"].model_copy(update={"changes": ()})}
        without = CATALOG.model_copy(update={"instruments": instruments})
        record = PatientRecord.model_validate({"patient_id": "p", "events": weekly([*PLATEAU, 20, 20])})
        found = review(record, without, record.last_day() or START).verdict
        assert found.status != "losing_ground"
        assert found.arrived is None

    def test_the_best_four_weeks_are_a_median_that_ends_on_a_rating_day(self) -> None:
        days = rating_days(reviewed(weekly([20, 4, 18, 6, 16])).episode)
        assert best_medians((START, 20.0), days, 28) == (20.0, 12.0, 12.0, 12.0, 11.0)
        assert best_medians((START, 20.0), days, 7) == (20.0, 4.0, 4.0, 4.0, 4.0)


class TestRemission:
    @pytest.mark.parametrize(("last", "expected"), [(4, "remission"), (5, "other")])
    def test_both_sides_of_the_cut(self, last: float, expected: str) -> None:
        assert (status(weekly([20, 12, 8, last])) == "remission") == (expected == "remission")

    def test_is_confirmed_only_with_its_duration(self) -> None:
        assert reviewed(weekly([20, 12, 8, 5, 4, 3, 4])).verdict.confirmed is False
        assert reviewed(weekly([20, 12, 8, 5, 4, 3, 4, 3])).verdict.confirmed is True

    def test_by_total_only_where_items_are_not_known(self) -> None:
        by_total = reviewed(weekly(WELL))
        assert by_total.verdict.by_total_only
        assert "by total, items not known" in by_total.answer.sentence
        assert by_total.safety.line == "no item-level answer on suicidal thoughts; ask"
        with_items = [phq9(7 * i, None, items(int(t))) for i, t in enumerate(WELL)]
        assert not reviewed(with_items).verdict.by_total_only

    def test_one_excess_does_not_end_it_and_two_do(self) -> None:
        one = reviewed(weekly([*WELL, 8])).verdict
        assert (one.status, one.warning) == ("remission", "one rating above the line: 8")
        assert one.since == START + timedelta(days=28)
        assert status(weekly([*WELL, 8, 8])) != "remission"
        assert status(weekly([*WELL, 8, 3])) == "remission"

    def test_a_single_rating_in_the_range_is_not_a_remission_that_an_excess_could_spare(self) -> None:
        assert status(weekly([20, 12, 8, 4, 8])) != "remission"
        assert status(weekly([20, 12, 8, 4, 4, 8])) == "remission"

    @pytest.mark.parametrize(("excess", "expected"), [(9, True), (10, False)])
    def test_an_excess_of_a_within_person_change_ends_it_at_once(self, excess: float, expected: bool) -> None:
        assert (status(weekly([*WELL, 4, 4, 4, 4, excess])) == "remission") is expected

    def test_the_worst_rating_of_a_day_counts(self) -> None:
        twice = [*weekly(WELL), phq9(49, 9, at=f"{day(49)}T18:00:00Z", id="evening")]
        found = reviewed(twice)
        assert found.verdict.steps[-1].excess


class TestVetoes:
    """Below the cut, with one veto: never remission, and the sentence says why."""

    @staticmethod
    def well(*more: dict[str, object], **last: int) -> list[dict[str, object]]:
        ratings = [phq9(7 * i, None, items(int(t))) for i, t in enumerate(WELL[:-1])]
        return [*ratings, phq9(49, None, items(3, **last)), *more]

    def test_nothing_stands_in_the_way(self) -> None:
        assert status(self.well()) == "remission"

    @pytest.mark.parametrize(("answer", "vetoed"), [(0, False), (1, True)])
    def test_item_9(self, answer: int, vetoed: bool) -> None:
        found = reviewed(self.well(suicidality=answer))
        assert (found.verdict.status != "remission") is vetoed
        if vetoed:
            assert found.answer.sentence.startswith(
                "The score is in the remission range, but PHQ-9 item 9 (suicidality) was 1 on 23 February 2026."
            )

    @pytest.mark.parametrize(("answer", "vetoed"), [(1, False), (2, True)])
    def test_a_core_item(self, answer: int, vetoed: bool) -> None:
        assert (status(self.well(core=answer)) != "remission") is vetoed

    @pytest.mark.parametrize(("offset", "vetoed"), [(35, True), (34, False)])
    def test_another_instrument_within_14_days(self, offset: int, vetoed: bool) -> None:
        qids = {"kind": "assessment", "id": "q", "at": day(offset), "instrument": "qids_sr16", "answers": [0] * 11 + [1] + [0] * 4}
        assert (status(self.well(qids)) != "remission") is vetoed

    def test_an_answer_after_the_last_primary_rating(self) -> None:
        answers = [1, 1, 0, 0, 0, 0, 0]
        screen = {"kind": "assessment", "id": "c", "at": day(52), "instrument": "cssrs_screener", "answers": answers}
        found = reviewed(self.well(screen), on=53).verdict
        assert found.status != "remission"
        assert found.since == START + timedelta(days=52)
        assert reviewed(self.well(screen), on=55).verdict.since == found.since  # it does not move with the day
        assert status(self.well(screen), on=51) == "remission"

    def test_the_worst_of_the_day_counts(self) -> None:
        zero = {"kind": "assessment", "id": "q", "at": day(49), "instrument": "qids_sr16", "answers": [0] * 16}
        assert status(self.well(zero, suicidality=1)) != "remission"

    def test_a_positive_answer_of_an_incomplete_questionnaire(self) -> None:
        torn = phq9(45, None, [None, None, None, None, 0, 0, 0, 0, 2], id="torn")
        assert status(self.well(torn)) != "remission"

    @pytest.mark.parametrize(("total", "vetoed"), [(5, False), (6, True)])
    def test_a_mania_screen(self, total: int, vetoed: bool) -> None:
        asrm = {"kind": "assessment", "id": "a", "at": day(47), "instrument": "asrm", "total": total}
        assert (status(self.well(asrm)) != "remission") is vetoed

    def test_a_prorated_total(self) -> None:
        prorated = [None, 0, 1, 1, 0, 0, 0, 0, 0]
        found = reviewed([*self.well()[:-1], phq9(49, None, prorated)])
        assert found.verdict.status != "remission"
        assert "the total is prorated" in found.answer.sentence

    def test_a_domain_that_was_half_answered(self) -> None:
        """A QIDS with sleep items open is scored by the rest; it never establishes remission. Either-or pairs are not open."""
        sleep: list[float | None] = [0, None, None, None, 0, 0, None, None, 1, 0, 0, 0, 0, 0, 0, 0]
        pairs: list[float | None] = [0, 0, 0, 1, *sleep[4:]]
        ill: list[float | None] = [2] * 16
        for answers, expected in ((sleep, False), (pairs, True)):
            events = [
                {"kind": "assessment", "id": f"q{i}", "at": day(28 * i), "instrument": "qids_sr16", "answers": given}
                for i, given in enumerate([ill, answers])
            ]
            assert (status(events) == "remission") is expected

    def test_weeks_under_a_veto_do_not_confirm_a_remission(self) -> None:
        vetoed = [phq9(7 * i, None, items(3, suicidality=1)) for i in range(1, 7)]
        events = [phq9(0, 20), *vetoed, phq9(49, None, items(2))]
        later = reviewed(events, on=57).verdict
        assert (later.status, later.since, later.confirmed) == ("remission", START + timedelta(days=57), False)
        assert reviewed(events, on=60).verdict.since == later.since

    @pytest.mark.parametrize(("offset", "vetoed"), [(43, True), (42, False)])
    def test_an_attempt_within_14_days(self, offset: int, vetoed: bool) -> None:
        attempt = {"kind": "incident", "id": "i", "at": day(offset), "incident": "attempt"}
        found = reviewed(self.well(attempt), on=57)
        assert (found.verdict.status != "remission") is vetoed
        assert found.safety.suicidality == "positive"
        assert "suicidality" in {item.id for item in found.due}

    @pytest.mark.parametrize(("said", "vetoed"), [("Suicide attempt by overdose", True), ("nausea", False)])
    def test_an_attempt_that_comes_as_an_adverse_event(self, said: str, vetoed: bool) -> None:
        event = {"kind": "incident", "id": "i", "at": day(48), "incident": "adverse_event", "description": said}
        assert (status(self.well(event)) != "remission") is vetoed

    def test_an_answer_before_the_episode_within_14_days(self) -> None:
        before = phq9(-2, None, items(20, core=3, suicidality=3))
        episode = {"kind": "episode", "id": "e", "at": day(-1)}
        found = reviewed([before, episode, phq9(0, 20), phq9(7, None, items(3))])
        assert any("suicidality" in veto for veto in found.verdict.vetoes)

    def test_incomplete_totals_do_not_confirm_a_remission(self) -> None:
        prorated = [phq9(7 * i, None, [None, 0, 1, 1, 0, 0, 0, 0, 0]) for i in range(1, 6)]
        found = reviewed([phq9(0, 20), *prorated, phq9(42, 3)])
        assert found.outcomes.course is not None
        assert found.outcomes.course.state == "remission_candidate"

    def test_a_reversed_core_item_counts_the_right_way_round(self) -> None:
        cesd = CATALOG.instruments["cesd"]
        enjoyed = cesd.items[cesd.item_index["16"]]
        assert enjoyed.core
        assert (enjoyed.severity(3), enjoyed.severity(0)) == (0, 3)


class TestLean:
    """The thresholds of the one probability, with their memory."""

    @pytest.mark.parametrize(
        ("before", "p", "expected"),
        [
            ("between", 0.60, "moving"),
            ("between", 0.59, "between"),
            ("moving", 0.45, "moving"),
            ("moving", 0.44, "between"),
            ("between", 0.25, "low"),
            ("between", 0.26, "between"),
            ("low", 0.40, "low"),
            ("low", 0.41, "between"),
            ("low", 0.60, "moving"),
            ("moving", 0.25, "low"),
        ],
    )
    def test_enters_and_leaves_at_different_values(self, before: str, p: float, expected: str) -> None:
        assert _lean(CATALOG, Chance(START, START, p), before) == expected  # type: ignore[arg-type]

    def test_without_a_forecast_it_is_between(self) -> None:
        assert _lean(CATALOG, None, "low") == "between"


class TestTooEarly:
    @pytest.mark.parametrize(("weeks", "expected"), [(3, True), (4, False)])
    def test_before_the_weeks_of_the_phase(self, weeks: int, expected: bool) -> None:
        found = reviewed([PLAN, *weekly([26, 25, 26, 25, 26][: weeks + 1])]).verdict
        assert (found.status == "too_early") is expected
        if expected:
            assert found.missing == "3 of 4 weeks of acute treatment"
            assert found.would_settle == "a rating on or after 2 February 2026"
            assert found.settling

    @pytest.mark.parametrize(("sessions", "expected"), [(7, True), (8, False), (0, False)])
    def test_before_the_sessions_of_the_phase_where_sessions_are_recorded(self, sessions: int, expected: bool) -> None:
        plan = {**PLAN, "protocol": "esketamine_label"}
        given = [
            {"kind": "dose_session", "id": f"s{i}", "at": f"{day(3 * i)}T15:00:00Z", "treatment": "esketamine"} for i in range(sessions)
        ]
        ratings = [phq9(7 * i, t, phase="before_session") for i, t in enumerate([26, 25, 26, 25, 26])]
        found = reviewed([plan, *given, *ratings]).verdict
        assert (found.status == "too_early") is expected
        if expected:
            assert found.missing == "7 of 8 sessions of induction, weeks 1 to 4"
            assert found.would_settle == "the sessions that the phase still asks for"

    def test_counts_from_the_treatment_where_no_plan_is_recorded(self) -> None:
        drug = {"kind": "medication", "id": "m", "at": day(14), "drug": "sertraline"}
        found = reviewed([drug, *weekly([26, 25, 26, 25, 26])]).verdict
        assert found.missing == "2 of 4 weeks of as so far"
        assert found.would_settle == "a rating on or after 16 February 2026"

    def test_a_new_phase_starts_the_clock_again_but_not_the_weeks_above_remission(self) -> None:
        later = {**PLAN, "id": "later", "at": day(7 * 16), "protocol": "ketamine_iv"}
        found = reviewed([PLAN, later, *weekly(PLATEAU)]).verdict
        assert found.status == "too_early"
        assert (found.weeks_above_remission, found.changes_tried) == (17.0, 1)

    def test_moving_is_said_before_too_early(self) -> None:
        assert status([PLAN, *weekly([9, 6, 5])]) == "moving_toward_remission"


class TestPlateau:
    def test_holding_above_remission(self) -> None:
        found = reviewed([PLAN, *weekly(PLATEAU)]).verdict
        assert (found.status, found.arrived) == ("holding_above_remission", True)

    def test_still_improving_has_not_arrived(self) -> None:
        found = reviewed([PLAN, *weekly([26, 25, 23, 21, 18, 16])])
        assert (found.verdict.status, found.verdict.arrived) == ("holding_above_remission", False)
        assert "still improving" in found.answer.sentence

    @pytest.mark.parametrize(("last", "expected"), [(18, "holding_above_remission"), (19, "not_improving")])
    def test_both_sides_of_25_percent_better(self, last: float, expected: str) -> None:
        assert status([PLAN, *weekly([24, 22, 20, 19, 20, 19, last])]) == expected

    def test_not_improving(self) -> None:
        assert status([PLAN, *weekly([22, 22, 21, 22, 23, 22])]) == "not_improving"

    @pytest.mark.parametrize(("last", "expected"), [(22, "not_improving"), (21, "undecided")])
    def test_not_improving_is_not_said_while_the_total_falls_by_half_a_within_person_change(self, last: float, expected: str) -> None:
        found = reviewed([PLAN, *weekly([24, 24, 24, 24, 24, 24, last])])
        assert found.verdict.status == expected
        assert ("still falling" in found.answer.sentence) == (expected == "undecided")

    def test_a_fall_of_more_than_four_weeks_ago_is_over(self) -> None:
        assert status([PLAN, *weekly([26, 22, 22, 22, 22, 22, 22])]) == "not_improving"

    def test_undecided_says_when_it_could_be_settled(self) -> None:
        found = reviewed([PLAN, *weekly([14, 12, 10, 9, 8, 7])])
        assert found.verdict.status == "undecided"
        assert found.verdict.settling
        assert "It could go either way" in found.answer.sentence

    def test_an_index_of_zero_has_no_improvement_to_speak_of(self) -> None:
        found = reviewed([PLAN, *weekly([0, 20, 22, 21, 22, 23, 22])]).verdict
        assert found.better is None
        assert found.status in ("losing_ground", "undecided")


class TestForecastThatHasRunOut:
    @pytest.mark.parametrize("totals", [PLATEAU, [22, 22, 21, 22, 23, 22], [16, 12, 9]])
    def test_the_day_that_was_forecast_has_come(self, totals: list[float]) -> None:
        """Rated every four weeks, a rating is good for six: then no chance is shown, and a rating is asked for."""
        events = [phq9(28 * i, total) for i, total in enumerate(totals)]
        last = 28 * (len(totals) - 1)
        assert reviewed(events, on=last + 27).verdict.probability is not None
        found = reviewed(events, on=last + 41)
        assert (found.verdict.probability, found.verdict.horizon, found.fan) == (None, None, ())
        assert found.answer.sentence.endswith("the day it was forecast for has come: rate again.")
        assert any(item.id == "rating" and item.overdue for item in found.due)

    def test_a_status_without_a_forecast_is_said_as_ever(self) -> None:
        found = reviewed([phq9(28 * i, total) for i, total in enumerate([10, 9, 20, 20])], on=28 * 3 + 40)
        assert (found.verdict.status, found.verdict.probability) == ("losing_ground", None)
        assert found.answer.sentence.startswith("Losing ground: PHQ-9 20")


class TestSince:
    def test_holds_since_it_was_entered(self) -> None:
        assert reviewed([PLAN, *weekly(PLATEAU)]).verdict.since == START + timedelta(days=28)

    def test_starts_again_after_a_gap_in_which_nothing_was_known(self) -> None:
        late = [phq9(7 * 17 + 60 + 7 * i, 8) for i in range(3)]
        found = reviewed([PLAN, *weekly(PLATEAU), *late]).verdict
        assert found.status == "holding_above_remission"
        assert found.since == START + timedelta(days=7 * 17 + 60)
        assert found.weeks_not_observed > 0

    def test_weeks_above_remission_leave_out_time_in_remission(self) -> None:
        found = reviewed(weekly([*WELL, 3, 3])).verdict
        assert found.weeks_above_remission < 5


def test_an_instrument_without_a_meaningful_change_in_points_does_not_say_whether_it_has_arrived() -> None:
    totals = [40, 34, 30, 28, 27, 28, 27, 28, 27]
    events = [{"kind": "assessment", "id": f"b{i}", "at": day(7 * i), "instrument": "bdi2", "total": t} for i, t in enumerate(totals)]
    found = reviewed([PLAN, *events]).verdict
    assert (found.status, found.arrived) == ("holding_above_remission", None)
