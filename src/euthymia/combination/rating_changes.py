"""Marked changes of a series of ratings: the swings that are more than noise, each dated where it took place. Arithmetic alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

Point = tuple[date, float]


@dataclass(frozen=True)
class Swing:
    """A change from one rating to a later one, of at least the marked size."""

    start: Point
    end: Point


def swings(points: Sequence[Point], marked: float, edge_share: float) -> tuple[Swing, ...]:
    """The marked changes of a series sorted by day, by time.

    A swing turns where the ratings have come back by `marked` or more. It is dated without its edges: from the last rating
    at which no more than `edge_share` of it had happened to the first at which no more than that was left.
    """
    values = [total for _, total in points]
    turns = _turns(values, marked)
    return tuple(_dated(points, first, last, marked, edge_share) for first, last in pairwise(turns))


def _turns(values: Sequence[float], marked: float) -> list[int]:
    """Where a series turns, by place: its extremes, each at least `marked` away from the one before it."""
    turns: list[int] = []
    low = high = 0
    for place, value in enumerate(values):
        low = place if value < values[low] else low
        high = place if value > values[high] else high
        if not turns and abs(values[high] - values[low]) >= marked:
            turns = sorted((low, high))
        elif turns:
            rising = values[turns[-1]] > values[turns[-2]]
            if (value > values[turns[-1]]) == rising and value != values[turns[-1]]:
                turns[-1] = place
            elif abs(value - values[turns[-1]]) >= marked:
                turns.append(place)
    return turns


def _dated(points: Sequence[Point], first: int, last: int, marked: float, edge_share: float) -> Swing:
    begin, whole = points[first][1], abs(points[last][1] - points[first][1])
    done = [abs(total - begin) for _, total in points[first : last + 1]]
    end = next(place for place, change in enumerate(done) if change >= (1 - edge_share) * whole)
    start = max(place for place, change in enumerate(done[: end + 1]) if change <= edge_share * whole)
    if abs(points[first + end][1] - points[first + start][1]) < marked:
        # Without its edges too little would be left of it.
        return Swing(points[first], points[last])
    return Swing(points[first + start], points[first + end])
