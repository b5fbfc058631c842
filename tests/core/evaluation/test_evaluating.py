"""Cross-validation: nobody is forecast by a model that has seen them, and nothing of what is forecast is told."""

from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.people import PHQ9, cohort
from euthymia.evaluation import Cohort, EvaluationError, Options, Person, evaluate, figures_of, pool
from euthymia.evaluation.evaluating import MODELS
from euthymia.evaluation.model import Learnt, Model, rounded_normal
from euthymia.evaluation.task import cases_of, folds_of

PEERS = MODELS[1:]
QUICK = Options(folds=3, resamples=200)


@pytest.fixture(scope="module")
def evaluation():
    return evaluate(cohort(), QUICK, PEERS)


@pytest.mark.parametrize("folds", [2, 5, 24])
def test_folds_are_as_equal_as_can_be_and_the_seed_decides(folds):
    found = folds_of(24, folds, 1)
    counts = np.bincount(found, minlength=folds)
    assert counts.max() - counts.min() <= 1
    assert np.array_equal(found, folds_of(24, folds, 1))
    assert folds == 24 or not np.array_equal(found, folds_of(24, folds, 2))


@pytest.mark.parametrize("folds", [1, 25])
def test_too_few_people_for_the_folds_are_refused(folds):
    with pytest.raises(EvaluationError, match=r"--folds: found .*; allowed: from 2 to the number of people"):
        folds_of(24, folds, 1)


def test_no_fold_shares_a_person_and_no_task_tells_what_comes():
    """A spy for a model: everything that it is handed."""
    made, trained, asked = cohort(), [], []
    people = [replace(p, weeks=[week + place / 1000 for week in p.weeks]) for place, p in enumerate(made.people)]
    found = replace(made, people=tuple(people))  # the first week says who it is

    def learn(training):
        trained.append({person.label for person in training.people})
        asked.append([])
        place = asked[-1]
        return Learnt(lambda task: place.append(task) or rounded_normal(10.0, 3.0, PHQ9))

    evaluate(found, QUICK, [Model("spy", "spy", learn)])
    labels = {person.weeks[0]: person.label for person in found.people}
    assert len(trained) == QUICK.folds
    for people, tasks in zip(trained, asked, strict=True):
        held = {labels[task.weeks[0]] for task in tasks}
        assert held | people == set(labels.values())
        assert not held & people
        assert all(week < task.at_week for task in tasks for week in task.weeks)
    assert sum(len(tasks) for tasks in asked) == 24 * 3


def test_the_last_rating_of_a_held_out_person_changes_none_of_its_forecasts(evaluation):
    found = cohort()
    person = found.people[5]
    other = replace(person, totals=[*person.totals[:-1], 27.0 - person.totals[-1]])
    changed = evaluate(replace(found, people=(*found.people[:5], other, *found.people[6:])), QUICK, PEERS)
    own = evaluation.person == 6
    assert own.sum() == 3
    assert (evaluation.rating[own] != changed.rating[own]).all()
    for before, after in zip(evaluation.models, changed.models, strict=True):
        assert np.array_equal(before.chance[own], after.chance[own])
        assert np.array_equal(before.low[own], after.low[own], equal_nan=True)
        point, again = before.error[own] + evaluation.rating[own], after.error[own] + changed.rating[own]
        assert point == pytest.approx(again, nan_ok=True)


def test_targets_and_first():
    person = Person("p", [0, 1, 2, 4], [20, 18, 12, 8], session_weeks=[0.5, 2, 3, 4], change_weeks=[1, 3])
    last = cases_of([person], [0])
    assert [(len(c.task.weeks), c.task.at_week, c.rating) for c in last] == [(2, 4, 8), (3, 4, 8)]
    # A rating at the time of a session was given before it; a later change of protocol is not told.
    assert [c.task.session_weeks for c in last] == [(0.5,), (0.5,)]
    assert [c.task.planned_session_weeks for c in last] == [(2, 3), (2, 3)]
    assert [c.task.change_weeks for c in last] == [(1,), (1,)]
    assert [(c.task.at_week, c.rating) for c in cases_of([person], [0], target="next")] == [(2, 12), (4, 8)]
    assert [len(c.task.weeks) for c in cases_of([person], [0], first=3)] == [3]
    with pytest.raises(EvaluationError, match="--from"):
        cases_of([person], [0], first=1)


def test_too_few_ratings_are_refused():
    short = Cohort("short", PHQ9, tuple(Person(str(n), [0, 1], [9, 8]) for n in range(8)))
    with pytest.raises(EvaluationError, match="short: found 0 of 8 people with more than 2 ratings"):
        evaluate(short, QUICK, PEERS)


def test_the_same_again(evaluation):
    again = evaluate(cohort(), QUICK, PEERS)
    assert all(np.array_equal(a.chance, b.chance) for a, b in zip(evaluation.models, again.models, strict=True))
    assert repr(figures_of(evaluation)) == repr(figures_of(again))


def test_figures_are_of_the_forecasts(evaluation):
    last = next(found for found in figures_of(evaluation) if found.id == "last_value")
    model = evaluation.models[0]
    assert last.measures["rmse"].value == pytest.approx(np.sqrt(np.mean(model.error**2)))
    assert last.measures["crps_of_range"].value == pytest.approx(last.measures["crps"].value / 27)
    assert last.measures["rmse"].difference is None
    assert last.inside.value == np.mean((evaluation.rating >= model.low) & (evaluation.rating <= model.high))
    assert (last.inside.nominal, last.inside_90.nominal) == (pytest.approx(model.mass.mean()), 0.9)


def test_a_rule_has_no_score_that_it_cannot_have(evaluation):
    rule = figures_of(evaluation)[-1]
    given = {name for name, figure in rule.measures.items() if not np.isnan(figure.value)}
    assert given == {"brier", "auc"}


def test_a_model_against_itself_and_against_a_worse_one():
    def around(shift):
        return lambda training: Learnt(lambda task: rounded_normal(task.totals[-1] + shift, 4.0, PHQ9))

    models = [Model(name, name, around(shift)) for name, shift in (("one", 0.0), ("same", 0.0), ("worse", 12.0))]
    found = evaluate(cohort(40), QUICK, models)
    _, same, worse = figures_of(found)
    assert same.measures["crps"].difference.word == "no difference"
    assert (worse.measures["crps"].difference.word, worse.measures["rmse"].difference.word) == ("better", "better")
    backwards = figures_of(replace(found, models=found.models[::-1]))
    assert backwards[-1].measures["crps"].difference.word == "worse"


def test_pooling_keeps_every_forecast_and_every_person_apart(evaluation):
    other = evaluate(cohort(18, seed=9), QUICK, PEERS)
    both = pool([evaluation, other])
    assert len(both.rating) == len(evaluation.rating) + len(other.rating)
    assert len(set(both.person.tolist())) == 24 + 18
    assert not set(both.person[both.data_set == 0].tolist()) & set(both.person[both.data_set == 1].tolist())
    mean = np.average([e.models[0].crps.mean() for e in (evaluation, other)], weights=[len(evaluation.rating), len(other.rating)])
    assert figures_of(both)[0].measures["crps"].value == pytest.approx(mean)
    assert repr(figures_of(pool([evaluation]))) == repr(figures_of(evaluation))


def test_pooling_of_different_models_is_refused(evaluation):
    with pytest.raises(EvaluationError, match="pool: found"):
        pool([evaluation, evaluate(cohort(), QUICK, PEERS[:2])])
    with pytest.raises(EvaluationError, match="pool: found"):
        pool([])
