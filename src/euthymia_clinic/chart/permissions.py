"""Who may do what. Views ask (`may_…`), actions and decorators enforce (`check_…`, which raise Forbidden).

A colleague is somebody at the same site who is not in the care team: they see that there is such a patient and may open
the chart with a reason. For a stranger, from another site, the patient does not exist.
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.accounts.permissions import Forbidden as Forbidden  # noqa: PLC0414 - for the rooms above
from euthymia_clinic.chart.models import BreakGlass, CareTeamMember, Patient

CLINICAL = frozenset({Role.PRESCRIBER, Role.NURSE, Role.THERAPIST, Role.MEDICAL_LEAD})
ENTERS = CLINICAL
DECIDES = frozenset({Role.PRESCRIBER, Role.MEDICAL_LEAD})
BREAKS_GLASS = frozenset({Role.PRESCRIBER, Role.NURSE, Role.MEDICAL_LEAD})


def visible_patients(here: Here) -> QuerySet[Patient]:
    """The patients whose chart this person may open without a reason: all of the site for its medical lead, else the care team's."""
    return Patient.objects.filter(visible_at("pk", here), site=here.site)


def visible_at(patient: str, here: Here) -> Q:
    """The same as a condition on any table of the site; `patient` is the column that names the patient.

    It asks of each row by an index, so that it costs nothing for one patient or one alert, and one look each for a panel of all.
    """
    if here.role == Role.MEDICAL_LEAD:
        return Q()
    if here.role not in CLINICAL:
        return Q(pk__in=[])
    mine = CareTeamMember.objects.filter(patient=OuterRef(patient), user=here.user, ended=None)
    paged = Patient.objects.filter(alerts__pages__user=here.user, alerts__state__in=["open", "acknowledged"])
    return Q(Exists(mine)) | Q(**{f"{patient}__in": paged.values("pk")})


def may_see(here: Here, patient: Patient) -> bool:
    """Whether the chart is open to this person: in the care team, paged for an open alert, or with the glass broken."""
    return in_care_of(here, patient) or broke_glass(here, patient)


def in_care_of(here: Here, patient: Patient) -> bool:
    """Whether the chart is this person's to open without a reason."""
    return visible_patients(here).filter(pk=patient.pk).exists()


def broke_glass(here: Here, patient: Patient) -> bool:
    """Whether this person has opened the chart with a reason, and the time for it has not passed."""
    open_now = BreakGlass.objects.filter(patient=patient, user=here.user, until__gt=timezone.now())
    return here.site.pk == patient.site_id and here.role in BREAKS_GLASS and open_now.exists()


def glass_until(here: Here, patient: Patient) -> datetime | None:
    """Until when the chart is open to this person by a reason; None: it is not."""
    if not broke_glass(here, patient):
        return None
    latest = BreakGlass.objects.filter(patient=patient, user=here.user).order_by("-until").first()
    return latest.until if latest else None


def may_break_glass(here: Here, patient: Patient) -> bool:
    """Whether this person may open the chart with a reason."""
    return here.site.pk == patient.site_id and here.role in BREAKS_GLASS


def may_enter(here: Here, patient: Patient) -> bool:
    """Whether this person may add to the record."""
    return here.role in ENTERS and may_see(here, patient)


def may_decide(here: Here, patient: Patient) -> bool:
    """Whether this person may record a decision."""
    return here.role in DECIDES and may_see(here, patient)


def may_change_team(here: Here, patient: Patient) -> bool:
    """Whether this person says who takes part in the patient's care: in the care team, not by breaking the glass."""
    return here.role in DECIDES and in_care_of(here, patient)


def check_change_team(here: Here, patient: Patient) -> None:
    """Raises Forbidden unless this person says who takes part in the patient's care."""
    if not may_change_team(here, patient):
        raise Forbidden(f"found {here.role.label}; allowed: {_labels(DECIDES)} in the care team")


def check_enter(here: Here, patient: Patient) -> None:
    """Raises Forbidden unless this person may add to the record."""
    if not may_enter(here, patient):
        raise Forbidden(f"found {here.role.label}; allowed: {_labels(ENTERS)} in the care team")


def check_decide(here: Here, patient: Patient) -> None:
    """Raises Forbidden unless this person may record a decision."""
    if not may_decide(here, patient):
        raise Forbidden(f"found {here.role.label}; allowed: {_labels(DECIDES)} in the care team")


def _labels(roles: frozenset[Role]) -> str:
    return ", ".join(sorted(role.label for role in roles))
