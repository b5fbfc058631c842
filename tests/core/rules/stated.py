"""A record in which each fact named has the value named, at the age named; everything else is silent.

The facts are written the way a clinic writes them: measurements, observations, questionnaires, sessions, a plan. A fact that
cannot be written so is an error: whoever adds one to a gate has to say how it comes into a record.
"""

from datetime import datetime, timedelta
from typing import Any

from core.rules.people import CATALOG
from euthymia.record import PatientRecord
from euthymia.rule import MaximumAge

NOW = datetime.fromisoformat("2026-03-02T16:00:00+01:00")
LONG_AFTER = 300.0  # minutes after the dose: longer than any reading may be old
Value = float | str
Event = dict[str, Any]
_DECIMAL = "promis_dep_8a"  # An instrument whose totals have decimals.
_PRESSURES = {f"{name}_{part}" for name in ("systolic", "diastolic") for part in ("after_dose", "rise", "falling")}
_SCREENER = {
    "high": (1, 1, 1, 1, 0, 0, None),
    "moderate": (1, 1, 1, 0, 0, 0, None),
    "low": (1, 0, None, None, None, 0, None),
    "none": (0, 0, None, None, None, 0, None),
}
_ELSEWHERE = {"minutes_since_dose", "ketamine_session", "ketamine_care", "route", "age", "pregnancy_possible", "dose_above_bound"}


def when(age: MaximumAge, units: float) -> str:
    """So many units of its maximum age ago: an instant, or a day where days count."""
    if age.days is not None or age.ever:
        return (NOW - timedelta(days=units)).date().isoformat()
    return (NOW - timedelta(**{"minutes" if age.minutes is not None else "hours": units})).isoformat()


def record_of(facts: dict[str, Value], ages: dict[str, str], phase: str, unknown: str | None = None) -> PatientRecord:
    """The record. `ages`: when each fact was seen; absent: ten minutes ago, or today. `unknown`: of a session, what nobody recorded."""
    plans = [] if unknown == "ketamine_care" else _plans(facts)
    sessions = [_forgetful(session, unknown) for session in _sessions(facts, ages, phase)]
    events = [*_person(facts), *plans, *sessions, *_pressures(facts, ages, unknown)]
    for fact, value in facts.items():
        if fact not in _PRESSURES | _ELSEWHERE:
            events += _written(fact, value, ages.get(fact, (NOW - timedelta(minutes=10)).isoformat()))
    return PatientRecord.model_validate({"patient_id": "p", "events": [{"id": f"e{n:02}", **e} for n, e in enumerate(events)]})


def _person(facts: dict[str, Value]) -> list[Event]:
    person: Event = {"kind": "person", "at": "1980-01-01", "zone": "Europe/Madrid"}
    if "age" in facts:
        person["birth_date"] = f"{2026 - int(facts['age'])}-03-02"
    if "pregnancy_possible" in facts:
        person["pregnancy_potential"] = facts["pregnancy_possible"] == "yes"
    primary = _DECIMAL if "percent_of_range_after_dose" in facts else "phq9"
    return [person, {"kind": "episode", "at": "2025-01-01", "primary_instrument": primary}]


def _plans(facts: dict[str, Value]) -> list[Event]:
    protocols = {"current": ["esketamine_label"], "former": ["esketamine_label", "oral_antidepressant"], "none": ["oral_antidepressant"]}
    care = facts.get("ketamine_care") or ("current" if {"route", "dose_above_bound", "ketamine_session"} & set(facts) else "")
    days = ("2025-02-01", "2025-03-01")
    upper = {"dose_upper": 84} if "dose_above_bound" in facts else {}
    return [{"kind": "plan", "at": at, "protocol": p, **upper} for at, p in zip(days, protocols.get(str(care), []), strict=False)]


