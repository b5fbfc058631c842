"""What is said of everything tried at once: changes of treatment, changes of the ratings, what coincides, what runs now."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Credit = Literal["none_recorded", "one_at_the_same_time", "not_to_one"]


@dataclass(frozen=True)
class TreatmentChange:
    """One recorded change of treatment. `about`: what was changed, as a key; `when`: its date as it is said.

    `first_day`, `last_day`: the days between which it was; the same where its day is known.
    """

    about: str
    first_day: date
    last_day: date
    words: str
    when: str

    @property
    def said(self) -> str:
        return f"{self.words} ({self.when})"


@dataclass(frozen=True)
class Given:
    """A treatment from its beginning to its end, both by the day; `end` None: its end is not recorded. `now`: its last dose or count."""

    about: str
    name: str
    since: str
    first_day: date
    end: date | None
    now: str = ""


@dataclass(frozen=True)
class RatingChange:
    """A marked change of the primary ratings, from the rating of `start` to that of `end`."""

    instrument: str
    start: date
    end: date
    first: float
    last: float
    better: bool


@dataclass(frozen=True)
class Coincidence:
    """A marked change of the ratings with every change of treatment beside it, in plain words. Nothing is credited."""

    change: RatingChange
    treatments: tuple[TreatmentChange, ...]
    going_on: tuple[str, ...]
    credit: Credit
    sentence: str


@dataclass(frozen=True)
class Combination:
    """What runs beside each other, and which changes coincide with a change of the ratings; the latest coincidence first.

    `marked`: how large a change of the ratings has to be to be looked at, in words. `caveat`: what none of this shows.
    """

    coincidences: tuple[Coincidence, ...]
    running: tuple[str, ...]
    marked: str
    caveat: str
