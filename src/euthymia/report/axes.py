"""The ranges of the chart: which scores and which days are drawn, and where the lanes of the timeline stand."""

from dataclasses import dataclass
from datetime import date, timedelta

from euthymia.reviewing import Review
from euthymia.timeline import Scale

PLOT_PX, LANE_PX = 300, 34


@dataclass(frozen=True)
class Axes:
    """The ranges of the picture: scores above, one lane below them for each line of the timeline."""

    scale: Scale
    cut: float
    top: float
    first: date
    last: date
    lanes: int

    @property
    def lane(self) -> float:
        return (self.top - self.scale.low) * LANE_PX / PLOT_PX

    @property
    def bottom(self) -> float:
        return self.scale.low - self.lane * (self.lanes + 0.3)

    @property
    def line(self) -> float:
        """Where the remission line runs: between the last score in the range and the first above it."""
        return self.cut + self.scale.step / 2

    def base(self, lane: int) -> float:
        """The score at which a lane stands."""
        return self.scale.low - self.lane * (lane + 1.1)


def stamp(day: date) -> str:
    """A day as local midnight: a bare date would be read as UTC and shown a day early in the west."""
    return f"{day.isoformat()}T00:00:00"


def shown_top(review: Review, scale: Scale, cut: float) -> float:
    """The highest score drawn: the whole scale, unless most of it would be empty."""
    seen = [r.total for r in review.episode.series if r.total is not None] + [point.high for point in review.fan]
    highest = max([*seen, cut + scale.step, *(band.low for band in scale.bands[-1:])]) + 0.08 * (scale.high - scale.low)
    return scale.high if highest > 0.8 * (scale.high - scale.low) + scale.low else float(round(highest))


def axes_of(review: Review) -> Axes | None:
    """The ranges of one review; None where no instrument carries the episode."""
    scale, cut, days = review.timeline.scale, review.episode.cut, [r.day for r in review.episode.series]
    if scale is None or cut is None or not days:
        return None
    last = max([review.on, *(point.day for point in review.fan)])
    margin = timedelta(days=max(2, (last - days[0]).days // 60))
    return Axes(scale, cut, shown_top(review, scale, cut), days[0] - margin, last + margin, 1 + len(review.timeline.lanes))
