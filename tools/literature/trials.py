"""The three trials as they were run: who was taken in, when there was a session and a rating, what counted as an outcome."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from literature.people import Cohort, Ketamine, course

Draw = Callable[[Ketamine, int], Cohort]
TWO_A_WEEK, THREE_A_WEEK = (0, 3, 7, 10), (0, 2, 4, 7, 9, 11)
SERIES = (0, 2, 4, 7, 9, 11)
WEEK = 7.0


def drawer(seed: int) -> Draw:
    """People of one trial; every trial has its own seed, so that one does not move another."""
    generator = np.random.default_rng(seed)
    return lambda population, n: Cohort(population, generator, n)


def relapse_day(days: Sequence[float], totals: Sequence[float], cut: float, apart_min: float, apart_max: float) -> float | None:
    """The day of the second of two consecutive assessments at or above the cut that are far enough apart, or None."""
    for first, second, before, after in zip(days, days[1:], totals, totals[1:], strict=False):
        if before >= cut and after >= cut and apart_min <= second - first <= apart_max:
            return float(second)
    return None


def singh(population: Ketamine, design: dict[str, Any], n: int, seed: int) -> dict[str, float]:
    """Mean change at day 15 in four arms, and after the first infusions of the open phase."""
    people, draw = population.but(start_mean=design["singh_baseline"]["value"]), drawer(seed)
    found: dict[str, float] = {}
    for key, sessions, strength in (
        ("singh_two_a_week", TWO_A_WEEK, 1.0),
        ("singh_three_a_week", THREE_A_WEEK, 1.0),
        ("singh_placebo_two", TWO_A_WEEK, population.placebo_share),
        ("singh_placebo_three", THREE_A_WEEK, population.placebo_share),
    ):
        rated = course(draw(people, n), (0, 14), sessions, strength)
        found[key], found[f"{key}_sd"] = float(np.mean(rated[:, 1] - rated[:, 0])), float(np.std(rated[:, 1] - rated[:, 0]))
    found["singh_three_minus_two"] = found["singh_three_a_week"] - found["singh_two_a_week"]
    for key, sessions, last in (("singh_open_two", (0,), 3), ("singh_open_three", (0, 2), 4)):
        rated = course(draw(people, n), (0, last), sessions)
        found[key] = float(np.mean(rated[:, 1] - rated[:, 0]))
    return found


def phillips(population: Ketamine, design: dict[str, Any], n: int, seed: int) -> dict[str, float]:
    """A single infusion, then after the return of symptoms six in two weeks, then weekly in those who responded."""
    people, draw = population.but(start_mean=design["phillips_baseline"]["value"]), drawer(seed)
    found: dict[str, float] = {}
    for key, strength in (("phillips_single", 1.0), ("phillips_midazolam", population.placebo_share)):
        rated = _entered(course(draw(people, n), (0, 1), (0,), strength), design)
        found[key] = float(np.mean(rated[:, 1] - rated[:, 0]))
        if key == "phillips_single":
            found["phillips_single_response"] = float(np.mean(rated[:, 1] <= rated[:, 0] / 2))
    found |= _series(draw(people, n), design)
    return found


def _entered(rated: np.ndarray, design: dict[str, Any]) -> np.ndarray:
    return rated[rated[:, 0] >= design["phillips_entry"]["value"]]


def _series(cohort: Cohort, design: dict[str, Any]) -> dict[str, float]:
    start = cohort.ratings()
    inside = start >= design["phillips_entry"]["value"]
    cohort.keep(inside)
    start, reached, now = start[inside], [], 0.0
    for day in SERIES:
        cohort.advance(day - now)
        cohort.session()
        cohort.advance(1)
        now = day + 1
        reached.append(cohort.ratings(short=True) <= start / 2)
    after = np.column_stack(reached)
    responded, first = after[:, -1], np.argmax(after, axis=1) + 1
    found = {
        "phillips_series_response": float(np.mean(responded)),
        "phillips_series_ever": float(np.mean(after.any(axis=1))),
        "phillips_infusions_to_response": float(np.median(first[after.any(axis=1)])),
    }
    cohort.keep(responded)
    return found | {"days_after_series": _days_kept(cohort, start[responded])} | {"phillips_weekly": float("nan")}


def _days_kept(cohort: Cohort, start: np.ndarray) -> float:
    """Median days after the last infusion until a rating, twice a week, is above half of the first."""
    lost = np.full(cohort.n, np.inf)
    for visit in range(1, 60):
        cohort.advance(3.5)
        lost = np.where(np.isinf(lost) & (cohort.ratings() > start / 2), 3.5 * visit + 1, lost)
    return float(np.median(lost))


def phillips_weekly(population: Ketamine, design: dict[str, Any], n: int, seed: int) -> dict[str, float]:
    """Responders to the series: the rating a week after the fourth weekly infusion minus the rating at the first."""
    cohort = drawer(seed)(population.but(start_mean=design["phillips_baseline"]["value"]), n)
    start, now = cohort.ratings(), 0.0
    for day in SERIES:
        cohort.advance(day - now)
        cohort.session()
        now = day
    cohort.advance(1)
    responded = (cohort.ratings(short=True) <= start / 2) & (start >= design["phillips_entry"]["value"])
    cohort.keep(responded).advance(2)
    first = cohort.ratings()
    for _ in range(4):
        cohort.session()
        cohort.advance(WEEK)
    return {"phillips_weekly": float(np.mean(cohort.ratings() - first))}
