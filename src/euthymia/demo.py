"""`euthymia demo`: real patients of two trials where their data are at hand, otherwise the synthetic sample.

The trials know days since baseline, not dates: both are given one stated calendar start.
"""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from euthymia.catalog import Catalog
from euthymia.interop.intake import read_event
from euthymia.loading import load_catalog
from euthymia.reading import read_many
from euthymia.record import PatientRecord
from euthymia.report.html import write_page
from euthymia.report.progress import progress
from euthymia.report.terminal import print_panel, print_review
from euthymia.reviewing import Review, review

START = date(2026, 1, 5)
_DATA = Path("../shared/data")
_ORAL, _KETAMINE = "dia_antidepressant_hamd17/hamd17_long_with_baseline.csv", "nimh_ketamine_ds005917/ketamine_long.csv"
_MG_PER_KG = 0.5
_EACH = 2
Event = dict[str, Any]


def run(data: Path | None, page: Path) -> None:
    """Say which data it is, review everybody, show the list and one patient in full, and write that patient's page."""
    console, catalog = Console(), load_catalog()
    folder = data or _DATA
    missing = [folder / name for name in (_ORAL, _KETAMINE) if not (folder / name).is_file()]
    if data is not None and missing:
        raise FileNotFoundError(2, "no such trial data", str(missing[0]))
    real = not missing
    records = [*oral_trial(folder / _ORAL), *ketamine_trial(folder / _KETAMINE)] if real else samples(catalog)
    for line in _real_words(records) if real else _sample_words(records):
        console.print(Text(line))
    reviews = [review(record, catalog, day) for record in progress(records, "Reviewing") if (day := record.last_day())]
    console.print()
    print_panel(reviews, console, each=_EACH)
    chosen = telling(reviews)
    console.print(Text(f"\nOne of them in full, as of the last day recorded ({chosen.on.isoformat()}):\n", style="bold"))
    print_review(chosen, console)
    console.print(Text(f"\nThe same as a page, with the chart: {write_page(chosen, page)}"))
    console.print(Text("Your own file: euthymia review FILE --on last   (native JSON, CSV or FHIR R4)"))


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


def samples(catalog: Catalog) -> list[PatientRecord]:
    """The synthetic people shipped with the project."""
    with as_file(files("euthymia") / "samples") as folder:
        return [reading.record for reading in read_many(folder, catalog=catalog)]


def telling(reviews: Sequence[Review]) -> Review:
    """The patient who shows best what the question is: better than at the start, and heading somewhere above remission."""

    def worth(found: Review) -> tuple[bool, bool, int, float, str]:
        holding = found.verdict.status == "holding_above_remission"
        doses = sum(len(lane.doses) for lane in found.timeline.lanes)
        moved = (found.verdict.better or 0.0) - (found.verdict.probability or 0.0)
        return holding, doses > 4, len(found.episode.series), moved, found.patient_id

    return max(reviews, key=worth)


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


def _real_words(records: Sequence[PatientRecord]) -> list[str]:
    return [
        f"{len(records)} real people from two published trials (../shared/data; totals only, no items):",
        "  DIA    antidepressant trial, HAM-D17 at weeks 0, 1, 2, 4 and 6; drug or placebo, not told to the review",
        "  NIMH   ketamine and saline crossover, MADRS 2 and 10 days after each (0.5 mg/kg); healthy volunteers left out",
        f"The data know days since baseline, not dates: day 0 is called {START.isoformat()}, which is arbitrary.",
        "The shipped population was fitted on antidepressant trials, the first of these among them: its people are not a test of it.",
    ]


def _sample_words(records: Sequence[PatientRecord]) -> list[str]:
    return [
        f"{len(records)} SYNTHETIC people, made up and shipped with the project (the trial data in ../shared/data are not here).",
        "Nobody of them exists.",
    ]
