"""The severity chart in characters: ratings, the remission line, where the plan is heading, and the timeline below.

Every row stands for whole scores counted from the remission line, which has a row of its own: a rating in the
remission range is always drawn below it, one above always above.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rich.text import Text

from euthymia.report.axes import shown_top
from euthymia.report.words import TONES, Tone, heading_words, remission_words
from euthymia.reviewing import Review
from euthymia.timeline import Lane, Scale

COLOURS: dict[Tone, str] = {
    "remission": "green",
    "moving": "blue",
    "holding": "yellow",
    "not_improving": "magenta",
    "losing": "red",
    "plain": "default",
}
SPARKS = "▁▂▃▄▅▆▇█"
_LEFT, _RIGHT, _ROWS = 5, 24, 14


@dataclass(frozen=True)
class _Frame:
    """From scores and days to rows and columns."""

    scale: Scale
    cut: float
    top: float
    first: date
    last: date
    columns: int

    @property
    def points_per_row(self) -> float:
        rows = max(1, round((self.top - self.scale.low) / self.scale.step))
        return self.scale.step * math.ceil(rows / _ROWS)

    @property
    def rows_above(self) -> int:
        return max(1, math.ceil((self.top - self.cut) / self.points_per_row - 1e-9))

    @property
    def rows_below(self) -> int:
        return max(1, math.ceil((self.cut - self.scale.low + self.scale.step) / self.points_per_row - 1e-9))

    def row(self, score: float) -> int:
        """The row of a score, from the top; the remission line's own row is `rows_above`."""
        steps = (score - self.cut - self.scale.step / 2) / self.points_per_row
        place = self.rows_above - 1 - math.floor(steps) if steps >= 0 else self.rows_above + math.ceil(-steps)
        return min(max(place, 0), self.rows_above + self.rows_below)

    def column(self, day: date) -> int:
        span = max(1, (self.last - self.first).days)
        place = round((day - self.first).days / span * (self.columns - 1))
        return min(max(place, 0), self.columns - 1)

    def upper(self, row: int) -> float:
        """The highest score of a row."""
        if row <= self.rows_above:
            return min(self.top, self.cut + (self.rows_above - row) * self.points_per_row)
        return self.cut - (row - self.rows_above - 1) * self.points_per_row


def severity_plot(review: Review, width: int) -> list[Text]:
    """The chart as lines of `width` characters; nothing where no instrument carries the episode."""
    frame = _frame(review, width)
    if frame is None:
        return []
    grid = [[(" ", "")] * frame.columns for _ in range(frame.rows_above + frame.rows_below + 1)]
    _draw_lines(grid, frame, review)
    _draw_future(grid, frame, review)
    _draw_ratings(grid, frame, review)
    right = _right_labels(frame, review)
    lines = [_line(_left(frame, row), cells, *right.get(row, ("", "dim"))) for row, cells in enumerate(grid)]
    return [*lines, *_strip(frame, review), *_lanes(frame, review), _axis(frame, review)]


def _frame(review: Review, width: int) -> _Frame | None:
    scale, cut = review.timeline.scale, review.episode.cut
    days = [rating.day for rating in review.episode.series]
    if scale is None or cut is None or not days:
        return None
    ahead = [review.verdict.horizon] if review.verdict.horizon and review.verdict.status != "cannot_tell" else []
    return _Frame(scale, cut, shown_top(review, scale, cut), days[0], max([review.on, *ahead]), max(20, width - _LEFT - _RIGHT))


def _draw_lines(grid: list[list[tuple[str, str]]], frame: _Frame, review: Review) -> None:
    today = frame.column(review.on)
    for band in frame.scale.bands:
        edge = frame.row(band.low) if band.low > frame.cut + frame.scale.step else None
        if edge is not None and band.low <= frame.top:
            grid[edge] = [("┈", "dim")] * frame.columns
    for cells in grid:
        cells[today] = ("┊", "")
    grid[frame.rows_above] = [("━", "bold green")] * frame.columns


def _draw_future(grid: list[list[tuple[str, str]]], frame: _Frame, review: Review) -> None:
    if review.verdict.status == "cannot_tell":
        return
    colour, ahead = COLOURS[TONES[review.verdict.status]], [p for p in review.fan if not p.past]
    for column in range(frame.column(ahead[0].day) + 1 if ahead else frame.columns, frame.columns):
        point = min(ahead, key=lambda p: abs(frame.column(p.day) - column))
        for row in range(frame.row(point.high), frame.row(point.low) + 1):
            grid[row][column] = ("░", colour) if row != frame.rows_above else grid[row][column]
        grid[frame.row(point.middle)][column] = ("╌", f"bold {colour}")


