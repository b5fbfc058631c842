"""The ledger as the site sees it: groups of about the same chance, how many came true, and the figures with their uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from euthymia_clinic.chart.models import Forecast

# With fewer patients than this, a figure of calibration says next to nothing, and the page says that.
FEW_PATIENTS = 30
_RESAMPLES, _SEED = 400, 1


@dataclass(frozen=True)
class Figure:
    """A measure with its 95 % interval by resampling patients; `value` None where it cannot be computed."""

    name: str
    right: str
    value: str
    between: str


def groups(forecasts: Sequence[Forecast]) -> list[Any]:
    """Forecasts in groups of about the same chance."""
    from euthymia.evaluation.groups import grouped

    chances, came, _ = _arrays(forecasts)
    return grouped("this site", chances, came) if len(chances) else []


def figures(forecasts: Sequence[Forecast]) -> list[Figure]:
    """Brier score, calibration intercept and slope; people are resampled, since the forecasts of one person stand or fall together."""
    from euthymia.evaluation.bootstrap import interval, resampled_weights
    from euthymia.evaluation.measures import brier, calibration

    chances, came, person = _arrays(forecasts)
    if not len(chances):
        return []
    once = np.ones((1, len(chances)))
    draws = np.concatenate(list(resampled_weights(person, np.zeros(len(person), dtype=np.int64), _RESAMPLES, _SEED)))
    intercepts, slopes = calibration(chances, came, draws)
    intercept, slope = calibration(chances, came, once)
    return [
        Figure("Brier score", "lower is better", *_said(brier(chances, came, once)[0], interval(brier(chances, came, draws)))),
        Figure("Calibration intercept", "0 is right", *_said(intercept[0], interval(intercepts))),
        Figure("Calibration slope", "1 is right", *_said(slope[0], interval(slopes))),
    ]


def specs(found: Sequence[Any]) -> dict[str, Any]:
    """The reliability plot in both themes, compiled for the browser."""
    from euthymia.report.compiled import compiled
    from euthymia.report.reliability import reliability_chart
    from euthymia.report.tokens import DARK, LIGHT

    return {name: compiled(reliability_chart(found, tokens)) for name, tokens in (("light", LIGHT), ("dark", DARK))}


def _arrays(forecasts: Sequence[Forecast]) -> tuple[Any, Any, Any]:
    people = {patient: number for number, patient in enumerate(dict.fromkeys(each.patient_id for each in forecasts))}
    chances = np.array([each.probability for each in forecasts], dtype=float)
    came = np.array([float(bool(each.came_true)) for each in forecasts])
    return chances, came, np.array([people[each.patient_id] for each in forecasts], dtype=np.int64)


def _said(value: float, between: tuple[float, float]) -> tuple[str, str]:
    if not np.isfinite(value):
        return "not known yet", ""
    return f"{value:.2f}", f"{between[0]:.2f} to {between[1]:.2f}" if np.isfinite(between).all() and between[0] < between[1] else ""
