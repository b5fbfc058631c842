"""Response, remission, recovery and relapse by the id of a definition: every threshold from both sides."""

from datetime import date, timedelta

import pytest

from euthymia.instrument import Change
from euthymia.loading import load_catalog
from euthymia.outcomes import Span, change_since, course, discordant, improvement, reliable_change_points, spans

CATALOG = load_catalog()
ACNP, CANMAT = CATALOG.definitions["acnp_2006"], CATALOG.definitions["canmat"]
START = date(2026, 1, 1)


def on(offset: int) -> date:
    return START + timedelta(days=offset)


def walked(points, definition="acnp_2006", instrument="phq9", incidents=()):
    ratings = [(on(offset), total) for offset, total in points]
    return course(CATALOG.definitions[definition], instrument, ratings, [(on(offset), kind) for offset, kind in incidents])


def state(points, *args, **more):
    return walked(points, *args, **more).state


WELL = [(0, 4), (14, 3), (21, 4)]
RECOVERED = [(7 * week, 3) for week in range(18)]  # 119 days
NINE_WEEKS = [(7 * week, 3) for week in range(9)]


class TestRemission:
    @pytest.mark.parametrize(("total", "expected"), [(4, "remission_candidate"), (5, "in_episode")])
    def test_the_cut(self, total, expected):
        assert state([(0, total)]) == expected

    @pytest.mark.parametrize(("last", "expected"), [(20, "remission_candidate"), (21, "remission")])
    def test_three_weeks(self, last, expected):
        assert state([(0, 4), (10, 4), (last, 4)]) == expected

    @pytest.mark.parametrize(("gap", "expected"), [(14, "remission"), (15, "remission_candidate")])
    def test_ratings_at_most_fourteen_days_apart(self, gap, expected):
        assert state([(0, 4), (7, 4), (7 + gap, 4)]) == expected

    def test_a_gap_starts_the_count_again(self):
        found = walked([(0, 4), (7, 4), (22, 4)])
        assert (found.state, found.since, found.onset) == ("remission_candidate", on(22), on(22))

    def test_it_is_dated_from_where_it_holds_and_from_its_onset(self):
        found = walked(WELL)
        assert (found.state, found.since, found.onset, found.above_the_line) == ("remission", on(21), on(0), False)

    def test_an_excess_before_the_three_weeks_starts_again(self):
        found = walked([(0, 4), (7, 5)])
        assert (found.state, found.since, found.onset) == ("in_episode", on(7), None)
        assert state([(0, 4), (7, 5), (14, 4), (21, 4)]) == "remission_candidate"

    def test_an_excess_after_them_is_above_the_line(self):
        assert walked([*WELL, (28, 9)]).state == "remission"
        assert walked([*WELL, (28, 9)]).above_the_line
        assert not walked([*WELL, (28, 9), (35, 4)]).above_the_line

    def test_two_ratings_are_needed_even_where_days_would_suffice(self):
        assert state([(0, 4)], "frank_1991", "hamd17") == "remission_candidate"
        assert state([(0, 7), (14, 7)], "frank_1991", "hamd17") == "remission"
        assert state([(0, 7), (13, 7)], "frank_1991", "hamd17") == "remission_candidate"

    def test_it_counts_as_many_ratings_as_the_definition_asks_for(self):
        frank = CATALOG.definitions["frank_1991"]
        three = frank.model_copy(update={"durations": frank.durations.model_copy(update={"remission_ratings": 3})})
        assert course(three, "hamd17", [(on(0), 7), (on(14), 7)]).state == "remission_candidate"
        assert course(three, "hamd17", [(on(0), 7), (on(7), 7), (on(14), 7)]).state == "remission"

    def test_it_says_by_which_cut_and_from_which_rating_it_was_walked(self):
        found = walked([(0, 20), (7, 18)])
        assert (found.instrument, found.cut, found.state, found.since) == ("phq9", 4, "in_episode", on(0))

    def test_without_ratings_there_is_nothing_since(self):
        found = walked([])
        assert (found.state, found.since, found.onset) == ("in_episode", None, None)


