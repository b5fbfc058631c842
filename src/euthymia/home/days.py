"""The days of a regimen so far: how many doses were planned on each, and how each one that was logged went."""

from collections.abc import Iterator
from datetime import date, timedelta

from euthymia.home.planned import planned_on, regimen_on
from euthymia.home.result import HomeDay
from euthymia.home.supply import Supply

ONE_DAY = timedelta(days=1)


def home_days(supply: Supply, grace_days: float, on: date) -> tuple[HomeDay, ...]:
    """Every day since the regimen began on which it held, or something was logged.

    A day within the grace is there only once something was logged on it, and nothing of it counts as not logged.
    """
    return tuple(_days(supply, on - timedelta(days=grace_days), on))


def every_day(first: date, last: date) -> Iterator[date]:
    """The days from `first` through `last`."""
    yield from (first + timedelta(days=n) for n in range((last - first).days + 1))


def _days(supply: Supply, closed: date, on: date) -> Iterator[HomeDay]:
    """`closed`: the last day whose time to log is over."""
    for day in every_day(supply.begins, on):
        logged = day in supply.logs_by_day
        if logged or (day <= closed and regimen_on(supply.regimens, day, supply.zone)):
            yield _day(supply, day, still_time=day > closed)


def _day(supply: Supply, day: date, *, still_time: bool) -> HomeDay:
    logs, planned = supply.logs_by_day.get(day, ()), planned_on(supply.regimens, day, supply.zone)
    how = [log.taken for log in logs]
    return HomeDay(
        day=day,
        planned=planned,
        taken=how.count("taken"),
        not_taken=how.count("not_taken"),
        changed=how.count("changed"),
        unlogged=None if planned is None or still_time else max(0, planned - len(logs)),
        unknown=how.count("unknown"),
    )
