"""An evaluation as files: every figure (JSON), every forecast (CSV), and the reliability plot as picture and page."""

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from euthymia.evaluation.evaluating import DataSet, Evaluation
from euthymia.evaluation.figures import Coverage, Figure, ModelFigures
from euthymia.evaluation.groups import groups_of
from euthymia.report.reliability import reliability_page, reliability_svg

SCHEMA = "euthymia/evaluation/1"
_FORECAST = ("error", "crps", "low", "high", "mass", "below", "upto", "chance")


def write_evaluation(evaluation: Evaluation, figures: Sequence[ModelFigures], folder: Path, catalog_digest: str) -> list[Path]:
    """Write report.json, forecasts.csv, reliability.svg and reliability.html into `folder`; people are numbers in them."""
    groups = groups_of(evaluation)
    name = ", ".join(each.name for each in evaluation.data_sets)
    lines = [*summary_lines(evaluation), f"catalog {catalog_digest[:12]}, seed {evaluation.options.seed}"]
    written = {
        "report.json": json.dumps(to_dict(evaluation, figures, catalog_digest), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
        "forecasts.csv": forecasts_csv(evaluation),
        "reliability.svg": reliability_svg(groups),
        "reliability.html": reliability_page(groups, f"Reliability: {name}", "forecasts of people whom the model has not seen", lines),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in written.items():
        (folder / file).write_text(text, encoding="utf-8")
    return [folder / file for file in written]


def to_dict(evaluation: Evaluation, figures: Sequence[ModelFigures], catalog_digest: str) -> dict[str, Any]:
    """Every figure as JSON types; what a model does not have is null. Units: points of the scale, weeks, shares."""
    return {
        "schema": SCHEMA,
        "data_sets": [_data_set(each) for each in evaluation.data_sets],
        "people": sum(each.people for each in evaluation.data_sets),
        "people_forecast": len(set(evaluation.person.tolist())),
        "forecasts": len(evaluation.rating),
        "remission_share": float(evaluation.remission.mean()),
        "options": asdict(evaluation.options),
        "catalog_digest": catalog_digest,
        "models": [_model(each) for each in figures],
    }


def forecasts_csv(evaluation: Evaluation) -> str:
    """One row a forecast of a model. `person` is a number of this file only; `below` and `upto` are F under and at the rating."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("data_set", "person", "fold", "seen", "at_week", "horizon_weeks", "rating", "remission", "model", *_FORECAST))
    for at in range(len(evaluation.rating)):
        case = (
            evaluation.data_sets[evaluation.data_set[at]].name,
            *(int(column[at]) for column in (evaluation.person, evaluation.fold, evaluation.seen)),
            *(f"{column[at]:.6g}" for column in (evaluation.at_week, evaluation.horizon_weeks, evaluation.rating)),
            int(evaluation.remission[at]),
        )
        for model in evaluation.models:
            writer.writerow((*case, model.id, *(_cell(getattr(model, name)[at]) for name in _FORECAST)))
    return out.getvalue()


def summary_lines(evaluation: Evaluation) -> Iterator[str]:
    """What was done, in plain words."""
    options, forecasts = evaluation.options, len(evaluation.rating)
    people = sum(each.people for each in evaluation.data_sets)
    forecast = len(set(evaluation.person.tolist()))
    yield f"{forecasts} forecasts of {forecast} of {people} people: the {options.target} rating from the first {options.first} or more"
    yield f"{options.folds} folds by person: every model was fitted without the people it forecasts"
    yield f"remission came in {100 * evaluation.remission.mean():.0f} % of the forecast ratings"
    for each in evaluation.data_sets:
        scale = f"{each.scale.name}, {each.scale.low:g} to {each.scale.high:g}"
        cut = f"remission is {each.scale.cut:g} or less ({each.scale.cut_source}), recall {each.scale.recall_days:g} days"
        yield f"{each.name}: {scale}, {cut}; {each.people} people, {each.ratings} ratings"
        yield from (f"{each.name}: {note}" for note in each.notes)


def _data_set(each: DataSet) -> dict[str, Any]:
    scale = each.scale
    said = {"name": scale.name, "low": scale.low, "high": scale.high, "step": scale.step, "cut": scale.cut, "cut_source": scale.cut_source}
    return {
        "name": each.name,
        "scale": said | {"recall_days": scale.recall_days},
        "people": each.people,
        "ratings": each.ratings,
        "notes": list(each.notes),
    }


def _model(each: ModelFigures) -> dict[str, Any]:
    coverages = {"pit": each.pit, "inside": each.inside, "inside_90": each.inside_90}
    return {
        "id": each.id,
        "name": each.name,
        "measures": {name: _figure(figure) for name, figure in each.measures.items()},
        "coverage": {name: _coverage(found) for name, found in coverages.items()},
        "notes": list(each.notes),
    }


def _figure(figure: Figure) -> dict[str, Any] | None:
    if math.isnan(figure.value):
        return None
    said: dict[str, Any] = {"value": figure.value, "low": _known(figure.low), "high": _known(figure.high)}
    return said | ({"this_model_minus_it": asdict(figure.difference)} if figure.difference else {})


def _coverage(found: Coverage) -> dict[str, Any] | None:
    return None if math.isnan(found.value) else {**asdict(found), "holds": found.holds}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _cell(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6g}"
