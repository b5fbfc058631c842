"""The figures of an evaluation: every measure of every model with its interval, and its difference to this model."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from euthymia.evaluation import measures, scores
from euthymia.evaluation.bootstrap import interval, resampled_weights
from euthymia.evaluation.cohort import Array
from euthymia.evaluation.evaluating import Evaluation, Forecasts

# Differences smaller than this are the last digits of the arithmetic.
_NOISE = 1e-9
Word = Literal["better", "worse", "no difference"]
# Which way is better, of those that can be compared: -1 = lower. Coverage and calibration have a right value instead.
DIRECTIONS = {"rmse": -1, "crps": -1, "crps_of_range": -1, "log_score": -1, "brier": -1, "auc": 1}


@dataclass(frozen=True)
class Difference:
    """This model minus a peer, with its paired 95 % interval; `word` says how this model is, where the interval leaves out 0."""

    value: float
    low: float
    high: float
    word: Word


@dataclass(frozen=True)
class Figure:
    """One measure of one model, with the 95 % interval of the bootstrap by person. NaN = the model has no such measure.

    `difference`: this model against this peer; None for this model itself and for measures that have a right value.
    """

    value: float
    low: float
    high: float
    difference: Difference | None = None


@dataclass(frozen=True)
class Coverage:
    """A share that ought to be `nominal`, with Wilson's 95 % interval; `holds`: the interval contains it."""

    value: float
    low: float
    high: float
    nominal: float

    @property
    def holds(self) -> bool:
        return self.low <= self.nominal <= self.high


@dataclass(frozen=True)
class ModelFigures:
    """The figures of one model by the name of the measure.

    `pit`: share of the rating's own mass between 5 % and 95 %, nominally 90 %. `inside`: plain share of ratings from the
    total at 5 % to the total at 95 %, nominally the mass between them (whole totals hold more than 90 %); `inside_90`: the
    same against 90 %.
    """

    id: str
    name: str
    measures: dict[str, Figure]
    pit: Coverage
    inside: Coverage
    inside_90: Coverage
    notes: tuple[str, ...]


def figures_of(evaluation: Evaluation) -> tuple[ModelFigures, ...]:
    """Compute every figure; the first model of the evaluation is the one that the others are compared with."""
    everyone = np.ones((1, len(evaluation.rating)))
    values = [_measured(model, evaluation, everyone) for model in evaluation.models]
    options = evaluation.options
    draws = resampled_weights(evaluation.person, evaluation.data_set, options.resamples, options.seed)
    batches = [[_measured(model, evaluation, weights) for model in evaluation.models] for weights in draws]
    resampled = [
        {name: np.concatenate([batch[at][name] for batch in batches]) for name in found} for at, found in enumerate(values)
    ]  # by model, then measure: [resample]
    found = []
    for at, model in enumerate(evaluation.models):
        figures = {
            name: Figure(float(value[0]), *interval(resampled[at][name]), _difference(name, at, values, resampled))
            for name, value in values[at].items()
        }
        found.append(ModelFigures(model.id, model.name, figures, *_coverages(model, evaluation), model.notes))
    return tuple(found)


def _measured(model: Forecasts, evaluation: Evaluation, weights: Array) -> dict[str, Array]:
    came = evaluation.remission
    intercept, slope = measures.calibration(model.chance, came, weights)
    if np.isnan(model.error).all():  # A rule has two chances: there is no slope to speak of.
        intercept, slope = intercept * np.nan, slope * np.nan
    return {
        "rmse": measures.root_mean_square(model.error, weights),
        "crps": measures.mean(model.crps, weights),
        "crps_of_range": measures.mean(model.crps / evaluation.span, weights),
        "log_score": measures.mean(scores.log_score(model.below, model.upto), weights),
        "pit": measures.mean(_nothing_stays(model, scores.pit_share(model.below, model.upto)), weights),
        "brier": measures.brier(model.chance, came, weights),
        "auc": measures.auc(model.chance, came, weights),
        "calibration_intercept": intercept,
        "calibration_slope": slope,
    }


def _difference(name: str, at: int, values: list[dict[str, Array]], resampled: list[dict[str, Array]]) -> Difference | None:
    value = float(values[0][name][0] - values[at][name][0])
    if at == 0 or name not in DIRECTIONS or math.isnan(value):
        return None
    low, high = interval(resampled[0][name] - resampled[at][name])
    if math.isnan(low):
        return None
    side = (low > _NOISE) - (high < -_NOISE)
    words: dict[int, Word] = {0: "no difference", 1: "better", -1: "worse"}
    return Difference(value, low, high, words[side * DIRECTIONS[name]])


def _coverages(model: Forecasts, evaluation: Evaluation) -> tuple[Coverage, Coverage, Coverage]:
    rating, count = evaluation.rating, len(evaluation.rating)
    pit = float(np.mean(_nothing_stays(model, scores.pit_share(model.below, model.upto))))
    within = (rating >= model.low) & (rating <= model.high)
    inside = float(np.mean(_nothing_stays(model, within.astype(float))))
    wilson = measures.wilson(inside, count)
    return (
        Coverage(pit, *measures.wilson(pit, count), scores.NOMINAL),
        Coverage(inside, *wilson, float(np.mean(model.mass))),
        Coverage(inside, *wilson, scores.NOMINAL),
    )


def _nothing_stays(model: Forecasts, values: Array) -> Array:
    """What a model without a distribution has is nothing, not 0."""
    return np.where(np.isnan(model.below), np.nan, values)
