"""Everything in a record that speaks of one fact of the vocabulary, as dated readings; nothing is chosen here.

A `Scene` is one record at one time: a day (for a review), or an instant of a day (for a session). It is indexed once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Assessment, Condition, DoseSession, EventBase, Measurement, Medication, Observation
from euthymia.home import HomeDoses, home_doses
from euthymia.instrument import Instrument
from euthymia.moment import Moment
from euthymia.plain_words import names_any, plain
from euthymia.ratings import Rating
from euthymia.record import PatientRecord
from euthymia.rule import ConditionFound, Measured, ScoreFound, VocabularyFact
from euthymia.rules.sessions_today import going_on, lies_in, spoken_of
from euthymia.safety import Safety

SessionPhase = Literal["before", "during", "discharge"]
Value = float | str
_YES, _NO = ("positive", "yes", "present", "detected"), ("negative", "no", "absent", "not detected", "none")
NO_CLOCK = "its clock time is not known"
NO_DOSE_TIME = "the time of the dose is not known"


@dataclass(frozen=True, slots=True)
class Reading:
    """One statement about a fact. `value` None: it cannot be used, and `why`. `upper`: of a number that is known as a range.

    `day` and `last` are the earliest and the latest day that it can have been. `standing`: it holds now (a diagnosis, a
    drug that is taken); it does not age.
    """

    value: Value | None
    at: Moment
    day: date
    last: date
    source: str
    upper: float | None = None
    why: str = ""
    impossible: bool = False
    standing: bool = False


@dataclass(frozen=True)
class Scene:
    """A record, cut at its day, as it is looked at: on a day, or at an instant (`at`) before, during or after a session."""

    record: PatientRecord
    episode: CurrentEpisode
    catalog: Catalog
    on: date
    safe: Safety
    at: datetime | None = None
    phase: SessionPhase | None = None

    def reading(self, event: EventBase, value: Value | None, source: str, why: str = "") -> Reading:
        """A reading of an event, at the event's own time."""
        zone = self.record.zone
        return Reading(value, event.at, event.at.day(zone), event.at.last_day(zone), source, why=why)

    def now(self, value: Value | None, source: str, upper: float | None = None, why: str = "") -> list[Reading]:
        """What holds on the day itself and does not age."""
        return [Reading(value, Moment(self.on.isoformat(), "day"), self.on, self.on, source, upper=upper, why=why, standing=True)]

    def seen(self, event: EventBase) -> bool:
        """Whether an event lies before the instant that is looked from (a date of that day does)."""
        instant = event.at.instant
        return self.at is None or instant is None or instant <= self.at

    @cached_property
    def looked_up(self) -> "dict[str, list[Reading]]":
        """The readings found so far, by fact: a fact is looked for once."""
        return {}

    @cached_property
    def session(self) -> DoseSession | None:
        """The session that is spoken of: during one, the one that goes on; in a review, the last one; before one, none yet."""
        sessions = [s for s in self.record.of_kind(DoseSession) if self.seen(s)]
        if self.phase and self.phase != "before" and self.at:
            return going_on(sessions, self.catalog, self.record.zone, self.at)
        return None if self.phase == "before" else spoken_of(sessions, self.catalog, self.record.zone, self.on if self.phase else None)

    @cached_property
    def at_home(self) -> tuple[HomeDoses, ...]:
        """Ketamine at home, reconciled; each route by itself, the one in force first."""
        seen = self.record
        if self.at is not None:
            seen = PatientRecord(patient_id=seen.patient_id, events=tuple(event for event in seen.events if self.seen(event)))
        found = home_doses(seen, self.catalog, self.on)
        return tuple(each for each in found.each if "ketamine" in self.catalog.drug_classes_of(each.drug)) if found else ()

    @cached_property
    def measurements(self) -> dict[str, list[Measurement]]:
        """By the id under which the vocabulary knows them."""
        found: dict[str, list[Measurement]] = {}
        names = self.catalog.measured_by_name
        for event in self.record.of_kind(Measurement):
            code = event.code.code if event.code and "loinc" in event.code.system else ""
            known = names.get(plain(event.measure)) or names.get(code)
            if known and self.seen(event):
                found.setdefault(known, []).append(event)
        return found

    @cached_property
    def observations(self) -> dict[str, list[Observation]]:
        """By what they are about, in plain words."""
        found: dict[str, list[Observation]] = {}
        for event in self.record.of_kind(Observation):
            if self.seen(event):
                found.setdefault(plain(event.about), []).append(event)
        return found

    @cached_property
    def totals(self) -> dict[str, list[Assessment]]:
        """Stated totals of instruments that the catalog does not score."""
        found: dict[str, list[Assessment]] = {}
        for event in self.record.of_kind(Assessment):
            if event.instrument not in self.catalog.instruments and self.seen(event):
                found.setdefault(event.instrument, []).append(event)
        return found

    @cached_property
    def ratings(self) -> dict[str, list[Rating]]:
        """By instrument, by time, those of earlier episodes too."""
        found: dict[str, list[Rating]] = {}
        for rating in (*self.episode.earlier, *self.episode.ratings):
            instant = rating.at.instant
            if self.at is None or instant is None or instant <= self.at:
                found.setdefault(rating.instrument, []).append(rating)
        return found

    @cached_property
    def medicines(self) -> dict[str, tuple[Medication, ...]]:
        """What is taken on the day, by drug class; under "" what no class knows."""
        found: dict[str, list[Medication]] = {}
        for drug in self.record.of_kind(Medication):
            if drug.ended is None or drug.ended.last_day(self.record.zone) >= self.on:
                for name in self.catalog.drug_classes_of(drug.drug) or ("",):
                    found.setdefault(name, []).append(drug)
        return {name: tuple(drugs) for name, drugs in found.items()}


