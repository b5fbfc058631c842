"""The state-space model of one patient's course: arrays in, arrays out. It knows no record and no catalog."""

from euthymia.trajectory.forecast import Forecast, Plan, forecast, forecast_from, settled_probability
from euthymia.trajectory.kalman import Filtered, filter_series
from euthymia.trajectory.model import Node, Population, Series

__all__ = [
    "Filtered",
    "Forecast",
    "Node",
    "Plan",
    "Population",
    "Series",
    "filter_series",
    "forecast",
    "forecast_from",
    "settled_probability",
]
