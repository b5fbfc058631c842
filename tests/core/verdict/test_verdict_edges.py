"""Both sides of what mutation testing found untested in the fold: its words, its memory, its windows and its zone."""

from datetime import date, timedelta

import pytest

from core.verdict.test_verdict import CATALOG, PLAN, PLATEAU, START, WELL, day, items, phq9, reviewed, status, weekly
from euthymia.heading import Heading
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, review
from euthymia.verdict import _arrived, too_early

ZONE = "Pacific/Honolulu"  # ten hours behind UTC: 23:30 there is the next day elsewhere
PERSON = {"kind": "person", "id": "who", "at": "1980", "zone": ZONE}


def after(days: float) -> date:
    return START + timedelta(days=days)


def late(offset: float) -> str:
    """Half past eleven in the evening there."""
    return f"{day(offset)}T23:30:00-10:00"


def incident(kind: str, offset: float, **more: object) -> dict[str, object]:
    return {"kind": "incident", "id": f"i{offset}", "at": day(offset), "incident": kind, **more}


def mania_screen(offset: float, positive: bool = False) -> dict[str, object]:
    answers = [3, 3, 0, 0, 0] if positive else [0] * 5
    return {"kind": "assessment", "id": f"asrm{offset}", "at": day(offset), "instrument": "asrm", "answers": answers}


def without_within_person(events: list[dict[str, object]]) -> Review:
    """A review by a catalog that knows no within-person change of the PHQ-9."""
    instruments = {**CATALOG.instruments, "phq9": CATALOG.instruments["phq9"].model_copy(update={"changes": ()})}
    record = PatientRecord.model_validate({"patient_id": "p", "events": events})
    return review(record, CATALOG.model_copy(update={"instruments": instruments}), record.last_day() or START)


class TestWhatAVerdictCarries:
    def test_the_day_that_is_forecast_and_how_much_better(self) -> None:
        found = reviewed([PLAN, *weekly(PLATEAU)]).verdict
        assert found.steps[-1].chance is not None
        assert found.horizon == found.steps[-1].chance.horizon == after(7 * 17 + 49)
        assert (found.better, found.steps[-1].better) == (0.619, 0.619)

    def test_a_forecast_for_today_is_none(self) -> None:
        events = [phq9(28 * i, total) for i, total in enumerate([16, 12, 9])]
        horizon = reviewed(events).verdict.horizon
        assert horizon is not None
        until = (horizon - START).days
        assert reviewed(events, on=until - 1).verdict.horizon == horizon
        assert reviewed(events, on=until).verdict.horizon is None

    def test_only_a_plateau_arrives(self) -> None:
        found = reviewed([PLAN, *weekly([22, 22, 21, 22, 23, 22])]).verdict
        assert (found.status, found.arrived, found.heading_to is not None) == ("not_improving", None, True)

    @pytest.mark.parametrize(("level", "expected"), [(12.0, False), (11.9, True)])
    def test_a_plateau_has_arrived_less_than_a_meaningful_change_from_where_it_is_heading(self, level: float, expected: bool) -> None:
        episode = reviewed([PLAN, *weekly(PLATEAU)]).episode
        change = CATALOG.instruments["phq9"].change("mcid")
        assert change is not None
        assert change.points is not None
        heading = Heading(START, 12.0 - change.points, 0.0, 27.0, level)
        assert _arrived(episode, CATALOG, heading) is expected

    def test_weeks_are_summed_over_spans_and_rounded_to_a_tenth(self) -> None:
        found = reviewed([phq9(0, 20), phq9(40, 20), phq9(80, 20)]).verdict
        # Of each forty days a rating covers fourteen forwards and fourteen backwards.
        assert (found.weeks_above_remission, found.weeks_not_observed) == (8.0, 3.4)

    def test_without_an_index_no_week_is_counted(self) -> None:
        found = reviewed([PLAN], on=3).verdict
        assert (found.weeks_above_remission, found.weeks_not_observed) == (0.0, 0.0)