def recorded(scene: Scene, fact_id: str, fact: VocabularyFact) -> Iterator[Reading]:
    """The readings of a fact that stand in the record as such: measured, scored, observed, diagnosed, taken."""
    if fact.measured:
        yield from _placed(scene, fact, measured(scene, fact.measured, fact))
    if fact.score:
        yield from _scored(scene, fact, fact.score)
    for about in (fact_id, *fact.observed):
        for seen in scene.observations.get(plain(about), []):
            known = None if seen.answer == "unclear" else seen.answer
            yield scene.reading(seen, known, seen.by or "observed", "" if known else "the answer was unclear")
    if fact.condition:
        yield from _diagnosed(scene, fact.condition)
    for drug in scene.medicines.get(fact.drug_class, ()) if fact.drug_class else ():
        day = drug.at.day(scene.record.zone)
        yield Reading("yes", drug.at, day, day, drug.drug, standing=True)
    yield from _denied(scene, fact)


def _denied(scene: Scene, fact: VocabularyFact) -> Iterator[Reading]:
    """What says that something is absent: a negative result, or a list that was gone through (every drug on it known here)."""
    for result in scene.measurements.get(fact.denied_by_measured, []) if fact.denied_by_measured else []:
        absent = plain(result.text or "").strip() in _NO
        why = "" if absent else f"{result.measure} found {result.text or result.value!r}: which part is not known"
        yield scene.reading(result, "no" if absent else None, result.measure, why)
    unknown = scene.medicines.get("", ()) if fact.drug_class else ()
    for about in fact.denied_by:
        for seen in scene.observations.get(plain(about), []):
            if seen.answer == "yes":
                why = f"{unknown[0].drug} is not a drug that is known here" if unknown else ""
                yield scene.reading(seen, None if why else "no", seen.by or "observed", why)


def measured(scene: Scene, measured_id: str, fact: VocabularyFact | None = None) -> list[Reading]:
    """The readings of one measurement, whenever taken, in the vocabulary's unit; as numbers, unless `fact` is of another kind."""
    kind = scene.catalog.measurements[measured_id]
    found = [_measured(scene, kind, fact, event) for event in scene.measurements.get(measured_id, [])]
    for instrument in kind.instruments:
        stated = scene.totals.get(instrument, [])
        why = "no total is stated"
        found += [_possible(kind, scene.reading(e, e.total, instrument, "" if e.total is not None else why)) for e in stated]
        # Should a site add the instrument to its catalog, its scores are read instead.
        known = scene.catalog.instruments.get(instrument)
        found += [_total(known, rating) for rating in scene.ratings.get(instrument, [])] if known else []
    return sorted(found, key=lambda reading: reading.at.key(scene.record.zone))


def _measured(scene: Scene, kind: Measured, fact: VocabularyFact | None, event: Measurement) -> Reading:
    if fact is not None and fact.kind != "number":
        return scene.reading(event, *_worded(fact, event))
    if event.value is None:
        return scene.reading(event, None, event.measure, f"found {event.text!r}, not a number")
    factor = _factor(scene.catalog, kind.unit, event.unit)
    if factor is None:
        why = f"found {event.value:g} {event.unit}, unit not understood" if event.unit else f"found {event.value:g} without a unit"
        return scene.reading(event, None, event.measure, f"{why}; needed: {kind.unit}")
    return _possible(kind, scene.reading(event, event.value * factor, event.measure))


