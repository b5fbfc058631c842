"""Answers to scores: every method, its missing answers on both sides, and what is refused. Vectors from instruments.md."""

import itertools

import numpy as np
import pytest

from euthymia.events import Assessment
from euthymia.loading import load_catalog
from euthymia.scoring import Score, Unscorable, contradiction, mildest_possible, score, score_assessment, score_total

CATALOG = load_catalog()


def total(instrument: str, answers: list[float | None], **more: object) -> float | None:
    found = score(CATALOG, instrument, answers, **more)
    assert isinstance(found, Score), found
    return found.total


def refused(found: Score | Unscorable) -> tuple[str, str]:
    assert isinstance(found, Unscorable), found
    return found.kind, found.reason


def assessed(instrument: str = "phq9", **more: object) -> Assessment:
    return Assessment.model_validate({"id": "a", "at": "2026-03-01", "instrument": instrument, **more})


class TestSum:
    def test_the_example_of_the_readme(self):
        found = score(CATALOG, "phq9", [2, 2, 2, 1, 1, 2, 2, 1, 0])
        assert isinstance(found, Score)
        assert (found.total, found.band, found.band_label, found.metric) == (13, "moderate", "moderate", "total")
        assert (found.prorated, found.missing, found.positive, found.raw) == (False, (), ("screen",), 13)

    @pytest.mark.parametrize(("answers", "expected"), [([0] * 9, 0), ([3] * 9, 27)])
    def test_floor_and_ceiling(self, answers, expected):
        assert total("phq9", answers) == expected

    def test_two_missing_answers_are_prorated_and_said(self):
        found = score(CATALOG, "phq9", [2, 2, 2, 2, 2, 2, 1, None, None])
        assert isinstance(found, Score)
        assert (found.total, found.prorated, found.missing) == (17, True, ("8", "9"))  # 13 · 9 / 7 = 16.7

    def test_three_missing_answers_are_no_score(self):
        kind, reason = refused(score(CATALOG, "phq9", [2, 2, 2, 2, 2, 2, None, None, None]))
        assert (kind, reason) == ("missing_answers", "PHQ-9: not answered: item 7, 8, 9")

    def test_a_half_is_rounded_up_as_on_the_form(self):
        assert total("phq9", [1, 1, 1, 1, 0, 0, 0, 0, None]) == 5  # 4 · 9 / 8 = 4.5
        assert total("gad7", [1, 1, 1, 0, 0, 0, None]) == 4  # 3 · 7 / 6 = 3.5

    def test_an_instrument_without_that_rule_asks_for_every_answer(self):
        assert refused(score(CATALOG, "madrs", [1] * 9 + [None]))[0] == "missing_answers"
        assert total("madrs", [1] * 10) == 10

    def test_nothing_answered_is_no_score(self):
        assert refused(score(CATALOG, "phq9", [None] * 9))[0] == "missing_answers"

    def test_reversed_items_are_turned_round(self):
        """CES-D items 4, 8, 12 and 16: answering them highest is best."""
        best = [3 if n in (4, 8, 12, 16) else 0 for n in range(1, 21)]
        assert total("cesd", best) == 0
        assert total("cesd", [3 - answer for answer in best]) == 60
        assert total("cesd", [0] * 20) == 12


class TestDomainMaximum:
    @staticmethod
    def reference(answers):
        """Nine domains, from instruments.md: max(1..4) + 5 + max(6..9) + 10 + 11 + 12 + 13 + 14 + max(15, 16)."""
        a = dict(enumerate(answers, 1))
        found = a[5] + a[10] + a[11] + a[12] + a[13] + a[14]
        for first, last in ((1, 4), (6, 9), (15, 16)):
            worst = 0
            for item in range(first, last + 1):
                if a[item] is not None and a[item] > worst:
                    worst = a[item]
            found += worst
        return found

    @pytest.mark.parametrize("instrument", ["qids_sr16", "qids_c16"])
    def test_it_equals_a_slow_reference(self, instrument):
        chance = np.random.default_rng(1)
        for answers in chance.integers(0, 4, (300, 16)).tolist():
            assert total(instrument, answers) == self.reference(answers)

    def test_either_or_pairs_may_be_left_open(self):
        answers = [1, 2, 0, 3, 2, 3, None, None, 1, 1, 1, 0, 1, 1, 2, 1]
        found = score(CATALOG, "qids_sr16", answers)
        assert isinstance(found, Score)
        assert (found.total, found.missing, found.prorated) == (self.reference(answers), (), False)

    def test_a_pair_that_is_wholly_open_is_missing(self):
        answers = [1, 2, 0, None, 2, None, None, None, 1, 1, 1, 0, 1, 1, 2, 1]
        found = score(CATALOG, "qids_sr16", answers)
        assert isinstance(found, Score)
        assert found.missing == ("4", "6", "7")

    def test_a_domain_without_any_answer_leaves_it_unscorable(self):
        assert refused(score(CATALOG, "qids_sr16", [1] * 4 + [None] + [1] * 11)) == (
            "missing_answers",
            "QIDS-SR16: not answered: item 5",
        )
        assert "15, 16" in refused(score(CATALOG, "qids_sr16", [1] * 14 + [None, None]))[1]


