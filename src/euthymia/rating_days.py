"""The series as rating days: one entry a day, of which the worst rating counts."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from euthymia.episode import CurrentEpisode
from euthymia.ratings import Rating


@dataclass(frozen=True)
class RatingDay:
    """One step of the fold: the ratings of one day, the worst of which counts."""

    day: date
    total: float
    by_total_only: bool
    prorated: bool
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the total may establish remission: every item that it stands for was answered."""
        return not self.prorated and not self.missing


def rating_days(episode: CurrentEpisode) -> list[RatingDay]:
    """The series after the index, one entry a day; where a day has several ratings, the worst counts."""
    if episode.index is None:
        return []
    by_day: dict[date, list[Rating]] = {}
    for rating in episode.series[episode.index.ratings :]:
        by_day.setdefault(rating.day, []).append(rating)
    days = []
    for day, ratings in by_day.items():
        worst = max(ratings, key=lambda r: r.total or 0.0)
        items = all(r.answers is not None for r in ratings)
        scores = [r.score for r in ratings if r.score is not None]
        missing = tuple(item for score in scores for item in score.missing)
        days.append(RatingDay(day, worst.total or 0.0, not items, any(score.prorated for score in scores), missing))
    return days


def remission_points(days: Sequence[RatingDay]) -> list[tuple[date, float]]:
    """The (day, total) of every rating that may establish or end a remission: incomplete ones may not."""
    return [(rated.day, rated.total) for rated in days if rated.complete]


def best_medians(index: tuple[date, float], days: Sequence[RatingDay], window_days: float) -> tuple[float, ...]:
    """[n]: the lowest median of any four weeks that end on the index or on one of the first n rating days."""
    points = [index, *((rated.day, rated.total) for rated in days)]
    ordinals = [day.toordinal() for day, _ in points]
    best: list[float] = []
    for position, ordinal in enumerate(ordinals):
        first = bisect_right(ordinals, ordinal - window_days)
        middle = median(total for _, total in points[first : position + 1])
        best.append(min(best[-1], middle) if best else middle)
    return tuple(best)
