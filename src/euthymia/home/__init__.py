"""Doses at home: what was prescribed, dispensed, logged and left over, and what does not agree."""

from euthymia.home.reconciling import home_doses
from euthymia.home.result import HomeDay, HomeDoses, HomeFinding, Stock

__all__ = ["HomeDay", "HomeDoses", "HomeFinding", "Stock", "home_doses"]
