"""Every field of the form: filled from what is recorded, missing with what would settle it, never guessed and never "no" by silence."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.rems.spray import CATALOG, DAY, asked, at, drug, filled, measured, person, pressure, record, saw, session
from core.strategies import records
from euthymia.events import DoseSession, Observation
from euthymia.record import PatientRecord
from euthymia.rems import Answer, CannotTellRems, NotRems, RemsForm, rems_form


def words(form: RemsForm, field: str) -> str:
    return form.answer(field).words


def gap(form: RemsForm, field: str) -> Answer:
    found = form.answer(field)
    assert (found.state, found.words) == ("missing", ""), found
    return found


# --- Which sessions have a form at all ---


@pytest.mark.parametrize(
    ("treatment", "route", "why"),
    [
        ("ketamine", "intravenous", "ketamine is not esketamine"),
        ("ketamine", "sublingual", "ketamine is not esketamine"),
        ("ketamine", "oral", "ketamine is not esketamine"),
        ("ketamine", "intranasal", "ketamine is not esketamine"),
        ("racemic ketamine", None, "racemic ketamine is not esketamine"),
        ("arketamine", "intranasal", "arketamine is not esketamine"),
        ("ECT", None, "ECT is not esketamine"),
        ("esketamine", "IV", "IV is not the nasal route"),
        ("esketamine", "infusion over 40 min", "infusion over 40 min is not the nasal route"),
        ("esketamine", "SL troche", "SL troche is not the nasal route"),
        ("Spravato", "by mouth", "by mouth is not the nasal route"),
        ("esketamine", "IM", "IM is not the nasal route"),
    ],
)
def test_other_drugs_and_routes_never_fall_into_the_flow(treatment, route, why) -> None:
    found = asked(session(treatment=treatment, route=route))
    assert found == NotRems(why)


@pytest.mark.parametrize("route", ["intranasal", "nasal", "IN", "in", "Nasal spray, 3 devices"])
@pytest.mark.parametrize("treatment", ["esketamine", "Spravato", "esketamine (Spravato) 84 mg"])
def test_the_spray_has_a_form(treatment, route) -> None:
    assert isinstance(asked(session(treatment=treatment, route=route)), RemsForm)


@pytest.mark.parametrize("route", [None, "as usual", "in the clinic", "nasal, then troche"])
def test_a_route_that_nobody_understands_is_asked_about(route) -> None:
    found = asked(session(route=route))
    assert isinstance(found, CannotTellRems)
    assert "whether it was the nasal spray" in found.missing


def test_a_drug_that_nobody_named_is_asked_about_unless_the_route_rules_it_out() -> None:
    """As the session sheet writes it while a dose has begun and nothing else is typed."""
    for route in (None, "nasal"):
        assert asked(session(treatment="drug not recorded yet", route=route)) == CannotTellRems(
            "whether it was the nasal spray: the drug is not recorded"
        )
    assert isinstance(asked(session(treatment="drug not recorded yet", route="IV")), NotRems)


def test_a_site_of_another_country_has_no_form_and_one_without_a_country_has() -> None:
    for country, expected in (("us", RemsForm), ("es", NotRems), (None, RemsForm)):
        catalog = CATALOG.model_copy(update={"here": CATALOG.here.model_copy(update={"country": country})})
        assert isinstance(rems_form(record(person(), session()), "s", catalog, DAY), expected)


def test_a_session_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError, match=r"unknown session 'x'; known: s"):
        asked(session(), name="x")
    with pytest.raises(KeyError, match="unknown session 's'"):
        asked(session(), on=date(2026, 3, 1))


# --- Versions ---


@pytest.mark.parametrize(
    ("day", "version", "has", "has_not"),
    [
        ("2020-06-01", "rems_2021", "maoi", "opioid"),
        ("2021-11-01", "rems_2021", "maoi", "respiratory_depression"),
        ("2024-12-30", "rems_2021", "maoi", "first_treatment"),
        ("2024-12-31", "rems_2025", "opioid", "maoi"),
        ("2026-03-02", "rems_2025", "respiratory_depression", "maoi"),
    ],
)
def test_the_version_is_that_of_the_sessions_day(day, version, has, has_not) -> None:
    form = filled(session(at=day, ended=None))
    ids = {answer.id for answer in form.answers}
    assert form.version == version
    assert has in ids
    assert has_not not in ids
    assert ("not known here" in form.version_note) == (day == "2020-06-01")


# --- The person, first treatment, enrolment ---


def test_the_person_as_recorded_and_what_the_clinic_knows_beside() -> None:
    said = person(name="Ada", birth_date="1980-02-03", sex="female")
    form = rems_form(record(said, session()), "s", CATALOG, DAY, {"name": "0147", "setting": "First clinic"})
    assert isinstance(form, RemsForm)
    assert [words(form, f) for f in ("name", "birth_date", "sex", "setting")] == ["Ada", "1980-02-03", "female", "First clinic"]
    bare = filled(session(), name="s")
    assert [gap(bare, f).settled_by for f in ("name", "birth_date", "sex")] == ["person"] * 3
    assert words(filled(session(), setting="Clinic"), "setting") == "Clinic"
    assert bare.answer("setting").state == "by_hand"


def test_a_year_is_no_date_of_birth() -> None:
    form = rems_form(record(person(birth_date="1980"), session()), "s", CATALOG, DAY)
    assert isinstance(form, RemsForm)
    assert gap(form, "birth_date").settle == "found 1980; needed: the day"


def test_first_treatment_is_no_only_by_an_earlier_session_and_never_yes_by_silence() -> None:
    assert "one elsewhere is not ruled out" in gap(filled(session()), "first_treatment").settle
    earlier = session("before", at="2026-02-27", ended=None)
    assert words(filled(session(), earlier), "first_treatment") == "no"
    assert filled(session(), earlier).answer("enrolled").state == "not_asked"
    for other in ({"route": None}, {"route": "IV"}, {"treatment": "ketamine"}, {"at": "2026"}):
        unlike = session("before", **{"at": "2026-02-27", "ended": None, **other})
        assert filled(session(), unlike).answer("first_treatment").state == "missing"
    form = filled(session(), saw("rems_first_treatment", "yes", "2026-03-02"))
    assert words(form, "first_treatment") == "yes"
    assert gap(form, "enrolled").about == "rems_enrolled"
    enrolled = filled(session(), saw("rems_first_treatment", "yes", "2026-03-02"), saw("rems_enrolled", "yes", "2026-02-20", of=None))
    assert words(enrolled, "enrolled") == "yes"


# --- Medicines: "no" only where the list was gone through ---

REVIEWED = saw("medicines_reviewed", "yes", "2026-03-02", of=None)


@pytest.mark.parametrize(
    ("name", "field"),
    [("lorazepam", "benzodiazepine"), ("zolpidem", "hypnotic"), ("oxycodone", "opioid"), ("modafinil", "psychostimulant")],
)
def test_a_medicine_that_is_taken_is_a_yes_and_its_absence_needs_a_reviewed_list(name, field) -> None:
    assert words(filled(session(), drug(name)), field) == "yes"
    assert words(filled(session(), drug(name), REVIEWED), field) == "yes"
    assert gap(filled(session()), field).settle == "the list of medicines was not gone through"
    assert words(filled(session(), REVIEWED), field) == "no"
    assert words(filled(session(), drug(name, ended="2026-03-01"), REVIEWED), field) == "no"
    assert words(filled(session(), drug(name, since="2026-03-03"), REVIEWED, on=date(2026, 3, 9)), field) == "no"


def test_a_drug_that_nobody_knows_here_is_no_no() -> None:
    assert "is not a drug that is known here" in gap(filled(session(), drug("zzz-17"), REVIEWED), "opioid").settle


@pytest.mark.parametrize(("day", "expected"), [("2026-01-31", "no"), ("2026-01-30", "")])
def test_a_list_gone_through_too_long_ago_says_nothing(day, expected) -> None:
    assert words(filled(session(), saw("medicines_reviewed", "yes", day, of=None)), "benzodiazepine") == expected


def test_the_older_form_asks_for_maoi() -> None:
    old = session(at="2023-03-02", ended=None)
    assert words(filled(old, drug("phenelzine", "2022-01-01")), "maoi") == "yes"
    assert gap(filled(old), "maoi").settled_by == "medicines"


# --- The session ---


def test_what_the_session_says() -> None:
    form = filled(session(dose_mg=84, lot="L1", monitored_by="nurse N"))
    found = [words(form, f) for f in ("treatment_date", "dose", "lot", "monitored_by", "total_minutes")]
    assert found == ["2026-03-02", "84", "L1", "nurse N", "125"]
    bare = filled(session(ended=None))
    assert [gap(bare, f).settled_by for f in ("dose", "lot", "monitored_by", "total_minutes")] == ["session"] * 4
    assert gap(filled(session(at="2026-03", ended=None)), "treatment_date").settle == "found 2026-03; needed: the day"


@pytest.mark.parametrize(("minutes", "expected", "short"), [(119, "119", True), (119.9, "119", True), (120, "120", False)])
def test_less_than_two_hours_is_said_as_it_was(minutes, expected, short) -> None:
    answer = filled(session(ended=at(minutes))).answer("total_minutes")
    assert (answer.words, bool(answer.remark)) == (expected, short)


def test_an_end_before_the_dose_or_without_a_clock_is_missing() -> None:
    assert "before the dose" in gap(filled(session(ended=at(-5))), "total_minutes").settle
    assert "clock time at which monitoring ended" in gap(filled(session(ended="2026-03-02")), "total_minutes").settle
    assert "clock time of the dose" in gap(filled(session(at="2026-03-02")), "total_minutes").settle


def test_when_the_patient_would_have_been_ready() -> None:
    assert words(filled(session(), measured("minutes_until_ready", 95, "min", "2026-03-02")), "ready_minutes") == "95"
    assert "needed: minutes" in gap(filled(session(), measured("minutes_until_ready", 1.5, "h", "2026-03-02")), "ready_minutes").settle
    looks = [
        saw("ready_to_leave", "no", 60),
        saw("ready_to_leave", "yes", 80),
        saw("ready_to_leave", "no", 90),
        saw("ready_to_leave", "yes", 105),
    ]
    assert words(filled(session(), looks), "ready_minutes") == "105"
    assert words(filled(session(), looks[:2]), "ready_minutes") == "80"
    assert gap(filled(session(), looks[:1]), "ready_minutes").settle == "not recorded"
    assert gap(filled(session(), saw("ready_to_leave", "yes", "2026-03-02")), "ready_minutes")
    assert gap(filled(session()), "ready_minutes")


# --- Vital signs ---


def test_vital_signs_are_a_judgement_never_made_of_numbers() -> None:
    form = filled(session(), pressure(118, 74, -5))
    assert gap(form, "vitals_before").settle == "nobody has said so"
    assert words(filled(session(), saw("vitals_acceptable_before_dose", "no", -5)), "vitals_before") == "no"
    assert (
        gap(filled(session(), saw("vitals_acceptable_before_leaving", "unclear", 120)), "vitals_leaving").settle == "the answer was unclear"
    )


def test_the_three_pressures() -> None:
    form = filled(
        session(), pressure(120, 75, -60), pressure(128, 80, 0), pressure(150, 95, 38), pressure(149, 94, 43), pressure(130, 82, 110)
    )
    assert [words(form, f"pressure_{which}") for which in ("before", "check", "end")] == ["128/80", "150/95", "130/82"]
    assert form.answer("pressure_check").source == "measured at 10:38"


@pytest.mark.parametrize(("minutes", "found"), [(29, False), (30, True), (50, True), (51, False)])
def test_about_forty_minutes(minutes, found) -> None:
    form = filled(session(), pressure(150, 95, minutes))
    assert words(form, "pressure_check") == ("150/95" if found else "")


@pytest.mark.parametrize(("minutes", "found"), [(94, False), (95, True), (125, True), (126, False)])
def test_before_completion(minutes, found) -> None:
    form = filled(session(), pressure(130, 82, minutes))
    assert words(form, "pressure_end") == ("130/82" if found else "")


@pytest.mark.parametrize(
    ("readings", "why"),
    [
        ([measured("systolic", 128, "mm[Hg]", -5)], "no diastolic pressure stands beside the other"),
        (pressure(80, 128, -5), "found 80/128; allowed: the systolic above the diastolic"),
        ([measured("systolic", 12.8, "kPa", -5), measured("diastolic", 8, "kPa", -5)], "unit not understood"),
        (pressure(400, 80, -5), "which cannot be"),
    ],
)
def test_a_pressure_that_cannot_be_used_is_missing_with_its_reason(readings, why) -> None:
    assert why in gap(filled(session(), readings), "pressure_before").settle


def test_without_the_clock_of_the_dose_no_pressure_has_its_place() -> None:
    form = filled(session(at="2026-03-02", ended=None), pressure(128, 80, -5))
    assert {gap(form, f"pressure_{which}").settle for which in ("before", "check", "end")} == {"the clock time of the dose is not recorded"}
    assert "monitoring ended" in gap(filled(session(ended=None), pressure(128, 80, 120)), "pressure_end").settle


# --- Effects ---


def test_one_look_that_saw_it_is_a_yes_with_its_times() -> None:
    looks = [
        saw("sedation", "no", 5),
        saw("sedation", "yes", 20),
        saw("sedation", "yes", 50),
        saw("sedation", "no", 90),
        saw("sedation", "no", 120),
    ]
    form = filled(session(), looks)
    assert [words(form, f) for f in ("sedation", "sedation_onset", "sedation_resolved")] == [
        "yes",
        "10:20 (20 minutes after the dose)",
        "11:30 (90 minutes after the dose)",
    ]
    still = filled(session(), looks[:3])
    assert gap(still, "sedation_resolved").says == "no"


@pytest.mark.parametrize(("minutes", "expected"), [(5, ""), (39, ""), (40, "no"), (120, "no"), ("2026-03-02", "no")])
def test_a_no_counts_from_forty_minutes_on_or_of_the_whole_session(minutes, expected) -> None:
    form = filled(session(), saw("dissociation", "no", minutes))
    assert words(form, "dissociation") == expected
    assert form.answer("dissociation_onset").state == ("not_asked" if expected else "missing")


def test_a_look_before_the_dose_is_none_of_the_session() -> None:
    assert gap(filled(session(), saw("sedation", "yes", -10)), "sedation").settle == "not recorded"


@pytest.mark.parametrize(
    ("measure", "value", "field", "speaks"),
    [
        ("moaas", 4, "sedation", True),
        ("moaas", 5, "sedation", False),
        ("cadss6", 1, "dissociation", True),
        ("cadss6", 0, "dissociation", False),
    ],
)
def test_a_score_that_speaks_for_an_effect_stands_against_a_no(measure, value, field, speaks) -> None:
    form = filled(session(), saw(field, "no", 120), measured(measure, value, None, 40))
    assert words(form, field) == ("" if speaks else "no")
    assert ("say whether it was" in form.answer(field).settle) == speaks
    # A score alone is no yes and no no.
    assert gap(filled(session(), measured(measure, value, None, 40)), field)
    assert words(filled(session(), saw(field, "yes", 60), measured(measure, value, None, 40)), field) == "yes"


def test_an_unclear_answer_stays_open() -> None:
    assert (
        gap(filled(session(), saw("sedation", "no", 60), saw("sedation", "unclear", 90)), "sedation").settle
        == "the last answer was unclear"
    )


def test_what_is_noted_of_the_day_belongs_to_its_only_session() -> None:
    alone = filled(session(), saw("sedation", "yes", 20, of=None))
    assert words(alone, "sedation") == "yes"
    two = filled(session(), session("other", at="2026-03-02T15:00:00-05:00", ended=None), saw("sedation", "yes", 20, of=None))
    assert gap(two, "sedation").settle == "not recorded"
    with_ect = filled(
        session(),
        session("ect", at="2026-03-02T08:00:00-05:00", ended=None, treatment="ECT", route=None),
        saw("sedation", "yes", 20, of=None),
    )
    assert words(with_ect, "sedation") == "yes"


def test_what_was_noted_of_a_session_holds_of_its_correction() -> None:
    corrected = session("s2", supersedes="s", dose_mg=56)
    form = filled(session(), corrected, saw("sedation", "yes", 20), name="s2")
    assert (form.session_id, words(form, "sedation"), words(form, "dose")) == ("s2", "yes", "56")
    assert filled(session(), corrected, name="s").session_id == "s2"


# --- Serious adverse event ---


def test_a_serious_event_by_word_or_by_incident_and_never_no_by_silence() -> None:
    incident = {"kind": "incident", "id": "i", "at": "2026-03-02", "incident": "adverse_event"}
    assert gap(filled(session()), "serious_event").settle == "not recorded"
    assert words(filled(session(), saw("serious_adverse_event", "no", 125)), "serious_event") == "no"
    assert words(filled(session(), {**incident, "serious": True}, saw("serious_adverse_event", "no", 125)), "serious_event") == "yes"
    assert "whether it was serious" in gap(filled(session(), incident, saw("serious_adverse_event", "no", 125)), "serious_event").settle
    assert words(filled(session(), {**incident, "serious": False}, saw("serious_adverse_event", "no", 125)), "serious_event") == "no"
    assert filled(session(), saw("serious_adverse_event", "yes", 60)).answer("serious_event").remark == "reported on its own form as well"


# --- Properties ---


def every_form(found: PatientRecord, on: date) -> list[RemsForm | NotRems | CannotTellRems]:
    return [rems_form(found, s.id, CATALOG, on) for s in found.until(on).of_kind(DoseSession)]


EVENTS = [
    person(name="Ada", birth_date="1980-02-03", sex="female"), session(dose_mg=56, lot="L"),
    session("next", at="2026-03-05T10:00:00-05:00", ended=None),
    drug("lorazepam"), REVIEWED, saw("sedation", "yes", 20), saw("sedation", "no", 90), saw("dissociation", "no", 60),
    saw("serious_adverse_event", "no", "2026-03-02"), *pressure(128, 80, -5), *pressure(150, 95, 41), *pressure(130, 82, 120),
    measured("moaas", 3, None, 30), saw("rems_form_submitted", "yes", "2026-03-04"),
    saw("rems_first_treatment", "no", "2026-03-02", of="next"),
]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.permutations(EVENTS), st.integers(0, 12))
def test_the_order_of_entry_does_not_matter_and_nothing_looks_ahead(events, days) -> None:
    on = date(2026, 3, 2 + days)
    found, straight = record(*events), record(*EVENTS)
    assert every_form(found, on) == every_form(straight, on)
    assert every_form(straight, on) == every_form(straight.until(on), on)


# What must stand in a record before a field may say "no".
NEEDED = {"effects": None, "medicines": "medicines_reviewed", "serious": "serious_adverse_event"}


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(1, len(EVENTS) - 1)))
def test_a_no_needs_a_look_that_said_so_whatever_else_is_taken_away(left_out) -> None:
    kept = [event for place, event in enumerate(EVENTS) if place not in left_out]
    about = {event.get("about") for event in kept}
    for form in every_form(record(*kept), date(2026, 3, 12)):
        assert isinstance(form, RemsForm)
        for answer in form.answers:
            if answer.words == "no" and answer.section in NEEDED:
                assert (NEEDED[answer.section] or answer.id) in about, answer


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(records(max_events=8))
def test_any_record_is_filled_without_a_fault_and_silence_is_never_no(found) -> None:
    quiet = PatientRecord(patient_id="p", events=tuple(e for e in found.events if not isinstance(e, Observation)))
    spray = tuple(
        e.model_copy(update={"treatment": "esketamine", "route": "nasal"}) if isinstance(e, DoseSession) else e for e in quiet.events
    )
    for source in (found, PatientRecord(patient_id="p", events=spray)):
        for form in every_form(source, date(2090, 12, 31)):
            if isinstance(form, RemsForm):
                json.dumps(form.to_dict())
                assert source is found or {a.id for a in form.answers if a.words == "no"} <= {"first_treatment"}


def test_the_data_are_the_form() -> None:
    form = filled(session(dose_mg=56), saw("sedation", "yes", 20))
    said = json.loads(json.dumps(form.to_dict()))
    assert (said["schema"], said["version"], said["complete"], said["due_by"]) == ("euthymia/rems-form/1", "rems_2025", False, "2026-03-09")
    assert [each["id"] for each in said["answers"]] == [answer.id for answer in form.answers]
    with pytest.raises(KeyError, match="unknown field 'x'; known: name"):
        form.answer("x")
    assert replace(form, answers=()).complete
