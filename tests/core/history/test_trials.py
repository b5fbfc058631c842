"""What becomes of entries: trials put together, named, judged; bad input kept and named."""

import pytest

from core.history.people import CATALOG, drug, record_of, told, tried
from euthymia.adequacy import not_trials
from euthymia.adequacy.naming import named
from euthymia.events import Code, DoseLog, DoseSession, Measurement, TreatmentCourse
from euthymia.moment import Moment

ATC, RXNORM = "http://www.whocc.no/atc", "http://www.nlm.nih.gov/research/umls/rxnorm"


def only(*events, **more):
    (trial,) = tried(*events, **more)
    return trial


@pytest.mark.parametrize(
    ("text", "treatment"),
    [
        ("escitalopram", "escitalopram"),
        ("Citalopram 20 mg tablets", "citalopram"),
        ("ZOLOFT", "sertraline"),
        ("desvenlafaxine", "desvenlafaxine"),
        ("dextromethorphan/bupropion", "dextromethorphan_bupropion"),
        ("bupropion XL", "bupropion"),
        ("S-ketamine nasal", "esketamine"),
        ("lithium carbonate", "lithium"),
        ("paroxetine CR", "paroxetine"),
    ],
)
def test_whole_words_name_a_treatment_and_the_longer_name_wins(text, treatment):
    assert named(CATALOG, text).treatment.id == treatment


@pytest.mark.parametrize(
    ("text", "state"), [("lisinopril", "not_for_depression"), ("sertralinum novum", "unknown"), ("Symbyax", "several")]
)
def test_other_names_name_none(text, state):
    found = named(CATALOG, text)
    assert (found.state, found.treatment) == (state, None)


def test_a_code_names_what_the_text_does_not():
    assert named(CATALOG, "Gladem", Code(system=ATC, code="N06AB06")).treatment.id == "sertraline"
    assert named(CATALOG, "local name", Code(system=RXNORM, code="36437")).treatment.id == "sertraline"
    assert named(CATALOG, "unheard of", Code(system=ATC, code="C09AA03")).state == "not_for_depression"
    assert named(CATALOG, "unheard of", Code(system=ATC, code="N06AX99")).state == "unknown"


def test_a_code_that_contradicts_the_text_is_said():
    trial = only(drug("sertraline", "2024-02-01", "2024-06-01", 100, code=Code(system=RXNORM, code="39786")))
    assert trial.treatment == "sertraline"
    assert "the code says venlafaxine" in trial.reasons[-1]


@pytest.mark.parametrize("wrong", ["1356034", "1819", "35636x", "2284670"])
def test_codes_known_to_be_wrong_are_not_copied(wrong):
    assert ("rxnorm", wrong) not in CATALOG.treatment_codes


def test_conflicting_codes_of_public_lists_mean_the_drug_that_they_are():
    assert CATALOG.treatment_codes["rxnorm", "72625"] == "duloxetine"
    assert CATALOG.treatment_codes["rxnorm", "35636"] == "risperidone"
    assert CATALOG.treatment_codes["rxnorm", "39786"] == "venlafaxine"


def test_a_drug_for_something_else_is_no_trial_and_not_lost():
    record = record_of(drug("lisinopril", "2024-02-01", None, 10), drug("sertraline", "2024-02-01", "2024-06-01", 100))
    assert not_trials(record, CATALOG) == ("lisinopril",)
    assert [t.name for t in tried(*record.events, onset=None)] == ["sertraline"]


def test_an_unknown_drug_is_kept_and_can_leave_resistance_open():
    found = told(
        drug("sertraline", "2024-02-01", "2024-06-01", 100, outcome="none"),
        drug("novelpramine", "2024-07-01", "2024-12-01", 30, outcome="none"),
    )
    kept = found.trials[1]
    assert (kept.treatment, kept.adequacy, kept.name) == (None, "indeterminate", "novelpramine")
    assert "not in the catalog: cannot tell" in kept.reasons
    assert found.resistance[0].state == "cannot_tell"
    assert any("novelpramine" in line for line in found.resistance[0].missing)


def test_dose_steps_are_one_trial_with_the_days_at_the_minimum():
    steps = [
        drug("venlafaxine", "2024-02-01", None, 75),
        drug("venlafaxine", "2024-02-29", None, 150),
        drug("venlafaxine", "2024-04-01", "2024-05-01", 225),
    ]
    trial = only(*steps)
    assert len(trial.events) == 3
    assert (trial.adequacy, trial.days_lowest, trial.days_highest) == ("adequate", 62, 62)
    assert trial.exposure == "75 to 225 mg a day for 12 weeks, 8 weeks of it at 150 mg or more"


