"""Many patients as flat arrays: what the compiled kernels read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from euthymia.trajectory.model import Population, Series, recall
from euthymia.trajectory.scale import Array, Observed, Scale

Offsets = NDArray[np.int64]
_QUANTILES = (0.5, 0.1, 0.9)
_FEW = 500


@dataclass(frozen=True, eq=False)
class Cohort:
    """Ratings, sessions and changes of protocol of many patients, one after the other.

    Patient k has the ratings `offsets[k]` to `offsets[k + 1]` of `weeks` and `totals`, and likewise sessions and
    changes. All of one `recall_days`.
    """

    offsets: Offsets
    weeks: Array
    totals: Array
    session_offsets: Offsets
    sessions: Array
    change_offsets: Offsets
    changes: Array
    recall_days: float

    @property
    def people(self) -> int:
        """How many patients."""
        return len(self.offsets) - 1


def cohort(people: Sequence[Series]) -> Cohort:
    """The series of many patients as flat arrays. Raises ValueError where they do not share `recall_days`."""
    days = sorted({series.recall_days for series in people})
    if len(days) > 1:
        raise ValueError(f"found recall_days {', '.join(f'{d:g}' for d in days)} in one cohort; allowed: one")
    return Cohort(
        _offsets([len(s.totals) for s in people]),
        _flat([s.elapsed_weeks for s in people]),
        _flat([s.totals for s in people]),
        _offsets([len(s.session_weeks) for s in people]),
        _flat([s.session_weeks for s in people]),
        _offsets([len(s.protocol_change_weeks) for s in people]),
        _flat([s.protocol_change_weeks for s in people]),
        days[0] if days else 0.0,
    )


def _offsets(counts: Sequence[int]) -> Offsets:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)


def _flat(parts: Sequence[Sequence[float]]) -> Array:
    return np.fromiter((value for part in parts for value in part), dtype=float)


def constants(population: Population, recall_days: float) -> tuple[Array, Array]:
    """The population as the kernels read it: constants on every node [row, node], and those that all nodes share [row]."""
    grid = population.grid
    b, rate, wane, follow, follow_drug = recall(grid, recall_days * population.recall_share)
    node = np.array(
        [
            population.log_weights,
            rate,
            grid.wandering_sd**2,
            grid.rating_sd**2,
            grid.set_point_sd**2,
            wane,
            grid.carry,
            follow,
            follow_drug,
        ]
    )
    start, slope = population.start_mean, population.set_point_slope
    shared = [population.set_point_drift_sd**2, population.set_point_step_sd**2, start, population.start_sd**2]
    shared += [population.set_point_intercept + slope * start, slope, population.effect_mean, population.effect_sd**2, b]
    return node, np.array([*shared, population.outlier_share, population.outlier_factor**2])


def log_likelihoods(population: Population, people: Cohort) -> Array:
    """The marginal log likelihood of every patient under the population, [patient]."""
    from euthymia.trajectory import kernels

    found = np.zeros(people.people)
    _run(kernels.log_likelihoods_of, kernels.log_likelihoods, people.people, (*_inputs(population, people), found))
    return found


@dataclass(frozen=True)
class Outlooks:
    """What a network asks of every patient at once.

    `chances` [rating]: after each rating, the probability of a rating in the remission range at its horizon.
    `heading` [patient, 3]: median and central 80 % of the rating at the horizon of the last one; NaN without ratings.
    """

    chances: Array
    heading: Array


def outlooks(population: Population, people: Cohort, horizon_weeks: Array, cut: float) -> Outlooks:
    """Forecast every patient after every rating: `horizon_weeks` [rating] is the week asked about; sessions go on as so far."""
    from euthymia.trajectory import kernels

    scale = population.scale
    bound = scale.at_most(cut)
    chances, heading = np.empty(len(people.weeks)), np.full((people.people, len(_QUANTILES)), np.nan)
    asked = (np.asarray(horizon_weeks, dtype=float), bound, np.array(_QUANTILES), chances, heading)
    _run(kernels.outlooks_of, kernels.outlooks, people.people, (*_inputs(population, people), *asked))
    return Outlooks(chances, scale.score(heading))


def _run(alone: Callable[..., None], shared: Callable[..., None], people: int, inputs: tuple[Any, ...]) -> None:
    """On one core for few patients: waking the others takes longer than the work."""
    from numba import get_num_threads

    if people < _FEW or get_num_threads() == 1:
        alone(0, people, *inputs)
    else:
        shared(min(people, 4 * get_num_threads()), *inputs)


def _inputs(population: Population, people: Cohort) -> tuple[Any, ...]:
    """What every kernel reads, in its order."""
    ratings = (people.weeks, *_observed(population.scale, people))
    beside = (people.session_offsets, people.sessions, people.change_offsets, people.changes)
    return *constants(population, people.recall_days), people.offsets, ratings, beside


@lru_cache(maxsize=8)
def _observed(scale: Scale, people: Cohort) -> Observed:
    """The ratings on a scale: the same for every guess that a fit makes."""
    return scale.observed(people.totals)