class TestTable:
    @pytest.mark.parametrize(
        ("raw", "t", "se"),
        [(8, 38.2, 5.7), (9, 44.7, 3.3), (15, 54.1, 1.8), (16, 55.1, 1.8), (24, 62.1, 1.8), (39, 78.2, 2.4), (40, 81.3, 3.4)],
    )
    def test_promis_raw_sums_have_their_t_score(self, raw, t, se):
        answers = [1.0] * 8
        for step in range(raw - 8):
            answers[step % 8] += 1
        found = score(CATALOG, "promis_dep_8a", answers)
        assert isinstance(found, Score)
        assert (found.total, found.raw, found.se, found.metric) == (t, raw, se, "T-score")

    def test_the_table_holds_only_for_all_eight(self):
        assert refused(score(CATALOG, "promis_dep_8a", [1] * 7 + [None]))[0] == "missing_answers"


def test_who5_is_a_percentage():
    found = score(CATALOG, "who5", [3, 2, 3, 2, 3])
    assert isinstance(found, Score)
    assert (found.total, found.raw, found.metric) == (52, 13, "percent")
    assert (found.positive, score(CATALOG, "who5", [3, 2, 3, 2, 2]).positive) == ((), ("assess",))


def test_a_single_item_is_the_score_and_the_others_may_be_missing():
    found = score(CATALOG, "fibser", [None, 5, 3])
    assert isinstance(found, Score)
    assert (found.total, found.band, found.missing) == (3, "address", ("1",))
    assert refused(score(CATALOG, "fibser", [5, 5, None])) == ("missing_answers", "FIBSER: not answered: item 3")


class TestGoals:
    @pytest.mark.parametrize(
        ("answers", "expected"), [([0], 50.0), ([1], 60.0), ([-2], 30.0), ([1, 1, 1], 63.69), ([-2] * 10, 17.12), ([2] * 10, 82.88)]
    )
    def test_the_published_vectors(self, answers, expected):
        assert total("gas", answers) == expected

    def test_only_the_proportions_of_weights_count(self):
        # By hand: 50 + 10 · (2·1 − 1) / sqrt(0.7 · 5 + 0.3 · 9) = 50 + 10 / 2.48998.
        for scale in (1.0, 1e-200, 1e200):
            assert total("gas", [1, -1], weights=[2 * scale, scale]) == 54.02
        assert total("gas", [1, 0], weights=[1e200, 1e-200]) == 60.0

    def test_a_goal_not_rated_leaves_it_unscorable(self):
        assert refused(score(CATALOG, "gas", [1, None])) == ("missing_answers", "GAS: not answered: item 2")

    @pytest.mark.parametrize("weights", [[1], [1, 0], [1, -1], [1, float("nan")], [1, float("inf")]])
    def test_weights_are_one_above_zero_for_each(self, weights):
        assert refused(score(CATALOG, "gas", [1, 0], weights))[0] == "wrong_number_of_items"

    @pytest.mark.parametrize("answers", [[], [0] * 11])
    def test_one_to_ten_goals(self, answers):
        assert refused(score(CATALOG, "gas", answers))[1] == f"found {len(answers)} answers for GAS; allowed: 1 to 10 goals"


