"""Entries of one drug in a record, put together to trials: dose steps, refills, the same drug from two sources.

What is assumed where an entry has no end stands in knowledge/adequacy/rules.toml (design): it lasts until the next entry of
the drug, if that follows soon enough; the last one lasts somewhere between its start and today.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from math import inf

from euthymia.adequacy.spans import Between, Stretch
from euthymia.catalog import Catalog
from euthymia.events import Measurement, Medication
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.treatment import Treatment


@dataclass(frozen=True)
class DrugEntries:
    """The entries of one trial of one drug, by time, each with its stretch. `levels`: entry to blood levels (value, in range).

    `going_on`: the last entry has no end, nor anything that says it was stopped. `contradiction`: an end before its start.
    """

    entries: tuple[Medication, ...]
    stretches: tuple[Stretch, ...]
    levels: tuple[tuple[float, ...], ...]
    going_on: bool
    contradiction: bool


def days_of(moment: Moment, zone: tzinfo, on: date) -> Between:
    """The days (ordinals) on which something dated can have happened, none of them after `on`."""
    today = on.toordinal()
    return Between(min(moment.day(zone).toordinal(), today), min(moment.last_day(zone).toordinal(), today))


def grouped(
    record: PatientRecord, entries: Sequence[Medication], treatment: Treatment | None, catalog: Catalog, on: date
) -> Iterator[DrugEntries]:
    """All entries of one drug as trials, by time."""
    zone, rules = record.zone, catalog.adequacy
    spans = [_dates(entry, zone, on) for entry in entries]
    backward = [i for i, (begin, end) in enumerate(spans) if end is not None and end.high < begin.low]
    for i in backward:
        yield DrugEntries((entries[i],), (), (), going_on=False, contradiction=True)
    group: list[int] = []
    reach = open_since = -inf
    for i in sorted(set(range(len(entries))) - set(backward), key=lambda i: (spans[i][0].low, spans[i][0].high, entries[i].id)):
        begin, end = spans[i]
        follows = begin.low - reach <= rules.step_gap_days.value or begin.low - open_since <= rules.open_entry_days.value
        if group and not follows:
            yield _trial(record, [entries[k] for k in group], treatment, catalog, on, Between(begin.low, begin.high))
            group, reach, open_since = [], -inf, -inf
        group.append(i)
        reach = max(reach, end.high) if end is not None else reach
        open_since = max(open_since, begin.low) if end is None else open_since
    if group:
        yield _trial(record, [entries[k] for k in group], treatment, catalog, on, None)


def _dates(entry: Medication, zone: tzinfo, on: date) -> tuple[Between, Between | None]:
    return days_of(entry.at, zone, on), None if entry.ended is None else days_of(entry.ended, zone, on)


def _trial(
    record: PatientRecord, entries: list[Medication], treatment: Treatment | None, catalog: Catalog, on: date, next_trial: Between | None
) -> DrugEntries:
    """`next_trial`: when the next trial of the same drug began; an entry without an end had ended by then."""
    zone = record.zone
    begins = [days_of(entry.at, zone, on) for entry in entries]
    measured_levels = _levels(record, treatment, on)
    stretches, levels = [], []
    for i, entry in enumerate(entries):
        end, after = _end(entries, begins, i, zone, on, next_trial)
        measured = [value for day, value in measured_levels if begins[i].low <= day.high and day.low <= end.high]
        dose = _dose(entry, treatment, measured)
        adherent = _adherent(entry, catalog)
        stretches.append(Stretch(begins[i], end, dose, entry.intent, adherent, after))
        levels.append(tuple(measured))
    last_open = any(e.ended is None and s.replaced_by is None for e, s in zip(entries, stretches, strict=True))
    stopped = any(entry.stopped_because for entry in entries)
    return DrugEntries(tuple(entries), tuple(stretches), tuple(levels), last_open and not stopped and next_trial is None, False)


def _end(
    entries: Sequence[Medication], begins: Sequence[Between], i: int, zone: tzinfo, on: date, next_trial: Between | None
) -> tuple[Between, int | None]:
    """When an entry ended, and the entry that took its place where it has no end of its own. `begins` is by time."""
    ended = entries[i].ended
    if ended is not None:
        end = days_of(ended, zone, on)
        return Between(max(end.low, begins[i].low), max(end.high, begins[i].low)), None
    later = range(bisect_right(begins, begins[i].low, key=lambda begin: begin.low), len(entries))
    # A supply without its strength attests that the drug goes on; it does not say at which dose.
    step = next((k for k in later if not (entries[k].intent == "dispensed" and entries[k].daily_dose_mg is None)), None)
    if step is not None:
        return begins[step], step
    # Closed entries of the same trial say nothing of an open one; a later open one, or a supply, attests it.
    attested = begins[-1].low
    latest = float(on.toordinal()) if next_trial is None else next_trial.high
    return Between(attested, max(latest, attested)), None


def _adherent(entry: Medication, catalog: Catalog) -> bool:
    """Documented at the minimum or more; or not documented, and nothing says that it was not taken."""
    rules = catalog.adequacy
    if entry.adherence_percent is not None:
        return entry.adherence_percent >= rules.adherence_percent.value
    return not rules.non_adherence.names(entry.stopped_because)


def _dose(entry: Medication, treatment: Treatment | None, levels: Sequence[float]) -> Between:
    """The daily dose in mg; a blood level in range is an adequate dose, whatever was prescribed."""
    found = treatment.level if treatment else None
    known = Between(-inf, inf) if entry.daily_dose_mg is None else Between(entry.daily_dose_mg, entry.daily_dose_mg)
    if found is None:
        return known
    inside = [found.holds(value) for value in levels]
    if inside and all(inside):
        return Between(inf, inf)
    if found.instead_of_dose:
        return Between(known.low, inf) if any(inside) else known
    return Between(-inf, -inf) if inside and not any(inside) else Between(-inf, inf)


def _levels(record: PatientRecord, treatment: Treatment | None, on: date) -> list[tuple[Between, float]]:
    """The blood levels measured, each with its day."""
    level = treatment.level if treatment else None
    if level is None:
        return []
    found = []
    for measured in record.of_kind(Measurement):
        named = any(f" {word} " in f" {measured.measure.lower().replace('-', ' ').replace(',', ' ')} " for word in level.measures)
        if named and measured.value is not None and measured.unit in level.units:
            found.append((days_of(measured.at, record.zone, on), measured.value))
    return found
