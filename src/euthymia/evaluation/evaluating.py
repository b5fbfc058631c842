"""Grouped cross-validation: every person is forecast by models that were fitted without them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from euthymia.evaluation import scores
from euthymia.evaluation.cohort import Array, Cohort, EvaluationError, Scale
from euthymia.evaluation.mixed import mixed_model
from euthymia.evaluation.model import Model, Prediction, Training
from euthymia.evaluation.peers import early_improvement, last_value, population_mean, straight_line
from euthymia.evaluation.task import FEWEST_SEEN, Case, Target, cases_of, folds_of
from euthymia.evaluation.this_model import this_model

MODELS = (
    Model("this_model", "this model", this_model),
    Model("last_value", "last value", last_value),
    Model("straight_line", "straight line", straight_line),
    Model("population_mean", "population mean", population_mean),
    Model("mixed_model", "mixed model", mixed_model),
    Model("early_improvement", "20 % by week 2", early_improvement),
)
Job = tuple[int, Model]
Watch = Callable[[Sequence[Job]], Iterable[Job]]


@dataclass(frozen=True)
class Options:
    """How it was done: people in `folds`, forecasts from the first `first` ratings on of the `target` rating, `resamples` of people."""

    folds: int = 5
    first: int = FEWEST_SEEN
    target: Target = "last"
    seed: int = 1
    resamples: int = 2000


@dataclass(frozen=True)
class Forecasts:
    """Every forecast of one model, in one order for all models; arrays [forecast], NaN where the model says nothing of the kind.

    Points: `error` (point forecast minus rating), `crps`, `low` and `high` (the totals at 5 % and 95 %). `below`, `upto`: F under and at
    the rating. `mass`: what lies from low to high. `chance`: of remission. `notes`: what had to be said about the training.
    """

    id: str
    name: str
    error: Array
    crps: Array
    below: Array
    upto: Array
    low: Array
    high: Array
    mass: Array
    chance: Array
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DataSet:
    """What was evaluated: its name and scale, how many people and ratings, and what was said in reading it."""

    name: str
    scale: Scale
    people: int
    ratings: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluation:
    """The forecasts of every model on one data set, or on several pooled. Arrays [forecast].

    `data_set`: the place in `data_sets`; `person`: a number, the same for one person's forecasts, from 1; `seen`: ratings seen;
    `at_week`, `horizon_weeks`: of the rating forecast; `rating` in points; `remission`: 1 where it was at or below the cut.
    """

    data_sets: tuple[DataSet, ...]
    options: Options
    data_set: NDArray[np.int64]
    person: NDArray[np.int64]
    fold: NDArray[np.int64]
    seen: NDArray[np.int64]
    at_week: Array
    horizon_weeks: Array
    rating: Array
    remission: Array
    models: tuple[Forecasts, ...] = field(repr=False)

    @property
    def span(self) -> Array:
        """The width of each forecast's scale in points, [forecast]."""
        return np.array([each.scale.high - each.scale.low for each in self.data_sets])[self.data_set]


def evaluate(cohort: Cohort, options: Options | None = None, models: Sequence[Model] = MODELS, watch: Watch = iter) -> Evaluation:
    """Forecast every person of `cohort` with each of `models`, fitted on the other folds' people only.

    `watch` is handed the fits to be done and hands them through (for a progress bar). The same arguments give the same
    evaluation. Raises EvaluationError where there is too little to learn from or to forecast.
    """
    options = options or Options()
    fold = folds_of(len(cohort.people), options.folds, options.seed)
    everyone = range(len(cohort.people))
    cases = cases_of(cohort.people, everyone, options.first, options.target)
    _check_enough(cohort, cases, fold, options)
    case_fold = np.array([fold[case.person] for case in cases])
    answers: dict[str, list[Prediction | None]] = {model.id: [None] * len(cases) for model in models}
    notes: dict[str, dict[str, None]] = {model.id: {} for model in models}
    jobs = [(number, model) for number in range(options.folds) for model in models]
    for number, model in watch(jobs):
        learnt = model.learn(_training(cohort, np.flatnonzero(fold != number).tolist(), options))
        notes[model.id] |= dict.fromkeys(f"fold {number + 1}: {note}" for note in learnt.notes)
        for at in np.flatnonzero(case_fold == number):
            answers[model.id][at] = learnt.predict(cases[at].task)
    rating = np.array([case.rating for case in cases])
    scored = tuple(_scored(m, [a for a in answers[m.id] if a is not None], rating, cohort.scale, tuple(notes[m.id])) for m in models)
    return Evaluation(
        data_sets=(DataSet(cohort.name, cohort.scale, len(cohort.people), cohort.ratings, cohort.notes),),
        options=options,
        data_set=np.zeros(len(cases), dtype=np.int64),
        person=np.array([case.person + 1 for case in cases]),
        fold=case_fold + 1,
        seen=np.array([len(case.task.weeks) for case in cases]),
        at_week=np.array([case.task.at_week for case in cases]),
        horizon_weeks=np.array([case.task.horizon_weeks for case in cases]),
        rating=rating,
        remission=(rating <= cohort.scale.cut).astype(float),
        models=scored,
    )


def _training(cohort: Cohort, members: Sequence[int], options: Options) -> Training:
    cases = cases_of(cohort.people, members, options.first, options.target)
    return Training([cohort.people[place] for place in members], cases, cohort.scale)


def _check_enough(cohort: Cohort, cases: Sequence[Case], fold: NDArray[np.int64], options: Options) -> None:
    forecast = {case.person for case in cases}
    if any(not {person for person in forecast if fold[person] != number} for number in range(options.folds)):
        found = f"{len(forecast)} of {len(cohort.people)} people with more than {options.first} ratings"
        wanted = f"two people or more with {options.first + 1} ratings or more, in different folds"
        raise EvaluationError(f"{cohort.name}: found {found}; allowed: {wanted}")


def _scored(model: Model, answers: Sequence[Prediction], rating: Array, scale: Scale, notes: tuple[str, ...]) -> Forecasts:
    chance = np.array([answer.remission for answer in answers])
    cdfs = [answer.cdf for answer in answers if answer.cdf is not None]
    if len(cdfs) < len(answers):
        none = np.full(len(answers), np.nan)
        return Forecasts(model.id, model.name, none, none, none, none, none, none, none, chance, notes)
    cdf = np.array(cdfs)
    error = np.array([answer.point for answer in answers], dtype=float) - rating
    below, upto = scores.pit_bounds(cdf, rating, scale)
    low, high, mass = scores.central_interval(cdf, scale)
    return Forecasts(model.id, model.name, error, scores.crps(cdf, rating, scale), below, upto, low, high, mass, chance, notes)