def _draw_ratings(grid: list[list[tuple[str, str]]], frame: _Frame, review: Review) -> None:
    counted = {rating.id for rating in review.episode.series}
    rated = [r for r in review.episode.ratings if r.instrument == frame.scale.instrument and r.total is not None]
    for rating in sorted(rated, key=lambda r: r.id in counted):
        if rating.day >= frame.first:
            mark = ("○", "bold") if rating.id in counted else ("·", "dim")
            grid[frame.row(rating.total or 0.0)][frame.column(rating.day)] = mark


def _right_labels(frame: _Frame, review: Review) -> dict[int, tuple[str, str]]:
    labels = {frame.row(min(b.high, frame.top)): (b.label, "dim") for b in frame.scale.bands if frame.cut < b.high and b.low <= frame.top}
    labels[frame.rows_above] = (remission_words(review), "bold green")
    heading = heading_words(review)
    if heading and review.verdict.status != "cannot_tell":
        row = frame.row(review.verdict.heading_to or 0.0)
        free = row if row not in labels or labels[row][1] == "dim" else row + 1
        labels[free] = (heading, f"bold {COLOURS[TONES[review.verdict.status]]}")
    return labels


def _left(frame: _Frame, row: int) -> str:
    return "" if row == frame.rows_above or (row % 2 and row < frame.rows_above) else f"{frame.upper(row):g}"


def _line(left: str, cells: Sequence[tuple[str, str]], right: str, style: str) -> Text:
    line = Text(f"{left:>{_LEFT - 1}} ", style="dim", no_wrap=True)
    for character, look in cells:
        line.append(character, style=look)
    line.append(f" {right[: _RIGHT - 1]}", style=style)
    return line


def _strip(frame: _Frame, review: Review) -> Iterator[Text]:
    """Time in remission, above it, and not observed (hollow)."""
    looks = {"in_remission": ("█", "green"), "above": ("▒", ""), "not_observed": ("□", "dim")}
    cells = [(" ", "")] * frame.columns
    for span in review.outcomes.spans:
        for column in range(frame.column(span.start), frame.column(span.end) + 1):
            cells[column] = looks[span.state]
    if review.outcomes.spans:
        yield _line("", cells, "█ in ▒ above □ not seen", "dim")


def _lanes(frame: _Frame, review: Review) -> Iterator[Text]:
    """Doses as bars of their height, drugs and courses as stretches."""
    for lane in review.timeline.lanes:
        cells = [(" ", "")] * frame.columns
        for stretch in lane.stretches:
            end = stretch.end or review.on
            if end >= frame.first:
                for column in range(frame.column(max(stretch.start, frame.first)), frame.column(end) + 1):
                    cells[column] = ("━", "")
        for dose in lane.doses:
            if dose.day >= frame.first:
                cells[frame.column(dose.day)] = (_dose_height(lane, dose.amount) if dose.taken else "×", "blue")
        if any(character != " " for character, _ in cells):
            yield _line("", cells, lane.name, "")


def _dose_height(lane: Lane, amount: float | None) -> str:
    highest = max((dose.amount or 0.0 for dose in lane.doses), default=0.0)
    return "│" if not amount or not highest else SPARKS[max(1, math.ceil(amount / highest * len(SPARKS)) - 1)]


def _axis(frame: _Frame, review: Review) -> Text:
    cells = [" "] * frame.columns
    # The ends first: where room is short, the weeks between them give way.
    labels = [(frame.column(review.on), "today"), (0, f"{frame.first.day} {frame.first:%b %y}")]
    span = max(1, (frame.last - frame.first).days // 7)
    every = next((step for step in (1, 2, 4, 8, 13, 26, 52, 104, 520) if span / step <= frame.columns / 9), 5200)
    labels += [(frame.column(date.fromordinal(frame.first.toordinal() + 7 * w)), f"wk {w}") for w in range(every, span + 1, every)]
    for column, label in labels:
        start = min(max(column - len(label) // 2, 0), frame.columns - len(label))
        if all(c == " " for c in cells[max(0, start - 1) : start + len(label) + 1]):
            cells[start : start + len(label)] = label
    return _line("", [(c, "dim") for c in cells], "", "")


def sparkline(values: Sequence[float], shown: int = 12) -> str:
    """The last values as blocks, between the lowest and the highest of the whole course: noise stays small."""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    return "".join(SPARKS[round((v - low) / span * (len(SPARKS) - 1))] for v in values[-shown:])
