"""Calibration of chances with people as the unit: many resamples at once, on chances put into narrow bins of their logit."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from euthymia.evaluation import measures
from euthymia.evaluation.bootstrap import interval
from euthymia.report.reliability import Group

Array = NDArray[np.float64]
_EDGE, _WIDTH = logit(0.999), 0.05  # chances are kept within 0.001 and 0.999, as in `euthymia evaluate`
RESAMPLES = 400


class Calibration(NamedTuple):
    """Slope and intercept of the outcome on the logit of the chance, with 95 % intervals by person; 1 and 0 are right."""

    forecasts: int
    came: float
    said: float
    brier: float
    auc: float
    slope: float
    slope_low: float
    slope_high: float
    intercept: float


def calibration(chances: Array, came: NDArray[np.bool_], asked: NDArray[np.bool_] | None = None, seed: int = 1) -> Calibration:
    """Of `chances` [person, forecast] and what `came`; `asked`: of these forecasts alone."""
    asked = np.ones(chances.shape, dtype=bool) if asked is None else asked
    some = asked.any(axis=1)
    chances, came, asked = chances[some], came[some].astype(float), asked[some]
    if not len(chances):
        return Calibration(0, *[float("nan")] * 8)
    p, y = chances[asked], came[asked]
    one = np.ones((1, len(p)))
    values, weights = _binned(chances, came, asked)
    outcome = np.repeat([1.0, 0.0], len(values))
    drawn = np.random.default_rng(seed).multinomial(len(chances), np.full(len(chances), 1 / len(chances)), RESAMPLES)
    everyone = np.vstack([np.ones(len(chances)), drawn.astype(float)]) @ weights
    kept = everyone[0] > 0
    intercepts, slopes = measures.calibration(np.tile(values, 2)[kept], outcome[kept], everyone[:, kept])
    low, high = interval(slopes[1:])
    brier, auc = measures.brier(p, y, one)[0], measures.auc(p, y, one)[0]
    return Calibration(len(p), y.mean(), p.mean(), brier, auc, slopes[0], low, high, intercepts[0])


def _binned(chances: Array, came: Array, asked: NDArray[np.bool_]) -> tuple[Array, Array]:
    """The chance of every bin, and how often each person had it with and without the outcome: [person, twice the bins]."""
    places = np.rint((np.clip(logit(np.clip(chances, 1e-9, 1 - 1e-9)), -_EDGE, _EDGE) + _EDGE) / _WIDTH).astype(int)
    bins = int(np.ceil(2 * _EDGE / _WIDTH)) + 1
    who = np.repeat(np.arange(len(chances)), chances.shape[1]).reshape(chances.shape)
    found = np.zeros((len(chances), 2 * bins))
    np.add.at(found, (who[asked], (places + bins * (came == 0))[asked]), 1.0)
    return expit(np.arange(bins) * _WIDTH - _EDGE), found


def groups(name: str, chances: Array, came: NDArray[np.bool_], person_each: int) -> list[Group]:
    """Tenths of the chance said, for the reliability plot. Forecasts of one person hang together: the intervals are those of as many
    forecasts as there are people in the group, at most (`person_each` forecasts a person)."""
    found = []
    for place in range(10):
        of = (chances >= place / 10) & (chances < (place + 1) / 10 + (place == 9))
        if of.any():
            share, people = float(came[of].mean()), max(1, int(of.sum()) // person_each)
            found.append(Group(name, float(chances[of].mean()), share, *measures.wilson(share, people), int(of.sum())))
    return found
