"""Where a patient stands in a protocol, on records made by hand: each answer with what is known, and with what is missing."""

import pytest

from core.protocols.courses import CATALOG, day, nasal, on, phq9, plan, session, standing, taken, weight

INDUCTION = plan("esketamine_label", "induction")
HOME = plan("ketamine_sublingual_home", "titration")
BOUNDED = plan("ketamine_sublingual_home", "titration", dose_lower=100, dose_upper=250)
SC = plan("ketamine_sc", "acute")
TWICE_WEEKLY = (0, 3, 7, 10, 14, 17, 21, 24)


def points(found):
    return {point.id: (point.day, point.reached) for point in found.decision_points}


class TestPhaseAndExposures:
    def test_weeks_and_sessions_are_those_of_the_phase_in_force(self):
        found = standing(INDUCTION, *map(nasal, TWICE_WEEKLY), plan("esketamine_label", "weekly", 28), nasal(28), nasal(35), at=35)
        assert (found.protocol, found.phase, found.route) == ("esketamine_label", "weekly", "intranasal")
        assert (found.weeks_in_phase, found.sessions_in_phase, found.exposures_in_all) == (1.0, 2, 10)

    def test_a_plan_that_only_changes_the_interval_does_not_begin_the_phase_anew(self):
        events = [plan("ketamine_iv", "maintenance", o, session_interval_days=i) for o, i in ((0, 7), (28, 14), (56, 21))]
        assert standing(*events, at=70).weeks_in_phase == 10.0

    def test_coming_back_to_a_phase_begins_it_anew(self):
        events = [plan("ketamine_iv", phase, o) for phase, o in (("maintenance", 0), ("series", 28), ("maintenance", 42))]
        assert standing(*events, at=56).weeks_in_phase == 2.0

    @pytest.mark.parametrize(("how", "known"), [("taken", 1), ("changed", 1), ("not_taken", 0), ("unknown", 0)])
    def test_a_dose_at_home_counts_where_it_was_logged_as_taken_or_changed(self, how, known):
        found = standing(HOME, taken(3, how=how), at=7)
        assert (found.sessions_in_phase, found.exposures_in_all) == (known, known)
        assert any("nobody said whether it was taken" in words for words in found.words) == (how == "unknown")
        assert any("not logged is unknown" in words for words in found.words)

    def test_another_treatment_is_said_and_not_counted(self):
        found = standing(INDUCTION, nasal(0), session(3, "ketamine"), at=7)
        assert found.exposures_in_all == 1
        assert "1 of ketamine: another treatment, not counted here" in found.words

    def test_esketamine_is_no_ketamine_by_its_name(self):
        assert CATALOG.protocols["ketamine_iv"].gives("Ketamine (racemic)")
        assert not CATALOG.protocols["ketamine_iv"].gives("esketamine")
        assert not CATALOG.protocols["ketamine_iv"].gives("S-ketamine")

    def test_the_interval_is_the_median_of_the_days_kept_under_the_plan_in_force(self):
        events = [plan("ketamine_iv", "maintenance", 0), *map(session, (0, 14, 30, 44))]
        assert standing(*events, at=44).interval_days == 14.0
        assert standing(*events[:2], at=44).interval_days is None

    def test_a_start_without_its_day_is_said_and_dates_nothing(self):
        found = standing({**INDUCTION, "at": "2026-01"}, *map(nasal, TWICE_WEEKLY), at=60)
        assert found.decision_points == ()
        assert found.minimum_reached is None
        assert any("since 2026-01, its day is not known" in words for words in found.words)

    def test_without_a_plan_it_is_as_so_far_and_says_nothing_that_nobody_recorded(self):
        found = standing(phq9(0, 20), at=20)
        assert (found.protocol, found.phase, found.sessions_in_phase) == ("as_so_far", "only", 0)
        assert found.dose.can_titrate == "cannot_tell"

    def test_an_empty_record_has_no_beginning(self):
        found = standing(at=20)
        assert (found.minimum_reached, found.decision_points, found.weeks_in_phase) == (None, (), 0.0)

    def test_a_phase_past_its_end_is_said_with_what_follows(self):
        assert not any("was to end" in words for words in standing(INDUCTION, at=35).words)
        assert any("weeks 5 to 8, weekly follows" in words for words in standing(INDUCTION, at=36).words)