class TestTheStepThatCannotTell:
    def test_it_keeps_what_was_known_of_the_patient_and_is_of_today(self) -> None:
        stale = reviewed([PLAN, *weekly([24, 22, 20, 19, 20, 19, 18, 12])], on=7 * 7 + 60).verdict
        *_, before, last = stale.steps
        assert (last.status, last.day, last.lean, last.better) == ("cannot_tell", after(7 * 7 + 60), before.lean, before.better)
        assert stale.better == before.better == 0.5
        assert stale.steps[0].better != before.better

    def test_its_lean_is_that_of_the_last_rating_and_not_of_an_earlier_one(self) -> None:
        steps = reviewed([PLAN, *weekly([22, 22, 22, 21, 10, 4])], on=100).verdict.steps
        assert steps[-1].lean == steps[-2].lean
        assert steps[1].lean != steps[-2].lean

    def test_without_any_step_it_leans_nowhere(self) -> None:
        [only] = reviewed([PLAN], on=3).verdict.steps
        assert (only.lean, only.better, only.day) == ("between", None, after(3))

    def test_it_counts_from_the_first_request_missed(self) -> None:
        asked = [
            {"kind": "request", "id": f"r{i}", "at": day(7 * 17 + 2 + 2 * i), "instrument": "phq9", "outcome": "missed"} for i in range(3)
        ]
        found = reviewed([*weekly(PLATEAU), *asked], on=7 * 17 + 9).verdict
        assert (found.missing, found.since) == ("3 requests missed in a row", after(7 * 17 + 2))

    def test_an_excused_request_and_one_of_the_last_rating_day_are_not_missed(self) -> None:
        def asked(offset: float, outcome: str) -> dict[str, object]:
            return {"kind": "request", "id": f"r{offset}", "at": day(offset), "instrument": "phq9", "outcome": outcome}

        last = 7 * 17
        assert status([*weekly(PLATEAU), asked(last + 2, "missed"), asked(last + 4, "excused")], on=last + 9) != "cannot_tell"
        assert status([*weekly(PLATEAU), asked(last, "missed"), asked(last + 4, "missed")], on=last + 9) != "cannot_tell"

    def test_the_day_of_a_request_is_the_patients(self) -> None:
        asked = [
            {"kind": "request", "id": f"r{at}", "at": at, "instrument": "phq9", "outcome": "missed"}
            for at in (late(7 * 17), late(7 * 17 + 4))
        ]
        assert status([PERSON, *weekly(PLATEAU), *asked], on=7 * 17 + 9) != "cannot_tell"

    def test_what_would_settle_it_is_a_definition_only_where_a_cut_is_missing(self) -> None:
        episode = {"kind": "episode", "id": "e", "at": day(0), "primary_instrument": "wsas"}
        wsas = [{"kind": "assessment", "id": f"w{i}", "at": day(7 * i), "instrument": "wsas", "total": 20} for i in range(3)]
        expected = "a definition that has a cut for it, or another primary instrument"
        assert reviewed([episode, *wsas]).verdict.would_settle == expected
        assert reviewed([PLAN, *weekly(PLATEAU)]).verdict.would_settle is None


class TestAfterTheLastRating:
    """What is recorded after the last rating is judged with the memory that the last rating had."""

    def test_an_excess_that_was_spared_stays_spared_when_something_else_is_recorded(self) -> None:
        found = reviewed([*weekly([*WELL, 8]), mania_screen(58)]).verdict
        assert (found.status, found.warning, found.since) == ("remission", "one rating above the line: 8", after(28))
        assert len(found.steps) == len(WELL)

    def test_a_memory_of_two_ratings_is_enough(self) -> None:
        """The first rating enters "low", the second stays there by the memory alone."""
        found = reviewed([{**PLAN, "at": day(-60)}, *weekly([18, 17, 12]), mania_screen(16)]).verdict
        chances = [step.chance.probability for step in found.steps if step.chance]
        assert chances[0] <= CATALOG.verdict.low_enter.value < chances[1] <= CATALOG.verdict.low_leave.value
        assert [step.status for step in found.steps] == ["not_improving", "holding_above_remission"]

    def test_the_status_keeps_its_day_when_nothing_has_changed(self) -> None:
        before = reviewed([PLAN, *weekly(PLATEAU)]).verdict
        found = reviewed([PLAN, *weekly(PLATEAU), mania_screen(7 * 17 + 2)]).verdict
        assert (found.since, len(found.steps)) == (before.since, len(before.steps))
        entered = reviewed([*weekly([20, 12, 8, 5, 4]), mania_screen(30)]).verdict
        assert (entered.status, entered.since, len(entered.steps)) == ("remission", after(28), 4)

    def test_a_veto_changes_it_on_the_day_on_which_it_is_recorded(self) -> None:
        found = reviewed([*weekly(WELL), mania_screen(51, positive=True)], on=53).verdict
        assert found.status != "remission"
        assert (found.steps[-1].day, found.since) == (after(51), after(51))

    def test_an_attempt_after_it_counts_from_the_patients_own_day(self) -> None:
        attempt = incident("attempt", 51, at=late(51))
        found = reviewed([PERSON, *weekly(WELL), attempt], on=54).verdict
        assert found.status != "remission"
        assert (found.steps[-1].day, found.since) == (after(51), after(51))


