"""How well the model forecasts, beside what anybody would do without it, on any long CSV.

    cohort = read_long_csv("ratings.csv", scale_of(load_catalog(), "phq9"))
    evaluation = evaluate(cohort)
    figures_of(evaluation), figures_of(pool([evaluation, another]))

Each name is imported when it is first used: the command line must not wait for NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_DOOR = {
    "Cohort": "cohort",
    "EvaluationError": "cohort",
    "Person": "cohort",
    "Scale": "cohort",
    "Columns": "columns",
    "Evaluation": "evaluating",
    "Options": "evaluating",
    "evaluate": "evaluating",
    "figures_of": "figures",
    "read_long_csv": "long_csv",
    "pool": "pooling",
    "scale_of": "scale",
    "write_evaluation": "writing",
}
__all__ = [*_DOOR]  # noqa: PLE0604

if TYPE_CHECKING:
    from euthymia.evaluation.cohort import Cohort as Cohort
    from euthymia.evaluation.cohort import EvaluationError as EvaluationError
    from euthymia.evaluation.cohort import Person as Person
    from euthymia.evaluation.cohort import Scale as Scale
    from euthymia.evaluation.columns import Columns as Columns
    from euthymia.evaluation.evaluating import Evaluation as Evaluation
    from euthymia.evaluation.evaluating import Options as Options
    from euthymia.evaluation.evaluating import evaluate as evaluate
    from euthymia.evaluation.figures import figures_of as figures_of
    from euthymia.evaluation.long_csv import read_long_csv as read_long_csv
    from euthymia.evaluation.pooling import pool as pool
    from euthymia.evaluation.scale import scale_of as scale_of
    from euthymia.evaluation.writing import write_evaluation as write_evaluation


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _DOOR:
        raise AttributeError(f"module 'euthymia.evaluation' has no attribute {name!r}")
    return getattr(import_module(f"euthymia.evaluation.{_DOOR[name]}"), name)
