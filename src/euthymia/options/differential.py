"""What is looked at before anything is added, and what must be known first: found, looked and not found, or not known.

Every answer has its day and a greatest age. What is not recorded is not "absent": only a positive fact says so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Condition, DoseSession, Episode, Measurement, Medication, Observation, Person
from euthymia.moment import Moment, day_in_words
from euthymia.option import Looked, Measured, Reading
from euthymia.options.doses_taken import doses_taken, running_drugs
from euthymia.options.looked_answer import Answer
from euthymia.options.named_in_text import names
from euthymia.plain_words import plain
from euthymia.ratings import Rating
from euthymia.record import PatientRecord

LookedState = Literal["present", "absent", "cannot_tell"]


@dataclass(frozen=True)
class LookedAt:
    """One item of the differential: whether it was found, when, and in one sentence on what that rests."""

    id: str
    words: str
    state: LookedState
    day: date | None
    sentence: str


@dataclass(frozen=True)
class Look:
    """One looked-at item with its answer.

    `known`: it is recorded, and nothing here judges it. `last`: the day of an answer that is too old.
    """

    item: Looked
    state: Literal["present", "absent", "known", "cannot_tell"]
    day: date | None
    sentence: str
    last: date | None = None


@dataclass(frozen=True)
class _Case:
    record: PatientRecord
    episode: CurrentEpisode
    catalog: Catalog
    on: date

    @cached_property
    def measures(self) -> list[Measurement]:
        """The last measurement of each name, by time."""
        last: dict[str, Measurement] = {}
        for measured in self.record.of_kind(Measurement):
            last.pop(measured.measure, None)
            last[measured.measure] = measured
        return list(last.values())

    @cached_property
    def seen(self) -> dict[str, Observation]:
        """The last observation of each id; a "yes" stands until a later day's "no", "unclear" takes nothing back."""
        found: dict[str, Observation] = {}
        for seen in self.record.of_kind(Observation):
            about = plain(seen.about).strip().replace(" ", "_")
            latest, zone = found.get(about), self.record.zone
            same_day = latest is not None and latest.at.day(zone) == seen.at.day(zone)
            keeps = latest is not None and latest.answer == "yes" and (seen.answer == "unclear" or (same_day and seen.answer == "no"))
            if not keeps:
                found[about] = seen
        return found

    @cached_property
    def rated(self) -> dict[str, list[Rating]]:
        """The ratings of each instrument, by time."""
        found: dict[str, list[Rating]] = {}
        for rating in (*self.episode.earlier, *self.episode.ratings):
            found.setdefault(rating.instrument, []).append(rating)
        return found

    @cached_property
    def running(self) -> list[Medication]:
        """The drugs that are being taken."""
        return running_drugs(self.record, self.on)


def look(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, on: date) -> dict[str, Look]:
    """Every looked-at item of the catalog by its id. `record` is already cut at `on`."""
    case = _Case(record, episode, catalog, on)
    return {item.id: _look(case, item) for item in catalog.looking.looked}


def differential(looks: Mapping[str, Look]) -> tuple[LookedAt, ...]:
    """The reasons why a patient may not remit, in the order of the file."""
    return tuple(
        LookedAt(each.item.id, each.item.words, "cannot_tell" if each.state == "known" else each.state, each.day, each.sentence)
        for each in looks.values()
        if each.item.differential
    )


def _look(case: _Case, item: Looked) -> Look:
    answers = list(_answers(case, item))
    oldest = case.on - timedelta(days=item.max_age_days)
    fresh = [a for a in answers if a.standing or (a.day is not None and a.day >= oldest)]
    for state in ("present", "absent", "known"):
        if found := [a for a in fresh if a.state == state]:
            last = max(found, key=lambda a: (a.day or date.min, a.words))
            gap = f"; {item.ask}" if state == "known" and item.differential else ""
            return Look(item, last.state, last.day, f"{item.words}: {last.words}{gap}")
    if not answers:
        return Look(item, "cannot_tell", None, f"{item.words}: not known; {item.ask}")
    last = max(answers, key=lambda a: (a.day or date.min, a.words))
    age = f"{(case.on - last.day).days} days ago" if last.day else "day not known"
    return Look(item, "cannot_tell", None, f"{item.words}: last {last.words}, {age}; {item.ask}", last.day)


