"""What is left on the last assessment, and the five domains."""

from datetime import date, timedelta

import pytest

from euthymia.loading import load_catalog
from euthymia.record import PatientRecord
from euthymia.reviewing import Review, review

CATALOG = load_catalog()
START = date(2026, 1, 5)


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def answered(at: int, answers: list[float | None], instrument: str = "phq9") -> dict[str, object]:
    return {"kind": "assessment", "at": day(at), "instrument": instrument, "answers": answers}


def total(at: int, stated: float, instrument: str = "phq9") -> dict[str, object]:
    return {"kind": "assessment", "at": day(at), "instrument": instrument, "total": stated}


def reviewed(*events: dict[str, object], on: int = 30) -> Review:
    numbered = [{"id": f"e{position:02}", **e} for position, e in enumerate(events)]
    return review(PatientRecord.model_validate({"patient_id": "p", "events": numbered}), CATALOG, START + timedelta(days=on))


class TestLeft:
    def test_totals_alone_do_not_say_what_is_left(self):
        found = reviewed(total(0, 20), total(7, 8)).left
        assert (found.instrument, found.items, found.sentence) == (None, (), "items not known: only totals are recorded")
        assert reviewed().left.sentence == found.sentence

    def test_highest_first_with_the_one_before_and_the_index(self):
        found = reviewed(answered(0, [3] * 9), answered(7, [2] * 9), answered(14, [0, 0, 3, 2, 1, 0, 0, 0, 0])).left
        assert [(i.item, i.last, i.before, i.index) for i in found.items] == [("3", 3, 2, 3), ("4", 2, 2, 3), ("5", 1, 2, 3)]
        assert len(found.unmoved) == 1
        assert found.sentence.endswith(f"not moved since the index: {found.unmoved[0]}")
        assert found.day == START + timedelta(days=14)

    def test_mood_apart_from_the_body(self):
        """Sleep, fatigue and appetite are not mood, interest and guilt."""
        found = reviewed(answered(0, [0, 0, 3, 3, 2, 0, 0, 0, 0])).left
        assert found.mood_thinking is not None
        assert found.bodily is not None
        assert (found.mood_thinking.total, found.bodily.total) == (0, 8)
        assert found.mood_thinking.maximum + found.bodily.maximum == 27

    def test_a_part_with_an_open_answer_is_not_known(self):
        found = reviewed(answered(0, [1] * 8 + [None])).left
        assert found.mood_thinking is None
        assert found.bodily is not None
        assert "9" not in [i.item for i in found.items]

    def test_nothing_left(self):
        assert reviewed(answered(0, [3] * 9), answered(7, [0] * 9)).left.sentence == "nothing is left on the last assessment"

    def test_a_sentence_lists_five_and_counts_the_rest(self):
        assert " and 4 more" in reviewed(answered(0, [1] * 9)).left.sentence

    def test_the_index_is_unknown_where_the_first_rating_has_no_answers(self):
        found = reviewed(total(0, 20), answered(7, [1] * 9)).left
        assert [i.index for i in found.items] == [None] * 9
        assert found.unmoved == ()

    def test_reversed_items_count_the_other_way_and_a_scale_from_one_starts_at_one(self):
        found = reviewed(answered(0, [3 if n in (4, 8, 12, 16) else 0 for n in range(1, 21)], "cesd"))
        assert found.left.sentence == "nothing is left on the last assessment"
        assert reviewed(answered(0, [1] * 8, "promis_dep_8a")).left.items == ()


class TestDomains:
    def test_always_the_same_five_and_one_not_measured_says_so(self):
        found = reviewed().domains
        assert [d.domain for d in found] == ["symptoms", "function", "quality_of_life", "goals", "burden"]
        assert {d.words for d in found} == {"not measured — ask"}

    @pytest.mark.parametrize(
        ("totals", "words"),
        [
            ([20], "severe; measured once"),
            ([20, 12], "moderate; better since the start (20 → 12)"),
            ([12, 20], "severe; worse since the start (12 → 20)"),
            ([12, 20, 12], "moderate; unchanged since the start"),
        ],
    )
    def test_where_it_is_and_where_it_came_from(self, totals, words):
        symptoms = reviewed(*[total(7 * week, stated) for week, stated in enumerate(totals)]).domains[0]
        assert (symptoms.instrument, symptoms.latest, symptoms.first, symptoms.words) == ("phq9", totals[-1], totals[0], words)

    def test_where_higher_is_better_a_rise_is_better(self):
        life = reviewed(total(0, 40, "who5"), total(7, 60, "who5")).domains[2]
        assert (life.lower_is_better, life.words) == (False, "better since the start (40 → 60)")

    def test_the_instrument_rated_last_speaks_for_its_domain_and_never_two_in_one_series(self):
        goals = reviewed(answered(0, [0, 0], "gas"), answered(7, [1, 1], "gas")).domains[3]
        assert (goals.instrument, len(goals.points)) == ("gas", 2)

    @pytest.mark.parametrize(
        ("attainment", "words"),
        [
            (None, "not rated yet"),
            (-2, "much less than hoped"),
            (-1, "less than hoped"),
            (0, "reached"),
            (1, "more than hoped"),
            (2, "much more than hoped"),
        ],
    )
    def test_goals_without_a_scale_are_told_in_their_own_words(self, attainment, words):
        first = {"kind": "goal", "at": day(0), "goal": "walk the dog"}
        goals = reviewed(first, {**first, "at": day(7), "attainment": attainment}).domains[3]
        assert (goals.instrument, goals.words) == (None, f"“walk the dog”: {words}")
