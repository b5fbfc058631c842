"""Doses at home: what was prescribed, dispensed, logged and left over, and what does not agree."""

from euthymia.home.reconciling import home_doses
from euthymia.home.result import HomeDay, HomeDoses, HomeFinding, HomeSigns, Stock

__all__ = ["HomeDay", "HomeDoses", "HomeFinding", "HomeSigns", "Stock", "home_doses"]