def _answers(case: _Case, item: Looked) -> Iterator[Answer]:
    """Every source that has an answer. Each speaks with its latest word; a "yes" is taken back by its own "no" alone."""
    yield from _observed(case, item)
    yield from _conditions(case, item)
    yield from _drugs(case, item)
    for reading in item.readings:
        yield from _read(case, reading)
    for measured in item.measured:
        yield from _measured(case, measured)
    for special in item.also:
        if special == "doses":
            yield from doses_taken(case.record, case.episode, case.catalog, case.on, item.max_age_days)
        else:
            yield from _ALSO[special](case)


def _observed(case: _Case, item: Looked) -> Iterator[Answer]:
    """Several observations answer together: a "no" to one of them alone leaves the others open."""
    zone, latest = case.record.zone, {about: case.seen.get(about) for about in item.observations}
    yes = [seen for seen in latest.values() if seen is not None and seen.answer == "yes"]
    for seen in yes:
        yield Answer("present", seen.at.day(zone), f"found {_when(case, seen.at)}{f' ({seen.note})' if seen.note else ''}")
    no = [seen for seen in latest.values() if seen is not None and seen.answer == "no"]
    # The first id asks the whole question; the others ask parts of it.
    whole = [seen for about, seen in latest.items() if seen in no and about == item.observations[0]]
    if whole or (no and len(no) == len(latest)):
        seen = whole[0] if whole else min(no, key=lambda each: each.at.day(zone))
        yield Answer("absent", seen.at.day(zone), f"looked for and not found {_when(case, seen.at)}")
    for about in item.denied_by:
        checked = case.seen.get(about)
        if checked is not None and checked.answer == "yes":
            yield Answer("absent", checked.at.day(zone), f"list checked {_when(case, checked.at)}, nothing named")


def _conditions(case: _Case, item: Looked) -> Iterator[Answer]:
    for condition in case.record.of_kind(Condition) if item.conditions else ():
        if not any(names(condition.condition, word) for word in item.conditions):
            continue
        day = condition.at.day(case.record.zone)
        if condition.verification == "refuted":
            yield Answer("absent", day, f"“{condition.condition}” ruled out {_when(case, condition.at)}")
        elif condition.ended is None and condition.clinical_status not in ("resolved", "remission"):
            yield Answer("present", day, f"“{condition.condition}”, recorded from {condition.at.text[:10]}", standing=True)


def _drugs(case: _Case, item: Looked) -> Iterator[Answer]:
    for drug in case.running if item.drugs else ():
        if any(names(drug.drug, word) for word in item.drugs):
            yield Answer("present", drug.at.day(case.record.zone), f"{drug.drug} since {drug.at.text[:10]}", standing=True)


def _read(case: _Case, reading: Reading) -> Iterator[Answer]:
    instrument = case.catalog.instruments[reading.instrument]
    rated = case.rated.get(reading.instrument, [])
    found = [(r, severity) for r in rated if (severity := _severity(case, reading, r)) is not None]
    if not found:
        return
    day = max(r.day for r, _ in found)
    worst, positive = max(((r, s) for r, s in found if r.day == day), key=lambda each: each[1])
    if positive or reading.rules_out:
        item = f" item {reading.item}: {_item_answer(case, reading, worst):g}" if reading.item else f" {worst.total:g}"
        yield Answer("present" if positive else "absent", day, f"{instrument.short_name}{item} on {day_in_words(day)}")