def _worded(fact: VocabularyFact, event: Measurement) -> tuple[str | None, str, str]:
    """A result in words: one of the fact's values, or yes and no."""
    text = plain(event.text or "").strip()
    if fact.kind == "one_of":
        value = next((value for value in fact.values if names_any((value,), text)), None)
    else:
        value = "no" if text in _NO else "yes" if text in _YES else None
    return value, event.measure, "" if value else f"found {event.text or event.value!r}, which is not understood"


def _factor(catalog: Catalog, needed: str, unit: str | None) -> float | None:
    """What a value is multiplied by; None where its unit is not understood. A score needs no unit."""
    if unit == needed or (unit in (None, "1") and needed.startswith("{")):
        return 1.0
    return next((each.factor for each in catalog.conversions if (each.found, each.to) == (unit, needed)), None)


def _possible(kind: Measured, reading: Reading) -> Reading:
    """Kept, and not used, where it cannot be."""
    span = kind.plausible
    if span is None or not isinstance(reading.value, float) or span.low <= reading.value <= span.high:
        return reading
    why = f"found {reading.value:g} {kind.unit}, which cannot be; {span.low:g} to {span.high:g} can"
    return Reading(None, reading.at, reading.day, reading.last, reading.source, why=why, impossible=True)


def _placed(scene: Scene, fact: VocabularyFact, found: list[Reading]) -> Iterator[Reading]:
    """Only the readings before, or after, the dose of the session; where that is not known, it is said."""
    dose = scene.session
    if fact.place == "any" or (fact.place == "before_dose" and dose is None):
        yield from found
        return
    if dose is None:
        return
    start, day = dose.at.instant, dose.at.day(scene.record.zone)
    for reading in found:
        instant = reading.at.instant
        after_midnight = reading.day > day and instant is not None and lies_in(dose, scene.catalog, instant)
        if reading.day != day and not after_midnight:
            if fact.place == "before_dose" and reading.day < day:
                yield reading
        elif start is None or instant is None:
            yield Reading(None, reading.at, reading.day, reading.last, reading.source, why=NO_CLOCK if start else NO_DOSE_TIME)
        elif (instant <= start) == (fact.place == "before_dose"):
            yield reading


def _scored(scene: Scene, fact: VocabularyFact, found: ScoreFound) -> Iterator[Reading]:
    for instrument_id in found.instruments:
        instrument = scene.catalog.instruments[instrument_id]
        for rating in scene.ratings.get(instrument_id, []):
            if found.reading == "total":
                yield _total(instrument, rating)
            elif found.reading == "band":
                band = rating.score.band if rating.score else None
                yield _on_day(rating, band, f"{instrument.short_name}: not every question was answered", instrument)
            elif answer := _item(instrument, found.item or "", rating, fact.kind == "yes_no"):
                yield answer


def _total(instrument: Instrument, rating: Rating) -> Reading:
    return _on_day(rating, rating.total, f"{instrument.short_name}: not every question was answered", instrument)


def _on_day(rating: Rating, value: Value | None, why: str, instrument: Instrument) -> Reading:
    """Scores of one day stand together, whatever the clock: the worst of the day counts."""
    moment = Moment(rating.day.isoformat(), "day")
    return Reading(value, moment, rating.day, rating.day, instrument.short_name, why="" if value is not None else why)


def _item(instrument: Instrument, item_id: str, rating: Rating, yes_no: bool) -> Reading | None:
    """One answer. A question that was not asked after a "no" is a no; a "no" in the days after a dose takes nothing back."""
    item = instrument.items[instrument.item_index[item_id]]
    answers = rating.answers or (None,) * len(instrument.items)
    answer = answers[instrument.item_index[item_id]]
    if answer is None and item.asked_if is not None and answers[instrument.item_index[item.asked_if]] == 0:
        answer = item.minimum
    why = f"{instrument.short_name} item {item_id} {'not answered' if rating.answers else 'not known'}"
    positive = answer is not None and answer > item.minimum
    if yes_no and rating.phase == "after_dose" and not positive:
        return None
    value: Value | None = answer if not yes_no or answer is None else "yes" if positive else "no"
    return _on_day(rating, value, why, instrument)


def _diagnosed(scene: Scene, found: ConditionFound) -> Iterator[Reading]:
    for event in scene.record.of_kind(Condition):
        coded = event.code is not None and event.code.code.startswith(found.codes.get(event.code.system, ()))
        over = event.clinical_status == "resolved" or event.ended is not None
        if event.verification != "refuted" and (found.ever or not over) and (coded or names_any(found.words, event.condition)):
            day = event.at.day(scene.record.zone)
            yield Reading("yes", event.at, day, day, f"diagnosis “{event.condition}”", standing=True)
