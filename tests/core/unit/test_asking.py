"""How an instrument is asked of a patient: the published wording, whole, in one language; or not at all."""

import pytest

from euthymia.asking import can_be_asked, language_of, questions
from euthymia.loading import load_catalog

CATALOG = load_catalog()
PHQ9, GAD7 = CATALOG.instruments["phq9"], CATALOG.instruments["gad7"]


@pytest.mark.parametrize("instrument", [PHQ9, GAD7], ids=lambda instrument: instrument.id)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_question_has_its_stem_its_text_and_all_its_answers(instrument, language):
    asked = questions(instrument, language)
    assert [question.item for question in asked] == [item.id for item in instrument.items]
    for question in asked:
        assert question.stem
        assert question.text
        assert [value for value, _ in question.answers] == [0, 1, 2, 3]
    assert len({label for question in asked for _, label in question.answers}) == 4


@pytest.mark.parametrize(("wanted", "asked"), [("es", "es"), ("es-MX", "es"), ("ES_us", "es"), ("en", "en"), ("de", "en"), ("", "en")])
def test_a_language_that_was_not_published_is_the_original(wanted, asked):
    assert language_of(PHQ9, wanted) == asked
    assert questions(PHQ9, wanted) == questions(PHQ9, asked)


def test_what_has_no_wording_here_is_not_asked_in_words_of_our_own():
    silent = [each for each in CATALOG.instruments.values() if not can_be_asked(each)]
    assert {each.id for each in CATALOG.instruments.values()} - {each.id for each in silent} == {"phq9", "gad7"}
    for instrument in silent:
        with pytest.raises(ValueError, match=f"found {instrument.id}, whose wording is not here"):
            questions(instrument, "en")


@pytest.mark.parametrize("missing", ["items", "answers"])
def test_a_wording_with_a_gap_is_not_asked(missing):
    if missing == "items":
        gap = PHQ9.model_copy(update={"items": (PHQ9.items[0].model_copy(update={"text": None}), *PHQ9.items[1:])})
    else:
        gap = PHQ9.model_copy(update={"answers": {value: label for value, label in PHQ9.answers.items() if value != "2"}})
    assert not can_be_asked(gap)


def test_item_9_is_positive_from_its_trigger_and_never_when_it_was_left_out():
    nine = questions(PHQ9, "en")[8]
    assert [nine.is_positive(answer) for answer in (None, 0.0, 1.0, 3.0)] == [False, False, True, True]
    assert not questions(PHQ9, "en")[0].is_positive(3.0)


def test_a_translation_that_was_not_seen_says_so():
    """The form of the PHQ-9 was seen in a copy; that of the GAD-7 was not seen at all."""
    assert PHQ9.translations["es"].status == "verified"
    spanish = GAD7.translations["es"]
    assert (spanish.status, spanish.confidence) == ("recalled", "high")
    assert "a site compares it with the form" in (spanish.note or "")
