"""What can look like resistance: each looked for in the record, present, absent, or cannot tell, with its day.

Absent needs somebody who looked; silence is "cannot tell".
"""

from collections.abc import Iterator, Sequence
from datetime import date

from euthymia.adequacy import Trial
from euthymia.catalog import Catalog
from euthymia.events import Condition, Episode, Measurement, Medication, Observation
from euthymia.facts import Status
from euthymia.record import PatientRecord
from euthymia.resistance.counting import is_antidepressant
from euthymia.resistance.result import PseudoResistance
from euthymia.treatment import Words


def pseudo_resistance(record: PatientRecord, trials: Sequence[Trial], catalog: Catalog, on: date) -> tuple[PseudoResistance, ...]:
    """Dose, duration, adherence, diagnosis, polarity, psychosis, interacting drugs (of what is taken), thyroid."""
    tried = [t for t in trials if is_antidepressant(t) and t.in_episode is not False]
    return (
        _exposure("dose", tried, record),
        _exposure("duration", tried, record),
        _adherence(tried, record, catalog),
        _diagnosis(record, catalog),
        *_episode(record),
        *_interactions(record, trials, catalog),
        _thyroid(record, catalog, on),
    )


def _exposure(what: str, tried: Sequence[Trial], record: PatientRecord) -> PseudoResistance:
    """Whether a trial of this episode was too low in dose or too short."""
    short = [t for t in tried if t.why == what]
    unsure = [t for t in tried if what in t.not_known]
    status: Status = max((t.basis for t in tried), default="recalled", key=("verified", "recalled", "design").index)
    if short:
        said = f"too {'low a dose' if what == 'dose' else 'short'}: {', '.join(f'{t.name} ({t.exposure})' for t in short)}"
        return PseudoResistance(what, "present", said, short[-1].start.day(record.zone), status)
    if unsure or not tried:
        said = f"cannot be told of {', '.join(t.name for t in unsure)}" if unsure else "no antidepressant of this episode is recorded"
        return PseudoResistance(what, "cannot_tell", said, None, status)
    return PseudoResistance(what, "absent", f"adequate in {'every trial' if len(tried) > 1 else 'the trial'} of this episode", None, status)


def _adherence(tried: Sequence[Trial], record: PatientRecord, catalog: Catalog) -> PseudoResistance:
    rule = catalog.adequacy.adherence_percent
    low = [t for t in tried if t.why == "adherence" or (t.adherence_percent is not None and t.adherence_percent < rule.value)]
    unknown = [t for t in tried if t.adherence_percent is None]
    if low:
        said = f"less than {rule.value:g} % was taken: {', '.join(t.name for t in low)}"
        return PseudoResistance("adherence", "present", said, low[-1].start.day(record.zone), rule.status)
    if unknown or not tried:
        said = f"not documented in {len(unknown)} of {len(tried)} trials" if tried else "no antidepressant of this episode is recorded"
        return PseudoResistance("adherence", "cannot_tell", said, None, rule.status)
    return PseudoResistance("adherence", "absent", f"documented at {rule.value:g} % or more in each trial", None, rule.status)


def _diagnosis(record: PatientRecord, catalog: Catalog) -> PseudoResistance:
    """Another diagnosis that is active: confirmed is present; provisional cannot be told."""
    words = catalog.resistance.pseudo_resistance.other_diagnoses
    found = [c for c in record.of_kind(Condition) if c.clinical_status in ("active", "unknown") and words.names(c.condition)]
    found = [c for c in found if c.verification != "refuted" and c.ended is None]
    sure = [c for c in found if c.verification == "confirmed" and c.clinical_status == "active"]
    if sure:
        said = f"another diagnosis is active: {', '.join(c.condition for c in sure)}"
        return PseudoResistance("diagnosis", "present", said, sure[-1].at.day(record.zone), words.status)
    if found:
        said = f"not settled: {', '.join(f'{c.condition} ({c.verification})' for c in found)}"
        return PseudoResistance("diagnosis", "cannot_tell", said, found[-1].at.day(record.zone), words.status)
    asked = _looked_at(record, catalog, "diagnosis")
    return asked or PseudoResistance(
        "diagnosis", "cannot_tell", "whether another diagnosis was looked for is not recorded", None, words.status
    )