def _sessions(facts: dict[str, Value], ages: dict[str, str], phase: str) -> list[Event]:
    given = {"kind": "dose_session", "treatment": "esketamine", "route": facts.get("route", "nasal")}
    if "dose_above_bound" in facts:
        return [{**given, "dose_mg": 112 if facts["dose_above_bound"] == "yes" else 56, "at": ages.get("dose_above_bound", "2026-03-01")}]
    if phase == "before" and facts.get("ketamine_care") == "former" and "ketamine_session" in facts:
        return [{**given, "at": (NOW + timedelta(hours=1)).isoformat()}]  # planned for later today, although care is over
    timed = {"minutes_since_dose", "ketamine_session"} & set(facts) or _PRESSURES & set(facts)
    if phase == "before" or not timed:
        return []
    minutes = float(facts.get("minutes_since_dose", LONG_AFTER))
    return [{**given, "at": (NOW - timedelta(minutes=minutes)).isoformat()}]


def _forgetful(session: Event, unknown: str | None) -> Event:
    without = {"minutes_since_dose": {"at": session["at"][:10]}, "ketamine_session": {"treatment": "study drug"}, "route": {"route": None}}
    return session | without.get(unknown or "", {})


def _pressures(facts: dict[str, Value], ages: dict[str, str], unknown: str | None) -> list[Event]:
    """Readings that make the value after the dose, its rise since before it, and whether it falls."""
    found: list[Event] = []
    for name in ("systolic", "diastolic"):
        own = {f: facts[f] for f in (f"{name}_after_dose", f"{name}_rise", f"{name}_falling") if f in facts}
        if not own or unknown == f"{name}_after_dose":
            continue
        last = float(own.get(f"{name}_after_dose", 130 if name == "systolic" else 80))
        at = datetime.fromisoformat(next((ages[f] for f in own if f in ages), (NOW - timedelta(minutes=5)).isoformat()))
        dose = NOW - timedelta(minutes=float(facts.get("minutes_since_dose", LONG_AFTER)))
        found.append(_measured(name, last, at.isoformat()))
        if f"{name}_rise" in own:
            found.append(_measured(name, last - float(own[f"{name}_rise"]), (dose - timedelta(minutes=15)).isoformat()))
        if f"{name}_falling" in own:
            earlier = last + 10 if own[f"{name}_falling"] == "yes" else last
            found.append(_measured(name, earlier, (at - timedelta(minutes=3)).isoformat()))
    return found


def _written(fact: str, value: Value, at: str) -> list[Event]:
    """One fact by itself, as it comes into a record."""
    kind = CATALOG.vocabulary[fact]
    if fact == "cssrs_tier":
        return [{"kind": "assessment", "instrument": "cssrs_screener", "at": at[:10], "answers": _SCREENER[str(value)]}]
    if fact == "suicidality":
        return [{"kind": "assessment", "instrument": "phq9", "at": at[:10], "answers": [0] * 8 + [1 if value == "yes" else 0]}]
    if fact == "asrm_total":
        full, rest = divmod(int(value), 4)
        return [{"kind": "assessment", "instrument": "asrm", "at": at[:10], "answers": ([4] * full + [rest] + [0] * 5)[:5]}]
    if fact == "percent_of_range_after_dose":
        span = CATALOG.instruments[_DECIMAL].range
        total = span.minimum + float(value) / 100 * (span.maximum - span.minimum)
        return [{"kind": "assessment", "instrument": _DECIMAL, "phase": "after_dose", "total": total, "at": at[:10]}]
    if kind.change:
        first = 2.0
        return [_measured(kind.change.of, first, "2024-01-01"), _measured(kind.change.of, first + float(value), at)]
    if kind.ratio:
        return [_measured(kind.ratio.to, 40.0, at), _measured(kind.ratio.of, 40.0 * float(value), at)]
    if kind.measured and kind.kind != "yes_no":
        text = {"text": value} if isinstance(value, str) else {"value": value, "unit": CATALOG.measurements[kind.measured].unit}
        return [{"kind": "measurement", "measure": kind.measured, "at": at, **text}]
    if kind.kind != "yes_no":
        raise AssertionError(f"no way to write {fact} into a record; say here how it comes into one")
    return [{"kind": "observation", "about": fact, "answer": value, "at": at}]


def _measured(measured: str, value: float, at: str) -> Event:
    return {"kind": "measurement", "measure": measured, "value": value, "unit": CATALOG.measurements[measured].unit, "at": at}