class TestVetoesAreSaid:
    def test_an_excess_that_a_veto_ends_shows_no_veto_of_a_low_score(self) -> None:
        well = [phq9(7 * i, None, items(int(t))) for i, t in enumerate(WELL)]
        found = reviewed([*well, mania_screen(55, positive=True), phq9(56, None, items(8))]).verdict
        assert (found.status != "remission", found.vetoes) == (True, ())

    def test_a_rating_in_the_range_has_no_warning(self) -> None:
        assert reviewed(weekly(WELL)).verdict.warning is None

    def test_still_falling_is_said_in_these_words(self) -> None:
        assert reviewed([PLAN, *weekly([24, 24, 24, 24, 24, 24, 21])]).verdict.warning == "still falling"

    def test_which_items_were_not_answered_and_whether_the_total_stands_for_them(self) -> None:
        def last(answers: list[float | None], total: float | None = None) -> tuple[str, ...]:
            return reviewed([phq9(0, 20), phq9(7, 4), phq9(14, total, answers)]).verdict.vetoes

        assert last([None, None, 1, 1, 0, 0, 0, 0, 0]) == ("the total is prorated: not every item was answered (1, 2)",)
        assert last([None, None, None, 1, 0, 0, 0, 0, 0], 3) == ("not every item was answered (1, 2, 3)",)


class TestTooEarlyFrom:
    def test_the_index_where_neither_plan_nor_treatment_is_recorded(self) -> None:
        episode = {"kind": "episode", "id": "e", "at": day(-200)}
        found = reviewed([episode, *weekly([26, 25, 26])]).verdict
        assert (found.missing, found.would_settle) == ("2 of 4 weeks of as so far", "a rating on or after 2 February 2026")

    def test_today_where_nothing_is_rated_yet(self) -> None:
        """No review asks this without a rating day; it is answered all the same."""
        episode = reviewed([{"kind": "episode", "id": "e", "at": day(0)}], on=3).episode
        assert episode.index is None
        assert too_early(episode, episode.plan, after(3)) == "0 of 4 weeks of as so far"

    def test_the_plan_in_force_and_not_the_first_treatment(self) -> None:
        later = {**PLAN, "id": "later", "at": day(35), "protocol": "ketamine_sublingual_home", "phase": "maintenance"}
        found = reviewed([PLAN, later, *weekly([26, 25, 26, 25, 26, 25, 26])]).verdict
        assert (found.status, found.would_settle) == ("too_early", "a rating on or after 9 March 2026")

    def test_days_before_a_first_week_are_no_week(self) -> None:
        found = reviewed([PLAN, phq9(0, 26), phq9(3, 25)]).verdict
        assert found.missing == "0 of 4 weeks of acute treatment"

    @pytest.mark.parametrize(("last", "expected"), [(28, False), (29, True)])
    def test_a_session_on_the_day_of_the_rating_counts(self, last: float, expected: bool) -> None:
        days = [0, 3, 7, 10, 14, 17, 21, last]
        given = [
            {"kind": "dose_session", "id": f"s{i}", "at": f"{day(d)}T20:00:00Z", "treatment": "esketamine"} for i, d in enumerate(days)
        ]
        ratings = [phq9(7 * i, t, phase="before_session") for i, t in enumerate([26, 25, 26, 25, 26])]
        found = reviewed([{**PLAN, "protocol": "esketamine_label"}, *given, *ratings], on=29).verdict
        assert (found.status == "too_early") is expected

    def test_weeks_and_sessions_are_said_together(self) -> None:
        given = [{"kind": "dose_session", "id": "s", "at": f"{day(1)}T15:00:00Z", "treatment": "esketamine"}]
        ratings = [phq9(7 * i, t, phase="before_session") for i, t in enumerate([26, 25])]
        found = reviewed([{**PLAN, "protocol": "esketamine_label"}, *given, *ratings]).verdict
        assert found.missing == "1 of 4 weeks of induction, weeks 1 to 4 and 1 of 8 sessions of induction, weeks 1 to 4"


