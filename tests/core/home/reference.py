"""The same reconciliation by another route: a slow walk through days and hours over plain tables, written from the method's page.

It knows nothing of the product's types. Regimens are spread over a calendar first; units are then followed hour by hour.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNSAID = None  # a day of which nobody can say what was planned


@dataclass
class Numbers:
    """The numbers of the knowledge file."""

    grace: int
    look_back: int
    early: int
    tolerance: float
    count: int


@dataclass
class Told:
    """What the walk finds. `days`: planned, taken, not taken, changed, unlogged, unknown."""

    days: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    findings: Counter[tuple[str, int | None]] = field(default_factory=Counter)
    dispensed: float | None = None
    taken: float | None = None
    low: float | None = None
    high: float | None = None
    left_over: float | None = None


class Walk:
    """One drug by one route. Days are numbers (0 is a Monday); doses have an hour; counts are at 8, what is dispensed at 7."""

    def __init__(self, regimens, logs, dispensed, counts, on, numbers: Numbers) -> None:
        self.on, self.numbers = on, numbers
        self.regimens = [r for r in regimens if r["day"] <= on]
        self.logs = sorted((log for log in logs if log["day"] <= on), key=lambda log: (log["day"], log["hour"]))
        self.dispensed = [d for d in dispensed if d["day"] <= on]
        self.counts = [c for c in counts if c["day"] <= on]
        self.calendar, self.rule = self._spread()
        self.told = Told()

    def _spread(self):
        """Which regimen rules each day, and how many doses it plans: each regimen lays its own days over those before it."""
        calendar, rule = {}, {}
        for regimen in self.regimens:
            for day in [d for d in rule if d >= regimen["day"]]:
                rule[day], calendar[day] = None, 0
            last = self.on + 400
            ended = regimen.get("ended")
            ended = ended if ended is not None and ended <= self.on else None
            for day in range(regimen["day"], last):
                if ended is not None and day > ended:
                    rule[day], calendar[day] = None, 0
                    continue
                rule[day], calendar[day] = regimen, self._pattern(regimen, day)
                if day == ended:
                    calendar[day] = UNSAID
        return calendar, rule

    def _pattern(self, regimen, day):
        if regimen.get("weekdays"):
            return regimen["a_day"] * (WEEK[day % 7] in regimen["weekdays"])
        if regimen.get("every"):
            days = {regimen["day"] + n * regimen["every"] for n in range(400)}
            return regimen["a_day"] * (day in days)
        return UNSAID

    def strength(self, day):
        return next((d["unit_mg"] for d in reversed(self.dispensed) if d["day"] <= day), None)

    def usual(self, day):
        """Units of a prescribed dose."""
        regimen, strength = self.rule.get(day), self.strength(day)
        if regimen is None:
            return None
        if strength:
            return regimen["mg"] / strength
        said = {log["units"] for log in self.logs if log["taken"] == "taken" and log["units"] and self.rule.get(log["day"]) is regimen}
        return next(iter(said)) if len(said) == 1 else None

    def amount(self, log):
        """Milligrams and units of a dose that was taken."""
        strength, regimen = self.strength(log["day"]), self.rule.get(log["day"])
        if log["mg"] is not None:
            return log["mg"], log["units"] if log["units"] is not None else log["mg"] / strength if strength else None
        if log["units"] is not None:
            return log["units"] * strength if strength else None, log["units"]
        if log["taken"] == "taken" and regimen:
            return regimen["mg"], self.usual(log["day"])
        return None, None

    def run(self) -> Told:
        self._days()
        self._doses()
        self._refills()
        self._units()
        if self.dispensed and not self.counts and self.on - self.dispensed[0]["day"] >= self.numbers.count:
            self.told.findings["never_counted", None] += 1
        self.told.findings = Counter(
            {(k, d): n for (k, d), n in self.told.findings.items() if n and (d is None or self.on - d < self.numbers.look_back)}
        )
        return self.told

    def _days(self) -> None:
        for day in range(self.regimens[0]["day"], self.on + 1):
            logs = [log["taken"] for log in self.logs if log["day"] == day]
            late = self.on - day >= self.numbers.grace
            if not logs and not (late and self.rule[day]):
                continue
            planned, tally = self.calendar[day], Counter(logs)
            unlogged = None if planned is UNSAID or not late else max(0, planned - len(logs))
            row = (planned, tally["taken"], tally["not_taken"], tally["changed"], unlogged, tally["unknown"])
            self.told.days[day] = row
            if unlogged or tally["unknown"]:
                self.told.findings["unlogged", day] += 1
            regimen = self.rule[day]
            most = planned if planned is not UNSAID else max(regimen["a_day"], self._pattern(regimen, day) or 0)
            if tally["taken"] + tally["changed"] > most:
                self.told.findings["extra", day] += 1
            amounts = [self.amount(log)[0] or 0 for log in self.logs if log["day"] == day and log["taken"] in ("taken", "changed")]
            if regimen and len(amounts) > 1 and sum(amounts) > regimen["mg"] * regimen["a_day"] + 1e-6:
                self.told.findings["above_regimen", day] += 1

    def _doses(self) -> None:
        for log in self.logs:
            day, regimen = log["day"], self.rule.get(log["day"])
            said = [log["taken"]] if log["taken"] in ("not_taken", "changed") else []
            said += ["worrying"] if log["worrying"] else []
            if log["taken"] in ("taken", "changed"):
                said += {True: [], False: ["alone"], None: ["presence_unknown"]}[log["present"]]
                said += ["pressure_not_measured"] if log["pressure"] == "not_measured" else []
                mg = self.amount(log)[0]
                said += ["above_regimen"] if regimen and mg is not None and mg > regimen["mg"] + 1e-6 else []
            for kind in said:
                self.told.findings[kind, day] += 1

    def needed(self, day):
        """Units prescribed for a day; None where nobody can say."""
        regimen = self.rule.get(day)
        if regimen is None:
            return 0
        planned = self._pattern(regimen, day)
        if planned is UNSAID:
            return None
        return 0 if planned == 0 else None if self.usual(day) is None else planned * self.usual(day)

    def _refills(self) -> None:
        left, known = 0.0, True
        if not self.dispensed:
            return
        first = self.dispensed[0]["day"]
        for day in range(first, self.on + 1):
            today = sum(d["units"] for d in self.dispensed if d["day"] == day)
            if today and day > first and known:
                ahead = [self.needed(day + n) for n in range(self.numbers.early)]
                if None not in ahead and left > sum(ahead) + 1e-6:
                    self.told.findings["early_refill", day] += 1
            left += today
            need = self.needed(day)
            known = known and need is not None
            left = max(0.0, left - (need or 0))

    def _maybe(self, day):
        """Units of each dose of a day that may have been taken and was not logged as taken."""
        logs = [log for log in self.logs if log["day"] == day]
        found = [log["units"] or self.usual(day) for log in logs if log["taken"] == "unknown"]
        regimen = self.rule.get(day)
        most = self._pattern(regimen, day) if regimen else 0
        return [*found, None] if most is UNSAID else [*found, *[self.usual(day)] * max(0, most - len(logs))]

    def _units(self) -> None:
        if not self.dispensed:
            return
        start = (self.dispensed[0]["day"], 7)
        after = [c for c in self.counts if (c["day"], 8) > start]
        early = [c for c in self.counts if c not in after]
        close = after[-1] if after else None
        opens = [c for c in self.counts if c is not close and (c in early or (close and c["day"] <= close["day"] - self.numbers.look_back))]
        opening = opens[-1] if opens else None
        self._segment(opening, close)
        if close:
            self._segment(close, None, shown=False)

    def _segment(self, opening, close, *, shown=True) -> None:
        begin = (opening["day"], 8) if opening else (self.dispensed[0]["day"], -1)
        end = (close["day"], 8) if close else (self.on, 99)
        handed = [d for d in self.dispensed if begin < (d["day"], 7) < end]
        doses = [log for log in self.logs if log["taken"] in ("taken", "changed")]
        # Whatever was taken before the first dispensing came from somewhere else: then nothing can be said.
        blind = opening is None and any(log["day"] < self.dispensed[0]["day"] for log in doses)
        inside = [log for log in doses if (opening is None or (log["day"], log["hour"]) > begin) and (log["day"], log["hour"]) <= end]
        units = [self.amount(log)[1] for log in inside]
        there, over = (opening["units"] if opening else 0.0), None
        carried = there
        for log, each in zip(inside, units, strict=True):
            there -= each or 0
            if not blind and over is None and there + sum(d["units"] for d in handed if d["day"] <= log["day"]) < -1e-6:
                over = log["day"]
        if over is not None and (handed or opening):
            self.told.findings["more_than_dispensed", over] += 1
        total = sum(d["units"] for d in handed)
        known = not blind and None not in units
        high = round(carried + total - sum(units) - close["units"], 6) if known and close else None
        maybe = [each for day in range(begin[0], end[0] + 1) for each in self._maybe(day)]
        low = None if high is None or None in maybe else round(high - sum(maybe), 6)
        if shown:
            self.told.dispensed, self.told.low, self.told.high = total, low, high
            self.told.taken = None if None in units else sum(units)
            self.told.left_over = close["units"] if close else None
        if over is None and close and high is not None:
            sure = (low is not None and low > self.numbers.tolerance) or high < -self.numbers.tolerance
            self.told.findings["unaccounted", close["day"]] += bool(sure)
