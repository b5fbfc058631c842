"""Who may write on a session sheet, and who may answer for a gate."""

from euthymia.rule import HOLDING
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import DECIDES, Forbidden, may_see

ATTENDS = frozenset({Role.PRESCRIBER, Role.NURSE, Role.MEDICAL_LEAD})
# Gates of these severities go on only with a prescriber's explanation.
FOR_PRESCRIBERS = frozenset(HOLDING)


def may_attend(here: Here, patient: Patient) -> bool:
    """Whether this person may open a sheet of the patient and write on it."""
    return here.role in ATTENDS and may_see(here, patient)


def may_answer_for(here: Here, patient: Patient) -> bool:
    """Whether this person may say why a dose is given against a gate that holds, or why a sheet is signed with something missing."""
    return here.role in DECIDES and may_see(here, patient)


def check_attend(here: Here, patient: Patient) -> None:
    """Raises Forbidden unless this person may write on a sheet of the patient."""
    if not may_attend(here, patient):
        raise Forbidden(f"found {here.role.label}; allowed: Nurse, Prescriber, Medical Lead in the care team")