def _episode(record: PatientRecord) -> Iterator[PseudoResistance]:
    """Polarity and psychosis, as the episode says."""
    episodes = record.of_kind(Episode)
    last = episodes[-1] if episodes else None
    day = last.at.day(record.zone) if last else None
    polarity = last.polarity if last else "unknown"
    if polarity == "unknown":
        yield PseudoResistance("polarity", "cannot_tell", "bipolar disorder not excluded", day, "design")
    elif polarity == "bipolar":
        yield PseudoResistance("polarity", "present", "the episode is recorded as bipolar", day, "design")
    else:
        yield PseudoResistance("polarity", "absent", "recorded as unipolar", day, "design")
    psychotic = last.psychotic if last else None
    if psychotic is None:
        yield PseudoResistance("psychosis", "cannot_tell", "whether there are psychotic symptoms is not recorded", day, "design")
    else:
        said = "psychotic symptoms are recorded" if psychotic else "recorded as without psychotic symptoms"
        yield PseudoResistance("psychosis", "present" if psychotic else "absent", said, day, "design")


def _interactions(record: PatientRecord, trials: Sequence[Trial], catalog: Catalog) -> Iterator[PseudoResistance]:
    """Drugs that weaken what was given, where that was read; nothing where none of those treatments was given."""
    table = catalog.resistance.pseudo_resistance
    given = {t.kind: t for t in trials if t.in_episode is not False}
    weakened = [rule for rule in table.interactions if set(rule.weakens) & set(given)]
    if not weakened:
        return
    found = False
    for rule in weakened:
        words = Words(words=rule.words, status="design", note="the words of an interaction")
        affected = [t for t in trials if t.kind in rule.weakens and t.in_episode is not False]
        for drug in record.of_kind(Medication):
            if words.names(drug.drug) and any(_together(record, drug, trial) for trial in affected):
                found = True
                said = f"{drug.drug} beside {affected[-1].name}: {rule.sentence}"
                yield PseudoResistance("interactions", "present", said, drug.at.day(record.zone), rule.status)
    if not found:
        unknown = "none is recorded; whether the list of drugs is complete is not"
        yield _looked_at(record, catalog, "interactions") or PseudoResistance(
            "interactions", "cannot_tell", unknown, None, weakened[0].status
        )


def _together(record: PatientRecord, drug: Medication, trial: Trial) -> bool:
    """Whether a drug may have been taken while a trial went on."""
    zone = record.zone
    before = drug.ended is not None and drug.ended.last_day(zone) < trial.start.day(zone)
    after = trial.end is not None and trial.end.last_day(zone) < drug.at.day(zone)
    return not before and not after


def _thyroid(record: PatientRecord, catalog: Catalog, on: date) -> PseudoResistance:
    table = catalog.resistance.pseudo_resistance
    status = table.thyroid_conditions.status
    known = [c for c in record.of_kind(Condition) if table.thyroid_conditions.names(c.condition) and c.clinical_status == "active"]
    if known := [c for c in known if c.verification in ("confirmed", "unconfirmed")]:
        return PseudoResistance("thyroid", "present", f"recorded: {known[-1].condition}", known[-1].at.day(record.zone), status)
    if asked := _looked_at(record, catalog, "thyroid"):
        return asked
    measured = [m for m in record.of_kind(Measurement) if table.thyroid_measures.names(m.measure)]
    if not measured:
        return PseudoResistance("thyroid", "cannot_tell", "not looked at: no TSH is recorded", None, status)
    last = measured[-1]
    day = last.at.day(record.zone)
    value = last.text if last.value is None else f"{last.value:g} {last.unit or ''}".strip()
    old = (on - day).days > table.thyroid_max_age_days.value
    said = f"{last.measure} {value}: {'too old to tell' if old else 'to be read against the limits of the laboratory'}"
    return PseudoResistance("thyroid", "cannot_tell", said, day, status)


def _looked_at(record: PatientRecord, catalog: Catalog, item: str) -> PseudoResistance | None:
    """The last Observation that answers an item."""
    words = catalog.resistance.pseudo_resistance.looked_at[item]
    found = [o for o in record.of_kind(Observation) if words.names(o.about)]
    if not found:
        return None
    last = found[-1]
    said = f"looked at: {last.about.replace('_', ' ')}: {last.answer}" + (f" ({last.note})" if last.note else "")
    if last.answer == "unclear":
        return PseudoResistance(item, "cannot_tell", said, last.at.day(record.zone), words.status)
    return PseudoResistance(item, "present" if last.answer == "yes" else "absent", said, last.at.day(record.zone), words.status)
