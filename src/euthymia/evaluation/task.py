"""What is asked of every model alike: from the first ratings of a held-out person, forecast a later one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from euthymia.evaluation.cohort import EvaluationError, Person

Target = Literal["last", "next"]
FEWEST_SEEN = 2  # A straight line needs two points, and every model forecasts the same.
_FEWEST_PEOPLE = 3


@dataclass(frozen=True)
class Task:
    """All that a model is told about one person: what happened up to the last rating seen, and what is planned.

    Weeks, points. `planned_session_weeks`: sessions from the last rating seen to before `at_week`, taken as planned (a rating at the time
    of a session was given before it). A later change of protocol is not told: it may answer the very rating that is forecast.
    """

    weeks: tuple[float, ...]
    totals: tuple[float, ...]
    session_weeks: tuple[float, ...]
    change_weeks: tuple[float, ...]
    planned_session_weeks: tuple[float, ...]
    at_week: float

    @property
    def horizon_weeks(self) -> float:
        return self.at_week - self.weeks[-1]


@dataclass(frozen=True)
class Case:
    """A task and what came: `person` is the place in the cohort, `rating` in points. No model sees `rating` of a held-out person."""

    person: int
    task: Task
    rating: float


def cases_of(people: Sequence[Person], members: Sequence[int], first: int = FEWEST_SEEN, target: Target = "last") -> list[Case]:
    """The cases of the people at the places `members`: from their first `first`, `first` + 1, … ratings but one, the target.

    `target`: "last" forecasts the last rating each time, "next" the one after those seen. Raises EvaluationError.
    """
    if first < FEWEST_SEEN:
        raise EvaluationError(f"--from: found {first}; allowed: {FEWEST_SEEN} or more ratings seen")
    cases = []
    for place in members:
        person = people[place]
        for seen in range(first, len(person.totals)):
            at = len(person.totals) - 1 if target == "last" else seen
            cases.append(Case(place, _task(person, seen, person.weeks[at]), person.totals[at]))
    return cases


def folds_of(people: int, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of every person, [person]: as equal in size as can be, from `seed`. Raises EvaluationError."""
    if people < _FEWEST_PEOPLE:
        raise EvaluationError(f"found {people} people; allowed: {_FEWEST_PEOPLE} or more: two to learn from, and another to forecast")
    if not FEWEST_SEEN <= folds <= people:
        raise EvaluationError(f"--folds: found {folds}; allowed: from {FEWEST_SEEN} to the number of people ({people})")
    return np.random.default_rng(seed).permutation(people) % folds


def _task(person: Person, seen: int, at_week: float) -> Task:
    now = person.weeks[seen - 1]
    return Task(
        weeks=tuple(person.weeks[:seen]),
        totals=tuple(person.totals[:seen]),
        session_weeks=tuple(week for week in person.session_weeks if week < now),
        change_weeks=tuple(week for week in person.change_weeks if week <= now),
        planned_session_weeks=tuple(week for week in person.session_weeks if now <= week < at_week),
        at_week=at_week,
    )
