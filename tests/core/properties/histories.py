"""Histories that a clinic could have: ratings of several instruments around sessions, plans and incidents, and odd ones too.

`core.strategies.records` makes every legal record; these make records in which a review has much to say.
"""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from euthymia.events import Assessment
from euthymia.loading import load_catalog
from euthymia.record import PatientRecord

CATALOG = load_catalog()
START = date(2026, 1, 5)
LAST = 120
RATED = ("phq9", "madrs", "qids_sr16", "promis_dep_8a", "cssrs_screener", "asrm", "who5", "gas")


def day(offset: int) -> str:
    return (START + timedelta(days=offset)).isoformat()


def instant(offset: int, hour: int) -> str:
    return (datetime(2026, 1, 5, hour, tzinfo=UTC) + timedelta(days=offset)).isoformat()


offsets = st.integers(-20, LAST)
moments = st.one_of(
    offsets.map(day), st.builds(instant, offsets, st.integers(0, 23)), offsets.map(lambda o: day(o)[:7]), offsets.map(lambda o: day(o)[:4])
)
days_or_instants = st.one_of(offsets.map(day), st.builds(instant, offsets, st.integers(0, 23)))


@st.composite
def item_answers(draw: st.DrawFn, instrument_id: str, missing: bool = True) -> list[float | None]:
    """Answers within their ranges; one questionnaire in three has gaps."""
    items = CATALOG.instruments[instrument_id].items
    gaps = [None] if missing and draw(st.integers(0, 2)) == 0 else []
    return [
        draw(st.sampled_from([*gaps, *(i.minimum + k * i.step for k in range(int((i.maximum - i.minimum) / i.step) + 1))])) for i in items
    ]


@st.composite
def assessments(draw: st.DrawFn) -> dict[str, object]:
    instrument = draw(st.sampled_from(RATED))
    event: dict[str, object] = {"kind": "assessment", "instrument": instrument, "at": draw(moments)}
    span = CATALOG.instruments[instrument].range
    if span and draw(st.integers(0, 2)) == 0:
        steps = int((span.maximum - span.minimum) / (span.step or 0.1))
        event["total"] = round(span.minimum + draw(st.integers(0, steps)) * (span.step or 0.1), 1)
    if "total" not in event:
        event["answers"] = draw(item_answers(instrument))
    return event | {
        "phase": draw(st.sampled_from([None, None, "before_session", "after_dose", "unrelated"])),
        "mode": draw(st.sampled_from([None, "self", "clinician"])),
    }


others = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("episode"),
            "at": moments,
            "ended": st.none() | moments,
            "primary_instrument": st.sampled_from([None, "phq9", "madrs", "who5", "gone"]),
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("target"), "at": moments, "definition": st.sampled_from([None, "acnp_2006", "esketamine_programme", "gone"])}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("plan"),
            "at": moments,
            "protocol": st.sampled_from([None, "esketamine_label", "oral_antidepressant", "gone"]),
            "phase": st.sampled_from([None, "maintenance", "gone"]),
            "next_decision": st.none() | moments,
            "rating_interval_days": st.sampled_from([None, 7, 0.5, 90]),
            "dose_lower": st.sampled_from([None, 0.25, 56]),
            "dose_upper": st.sampled_from([None, 56, 84]),
            "dose_unit": st.sampled_from(["mg", "mg/kg"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("dose_session"),
            "at": days_or_instants,
            "treatment": st.sampled_from(["ketamine", "esketamine"]),
            "route": st.sampled_from([None, "IV", "intranasal", "sublingual"]),
            "dose_mg": st.sampled_from([None, 40, 84]),
            "dose_mg_per_kg": st.sampled_from([None, 0.5]),
            "weight_kg": st.sampled_from([None, 80]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("observation"),
            "at": moments,
            "about": st.sampled_from(["escort_present", "sleep_apnoea", "elevated_mood", "psychotic_symptoms", "something else"]),
            "answer": st.sampled_from(["yes", "no", "unclear"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("measurement"),
            "at": moments,
            "measure": st.sampled_from(["systolic", "diastolic", "ALT", "something else"]),
            "value": st.sampled_from([12, 85, 121, 165, 400]),
            "unit": st.sampled_from([None, "mm[Hg]", "U/L", "kg"]),
        }
    ),
    st.fixed_dictionaries(
        {"kind": st.just("incident"), "at": moments, "incident": st.sampled_from(["hospitalisation", "attempt", "adverse_event"])}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("medication"),
            "at": moments,
            "ended": st.none() | moments,
            "drug": st.sampled_from(["sertraline", "lithium", "clonazepam", "something else"]),
            "daily_dose_mg": st.sampled_from([None, 50, 150]),
            "adherence_percent": st.sampled_from([None, 40, 90]),
            "outcome": st.sampled_from(["unknown", "none", "partial", "response"]),
            "outcome_source": st.sampled_from([None, "PHQ-9 19 to 14"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("treatment_course"),
            "at": moments,
            "ended": st.none() | moments,
            "treatment": st.sampled_from(["ect", "tms", "psychotherapy"]),
            "technique": st.sampled_from([None, "bilateral", "iTBS", "CBT for insomnia"]),
            "sessions_done": st.sampled_from([None, 4, 30]),
            "outcome": st.sampled_from(["unknown", "none", "partial", "response"]),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("concern"), "at": moments, "settled": st.none() | moments, "concern": st.just("worried")}),
    st.fixed_dictionaries(
        {
            "kind": st.just("request"),
            "at": moments,
            "instrument": st.just("phq9"),
            "outcome": st.sampled_from(["open", "missed", "answered", "excused"]),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("decision"),
            "at": moments,
            "disposition": st.sampled_from(["continue", "titrate", "switch", "hold_by_agreement"]),
            "reason": st.just("as agreed"),
            "reason_code": st.sampled_from([None, "too_early"]),
            "option": st.sampled_from([None, "gone"]),
            "second_opinion": st.sampled_from([None, "a colleague, in May"]),
            "patient_reason": st.just("for now"),
            "next_decision": moments,
        }
    ),
    st.fixed_dictionaries({"kind": st.just("person"), "at": moments, "zone": st.sampled_from([None, "Asia/Tokyo", "America/New_York"])}),
)


@st.composite
def histories(draw: st.DrawFn) -> PatientRecord:
    """A record of up to fourteen events, a few of which correct earlier ones."""
    events = draw(st.lists(assessments(), max_size=9)) + draw(st.lists(others, max_size=5))
    for position, event in enumerate(events):
        event["id"] = f"e{position:02}"
        if position and draw(st.integers(0, 9)) == 0:
            event["supersedes"] = f"e{draw(st.integers(0, position - 1)):02}"
            event["entered_in_error"] = draw(st.booleans())
    return PatientRecord.model_validate({"patient_id": "p", "events": events})


def with_answers_blanked(record: PatientRecord, event_id: str, positions: set[int]) -> PatientRecord:
    """The same record, some answers of one assessment not given."""
    events = []
    for event in record.events:
        if isinstance(event, Assessment) and event.id == event_id and event.answers is not None:
            kept = tuple(None if place in positions else answer for place, answer in enumerate(event.answers))
            events.append(event.model_copy(update={"answers": kept}))
        else:
            events.append(event)
    return PatientRecord(patient_id=record.patient_id, events=tuple(events))
