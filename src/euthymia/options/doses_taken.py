"""Doses really taken: home doses of the last weeks, and the adherence recorded of every running drug for depression.

Never logged is unknown, never "taken": "none missed" is said only where every source has answered, and lately.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import DoseLog, Medication, Plan
from euthymia.moment import day_in_words
from euthymia.options.looked_answer import Answer
from euthymia.options.named_in_text import names
from euthymia.record import PatientRecord


@dataclass(frozen=True)
class _Part:
    """What one source says. `missed` None: it says too little, or says it no more."""

    day: date
    missed: bool | None
    words: str


def doses_taken(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date, max_age_days: float) -> Iterator[Answer]:
    """At most one answer: doses missed or changed (present), none (absent); known where a source is silent."""
    parts = [*_home(record, episode, catalog, on), *_drugs(record, catalog, on, max_age_days)]
    missed = [part for part in parts if part.missed]
    if missed:
        yield Answer("present", max(part.day for part in missed), "; ".join(part.words for part in missed))
    elif parts:
        # Where one source is silent, what the others say is told, and judges nothing.
        settled = all(part.missed is False for part in parts)
        state: Literal["absent", "known"] = "absent" if settled else "known"
        yield Answer(state, min(part.day for part in parts) if settled else on, "; ".join(part.words for part in parts))


def running_drugs(record: PatientRecord, on: date) -> list[Medication]:
    """The drugs that are being taken on `on`, as far as the record says."""
    return [m for m in record.of_kind(Medication) if m.ended is None or m.ended.last_day(record.zone) > on]


def _home(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> Iterator[_Part]:
    """Home doses since the window began."""
    window = int(catalog.option_limits.dose_log_days.value)
    logs = [log for log in record.of_kind(DoseLog) if on - timedelta(days=window) < log.at.day(record.zone) <= on]
    if not logs:
        if catalog.protocols[episode.plan.protocol].setting == "home":
            yield _Part(on, None, f"no home dose logged in {window} days")
        return
    last = max(log.at.day(record.zone) for log in logs)
    gone = sum(log.taken in ("not_taken", "changed") for log in logs)
    taken = sum(log.taken == "taken" for log in logs)
    interval = next((p.session_interval_days for p in reversed(record.of_kind(Plan))), None) or episode.plan.phase.session_interval_days
    planned = int(window / interval) if interval else None
    said = f"home doses in {window} days: {taken} taken, {gone} missed or changed{f', {planned} planned' if planned else ''}"
    enough = taken == len(logs) and (planned is None or taken >= planned)
    yield _Part(last, True if gone else False if enough else None, said)


def _drugs(record: PatientRecord, catalog: Catalog, on: date, max_age_days: float) -> Iterator[_Part]:
    """The adherence of every running drug that the catalog knows as a treatment; how old it is counts."""
    words = [word for treatment in catalog.treatments.values() for word in treatment.words]
    for drug in running_drugs(record, on):
        if not any(names(drug.drug, word) for word in words):
            continue
        day, share = (drug.recorded_at or drug.at).day(record.zone), drug.adherence_percent
        if share is None:
            yield _Part(day, None, f"{drug.drug}: adherence not known")
        else:
            old = (on - day).days > max_age_days
            low = share < catalog.option_limits.adherence_percent.value
            yield _Part(day, None if old else low, f"{drug.drug} {share:g} % taken (of {day_in_words(day)}{', too old' if old else ''})")