class TestMinimum:
    @pytest.mark.parametrize(("at", "sessions", "reached"), [(27, 8, False), (28, 8, True), (28, 7, False), (28, 0, None), (27, 0, False)])
    def test_both_sides_and_too_little_known(self, at, sessions, reached):
        assert standing(INDUCTION, *map(nasal, TWICE_WEEKLY[:sessions]), at=at).minimum_reached is reached

    def test_an_unclear_log_leaves_the_minimum_open(self):
        clinic = [INDUCTION, *map(nasal, TWICE_WEEKLY[:7])]
        unclear = {**taken(24, how="unknown", route="intranasal"), "treatment": "esketamine"}
        assert standing(*clinic, at=28).minimum_reached is False
        assert standing(*clinic, unclear, at=28).minimum_reached is None


class TestDecisionPoints:
    def test_star_d_points_are_dated_from_the_phase(self):
        found = points(standing(plan("oral_antidepressant", "acute"), at=42))
        expected = {"week_4": 28, "week_6": 42, "week_9": 63, "week_12": 84}
        assert {name: found[name] for name in expected} == {name: (on(o), o <= 42) for name, o in expected.items()}

    def test_weeks_of_a_later_phase_count_from_the_protocols_start(self):
        found = points(standing(plan("esketamine_label", "weekly"), at=27))
        assert found["week_8"] == (on(28), False)

    def test_after_the_last_point_the_regular_ones_go_on_to_the_first_to_come(self):
        found = points(standing(plan("ketamine_iv", "maintenance"), at=60))
        assert list(found) == ["regular_4", "regular_8", "regular_12"]
        assert [reached for _, reached in found.values()] == [True, True, False]

    def test_a_point_by_session_is_reached_by_the_session(self):
        series = plan("ketamine_iv", "series")
        assert points(standing(series, *map(session, (0, 3)), at=6))["infusion_3"] == (on(7), False)
        assert points(standing(series, *map(session, (0, 3, 9)), at=20))["infusion_3"] == (on(9), True)

    def test_a_session_that_has_not_come_is_never_in_the_past(self):
        assert points(standing(plan("ketamine_iv", "series"), session(0), at=40))["infusion_3"] == (on(40), False)


class TestFutility:
    def test_the_window_shows_its_source_and_the_disagreement(self):
        found = standing(plan("ketamine_iv", "series"), *map(session, (0, 3, 7, 10)), at=10).futility
        assert [window.reached for window in found] == [True, False]
        assert all("; but: " in window.words for window in found)
        assert [(window.status, window.ref) for window in found] == [
            ("verified", "ketamine_series_open_135"),
            ("recalled", "ketamine_series_vendor"),
        ]

    def test_ten_tms_sessions_are_not_enough_to_stop_on(self):
        tms = [plan("tms_course", "course"), *(session(o, "rTMS", None) for o in range(10))]
        early, full = standing(*tms, at=10).futility
        assert (early.reached, full.reached) == (True, False)
        assert "wrong in half of the cases" in early.words

    def test_where_no_session_is_recorded_nobody_can_tell(self):
        assert {window.reached for window in standing(plan("ketamine_iv", "series"), at=30).futility} == {None}