class TestTriage:
    """Items: 1 wish, 2 thoughts, 3 method, 4 intent, 5 plan, 6 behaviour ever, 6 in three months."""

    @pytest.mark.parametrize(
        ("answers", "tier"),
        [
            ([0, 0, None, None, None, 0, None], "none"),
            ([1, 0, None, None, None, 0, None], "low"),
            ([0, 1, 0, 0, 0, 0, None], "low"),
            ([0, 1, 1, 0, 0, 0, None], "moderate"),
            ([0, 0, None, None, None, 1, 0], "moderate"),
            ([0, 1, 0, 1, 0, 0, None], "high"),
            ([0, 1, 0, 0, 1, 0, None], "high"),
            ([0, 0, None, None, None, 1, 1], "high"),
            ([None, None, None, 1, None, None, None], "high"),
            ([1, 1, 1, 1, 1, 1, 1], "high"),
        ],
    )
    def test_the_worst_answer_is_the_tier(self, answers, tier):
        found = score(CATALOG, "cssrs_screener", answers)
        assert isinstance(found, Score)
        assert (found.band, found.total, found.metric) == (tier, None, "tier")

    @pytest.mark.parametrize(
        "answers",
        [
            [0, None, None, None, None, 0, None],
            [None, 0, None, None, None, 0, None],
            [0, 0, None, None, None, None, None],
            [None] * 7,
        ],
    )
    def test_a_question_due_and_not_answered_is_never_none(self, answers):
        assert refused(score(CATALOG, "cssrs_screener", answers))[0] == "missing_answers"

    @pytest.mark.parametrize(
        ("answers", "tier", "open_items"),
        [([1, None, None, None, None, 0, None], "low", "4, 5, 3"), ([0, 1, 1, None, 0, 0, None], "moderate", "4")],
    )
    def test_a_tier_reached_is_said_with_what_could_be_worse(self, answers, tier, open_items):
        found = score(CATALOG, "cssrs_screener", answers)
        assert isinstance(found, Score)
        assert (found.band, found.band_label) == (tier, f"at least {tier}; not answered: item {open_items}")

    def test_blanking_never_lowers_a_tier_without_saying_so(self):
        rank = ["none", "low", "moderate", "high"]
        for answers in itertools.product([0, 1], repeat=7):
            whole = score(CATALOG, "cssrs_screener", answers)
            for position in range(7):
                blanked = score(CATALOG, "cssrs_screener", [None if p == position else a for p, a in enumerate(answers)])
                if isinstance(blanked, Score) and rank.index(blanked.band) < rank.index(whole.band):
                    # Questions 3 to 5 after a "no" to 2 were not due; a "yes" there contradicts it.
                    assert blanked.band_label.startswith("at least") or answers[1] == 0 or answers[5] == 0


class TestRefused:
    def test_an_unknown_instrument_names_the_known(self):
        for found in (score(CATALOG, "phq", [1]), score_total(CATALOG, "phq", 1), score_assessment(CATALOG, assessed("phq", total=1))):
            kind, reason = refused(found)
            assert kind == "unknown_instrument"
            assert "found the instrument 'phq'; allowed: " in reason
            assert "phq9" in reason

    @pytest.mark.parametrize("answers", [[1] * 8, [1] * 10, []])
    def test_a_wrong_number_of_answers(self, answers):
        kind, reason = refused(score(CATALOG, "phq9", answers))
        assert (kind, reason) == (
            "wrong_number_of_items",
            f"found {len(answers)} answers for PHQ-9; allowed: 9 (write null for an item not answered)",
        )

    @pytest.mark.parametrize("answer", [4, -1, 0.5, float("nan"), float("inf")])
    def test_an_answer_outside_its_steps(self, answer):
        kind, reason = refused(score(CATALOG, "phq9", [0, answer] + [0] * 7))
        assert kind == "answer_out_of_range"
        assert reason.endswith("for PHQ-9 item 2; allowed: 0 to 3 in steps of 1")

    @pytest.mark.parametrize("stated", [28, 31, -1, 4.5, float("nan"), float("inf"), 1e308])
    def test_an_impossible_total(self, stated):
        kind, reason = refused(score_total(CATALOG, "phq9", stated))
        assert kind == "impossible_total"
        assert reason.startswith("found a PHQ-9 total of")
        assert reason.endswith("allowed: 0 to 27 in steps of 1 (total)")

    def test_a_total_of_an_instrument_that_has_none(self):
        assert "has no total, only answers" in refused(score_total(CATALOG, "cssrs_screener", 3))[1]

    def test_a_version_of_another_questionnaire(self):
        kind, reason = refused(score_assessment(CATALOG, assessed(total=14, version="phq8")))
        assert (kind, reason) == ("unknown_version", "found version 'phq8' of PHQ-9; allowed: phq9")
        assert isinstance(score_assessment(CATALOG, assessed(total=14, version="phq9")), Score)


