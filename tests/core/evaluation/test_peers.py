"""The simple peers, by hand."""

import numpy as np
import pytest
from scipy.stats import norm

from core.evaluation.people import PHQ9, cohort
from euthymia.evaluation.cohort import Person
from euthymia.evaluation.model import Training
from euthymia.evaluation.peers import early_improvement, last_value, population_mean, straight_line
from euthymia.evaluation.task import Task, cases_of

FOUND = cohort(40)
TRAINING = Training(FOUND.people, cases_of(FOUND.people, range(40)), FOUND.scale)
TASK = Task((0.0, 1.0, 3.0), (18.0, 15.0, 14.0), (), (), (), 4.0)


def test_last_value_is_the_last_value():
    assert last_value(TRAINING).predict(TASK).point == 14


def test_the_spread_of_the_last_value_grows_with_the_weeks_ahead():
    """A variance of 16 one week ahead and of 28 four weeks ahead: 12, and 4 a week."""
    near = [Person(f"near{n}", [0, 1, 2], [12.0, 12.0, 12.0 + (4 if n % 2 else -4)]) for n in range(6)]
    far = [Person(f"far{n}", [0, 1, 5], [12.0, 12.0, 12.0 + (28**0.5 if n % 2 else -(28**0.5))]) for n in range(6)]
    people = [*near, *far]
    learnt = last_value(Training(people, cases_of(people, range(12)), PHQ9))
    for weeks in (1, 2, 10):
        asked = Task((0.0, 3.0), (18.0, 14.0), (), (), (), 3.0 + weeks)
        assert learnt.predict(asked).cdf[10] == pytest.approx(norm.cdf(10.5, 14, np.sqrt(12 + 4 * weeks)))


def test_a_straight_line_is_that_of_least_squares():
    slope, level = np.polyfit(TASK.weeks, TASK.totals, 1)
    assert straight_line(TRAINING).predict(TASK).point == pytest.approx(level + slope * TASK.at_week)


def test_its_spread_is_that_of_a_regression():
    """Two ratings a week apart, asked at the second: the line goes through it, and leverage is 1."""
    flat = [Person(str(n), [0, 1, 2], [10.0, 10.0, 10.0 + (6 if n % 2 else -6)]) for n in range(10)]
    learnt = straight_line(Training(flat, cases_of(flat, range(10)), PHQ9))
    # Leverage at week 2 of a line through weeks 0 and 1: 1/2 + 1.5²/0.5 = 5.
    noise = 36 / (1 + 5)
    asked = Task((0.0, 1.0), (10.0, 10.0), (), (), (), 1.0)
    assert learnt.predict(asked).cdf[8] == pytest.approx(norm.cdf(8.5, 10, np.sqrt(noise * 2)))


def test_the_population_mean_is_the_mean_of_the_training_people():
    means = np.mean([person.totals for person in FOUND.people], axis=0)
    assert population_mean(TRAINING).predict(TASK).point == pytest.approx(means[4])
    between = Task(TASK.weeks, TASK.totals, (), (), (), 3.5)
    assert population_mean(TRAINING).predict(between).point == pytest.approx((means[3] + means[4]) / 2)


@pytest.mark.parametrize(
    ("weeks", "totals", "improved"),
    [
        ((0, 1, 2), (20, 20, 16), True),
        ((0, 1, 2), (20, 10, 17), False),
        ((0, 1, 3), (20, 10, 19), True),  # 1 and 3 are as near: the earlier
        ((0, 4), (20, 16), True),
        ((1, 2, 3, 4), (20, 12, 16, 20), True),  # two weeks after the first
    ],
)
def test_twenty_percent_by_week_two(weeks, totals, improved):
    """Of those who improved all remitted in training, of the others none; Jeffreys' half keeps it from 0 and 1."""
    people = [Person(str(n), [0, 2, 6], [20.0, 10.0, 2.0] if n < 3 else [20.0, 19.0, 18.0]) for n in range(8)]
    learnt = early_improvement(Training(people, cases_of(people, range(8)), PHQ9))
    found = learnt.predict(Task(tuple(map(float, weeks)), tuple(map(float, totals)), (), (), (), 6.0))
    assert found.remission == pytest.approx(3.5 / 4 if improved else 0.5 / 6)
    assert found.cdf is None
