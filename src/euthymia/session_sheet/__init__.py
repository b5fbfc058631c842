"""The sheet of a dosing session as data: its fields, what can be typed into them, and the limits that are compared as one types."""

from euthymia.session_sheet.limits import Limit, number, passed
from euthymia.session_sheet.sheet import DoseAllowed, Sheet, SheetField, VitalsTime, sheet

__all__ = ["DoseAllowed", "Limit", "Sheet", "SheetField", "VitalsTime", "number", "passed", "sheet"]
