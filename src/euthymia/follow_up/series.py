"""One fact over time, as the record states it; measured around doses, one point a dose."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from euthymia.events import DoseSession
from euthymia.follow_up.result import Exposure, Point, Series
from euthymia.follow_up.sessions import Around, AroundDose, around_doses
from euthymia.follow_up.thresholds import thresholds_of
from euthymia.rule import MaximumAge, RatioFound, VocabularyFact
from euthymia.rules.known import Known, look_up, readings_of, shown
from euthymia.rules.readings import Reading, Scene

_ANY_AGE = MaximumAge(ever=True, status="design", note="a course shows what was last known, and how old it is")


def series_of(scene: Scene, fact_id: str, exposure: Exposure) -> Series:
    """Everything that is known of one fact, with its trend and its thresholds."""
    fact = scene.catalog.vocabulary[fact_id]
    measured_id = _around_doses(fact)
    around = around_doses(scene, measured_id) if measured_id else None
    points = tuple(_points(scene, fact_id, fact, exposure) if around is None else _per_dose(fact, around, exposure))
    last = _last_of(points, fact_id) if around is not None else look_up(scene, fact_id, _ANY_AGE)
    usable = [point for point in points if isinstance(point.value, float) and point.upper is None]
    first = usable[0] if usable else None
    exact = isinstance(last.value, float) and last.upper is None
    return Series(
        fact=fact_id,
        words=fact.words,
        unit=shown_unit(fact),
        numeric=fact.kind == "number",
        stated=fact.computed is None,
        answers=("positive", "negative") if fact.measured and not fact.condition and not fact.observed else ("yes", "no"),
        points=points,
        last=last,
        age_days=(scene.on - last.day).days if last.day else None,
        first=first,
        change=usable[-1].value - first.value if exact and first and len(usable) > 1 else None,  # type: ignore[operator]
        worse=_worse(fact),
        thresholds=thresholds_of(scene.catalog, fact_id, first),
        unrecorded=_unrecorded(fact, around) if around is not None else None,
    )


def shown_unit(fact: VocabularyFact) -> str:
    """The unit as a person says it; empty of a score, a count and a ratio."""
    return shown(fact, 1.0).removeprefix("1").strip() if fact.kind == "number" else ""


def _worse(fact: VocabularyFact) -> Literal["up", "down", "yes", "no"]:
    if fact.kind == "number":
        return "up" if fact.worst == "highest" else "down"
    return "no" if fact.worst == "no" else "yes"


def _around_doses(fact: VocabularyFact) -> str | None:
    """What is measured around a dose, where the fact is of that kind."""
    return fact.measured if fact.place != "any" else fact.of[0] if fact.computed == "peak_rise" else None


def _per_dose(fact: VocabularyFact, doses: Sequence[AroundDose], exposure: Exposure) -> Iterator[Point]:
    for day, _, around in doses:
        value, why = _which(fact, around)
        # A dose around which nothing was recorded is no reading; the table of sessions says so.
        if value is not None or why not in ("", "not recorded"):
            yield Point(day, value, exposure.doses_by(day), "session", why=why)


def _unrecorded(fact: VocabularyFact, doses: Sequence[AroundDose]) -> tuple[int, int]:
    """Of how many supervised sessions it is not known, and how many there were."""
    sessions = [around for _, dose, around in doses if isinstance(dose, DoseSession)]
    return sum(_which(fact, around)[0] is None for around in sessions), len(sessions)


def _which(fact: VocabularyFact, around: Around) -> tuple[float | None, str]:
    if fact.place == "before_dose":
        return around.before, around.why_before
    if fact.place == "after_dose":
        return around.peak, around.why_peak
    return around.rise, around.why_peak or around.why_before


def _last_of(points: Sequence[Point], fact_id: str) -> Known:
    known = next((point for point in reversed(points) if point.value is not None), None)
    if known is None:
        why = points[-1].why if points else "not recorded"
        return Known(fact_id, "not_known", None, points[-1].day if points else None, "session", why=why)
    return Known(fact_id, "known", known.value, known.day, known.source)


def _points(scene: Scene, fact_id: str, fact: VocabularyFact, exposure: Exposure) -> Iterator[Point]:
    for reading in _ratios(scene, fact.ratio) if fact.ratio else readings_of(scene, fact_id):
        yield Point(reading.day, reading.value, exposure.doses_by(reading.day), reading.source, reading.upper, reading.why)


def _ratios(scene: Scene, ratio: RatioFound) -> list[Reading]:
    """Every value as a multiple of what held then: the last one recorded before the next value."""
    above, below = readings_of(scene, ratio.of), readings_of(scene, ratio.to)
    zone = scene.record.zone
    found = []
    for place, value in enumerate(above):
        after = above[place + 1].at.key(zone) if place + 1 < len(above) else None
        limits = [limit for limit in below if after is None or limit.at.key(zone) < after]
        found.append(_ratio(scene, ratio, value, limits[-1] if limits else None))
    return found


def _ratio(scene: Scene, ratio: RatioFound, value: Reading, limit: Reading | None) -> Reading:
    if not isinstance(value.value, float):
        return value
    if limit is not None and isinstance(limit.value, float):
        return replace(value, value=value.value / limit.value)
    measured_id = scene.catalog.vocabulary[ratio.to].measured
    span = scene.catalog.measurements[measured_id].plausible if measured_id else None
    if span is None or span.low <= 0:
        return replace(value, value=None, why="the laboratory's limit is not recorded")
    # Without the laboratory's own limit the ratio lies between those that limits can make it.
    between = "the laboratory’s own limit is not recorded"
    return replace(value, value=value.value / span.high, upper=value.value / span.low, why=between)
