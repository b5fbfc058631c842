"""The monitoring form of the esketamine REMS, filled from the record, and the days by which forms are due."""

from euthymia.rems.duty import SUBMITTED, RemsDuty, rems_due, rems_duties
from euthymia.rems.filling import rems_form
from euthymia.rems.form import Answer, CannotTellRems, NotRems, RemsForm

__all__ = ["SUBMITTED", "Answer", "CannotTellRems", "NotRems", "RemsDuty", "RemsForm", "rems_due", "rems_duties", "rems_form"]
