"""What each status is worth: who is told what in which week, and who should have been.

The truth of a week is the noise-free course from the horizon on, which nobody sees:
- on course: its mean over the five weeks from the horizon (H to H + 4) rounds to a total in the remission range;
- not getting there: that mean is more than half a within-person change above the cut;
- otherwise near: between the two, and counted in neither.
"Remits within n weeks": the noise-free course is in the range in four weekly ratings in a row (21 days), the first of
them at most n weeks ahead.
"""

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from euthymia.trajectory.batch import Cohort, Outlooks
from euthymia.trajectory.statuses import STATUSES, Table, statuses
from thresholds.people import LAST, People

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
_ROUNDED, _WEEKS_ON, _IN_A_ROW, _BACK = 0.5, 5, 4, 4
_, LOSING, REMISSION, MOVING, TOO_EARLY, HOLDING, NOT_IMPROVING, UNDECIDED = range(len(STATUSES))  # in their order
GOOD, BAD = (MOVING, REMISSION), (HOLDING, NOT_IMPROVING)


class Truth(NamedTuple):
    """[person, week], weeks 0 to 26: on course, not getting there, remits within 8 and within 12 weeks, in the range now."""

    on_course: Bools
    not_there: Bools
    within_8: Bools
    within_12: Bools
    in_range: Bools


def truth_of(people: People) -> Truth:
    """The truth of every week, as said above."""
    of, course, weeks = people.measure, people.truth, np.arange(LAST + 1)
    ahead = people.horizon[:, :, None] + np.arange(_WEEKS_ON)
    later = np.take_along_axis(course[:, None, :], ahead, axis=2).mean(axis=2)
    inside = course < of.cut + _ROUNDED
    lasting = np.lib.stride_tricks.sliding_window_view(inside, _IN_A_ROW, axis=1).all(axis=2)
    within = [np.stack([lasting[:, w : w + n + 1].any(axis=1) for w in weeks], axis=1) for n in (8, 12)]
    return Truth(later < of.cut + _ROUNDED, later > of.cut + of.change / 2, *within, inside[:, : LAST + 1])


class Rule(NamedTuple):
    """One set of thresholds. `in_a_row`: so many chances in a row have to be low before the low state is entered. `falling`: where the
    total has fallen by so many points in four weeks, nothing low is said."""

    table: Table
    in_a_row: int = 1
    falling: float = np.inf


def statuses_by_week(everybody: Cohort, chances: Array, rule: Rule) -> NDArray[np.int8]:
    """The status after the rating of every week, [person, week] from week 0; `chances` [person, week].

    Every week is the status table on the ratings up to it.
    """
    people, each = chances.shape
    said, totals = np.round(chances, 2), everybody.totals.reshape(chances.shape)
    for _ in range(rule.in_a_row - 1):
        said = _twice(said, rule.table.low_enter)
    before = np.concatenate([np.repeat(totals[:, :1], _BACK, axis=1), totals[:, :-_BACK]], axis=1)
    said = np.where((before - totals >= rule.falling) & (said <= rule.table.low_leave), rule.table.low_leave + 0.01, said)
    kept = [np.arange(people)[:, None] * each + np.arange(week + 1) for week in range(each)]
    order = np.concatenate([places.ravel() for places in kept])
    lengths = np.repeat(np.arange(1, each + 1), people)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    nothing = np.zeros(len(lengths) + 1, dtype=np.int64)
    stacked = Cohort(offsets, everybody.weeks[order], everybody.totals[order], nothing, np.empty(0), nothing, np.empty(0), 0.0)
    found = statuses(stacked, Outlooks(said.ravel()[order], np.empty((0, 3))), rule.table)
    return found.reshape(each, people).T


def _twice(said: Array, low: float) -> Array:
    """A chance that is low only once is read as just above the entry: it does not enter, and it does not end, the low state."""
    once = (said <= low) & (np.concatenate([np.ones((len(said), 1)), said[:, :-1]], axis=1) > low)
    return np.where(once, low + 0.01, said)


class Worth(NamedTuple):
    """Shares of one week. Of those on course: told so, and told that they are not getting there. Of those who are not getting there:
    told so, and told that they are on course. `alarm_12`: told that they are not getting there, of those who remit within 12 weeks and
    are not in the range yet; `alarm_8` within 8. `alarm_said`: of those, told "not improving". `hope_moving`: told "moving toward
    remission". `low_then_remits`: of those told that they are not getting there, how many remit within 12 weeks after all."""

    sensitivity: float
    false_alarm: float
    alarm_8: float
    alarm_12: float
    alarm_said: float
    detection: float
    false_hope: float
    hope_moving: float
    low_then_remits: float


def worth(said: NDArray[np.int8], truth: Truth, weeks: slice | int) -> Worth:
    """Of the week or weeks asked about; a share of nobody is NaN."""
    status = said[:, weeks]
    of = Truth(*(each[:, weeks] for each in truth))
    good, bad = np.isin(status, GOOD), np.isin(status, BAD)
    return Worth(
        _share(good, of.on_course),
        _share(bad, of.on_course),
        _share(bad, of.within_8 & ~of.in_range),
        _share(bad, of.within_12 & ~of.in_range),
        _share(status == NOT_IMPROVING, of.within_12 & ~of.in_range),
        _share(bad, of.not_there),
        _share(good, of.not_there),
        _share(status == MOVING, of.not_there),
        _share(of.within_12, bad),
    )


