"""What was recorded around each dose: blood pressure before it and at its peak, dissociation; and what was not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from euthymia.events import DoseLog
from euthymia.follow_up.exposure import Dose, amount_mg, kind_of
from euthymia.follow_up.result import SessionSeen
from euthymia.rules.care_facts import exposures
from euthymia.rules.readings import NO_CLOCK, NO_DOSE_TIME, Reading, Scene, measured
from euthymia.rules.session_facts import around_dose


@dataclass(frozen=True)
class Around:
    """One measurement around one dose: the last reading before it and the highest after it; where one is not known, why."""

    before: float | None
    peak: float | None
    why_before: str
    why_peak: str

    @property
    def rise(self) -> float | None:
        """How far the peak stands above the reading before the dose."""
        return None if self.before is None or self.peak is None else self.peak - self.before


AroundDose = tuple[date, Dose, Around]


def around_doses(scene: Scene, measured_id: str) -> list[AroundDose]:
    """A measurement around every dose, by time; a dose counts until the next one of its day begins."""
    doses, by_day = exposures(scene), _by_day(scene, measured_id)
    found = []
    for place, (day, dose) in enumerate(doses):
        following = doses[place + 1] if place + 1 < len(doses) else None
        until = following[1].at.instant if following and following[0] == day else None
        found.append((day, dose, _around(dose.at.instant, until, by_day.get(day, []))))
    return found


def _by_day(scene: Scene, measured_id: str) -> dict[date, list[Reading]]:
    by_day: dict[date, list[Reading]] = {}
    for reading in measured(scene, measured_id):
        by_day.setdefault(reading.day, []).append(reading)
    return by_day


def _around(start: datetime | None, until: datetime | None, readings: Sequence[Reading]) -> Around:
    if not readings:
        return Around(None, None, "not recorded", "not recorded")
    if start is None:
        return Around(None, None, NO_DOSE_TIME, NO_DOSE_TIME)
    before, after = around_dose(readings, start)
    nothing = NO_CLOCK if len(before) + len(after) < len(readings) else "not recorded"
    until_next = after if until is None else around_dose(after, until)[0]
    (low, why_low), (high, why_high) = _highest(before[-1:], nothing), _highest(until_next, nothing)
    return Around(low, high, why_low, why_high)


def _highest(readings: Sequence[Reading], nothing: str) -> tuple[float | None, str]:
    """The highest of several readings; one that cannot be used may have been it: then it is not known."""
    unusable = next((reading for reading in readings if not isinstance(reading.value, float)), None)
    if unusable is not None or not readings:
        return None, unusable.why if unusable is not None else nothing
    return max(reading.value for reading in readings if isinstance(reading.value, float)), ""


def sessions_seen(scene: Scene) -> tuple[tuple[SessionSeen, ...], int]:
    """Every session, and every dose at home around which something was measured; how many doses at home there are beside them."""
    seen = list(_seen(scene))
    kept = tuple(each for each in seen if not each.at_home or _measured_at_all(each))
    return kept, len(seen) - len(kept)


def _measured_at_all(seen: SessionSeen) -> bool:
    return any(value is not None for value in (seen.systolic_before, seen.systolic_peak, seen.diastolic_before, seen.cadss6))


def _seen(scene: Scene) -> Iterator[SessionSeen]:
    systolic, diastolic = around_doses(scene, "systolic"), around_doses(scene, "diastolic")
    scores = _highest_of_days(scene, "cadss6")
    last_amounts = dict[tuple[str, str | None], float | None]()
    for number, ((day, dose, upper), (_, _, lower)) in enumerate(zip(systolic, diastolic, strict=True), 1):
        kind, amount, score = kind_of(scene.catalog, dose), amount_mg(dose), scores.get(day)
        before = last_amounts.get(kind)
        last_amounts[kind] = amount
        yield SessionSeen(
            id=dose.id,
            day=day,
            dose=_dose_words(dose, kind, amount),
            at_home=isinstance(dose, DoseLog),
            number=number,
            same_dose=None if before is None or amount is None else before == amount,
            systolic_before=upper.before,
            diastolic_before=lower.before,
            systolic_peak=upper.peak,
            diastolic_peak=lower.peak,
            cadss6=score,
            missing=tuple(_missing(upper, lower, score)),
        )


def _missing(upper: Around, lower: Around, score: float | None) -> Iterator[str]:
    if upper.before is None or lower.before is None:
        yield f"blood pressure before the dose: {upper.why_before or lower.why_before}"
    if upper.peak is None or lower.peak is None:
        yield f"blood pressure after the dose: {upper.why_peak or lower.why_peak}"
    if score is None:
        yield "CADSS-6: not recorded"


def _highest_of_days(scene: Scene, measured_id: str) -> dict[date, float]:
    """The highest score of each day; none of a day with one that cannot be used."""
    highest = {day: _highest(readings, "")[0] for day, readings in _by_day(scene, measured_id).items()}
    return {day: value for day, value in highest.items() if value is not None}


def _dose_words(dose: Dose, kind: tuple[str, str | None], amount: float | None) -> str:
    per_kg = "" if isinstance(dose, DoseLog) or dose.dose_mg_per_kg is None else f"{dose.dose_mg_per_kg:g} mg/kg"
    said = f"{amount:g} mg" if amount is not None else per_kg or "dose not known"
    return f"{kind[0]} {kind[1] or 'by a route that is not recorded'}, {said}"
