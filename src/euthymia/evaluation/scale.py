"""The scale of an instrument, from the catalog or, where it is not there, from what is given."""

from euthymia.catalog import Catalog
from euthymia.evaluation.cohort import EvaluationError, Scale

_WITHOUT_STEP = 0.1  # A score without a step is reported to one decimal, as everywhere in this project.


def scale_of(catalog: Catalog, instrument: str, cut: float | None = None, given_range: tuple[float, float] | None = None) -> Scale:
    """The scale of `instrument`.

    Range, step and recall come from the catalog; the cut from its default definition, else from the only cut that its
    other definitions have. `cut` overrides it. `given_range` (low, high; whole steps) is for an instrument that the
    catalog does not have. Raises EvaluationError.
    """
    found = catalog.instruments.get(instrument)
    if found is None and given_range is None:
        raise EvaluationError(f"--instrument: found an unknown instrument; allowed: {', '.join(catalog.instruments)}, or any with --range")
    if found is not None and found.structure.better != "lower":
        raise EvaluationError(f"--instrument: found {found.short_name}, of which higher is better; allowed: one of which lower is better")
    if given_range is not None:
        low, high, step = *given_range, 1.0
    elif found is not None and found.range is not None:
        low, high, step = found.range.minimum, found.range.maximum, found.range.step or _WITHOUT_STEP
    else:
        raise EvaluationError("--instrument: found an instrument without a range; allowed: one with a range, or --range")
    if high - low < step:
        raise EvaluationError("--range: found a highest total that is not above the lowest; allowed: LOW HIGH, with LOW below HIGH")
    chosen, source = (cut, "given") if cut is not None else _cut_in_catalog(catalog, instrument)
    if not low <= chosen < high:
        raise EvaluationError(f"--cut: found {chosen:g}; allowed: from {low:g} to below {high:g}")
    recall_days = found.structure.recall_days if found else 0.0
    return Scale(found.short_name if found else instrument, low, high, step, chosen, recall_days, source)


def _cut_in_catalog(catalog: Catalog, instrument: str) -> tuple[float, str]:
    default = catalog.verdict.default_definition
    having = {name: each.remission[instrument].at_most for name, each in catalog.definitions.items() if instrument in each.remission}
    if default in having:
        return having[default], default
    if len(set(having.values())) == 1:
        name, cut = next(iter(having.items()))
        return cut, name
    several = "several cuts for remission" if having else "no cut for remission in any definition"
    raise EvaluationError(f"--instrument: found {several}; allowed: with --cut, the highest total that is remission")
