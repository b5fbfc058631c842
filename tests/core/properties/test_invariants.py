"""The invariants of ARCHITECTURE.md that hold for a whole review, on records nobody thought of."""

import json
import os
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.properties.histories import CATALOG, LAST, START, histories, item_answers, with_answers_blanked
from core.strategies import records
from euthymia.events import Assessment
from euthymia.record import PatientRecord
from euthymia.reviewing import review
from euthymia.scoring import Score, score

EXAMPLES = int(os.environ.get("EUTHYMIA_EXAMPLES", "120"))
few = settings(
    max_examples=EXAMPLES, derandomize="EUTHYMIA_EXAMPLES" not in os.environ, deadline=None, suppress_health_check=list(HealthCheck)
)
review_days = st.integers(-25, LAST + 200).map(lambda offset: START + timedelta(days=offset))
any_record = histories() | records()


def phq9(event_id: str, day: date, answers: list[float]) -> Assessment:
    return Assessment(id=event_id, at=day.isoformat(), instrument="phq9", answers=answers)


def said(record: PatientRecord, on: date) -> str:
    return json.dumps(review(record, CATALOG, on).to_dict(), ensure_ascii=False)


@few
@given(any_record, review_days)
def test_nothing_after_the_day_changes_what_was_said_on_it(record, on):
    assert review(record, CATALOG, on) == review(record.until(on), CATALOG, on)


@few
@given(histories(), st.integers(0, LAST), st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), min_size=1, max_size=4))
def test_what_happens_later_is_not_known_earlier(record, offset, later):
    """The same by a route that does not trust `until`: ratings of later days are added, and nothing moves."""
    on = START + timedelta(days=offset)
    events = [phq9(f"later {n}", on + timedelta(days=days + 1), [answer] * 9) for n, (days, answer) in enumerate(later)]
    assert said(PatientRecord(patient_id="p", events=(*record.events, *events)), on) == said(record, on)


@few
@given(any_record, review_days, st.randoms(use_true_random=False))
def test_the_order_of_entry_does_not_change_a_byte(record, on, chance):
    shuffled = list(record.events)
    chance.shuffle(shuffled)
    assert said(PatientRecord(patient_id=record.patient_id, events=tuple(shuffled)), on) == said(record, on)


@few
@given(any_record, review_days)
def test_the_same_record_catalog_and_day_give_the_same_bytes(record, on):
    again = PatientRecord.model_validate_json(record.model_dump_json())
    assert said(again, on) == said(record, on)


@few
@given(histories(), st.integers(60, LAST), st.data())
def test_a_blanked_answer_never_silences_a_safety_finding(record, offset, data):
    on = START + timedelta(days=offset)
    latest = (phq9("denied", on - timedelta(days=3), [1] * 8 + [0]), phq9("said", on, [1] * 8 + [data.draw(st.integers(0, 3))]))
    record = PatientRecord(patient_id="p", events=(*record.events, *latest))
    before = review(record, CATALOG, on).safety
    for event in record.until(on).events:
        if not isinstance(event, Assessment) or not event.answers:
            continue
        positions = st.sets(st.integers(0, len(event.answers) - 1), min_size=1, max_size=4)
        after = review(with_answers_blanked(record, event.id, data.draw(positions)), CATALOG, on).safety
        not_silenced(before, after)


def not_silenced(before, after):
    if before.suicidality == "positive":
        assert after.suicidality != "negative"
    states = {f.id: f.state for f in after.findings}
    for finding in before.findings:
        if finding.state == "positive":
            assert states.get(finding.id, "silence") in ("positive", "cannot_tell"), finding


@few
@given(histories(), st.integers(0, LAST), st.integers(1, 900))
def test_growing_older_never_silences_a_safety_finding(record, offset, later):
    """What was positive on a day, and about which nothing new has been recorded since, is not negative later."""
    on = START + timedelta(days=offset)
    known = record.until(on)
    before, after = review(known, CATALOG, on).safety, review(known, CATALOG, on + timedelta(days=later)).safety
    # A concern may carry the later day on which it was settled.
    stays = replace(before, findings=tuple(f for f in before.findings if not f.id.startswith("concern_")))
    not_silenced(stays, after)


@few
@given(histories(), review_days)
def test_remission_is_never_stated_beside_a_veto_or_a_positive_answer_of_its_last_day(record, on):
    found = review(record, CATALOG, on)
    if found.verdict.status == "remission":
        assert not found.verdict.vetoes
        assert not (found.safety.suicidality == "positive" and found.safety.last_answer_day == on)


@few
@given(histories(), review_days)
def test_what_is_said_has_no_holes(record, on):
    """No sentence holds a None, a nan or an infinity."""
    answer = review(record, CATALOG, on).answer
    for sentence in (answer.sentence, *answer.reasons):
        assert sentence.strip()
        assert not any(word in sentence.replace(",", " ").replace(";", " ").split() for word in ("None", "nan", "inf", "-inf")), sentence


SUMMED = [i.id for i in CATALOG.instruments.values() if i.scoring.method in ("sum", "domain_maximum", "table")]


@pytest.mark.parametrize("instrument_id", SUMMED)
@settings(few, max_examples=20)
@given(st.data())
def test_raising_an_item_never_lowers_a_total(instrument_id, data):
    """A reversed item, the other way round."""
    instrument = CATALOG.instruments[instrument_id]
    answers = data.draw(item_answers(instrument_id, missing=False))
    before = score(CATALOG, instrument_id, answers)
    assert isinstance(before, Score)
    for position, item in enumerate(instrument.items):
        if answers[position] < item.maximum:
            raised = score(CATALOG, instrument_id, [a + item.step if p == position else a for p, a in enumerate(answers)])
            assert isinstance(raised, Score)
            assert raised.total <= before.total if item.reverse else raised.total >= before.total
