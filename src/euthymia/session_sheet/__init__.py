"""The sheet of a dosing session as data: its fields, what can be typed into them, and the limits that are compared as one types."""

from euthymia.session_sheet.entries import Entry, gate_field, gate_of, last, standing, started
from euthymia.session_sheet.leaving import Leaving, leaving
from euthymia.session_sheet.limits import Limit, number, passed, unit_words
from euthymia.session_sheet.open_items import Gate, OpenItem, gates_now, open_items
from euthymia.session_sheet.problems import Problem, problems
from euthymia.session_sheet.recording import events_of, session_id
from euthymia.session_sheet.sheet import DoseAllowed, Sheet, SheetField, VitalsTime, sheet

__all__ = [
    "DoseAllowed",
    "Entry",
    "Gate",
    "Leaving",
    "Limit",
    "OpenItem",
    "Problem",
    "Sheet",
    "SheetField",
    "VitalsTime",
    "events_of",
    "gate_field",
    "gate_of",
    "gates_now",
    "last",
    "leaving",
    "number",
    "open_items",
    "passed",
    "problems",
    "session_id",
    "sheet",
    "standing",
    "started",
    "unit_words",
]