class TestRecovery:
    @pytest.mark.parametrize(("last", "expected"), [(119, "remission"), (120, "recovery")])
    def test_four_months_from_the_onset(self, last, expected):
        assert state([*RECOVERED[:-1], (last, 3)]) == expected

    def test_one_step_through_both_where_the_gap_allows_it(self):
        assert state([(0, 7), (180, 7)], "frank_1991", "hamd17") == "recovery"

    def test_after_recovery_the_return_is_a_recurrence(self):
        assert state([*RECOVERED, (120, 3), (127, 12), (134, 12)]) == "recurrence"

    def test_recovery_is_dated_and_an_excess_in_it_is_above_the_line(self):
        found = walked([*RECOVERED, (120, 3), (127, 9)])
        assert (found.state, found.since, found.above_the_line) == ("recovery", on(120), True)

    def test_after_a_recurrence_remission_can_be_reached_again(self):
        lost = [*RECOVERED, (120, 3), (127, 12), (134, 12)]
        assert walked(lost).since == on(134)
        assert state([*lost, (200, 3)]) == "remission_candidate"

    def test_after_a_relapse_remission_can_be_reached_again(self):
        again = [(100 + offset, total) for offset, total in WELL]
        assert state([*WELL, (28, 12), (35, 12), *again]) == "remission"


class TestRelapse:
    @pytest.mark.parametrize(("apart", "expected"), [(6, "remission"), (7, "relapse")])
    def test_two_ratings_a_week_apart(self, apart, expected):
        assert state([*WELL, (28, 10), (28 + apart, 10)]) == expected

    @pytest.mark.parametrize(("total", "expected"), [(9, "remission"), (10, "relapse")])
    def test_the_threshold(self, total, expected):
        assert state([*WELL, (28, total), (35, total)]) == expected

    def test_it_is_dated_from_the_rating_that_completes_it(self):
        found = walked([*WELL, (28, 10), (35, 10)])
        assert (found.since, found.onset) == (on(35), None)
        assert walked([(0, 7), (14, 7), (21, 8), (28, 8)], "frank_1991", "hamd17").since == on(28)

    @pytest.mark.parametrize(("days", "expected"), [((28, 48, 54), "remission"), ((28, 33, 37), "relapse"), ((28, 33, 39), "remission")])
    def test_of_three_ratings_that_a_rule_asks_for_all_lie_in_its_window(self, days, expected):
        rule = ACNP.relapse["phq9"].model_copy(update={"ratings": 3, "apart_days": 5, "within_days": 10})
        three = ACNP.model_copy(update={"relapse": {"phq9": rule}})
        ratings = [(on(offset), total) for offset, total in [*WELL, *((offset, 12) for offset in days)]]
        assert course(three, "phq9", ratings).state == expected

    def test_one_rating_is_not_enough_nor_two_with_a_lower_one_between(self):
        assert state([*WELL, (28, 27)]) == "remission"
        assert state([*WELL, (28, 12), (32, 8), (36, 12)]) == "remission"

    def test_any_two_of_a_row_may_be_the_week_apart(self):
        assert state([*WELL, (28, 12), (31, 12), (35, 12)]) == "relapse"

    @pytest.mark.parametrize("kind", ["hospitalisation", "attempt"])
    def test_an_incident_alone_suffices(self, kind):
        found = walked(WELL, incidents=[(25, kind)])
        assert (found.state, found.since, found.onset) == ("relapse", on(25), None)

    def test_an_adverse_event_does_not(self):
        assert state(WELL, incidents=[(25, "adverse_event")]) == "remission"

    def test_an_incident_before_the_remission_is_no_relapse_and_ends_a_candidate(self):
        assert state(WELL, incidents=[(-3, "attempt")]) == "remission"
        assert state(WELL, incidents=[(3, "attempt")]) == "remission_candidate"

    def test_an_incident_comes_before_the_ratings_of_its_day(self):
        assert state([(0, 12), (7, 4)], incidents=[(7, "attempt"), (7, "hospitalisation")]) == "remission_candidate"

    @pytest.mark.parametrize(("apart", "expected"), [(4, "remission"), (5, "relapse"), (15, "relapse"), (16, "remission")])
    def test_the_rule_of_sustain_1(self, apart, expected):
        assert state([(0, 10), (14, 10), (21, 10), (28, 22), (28 + apart, 22)], instrument="madrs") == expected

    def test_one_rating_suffices_by_star_d(self):
        assert state([(0, 5), (7, 10)], "stard", "qids_sr16") == "remission"
        assert state([(0, 5), (7, 11)], "stard", "qids_sr16") == "relapse"

    def test_without_a_rule_a_second_excess_in_a_row_ends_it_and_one_never_does(self):
        assert state([(0, 7), (14, 7), (21, 8)], "frank_1991", "hamd17") == "remission"
        assert state([(0, 7), (14, 7), (21, 8), (28, 8)], "frank_1991", "hamd17") == "relapse"
        assert state([(0, 7), (14, 7), (21, 8), (28, 7), (35, 8)], "frank_1991", "hamd17") == "remission"
        assert state([(0, 7), (14, 7)], "frank_1991", "hamd17", incidents=[(20, "attempt")]) == "remission"

    def test_a_bad_course_before_any_remission_is_no_relapse(self):
        assert state([(0, 20), (7, 22), (14, 24)]) == "in_episode"


