"""Resampling people, not forecasts: the forecasts of one person stand or fall together, for every model alike (paired)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from euthymia.evaluation.cohort import Array

_CELLS = 2_000_000  # of one batch of weights: 16 MB
_TWO_SIDED_95 = (0.025, 0.975)


def resampled_weights(person: NDArray[np.int64], stratum: NDArray[np.int64], resamples: int, seed: int) -> Iterator[Array]:
    """Batches of weights [resample, forecast]: how often each forecast's person was drawn, `resamples` in all.

    `person`, `stratum` [forecast]: who it belongs to, and which data set; people are drawn with replacement within their data set.
    """
    people, first, of = np.unique(person, return_index=True, return_inverse=True)
    groups = [np.flatnonzero(stratum[first] == each) for each in np.unique(stratum)]
    random = np.random.default_rng(seed)
    batch = max(1, _CELLS // max(1, len(person)))
    for start in range(0, resamples, batch):
        size = min(batch, resamples - start)
        counts = np.zeros((size, len(people)))
        for group in groups:
            counts[:, group] = random.multinomial(len(group), np.full(len(group), 1 / len(group)), size=size)
        yield counts[:, of]


def interval(values: Array) -> tuple[float, float]:
    """The 95 % percentile interval over resamples; those where the measure cannot be computed are left out. NaN where none is left."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return float("nan"), float("nan")
    low, high = np.quantile(finite, _TWO_SIDED_95)
    return float(low), float(high)