class TestDose:
    def test_the_next_step_of_the_label(self):
        dose = standing(INDUCTION, nasal(0, 56), at=3).dose
        assert (dose.last, dose.unit, dose.day, dose.lower, dose.upper, dose.bounds_from) == (56, "mg", on(0), 56, 84, "protocol")
        assert (dose.next_step, dose.can_titrate) == (84, "yes")
        assert "next step of this protocol: 84 mg" in dose.words

    def test_at_the_upper_bound_there_is_no_step(self):
        dose = standing(INDUCTION, nasal(0, 84), at=3).dose
        assert (dose.next_step, dose.can_titrate) == (None, "no")

    def test_without_an_upper_bound_nothing_can_be_told(self):
        dose = standing(HOME, taken(0, 200), at=3).dose
        assert (dose.last, dose.next_step, dose.can_titrate, dose.bounds_from) == (200, None, "cannot_tell", None)
        assert "the upper bound is left to the prescriber and the plan in force names none" in dose.words

    def test_the_prescribers_bounds_make_room_where_the_protocol_names_no_step(self):
        dose = standing(BOUNDED, taken(0, 200), at=3).dose
        assert (dose.can_titrate, dose.next_step, dose.bounds_from, dose.upper) == ("yes", None, "prescriber", 250)
        assert "upper bound 250 mg set by the prescriber" in dose.words
        assert standing(BOUNDED, taken(0, 250), at=3).dose.can_titrate == "no"

    def test_only_the_bounds_of_the_plan_in_force_hold(self):
        later = plan("ketamine_sublingual_home", "maintenance", 28)
        assert standing(BOUNDED, taken(0, 200), later, at=30).dose.can_titrate == "cannot_tell"

    def test_the_narrower_bound_holds(self):
        tight = standing({**INDUCTION, "dose_upper": 70}, nasal(0, 56), at=3).dose
        assert (tight.upper, tight.next_step, tight.can_titrate, tight.bounds_from) == (70, None, "no", "prescriber")
        wide = standing({**INDUCTION, "dose_upper": 112}, nasal(0, 84), at=3).dose
        assert (wide.upper, wide.can_titrate, wide.bounds_from) == (84, "no", "protocol")
        assert "above the protocol's (84 mg)" in wide.words

    def test_bounds_in_another_unit_are_not_compared(self):
        dose = standing({**SC, "dose_upper": 60}, session(0, route="SC", dose_mg_per_kg=0.5, weight_kg=80), at=3).dose
        assert (dose.can_titrate, dose.next_step) == ("cannot_tell", None)
        assert "they are not compared" in dose.words

    def test_bounds_that_contradict_each_other_are_said(self):
        dose = standing({**INDUCTION, "dose_lower": 100, "dose_upper": 112}, nasal(0, 56), at=3).dose
        assert dose.can_titrate == "cannot_tell"
        assert "contradict each other" in dose.words

    def test_a_dose_without_its_number_is_not_replaced_by_an_older_one(self):
        dose = standing(INDUCTION, nasal(0, 56), nasal(3, None), at=4).dose
        assert (dose.last, dose.can_titrate) == (None, "cannot_tell")

    def test_a_dose_by_another_route_is_said_and_not_used(self):
        found = standing(BOUNDED, taken(0, 150), taken(3, 40, route="intranasal"), at=4)
        assert (found.dose.last, found.dose.day, found.exposures_in_all) == (150, on(0), 2)
        assert "was intranasal, not sublingual: not used" in found.dose.words
        assert any("never converted" in words for words in found.words)

    def test_a_dose_of_unknown_route_gives_no_step(self):
        dose = standing(INDUCTION, session(0, "esketamine", None, dose_mg=56), at=3).dose
        assert (dose.last, dose.can_titrate, dose.next_step) == (56, "cannot_tell", None)
        assert "the route of the last dose is not recorded" in dose.words

    def test_doses_outside_the_protocols_range_are_said(self):
        found = standing(INDUCTION, nasal(0, 28), nasal(3, 112), at=4)
        assert "28 mg on 5 January 2026 is below the protocol's range (from 56)" in found.words
        assert "112 mg on 8 January 2026 is above the protocol's range (up to 84)" in found.words
        assert found.dose.can_titrate == "no"

    def test_a_protocol_of_daily_drugs_leaves_the_dose_to_the_trials(self):
        assert standing(plan("oral_antidepressant", "acute"), at=3).dose.can_titrate == "cannot_tell"

    def test_a_protocol_without_a_dose_has_no_step(self):
        assert standing(plan("ect_course", "course"), session(0, "ECT", None), at=3).dose.can_titrate == "no"


class TestWeight:
    GIVEN = session(0, route="SC", dose_mg_per_kg=0.6)

    def test_missing_weight_for_a_mg_per_kg_dose(self):
        dose = standing(SC, self.GIVEN, at=3).dose
        assert (dose.last, dose.next_step, dose.can_titrate) == (0.6, None, "cannot_tell")
        assert "the weight is not known" in dose.words

    @pytest.mark.parametrize(("value", "unit"), [(80, "kg"), (80000, "g"), (176.36981, "[lb_av]")])
    def test_a_measured_weight_gives_the_step_and_its_mg(self, value, unit):
        dose = standing(SC, self.GIVEN, weight(1, value, unit), at=3).dose
        assert (dose.next_step, dose.can_titrate) == (0.75, "yes")
        assert "0.75 mg/kg (60.0 mg at 80 kg)" in dose.words

    @pytest.mark.parametrize("unit", [None, "stone"])
    def test_a_weight_in_an_unknown_unit_is_not_guessed(self, unit):
        dose = standing(SC, self.GIVEN, weight(1, 80, unit), at=3).dose
        assert dose.can_titrate == "cannot_tell"
        assert "with the unit" in dose.words

    def test_an_old_weight_is_not_known_any_more(self):
        limit = CATALOG.protocols["ketamine_sc"].phases[0].dose.weight.max_age_days
        assert standing(SC, self.GIVEN, weight(0, 80), at=int(limit)).dose.can_titrate == "yes"
        late = standing(SC, self.GIVEN, weight(0, 80), at=int(limit) + 1).dose
        assert late.can_titrate == "cannot_tell"
        assert "last 80 kg on 5 January 2026" in late.words

    def test_mg_alone_become_mg_per_kg_only_by_the_weight_of_the_same_session(self):
        alone = session(0, route="SC", dose_mg=48)
        assert standing(SC, alone, weight(0, 80), at=3).dose.last is None
        assert standing(SC, {**alone, "weight_kg": 80}, at=3).dose.last == 0.6


