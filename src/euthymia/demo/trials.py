"""Real people of two published trials as records.

The trials know days since baseline, not dates: both are given one stated calendar start.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from euthymia.interop.intake import read_event
from euthymia.record import PatientRecord

START = date(2026, 1, 5)
ORAL, KETAMINE = "dia_antidepressant_hamd17/hamd17_long_with_baseline.csv", "nimh_ketamine_ds005917/ketamine_long.csv"
_MG_PER_KG = 0.5
Event = dict[str, Any]


def oral_trial(path: Path) -> Iterator[PatientRecord]:
    """HAM-D17 of an antidepressant trial: one record a person, drug or placebo not told to the review."""
    for person, rows in _by_person(path, "PATIENT").items():
        events = [_plan(START, "oral_antidepressant", "acute", rating_interval_days=14)]
        events += [
            _rating(f"{person}-{row['RELDAYS']}", START + timedelta(days=_day(row["RELDAYS"])), "hamd17", float(row["HAMDTL17"]))
            for row in rows
        ]
        events.append(
            {"kind": "medication", "id": f"{person}-drug", "at": START.isoformat(), "drug": "study drug or placebo", "source": "trial"}
        )
        yield _record(f"DIA {person}", events)


def ketamine_trial(path: Path) -> Iterator[PatientRecord]:
    """MADRS around one infusion of ketamine and one of saline, two weeks apart; the volunteers without depression left out."""
    for person, rows in _by_person(path, "participant_id").items():
        if rows[0]["group"] == "HC":
            continue
        events = [_plan(START, "ketamine_iv", "series")]
        order = [rows[0]["infusion_1"], rows[0]["infusion_2"]]
        seen = {int(float(row["period"])) for row in rows if row["MADRS_Total"]}
        events += [_infusion(person, period, order[period - 1]) for period in sorted(seen - {0})]
        events += [_madrs(person, row) for row in rows if row["MADRS_Total"]]
        yield _record(f"NIMH {person.removeprefix('sub-')}", events)


def _by_person(path: Path, column: str) -> dict[str, list[dict[str, str]]]:
    people: dict[str, list[dict[str, str]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            people.setdefault(row[column], []).append(row)
    return people


def _day(text: str) -> int:
    return round(float(text))


def _plan(day: date, protocol: str, phase: str, **more: object) -> Event:
    return {"kind": "plan", "id": "plan", "at": day.isoformat(), "protocol": protocol, "phase": phase, "source": "trial", **more}


def _rating(event_id: str, day: date, instrument: str, total: float, phase: str = "unrelated") -> Event:
    return {
        "kind": "assessment",
        "id": event_id,
        "at": day.isoformat(),
        "instrument": instrument,
        "total": total,
        "mode": "clinician",
        "phase": phase,
        "source": "trial",
    }


def _infusion(person: str, period: int, given: str) -> Event:
    """An infusion of the crossover: the first on the start day, the second two weeks later."""
    drug = {"d": "ketamine", "p": "saline"}[given]
    event = {
        "kind": "dose_session",
        "id": f"{person}-infusion-{period}",
        "at": _infusion_day(period).isoformat(),
        "treatment": drug,
        "route": "IV",
    }
    return {**event, "source": "trial", **({"dose_mg_per_kg": _MG_PER_KG} if given == "d" else {})}


def _madrs(person: str, row: dict[str, str]) -> Event:
    """A MADRS of the crossover. Ten days after an infusion counts; two days after ketamine is still its effect."""
    period, after = int(float(row["period"])), _day(row["day_since_infusion"])
    day = _infusion_day(max(period, 1)) + timedelta(days=after)
    phase = "after_dose" if after == 2 and row["infusion_type"] == "ketamine" else "unrelated"
    return _rating(f"{person}-{row['session_id']}", day, "madrs", float(row["MADRS_Total"]), phase)


def _infusion_day(period: int) -> date:
    return START + timedelta(days=14 * (period - 1))


def _record(patient_id: str, events: Sequence[Event]) -> PatientRecord:
    read = [read_event(event)[0] for event in events]
    return PatientRecord.model_validate({"patient_id": patient_id, "events": tuple(event for event in read if event is not None)})


def trial_words(records: Sequence[PatientRecord]) -> list[str]:
    """Who these people are."""
    return [
        f"{len(records)} real people from two published trials (../shared/data; totals only, no items):",
        "  DIA    antidepressant trial, HAM-D17 at weeks 0, 1, 2, 4 and 6; drug or placebo, not told to the review",
        "  NIMH   ketamine and saline crossover, MADRS 2 and 10 days after each (0.5 mg/kg); healthy volunteers left out",
        f"The data know days since baseline, not dates: day 0 is called {START.isoformat()}, which is arbitrary.",
        "The shipped population was fitted on antidepressant trials, the first of these among them: its people are not a test of it.",
    ]
