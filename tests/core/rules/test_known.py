"""What is known of one fact: which of several readings counts, until when, and how it is said; each on a few readings made by hand."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.rules.people import CATALOG, DOSE, ON, SESSION, at, measured, observed, record
from euthymia.episode import current_episode
from euthymia.moment import Moment
from euthymia.rule import Condition, MaximumAge, VocabularyFact
from euthymia.rules.known import Known, holds, last_known_day, look_up, readings_of, said, settle, shown, too_old
from euthymia.rules.readings import Reading, Scene
from euthymia.safety import safety

MADRID = ZoneInfo("Europe/Madrid")
DESIGN = {"status": "design", "note": "made up"}
EVER = MaximumAge.model_validate({"ever": True, **DESIGN})
HIGHEST = VocabularyFact(words="pressure", kind="number", unit="mm[Hg]", worst="highest")
LOWEST = VocabularyFact(words="oxygen", kind="number", unit="%", worst="lowest")
YES = VocabularyFact(words="pain", kind="yes_no")
NO = VocabularyFact(words="an escort", kind="yes_no", worst="no")
CLASS = VocabularyFact(words="the class", kind="one_of", values=("C", "B", "A"))


def age(**limit):
    return MaximumAge.model_validate({**{unit: float(number) for unit, number in limit.items()}, **DESIGN})


def said_at(value, when, source="record", why="", upper=None, impossible=False, standing=False):
    """A reading, at a moment as a record states it."""
    moment = Moment.of(when)
    return Reading(value, moment, moment.day(MADRID), moment.last_day(MADRID), source, upper, why, impossible, standing)


def scene(*events, now=None, session=False, catalog=CATALOG):
    """The patient of these tests on 2 March, or at an instant of it."""
    cut = record(*events, session=session).until(ON)
    episode = current_episode(cut, catalog)
    return Scene(cut, episode, catalog, ON, safety(cut, episode, catalog, ON), now)


REVIEW, AT_DOSE = scene(), scene(now=DOSE)


def settled(fact, *readings, limit=EVER, where=REVIEW):
    return settle(where, "it", fact, readings, limit)


def value(fact, *readings):
    return settled(fact, *readings).value


# --- How old a reading may be ---


@pytest.mark.parametrize(
    ("limit", "minutes", "why"),
    [
        (age(minutes=60), 60, None),
        (age(minutes=60), 60.01, "older than 60 minutes"),
        (age(minutes=2.5), 2.6, "older than 2.5 minutes"),
        (age(hours=2), 120, None),
        (age(hours=2), 120.01, "older than 2 hours"),
        (age(days=30), 30 * 1440, None),
        (age(days=30), 30 * 1440 + 0.01, "older than 30 days"),
        (age(days=0), 0, None),
        (age(days=0), 1, "older than 0 days"),
        (EVER, 1e9, None),
    ],
)
def test_a_reading_is_too_old_just_above_its_limit_and_says_which(limit, minutes, why):
    assert too_old(limit, minutes) == why


def test_what_is_too_old_keeps_its_day_source_and_last_value_and_is_no_value_any_more():
    old = said_at(150.0, "2026-01-30", "cuff", upper=170.0)
    assert settled(HIGHEST, old, limit=age(days=31)) == Known("it", "known", 150.0, date(2026, 1, 30), "cuff", 170.0)
    assert settled(HIGHEST, old, limit=age(days=30)) == Known(
        "it", "stale", None, date(2026, 1, 30), "cuff", None, "older than 30 days", 150.0
    )


@pytest.mark.parametrize(
    ("when", "limit", "state"),
    [
        ("2026-03-02", age(minutes=1), "known"),
        (at(-300), age(minutes=1), "known"),  # a review has a day, no clock
        ("2026-03-01", age(minutes=1440), "known"),
        ("2026-03-01", age(minutes=1439.9), "stale"),
        ("2026-03-01", age(hours=24), "known"),
        ("2026-03-01", age(hours=23.9), "stale"),
        ("2026-02-28", age(days=2), "known"),
        ("2026-02-28", age(days=1), "stale"),
        ("2001-01-01", EVER, "known"),
    ],
)
def test_in_a_review_a_day_counts_as_24_hours(when, limit, state):
    assert settled(YES, said_at("no", when), limit=limit).state == state


@pytest.mark.parametrize(
    ("minutes", "limit", "state"),
    [
        (-60, age(minutes=60), "known"),
        (-60.1, age(minutes=60), "stale"),
        (-120, age(hours=2), "known"),
        (-120.1, age(hours=2), "stale"),
        (-1380, age(hours=23), "known"),  # yesterday at eleven
        (-1381, age(hours=23), "stale"),
        (-2040, age(days=1), "known"),  # yesterday at midnight: 34 hours, one day
        (-2041, age(days=1), "stale"),  # a minute before it: the day before yesterday
        (-1e6, EVER, "known"),
    ],
)
def test_at_an_instant_minutes_and_hours_go_by_the_clock_and_days_by_the_calendar(minutes, limit, state):
    assert settled(YES, said_at("no", at(minutes)), limit=limit, where=AT_DOSE).state == state


@pytest.mark.parametrize(
    ("when", "limit", "state", "why"),
    [
        ("2026-03-02", age(minutes=60), "stale", "its clock time is not known"),
        ("2026-03-02", age(hours=24), "stale", "its clock time is not known"),
        ("2026-03-02", age(days=0), "known", ""),
        ("2026-03-01", age(hours=24), "known", ""),
        ("2026-03-01", age(hours=23), "stale", "older than 23 hours"),
    ],
)
def test_at_an_instant_a_reading_of_today_without_a_clock_may_be_any_age(when, limit, state, why):
    found = settled(YES, said_at("no", when), limit=limit, where=AT_DOSE)
    assert (found.state, found.why, found.last) == (state, why, "no" if state == "stale" else None)


# --- Which of several readings counts ---


def test_nothing_said_is_not_a_no():
    assert settled(YES) == Known("it", "not_known", None, None, "record", why="not recorded")


@pytest.mark.parametrize(("fact", "worst"), [(HIGHEST, 150.0), (LOWEST, 130.0)])
def test_of_one_instant_the_worst_number_counts_and_a_later_one_takes_it_back(fact, worst):
    at_once = [said_at(140.0, at(-30)), said_at(130.0, at(-30)), said_at(150.0, at(-30))]
    assert value(fact, *at_once) == worst
    assert value(fact, *at_once, said_at(141.0, at(-29))) == 141.0
    assert value(fact, *at_once, said_at(141.0, at(-29)), said_at(142.0, at(-28)), said_at(143.0, at(-27))) == 143.0


def test_one_instant_may_be_written_with_two_offsets():
    assert value(HIGHEST, said_at(150.0, "2026-03-02T09:00:00+01:00"), said_at(130.0, "2026-03-02T08:00:00Z")) == 150.0


@pytest.mark.parametrize(("fact", "worst"), [(YES, "yes"), (NO, "no")])
def test_of_one_day_the_worst_word_counts_in_whatever_order(fact, worst):
    for words in (("yes", "no"), ("no", "yes"), ("no", "no", "yes"), ("yes", "no", "no")):
        expected = worst if worst in words else words[0]
        assert value(fact, *(said_at(word, "2026-03-01") for word in words)) == expected


@pytest.mark.parametrize(("fact", "word"), [(YES, "yes"), (YES, "no"), (NO, "yes"), (NO, "no"), (CLASS, "B"), (HIGHEST, 150.0)])
def test_of_equal_readings_the_first_is_named(fact, word):
    assert settled(fact, *(said_at(word, "2026-03-01", source) for source in ("one", "two", "three"))).source == "one"


def test_a_word_said_of_a_number_does_not_stand_in_the_way_of_the_number():
    assert value(HIGHEST, said_at("yes", "2026-03-01"), said_at(150.0, "2026-03-01")) == 150.0


def test_the_values_of_a_class_stand_worst_first():
    for words, worst in ((("A", "B"), "B"), (("B", "C", "A"), "C"), (("A", "A"), "A")):
        assert value(CLASS, *(said_at(word, "2026-03-01") for word in words)) == worst


def test_a_reading_without_a_clock_stands_with_its_whole_day():
    day = said_at(150.0, "2026-03-01")
    clocks = [said_at(140.0, "2026-03-01T09:00:00+01:00"), said_at(130.0, "2026-03-01T10:00:00+01:00")]
    assert value(HIGHEST, day, *clocks) == 150.0
    assert value(HIGHEST, said_at(120.0, "2026-03-01"), *clocks) == 140.0, "the last of the day is not known to be the last"
    assert value(HIGHEST, *clocks) == 130.0


def test_another_day_takes_back_what_a_day_without_a_clock_said():
    assert value(HIGHEST, said_at(150.0, "2026-02-28"), said_at(140.0, "2026-03-01")) == 140.0
    assert value(HIGHEST, said_at(150.0, "2026-02-28"), said_at(140.0, "2026-03-01T09:00:00+01:00")) == 140.0
    assert value(HIGHEST, said_at(150.0, "2026-02-28T09:00:00+01:00"), said_at(140.0, "2026-03-01")) == 140.0


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2026-01", "no"), ("2026-02", "yes"), ("2026", "yes"), ("2025", "no")],
    ids=["over", "its last day", "year", "past"],
)
def test_a_month_counts_where_it_can_have_been_as_late_as_the_last_day(month, expected):
    """January was over when "no" was said on 28 February; February was not."""
    assert value(YES, said_at("yes", month), said_at("no", "2026-02-27"), said_at("no", "2026-02-28")) == expected


def test_months_alone_stand_together_with_the_earliest_day_that_they_can_mean():
    found = settled(YES, said_at("no", "2026-01", "one"), said_at("yes", "2026-01", "two"))
    assert found == Known("it", "known", "yes", date(2026, 1, 1), "two")


def test_a_number_that_cannot_be_read_may_be_worse_than_the_others_of_its_time():
    unread = said_at(None, "2026-03-01", "cuff", why="found 15 kPa, unit not understood")
    for together in ((said_at(190.0, "2026-03-01"), unread), (unread, said_at(190.0, "2026-03-01"))):
        assert settled(HIGHEST, *together) == Known(
            "it", "not_known", None, date(2026, 3, 1), "cuff", why="found 15 kPa, unit not understood", last=190.0
        )


def test_a_word_that_cannot_be_read_may_be_the_worst_unless_that_was_said():
    unread = said_at(None, "2026-03-01", why="the answer was unclear")
    for fact, least, worst in ((YES, "no", "yes"), (NO, "yes", "no"), (CLASS, "B", "C")):
        assert settled(fact, unread, said_at(least, "2026-03-01")).why == "the answer was unclear"
        assert value(fact, unread, said_at(worst, "2026-03-01")) == worst


def test_what_cannot_be_takes_the_last_reading_back_and_says_what_was_last_known():
    before = [said_at(120.0, "2026-02-01"), said_at(130.0, "2026-02-02")]
    wrong = said_at(None, "2026-02-03", "cuff", why="found 900 mm[Hg], which cannot be", impossible=True)
    found = settled(HIGHEST, *before, wrong)
    assert found == Known("it", "impossible", None, date(2026, 2, 3), "cuff", why="found 900 mm[Hg], which cannot be", last=130.0)
    assert settled(HIGHEST, wrong).last is None
    assert settled(HIGHEST, *before, wrong, said_at(125.0, "2026-02-04")) == Known("it", "known", 125.0, date(2026, 2, 4), "record")


@pytest.mark.parametrize(("fact", "worst", "other"), [(YES, "yes", "no"), (NO, "no", "yes"), (CLASS, "C", "B")])
def test_a_question_left_open_does_not_undo_the_worst_answer_but_every_other(fact, worst, other):
    unclear = said_at(None, "2026-02-03", why="unclear")
    assert settled(fact, said_at(worst, "2026-02-01"), unclear).value == worst
    again = said_at(None, "2026-02-05", why="unclear")
    assert settled(fact, said_at(worst, "2026-02-01"), unclear, again).value == worst
    assert settled(fact, said_at(other, "2026-02-01"), unclear).last == other
    assert settled(fact, said_at(other, "2026-02-01"), unclear).value is None
    assert settled(fact, unclear).state == "not_known"
    assert settled(fact, said_at(other, "2026-01-31"), said_at(worst, "2026-02-01"), unclear).value == worst
    both = [said_at(worst, "2026-02-01", "one"), said_at(other, "2026-02-01", "two"), unclear]
    assert settled(fact, *both) == Known("it", "known", worst, date(2026, 2, 1), "one")


def test_of_two_numbers_in_a_row_that_cannot_be_read_the_last_is_named():
    first, last = (said_at(None, day, why=f"found nothing on {day}") for day in ("2026-02-03", "2026-02-04"))
    assert settled(HIGHEST, first, last) == Known("it", "not_known", None, date(2026, 2, 4), "record", why="found nothing on 2026-02-04")


def test_a_word_beyond_the_vocabulary_is_kept_as_it_is():
    assert value(CLASS, *(said_at(word, "2026-03-01") for word in ("D", "E", "F"))) == "F"
    beyond, unread = said_at("D", "2026-03-01"), said_at(None, "2026-03-01", why="unclear")
    assert settled(CLASS, beyond, unread).why == settled(CLASS, unread, beyond).why == "unclear"
    assert value(CLASS, said_at("D", "2026-03-01"), said_at("A", "2026-03-01")) == "A"


# --- What holds now: diagnoses, drugs, what is computed ---


def test_a_diagnosis_stands_whatever_was_answered_later_and_does_not_age():
    found = settled(YES, said_at("yes", "2019", "diagnosis", standing=True), said_at("no", "2026-03-01"), limit=age(days=1))
    assert found == Known("it", "known", "yes", date(2019, 1, 1), "diagnosis")


def test_what_stands_and_is_not_the_worst_leaves_the_word_to_the_answers():
    drug = said_at("yes", "2025-01-01", standing=True)
    assert value(NO, drug, said_at("no", "2026-03-01")) == "no"
    assert settled(NO, drug).why == "not recorded"
    unread = [said_at("yes", "2026-02-01"), said_at(None, "2026-02-02", why="unclear")]
    assert settled(NO, drug, *unread).last == "yes"


def test_what_is_computed_stands_even_where_it_is_not_known_and_then_has_no_day():
    fact = YES.model_copy(update={"computed": "suicidality"})
    unknown = said_at(None, "2026-03-02", "plan", why="nobody has asked", standing=True)
    assert settled(fact, unknown) == Known("it", "not_known", None, None, "plan", why="nobody has asked")
    assert settled(fact, said_at("no", "2026-03-02", "plan", why="nobody has asked", standing=True)) == Known(
        "it", "known", "no", date(2026, 3, 2), "plan"
    )


def test_of_several_that_stand_the_worst_counts_and_a_range_stays_one():
    since = HIGHEST.model_copy(update={"since": CATALOG.vocabulary["days_since_alt"].since})
    standing = [said_at(float(days), "2026-03-02", upper=days + 1.0, standing=True) for days in (3, 9, 5)]
    assert settled(since, *standing) == Known("it", "known", 9.0, date(2026, 3, 2), "record", 10.0)


# --- Comparisons ---

OPS = {"<": (True, False, False), "<=": (True, True, False), ">": (False, False, True), ">=": (False, True, True)}


def comparison(op, **more):
    return Condition.model_validate({"fact": "systolic", "op": op, **more})


def known(value, upper=None):
    return Known("systolic", "known" if value is not None else "not_known", value, None, "record", upper)


@pytest.mark.parametrize(("op", "expected"), OPS.items())
def test_a_number_is_compared_on_both_sides_of_the_threshold_and_at_it(op, expected):
    leaf = comparison(op, threshold="limit")
    assert tuple(holds(leaf, known(number), 140.0) for number in (139.9, 140.0, 140.1)) == expected
    assert holds(leaf, known(140.0), None) is None, "no threshold, no answer"
    assert holds(leaf, known(None), 140.0) is None
    assert holds(leaf, known("yes"), 140.0) is None, "a word is not compared with a number"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(100.0, 139.0, False), (100.0, 140.0, False), (100.0, 141.0, None), (141.0, 150.0, True), (140.0, 141.0, None)],
)
def test_a_range_answers_where_both_its_ends_agree(low, high, expected):
    assert holds(comparison(">", threshold="limit"), known(low, high), 140.0) is expected
    opposite = None if expected is None else not expected
    assert holds(comparison("<=", threshold="limit"), known(low, high), 140.0) is opposite


@pytest.mark.parametrize(
    ("op", "wanted", "of_yes", "of_no"),
    [("==", "yes", True, False), ("!=", "yes", False, True), ("in", ("yes", "perhaps"), True, False), ("in", ("no", "yes"), True, True)],
)
def test_a_word_is_the_wanted_one_or_not_and_unknown_is_neither(op, wanted, of_yes, of_no):
    leaf = comparison(op, value=wanted)
    assert (holds(leaf, known("yes"), None), holds(leaf, known("no"), None), holds(leaf, known(None), None)) == (of_yes, of_no, None)


def test_a_part_of_the_wanted_word_is_another_word():
    assert holds(comparison("==", value="not_known"), known("no"), None) is False


def test_missing_is_the_one_question_that_what_is_not_known_answers():
    leaf = comparison("missing")
    assert (holds(leaf, known(None), None), holds(leaf, known("yes"), None), holds(leaf, known(0.0), None)) == (True, False, False)


# --- In words ---


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        (None, "93"),
        ("mm[Hg]", "93 mm Hg"), ("%", "93 %"), ("a", "93 years"), ("wk", "93 weeks"), ("d", "93 days"), ("min", "93 minutes"),
        ("U/L", "93 U/L"), ("{score}", "93"), ("1", "93"),
    ],
)  # fmt: skip
def test_a_number_is_shown_with_its_unit_as_a_person_says_it(unit, expected):
    assert shown(HIGHEST.model_copy(update={"unit": unit}), 93.0) == expected


def test_a_number_is_shown_to_one_decimal_and_a_range_with_both_ends():
    assert [shown(HIGHEST, number) for number in (2.04, 2.06, -0.25, 20000.4)] == ["2 mm Hg", "2.1 mm Hg", "-0.2 mm Hg", "20000.4 mm Hg"]
    assert shown(HIGHEST, 1.26, 3.14) == "1.3 to 3.1 mm Hg"
    assert shown(HIGHEST, 1.26, 1.26) == "1.3 mm Hg"


def test_words_are_shown_as_words_and_nothing_as_what_it_means():
    assert shown(CLASS, "partly_known_now") == "partly known now"
    assert shown(YES, None) == "not known"
    assert shown(CATALOG.vocabulary["days_since_alt"], None) == "none recorded"


def test_what_is_missing_is_said_with_why_when_and_what_was_last_known():
    day = date(2026, 1, 5)
    old = Known("it", "stale", None, day, "cuff", why="older than 30 days", last=150.0)
    wrong = Known("it", "impossible", None, day, "cuff", why="found 900 mm[Hg], which cannot be", last=150.0)
    assert said(HIGHEST, old) == "pressure: older than 30 days; last known 150 mm Hg on 5 January 2026"
    assert said(HIGHEST, wrong) == "pressure: found 900 mm[Hg], which cannot be on 5 January 2026; last known 150 mm Hg"
    assert said(YES, Known("it", "not_known", None, None, "record", why="not recorded")) == "pain: not recorded"
    assert said(YES, Known("it", "not_known", None, day, "nurse", why="unclear")) == "pain: unclear on 5 January 2026"


# --- Looked up in a record ---


def number(measure, number, unit, when):
    return {"kind": "measurement", "measure": measure, "value": number, "unit": unit, "at": when}


def alt(value, when, unit="U/L"):
    return number("ALT", value, unit, when)


def test_a_fact_is_looked_up_from_the_record_with_its_age_and_only_once():
    where = scene(alt(80.0, "2026-02-20"), alt(60.0, "2026-02-10"))
    assert look_up(where, "alt", age(days=10)) == Known("alt", "known", 80.0, date(2026, 2, 20), "ALT")
    assert look_up(where, "alt", age(days=9)) == Known("alt", "stale", None, date(2026, 2, 20), "ALT", None, "older than 9 days", 80.0)
    assert [reading.value for reading in readings_of(where, "alt")] == [60.0, 80.0]
    assert readings_of(where, "alt") is readings_of(where, "alt")


def test_readings_from_several_places_stand_by_time():
    class_b = {"kind": "measurement", "measure": "Child-Pugh class", "text": "B", "at": "2026-02-20"}
    where = scene(class_b, observed("liver_disease", "no", "2026-02-10"), observed("liver_disease", "no", "2026-02-25"))
    assert [reading.day.day for reading in readings_of(where, "liver_disease")] == [10, 20, 25]
    timed = scene(observed("urinary_symptoms", "yes", at(-10)), observed("bladder_symptoms", "no", at(-5)), observed("luts", "no", at(-20)))
    assert [reading.value for reading in readings_of(timed, "bladder_symptoms")] == ["no", "yes", "no"]


def test_the_day_of_a_reading_is_the_patients_own():
    """Half past midnight in Madrid is the day before in Greenwich; a date stands before the clock times of its day."""
    where = scene(observed("pain", "yes", "2026-03-01T00:30:00+01:00"), observed("pain", "no", "2026-03-01"))
    assert [reading.value for reading in readings_of(where, "pain")] == ["no", "yes"]


def test_a_fact_that_is_computed_may_be_observed_as_well():
    assert look_up(scene(observed("doses_alone", "yes", "2026-02-20")), "doses_alone", EVER).value == "yes"


def test_a_reading_without_a_unit_or_of_an_impossible_size_is_not_known_and_says_so():
    nameless = look_up(scene(alt(80.0, "2026-02-20", None)), "alt", EVER)
    assert (nameless.state, nameless.why) == ("not_known", "found 80 without a unit; needed: U/L")
    wrong = look_up(scene(alt(60.0, "2026-02-10"), alt(90000.0, "2026-02-20")), "alt", EVER)
    assert (wrong.state, wrong.why, wrong.last) == ("impossible", "found 90000 U/L, which cannot be; 1 to 20000 can", 60.0)


def test_units_are_converted_before_anything_is_compared():
    found = look_up(scene(measured("minutes since food", 1.5, "h", -10)), "minutes_since_food", EVER)
    assert (found.value, found.day) == (90.0, ON)


def test_what_is_computed_of_the_care_and_of_the_session_is_looked_up_too():
    where = scene(now=DOSE + timedelta(minutes=45), session=True)
    assert look_up(where, "age", EVER) == Known("age", "known", 45.0, ON, "date of birth", 45.0)
    assert look_up(where, "minutes_since_dose", EVER) == Known("minutes_since_dose", "known", 45.0, ON, "session")
    assert look_up(scene(), "minutes_since_dose", EVER) == Known(
        "minutes_since_dose", "not_known", None, None, "session", why="no dose with its clock time is recorded today"
    )


# --- Since ---

SCORE = {"kind": "measurement", "unit": "{score}"}


def test_days_since_count_from_the_last_day_on_which_any_of_the_facts_was_known():
    events = [
        {**SCORE, "measure": "ICSI", "value": 3, "at": "2026-02-20"},
        {**SCORE, "measure": "OABSS", "value": 3, "at": "2026-02-10"},
        {**SCORE, "measure": "OABSS", "value": 99, "at": "2026-02-25"},  # cannot be: not known
    ]
    where = scene(events)
    assert last_known_day(where, ("bpic_ss", "icsi", "oabss")) == date(2026, 2, 20)
    assert last_known_day(where, ("oabss",)) == date(2026, 2, 10)
    assert last_known_day(where, ("bpic_ss",)) is None
    assert look_up(where, "days_since_bladder_score", EVER) == Known("days_since_bladder_score", "known", 10.0, ON, "record")


def test_sessions_since_count_after_the_day_of_the_last_score():
    score = {**SCORE, "measure": "ICSI", "value": 3, "at": "2026-02-20"}
    days = [{**SESSION, "at": f"2026-02-{day}T10:00:00+01:00"} for day in (19, 20, 21, 23)]
    found = look_up(scene(score, days), "sessions_since_bladder_score", EVER)
    assert found == Known("sessions_since_bladder_score", "known", 2.0, ON, "sessions and doses recorded")


def test_never_done_is_said_and_is_no_number():
    for fact in ("days_since_bladder_score", "sessions_since_bladder_score"):
        assert look_up(scene(), fact, EVER) == Known(fact, "not_known", None, None, "record", why="not recorded so far")


# --- Change against the patient's own first value ---


def moca(value, when):
    return {**SCORE, "measure": "MoCA", "value": value, "at": when}


def icsi(value, when):
    return {**SCORE, "measure": "ICSI", "value": value, "at": when}


def test_a_fall_and_a_rise_are_measured_from_the_own_first_value():
    where = scene([moca(28, "2025-12-01"), moca(20, "2026-01-01"), moca(25, "2026-02-01"), icsi(3, "2025-12-01"), icsi(7, "2026-02-01")])
    assert look_up(where, "moca_fall", EVER) == Known("moca_fall", "known", 3.0, date(2026, 2, 1), "MoCA")
    assert look_up(where, "icsi_rise", EVER) == Known("icsi_rise", "known", 4.0, date(2026, 2, 1), "ICSI")


def test_one_value_alone_is_no_change_and_two_equal_ones_are_none():
    assert look_up(scene(moca(28, "2025-12-01")), "moca_fall", EVER).why == "not recorded"
    assert look_up(scene(moca(28, "2025-12-01"), moca(28, "2026-02-01")), "moca_fall", EVER).value == 0.0


def test_a_first_or_last_value_that_cannot_be_used_leaves_the_change_open():
    between = moca(26, "2026-01-01")
    first = look_up(scene(moca(99, "2025-12-01"), between, moca(25, "2026-02-01")), "moca_fall", EVER)
    assert first == Known(
        "moca_fall", "not_known", None, date(2026, 2, 1), "MoCA",
        why="the first value cannot be used (found 99 {score}, which cannot be; 0 to 30 can)",
    )  # fmt: skip
    last = look_up(scene(moca(25, "2025-12-01"), between, moca(99, "2026-02-01")), "moca_fall", EVER)
    assert (last.state, last.day, last.why) == ("impossible", date(2026, 2, 1), "found 99 {score}, which cannot be; 0 to 30 can")


# --- A ratio ---


def limit(value, when, unit="U/L"):
    return number("ALT upper limit", value, unit, when)


def ratio(*events, catalog=CATALOG):
    return look_up(scene(*events, catalog=catalog), "alt_ratio", EVER)


def test_a_ratio_is_the_last_value_over_the_last_limit():
    events = [
        alt(60.0, "2026-02-01"),
        alt(90.0, "2026-02-10"),
        alt(120.0, "2026-02-20"),
        *(limit(each, f"2026-01-0{n}") for n, each in enumerate((30.0, 35.0, 40.0), 1)),
    ]
    assert ratio(*events) == Known("alt_ratio", "known", 3.0, date(2026, 2, 20), "ALT")


def test_without_a_limit_that_can_be_used_the_ratio_is_a_range_of_what_limits_can_be():
    expected = Known("alt_ratio", "known", 1.2, date(2026, 2, 20), "ALT", 6.0)
    assert ratio(alt(120.0, "2026-02-20")) == expected
    assert ratio(alt(120.0, "2026-02-20"), limit(500.0, "2026-02-20")) == expected
    assert ratio(alt(120.0, "2026-02-20"), limit(40.0, "2026-02-20", None)) == expected


def test_without_a_value_there_is_no_ratio():
    assert ratio(limit(40.0, "2026-02-20")).why == "not recorded"
    found = ratio(alt(120.0, "2026-02-20", None), limit(40.0, "2026-02-20"))
    assert (found.value, found.why) == (None, "found 120 without a unit; needed: U/L")


@pytest.mark.parametrize(("low", "upper"), [(1.0, 120.0), (0.5, 240.0), (0.0, None), (-1.0, None), (None, None)])
def test_a_limit_that_may_be_nothing_bounds_no_ratio(low, upper):
    kind = CATALOG.measurements["alt_upper_limit"]
    span = kind.plausible.model_copy(update={"low": low}) if low is not None else None
    kinds = {**CATALOG.measurements, "alt_upper_limit": kind.model_copy(update={"plausible": span})}
    found = ratio(alt(120.0, "2026-02-20"), catalog=CATALOG.model_copy(update={"measurements": kinds}))
    assert found.why == ("" if upper else "the laboratory's upper limit of ALT is not recorded")
    assert (found.value, found.upper, found.day) == (1.2 if upper else None, upper, date(2026, 2, 20))


def test_a_limit_that_is_not_measured_bounds_no_ratio_either():
    unmeasured = CATALOG.vocabulary["alt_upper_limit"].model_copy(update={"measured": None})
    catalog = CATALOG.model_copy(update={"vocabulary": {**CATALOG.vocabulary, "alt_upper_limit": unmeasured}})
    assert ratio(alt(120.0, "2026-02-20"), catalog=catalog).why == "the laboratory's upper limit of ALT is not recorded"


def test_the_day_that_is_looked_from_is_the_scenes_own():
    later = scene(now=datetime.fromisoformat("2026-03-02T23:00:00+01:00"))
    assert settled(YES, said_at("no", at(0)), limit=age(hours=12), where=later).state == "stale"
    assert settled(YES, said_at("no", at(0)), limit=age(hours=13), where=later).state == "known"
