"""The sessions of a day as a list: who is watched, who comes, what is not signed, what nobody has ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.models import PanelRow
from euthymia_clinic.chart.permissions import visible_at
from euthymia_clinic.chart.queries import rows_for
from euthymia_clinic.sessions.models import Sheet
from euthymia_clinic.sessions.standing import Standing, standing_of

MOST = 200
LATELY = timedelta(hours=12)
# How far the list looks: back, to sessions of which nothing was recorded, and ahead.
BACK, AHEAD = timedelta(days=14), timedelta(days=7)


@dataclass(frozen=True)
class Today:
    """`planned`: those whose next session is today and who have no sheet yet; every sheet with how it stands.

    `missed`: a session was planned lately and nothing was recorded; `coming`: within a week. Both by day.
    """

    planned: tuple[PanelRow, ...]
    missed: tuple[PanelRow, ...]
    coming: tuple[PanelRow, ...]
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
    near = rows_for(here).filter(next_session__range=(today - BACK, today + AHEAD)).exclude(patient__in=have)
    rows: list[PanelRow] = list(near.select_related("patient").order_by("next_session", "patient__code")[:MOST])
    days = [(row, row.next_session or today) for row in rows]
    return Today(
        planned=tuple(row for row, day in days if day == today),
        missed=tuple(row for row, day in days if day < today),
        coming=tuple(row for row, day in days if day > today),
        open=found,
        closed=tuple(closed),
    )
