"""What a regimen plans on a day. Each past day is judged against the regimen in force on that day."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from euthymia.events import Regimen

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def regimen_on(regimens: Sequence[Regimen], day: date, zone: ZoneInfo) -> Regimen | None:
    """The regimen that holds on a day, or may: the last one begun, until it ended. Another of its drug and route ended the one before."""
    begun = [regimen for regimen in regimens if regimen.at.day(zone) <= day]
    if not begun or (begun[-1].ended is not None and day > begun[-1].ended.last_day(zone)):
        return None
    return begun[-1]


def planned_on(regimens: Sequence[Regimen], day: date, zone: ZoneInfo) -> int | None:
    """How many doses were planned on a day; None where that is not known.

    Not known: before the first regimen, on days that no regimen fixes, on the day on which it ended (nobody says whether its dose
    was still to be taken), and while it is not certain that it had begun.
    """
    if not any(regimen.at.day(zone) <= day for regimen in regimens):
        return None
    regimen = regimen_on(regimens, day, zone)
    if regimen is None:
        return 0
    over = regimen.ended is not None and day >= regimen.ended.day(zone)
    if over or day < regimen.at.last_day(zone):
        return None
    return _by_its_days(regimen, day, zone)


def most_on(regimens: Sequence[Regimen], day: date, zone: ZoneInfo) -> int | None:
    """The most doses that can have been planned on a day: none before the first regimen; None where its days are not fixed."""
    regimen = regimen_on(regimens, day, zone)
    return 0 if regimen is None else _by_its_days(regimen, day, zone)


def _by_its_days(regimen: Regimen, day: date, zone: ZoneInfo) -> int | None:
    if regimen.weekdays:
        return regimen.doses_a_day if _WEEKDAYS[day.weekday()] in regimen.weekdays else 0
    if regimen.every_days is None or not regimen.at.has_day:
        return None
    # Every 3.5 days: on days 0, 3, 7, 10, 14 of the regimen.
    passed = (day - regimen.at.day(zone)).days
    steps = -int(-passed // regimen.every_days)
    return regimen.doses_a_day if int(steps * regimen.every_days) == passed else 0
