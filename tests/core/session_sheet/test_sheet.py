"""The sheet of a protocol: its fields, the times of its vital signs, the bounds of its dose; as JSON."""

import json
from datetime import timedelta

import pytest

from core.rules.people import CATALOG, DOSE
from core.session_sheet.sessions import base, entries, of, with_events
from euthymia.facts import Fact

IN_CLINIC = [p.id for p in CATALOG.protocols.values() if p.kind in ("ketamine", "esketamine") and p.setting == "clinic"]


def test_a_sheet_is_json():
    found = of(base()).to_dict()
    assert json.loads(json.dumps(found))["fields"][0]["id"] == "contraindications_checked"


def test_esketamine_is_watched_before_at_40_minutes_and_on_leaving():
    assert [(t.minutes, t.when, t.status) for t in of(base()).times] == [
        (0, "before", "verified"), (40, "after", "verified"), (120, "leaving", "verified"),
    ]  # fmt: skip


def test_an_infusion_is_watched_every_quarter_of_an_hour_and_until_90_minutes():
    found = of(base(), "ketamine_iv").times
    assert [t.minutes for t in found] == [0, 15, 30, 45, 60, 90, 120]
    assert {t.status for t in found} == {"recalled", "design"}


@pytest.mark.parametrize(
    "protocol", [p.id for p in CATALOG.protocols.values() if p.kind in ("ketamine", "esketamine") and p.setting == "clinic"]
)
def test_the_times_hold_what_the_protocol_measures_after_the_dose(protocol):
    wanted = {m.minutes_after for m in CATALOG.protocols[protocol].measures if m.minutes_after}
    assert wanted <= {t.minutes for t in of(base(), protocol).times}


def test_the_last_time_is_the_observation_of_the_discharge_rules():
    assert of(base()).times[-1].minutes == CATALOG.rules["discharge"].thresholds["observation_minutes"].value


def test_a_dose_per_kilogram_needs_a_weight_and_a_nasal_one_does_not():
    assert of(base(), "ketamine_iv").field("weight").needed_for == ("dose",)
    assert of(base()).field("weight").needed_for == ()


def test_the_bounds_are_those_in_force():
    plan = {"kind": "plan", "at": "2026-03-01", "protocol": "esketamine_label", "phase": "induction", "dose_upper": 56}
    assert (of(base()).dose.lower, of(base()).dose.upper, of(base()).dose.source) == (56, 84, "protocol")
    assert (of(base(plan)).dose.upper, of(base(plan)).dose.source) == (56, "prescriber")
    other_unit = plan | {"dose_unit": "mg/kg", "dose_upper": 1}
    assert "not compared" in of(base(other_unit)).dose.unclear


def test_what_the_sheet_has_recorded_itself_is_not_held_against_it():
    typed = entries(("weight", "176", -10), ("treatment", "esketamine", -5), ("started_at", DOSE.isoformat(), 0))
    record = base({"kind": "measurement", "measure": "weight", "value": 80, "unit": "kg", "at": "2026-02-01"})
    later = of(with_events(record, of(record), typed), at=DOSE + timedelta(minutes=1))
    assert (later.weight_kg, later.sessions_today) == (80, ())


def test_every_field_says_what_it_rests_on_and_asks_for_what_the_vocabulary_knows():
    for row in CATALOG.sheet.fields:
        assert isinstance(row, Fact)
    seen = {name for key, fact in CATALOG.vocabulary.items() for name in (key, *fact.observed)}
    unread = {row.observation for row in CATALOG.sheet.fields if row.observation} - seen
    # Recorded for the form, for the eye, and for the note; no rule reads them.
    assert unread == {
        "suicidality_asked", "escort_arranged", "no_dose", "sedation", "nausea", "vomiting", "headache", "dizziness", "anxiety",
        "side_effect", "ready_to_leave", "serious_adverse_event", "vitals_acceptable_before_dose", "vitals_acceptable_before_leaving",
    }  # fmt: skip


def test_an_unknown_protocol_is_an_error_with_the_known_ones():
    with pytest.raises(KeyError, match="esketamine_label"):
        of(base(), "nothing")
