"""Every subject: what the rules say is all there, nothing unmeasured is fine, thresholds are the catalog's, referrals are honest."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.follow_up.people import ON, measurement, record, said_of, session, statement, subject
from core.rules.people import CATALOG, HAZARDS
from core.rules.people import record as hazardous
from core.rules.test_silence import changed
from euthymia.follow_up.thresholds import rules_on
from euthymia.record import PatientRecord
from euthymia.reviewing import review
from euthymia.rules import CannotTell, Finding

DAYS = ["2025-12-01", "2026-01-10", "2026-02-14", "2026-03-01", "2026-03-20"]
numbers = [
    ("BPIC-SS", "{score}", 38),
    ("ICSI", "{score}", 20),
    ("ALT", "U/L", 200),
    ("ALT upper limit", "U/L", 60),
    ("MoCA", "{score}", 30),
]
measured = st.builds(
    lambda at, kind, share: measurement(at, kind[0], round(max(1.0, share * kind[2]), 1), kind[1]),
    st.sampled_from(DAYS), st.sampled_from(numbers), st.floats(0, 1),
)  # fmt: skip
stated = st.builds(
    statement, st.sampled_from(DAYS), st.sampled_from(["haematuria", "craving", "bladder_symptoms", "pdmp_checked", "urology_referral"]),
    st.sampled_from(["yes", "no", "unclear"]),
)  # fmt: skip
doses = st.sampled_from(DAYS).map(lambda day: session(f"{day}T10:00:00+01:00"))
events = st.lists(measured | stated | doses, max_size=15)


@settings(max_examples=40, deadline=None)
@given(events, st.sampled_from(DAYS), st.data())
def test_the_future_and_the_order_of_entry_change_nothing(found, day, data):
    on, whole = date.fromisoformat(day), record(*found)
    shuffled = data.draw(st.permutations(whole.events))
    said = review(whole, CATALOG, on).follow_up
    assert review(whole.until(on), CATALOG, on).follow_up == said
    assert review(PatientRecord(patient_id="p", events=tuple(shuffled)), CATALOG, on).follow_up == said


@settings(max_examples=40, deadline=None)
@given(events)
def test_what_the_rules_say_of_a_subject_stands_there_whole(found):
    result = review(record(*found), CATALOG, ON)
    assert result.follow_up is not None
    for subject_id, followed in CATALOG.followed.items():
        own = rules_on(CATALOG, followed.facts)
        spoken = [r for r in result.rules if isinstance(r, Finding | CannotTell) and (r.subject, r.rule) in own]
        there = subject(result.follow_up, subject_id)
        late = {r.rule for r in spoken if isinstance(r, Finding) and r.severity == "overdue"}
        assert {r.rule for r in there.results} == {r.rule for r in spoken} - late
        assert late <= {item.id for item in there.due}
        assert (there.state == "finding") == any(isinstance(r, Finding) for r in there.results)


def test_every_rule_of_long_term_care_belongs_to_a_subject():
    """A rule that nobody follows would be left out of the page."""
    followed = {pair for each in CATALOG.followed.values() for pair in rules_on(CATALOG, each.facts)}
    files = ("bladder", "liver", "cognition", "misuse", "trends", "long_term")
    assert {(name, rule.id) for name in files for rule in CATALOG.rules[name].rules} <= followed


def test_blanking_or_ageing_any_fact_of_a_patient_with_every_hazard_leaves_no_subject_fine():
    whole = hazardous(HAZARDS)
    before = review(whole, CATALOG, ON).follow_up
    assert before is not None
    grave = {s.id for s in before.subjects if s.state == "finding"}
    assert {"bladder", "liver", "misuse", "pregnancy"} <= grave
    for words, event, other in changed(whole):
        after = review(other, CATALOG, ON).follow_up
        if after is None or event.kind not in ("observation", "measurement"):
            continue
        for each in after.subjects:
            assert each.id not in grave or each.state != "nothing_found", f"{each.id} after {words}"


def test_what_nobody_measured_is_never_measured_and_never_fine():
    said = said_of(session("2026-02-20T10:00:00+01:00"))
    assert {s.id: s.state for s in said.subjects} == dict.fromkeys(CATALOG.followed, "never_measured")
    assert all(series.change is None for s in said.subjects for series in s.series)


def test_pregnancy_does_not_apply_only_by_a_positive_fact():
    events = [e for e in record(session("2026-02-20T10:00:00+01:00")).events if e.kind != "person"]
    for potential, state in ((False, "not_applicable"), (True, "never_measured"), (None, "never_measured")):
        person = {"kind": "person", "id": "x", "at": "1980-05-01", "birth_date": "1980-05-01", "pregnancy_potential": potential}
        found = PatientRecord.model_validate({"patient_id": "p", "events": [person, *(e.model_dump(mode="json") for e in events)]})
        said = review(found, CATALOG, ON).follow_up
        assert said is not None
        assert subject(said, "pregnancy").state == state


def test_the_thresholds_are_the_catalogs_with_their_status():
    said = said_of(measurement("2026-01-10", "BPIC-SS", 5, "{score}"), measurement("2026-02-20", "MoCA", 27, "{score}"))
    bpic = next(series for series in subject(said, "bladder").series if series.fact == "bpic_ss")
    rules = CATALOG.rules["bladder"].thresholds
    assert [(t.rule, t.value, t.level, t.status) for t in bpic.thresholds] == [
        ("bladder_suspect", rules["bpic_established"].value, rules["bpic_established"].value, "recalled"),
        ("bladder_symptom", rules["bpic_rise"].value, 5 + rules["bpic_rise"].value, "design"),
    ]
    [moca] = subject(said, "cognition").series
    [fall] = moca.thresholds
    assert (fall.level, fall.since_first, fall.status) == (27 - CATALOG.rules["cognition"].thresholds["moca_fall"].value, True, "design")
    before = next(series for series in subject(said, "blood_pressure").series if series.fact == "systolic_before_dose")
    assert {t.value: t.status for t in before.thresholds} == {140: "verified", 180: "design"}


def test_the_ratio_takes_the_limit_that_held_then_and_a_range_without_one():
    without = subject(said_of(measurement("2026-01-10", "ALT", 60, "U/L")), "liver").series[0]
    assert (without.points[0].value, without.points[0].upper, without.change) == (0.6, 3.0, None)
    said = said_of(
        measurement("2026-01-10", "ALT", 60, "U/L"),
        measurement("2026-01-10", "ALT upper limit", 40, "U/L"),
        measurement("2026-02-20", "ALT", 60, "U/L"),
        measurement("2026-02-20", "ALT upper limit", 30, "U/L"),
    )
    ratio = subject(said, "liver").series[0]
    assert [point.value for point in ratio.points] == [1.5, 2.0]
    assert ratio.last.value == 2.0


HAEMATURIA = statement("2026-02-20", "haematuria", "yes")
REFER = {"kind": "decision", "disposition": "refer", "at": "2026-02-25"}


@pytest.mark.parametrize(
    ("events", "asked", "state"),
    [
        ([HAEMATURIA], True, "none"),
        ([HAEMATURIA, statement("2026-02-22", "urology_referral", "yes", note="Dr Ríos")], True, "recorded"),
        ([HAEMATURIA, statement("2026-02-20", "urology_referral", "yes")], True, "recorded"),
        ([HAEMATURIA, statement("2026-02-19", "urology_referral", "yes")], True, "older"),
        ([HAEMATURIA, statement("2026-02-22", "urology_referral", "no")], True, "not_referred"),
        ([HAEMATURIA, {**REFER, "reason": "to urology, blood in the urine"}], True, "recorded"),
        ([HAEMATURIA, {**REFER, "reason": "second opinion"}], True, "none"),
        ([statement("2026-02-20", "haematuria", "no")], False, "none"),
    ],
)
def test_a_referral_is_recorded_or_it_is_not(events, asked, state):
    referral = subject(said_of(*events), "bladder").referral
    assert (referral.asked, referral.state) == (asked, state)


def test_a_decision_to_refer_elsewhere_is_still_said():
    said = said_of({**REFER, "reason": "second opinion on ECT"})
    assert [each.words for each in said.referrals] == ["second opinion on ECT"]


def test_former_care_is_followed_and_no_care_is_not():
    plan = {"kind": "plan", "at": "2026-02-03", "protocol": "oral_antidepressant"}
    later = ON + timedelta(days=200)
    said = said_of(session("2026-02-02T09:00:00+01:00"), plan, HAEMATURIA, on=later)
    assert said.care == "former"
    assert all(not s.due for s in said.subjects)
    other = record(plan)
    without = other._with(tuple(e for e in other.events if getattr(e, "protocol", "") != "esketamine_label"))
    assert review(without, CATALOG, ON).follow_up is None


def test_what_is_due_stands_under_its_subject_with_its_day():
    said = said_of(session("2026-02-20T10:00:00+01:00"), measurement("2026-01-10", "ICSI", 2, "{score}"))
    due = {item.id: item.by for item in subject(said, "bladder").due}
    assert due["bladder_score_due"] == date(2026, 4, 10)
    assert due["urinalysis_due"] == ON


def test_the_sentence_on_what_is_not_known_has_its_source():
    said = said_of()
    assert said.evidence is not None
    assert "no proof of safety" in said.evidence.sentence
    assert said.evidence.ref in CATALOG.references
    assert said.evidence_source