@pytest.mark.parametrize(
    ("definition", "total", "expected"),
    [
        ("acnp_2006", 10, "remission_candidate"),
        ("acnp_2006", 11, "in_episode"),
        ("kads_ketect", 10, "remission"),
        ("kads_ketect", 11, "in_episode"),
        ("escape_trd", 10, "remission"),
        ("escape_trd", 11, "in_episode"),
        ("esketamine_programme", 12, "remission"),
        ("esketamine_programme", 13, "in_episode"),
    ],
)
def test_trials_drew_the_line_on_madrs_at_10_or_at_12_and_are_never_mixed(definition, total, expected):
    found = walked([(0, total)], definition, "madrs")
    assert (found.state, found.definition) == (expected, definition)


def test_a_definition_without_a_cut_for_the_instrument_is_an_error():
    with pytest.raises(KeyError):
        walked([(0, 5)], "frank_1991", "phq9")


class TestChange:
    @pytest.mark.parametrize(
        ("latest", "expected"),
        [(10, "response"), (11, "partial_response"), (15, "partial_response"), (16, "no_response"), (25, "no_response")],
    )
    def test_half_and_a_quarter_of_the_index(self, latest, expected):
        assert change_since(CANMAT, CATALOG.instruments["phq9"], 20, latest).response == expected

    def test_a_definition_without_a_partial_response_has_none(self):
        assert change_since(ACNP, CATALOG.instruments["phq9"], 20, 11).response == "no_response"

    def test_a_definition_without_fractions_and_a_t_score_cannot_tell(self):
        assert change_since(CATALOG.definitions["frank_1991"], CATALOG.instruments["hamd17"], 20, 5).response == "cannot_tell"
        found = change_since(ACNP, CATALOG.instruments["promis_dep_8a"], 70, 50)
        assert (found.response, found.points, found.reliable) == ("cannot_tell", 20, True)

    def test_improvement_is_measured_from_the_best_score_and_only_downwards(self):
        assert improvement(CATALOG.instruments["phq9"], 20, 15) == 0.25
        assert improvement(CATALOG.instruments["promis_dep_8a"], 58.2, 48.2) == 0.5
        assert improvement(CATALOG.instruments["phq9"], 0, 5) is None
        assert improvement(CATALOG.instruments["who5"], 40, 60) is None
        assert improvement(CATALOG.instruments["cssrs_screener"], 4, 2) is None

    def test_points_are_rounded_to_a_tenth_and_fractions_to_a_thousandth(self):
        found = change_since(ACNP, CATALOG.instruments["phq9"], 20.26, 10)
        assert (found.points, found.fraction, found.reliable_points) == (10.3, 0.506, 6.3)
        assert improvement(CATALOG.instruments["phq9"], 7, 5) == 0.286

    def test_only_a_reliability_meant_for_it_makes_a_reliable_change(self):
        phq9 = CATALOG.instruments["phq9"]
        others = tuple(each.model_copy(update={"for_reliable_change": False, "sd": 5.0}) for each in phq9.reliability)
        assert reliable_change_points(phq9.model_copy(update={"reliability": others})) is None

    def test_reliable_change_by_hand(self):
        # PHQ-9: 1.96 · 5.7 · sqrt(2 · (1 − 0.84)) = 6.3; PROMIS: 1.96 · 10 · sqrt(2 · 0.03) = 4.8.
        assert reliable_change_points(CATALOG.instruments["phq9"]) == 6.3
        assert reliable_change_points(CATALOG.instruments["promis_dep_8a"]) == 4.8
        assert reliable_change_points(CATALOG.instruments["madrs"]) is None

    @pytest.mark.parametrize(("latest", "expected"), [(14, False), (13.7, True), (13, True), (26, False), (27, True)])
    def test_a_change_is_reliable_in_either_direction(self, latest, expected):
        assert change_since(ACNP, CATALOG.instruments["phq9"], 20, latest).reliable is expected

    def test_it_is_not_known_where_the_spread_is_not(self):
        assert change_since(ACNP, CATALOG.instruments["madrs"], 30, 10).reliable is None

    @pytest.mark.parametrize(
        ("latest", "words"),
        [(18, None), (17, "at least 3 points"), (15, "at least 5 points"), (14, "at least 6 points"), (22, None)],
    )
    def test_the_largest_meaningful_change_reached(self, latest, words):
        found = change_since(ACNP, CATALOG.instruments["phq9"], 20, latest).mcid
        assert found is None if words is None else found.startswith(words)

    @staticmethod
    def with_changes(*changes):
        kept = tuple(Change(id=which, status="design", note="a test", **size) for which, size in changes)
        return CATALOG.instruments["phq9"].model_copy(update={"changes": kept})

    def test_a_within_person_change_is_noise_and_no_meaning(self):
        only = self.with_changes(("within_person", {"points": 6}))
        assert change_since(ACNP, only, 20, 5).mcid is None

    def test_points_are_larger_than_a_fraction_and_the_largest_of_each_is_said(self):
        both = self.with_changes(("mcid", {"fraction": 0.2}), ("mcid", {"points": 0.5}))
        assert change_since(ACNP, both, 20, 10).mcid == "at least 0.5 points"
        fractions = self.with_changes(("mcid", {"fraction": 0.2}), ("mcid_substantial", {"fraction": 0.3}))
        assert change_since(ACNP, fractions, 20, 10).mcid == "at least 30 %"

    def test_the_people_in_whom_it_was_found_are_named(self):
        found = change_since(ACNP, CATALOG.instruments["phq9"], 20, 14).mcid
        assert found == "at least 6 points (treatment-resistant depression: two points of CGI-S)"

    @pytest.mark.parametrize(("latest", "reached"), [(33, True), (33.1, False)])
    def test_both_sides_of_a_threshold_in_per_cent(self, latest, reached):
        assert (change_since(ACNP, CATALOG.instruments["bdi2"], 40, latest).mcid is not None) is reached

    def test_a_threshold_in_per_cent_is_said_exactly(self):
        found = change_since(ACNP, CATALOG.instruments["bdi2"], 40, 32).mcid
        assert found is not None
        assert found.startswith("at least 17.5 %")
        assert change_since(ACNP, CATALOG.instruments["bdi2"], 40, 34).mcid is None

    def test_where_higher_is_better_a_rise_is_an_improvement(self):
        found = change_since(ACNP, CATALOG.instruments["who5"], 40, 52)
        assert (found.points, found.fraction, found.response) == (12, None, "cannot_tell")
        assert found.mcid == "at least 10 points"
        assert change_since(ACNP, CATALOG.instruments["hamd17"], 0, 2).mcid is None


