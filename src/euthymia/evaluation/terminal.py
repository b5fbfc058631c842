"""An evaluation on the terminal: the figures of every model, then this model against each peer."""

import math
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from euthymia.evaluation.evaluating import Evaluation
from euthymia.evaluation.figures import Coverage, Figure, ModelFigures
from euthymia.evaluation.writing import summary_lines

MEASURE_WORDS = {
    "rmse": "RMSE",
    "crps": "CRPS",
    "crps_of_range": "CRPS, % of range",
    "pit": "90 % holds",
    "brier": "Brier",
    "auc": "AUC",
    "calibration_slope": "slope (95 %)",
}
_COMPARED = ("rmse", "crps", "crps_of_range", "brier", "auc")
_EXPLAINED = "RMSE and CRPS in points. 90 % holds: share of a rating's own mass between 5 % and 95 %; right is 90 %. Slope: right is 1."
_STYLES = {"better": "green", "worse": "red", "no difference": "dim"}


def print_evaluation(evaluation: Evaluation, figures: Sequence[ModelFigures], console: Console) -> None:
    """Print what was done, the figures, the differences, and what had to be said."""
    for line in summary_lines(evaluation):
        console.print(Text(line, style="dim"))
    pooled = len(evaluation.data_sets) > 1
    console.print()
    console.print(_figures(figures, pooled))
    console.print(Text(_EXPLAINED, style="dim"))
    console.print()
    console.print(_differences(figures, pooled))
    drawn = f"{evaluation.options.resamples} resamples; seed {evaluation.options.seed}"
    words = f"Difference: {figures[0].name} minus the other. Paired bootstrap by person, {drawn}."
    console.print(Text(words, style="dim"))
    console.print()
    for line in coverage_lines(figures[0]):
        console.print(Text(line))
    for model in figures:
        for note in model.notes:
            console.print(Text(f"{model.name}: {note}"))


def coverage_lines(model: ModelFigures) -> Iterator[str]:
    """The two ways to look at the 90 % interval, each with Wilson's interval."""
    yield f"{model.name}: {_coverage(model.pit)} of a rating's own mass lies between 5 % and 95 %"
    yield f"{model.name}: {_coverage(model.inside)} of ratings lie from the total at 5 % to the total at 95 %, whole totals included"


def _coverage(found: Coverage) -> str:
    low, high, nominal, value = (_percent(share) for share in (found.low, found.high, found.nominal, found.value))
    return f"{value} (Wilson 95 %: {low} to {high}, {'contains' if found.holds else 'does not contain'} {nominal})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _figures(figures: Sequence[ModelFigures], pooled: bool) -> Table:
    names = [name for name in MEASURE_WORDS if pooled or name != "crps_of_range"]
    table = Table("", *(MEASURE_WORDS[name] for name in names), box=None, pad_edge=False, header_style="bold")
    for column in table.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for model in figures:
        style = "bold" if model is figures[0] else ""
        table.add_row(model.name, *(figure_words(name, model.measures[name]) for name in names), style=style)
    return table


def figure_words(name: str, figure: Figure) -> str:
    """One figure, as precisely as it deserves; "n/a" where the model has none."""
    if math.isnan(figure.value):
        return "n/a"
    if name == "pit":
        return _percent(figure.value)
    if name == "crps_of_range":
        return f"{100 * figure.value:.2f}"
    if name == "calibration_slope":
        return f"{figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})"
    return f"{figure.value:.{3 if name in ('brier', 'auc') else 2}f}"


def _differences(figures: Sequence[ModelFigures], pooled: bool) -> Table:
    table = Table("", "", "difference", "95 %", f"{figures[0].name} is", box=None, pad_edge=False, header_style="bold")
    for peer in figures[1:]:
        for name in _COMPARED:
            found = peer.measures[name].difference
            if found and (pooled or name != "crps_of_range"):
                factor, digits = (100, 2) if name == "crps_of_range" else (1, 3 if name in ("brier", "auc") else 2)
                value, low, high = (f"{factor * side:+.{digits}f}" for side in (found.value, found.low, found.high))
                table.add_row(peer.name, MEASURE_WORDS[name], value, f"{low} to {high}", Text(found.word, style=_STYLES[found.word]))
    return table
