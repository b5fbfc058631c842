"""Treatment resistance: by definition, with the trials counted and what is missing; staging with ranges; what can look like it."""

from euthymia.resistance.result import History, PseudoResistance, Resistance, Staging, State
from euthymia.resistance.telling import history

__all__ = ["History", "PseudoResistance", "Resistance", "Staging", "State", "history"]
