"""What the counted ratings said while each dose was the last one given. A rating says nothing of a dose that came after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from euthymia.combination import TreatmentChange
from euthymia.outcomes import improvement
from euthymia.ratings import Rating
from euthymia.rules.readings import Scene
from euthymia.titration.doses import Dose, Level
from euthymia.titration.result import Rated, Response


@dataclass
class Placed:
    """The ratings by the place of the level that was given last before them; how many may belong to it or to another."""

    on: dict[int, list[Rating]] = field(default_factory=dict)
    unplaced: dict[int, int] = field(default_factory=dict)


def place(scene: Scene, doses: Sequence[Dose], levels: Sequence[Level]) -> Placed:
    """Every counted rating, held against the doses of every route."""
    level_of = {dose.event.id: place for place, level in enumerate(levels) for dose in level.doses}
    placed = Placed()
    for rating in scene.episode.series:
        if rating.total is None:
            continue
        last = {level_of[dose.event.id] for dose in _last_before(rating, doses)}
        if len(last) == 1:
            placed.on.setdefault(last.pop(), []).append(rating)
        else:
            for level in last:
                placed.unplaced[level] = placed.unplaced.get(level, 0) + 1
    return placed


def _last_before(rating: Rating, doses: Sequence[Dose]) -> list[Dose]:
    """The dose given last before a rating; both, where nobody knows which of two it was."""
    sure = [dose for dose in doses if _before(dose, rating) is True]
    maybe = [dose for dose in doses if _before(dose, rating) is None]
    return [*sure[-1:], *maybe[-1:]]


def _before(dose: Dose, rating: Rating) -> bool | None:
    """Whether a dose came before a rating; None on one day, where neither a clock nor the rating says."""
    if dose.day != rating.day:
        return dose.day < rating.day
    if dose.instant is not None and rating.at.instant is not None:
        return dose.instant <= rating.at.instant
    return False if rating.phase == "before_session" else None


def response(
    scene: Scene, place: int, level: Level, doses: Sequence[Dose], placed: Placed, changes: Sequence[TreatmentChange]
) -> Response | None:
    """The response on one level; None without a counted rating while on it."""
    rated, instrument = placed.on.get(place, []), scene.catalog.instruments.get(scene.episode.primary or "")
    if not rated or instrument is None:
        return None
    before = [r for r in scene.episode.series if r.total is not None and _before(level.doses[0], r) is False]
    entry = _rated(before[-1]) if before else None
    last, better = _rated(rated[-1]), 1 if instrument.lower_is_better else -1
    change = round(better * (entry.total - last.total), 1) if entry and unbroken(level, doses) else None
    index = scene.episode.index
    share = improvement(instrument, index.total, last.total) if index else None
    return Response(
        instrument=instrument.short_name,
        before=entry,
        first=_rated(rated[0]),
        last=last,
        ratings=len(rated),
        percent_since_index=None if share is None else round(100 * share, 1),
        change=change,
        beside=tuple(_beside(level, changes, level.doses[0].day, last.day)),
    )


def unbroken(level: Level, doses: Sequence[Dose]) -> bool:
    """Whether no other dose, by whatever route, came between the first and the last of a level."""
    mine = {dose.event.id for dose in level.doses}
    places = [place for place, dose in enumerate(doses) if dose.event.id in mine]
    return places[-1] - places[0] + 1 == len(places)


def _beside(level: Level, changes: Sequence[TreatmentChange], first: date, last: date) -> list[str]:
    """Every other change of treatment from the first dose of a level to its last rating."""
    own = {dose.about for dose in level.doses}
    return [c.said for c in changes if c.about not in own and c.first_day <= last and c.last_day >= first]


def _rated(rating: Rating) -> Rated:
    return Rated(rating.day, rating.total or 0.0)


def untold(scene: Scene, place: int, level: Level, doses: Sequence[Dose], placed: Placed) -> Iterator[str]:
    """What cannot be told of the response on a level, in words."""
    if place not in placed.on:
        yield "no counted rating while on it"
    elif not unbroken(level, doses):
        yield "another dose came in between: the change while on it is not told"
    elif not any(r.total is not None and _before(level.doses[0], r) is False for r in scene.episode.series):
        yield "no counted rating before it: the change while on it is not known"
    if unplaced := placed.unplaced.get(place):
        yield f"{unplaced} {'rating' if unplaced == 1 else 'ratings'} of the day of a dose: before or after it is not known"