class TestTotals:
    @pytest.mark.parametrize(("stated", "band"), [(0, "none_minimal"), (4, "none_minimal"), (5, "mild"), (27, "severe")])
    def test_a_stated_total_has_its_band(self, stated, band):
        found = score_total(CATALOG, "phq9", stated)
        assert isinstance(found, Score)
        assert (found.total, found.band) == (stated, band)

    def test_the_steps_of_a_scale_are_those_of_its_range(self):
        assert isinstance(score_total(CATALOG, "who5", 52), Score)
        assert isinstance(score_total(CATALOG, "who5", 50), Unscorable)
        assert isinstance(score_total(CATALOG, "promis_dep_8a", 54.95), Score)


class TestBoth:
    """An assessment with answers and a total."""

    def test_answers_are_scored_where_there_are_any(self):
        assert score_assessment(CATALOG, assessed(answers=[1] * 9, total=9)) == score(CATALOG, "phq9", [1] * 9)
        assert contradiction(CATALOG, assessed(answers=[1] * 9, total=9)) is None

    def test_a_contradiction_is_said(self):
        assert contradiction(CATALOG, assessed(answers=[1] * 9, total=12)) == "PHQ-9 stated total 12, but its answers add up to 9"

    def test_a_total_beside_prorated_answers_is_compared_too(self):
        words = "PHQ-9 stated total 14, but its answers add up to 9 (prorated)"
        assert contradiction(CATALOG, assessed(answers=[1] * 8 + [None], total=14)) == words

    def test_an_incomplete_questionnaire_keeps_the_total_of_whoever_saw_the_paper(self):
        found = score_assessment(CATALOG, assessed(answers=[1] * 5 + [None] * 4, total=9))
        assert isinstance(found, Score)
        assert (found.total, found.missing, found.prorated) == (9, ("6", "7", "8", "9"), False)

    @pytest.mark.parametrize(("stated", "words"), [(15, None), (14, "PHQ-9 stated total 14, but its answers alone make 15")])
    def test_but_not_one_that_the_answers_alone_exceed(self, stated, words):
        incomplete = assessed(answers=[3] * 5 + [None] * 4, total=stated)
        assert contradiction(CATALOG, incomplete) == words
        assert mildest_possible(CATALOG, incomplete) == 15

    def test_where_higher_is_better_the_answers_alone_can_fall_short(self):
        # Two of five answered 0: at most 3 · 5 · 4 = 60.
        assert contradiction(CATALOG, assessed("who5", answers=[0, 0, None, None, None], total=60)) is None
        assert contradiction(CATALOG, assessed("who5", answers=[0, 0, None, None, None], total=64)) is not None

    def test_an_impossible_total_does_not_cost_the_answers(self):
        both = assessed(answers=[2] * 9, total=31)
        found = score_assessment(CATALOG, both)
        assert isinstance(found, Score)
        assert found.total == 18
        assert contradiction(CATALOG, both) == "found a PHQ-9 total of 31; allowed: 0 to 27 in steps of 1 (total)"

    def test_an_impossible_total_beside_too_few_answers_is_no_score(self):
        assert refused(score_assessment(CATALOG, assessed(answers=[2] * 5 + [None] * 4, total=31)))[0] == "missing_answers"

    def test_a_vendors_sum_of_a_triage_is_not_followed(self):
        both = assessed("cssrs_screener", answers=[1, 1, 0, 0, 0, 0, None], total=2)
        assert score_assessment(CATALOG, both).band == "low"
        assert contradiction(CATALOG, both) is None

    @pytest.mark.parametrize(
        "other",
        [assessed(total=9), assessed(answers=[1] * 9), assessed("phq", answers=[1], total=9), assessed(answers=[1] * 8, total=9)],
        ids=["no answers", "no total", "unknown instrument", "too few answers"],
    )
    def test_what_cannot_be_compared_is_no_contradiction(self, other):
        assert contradiction(CATALOG, other) is None
