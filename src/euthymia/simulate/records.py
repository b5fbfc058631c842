"""The record of a virtual patient, as a clinic would keep it. Every event says that it is simulated; there are no names.

Ratings are at nine in the morning and sessions at eleven (UTC), so that a rating on the day of a session comes before it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from euthymia.record import PatientRecord
from euthymia.simulate.courses import Courses
from euthymia.simulate.effects import EffectDesign, Effects, effects, tendency
from euthymia.simulate.foreign import ForeignCourses
from euthymia.simulate.items import answers_for, item_offsets
from euthymia.simulate.patients import ANSWERS, BODY, EFFECTS, LOGS, Setting, VirtualPatient, draw_patient
from euthymia.simulate.regimens import Body, body, felt_in, session_readings
from euthymia.simulate.schedule import Segment, decision_days, skipped_days

SOURCE = "simulated"
_RATING, _SESSION, _EVENING = time(9, tzinfo=UTC), time(11, tzinfo=UTC), time(19, tzinfo=UTC)
_LOGGED_SHARE = 0.95
_WORDS = {
    "change_interval": "another interval between sessions",
    "switch": "another drug",
    "stop": "no more sessions",
}
Event = dict[str, Any]


def virtual_record(setting: Setting, number: int) -> PatientRecord:
    """The record of patient `number` (from 1 on) of a setting."""
    return record_of(setting, draw_patient(setting, number))


def record_of(setting: Setting, patient: VirtualPatient) -> PatientRecord:
    """The record of a patient who has been drawn."""
    patient_id = setting.patient_id(patient.number)
    parts = (_background, _plans, _ratings, _doses)
    events = [event for part in parts for event in part(setting, patient)]
    named = ({**event, **{key: f"{patient_id}-{event[key]}" for key in ("id", "of") if key in event}} for event in events)
    held = tuple({**event, "source": SOURCE} for event in named)
    return PatientRecord.model_validate({"patient_id": patient_id, "events": held})


def _background(setting: Setting, _patient: VirtualPatient) -> Iterator[Event]:
    first = setting.start.isoformat()
    yield {"kind": "person", "id": "person", "at": first, "zone": "UTC"}
    yield {"kind": "episode", "id": "episode", "at": first, "primary_instrument": setting.instrument.id}
    yield {"kind": "target", "id": "target", "at": first, "definition": setting.catalog.verdict.default_definition}


def _plans(setting: Setting, patient: VirtualPatient) -> Iterator[Event]:
    """A plan at the beginning, at every new phase and at every change; a decision with each change; the daily drugs."""
    segments = [segment for segment in patient.segments if patient.until is None or segment.day < patient.until]
    for place, segment in enumerate(segments):
        at = _day(setting, segment.day)
        if segment.decision != "stop":
            intervals = {"session_interval_days": segment.session_interval_days, "rating_interval_days": segment.rating_interval_days}
            plan = {"kind": "plan", "id": f"plan-{place:02d}", "at": at, "protocol": setting.protocol.id, "phase": segment.phase.id}
            yield {**plan, **intervals}
        if segment.decision:
            decision = {"kind": "decision", "id": f"decision-{place:02d}", "at": at, "disposition": segment.decision}
            yield {**decision, "reason": f"simulated decision: {_WORDS[segment.decision]}"}
    yield from _drugs(setting, segments)
    yield from _unchanged(setting, patient, {segment.day for segment in segments})


def _unchanged(setting: Setting, patient: VirtualPatient, changed: set[int]) -> Iterator[Event]:
    """Decision points at which nothing was changed, as far as somebody wrote it down."""
    for day in decision_days(patient.segments, setting.last if patient.until is None else patient.until - 1):
        if day not in changed and patient.lots.recorded[day] < setting.schedule.recorded_share:
            decision = {"kind": "decision", "id": f"decision-day-{day:04d}", "at": _day(setting, day), "disposition": "continue"}
            yield {**decision, "reason": "simulated decision: no change"}


def _drugs(setting: Setting, segments: list[Segment]) -> Iterator[Event]:
    drugs = setting.regimen.drugs
    starts = [s for place, s in enumerate(segments) if drugs and (place == 0 or s.drug != segments[place - 1].drug)]
    for place, segment in enumerate(starts):
        end = _day(setting, starts[place + 1].day) if place + 1 < len(starts) else None
        drug, dose = drugs[segment.drug % len(drugs)]
        event = {"kind": "medication", "id": f"drug-{place:02d}", "at": _day(setting, segment.day), "drug": drug, "ended": end}
        yield {**event, "daily_dose_mg": dose if len(drugs) > 1 else None}


def _ratings(setting: Setting, patient: VirtualPatient) -> Iterator[Event]:
    """A request for every rating that fell due, and an assessment where it was answered."""
    instrument, generator = setting.instrument, setting.stream(patient.number, ANSWERS)
    offsets = item_offsets(instrument, generator, setting.items)
    dropped = patient.attendance.dropped_at
    asked = len(patient.due) if dropped is None else min(len(patient.due), dropped + 1 + setting.schedule.requests_after)
    for place, (due, total, answered) in enumerate(
        list(zip(patient.due, patient.totals, patient.attendance.answered, strict=True))[:asked]
    ):
        request = {"kind": "request", "id": f"request-{place:03d}", "at": _day(setting, due.planned), "instrument": instrument.id}
        yield {**request, "outcome": "answered" if answered else "missed"}
        answers = answers_for(instrument, total, offsets, generator, setting.items)
        if answered:
            rating = {"kind": "assessment", "id": f"rating-{place:03d}", "at": _at(setting, due.day, _RATING), "instrument": instrument.id}
            phase = "before_session" if due.session else "unrelated"
            yield {**rating, "mode": _mode(setting, patient.courses, place), "phase": phase, "answers": answers, "total": total}


def _mode(setting: Setting, courses: Courses, place: int) -> str:
    usual = "clinician" if setting.instrument.structure.rater == "clinician" else "self"
    if isinstance(courses, ForeignCourses) and courses.other_mode[0, place]:
        return "self" if usual == "clinician" else "clinician"
    return usual


def _doses(setting: Setting, patient: VirtualPatient) -> Iterator[Event]:
    person = body(setting.regimen, setting.stream(patient.number, BODY), setting.body)
    here = [day for day in patient.sessions if patient.until is None or day < patient.until]
    if setting.regimen.how == "home":
        yield from _home_doses(setting, patient, person, here)
    elif setting.regimen.how == "session":
        yield from _sessions(setting, patient, person, here)


def _sessions(setting: Setting, patient: VirtualPatient, person: Body, days: list[int]) -> Iterator[Event]:
    """Each session with its dose, what was measured before it, at its peak and on leaving, and what was seen of it."""
    regimen, generator, seen = setting.regimen, setting.stream(patient.number, LOGS), setting.stream(patient.number, EFFECTS)
    rates, own = setting.catalog.base_rates.protocols.get(setting.protocol.id), tendency(seen)
    for count, day in enumerate(days):
        at = datetime.combine(setting.start + timedelta(days=day), _SESSION)
        session = {"kind": "dose_session", "id": f"session-{count:03d}", "at": at.isoformat(), "treatment": regimen.treatment}
        yield {**session, "route": regimen.route, "weight_kg": person.weight_kg, **_dose(setting, person)}
        felt = felt_in(person, count, generator, setting.body)
        if rates:
            yield from _effects(setting, count, at, effects(rates, own, felt, count, seen, setting.body))
        for place, reading in enumerate(session_readings(felt, person, generator, setting.body)):
            when = (at + timedelta(minutes=reading.minutes)).isoformat()
            values = (
                ("systolic blood pressure", "systolic", reading.systolic, "mm[Hg]"),
                ("diastolic blood pressure", "diastolic", reading.diastolic, "mm[Hg]"),
                ("CADSS-6", "dissociation", reading.dissociation, "{score}"),
            )
            for measure, short, value, unit in values:
                event = {"kind": "measurement", "id": f"session-{count:03d}-{short}-{place}", "at": when, "measure": measure}
                if value is not None:
                    yield {**event, "value": value, "unit": unit}


def _effects(setting: Setting, count: int, at: datetime, found: Effects) -> Iterator[Event]:
    """What is seen at the peak, and that it has gone on leaving; side effects only where there were any."""
    session = f"session-{count:03d}"
    for place, (minutes, peak) in enumerate(((setting.body.peak_minutes, True), (setting.body.late_minutes, False))):
        common = {"at": (at + timedelta(minutes=minutes)).isoformat()}
        scores = (("MOAA/S", found.moaas if peak else EffectDesign.awake, "{score}"), ("oxygen saturation", found.saturation[place], "%"))
        for measure, value, unit in scores:
            short = measure.lower().replace("/", "").replace(" ", "-")
            yield {"kind": "measurement", "id": f"{session}-{short}-{place}", "measure": measure, "value": value, "unit": unit, **common}
        seen = {"sedation": peak and found.sedation, "dissociation": peak and found.dissociation}
        seen |= dict.fromkeys(found.side_effects, True) if peak else {}
        for about, there in seen.items():
            event = {"kind": "observation", "id": f"{session}-seen-{about}-{place}", "about": about, "answer": "yes" if there else "no"}
            yield {**event, "of": session, **common}
        if peak and found.serious:
            yield {"kind": "incident", "id": f"{session}-serious", "incident": "adverse_event", "serious": True, **common}


def _dose(setting: Setting, person: Body) -> Event:
    if person.dose is None:
        return {}
    if setting.regimen.per_kg:
        return {"dose_mg_per_kg": person.dose, "dose_mg": round(person.dose * person.weight_kg, 1)}
    return {"dose_mg": person.dose}


def _home_doses(setting: Setting, patient: VirtualPatient, person: Body, days: list[int]) -> Iterator[Event]:
    """What the patient logs: doses taken (most of them), and doses left out."""
    generator = setting.stream(patient.number, LOGS)
    skipped = skipped_days(setting.schedule, patient.lots, patient.segments, setting.last)
    left_out = [day for day in skipped if (patient.until is None or day < patient.until) and day not in days]
    for count, day in enumerate(sorted({*days, *left_out})):
        log = {"kind": "dose_log", "id": f"dose-{count:03d}", "at": _at(setting, day, _EVENING), "treatment": setting.regimen.treatment}
        taken = {"taken": "taken", "dose_mg": person.dose} if day in days else {"taken": "not_taken"}
        if generator.random() < _LOGGED_SHARE:
            yield {**log, "route": setting.regimen.route, **taken}


def _day(setting: Setting, day: int) -> str:
    return (setting.start + timedelta(days=day)).isoformat()


def _at(setting: Setting, day: int, clock: time) -> str:
    return datetime.combine(setting.start + timedelta(days=day), clock).isoformat()
