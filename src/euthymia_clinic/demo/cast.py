"""Who is in the demo clinic: for every place a protocol, a beginning and a kind of course. Nobody of them exists.

Everything of a place comes from the seed and its number alone: the same with twelve patients as with two hundred.
Shares are our own choice, so that a panel is seen at work; they are no finding about any treatment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
SEED = 20
MONTHS = 18
_WEEKDAYS = {"ketamine_iv": (0, 1), "esketamine_label": (0, 1)}
_ANY_DAY = (0, 1, 2, 3)


class Course(NamedTuple):
    """A kind of course: where it settles under treatment, in PHQ-9 points (None: as the population has it), how far people differ
    and how far they wander, as multiples of the population's spreads."""

    settles_at: float | None
    spread: float = 1.0
    wander: float = 1.0


COURSES: dict[str, Course] = {
    "well": Course(0.0, 0.3, 0.15),
    "partial": Course(8.0, 0.5, 0.3),
    "little": Course(15.0, 0.5, 0.3),
    "as_fitted": Course(None),
}
_COURSE_SHARES = {"well": 0.62, "partial": 0.2, "little": 0.08, "as_fitted": 0.1}
_PROTOCOL_SHARES = {"ketamine_iv": 0.26, "esketamine_label": 0.28, "ketamine_sublingual_home": 0.2, "oral_antidepressant": 0.26}
# Weeks since the beginning, from and to, and the share of patients: many are new, some have been here from the first month on.
_WEEKS_SHARES = {(1, 4): 0.05, (4, 13): 0.4, (13, 30): 0.23, (30, 77): 0.32}


@dataclass(frozen=True)
class Place:
    """One virtual patient of the demo: `number` is the simulator's, `code` the clinic's. `story`: what is told of one alone."""

    number: int
    code: str
    site: str
    zone: str
    protocol: str
    course: str
    start: date
    prescriber: int
    story: str = ""

    def stream(self, purpose: int) -> np.random.Generator:
        """The chance of this patient for one purpose; asked twice, the same twice."""
        return np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(self.number, purpose)))


class Where(NamedTuple):
    """A site of the demo: its slug, its zone, the day there and how many patients it has."""

    slug: str
    zone: str
    today: date
    patients: int


_CAST = 100
# Somebody answers the screener in its high tier in the night before today; with somebody else that was weeks ago, and is over.
STORIES = ("high_tonight", "high_resolved")
_TOLD_FROM, _TOLD_TO = timedelta(weeks=8), timedelta(weeks=52)


def cast(sites: Sequence[Where]) -> list[Place]:
    """Everybody at every site; codes count from 0001 at each."""
    numbered = ((site, place) for site in sites for place in range(1, site.patients + 1))
    places = [_place(site, place, number) for number, (site, place) in enumerate(numbered, 1)]
    told = [p for p in places if p.site == sites[0].slug and p.course != "well" and _TOLD_FROM <= sites[0].today - p.start <= _TOLD_TO]
    stories = {place.number: story for place, story in zip(told, STORIES, strict=False)}
    return [replace(place, story=stories.get(place.number, "")) for place in places]


def _place(site: Where, place: int, number: int) -> Place:
    chance = np.random.default_rng(np.random.SeedSequence(SEED, spawn_key=(number, _CAST)))
    protocol, course, weeks = _one_of(chance, _PROTOCOL_SHARES), _one_of(chance, _COURSE_SHARES), _one_of(chance, _WEEKS_SHARES)
    since = int(chance.integers(7 * weeks[0], 7 * weeks[1]))
    days = _WEEKDAYS.get(protocol, _ANY_DAY)
    wanted = days[int(chance.integers(len(days)))]
    start = site.today - timedelta(days=since)
    start -= timedelta(days=(start.weekday() - wanted) % 7)
    return Place(number, f"{place:04d}", site.slug, site.zone, protocol, course, start, int(chance.random() < 0.45))


def _one_of(chance: np.random.Generator, shares: dict[T, float]) -> T:
    return list(shares)[int(chance.choice(len(shares), p=np.array(list(shares.values())) / sum(shares.values())))]
