"""What could be done next, each with why, what speaks against it here, what must be known first, and how strong the evidence is."""

from euthymia.options.differential import LookedAt
from euthymia.options.offering import InTheWay, Options, OptionView, options

__all__ = ["InTheWay", "LookedAt", "OptionView", "Options", "options"]
