"""The project's own engine behind the one door of `model.py`: fitted on the training people only, like every peer."""

from collections.abc import Sequence

import numpy as np

from euthymia.evaluation.cohort import Array, EvaluationError, Scale
from euthymia.evaluation.model import Learnt, Prediction, Training, from_cdf
from euthymia.evaluation.task import Task
from euthymia.trajectory import Plan, Series, fit, forecast


def this_model(training: Training) -> Learnt:
    """Fit the population by empirical Bayes, then forecast from each person's own ratings, under the sessions planned.

    Raises EvaluationError where no population can be fitted.
    """
    scale = training.scale
    cohort = [_series(p.weeks, p.totals, p.session_weeks, p.change_weeks, scale) for p in training.people]
    try:
        population = fit(cohort, (scale.low, scale.high), scale.step)
    except ValueError as error:
        raise EvaluationError(f"this model, in one fold: {error}") from error

    def predict(task: Task) -> Prediction:
        series = _series(task.weeks, task.totals, task.session_weeks, task.change_weeks, scale)
        found = forecast(population, series, [task.at_week], Plan(session_weeks=task.planned_session_weeks))
        cdf: Array = np.array([found.prob_at_most(float(total))[0] for total in scale.grid])
        return from_cdf(float(found.mean[0]), cdf, scale)

    return Learnt(predict)


def _series(
    weeks: Sequence[float], totals: Sequence[float], session_weeks: Sequence[float], change_weeks: Sequence[float], scale: Scale
) -> Series:
    return Series(
        elapsed_weeks=tuple(weeks),
        totals=tuple(totals),
        session_weeks=tuple(session_weeks),
        protocol_change_weeks=tuple(change_weeks),
        recall_days=scale.recall_days,
    )
