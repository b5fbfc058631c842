"""Timings: `make bench`. Printed, never asserted: they are of this machine, beside a peer measured in the same run."""

import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import euthymia
from euthymia.record import PatientRecord

START = date(2025, 1, 6)
COMMAND = str(Path(sys.executable).with_name("euthymia"))


def main() -> None:
    catalog = euthymia.load_catalog()
    year = patient("one-year", np.random.default_rng(52), weeks=52)
    last = START + timedelta(weeks=52)
    euthymia.review(year, catalog, last)  # the first call pays for the imports
    draw = np.random.default_rng(500)
    cohort = [patient(f"virtual-{n}", draw, weeks=int(draw.integers(4, 53))) for n in range(500)]
    answers = list("222112210")

    one = timed(lambda: euthymia.review(year, catalog, last), 51)
    fresh = timed(lambda: euthymia.review(PatientRecord(patient_id=year.patient_id, events=year.events), catalog, last), 21)
    many = timed(lambda: [euthymia.review(record, catalog, record.last_day() or last) for record in cohort], 1)
    busy = heavy()
    crowded = timed(lambda: euthymia.review(busy, catalog, busy.last_day() or last), 3)
    start = timed(lambda: run(COMMAND, "score", "phq9", *answers), 7)
    peer = timed(lambda: run(sys.executable, "-c", "import pydantic, typer"), 7)
    bare = timed(lambda: run(sys.executable, "-c", "pass"), 7)

    rows = [
        ("one review (52 ratings, 52 sessions), median of 51", f"{one * 1000:8.1f} ms"),
        ("the same, with the record validated first, median of 21", f"{fresh * 1000:8.1f} ms"),
        ("500 patients, 4 to 52 weeks each", f"{len(cohort) / many:8.0f} patients per second"),
        ("one review of 5,000 home doses and 2,000 drugs, median of 3", f"{crowded:8.2f} s"),
        ("`euthymia score phq9 …` from start to end, median of 7", f"{start:8.2f} s"),
        ("peer: python -c 'import pydantic, typer', median of 7", f"{peer:8.2f} s"),
        ("peer: python -c 'pass', median of 7", f"{bare:8.2f} s"),
    ]
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores\n")
    for name, value in rows:
        print(f"{name:<60} {value}")


def patient(patient_id: str, draw: np.random.Generator, weeks: int) -> PatientRecord:
    """A made-up course: a PHQ-9 on the morning of a weekly session, wandering toward a level of its own."""
    level, toward = 18.0, float(draw.uniform(2, 16))
    plan = {"kind": "plan", "id": "plan", "at": START.isoformat(), "protocol": "ketamine_iv", "phase": "maintenance"}
    events: list[dict[str, Any]] = [plan]
    for week in range(weeks):
        morning = datetime(START.year, START.month, START.day, 9, tzinfo=UTC) + timedelta(weeks=week)
        level += 0.3 * (toward - level) + float(draw.normal(0, 1.5))
        share = np.clip(level, 0, 27) / 27
        given = [int(v) for v in draw.binomial(3, share, size=9)]
        events.append({"kind": "assessment", "id": f"a{week}", "at": morning.isoformat(), "instrument": "phq9", "answers": given})
        session = {"treatment": "ketamine", "route": "intravenous", "dose_mg": 40.0}
        events.append({"kind": "dose_session", "id": f"s{week}", "at": (morning + timedelta(hours=2)).isoformat(), **session})
    return PatientRecord.model_validate({"patient_id": patient_id, "events": events})


def heavy() -> PatientRecord:
    """Far more than anybody's record holds: what grows faster than the record shows here."""
    events: list[dict[str, Any]] = []
    for n in range(5000):
        at = (datetime(START.year, START.month, START.day, 9, tzinfo=UTC) + timedelta(hours=20 * n)).isoformat()
        events.append({"kind": "dose_log", "id": f"d{n}", "at": at, "treatment": "ketamine", "taken": "taken", "dose_mg": 100.0})
    for n in range(2000):
        drug = ("sertraline", "lithium", "venlafaxine", "not in the catalog")[n % 4]
        day = (START + timedelta(days=2 * n)).isoformat()
        events.append({"kind": "medication", "id": f"m{n}", "at": day, "drug": drug, "daily_dose_mg": 50.0 + 50.0 * (n % 3)})
    return PatientRecord.model_validate({"patient_id": "heavy", "events": events})


def timed(work: Callable[[], object], times: int) -> float:
    """The median seconds of `times` runs."""
    seconds = []
    for _ in range(times):
        begun = perf_counter()
        work()
        seconds.append(perf_counter() - begun)
    return median(seconds)


def run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 – our own commands


if __name__ == "__main__":
    main()
