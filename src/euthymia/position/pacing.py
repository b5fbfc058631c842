"""The arithmetic of one phase: when a decision point falls, what is reached, whether the interval may be lengthened.

Pure: days and counts in, answers out. `position.py` collects them from a record; `euthymia check` runs the cases through the
same functions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Literal

from euthymia.phase import DecisionPoint, Extending, FutilityWindow, ProtocolPhase


@dataclass(frozen=True)
class Count:
    """How many sessions (or doses) are known, and whether there can have been more that nobody recorded."""

    known: int
    more_possible: bool

    def at_least(self, number: int) -> bool | None:
        """Whether there were at least so many; None where too few are known and more are possible."""
        return True if self.known >= number else None if self.more_possible else False


@dataclass(frozen=True)
class Extension:
    """Whether the interval may be lengthened by the rule, why or why not, and from which day (where time alone is missing).

    `first`, `last`, `ratings`: the unbroken run of ratings in remission that the answer rests on.
    """

    state: Literal["may", "too_short", "changed_lately", "above", "no_rating", "old_rating"]
    ratings: int = 0
    first: date | None = None
    last: date | None = None
    ready: date | None = None


def week_ends(phase: ProtocolPhase, start: date, week: int) -> date:
    """The day on which a week of the protocol has passed, in a phase that began on `start`."""
    return start + timedelta(weeks=week - (phase.first_week or 1) + 1)


def minimum_reached(phase: ProtocolPhase, weeks: float | None, sessions: Count) -> bool | None:
    """Whether the phase can be judged: both minima reached. None where too little is known, unless one is surely not reached."""
    enough = [None if weeks is None else weeks >= phase.minimum_weeks]
    if phase.minimum_sessions:
        enough.append(sessions.at_least(phase.minimum_sessions))
    return False if False in enough else None if None in enough else True


def window_reached(window: FutilityWindow, weeks: float | None, sessions: Count) -> bool | None:
    """Whether a futility window has been reached; None where too little is known."""
    if window.after_sessions is not None:
        return sessions.at_least(window.after_sessions)
    return None if weeks is None or window.after_weeks is None else weeks >= window.after_weeks


def point_day(
    phase: ProtocolPhase, point: DecisionPoint, start: date, session_days: Sequence[date], every_days: float | None
) -> date | None:
    """The day of a decision point: of a week, or of its session; planned at the usual interval where that is still to come."""
    if point.week is not None:
        return week_ends(phase, start, point.week)
    number = point.session or 1
    if len(session_days) >= number:
        return session_days[number - 1]
    if every_days is None:
        return None
    from_day, left = (session_days[-1], number - len(session_days)) if session_days else (start, number - 1)
    return from_day + timedelta(days=ceil(left * every_days))


def regular_points(phase: ProtocolPhase, start: date, after: date, on: date) -> tuple[date, ...]:
    """The days at `decision_every_weeks` later than `after`, up to the first that is still to come on `on`."""
    every = timedelta(weeks=phase.decision_every_weeks)
    found: list[date] = []
    number = max((after - start) // every, 0) + 1
    while not found or found[-1] <= on:
        found.append(start + number * every)
        number += 1
    return tuple(found)


def extension(
    rule: Extending, cut: float, rated: Sequence[tuple[date, float]], changed: date | None, on: date, good_for: float
) -> Extension:
    """Whether the interval may be lengthened on `on`.

    `rated`: day and total of the ratings before sessions, by time; `cut`: the highest total in remission; `changed`: when the
    interval was last changed; `good_for`: for how many days a rating speaks.
    """
    if not rated:
        return Extension("no_rating")
    run: list[date] = []
    for day, total in reversed(rated):
        if total > cut:
            break
        run.insert(0, day)
    if not run:
        return Extension("above", last=rated[-1][0])
    first, last, held = run[0], run[-1], len(set(run))
    if (on - last).days > good_for:
        return Extension("old_rating", held, first, last)
    if held < rule.ratings or (last - first).days < rule.span_days:
        return Extension("too_short", held, first, last, first + timedelta(days=rule.span_days))
    free = changed + timedelta(days=rule.apart_days) if changed else None
    if free is not None and on < free:
        return Extension("changed_lately", held, first, last, free)
    return Extension("may", held, first, last)
