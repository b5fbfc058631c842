"""Ten regimens at home over 90 days, with discrepancies planted at known places. Nothing of the product is used: only its record is filled.

A home keeps what truly happened (what was taken, lost, counted) beside what its logs say. `expected` is kept by hand as things are
planted: every (kind, day), as often as it is to be found; whatever else is found was invented.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import count
from typing import Any

import numpy as np

START = date(2026, 3, 2)  # A Monday.
DAYS = 90
ON = START + timedelta(days=DAYS - 1)
NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def at(day: int, hour: int | None = None) -> str:
    when = (START + timedelta(days=day)).isoformat()
    return when if hour is None else f"{when}T{hour:02}:00:00+00:00"


class Home:
    """A patient who takes every dose as prescribed, logs it, has somebody there, and measures: until something is planted."""

    def __init__(self, seed: int, unit_mg: float = 50, dose_mg: float = 100, route: str = "sublingual", a_day: int = 1) -> None:
        self.draw = np.random.default_rng(seed)
        self.unit_mg, self.dose_mg, self.route, self.a_day = unit_mg, dose_mg, route, a_day
        self.events: list[dict[str, Any]] = []
        self.logs: dict[tuple[int, int], dict[str, Any]] = {}
        self.expected: Counter[tuple[str, date | None]] = Counter()
        self.numbers = count()
        self.there = 0.0
        self.kept = 0.0  # units of doses that nobody logged and nobody took

    def add(self, kind: str, **fields: Any) -> dict[str, Any]:
        event = {"kind": kind, "id": f"{kind}-{next(self.numbers)}", "treatment": "ketamine", "route": self.route, **fields}
        self.events.append(event)
        return event

    def prescribe(self, day: int = 0, **fields: Any) -> None:
        self.add("regimen", at=at(day), dose_mg=self.dose_mg, doses_a_day=self.a_day, **fields)

    def live(self, days: Iterable[int]) -> list[int]:
        """Take and log every dose of these days."""
        lived = list(days)
        for day in lived:
            for n in range(self.a_day):
                hour = 9 + 10 * n
                log = {"at": at(day, hour), "taken": "taken", "someone_present": True, "pressure": "measured", "dose_mg": self.dose_mg}
                self.logs[day, n] = self.add("dose_log", **log)
                self.there -= self.units
        return lived

    @property
    def units(self) -> float:
        return self.dose_mg / self.unit_mg

    def dispense(self, day: int, quantity: float, *, early: bool = False) -> None:
        self.add("dispensing", at=at(day, 7), quantity=quantity, unit_mg=self.unit_mg)
        self.there += quantity
        if early:
            self.expect("early_refill", day)

    def expect(self, kind: str, day: int | None) -> None:
        self.expected[kind, None if day is None else START + timedelta(days=day)] += 1

    def places(self, days: list[int], count: int) -> list[int]:
        return sorted(int(day) for day in self.draw.choice(days, count, replace=False))

    # What can be planted. Each says what it is, in the record and in what is expected.

    def unlogged(self, day: int, n: int = 0) -> None:
        """Nobody logged it; whether it was taken only this home knows."""
        self.events.remove(self.logs.pop((day, n)))
        self.expect("unlogged", day)
        if self.draw.random() < 0.5:
            self.there += self.units
            self.kept += self.units

    def not_taken(self, day: int, n: int = 0) -> None:
        log = self.logs[day, n]
        log.update(taken="not_taken", someone_present=None, pressure=None, dose_mg=None)
        self.there += self.units
        self.expect("not_taken", day)

    def changed(self, day: int, mg: float, n: int = 0) -> None:
        self.logs[day, n].update(taken="changed", dose_mg=mg)
        self.there += self.units - mg / self.unit_mg
        self.expect("changed", day)
        if mg > self.dose_mg:
            self.expect("above_regimen", day)
            if self.a_day > 1:
                self.expect("above_regimen", day)

    def surplus(self, day: int, mg: float, *, with_others: bool) -> None:
        self.add("dose_log", at=at(day, 22), taken="taken", someone_present=True, pressure="measured", dose_mg=mg)
        self.there -= mg / self.unit_mg
        self.expect("extra", day)
        if with_others:
            self.expect("above_regimen", day)

    def beside(self, day: int, kind: str, n: int = 0, **fields: Any) -> None:
        self.logs[day, n].update(fields)
        self.expect(kind, day)

    def lose(self, units: float) -> None:
        self.there -= units

    def count(self, day: int) -> None:
        """What is truly left; found where no choice of what the unlogged doses were explains it."""
        self.add("left_over", at=at(day, 23), units=self.there, counted_by="patient")

    def close(self, day: int, lost: float = 0) -> None:
        self.lose(lost)
        self.count(day)
        if lost > self.kept:
            self.expect("unaccounted", day)


def daily_without_anything(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(every_days=1)
    for day in (0, 30, 60):
        home.dispense(day, 60)
    home.live(range(DAYS))
    home.close(89)
    return home


def weekdays_missed(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(weekdays=["monday", "thursday"])
    home.dispense(0, 60)
    days = home.live(day for day in range(DAYS) if NAMES[day % 7] in ("monday", "thursday"))
    places = home.places([day for day in days if day < 88], 8)
    for day in places[::2]:
        home.not_taken(day)
    for day in places[1::2]:
        home.unlogged(day)
    home.close(89)
    return home


def every_third_day_with_extras(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(every_days=3)
    home.dispense(0, 80)
    days = home.live(range(0, DAYS, 3))
    for day in home.places([day for day in range(DAYS) if day % 3], 5):
        home.surplus(day, 100, with_others=False)
    for day in home.places(days, 4):
        home.beside(day, "alone", someone_present=False)
    home.close(89)
    return home


def twice_a_day(seed: int) -> Home:
    home = Home(seed, unit_mg=25, dose_mg=25, a_day=2)
    home.prescribe(every_days=1)
    for day in (0, 30, 60):
        home.dispense(day, 60 if day < 60 else 100)
    days = home.live(range(DAYS))
    places = home.places([day for day in days if 62 < day < 88], 9)
    for day in places[:3]:
        home.changed(day, 50, n=1)
    for day in places[3:6]:
        home.surplus(day, 25, with_others=True)
    for day in places[6:]:
        home.unlogged(day, n=int(home.draw.integers(2)))
    home.close(89)
    return home


def dose_changed_midway(seed: int) -> Home:
    home = Home(seed, dose_mg=50)
    home.prescribe(every_days=2)
    home.dispense(0, 200)
    first = home.live(range(0, 44, 2))
    for day in home.places(first, 3):
        home.changed(day, 100)
    home.dose_mg = 100
    home.prescribe(day=44, every_days=2)
    second = home.live(range(44, DAYS, 2))
    places = home.places(second, 4)
    for day in places[:2]:
        home.changed(day, 150)
    for day in places[2:]:
        home.changed(day, 50)
    home.close(89)
    return home


def route_changed(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(every_days=3, ended=at(46))
    home.dispense(0, 60)
    home.live(range(0, 46, 3))
    for day in home.places(list(range(47, 89)), 2):
        log = home.add("dose_log", at=at(day, 20), taken="taken", dose_mg=400, someone_present=True)
        home.there -= log["dose_mg"] / home.unit_mg
        home.expect("other_route", day)
    home.close(89)
    home.route, home.unit_mg, home.dose_mg, home.there = "nasal", 10, 20, 0.0
    home.prescribe(day=47, every_days=2)
    home.dispense(47, 60)
    home.live(range(47, DAYS, 2))
    home.close(89)
    return home


def refilled_early(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(every_days=1)
    home.dispense(0, 40)
    home.dispense(17, 40)  # three days before the supply ends: within the tolerance
    home.dispense(17 + int(home.draw.integers(3, 19)), 40, early=True)
    home.dispense(58, 80)  # by now the surplus is used up but for the two days of the tolerance
    home.live(range(DAYS))
    home.close(89)
    return home


def units_lost(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(weekdays=["tuesday", "friday"])
    home.dispense(0, 30)
    home.dispense(50, 30)
    days = home.live(day for day in range(DAYS) if NAMES[day % 7] in ("tuesday", "friday"))
    for day in home.places([day for day in days if day < 88], 2):
        home.unlogged(day)
    home.close(89, lost=int(home.draw.choice([5, 7])))
    return home


def weeks_unlogged(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(every_days=1)
    home.dispense(0, 190)
    home.live(range(DAYS))
    first = int(home.draw.integers(5, 71))
    for day in range(first, first + 14):
        home.unlogged(day)
    home.close(89)  # whatever is missing, two weeks that nobody logged may explain it
    return home


def alone_and_never_counted(seed: int) -> Home:
    home = Home(seed)
    home.prescribe(every_days=5)
    home.dispense(0, 34)
    days = home.live(range(0, DAYS, 5))
    places = home.places(days, 10)
    for day in places[:3]:
        home.beside(day, "alone", someone_present=False)
    for day in places[3:5]:
        home.beside(day, "presence_unknown", someone_present=None)
    for day in places[5:8]:
        home.beside(day, "pressure_not_measured", pressure="not_measured")
    for day in places[8:]:
        home.beside(day, "worrying", worrying=True, note="a fall")
    home.expect("more_than_dispensed", 85)  # 36 units in 18 doses; with the eighteenth, 34 are too few
    home.expect("never_counted", None)
    return home


TEN: tuple[Callable[[int], Home], ...] = (
    daily_without_anything, weekdays_missed, every_third_day_with_extras, twice_a_day, dose_changed_midway, route_changed, refilled_early,
    units_lost, weeks_unlogged, alone_and_never_counted,
)  # fmt: skip
