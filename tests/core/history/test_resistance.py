"""Resistance, staging, and what can look like it, on whole records."""

import pytest

from core.history.people import drug, state, told
from euthymia.events import Assessment, Condition, DoseSession, Measurement, Observation, TreatmentCourse
from euthymia.moment import Moment

SERTRALINE = drug("sertraline", "2024-02-01", "2024-05-01", 100, outcome="none")
VENLAFAXINE = drug("venlafaxine", "2024-06-01", "2024-09-01", 225, outcome="none")


def pseudo(found, item):
    return next(each.state for each in found.pseudo_resistance if each.id == item)


def test_two_adequate_trials_without_response_are_resistance_with_the_trials_named():
    found = told(SERTRALINE, VENLAFAXINE)
    first = found.resistance[0]
    assert (first.state, first.counted) == ("met", ("sertraline", "venlafaxine"))
    assert found.sentence.startswith("2 trials of antidepressants, 2 of them adequate without response in this episode.")
    assert found.sentence.endswith("met.")


def test_nothing_recorded_is_cannot_tell():
    found = told()
    assert {each.state for each in found.resistance} == {"cannot_tell"}
    assert "cannot be told" in found.sentence


def test_not_met_says_that_it_is_so_as_far_as_recorded():
    assert "as far as treatment is recorded here" in told(SERTRALINE).resistance[0].reasons


def test_without_an_episode_what_is_missing_is_its_onset():
    found = told(SERTRALINE, VENLAFAXINE, onset=None)
    assert state(found) == "cannot_tell"
    assert "when the current episode began" in found.resistance[0].missing


def test_augmentation_and_combination_are_no_second_trial():
    lithium = drug("lithium", "2024-03-01", "2024-05-01", 900, outcome="none")
    mirtazapine = drug("mirtazapine", "2024-03-01", "2024-05-01", 30, outcome="none")
    found = told(SERTRALINE, lithium, mirtazapine)
    assert [t.kind for t in found.trials] == ["antidepressant", "augmentation", "augmentation"]
    assert state(found) == "not_met"


def test_whether_it_was_a_combination_is_asked_where_the_first_has_no_end():
    open_sertraline = drug("sertraline", "2024-02-01", None, 100, outcome="none")
    mirtazapine = drug("mirtazapine", "2024-06-01", "2024-09-01", 30, outcome="none")
    second = told(open_sertraline, mirtazapine).trials[1]
    assert (second.kind, second.counts_as) == ("antidepressant", "cannot_tell")
    assert "whether sertraline was still taken" in second.missing[0]


@pytest.mark.parametrize(
    ("outcome", "expected"), [("none", "met"), ("partial", "cannot_tell"), ("response", "not_met"), ("unknown", "cannot_tell")]
)
def test_the_second_outcome_decides(outcome, expected):
    assert state(told(SERTRALINE, VENLAFAXINE.model_copy(update={"outcome": outcome}))) == expected


def test_staging_reads_severity_psychosis_and_the_length_of_the_episode():
    rating = Assessment(id="r", at=Moment.of("2025-12-20"), instrument="phq9", total=22)
    by = {s.method: s for s in told(SERTRALINE, VENLAFAXINE, rating, psychotic=False, onset="2024-01-15").staging}
    assert (by["maudsley"].value, by["thase_rush"].value) == ("7, moderate", "II")
    unknown = {s.method: s for s in told(SERTRALINE, VENLAFAXINE, rating, onset="2024-01-15").staging}["maudsley"]
    assert (unknown.lowest, unknown.highest, unknown.value) == (7, 8, None)
    assert "whether there is psychosis" in unknown.missing


def test_bilateral_ect_is_the_last_stage_and_an_unknown_technique_leaves_it_open():
    four = [
        SERTRALINE,
        VENLAFAXINE,
        drug("nortriptyline", "2024-10-01", "2025-01-01", 100, outcome="none"),
        drug("phenelzine", "2025-02-01", "2025-05-01", 60, outcome="none"),
    ]
    ect = TreatmentCourse(
        id="e", at=Moment.of("2025-06-01"), ended=Moment.of("2025-07-01"), treatment="ECT", sessions_done=9, outcome="none"
    )

    def stage(technique):
        found = told(*four, ect.model_copy(update={"technique": technique}))
        return next((s.value, s.lowest, s.highest) for s in found.staging if s.method == "thase_rush")

    assert stage("bilateral") == ("V", 5, 5)
    assert stage("right unilateral") == ("IV", 4, 4)
    assert stage(None) == (None, 4, 5)


