"""The status table on arrays, for networks: which status each patient has after the last rating.

`euthymia.verdict` is the table, with its vetoes, incidents, sentences and memory of every day; this is the part of it
that ratings and chances alone decide, for hundreds of thousands of patients. A test holds the two against each other.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from euthymia.trajectory.batch import Cohort, Outlooks

STATUSES = (
    "cannot_tell",
    "losing_ground",
    "remission",
    "moving_toward_remission",
    "too_early",
    "holding_above_remission",
    "not_improving",
    "undecided",
)
_CANNOT_TELL, _LOSING, _REMISSION, _MOVING, _TOO_EARLY, _HOLDING, _NOT_IMPROVING, _UNDECIDED = range(8)
_BETWEEN, _TOWARD, _LOW = range(3)
# Weeks are sevenths of days: two that are the same day may differ in the last digit.
_SAME_DAY = 1e-6


@dataclass(frozen=True)
class Table:
    """The numbers of the status table, from the catalog; points of the instrument, weeks.

    `falling`: how many points of fall within the window keep "not improving" unsaid. `good_for_weeks`: how long a rating
    counts; a longer gap ends "since". `minimum_weeks` is that of one phase: a plan of several phases is the verdict's.
    """

    cut: float
    floor: float
    within_person: float
    moving_enter: float
    moving_leave: float
    low_enter: float
    low_leave: float
    better_fraction: float
    best_window_weeks: float
    minimum_weeks: float
    falling: float
    good_for_weeks: float


def statuses(people: Cohort, outlooks: Outlooks, table: Table) -> NDArray[np.int8]:
    """The status of every patient after the last rating, as a place in STATUSES, [patient].

    The first rating is the index; without one after it, nothing can be told.
    """
    chances, numbers = np.round(outlooks.chances, 2), np.array(astuple(table))
    return np.asarray(_fold_all(people.offsets, people.weeks, people.totals, chances, numbers))


@njit(cache=True, parallel=True)
def _fold_all(offsets, weeks, totals, chances, numbers):
    found = np.empty(len(offsets) - 1, dtype=np.int8)
    for p in prange(len(found)):
        found[p] = _fold(
            weeks[offsets[p] : offsets[p + 1]], totals[offsets[p] : offsets[p + 1]], chances[offsets[p] : offsets[p + 1]], numbers
        )
    return found


@njit(cache=True)
def _fold(weeks, totals, chances, numbers):
    cut, floor, change, moving_enter, moving_leave, low_enter, low_leave, better_fraction, window, minimum, falling, good_for = numbers
    count = len(weeks)
    status, lean, since, excess = _CANNOT_TELL, _BETWEEN, 0, False
    best, best_before = totals[0] if count else 0.0, np.inf
    for i in range(1, count):
        p, total = chances[i], totals[i]
        lean = _lean(lean, p, moving_enter, moving_leave, low_enter, low_leave)
        better = round((totals[0] - total) / (totals[0] - floor), 3) if totals[0] > floor else np.nan
        # Two in a row above the best of what was known before the first of them.
        lost = i >= 2 and total >= best_before + change and totals[i - 1] >= best_before + change
        spared = status == _REMISSION and not excess and since < i - 1 and total < cut + change
        if lost and total > cut:
            now = _LOSING
        elif total <= cut or spared:
            now = _REMISSION
        elif lean == _TOWARD:
            now = _MOVING
        elif weeks[i] - weeks[0] < minimum - _SAME_DAY:
            now = _TOO_EARLY
        elif lean == _LOW and not np.isnan(better):
            fallen = totals[_first_within(weeks, i, window)] - total >= falling
            now = _HOLDING if better >= better_fraction else _UNDECIDED if fallen else _NOT_IMPROVING
        else:
            now = _UNDECIDED
        since = since if now == status and weeks[i] - weeks[i - 1] <= good_for + _SAME_DAY else i
        status, excess = now, total > cut
        best_before = best
        best = min(best, _recent_median(weeks, totals, i, window))
    return status


@njit(cache=True)
def _lean(before, p, moving_enter, moving_leave, low_enter, low_leave):
    if p >= moving_enter or (before == _TOWARD and p >= moving_leave):
        return _TOWARD
    if p <= low_enter or (before == _LOW and p <= low_leave):
        return _LOW
    return _BETWEEN


@njit(cache=True)
def _recent_median(weeks, totals, at, window):
    """The median of the ratings of the weeks that end with the one at `at`."""
    first = at
    while first > 0 and weeks[first - 1] > weeks[at] - window + _SAME_DAY:
        first -= 1
    return np.median(totals[first : at + 1])


@njit(cache=True)
def _first_within(weeks, at, window):
    """The place of the first rating at most `window` weeks before the one at `at`."""
    first = at
    while first > 0 and weeks[first - 1] >= weeks[at] - window - _SAME_DAY:
        first -= 1
    return first