def _severity(case: _Case, reading: Reading, rating: Rating) -> bool | None:
    """Whether a rating finds it; None where the rating cannot answer."""
    if reading.item is not None:
        answer = _item_answer(case, reading, rating)
        return None if answer is None else answer >= (reading.at_least or 0.0)
    if rating.score is None or rating.total is None:
        return None
    if reading.bands:
        return None if rating.score.band is None else rating.score.band in reading.bands
    men = (
        reading.cut_off_men is not None and next((p.sex for p in reversed(case.record.of_kind(Person)) if p.sex != "unknown"), "") == "male"
    )
    cut_off = reading.cut_off_men if men else reading.cut_off
    return cut_off in rating.score.positive


def _item_answer(case: _Case, reading: Reading, rating: Rating) -> float | None:
    place = case.catalog.instruments[reading.instrument].item_index[reading.item or ""]
    return rating.answers[place] if rating.answers is not None and place < len(rating.answers) else None


def _measured(case: _Case, measured: Measured) -> Iterator[Answer]:
    last = next((m for m in reversed(case.measures) if any(names(m.measure, name) for name in measured.names)), None)
    if last is None:
        return
    value = last.text if last.value is None else f"{last.value:g}{f' {last.unit}' if last.unit else ''}"
    words, day = f"{last.measure} {value} {_when(case, last.at)}", last.at.day(case.record.zone)
    if (measured.low is None and measured.high is None) or last.value is None:
        yield Answer("known", day, words)
    elif last.unit not in measured.unit:
        yield Answer("known", day, f"{words} (allowed units: {', '.join(measured.unit)})")
    else:
        low, high = measured.low, measured.high
        outside = (low is not None and last.value < low) or (high is not None and last.value > high)
        span = " and ".join(f"{end} {value:g}" for end, value in (("at least", low), ("at most", high)) if value is not None)
        yield Answer("present" if outside else "absent", day, f"{words}, {'not ' if outside else ''}{span}")


def _polarity(case: _Case) -> Iterator[Answer]:
    stated = next(reversed(case.record.of_kind(Episode)), None)
    if stated is not None and stated.polarity != "unknown":
        bipolar = stated.polarity == "bipolar"
        words = f"{stated.polarity} by the diagnosis {_when(case, stated.recorded_at or stated.at)}"
        yield Answer("present" if bipolar else "absent", _stated_on(case, stated), words, standing=bipolar)


def _psychosis(case: _Case) -> Iterator[Answer]:
    stated = next(reversed(case.record.of_kind(Episode)), None)
    if stated is not None and stated.psychotic is not None:
        said = "with" if stated.psychotic else "without"
        words = f"{said} psychotic symptoms by the diagnosis {_when(case, stated.recorded_at or stated.at)}"
        yield Answer("present" if stated.psychotic else "absent", _stated_on(case, stated), words, standing=stated.psychotic)


def _stated_on(case: _Case, stated: Episode) -> date:
    return (stated.recorded_at or stated.at).day(case.record.zone)


def _potential(case: _Case) -> Iterator[Answer]:
    said = [p for p in case.record.of_kind(Person) if p.pregnancy_potential is not None]
    if said and said[-1].pregnancy_potential is False:
        yield Answer("absent", None, "no pregnancy potential", standing=True)


def _weight(case: _Case) -> Iterator[Answer]:
    weighed = [s for s in case.record.of_kind(DoseSession) if s.weight_kg is not None]
    if weighed:
        yield Answer("known", weighed[-1].at.day(case.record.zone), f"{weighed[-1].weight_kg:g} kg {_when(case, weighed[-1].at)}")


_ALSO: dict[str, Callable[[_Case], Iterator[Answer]]] = {
    "polarity": _polarity,
    "psychosis": _psychosis,
    "pregnancy_potential": _potential,
    "session_weight": _weight,
}


def _when(case: _Case, moment: Moment) -> str:
    return f"on {day_in_words(moment.day(case.record.zone))}" if moment.has_day else f"in {moment}"
