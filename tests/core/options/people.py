"""Options of records written as lists of events, and of the shipped samples."""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import euthymia
from euthymia.episode import current_episode
from euthymia.heading import filtered_course
from euthymia.left import what_is_left
from euthymia.options import Options, OptionView, options
from euthymia.position import position
from euthymia.record import PatientRecord
from euthymia.resistance import history
from euthymia.rules import evaluate
from euthymia.verdict import verdict

CATALOG = euthymia.load_catalog()
SAMPLES = sorted((Path(euthymia.__file__).parent / "samples").glob("*.json"))
ON = date(2026, 6, 1)


def options_on(record: PatientRecord, on: date, rules: Any = None) -> Options:
    """The options of a record on a day, composed as a review composes them; `rules`: instead of those of the catalog."""
    cut = record.until(on)
    episode = current_episode(cut, CATALOG)
    answer = verdict(cut, episode, filtered_course(episode, CATALOG), CATALOG, on)
    before, standing = history(cut, episode, CATALOG, on), position(cut, episode, CATALOG, on)
    found = evaluate(cut, episode, CATALOG, on) if rules is None else rules
    return options(cut, episode, before, standing, answer, found, what_is_left(episode, CATALOG), CATALOG, on)


@cache
def sample(name: str) -> PatientRecord:
    record, skipped = euthymia.read(next(path for path in SAMPLES if path.stem == name))
    assert skipped == ()
    return record


def ago(days: int) -> str:
    return (ON - timedelta(days=days)).isoformat()


def event(kind: str, days: int, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "id": f"{kind}-{days}-{len(str(fields))}-{sum(map(ord, str(fields)))}", "at": ago(days), **fields}


def record_of(*events: dict[str, Any]) -> PatientRecord:
    return PatientRecord.model_validate({"patient_id": "p", "events": list(events)})


def looked(about: str, answer: str, days: int = 5) -> dict[str, Any]:
    return event("observation", days, about=about, answer=answer)


def plateau(*more: dict[str, Any], protocol: str = "ketamine_sublingual_home", birth: str = "1980-05-02", **plan: Any) -> PatientRecord:
    """Eighteen weekly ratings of 10 to 11 after a 20, under one plan, after two antidepressants without response."""
    events = [
        event("person", 400, birth_date=birth, sex="female"),
        event("episode", 300, polarity="unipolar", psychotic=False, primary_instrument="phq9"),
        event("medication", 290, drug="escitalopram", daily_dose_mg=20, ended=ago(220), adherence_percent=95, outcome="none"),
        event("medication", 219, drug="venlafaxine", daily_dose_mg=225, ended=ago(140), adherence_percent=95, outcome="none"),
        event("medication", 139, drug="sertraline", daily_dose_mg=150),
        event("plan", 133, protocol=protocol, **plan),
        event("assessment", 133, instrument="phq9", answers=[3, 3, 2, 2, 2, 2, 2, 2, 0]),
    ]
    events += [
        event("assessment", week * 7, instrument="phq9", answers=[1, 1, 1, 2, 2, 1, 2, week % 2, 0], phase="before_session")
        for week in range(18)
    ]
    return record_of(*events, *more)


def view(found: Options, option_id: str) -> OptionView | None:
    return next((v for v in (*found.offered, *found.withheld) if v.id == option_id), None)


def ids(views: tuple[OptionView, ...]) -> list[str]:
    return [v.id for v in views]
