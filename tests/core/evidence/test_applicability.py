"""A patient beside the evidence: mismatches are said and lower certainty, what is not known is said and matches nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from euthymia import load_catalog
from euthymia.evidence import Features, beside
from euthymia.evidence.applicability import held_against
from euthymia.question import LEVELS

CATALOG = load_catalog()
FEATURES = st.builds(
    Features,
    age=st.none() | st.integers(18, 95),
    trials_without_response=st.none() | st.integers(0, 8),
    psychotic=st.none() | st.booleans(),
    polarity=st.none() | st.sampled_from(["unipolar", "bipolar"]),
    setting=st.none() | st.sampled_from(["inpatient", "outpatient", "home"]),
    route=st.none() | st.sampled_from(["iv", "sc", "im", "intranasal", "oral", "sublingual"]),
    co_treatment=st.sampled_from([(), ("none",), ("antidepressant",), ("antidepressant", "benzodiazepine")]),
)
UNKNOWN = Features()
BLANK = {
    "age": None,
    "trials_without_response": None,
    "psychotic": None,
    "polarity": None,
    "setting": None,
    "route": None,
    "co_treatment": (),
}


@given(st.sampled_from(sorted(CATALOG.questions)), FEATURES)
def test_certainty_here_is_never_higher_and_falls_by_one_a_mismatch(question, features):
    found = beside(question, CATALOG, features)
    if found.certainty == "none":
        assert found.certainty_here == "none"
        return
    fallen = LEVELS.index(found.certainty) - LEVELS.index(found.certainty_here)
    assert fallen == min(len(found.mismatches), LEVELS.index(found.certainty))
    assert all(mismatch in found.sentence for mismatch in found.mismatches)


@given(st.sampled_from(sorted(CATALOG.questions)), FEATURES, st.sampled_from(sorted(BLANK)))
def test_blanking_a_feature_makes_it_unknown_and_never_a_mismatch(question, features, name):
    known, blank = (beside(question, CATALOG, each) for each in (features, replace(features, **{name: BLANK[name]})))
    assert set(blank.mismatches) <= set(known.mismatches)
    gone = set(known.mismatches) - set(blank.mismatches)
    assert all(any(mismatch in line for line in blank.unknown) for mismatch in gone)


@pytest.mark.parametrize("question", CATALOG.questions)
def test_a_patient_of_whom_nothing_is_known_has_no_mismatch_but_is_told_so(question):
    found = beside(question, CATALOG, UNKNOWN)
    assert found.mismatches == ()
    carried = CATALOG.questions[question].carries
    stated = any((t := CATALOG.studies[row.partition("/")[0]].traits) and (t.routes or t.age_min or t.resistant) for row in carried)
    assert bool(found.unknown) or not stated


def test_mismatches_are_printed_in_words():
    patient = Features(40, 1, True, "bipolar", "home", "sublingual", ("antidepressant",))
    assert beside("ect", CATALOG, patient).mismatches == (
        "trial in unipolar depression",
        "trial in hospital",
        "trial by the intravenous route",
    )
    assert beside("aripiprazole", CATALOG, patient).mismatches == ("trial in people of 60 years and over",)
    assert "trial excluded psychosis" in beside("ketamine_vs_ect", CATALOG, patient).mismatches
    assert "trial without an antidepressant beside it" in beside("esketamine_monotherapy", CATALOG, patient).mismatches


def test_what_only_some_studies_fit_is_said_and_lowers_nothing():
    held = held_against(CATALOG.questions["esketamine_acute"], CATALOG, Features(age=70))
    assert held.partly == ("1 of 2 studies: trial in people of 18 to 64 years",)
    assert held.mismatches == ()
    found = beside("esketamine_acute", CATALOG, Features(age=70))
    assert (found.certainty_here, found.partly) == ("moderate", held.partly)


def test_an_enriched_trial_always_asks_whether_the_patient_had_done_well_first():
    assert any("done well" in line for line in beside("maintenance", CATALOG, UNKNOWN).unknown)


def test_not_resistant_people_in_the_trial_are_a_mismatch_for_a_resistant_patient():
    assert beside("cbasp", CATALOG, Features(trials_without_response=3)).mismatches == (
        "trial in people without treatment-resistant depression",
    )
    assert beside("cbasp", CATALOG, Features(trials_without_response=1)).mismatches == ()


@pytest.mark.parametrize("route", ["iv", "intravenous", "Intravenous"])
def test_a_route_is_the_same_in_the_words_of_a_protocol_and_of_a_study(route):
    """A protocol says "intravenous", a study "iv": the studies are of this patient's route."""
    found = held_against(CATALOG.questions["iv_acute"], CATALOG, Features(route=route))
    assert not any("route" in words for words in (*found.mismatches, *found.partly, *found.unknown))
    other = held_against(CATALOG.questions["iv_acute"], CATALOG, Features(route="sublingual"))
    assert any("intravenous route" in words for words in other.mismatches)
