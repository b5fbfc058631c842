"""The tier of an answer on suicidal thoughts: what `euthymia check` proves row by row, here as properties, and its edges."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from euthymia.alerting import TIERS, AlertRules
from euthymia.check.alerts import alerts_file
from euthymia.episode import current_episode
from euthymia.events import Assessment, Observation
from euthymia.knowledge_file import KNOWLEDGE, read_toml, tuples
from euthymia.loading import load_catalog
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.triage import answered_on, of_row, triage

CATALOG = load_catalog()
NOW = datetime(2026, 3, 10, 23, 58, tzinfo=UTC)
NOTED = ("suicidality_reviewed", "past_behaviour_reviewed", "safety_plan")


def form(answer, at=NOW, name="form"):
    return Assessment(id=name, instrument="phq9", at=Moment.of(at), answers=(1.0,) * 8 + (answer,))


def screener(answers, at=NOW + timedelta(minutes=5), name="screener"):
    return Assessment(id=name, instrument="cssrs_screener", at=Moment.of(at), answers=tuple(answers))


def noted(about, days=1):
    return Observation(id=about, at=Moment.of((NOW - timedelta(days=days)).date()), about=about, answer="yes")


TODAY = NOW.date()


def found(*events, on=TODAY, of=None):
    record = PatientRecord(patient_id="p", events=events)
    last = of or [event for event in events if isinstance(event, Assessment)][-1]
    return triage(record, CATALOG, last, on)


def rank(said):
    """Higher is graver: nobody, ask, low, the same day, high."""
    return {None: 1 if said.unknown else 0, "low": 2, "same_day": 3, "high": 4}[said.tier]


def test_the_cases_of_the_catalog_hold():
    assert alerts_file(CATALOG, [KNOWLEDGE]).failures == ()


ANSWER = st.sampled_from([None, 0.0, 1.0])
SCREENER = st.lists(ANSWER, min_size=7, max_size=7)
BEFORE = st.one_of(st.none(), st.tuples(st.sampled_from([None, 0.0, 1.0, 2.0, 3.0]), st.one_of(st.none(), SCREENER)))


def contact(item9, screen, before, about):
    events = [noted(each) for each in about]
    if before:
        at = NOW - timedelta(days=7)
        events += [form(before[0], at, "form-before")] + ([screener(before[1], at, "screener-before")] if before[1] else [])
    return [*events, form(item9), *([screener(screen)] if screen is not None else [])]


@given(
    st.sampled_from([None, 0.0, 1.0, 2.0, 3.0]), st.one_of(st.none(), SCREENER), BEFORE, st.sets(st.sampled_from(NOTED)), st.integers(0, 7)
)
@settings(max_examples=120, deadline=None)
def test_raising_an_answer_never_lowers_the_tier(item9, screen, before, about, place):
    first = found(*contact(item9, screen, before, about))
    if place == 7:
        if item9 is None or item9 == 3:
            return
        item9 += 1
    elif screen is None or screen[place] != 0.0:
        return
    else:
        screen = [*screen[:place], 1.0, *screen[place + 1 :]]
    assert rank(found(*contact(item9, screen, before, about))) >= rank(first)


@given(st.sampled_from([0.0, 1.0, 3.0]), SCREENER, BEFORE, st.sets(st.sampled_from(NOTED)), st.integers(0, 7))
@settings(max_examples=120, deadline=None)
def test_leaving_an_answer_out_never_silences(item9, screen, before, about, place):
    """Somebody is told, or it is asked; what hangs on a question that was not answered is open with it."""
    first = found(*contact(item9, screen, before, about))
    blank = (None, screen) if place == 7 else (item9, [None if n == place else answer for n, answer in enumerate(screen)])
    after = found(*contact(*blank, before, about))
    if first.tier is not None or first.unknown:
        assert after.tier is not None or after.unknown


@given(SCREENER, st.sampled_from([0.0, 1.0, 3.0]))
@settings(max_examples=60, deadline=None)
def test_the_tier_is_high_by_the_screener_and_by_nothing_else(screen, item9):
    high = any(screen[place] == 1.0 for place in (3, 4, 6))
    assert (found(form(item9), screener(screen)).tier == "high") == high


def test_one_contact_goes_past_midnight():
    assert found(form(1.0), screener([1, 1, 0, 1, 0, 0, None]), on=date(2026, 3, 11)).tier == "high"


def test_a_form_without_a_clock_is_of_its_day():
    day = Assessment(id="paper", instrument="phq9", at=Moment.of("2026-03-10"), answers=(1.0,) * 9)
    said = screener([0, 0, None, None, None, 0, None], at=datetime(2026, 3, 10, 9, tzinfo=UTC))
    assert found(day, said).contact == ("paper", "screener")
    assert found(screener([0] * 7, at=NOW - timedelta(days=1)), day).contact == ("paper",)


def test_a_form_whose_day_is_not_known_is_seen_if_it_may_be_recent():
    month = Assessment(id="paper", instrument="phq9", at=Moment.of("2026-03"), answers=(1.0,) * 9)
    assert found(month).tier is not None
    year = Assessment(id="paper", instrument="phq9", at=Moment.of("2025"), answers=(1.0,) * 9)
    assert (found(year).tier, found(year).row) == ("low", "old_answer")


def test_a_total_alone_answers_nothing():
    total = Assessment(id="t", instrument="phq9", at=Moment.of(NOW), total=20)
    assert (found(total).tier, found(total).unknown) == (None, True)


def test_an_instrument_that_asks_nothing_of_it_says_nothing():
    other = Assessment(id="g", instrument="gad7", at=Moment.of(NOW), answers=(3.0,) * 7)
    unknown = Assessment(id="u", instrument="nobody_knows_it", at=Moment.of(NOW), total=3)
    assert (found(other).tier, found(other).unknown) == (None, False)
    assert (found(unknown).tier, found(unknown).unknown) == (None, False)


def test_madrs_counts_from_its_own_trigger():
    def madrs(answer):
        return Assessment(id="m", instrument="madrs", at=Moment.of(NOW), answers=(2.0,) * 9 + (answer,))

    assert found(madrs(2.0)).tier is None
    assert found(madrs(3.0)).tier == "same_day"


def test_what_is_said_of_it_names_rule_status_source_and_steps():
    said = found(form(1.0), screener([1, 1, 0, 1, 0, 0, None]))
    assert (said.row, said.rule, said.status, said.ref) == ("screener_high", "suicidality_high", "verified", "cssrs_triage")
    assert said.steps[0] == "immediate evaluation"
    assert "C-SSRS screener item 4 (some intent): 1" in said.said
    assert of_row(CATALOG, CATALOG.alerts.row("concern")).tier == "same_day"


ROWS = tuples(read_toml(KNOWLEDGE / "help" / "alerts.toml"))


def test_a_row_without_a_rule_says_its_own_steps():
    row = CATALOG.alerts.row("patient_concern")
    found_now = of_row(CATALOG, row)
    assert row.rule is None
    assert (found_now.tier, found_now.row, found_now.why) == ("same_day", "patient_worried", row.words)
    assert found_now.steps == row.steps != ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: (*rows, rows[0]), "with one twice"),
        (lambda rows: (rows[3], *rows[1:3], *rows[4:], rows[0]), "highest first"),
        (lambda rows: tuple(row for row in rows if row["when"] != "unscreened"), "so that nothing is silent"),
    ],
)
def test_a_table_that_could_be_silent_is_refused(change, words):
    with pytest.raises(ValueError, match=words):
        AlertRules.model_validate({**ROWS, "rows": change(ROWS["rows"])})


def test_the_tiers_are_in_order():
    assert TIERS == ("high", "same_day", "low")


def test_the_history_has_every_answer_with_its_day_and_none_that_was_left_out():
    earlier = NOW - timedelta(days=7)
    record = PatientRecord(
        patient_id="p", events=(form(0.0, earlier, "first"), form(None, earlier + timedelta(days=1), "left_out"), form(2.0))
    )
    episode = current_episode(record, CATALOG)
    history = list(answered_on(CATALOG, episode.ratings))
    assert [(day, positive) for day, _, positive in history] == [(earlier.date(), False), (TODAY, True)]
    assert history[-1][1].startswith("PHQ-9 item 9 (")
    assert history[-1][1].endswith("): 2 on 10 March 2026")
