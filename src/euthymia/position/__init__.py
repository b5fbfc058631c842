"""Where a patient stands in the protocol in force: phase, decision points, futility windows, dose and its bounds, interval."""

from euthymia.position.standing import DecisionPoint, Futility, Position, position

__all__ = ["DecisionPoint", "Futility", "Position", "position"]