class TestInterval:
    IN = plan("esketamine_label", "maintenance", session_interval_days=7)

    def words(self, *ratings, at, extra=()):
        return standing(phq9(-7, 20), self.IN, nasal(0), *(phq9(o, total) for o, total in ratings), *extra, at=at).interval_words

    def test_two_ratings_in_remission_over_three_weeks(self):
        assert "by this protocol it may be longer" in self.words((0, 4), (21, 3), at=21)
        assert "not longer yet" in self.words((0, 4), (20, 3), at=21)

    def test_a_rating_above_the_line(self):
        assert "not longer: the rating of 26 January 2026 is above the remission line" in self.words((0, 4), (21, 5), at=21)

    def test_at_most_every_four_weeks(self):
        change = {"kind": "decision", "id": "c", "at": day(0), "disposition": "change_interval", "reason": "well"}
        assert "changed less than 28 days ago" in self.words((0, 4), (27, 3), at=27, extra=[change])
        assert "it may be longer" in self.words((0, 4), (28, 3), at=28, extra=[change])

    def test_step_back_on_worsening_after_an_extension(self):
        longer = plan("esketamine_label", "maintenance", 28, session_interval_days=14)
        words = self.words((0, 4), (21, 3), (42, 9), at=42, extra=[longer])
        assert "the interval was 7 days before" in words
        assert "back to the interval before" in words

    def test_an_interval_that_was_longer_without_remission_is_no_extension(self):
        longer = plan("esketamine_label", "maintenance", 28, session_interval_days=14)
        assert "days before" not in self.words((0, 14), (21, 13), (42, 15), at=42, extra=[longer])

    def test_an_old_rating_says_nothing_of_today(self):
        assert "cannot be told: the last rating is of" in self.words((0, 4), (21, 3), at=80)

    def test_a_prorated_total_shows_no_remission(self):
        blank = {**phq9(21, 2), "answers": [0, 0, 1, 1, 0, 0, None, 0, 0]}
        blank.pop("total")
        assert "not longer yet" in self.words((0, 4), at=21, extra=[blank])

    def test_the_longest_interval_of_the_protocol(self):
        at_most = {**self.IN, "session_interval_days": 14}
        words = standing(phq9(-7, 20), at_most, nasal(0), phq9(0, 4), phq9(21, 3), at=21).interval_words
        assert "at the longest interval of the protocol (14 days)" in words

    def test_an_interval_outside_the_protocol_is_said(self):
        outside = {**self.IN, "session_interval_days": 28}
        assert "outside the protocol's 7 to 14 days" in standing(outside, nasal(0), at=1).interval_words

    def test_a_missed_session_says_what_the_protocol_says(self):
        assert "no session recorded" not in self.words((0, 4), at=13)
        assert "no worsening: the same schedule" in self.words((0, 4), at=14)

    def test_at_home_a_missing_log_is_not_a_missed_dose(self):
        home = plan("ketamine_sublingual_home", "maintenance")
        assert "no session recorded" not in standing(home, taken(0), at=60).interval_words

    def test_a_phase_without_sessions(self):
        assert standing(plan("oral_antidepressant", "acute"), at=3).interval_words == "no sessions in this phase"


def test_what_is_watched_and_when_stopping_is_considered_comes_with_it():
    found = standing(INDUCTION, at=0)
    protocol = CATALOG.protocols["esketamine_label"]
    assert len(found.monitoring) == len(protocol.monitoring)
    assert found.stop_rules == tuple(rule.when for rule in protocol.stop_rules)


def test_nothing_in_words_is_an_order():
    for name, protocol in CATALOG.protocols.items():
        for phase in protocol.phases:
            found = standing(plan(name, phase.id, dose_upper=1), session(0, dose_mg=56), at=40)
            said = " ".join([*found.words, found.dose.words, found.interval_words]).lower()
            assert not any(word in said for word in ("must ", "increase the", "give ", "should "))