def test_a_step_that_came_too_late_is_too_short():
    trial = only(drug("venlafaxine", "2024-02-01", None, 75), drug("venlafaxine", "2024-04-01", "2024-04-20", 150))
    assert (trial.adequacy, trial.why) == ("inadequate", "duration")
    assert "19 of 28 days at 150 mg or more" in trial.reasons[0]


def test_prescribed_reported_and_dispensed_are_one_drug_seen_three_times():
    entries = [
        drug("sertraline", "2024-02-01", "2024-05-01", 100),
        drug("sertraline", "2024-02-03", "2024-05-01", 100, intent="reported"),
        drug("sertraline", "2024-02-02", "2024-05-01", 100, intent="dispensed"),
    ]
    trial = only(*entries)
    assert (trial.adequacy, trial.days_lowest) == ("adequate", 90)


def test_two_sources_that_disagree_across_the_minimum_leave_it_open():
    trial = only(drug("sertraline", "2024-02-01", "2024-05-01", 100), drug("sertraline", "2024-02-01", "2024-05-01", 25, intent="reported"))
    assert trial.adequacy == "indeterminate"
    assert "which dose was taken while two entries overlap" in trial.missing


def test_two_overlapping_doses_of_one_source_may_add_up():
    half = only(drug("sertraline", "2024-02-01", "2024-05-01", 25), drug("sertraline", "2024-02-01", "2024-05-01", 30))
    assert half.adequacy == "indeterminate"
    both = only(drug("sertraline", "2024-02-01", "2024-05-01", 50), drug("sertraline", "2024-02-01", "2024-05-01", 100))
    assert both.adequacy == "adequate"
    little = only(drug("sertraline", "2024-02-01", "2024-05-01", 10), drug("sertraline", "2024-02-01", "2024-05-01", 12))
    assert (little.adequacy, little.why) == ("inadequate", "dose")


def test_a_supply_without_its_strength_attests_that_the_drug_goes_on():
    trial = only(drug("sertraline", "2024-02-01", None, 100), drug("sertraline", "2024-06-01", None, intent="dispensed"))
    assert (trial.adequacy, trial.days_lowest) == ("adequate", 121)


def test_a_drug_without_an_end_is_confirmed_by_a_later_entry():
    open_entry = drug("sertraline", "2025-06-01", None, 100, outcome="none")
    assert only(open_entry).adequacy == "indeterminate"
    assert only(open_entry).missing == ("whether it is still taken (a later entry says so), or when it ended",)
    confirmed = only(open_entry, drug("sertraline", "2025-12-15", None, 100, intent="reported", outcome="none"))
    assert (confirmed.adequacy, confirmed.counts_as, confirmed.going_on) == ("adequate", "no_response", True)


def test_too_little_time_so_far_is_not_yet():
    trial = only(drug("sertraline", "2025-12-20", None, 100))
    assert trial.adequacy == "indeterminate"
    assert "not yet: 12 of 28 days so far; enough on 17 January 2026 at the earliest" in trial.reasons[0]
    low = only(drug("sertraline", "2025-06-01", None, 25))
    assert (low.adequacy, low.why) == ("inadequate", "dose")


def test_stopped_without_a_day_is_not_going_on():
    trial = only(drug("sertraline", "2025-02-01", None, 100, stopped_because="no effect", outcome="none"))
    assert (trial.going_on, trial.ended_known, trial.adequacy) == (False, False, "indeterminate")


def test_an_end_before_the_start_is_kept_and_named():
    trial = only(drug("sertraline", "2024-06-01", "2024-02-01", 100, outcome="none"))
    assert (trial.adequacy, trial.counts_as) == ("indeterminate", "cannot_tell")
    assert trial.reasons == ("ends (2024-02-01) before it starts (2024-06-01): one of the two is wrong",)


def test_an_end_that_is_known_to_the_year_does_not_contradict_a_start_within_it():
    trial = only(drug("sertraline", "2024-06-01", "2024", 100))
    assert (trial.days_lowest, trial.days_highest, trial.adequacy) == (0, 213, "indeterminate")


def test_a_dose_in_words_is_shown_and_not_read():
    trial = only(drug("sertraline", "2024-02-01", "2024-05-01", dose_text="1-0-0 (100 mg)"))
    assert trial.adequacy == "indeterminate"
    assert "1-0-0 (100 mg)" in trial.exposure