def test_pseudo_resistance_is_absent_only_where_somebody_looked():
    found = told(SERTRALINE)
    assert [pseudo(found, item) for item in ("dose", "duration", "adherence", "diagnosis", "polarity", "psychosis", "thyroid")] == [
        "absent", "absent", "cannot_tell", "cannot_tell", "cannot_tell", "cannot_tell", "cannot_tell",
    ]  # fmt: skip
    looked = [
        Observation(id=about, at=Moment.of("2025-11-01"), about=about, answer="no") for about in ("differential_diagnosis", "thyroid")
    ]
    full = told(SERTRALINE.model_copy(update={"adherence_percent": 90.0}), *looked, polarity="unipolar", psychotic=False)
    assert {each.state for each in full.pseudo_resistance} == {"absent"}


def test_pseudo_resistance_that_is_there():
    low = drug("citalopram", "2024-10-01", "2024-12-01", 10, outcome="none", adherence_percent=60)
    short = drug("duloxetine", "2025-01-01", "2025-01-15", 60)
    bipolar = Condition(id="c", at=Moment.of("2020"), condition="Bipolar II disorder", clinical_status="active", verification="confirmed")
    found = told(low, short, bipolar, polarity="bipolar", psychotic=True)
    assert {pseudo(found, item) for item in ("dose", "duration", "adherence", "diagnosis", "polarity", "psychosis")} == {"present"}
    provisional = told(SERTRALINE, bipolar.model_copy(update={"verification": "provisional"}))
    assert pseudo(provisional, "diagnosis") == "cannot_tell"


def test_interactions_are_spoken_of_only_beside_what_they_weaken():
    clonazepam = drug("clonazepam", "2024-02-01", None, 1)
    assert "interactions" not in {each.id for each in told(SERTRALINE, clonazepam).pseudo_resistance}
    ketamine = DoseSession(id="k", at=Moment.of("2024-03-01"), treatment="ketamine", route="IV")
    assert pseudo(told(clonazepam, ketamine), "interactions") == "present"
    assert pseudo(told(drug("clonazepam", "2023-02-01", "2023-05-01", 1), ketamine), "interactions") == "cannot_tell"


def test_a_thyroid_measurement_is_shown_with_its_day_and_not_judged():
    tsh = Measurement(id="t", at=Moment.of("2025-10-01"), measure="TSH", value=2.1, unit="mIU/L")
    found = next(each for each in told(SERTRALINE, tsh).pseudo_resistance if each.id == "thyroid")
    assert (found.state, found.day.isoformat(), "2.1 mIU/L" in found.sentence) == ("cannot_tell", "2025-10-01", True)


def test_same_drug_twice_counts_once_by_its_longest_exposure():
    again = drug("sertraline", "2025-01-01", "2025-07-01", 150, outcome="response")
    assert state(told(SERTRALINE, again, VENLAFAXINE)) == "not_met"
    assert state(told(SERTRALINE, again.model_copy(update={"outcome": "none"}), VENLAFAXINE)) == "met"
    assert state(told(SERTRALINE, again.model_copy(update={"outcome": "none"}))) == "not_met"


def test_an_entry_that_names_several_drugs_may_be_as_many_trials() -> None:
    """ "Zoloft, then Effexor": nobody knows whether one or both were adequate; "not met" would be a guess."""
    both = drug("Zoloft, then Effexor", "2024-02-01", "2024-08-01", 300, outcome="none")
    assert state(told(both)) == "cannot_tell"
    assert state(told(drug("Zoloft", "2024-02-01", "2024-08-01", 300, outcome="none"))) == "not_met"
    with_augmentation = drug("fluoxetine + olanzapine", "2024-02-01", "2024-08-01", 60, outcome="none")
    assert state(told(with_augmentation)) == "not_met"


@pytest.mark.parametrize("begun", ["2024-01-02", "2024-01"])
def test_what_may_be_augmentation_widens_the_stage_as_augmentation_does(begun) -> None:
    """Whether the antidepressant beside it surely went on is not known where its first day is not: the highest stage stays."""
    beside = [drug(name, "2024-01-01", None, None, outcome="none") for name in ("sertraline", "venlafaxine")]
    beside.append(drug("nortriptyline", "2024-01-01", "2024-01-29", 100, outcome="none"))
    found = told(*beside, drug("mirtazapine", begun, None, None, outcome="none"))
    [maudsley] = [each for each in found.staging if each.method == "maudsley"]
    assert maudsley.highest == 10