class TestSpans:
    @staticmethod
    def found(points, last, recall=14, cover=14):
        spanned = spans([(on(offset), total) for offset, total in points], 4, recall, cover, on(last))
        return [((s.start - START).days, (s.end - START).days, s.state) for s in spanned]

    def test_a_rating_covers_fourteen_days_and_the_rest_is_not_observed(self):
        assert self.found([(0, 3)], 14) == [(0, 14, "in_remission")]
        assert self.found([(0, 3)], 15) == [(0, 14, "in_remission"), (14, 15, "not_observed")]

    def test_the_next_rating_covers_its_recall_backwards(self):
        assert self.found([(0, 9), (28, 3)], 28) == [(0, 14, "above"), (14, 28, "in_remission")]
        assert self.found([(0, 9), (30, 3)], 30) == [(0, 14, "above"), (14, 16, "not_observed"), (16, 30, "in_remission")]
        assert self.found([(0, 9), (30, 3)], 30, recall=7)[1:] == [(14, 23, "not_observed"), (23, 30, "in_remission")]

    def test_neighbours_of_one_state_are_one_span(self):
        assert self.found([(0, 3), (7, 4), (14, 5), (21, 6)], 21) == [(0, 14, "in_remission"), (14, 21, "above")]

    def test_each_rating_covers_until_the_next_one(self):
        assert self.found([(0, 9), (10, 3), (20, 9)], 20) == [(0, 10, "above"), (10, 20, "in_remission")]

    def test_two_ratings_on_one_day_and_a_day_before_the_last_rating_make_no_empty_span(self):
        assert self.found([(0, 3), (0, 4)], 0) == []
        assert self.found([(7, 3)], 0) == []

    def test_a_span_knows_its_days(self):
        assert Span(on(0), on(14), "above").days == 14


class TestDiscordant:
    def test_one_in_remission_while_another_is_moderate(self):
        assert discordant(CATALOG, {"madrs": 10, "phq9": 10}) == ("MADRS 10 is in the remission range while PHQ-9 10 is not",)

    def test_an_instrument_without_a_cut_hides_no_disagreement(self):
        assert len(discordant(CATALOG, {"who5": 80, "madrs": 10, "phq9": 10})) == 1

    @pytest.mark.parametrize("latest", [{"madrs": 10, "phq9": 9}, {"madrs": 11, "phq9": 10}, {"phq9": 20}, {"who5": 80, "phq9": 20}, {}])
    def test_anything_less_is_no_disagreement(self, latest):
        assert discordant(CATALOG, latest) == ()
