"""The state-space model of one patient's course: arrays in, arrays out. It knows no record and no catalog.

The public door: `Series` (one patient), `fit` (a population from many), `forecast` (of ratings, under a `Plan`).
"""

from euthymia.trajectory.fit import fit
from euthymia.trajectory.forecast import Forecast, Plan, belief_now, following, forecast, forecast_from
from euthymia.trajectory.kalman import Filtered, filter_series, smooth
from euthymia.trajectory.model import Grid, Population, Schedule, Series, State
from euthymia.trajectory.nodes import population
from euthymia.trajectory.outlook import (
    Counterfactual,
    Effect,
    counterfactual,
    effect_of_a_session,
    loss_before_next,
    settled_probability,
    sustained_probability,
    telling,
    tipping_point,
    with_missed_worse,
)
from euthymia.trajectory.parameters import Parameters
from euthymia.trajectory.scale import Scale

__all__ = [
    "Counterfactual",
    "Effect",
    "Filtered",
    "Forecast",
    "Grid",
    "Parameters",
    "Plan",
    "Population",
    "Scale",
    "Schedule",
    "Series",
    "State",
    "belief_now",
    "counterfactual",
    "effect_of_a_session",
    "filter_series",
    "fit",
    "following",
    "forecast",
    "forecast_from",
    "loss_before_next",
    "population",
    "settled_probability",
    "smooth",
    "sustained_probability",
    "telling",
    "tipping_point",
    "with_missed_worse",
]