def test_the_last_entry_says_how_a_trial_turned_out():
    first = drug("sertraline", "2024-02-01", "2024-04-01", 50, outcome="none", outcome_source="letter")
    second = drug("sertraline", "2024-04-01", "2024-06-01", 150, outcome="response", outcome_source="PHQ-9 19 to 8")
    assert (only(first, second).outcome, only(first, second).outcome_source) == ("response", "PHQ-9 19 to 8")
    unsaid = second.model_copy(update={"outcome": "unknown", "outcome_source": None})
    assert only(first, unsaid).counts_as == "cannot_tell"


def test_a_blood_level_needs_its_unit_and_its_time():
    lithium = drug("lithium", "2024-02-01", "2024-05-01", 900)
    level = Measurement(id="l", at=Moment.of("2024-03-01"), measure="Lithium, serum", value=0.7, unit="mmol/L")
    assert only(lithium, level).adequacy == "adequate"
    assert only(lithium, level.model_copy(update={"at": Moment.of("2025-03-01")})).adequacy == "indeterminate"
    assert only(lithium, level.model_copy(update={"unit": "mg/dL"})).adequacy == "indeterminate"


def test_sessions_beside_the_course_that_sums_them_up_are_counted_once():
    course = TreatmentCourse(
        id="c", at=Moment.of("2024-03-01"), ended=Moment.of("2024-04-01"), treatment="ECT", sessions_done=8, outcome="none"
    )
    logged = [DoseSession(id=f"s{k}", at=Moment.of(f"2024-03-{2 + 3 * k:02}"), treatment="ect") for k in range(8)]
    trial = only(course, *logged)
    assert (trial.exposure, trial.adequacy, len(trial.events)) == ("8 sessions", "adequate", 9)
    contradicted = only(course.model_copy(update={"sessions_done": 6}), *logged)
    assert (contradicted.adequacy, contradicted.missing) == ("indeterminate", ("how many sessions took place",))


def test_a_dose_that_was_not_taken_does_not_count_and_one_not_logged_is_not_known():
    logs = [
        DoseLog(id=f"d{k}", at=Moment.of(f"2024-03-{1 + k:02}"), treatment="TMS", taken="taken" if k < 19 else "not_taken")
        for k in range(21)
    ]
    assert only(*logs).adequacy == "inadequate"
    unknown = [log.model_copy(update={"taken": "unknown"}) if k == 20 else log for k, log in enumerate(logs)]
    assert only(*unknown).adequacy == "indeterminate"


def test_routes_of_ketamine_are_never_put_together():
    iv = [
        DoseSession(id=f"i{k}", at=Moment.of(f"2024-03-{1 + 3 * k:02}"), treatment="ketamine", route="IV", dose_mg_per_kg=0.5)
        for k in range(3)
    ]
    home = [
        DoseLog(id=f"h{k}", at=Moment.of(f"2024-03-{2 + 3 * k:02}"), treatment="ketamine", route="sublingual", taken="taken", dose_mg=200)
        for k in range(3)
    ]
    assert [t.exposure for t in tried(*iv, *home)] == ["3 sessions", "3 sessions, 200 mg"]


def test_weight_and_milligrams_make_a_dose_per_kilogram():
    sessions = [
        DoseSession(id=f"i{k}", at=Moment.of(f"2024-03-{1 + 3 * k:02}"), treatment="ketamine", route="IV", dose_mg=40) for k in range(6)
    ]
    assert only(*sessions).missing == ("the dose of each session, or the weight that it is reckoned by",)
    heavy = [s.model_copy(update={"weight_kg": 80.0}) for s in sessions]
    assert only(*heavy).adequacy == "adequate"
    assert only(*[s.model_copy(update={"weight_kg": 81.0}) for s in sessions]).adequacy == "inadequate"


def test_a_technique_that_says_more_than_the_name_is_what_was_done():
    snt = TreatmentCourse(
        id="c", at=Moment.of("2024-03-01"), ended=Moment.of("2024-03-06"), treatment="TMS", technique="SAINT", sessions_done=30
    )
    assert only(snt).treatment == "snt"
    insomnia = TreatmentCourse(id="c", at=Moment.of("2024-03-01"), treatment="psychotherapy", technique="CBT for insomnia")
    assert not_trials(record_of(insomnia), CATALOG) == ("psychotherapy (CBT for insomnia)",)


@pytest.mark.parametrize(
    ("onset", "within"),
    [("2024-01-01", True), ("2024-04-03", True), ("2024-04-10", False), ("2024-04", None), ("2024-06-01", False), (None, None)],
)
def test_a_drug_from_before_the_episode_counts_in_it_only_after_an_adequate_time(onset, within):
    assert only(drug("sertraline", "2024-02-01", "2024-05-01", 100), onset=onset).in_episode is within
