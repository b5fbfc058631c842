"""The simple peers: what anybody would do without this project. Each learns, then forecasts, as `model.py` says.

Their spread is learnt on the same tasks in the training people, so that none is over-confident for want of trying.
"""

import numpy as np
from scipy.optimize import nnls

from euthymia.evaluation.cohort import Array
from euthymia.evaluation.model import Learnt, Prediction, Training, rounded_normal
from euthymia.evaluation.task import Task

# "20 % by week 2": the rule as Szegedi 2003 states it (>= 20 % HAM-D17 reduction within two weeks).
EARLY_FRACTION, EARLY_WEEK = 0.20, 2.0
_HALF = 0.5  # Jeffreys' prior for a share, so that none is 0 or 1


def last_value(training: Training) -> Learnt:
    """The last rating seen. The variance grows linearly with the weeks ahead, never falling (least squares)."""
    squares = training.errors(_last) ** 2
    ahead = np.array([case.task.horizon_weeks for case in training.cases])
    (fixed, weekly), _ = nnls(np.column_stack([np.ones_like(ahead), ahead]), squares)

    def predict(task: Task) -> Prediction:
        return rounded_normal(_last(task), float(np.sqrt(fixed + weekly * task.horizon_weeks)), training.scale)

    return Learnt(predict)


def straight_line(training: Training) -> Learnt:
    """Each person's own least-squares line through the ratings seen.

    Its variance is that of such a line, σ²(1 + leverage at the time asked), with σ² learnt from the training errors.
    """
    spreads = np.array([1 + _leverage(case.task) for case in training.cases])
    noise = float(np.mean(training.errors(_line) ** 2 / spreads))
    return Learnt(lambda task: rounded_normal(_line(task), float(np.sqrt(noise * (1 + _leverage(task)))), training.scale))


def population_mean(training: Training) -> Learnt:
    """The mean course of the training people: means by whole week, linear between them, whatever was seen of the person."""
    weeks = np.concatenate([person.weeks for person in training.people])
    totals = np.concatenate([person.totals for person in training.people])
    _, bucket = np.unique(np.round(weeks), return_inverse=True)
    count = np.bincount(bucket)
    at, means = np.bincount(bucket, weeks) / count, np.bincount(bucket, totals) / count

    def point(task: Task) -> float:
        return float(np.interp(task.at_week, at, means))

    sd = _root_mean_square(training.errors(point))
    return Learnt(lambda task: rounded_normal(point(task), sd, training.scale))


def early_improvement(training: Training) -> Learnt:
    """The rule "20 % by week 2": remission is expected where the rating nearest to week 2 is at least 20 % below the first.

    Its chance is how often remission came in the training cases of that group. Source: Szegedi 2003.
    """
    improved = np.array([_improved(case.task) for case in training.cases])
    remitted = np.array([case.rating <= training.scale.cut for case in training.cases])
    shares = {group: (remitted[improved == group].sum() + _HALF) / ((improved == group).sum() + 2 * _HALF) for group in (True, False)}
    return Learnt(lambda task: Prediction(None, None, float(shares[_improved(task)])))


def _last(task: Task) -> float:
    return task.totals[-1]


def _line(task: Task) -> float:
    weeks, totals = np.array(task.weeks), np.array(task.totals)
    centred = weeks - weeks.mean()
    slope = float(centred @ totals / (centred @ centred))
    return float(totals.mean() + slope * (task.at_week - weeks.mean()))


def _leverage(task: Task) -> float:
    weeks = np.array(task.weeks)
    centred = weeks - weeks.mean()
    return float(1 / len(weeks) + (task.at_week - weeks.mean()) ** 2 / (centred @ centred))


def _improved(task: Task) -> bool:
    """By the rating nearest to two weeks after the first, of those seen after it (the earlier of two as near)."""
    first, later = task.weeks[0], range(1, len(task.weeks))
    nearest = min(later, key=lambda i: (abs(task.weeks[i] - first - EARLY_WEEK), i))
    return task.totals[nearest] <= (1 - EARLY_FRACTION) * task.totals[0]


def _root_mean_square(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))