class TestLosingGroundFrom:
    def test_the_first_two_ratings_and_an_index_alone(self) -> None:
        assert status([PLAN, *weekly([10, 16, 16])]) == "losing_ground"
        assert status([PLAN, *weekly([10, 16])]) != "losing_ground"
        assert status([PLAN, *weekly([10, 16]), incident("attempt", 5)]) == "losing_ground"

    def test_a_later_rating_takes_nothing_back(self) -> None:
        steps = reviewed(weekly([*PLATEAU, 14, 14, 8])).verdict.steps
        assert [step.status == "losing_ground" for step in steps[-3:]] == [False, True, False]

    def test_the_words_with_an_incident(self) -> None:
        found = reviewed([*weekly([*PLATEAU, 14]), incident("attempt", 120)]).verdict
        assert found.warning == "one rating 6 or more above the best four weeks (median 8), and an incident on 5 May 2026"
        twice = reviewed([*weekly([*PLATEAU, 14, 14]), incident("attempt", 120)]).verdict
        assert twice.warning == found.warning

    def test_an_incident_of_today_counts_and_so_does_the_last_day_of_its_window_where_the_patient_lives(self) -> None:
        last = 7 * len(PLATEAU)
        assert status([*weekly([*PLATEAU, 14]), incident("attempt", last)]) == "losing_ground"
        assert status([PERSON, *weekly([*PLATEAU, 14]), incident("hospitalisation", 0, at=late(last - 28))]) == "losing_ground"
        assert status([PERSON, *weekly([*PLATEAU, 14]), incident("hospitalisation", 0, at=late(last - 29))]) != "losing_ground"


class TestFalling:
    @pytest.mark.parametrize(("offset", "expected"), [(14, "undecided"), (13, "not_improving")])
    def test_a_fall_counts_from_four_weeks_before_and_not_a_day_longer(self, offset: float, expected: str) -> None:
        events = [PLAN, *weekly([27, 22]), phq9(offset, 25), *[phq9(d, 22) for d in (21, 28, 35, 42)]]
        assert status(events) == expected

    def test_without_a_within_person_change_nothing_is_called_falling(self) -> None:
        found = without_within_person([PLAN, *weekly([24, 24, 24, 24, 24, 24, 21])]).verdict
        assert (found.status, found.warning) == ("not_improving", None)

    def test_without_a_within_person_change_no_excess_is_spared(self) -> None:
        assert without_within_person(weekly(WELL)).verdict.status == "remission"
        assert without_within_person(weekly([*WELL, 5])).verdict.status != "remission"


class TestSinceAndConfirmed:
    @pytest.mark.parametrize(("gap", "kept"), [(14, True), (15, False)])
    def test_a_gap_as_long_as_a_rating_is_good_for_keeps_the_day(self, gap: float, kept: bool) -> None:
        plan = {**PLAN, "rating_interval_days": 7}
        found = reviewed([plan, *weekly(PLATEAU), phq9(7 * 17 + gap, 8)]).verdict
        assert (found.status, found.since == after(28)) == ("holding_above_remission", kept)

    def test_months_of_it_are_confirmed_too(self) -> None:
        assert reviewed(weekly([20, *[3] * 20])).verdict.confirmed is True

    def test_a_stay_in_hospital_takes_the_confirmation_back(self) -> None:
        assert reviewed([*weekly(WELL), incident("hospitalisation", 45)]).verdict.confirmed is False

    def test_and_counts_on_the_patients_own_day(self) -> None:
        """On the evening before the last rating's day: in another zone it would be of that day, and after it."""
        fifth = {"kind": "incident", "id": "i", "at": late(27), "incident": "hospitalisation"}
        assert reviewed([PERSON, *weekly(WELL), fifth]).verdict.confirmed is True
        assert reviewed([PERSON, *weekly(WELL), {**fifth, "at": late(28)}]).verdict.confirmed is True
        assert reviewed([PERSON, *weekly(WELL), {**fifth, "at": late(29)}]).verdict.confirmed is False
