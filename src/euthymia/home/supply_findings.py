"""What does not agree in what was dispensed, taken and counted."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from euthymia.home.balance import Period, in_range
from euthymia.home.dose_findings import found
from euthymia.home.refills import Refill
from euthymia.home.result import HomeFinding
from euthymia.home.supply import NOISE, Supply
from euthymia.home.taken import TakenDose
from euthymia.home_rules import HomeRules
from euthymia.moment import day_in_words


def supply_findings(
    supply: Supply, periods: Sequence[Period], refills: Sequence[Refill], rules: HomeRules, on: date
) -> Iterator[HomeFinding]:
    """Early refills, units that the last count does not explain, more taken than there was, and what was never counted."""
    for refill in refills:
        if refill.early:
            ids = [each.id for each in refill.dispensed]
            words = f"dispensed again on {day_in_words(refill.day)}, when by the regimen {refill.left} should have remained"
            yield found(rules, "early_refill", refill.day, words, ids)
    for period in periods:
        more = _more_than_there_was(supply, period)
        if more is not None:
            ids = [*(each.id for each in period.dispensed), more.log.id]
            words = f"by {day_in_words(supply.day(more.log))} more was logged as taken than was dispensed"
            yield found(rules, "more_than_dispensed", more.day, words, ids)
        else:
            yield from _unaccounted(period, rules)
    if never_counted(supply, rules, on):
        words = f"nobody has counted what is left over since the first dispensing on {day_in_words(supply.day(supply.dispensed[0]))}"
        yield found(rules, "never_counted", None, words, [each.id for each in supply.dispensed])


def never_counted(supply: Supply, rules: HomeRules, on: date) -> bool:
    """Whether nobody has counted although it is time."""
    if not supply.dispensed or supply.counts:
        return False
    return on - supply.day(supply.dispensed[0]) >= timedelta(days=rules.count_days.value)


def _unaccounted(period: Period, rules: HomeRules) -> Iterator[HomeFinding]:
    """Only what holds however many of the doses that nobody logged were taken."""
    if period.closed is None or period.high is None:
        return
    tolerance = rules.unaccounted_units.value
    ids = [*(each.id for each in period.dispensed), *([period.opened.id] if period.opened else []), period.closed.id]
    if period.low is not None and period.low > tolerance:
        words = f"{in_range(period.low, period.high)}, counted on {day_in_words(period.last)}"
        yield found(rules, "unaccounted", period.last, words, ids)
    elif period.high < -tolerance:
        more = f"{-period.high:g}" if period.low == period.high else f"at least {-period.high:g}"
        words = f"{more} {'unit' if period.high == -1 else 'units'} more left over on {day_in_words(period.last)} than there can be"
        yield found(rules, "unaccounted", period.last, words, ids)


def _more_than_there_was(supply: Supply, period: Period) -> TakenDose | None:
    """The first dose for which, by all that was logged before, nothing can have been left."""
    if period.why_not or not (period.dispensed or period.opened):
        return None
    taken = 0.0
    for dose in sorted((d for d in period.taken if d.day), key=lambda dose: dose.log.at.key(supply.zone)):
        taken += dose.units or 0.0
        there = period.opening + sum(each.quantity for each in period.dispensed if dose.day and supply.day(each) <= dose.day)
        if taken > there + NOISE:
            return dose
    return None
