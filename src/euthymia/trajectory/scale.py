"""From ratings to the scale on which the course is nearly Gaussian, and back.

A rating is a whole step between two bounds: everything within half a step of it was rounded to it, and at the ends of
the instrument everything beyond was written down as the end. So a rating is an interval of the latent scale.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, SupportsFloat

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Kind = Literal["identity", "square_root", "logit"]
_SAME_STEP = 1e-9
KINDS: tuple[Kind, ...] = ("identity", "square_root", "logit")


class Observed(NamedTuple):
    """Ratings as the filter reads them, arrays [rating].

    `end`: 0 within the range, -1 at the floor, 1 at the ceiling. `value`: the middle of the interval, at an end its
    one bound. `rounding_var`: the variance of what rounding took away (a twelfth of the squared width; Sheppard), 0 at
    an end. `log_width`: the logarithm of the width, 0 at an end.
    """

    end: NDArray[np.int64]
    value: Array
    rounding_var: Array
    log_width: Array


@dataclass(frozen=True)
class Scale:
    """The scale of a population and the instrument whose ratings are read on it.

    `kind`: identity (points), square root (of the points above the floor), or logit (of the share of the range: an
    item-response metric). `score_range` and `score_step` are the instrument's. `slope` and `shift` link it, where it
    is not the one that the population was learnt on: its score = slope · (score there) + shift; `learnt_range` is the
    range there.
    """

    kind: Kind
    score_range: tuple[float, float]
    score_step: float = 1.0
    slope: float = 1.0
    shift: float = 0.0
    learnt_range: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        ends: object = self.score_range
        given = [*ends] if isinstance(ends, Iterable) else [ends]
        if len(given) != 2 or not all(isinstance(end, SupportsFloat) for end in (*given, self.score_step)):
            raise ValueError(
                f"found the score range {given} with a step of {self.score_step!r}; allowed: two numbers, the lower first, and one"
            )
        low, high = self.score_range
        if self.kind not in KINDS:
            raise ValueError(f"found the scale {self.kind!r}; allowed: {', '.join(KINDS)}")
        if not (np.isfinite(low) and np.isfinite(high) and low < high):
            raise ValueError(f"found a score range from {low:g} to {high:g}; allowed: two finite numbers, the lower first")
        if not (0 < self.score_step <= high - low) or not self.slope > 0:
            raise ValueError(
                f"found a step of {self.score_step:g} and a slope of {self.slope:g}; allowed: above 0, a step within the range"
            )

    def latent(self, score: ArrayLike) -> Array:
        """The latent value of scores (not rounded); -∞ or ∞ beyond what the scale can carry."""
        points = (np.asarray(score, dtype=float) - self.shift) / self.slope
        if self.kind == "identity":
            return points
        low, high = self.learnt_range or self.score_range
        if self.kind == "square_root":
            return np.where(points > low, np.sqrt(np.maximum(points - low, 0.0)), -np.inf)
        share = (points - low + self._margin) / (high - low + 2 * self._margin)
        with np.errstate(divide="ignore"):
            return np.log(np.clip(share, 0, 1)) - np.log(np.clip(1 - share, 0, 1))

    def score(self, latent: ArrayLike) -> Array:
        """The score (not rounded) of latent values, kept within the instrument's range."""
        values = np.asarray(latent, dtype=float)
        low, high = self.learnt_range or self.score_range
        if self.kind == "square_root":
            values = low + np.maximum(values, 0.0) ** 2
        elif self.kind == "logit":
            values = low - self._margin + (high - low + 2 * self._margin) / (1 + np.exp(-np.clip(values, -700, 700)))
        return np.asarray(np.clip(self.slope * values + self.shift, *self.score_range))

    def rated(self, latent: ArrayLike) -> Array:
        """The ratings of latent values: rounded to the instrument's steps, kept within its range."""
        low, step = self.score_range[0], self.score_step
        return np.asarray(np.clip(low + step * np.round((self.score(latent) - low) / step), *self.score_range))

    def bounds(self, totals: ArrayLike) -> tuple[Array, Array]:
        """The latent interval of each rating, -∞ or ∞ at the ends of the range.

        A rating that a linked scale does not reach is read as the nearest one that it does.
        """
        lower, upper = self._bounds(np.asarray(totals, dtype=float))
        if np.any(np.isneginf(upper) | np.isposinf(lower)):
            steps = self.steps()
            lowest, highest = self._bounds(steps)
            reached = steps[~(np.isneginf(highest) | np.isposinf(lowest))]
            return self._bounds(np.clip(totals, reached[0], reached[-1]))
        return lower, upper

    def _bounds(self, scores: Array) -> tuple[Array, Array]:
        half, (low, high) = self.score_step / 2, self.score_range
        lower = np.where(scores - half < low, -np.inf, self.latent(scores - half))
        return lower, np.where(scores + half > high, np.inf, self.latent(scores + half))

    def at_most(self, total: float) -> float:
        """The latent value up to which a rating is at most `total`: half a step above the last that is; ∞ from the end of the range on."""
        low, high = self.score_range
        if total >= high:
            return float("inf")
        last = np.floor((total - low) / self.score_step + _SAME_STEP)
        return float(self.latent(low + (last + 0.5) * self.score_step))

    def observed(self, totals: Sequence[float] | Array) -> Observed:
        """The ratings as the filter reads them."""
        lower, upper = self.bounds(totals)
        end = np.where(np.isinf(lower), -1, np.where(np.isinf(upper), 1, 0))
        with np.errstate(invalid="ignore"):
            width = np.where(end == 0, upper - lower, 1.0)
            middle = np.where(end == 0, (lower + upper) / 2, np.where(end < 0, upper, lower))
        return Observed(end.astype(np.int64), middle, np.where(end == 0, width**2 / 12, 0.0), np.log(width))

    def steps(self) -> Array:
        """Every score that the instrument can give, for an instrument of few steps; else as many as are told apart."""
        low, high = self.score_range
        return np.arange(low, high + self.score_step / 2, self.score_step)

    @property
    def _margin(self) -> float:
        return self.score_step / self.slope
