"""Several data sets as one: the same people, forecasts and scores, side by side."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from euthymia.evaluation.cohort import EvaluationError
from euthymia.evaluation.evaluating import Evaluation, Forecasts


def pool(evaluations: Sequence[Evaluation]) -> Evaluation:
    """Put evaluations of the same models together; every forecast counts the same, people are resampled within their data set.

    Points of different scales are then in one mean: `crps` in shares of the range stands beside it. Raises EvaluationError.
    """
    if not evaluations or len({tuple(m.id for m in each.models) for each in evaluations}) > 1:
        raise EvaluationError(f"pool: found {len(evaluations)} evaluations, or different models; allowed: one or more of the same models")
    first = evaluations[0]
    data_set, person, sets, people = [], [], 0, 0
    for each in evaluations:
        data_set.append(each.data_set + sets)
        person.append(each.person + people)
        sets, people = sets + len(each.data_sets), people + sum(found.people for found in each.data_sets)
    names = ("fold", "seen", "at_week", "horizon_weeks", "rating", "remission")
    joined: dict[str, Any] = {name: np.concatenate([getattr(each, name) for each in evaluations]) for name in names}
    return replace(
        first,
        data_sets=tuple(found for each in evaluations for found in each.data_sets),
        data_set=np.concatenate(data_set),
        person=np.concatenate(person),
        models=tuple(_joined([each.models[place] for each in evaluations]) for place in range(len(first.models))),
        **joined,
    )


def _joined(parts: Sequence[Forecasts]) -> Forecasts:
    arrays = [field.name for field in fields(Forecasts) if field.name not in ("id", "name", "notes")]
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    joined: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    return replace(parts[0], **joined, notes=notes)
