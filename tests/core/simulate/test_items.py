"""Answers make the total that was asked for, in every instrument that has a sum."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from euthymia.loading import load_catalog
from euthymia.scoring import Score, score
from euthymia.simulate.items import answers_for, attainable, item_offsets

CATALOG = load_catalog()
SUMMED = [i.id for i in CATALOG.instruments.values() if i.scoring.method in ("sum", "table", "domain_maximum")]


@st.composite
def totals(draw):
    instrument = CATALOG.instruments[draw(st.sampled_from(SUMMED))]
    span = instrument.range
    if instrument.scoring.raw_to_score:
        return instrument, draw(st.sampled_from(sorted(instrument.scoring.raw_to_score.values())))
    return instrument, span.minimum + span.step * draw(st.integers(0, round((span.maximum - span.minimum) / span.step)))


def test_every_instrument_that_carries_a_verdict_has_answers():
    assert {i.id for i in CATALOG.instruments.values() if i.severity_of_depression} <= set(SUMMED)


@settings(max_examples=300, deadline=None)
@given(totals(), st.integers(0, 2**32))
def test_answers_score_to_the_total(asked, seed):
    instrument, total = asked
    draw = np.random.default_rng(seed)
    answers = answers_for(instrument, total, item_offsets(instrument, draw), draw)
    found = score(CATALOG, instrument.id, answers)
    assert isinstance(found, Score)
    assert found.total == total
    assert not found.prorated


def test_thoughts_of_death_follow_the_total():
    instrument, draw = CATALOG.instruments["phq9"], np.random.default_rng(1)
    means = []
    for total in (3, 9, 15, 24):
        drawn = [answers_for(instrument, total, item_offsets(instrument, draw), draw) for _ in range(150)]
        answers = np.array(drawn).mean(axis=0)
        assert answers[8] < np.delete(answers, 8).mean()
        means.append(answers[8])
    assert means == sorted(means)


def test_a_total_that_no_answers_give_has_none():
    draw = np.random.default_rng(2)
    for name, total in (("phq9", 28), ("phq9", -1), ("gas", 50), ("cssrs_screener", 1), ("promis_dep_8a", 50.05)):
        instrument = CATALOG.instruments[name]
        assert answers_for(instrument, total, item_offsets(instrument, draw), draw) is None


def test_the_nearest_attainable_score_of_a_table():
    assert attainable(CATALOG.instruments["promis_dep_8a"], 0) == 38.2
    assert attainable(CATALOG.instruments["madrs"], 31) == 31
