"""Sessions of virtual patients are near the published rates, and what is seen agrees with what is measured."""

from collections import Counter
from math import sqrt

import numpy as np
import pytest

from core.simulate.settings import CATALOG, setting
from euthymia.events import DoseSession, Incident, Measurement, Observation
from euthymia.simulate.effects import effects, tendency
from euthymia.simulate.records import virtual_record
from euthymia.simulate.regimens import REGIMENS, BodyDesign, body, felt_in, session_readings

RULES = CATALOG.rules["session_during"].thresholds
LARGE = (RULES["systolic_large_rise"].value, RULES["diastolic_large_rise"].value)
NINES = 3.3  # of a thousand intervals, one does not hold the truth
NAMED = ("sedation", "dissociation", "raised_pressure", "serious_adverse_event")


def raised(readings):
    """Whether any reading after the dose lies so far above the one before it. A reading: systolic, diastolic."""
    (systolic, diastolic), *after = readings
    return any(s - systolic >= LARGE[0] or d - diastolic >= LARGE[1] for s, d in after)


@pytest.mark.parametrize("protocol", ["esketamine_label", "ketamine_iv"])
def test_each_rate_lies_within_a_binomial_interval_of_its_target(protocol):
    """Sessions of 12,000 people, one each: independent, as a binomial interval needs them."""
    rates, found, people = CATALOG.base_rates.protocols[protocol], Counter(), 12_000
    for number in range(people):
        generator, before = np.random.default_rng([7, number]), number % 12
        person = body(REGIMENS[protocol], generator)
        felt = felt_in(person, before, generator)
        drawn = effects(rates, tendency(generator), felt, before, generator, BodyDesign())
        found["raised_pressure"] += raised([(r.systolic, r.diastolic) for r in session_readings(felt, person, generator)])
        found["serious_adverse_event"] += drawn.serious
        found.update(name for name in ("sedation", "dissociation") if getattr(drawn, name))
        found.update(drawn.side_effects)
    wanted = {name: getattr(rates, name).value for name in NAMED} | {name: rate.value for name, rate in rates.side_effects.items()}
    for name, share in wanted.items():
        off = abs(found[name] / people - share)
        assert off <= NINES * sqrt(share * (1 - share) / people), f"{name}: {found[name]} of {people}, wanted {share:.2%}"
    assert found["serious_adverse_event"] / people < 0.001


def test_records_of_five_thousand_sessions_are_near_the_published_rates():
    """Read from the records, as a reviewer would. Sessions of one person are alike: the interval is one over people."""
    made, counts = setting(weeks=2, seed=7), []
    while sum(given for given, _ in counts) < 5000:
        counts.append(_counted(virtual_record(made, len(counts) + 1)))
    rates, sessions = CATALOG.base_rates.protocols["esketamine_label"], sum(given for given, _ in counts)
    for name in NAMED:
        share = sum(found[name] for _, found in counts) / sessions
        spread = sqrt(sum((found[name] - share * given) ** 2 for given, found in counts)) / sessions
        target = getattr(rates, name).value
        least = sqrt(target * (1 - target) / sessions)
        assert abs(share - target) <= NINES * max(spread, least), f"{name}: {share:.2%} of {sessions}, wanted {target:.2%}"


def _counted(record):
    """How many sessions a record has, and in how many of them each thing was there."""
    found, sessions = Counter(), record.of_kind(DoseSession)
    found.update(o.about for o in record.of_kind(Observation) if o.answer == "yes" and o.about in NAMED)
    found["serious_adverse_event"] += len(record.of_kind(Incident))
    for session in sessions:
        day = session.at.day(record.zone)
        of_day = [m for m in record.of_kind(Measurement) if m.at.day(record.zone) == day]
        upper, lower = ([m.value for m in of_day if m.measure.startswith(name)] for name in ("systolic", "diastolic"))
        found["raised_pressure"] += raised(list(zip(upper, lower, strict=True)))
    return len(sessions), found


def test_the_published_rates_are_those_that_were_seen():
    eske = CATALOG.base_rates.protocols["esketamine_label"]
    assert (eske.sessions, eske.patients) == (1_486_213, 58_483)
    assert [r.value for r in (eske.sedation, eske.dissociation, eske.raised_pressure)] == [0.347, 0.41, 0.009]
    assert {r.status for r in (eske, eske.sedation, eske.dissociation, eske.raised_pressure)} == {"verified"}
    assert CATALOG.references[eske.ref].seen == "abstract"


def test_what_is_seen_agrees_with_what_is_measured():
    record = virtual_record(setting(weeks=26), 3)
    by_session = {s.id: s for s in record.of_kind(DoseSession)}
    seen = {(o.about, o.of, o.at): o.answer for o in record.of_kind(Observation)}
    assert seen
    assert {of for _, of, _ in seen} == set(by_session)
    alert = {m.at: m.value for m in record.of_kind(Measurement) if m.measure == "MOAA/S"}
    for (about, _, at), answer in seen.items():
        if about == "sedation":
            assert (alert[at] < 5) == (answer == "yes")
    felt = {m.at: m.value for m in record.of_kind(Measurement) if m.measure.startswith("dissociation")}
    peaks = [(answer, felt[at], by_session[of].at) for (about, of, at), answer in seen.items() if about == "dissociation" and felt.get(at)]
    assert {answer for answer, *_ in peaks} <= {"yes", "no"}


def test_a_protocol_without_rates_has_no_effects():
    record = virtual_record(setting(protocol="tms_course", weeks=6), 1)
    assert record.of_kind(DoseSession)
    assert not record.of_kind(Observation)
