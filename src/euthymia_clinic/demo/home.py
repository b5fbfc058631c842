"""Doses at home of a virtual patient: the regimen of each phase, what was handed out, what was left, and what was said of each dose."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from euthymia.home_events import Weekday
from euthymia_clinic.demo.drawing import Body, Drawn, at_clock

_AT_HOME = 31
_REFILL = timedelta(weeks=4)
_VISIT = time(10, 15)
_UNIT_MG, _SPARE_DOSES = 50.0, 1
_ALONE, _MEASURED, _MISSING = 0.05, 0.4, 0.1
_NUMBERS = {1: "one troche", 2: "two troches", 3: "three troches", 4: "four troches"}
_TREATMENT = {"treatment": "ketamine", "route": "sublingual"}


def at_home(drawn: Drawn) -> Iterator[Body]:
    """Regimens, dispensings and counts up to the last day; nothing where no dose is taken at home."""
    dose = next((event["dose_mg"] for event in drawn.events if event["kind"] == "dose_log" and event.get("dose_mg")), None)
    if dose is not None:
        yield from _regimens(drawn, float(dose))
        yield from _supply(drawn, float(dose) / _UNIT_MG)


def said_of_dose(drawn: Drawn, event: Body) -> Body:
    """A log as the patient of the demo made it: somebody there, mostly; a cuff, sometimes; how long effects lasted."""
    if event["kind"] != "dose_log" or event["taken"] == "not_taken":
        return event
    chance = drawn.place.stream(_AT_HOME + int(event["id"].rsplit("-", 1)[1]))
    alone, measured, minutes = chance.random() < _ALONE, chance.random() < _MEASURED, float(5 * chance.integers(7, 19))
    said = {"someone_present": not alone, "pressure": "measured" if measured else "not_measured", "effects_minutes": minutes}
    return {**event, **said, "worrying": False}


def _regimens(drawn: Drawn, dose_mg: float) -> Iterator[Body]:
    """One for each interval; where the doses end, the regimen before it ended the day before."""
    found: list[Body] = []
    for segment in drawn.patient.segments:
        day = drawn.place.start + timedelta(days=segment.day)
        if segment.session_interval_days is None:
            if found:
                found[-1]["ended"] = str(day - timedelta(days=1))
            break
        if day > drawn.last:
            break
        days, words = _days(segment.session_interval_days, day)
        amount = _NUMBERS.get(int(dose_mg / _UNIT_MG), f"{dose_mg:g} mg")
        text = f"Ketamine 50 mg troches: {amount} under the tongue, {words}, in the evening. Somebody stays with you."
        by = "Demo prescriber two" if drawn.place.prescriber else "Demo prescriber"
        body = {"kind": "regimen", "id": f"regimen-{day}", "at": str(day), **_TREATMENT, "dose_mg": dose_mg}
        body |= {"words": f"{text} No driving until the next day.", "prescriber": by}
        found.append({**body, **days, "telehealth": drawn.place.number % 3 == 0})
    yield from found


def _days(interval: float, first: date) -> tuple[Body, str]:
    """The days of a regimen, as data and in words: weekdays up to a week, else every so many days."""
    if interval > 7:
        return {"every_days": interval}, f"every {interval / 7:g} weeks"
    weekdays = get_args(Weekday)
    on = [weekdays[(first + timedelta(days=int(n * interval))).weekday()] for n in range(max(1, int(7 / interval)))]
    return {"weekdays": on}, " and ".join(f"on {day.capitalize()}" for day in on)


def _supply(drawn: Drawn, units: float) -> Iterator[Body]:
    """Handed out every four weeks, what was left counted before; now and then a unit or two are not there."""
    chance, zone, left = drawn.place.stream(_AT_HOME), ZoneInfo(drawn.place.zone), 0.0
    taken = {drawn.place.start + timedelta(days=day) for day in drawn.patient.sessions}
    day = drawn.place.start
    while day <= drawn.last:
        if day > drawn.place.start:
            missing = float(chance.integers(1, 3)) if chance.random() < _MISSING else 0.0
            left = max(0.0, left - missing)
            at = at_clock(day, _VISIT, zone)
            yield {"kind": "left_over", "id": f"left-{day}", "at": at, **_TREATMENT, "units": left, "counted_by": "staff"}
        coming = sum(1 for each in taken if day <= each < day + _REFILL)
        if coming == 0:
            return
        quantity = units * (coming + _SPARE_DOSES) - left
        yield {
            "kind": "dispensing", "id": f"dispensed-{day}", "at": str(day), **_TREATMENT, "quantity": quantity, "unit_mg": _UNIT_MG,
            "days_supply": float(_REFILL.days), "pharmacy": "Compounding pharmacy", "compounded": True,
        }  # fmt: skip
        left += quantity - units * coming
        day += _REFILL
