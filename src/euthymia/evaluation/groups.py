"""Forecasts in groups of about the same chance: what the reliability plot shows."""

import numpy as np
from numpy.typing import NDArray

from euthymia.evaluation.cohort import Array
from euthymia.evaluation.evaluating import Evaluation
from euthymia.evaluation.measures import wilson
from euthymia.report.reliability import Group

Places = NDArray[np.int64]
_MOST, _EACH = 10, 20  # groups, and forecasts in a group
_APART = 0.05  # groups nearer than this say the same, and are one


def groups_of(evaluation: Evaluation) -> list[Group]:
    """Up to ten groups for every model, by rising chance, the first model first: as many forecasts in each, but that neighbours which said
    nearly the same (mean chances within 5 points) are one."""
    return [group for model in evaluation.models for group in grouped(model.name, model.chance, evaluation.remission)]


def grouped(name: str, chances: Array, came: Array) -> list[Group]:
    """The groups of one model's forecasts, by rising chance; `came` is 1 where the outcome came."""
    count = max(2, min(_MOST, len(chances) // _EACH))
    found = []
    for part in _apart([part for part in np.array_split(np.argsort(chances, kind="stable"), count) if len(part)], chances):
        share = float(came[part].mean())
        found.append(Group(name, float(chances[part].mean()), share, *wilson(share, len(part)), len(part)))
    return found


def _apart(parts: list[Places], chances: Array) -> list[Places]:
    """Neighbours whose mean chances are nearly the same, put together."""
    found = parts[:1]
    for part in parts[1:]:
        if chances[part].mean() - chances[found[-1]].mean() < _APART:
            found[-1] = np.concatenate([found[-1], part])
        else:
            found.append(part)
    return found
