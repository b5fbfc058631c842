"""Titration, structured: what each dose did and cost, the protocol's next step and its bounds, what is in the way."""

from euthymia.titration.result import DoseLevel, DoseList, Rated, Response, Titration, Tolerability
from euthymia.titration.stepping import titration

__all__ = ["DoseLevel", "DoseList", "Rated", "Response", "Titration", "Tolerability", "titration"]
