"""Units dispensed - taken - left over. What was not logged may have been taken or not: a range, never a guess."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.events import Dispensing, DoseLog, LeftOver
from euthymia.home.days import every_day
from euthymia.home.planned import most_on, regimen_on
from euthymia.home.result import Stock
from euthymia.home.supply import Supply
from euthymia.home.taken import TakenDose, usual_units
from euthymia.moment import day_in_words

_NOTHING = Stock(None, None, None, None, None, None, None, None, "no dispensing is recorded")


@dataclass(frozen=True)
class Period:
    """What happened between two counts. `opened`: the count at its start; None: it starts with the first dispensing.

    `closed`: the count at its end; None: it goes on to `last`. `maybe`: units that may have been taken, for all that is logged;
    None where nobody can say how many. `why_not`: what makes the balance impossible to draw.
    """

    opened: LeftOver | None
    closed: LeftOver | None
    since: date
    last: date
    dispensed: tuple[Dispensing, ...]
    taken: tuple[TakenDose, ...]
    maybe: float | None
    why_not: str

    @property
    def opening(self) -> float:
        return self.opened.units if self.opened else 0.0

    @property
    def handed_out(self) -> float:
        return sum(each.quantity for each in self.dispensed)

    @property
    def taken_units(self) -> float | None:
        """None where a dose does not say how many units it was, and nothing else does."""
        units = [dose.units for dose in self.taken]
        return sum(unit for unit in units if unit is not None) if None not in units else None

    @property
    def high(self) -> float | None:
        """Units that nothing explains, had none of the doses that nobody logged been taken."""
        if self.closed is None or self.why_not or self.taken_units is None:
            return None
        return round(self.opening + self.handed_out - self.taken_units - self.closed.units, 6)

    @property
    def low(self) -> float | None:
        """The same, had all of them been taken."""
        return None if self.high is None or self.maybe is None else round(self.high - self.maybe, 6)


def periods(supply: Supply, doses: Sequence[TakenDose], look_back_days: float, on: date) -> tuple[Period, ...]:
    """The period that ends with the last count, if there is one, and what followed it. None at all where nothing was dispensed.

    The first starts with the last count before the look-back window of the last one (what it found is carried over), else with the
    first dispensing.
    """
    if not supply.dispensed:
        return ()
    counts = supply.counts
    after = [count for count in counts if not _before_everything(supply, count)]
    earlier = [count for count in counts if count not in after]
    if not after:
        return (_period(supply, doses, earlier[-1] if earlier else None, None, on),)
    closed = after[-1]
    cutoff = supply.day(closed) - timedelta(days=look_back_days)
    opened = [count for count in counts if count is not closed and (count in earlier or supply.day(count) <= cutoff)]
    return (_period(supply, doses, opened[-1] if opened else None, closed, on), _period(supply, doses, closed, None, on))


def stock(found: Sequence[Period]) -> Stock:
    """The first period in numbers and words: dispensed, taken, left over, and what that does not explain."""
    if not found:
        return _NOTHING
    period = found[0]
    return Stock(
        since=period.since,
        dispensed=period.handed_out,
        taken=period.taken_units,
        not_logged=period.maybe,
        left_over=period.closed.units if period.closed else None,
        counted_on=period.last if period.closed else None,
        unaccounted_low=period.low,
        unaccounted_high=period.high,
        words=_words(period),
        opening=period.opening,
    )


def _before_everything(supply: Supply, count: LeftOver) -> bool:
    """Whether a count was made before the first dispensing. One of the same day without a clock was made after: it counted something."""
    return supply.dispensed[0].at.key(supply.zone) > count.at.key(supply.zone) and supply.day(count) < supply.day(supply.dispensed[0])


def _period(supply: Supply, doses: Sequence[TakenDose], opened: LeftOver | None, closed: LeftOver | None, on: date) -> Period:
    since = supply.day(opened) if opened else supply.day(supply.dispensed[0])
    last = supply.day(closed) if closed else on
    inside = tuple(d for d in supply.dispensed if _is_after(supply, d, opened) and not (closed and _is_after(supply, d, closed)))
    placed = [(dose, _place(supply, dose, opened, closed)) for dose in doses]
    surely = tuple(dose for dose, where in placed if where == "inside")
    unclear = [dose for dose, where in placed if where == "unclear"]
    return Period(
        opened, closed, since, last, inside, surely, _maybe(supply, unclear, since, last), _why_not(supply, doses, inside, opened)
    )


def _is_after(supply: Supply, event: Dispensing, count: LeftOver | None) -> bool:
    """Whether something was dispensed after a count. Of one day, without both clocks: a count comes before the refill it is made for."""
    if count is None:
        return True
    if supply.day(event) == supply.day(count) and (event.at.instant is None or count.at.instant is None):
        return event is not supply.dispensed[0]
    return event.at.key(supply.zone) > count.at.key(supply.zone)


def _place(supply: Supply, dose: TakenDose, opened: LeftOver | None, closed: LeftOver | None) -> str:
    """Whether a dose was taken between two counts: inside, outside, or unclear where a clock or a day is missing."""
    sides = (_against(supply, dose.log, opened), _against(supply, dose.log, closed))
    if (opened and sides[0] == "before") or (closed and sides[1] == "after"):
        return "outside"
    return "unclear" if "unclear" in sides else "inside"


def _against(supply: Supply, log: DoseLog, count: LeftOver | None) -> str:
    if count is None:
        return "none"
    first, last = log.at.day(supply.zone), log.at.last_day(supply.zone)
    start, end = count.at.day(supply.zone), count.at.last_day(supply.zone)
    if first > end or last < start:
        return "after" if first > end else "before"
    if log.at.instant is None or count.at.instant is None:
        return "unclear"
    return "after" if log.at.instant > count.at.instant else "before"


def _maybe(supply: Supply, unclear: Sequence[TakenDose], since: date, last: date) -> float | None:
    """The most units that may have been taken besides those that surely were."""
    amounts: list[float | None] = [dose.units for dose in unclear]
    amounts += [log.units for log in supply.away if log.taken != "not_taken" and since <= supply.day(log) <= last]
    for day in every_day(since, last):
        amounts += _not_logged(supply, day)
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def _not_logged(supply: Supply, day: date) -> Iterator[float | None]:
    """The units of each dose of a day that may have been taken and was not logged as taken; None: not known how many."""
    regimen, most = regimen_on(supply.regimens, day, supply.zone), most_on(supply.regimens, day, supply.zone)
    logs = supply.logs_by_day.get(day, ())
    usual = usual_units(supply, regimen, day) if regimen else None
    yield from (log.units or usual for log in logs if log.taken == "unknown")
    if most is None or not supply.regimens:
        yield None
        return
    yield from (usual for _ in range(most - len(logs)))


def _why_not(supply: Supply, doses: Sequence[TakenDose], dispensed: Sequence[Dispensing], opened: LeftOver | None) -> str:
    """What makes a balance impossible; empty where nothing does."""
    first = supply.dispensed[0]
    if opened is None and any(dose.log.at.last_day(supply.zone) < supply.day(first) for dose in doses):
        return "doses were taken before the first dispensing that is recorded: what was there then is not known"
    carried = opened is not None and opened.units > 0
    earlier = [each for each in supply.dispensed if carried and not _is_after(supply, each, opened)][-1:]
    strengths = sorted({each.unit_mg for each in (*earlier, *dispensed) if each.unit_mg is not None})
    if len(strengths) > 1:
        return f"units of {' and '.join(f'{mg:g} mg' for mg in strengths)} were dispensed: their number alone says nothing"
    return ""


def _words(period: Period) -> str:
    """'30 units dispensed since 3 March 2026 - 21 taken - 4 left over on 2 April 2026 = 5 not accounted for'."""
    carried = f"{period.opening:g} left over on {day_in_words(period.since)} + " if period.opened else ""
    start = f"{carried}{period.handed_out:g} units dispensed since {day_in_words(period.since)}"
    taken = period.taken_units
    start += f" − {taken:g} logged as taken" if taken is not None else " − units taken, not known"
    if period.closed is None:
        rest = "nothing was counted since" if period.opened else "what is left over was never counted"
        return f"{start}; {rest}"
    start += f" − {period.closed.units:g} left over on {day_in_words(period.last)}"
    if period.high is None:
        return f"{start}; cannot tell what is not accounted for: {period.why_not or 'doses do not say how many units they were'}"
    return f"{start} = {in_range(period.low, period.high)}"


def in_range(low: float | None, high: float) -> str:
    """How many units are not accounted for, in words."""
    if low is None:
        return f"at most {high:g} units not accounted for; how many doses were not logged cannot be told"
    if low == high:
        return f"{high:g} {'unit' if high == 1 else 'units'} not accounted for"
    if low <= 0 <= high:
        return f"at most {high:g} {'unit' if high == 1 else 'units'} not accounted for, fewer if doses not logged were taken"
    return f"{low:g} to {high:g} units not accounted for, by how many of the doses not logged were taken"
