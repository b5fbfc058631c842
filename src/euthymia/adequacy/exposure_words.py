"""Exposure in words, and the facts behind it with their status."""

from collections.abc import Iterable, Sequence
from datetime import date

from euthymia.adequacy.entries import DrugEntries
from euthymia.adequacy.spans import Between, Days
from euthymia.facts import WEAKEST, Fact, Status
from euthymia.treatment import Dose, Treatment


def weakest(facts: Iterable[Fact | None]) -> Status:
    """The weakest status of the facts used; a design is weaker than what is recalled."""
    return max((fact.status for fact in facts if fact is not None), key=WEAKEST.index, default="verified")


def weakest_of(statuses: Iterable[Status]) -> Status:
    """The weakest of some statuses."""
    return max(statuses, key=WEAKEST.index, default="verified")


def listed(fact: Fact) -> str:
    """How well a fact is known, in brackets: 'recalled, medium, athf_sf'."""
    return ", ".join(part for part in (fact.status, fact.confidence, fact.ref) if part)


def minimum_words(treatment: Treatment, dose: Dose | None) -> str:
    """The minimum as it is said: '150 mg'."""
    if dose is not None:
        return dose.words
    return f"a blood level of {treatment.level.at_least:g} {treatment.level.units[0]}" if treatment.level else "the minimum"


def drug_exposure(found: DrugEntries, dose: Dose | None, days: Days, on: date) -> str:
    """'150 mg a day for 9 weeks', '50 to 150 mg a day over 12 weeks, 8 of them at 100 mg or more'."""
    doses = [entry.daily_dose_mg for entry in found.entries if entry.daily_dose_mg is not None]
    texts = [entry.dose_text for entry in found.entries if entry.dose_text]
    amount = _amounts(doses) if doses else (f"“{texts[0]}”" if texts else "dose not known")
    if found.going_on:
        since = min(stretch.begin.low for stretch in found.stretches)
        return f"{amount} for {weeks(Between(on.toordinal() - since, on.toordinal() - since))} if it is still taken"
    said = f"{amount} for {weeks(days.covered)}"
    differs = dose is not None and days.at_dose != days.covered and days.at_dose.high > 0 and doses
    return f"{said}, {weeks(days.at_dose)} of it at {dose.words} or more" if differs and dose else said


def _amounts(doses: Sequence[float]) -> str:
    low, high = min(doses), max(doses)
    return f"{low:g} mg a day" if low == high else f"{low:g} to {high:g} mg a day"


def weeks(days: Between) -> str:
    """A duration as it is said: weeks from the second one on; a range where the dates leave one."""
    low, high = int(days.low), int(days.high)
    if low == high:
        return _one(low)
    if low < 14:
        return f"{_one(low)} to {_one(high)}" if low else f"at most {_one(high)}"
    return f"{low // 7} to {_one(high)}" if high // 7 != low // 7 else _one(high)


def _one(days: int) -> str:
    if days < 14:
        return "1 day" if days == 1 else f"{days} days"
    return f"{days // 7} weeks"