class Facts(NamedTuple):
    """Shares of one week, of the two statuses that say how it is now. Noise-free in the range: told so; told so: noise-free in the
    range, or above it by less than half a within-person change. Noise-free a within-person change or more above the best four weeks so
    far, and above the range: told that ground is lost; told so: noise-free half of that change or more above them."""

    remission_told: float
    remission_so: float
    remission_nearly: float
    lost: float
    lost_told: float
    lost_so: float


def facts(people: People, said: NDArray[np.int8], week: int) -> Facts:
    """How well remission and lost ground are seen in one week."""
    of, course = people.measure, people.truth[:, : LAST + 1]
    four_weeks = np.stack([course[:, max(0, w - _BACK + 1) : w + 1].mean(axis=1) for w in range(LAST + 1)], axis=1)
    risen = (course - np.minimum.accumulate(four_weeks, axis=1))[:, week]
    inside, nearly = course[:, week] < of.cut + _ROUNDED, course[:, week] < of.cut + _ROUNDED + of.change / 2
    lost, told, losing = (risen >= of.change) & ~inside, said[:, week] == REMISSION, said[:, week] == LOSING
    of_remission = _share(told, inside), _share(inside, told), _share(nearly, told)
    return Facts(*of_remission, float(lost.mean()), _share(losing, lost), _share(risen >= of.change / 2, losing))


def shares(said: NDArray[np.int8], week: int) -> Array:
    """The share of people in every status after the rating of that week, in the order of STATUSES."""
    return np.bincount(said[:, week], minlength=len(STATUSES)) / len(said)


class Delay(NamedTuple):
    """Weeks until first said: the median, the three-quarter point (∞: not said by week 26), and how many were never told."""

    people: int
    median: float
    three_quarters: float
    never: float


def delay_to_good(said: NDArray[np.int8], truth: Truth) -> Delay:
    """Of those who are on course from some week on (week 1 to 22) and stay so: weeks from then until told so. Told before it: 0."""
    return _delay(np.isin(said, GOOD), truth.on_course)


def delay_to_bad(said: NDArray[np.int8], truth: Truth) -> Delay:
    """The same of those who are not getting there, from the week from which that stays so."""
    return _delay(np.isin(said, BAD), truth.not_there)


def _delay(told: Bools, holds: Bools) -> Delay:
    """From the first week from which it holds to the end; those for whom it begins after week 22 are left out."""
    stays = np.flip(np.logical_and.accumulate(np.flip(holds[:, 1:], axis=1), axis=1), axis=1)
    begins = np.where(stays.any(axis=1), 1 + stays.argmax(axis=1), LAST + 1)
    asked = begins <= LAST - 4
    after = told & (np.arange(told.shape[1])[None, :] >= begins[:, None])
    first = np.where(after.any(axis=1), after.argmax(axis=1) - begins, np.inf)[asked]
    if not len(first):
        return Delay(0, np.nan, np.nan, np.nan)
    middle, most = np.quantile(first, [0.5, 0.75], method="higher")
    return Delay(len(first), float(middle), float(most), float(np.isinf(first).mean()))


def flips(said: NDArray[np.int8]) -> float:
    """Changes of status per person and half year, from week 4 on."""
    return float((said[:, 5:] != said[:, 4:-1]).sum(axis=1).mean())


AS_THEY_ARE = "**as they are: moving 0.60/0.45, low 0.25/0.40**"
PROPOSED = "**proposed: moving 0.50/0.35, low 0.15/0.30, 2 in a row, not while falling**"


def proposed(table: Table) -> Rule:
    """Quicker to say that somebody is on course, slower to say that they are not getting there."""
    return Rule(replace(table, moving_enter=0.5, moving_leave=0.35, low_enter=0.15, low_leave=0.3), 2, table.within_person / 2)


def variants(table: Table) -> dict[str, Rule]:
    """The present thresholds, the proposed ones, and others."""
    found = {AS_THEY_ARE: Rule(table), PROPOSED: proposed(table)}
    for enter, leave in ((0.4, 0.25), (0.5, 0.35), (0.55, 0.4), (0.7, 0.55)):
        found[f"moving {enter:.2f}/{leave:.2f}"] = Rule(replace(table, moving_enter=enter, moving_leave=leave, low_leave=min(0.4, leave)))
    lows = [replace(table, low_enter=enter, low_leave=leave) for enter, leave in ((0.25, 0.3), (0.15, 0.3), (0.10, 0.25), (0.05, 0.2))]
    for other, count in product((table, *lows), (1, 2, 3)):
        found[f"{_low(other)}{_in_a_row(count)}"] = Rule(other, count)
    found |= {f"{_low(other)}{_in_a_row(2)}, not while falling": Rule(other, 2, table.within_person / 2) for other in (table, *lows)}
    for weeks, other in product((6.0, 8.0), (table, *lows[1:3])):
        found[f"{_low(other)}{_in_a_row(2)}, not before week {weeks:g}"] = Rule(replace(other, minimum_weeks=weeks), 2)
    del found[_low(table)]
    return found


def _low(table: Table) -> str:
    return f"low {table.low_enter:.2f}/{table.low_leave:.2f}"


def _in_a_row(count: int) -> str:
    return f", {count} in a row" if count > 1 else ""


def _share(of: Bools, among: Bools) -> float:
    return float(of[among].mean()) if among.any() else float("nan")
