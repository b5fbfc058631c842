"""The sessions of a day as a list: who is watched, who comes, what is not signed, what nobody has ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.models import PanelRow, Patient
from euthymia_clinic.chart.permissions import visible_at
from euthymia_clinic.chart.queries import rows_for
from euthymia_clinic.sessions.models import Sheet
from euthymia_clinic.sessions.standing import Standing, standing_of

MOST = 200
LATELY = timedelta(hours=12)


@dataclass(frozen=True)
class Today:
    """`planned`: patients whose next session is today and who have no sheet yet; every sheet with how it stands."""

    planned: tuple[Patient, ...]
    open: tuple[Standing, ...]
    closed: tuple[Sheet, ...]


def of_today(here: Here, now: datetime) -> Today:
    """The sessions of everybody whose chart is open to this person: those of today, and every sheet that is still open."""
    mine = Sheet.objects.filter(visible_at("patient", here), patient__site=here.site).select_related("patient__site", "closed_by")
    today = here.site.today()
    still = mine.filter(ending=Sheet.Ending.OPEN).order_by("opened_at")[:MOST]
    closed = mine.exclude(ending=Sheet.Ending.OPEN).filter(Q(day=today) | Q(closed_at__gt=now - LATELY)).order_by("-closed_at")[:MOST]
    found = tuple(standing_of(sheet, now) for sheet in still)
    have = {sheet.patient_id for sheet in closed} | {standing.row.patient_id for standing in found}
    planned: list[PanelRow] = list(rows_for(here).filter(next_session=today).exclude(patient__in=have).select_related("patient")[:MOST])
    return Today(tuple(row.patient for row in planned), found, tuple(closed))
