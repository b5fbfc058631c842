"""What the panel reads: few queries, whatever the number of patients. Everything comes as frozen values, without the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import accumulate
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from euthymia.catalog import Catalog
from euthymia.wording import STATUS_ORDER
from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.ledger import number_is_withdrawn
from euthymia_clinic.chart.models import PanelRow, Patient, SavedView
from euthymia_clinic.chart.needs import Need
from euthymia_clinic.chart.permissions import BREAKS_GLASS, visible_at, visible_patients

PAGE = 50
LONGEST_SEARCH = 60
_OTHERS_SHOWN = 5


@dataclass(frozen=True)
class Filter:
    """What the panel is narrowed to. It may stand in an address: nothing of it is about one patient."""

    status: str = ""
    need: str = ""
    protocol: str = ""
    mine: bool = False
    unanswered: bool = False
    alert: bool = False
    overdue: bool = False

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> "Filter":
        """From an address; what is not known there is left out, never an error."""
        found = cls(asked.get("status") or "", asked.get("need") or "", asked.get("protocol") or "")
        flags: dict[str, Any] = {name: asked.get(name) == "1" for name in ("mine", "unanswered", "alert", "overdue")}
        found = replace(found, **flags)
        status = found.status if found.status in STATUS_ORDER else ""
        need = found.need if found.need in _NEEDS else ""
        return replace(found, status=status, need=need, protocol=found.protocol[:60])

    @property
    def query(self) -> str:
        """The same as it stands in an address."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({name: 1 if value is True else value for name, value in said.items() if value})

    def with_(self, **changes: Any) -> "Filter":
        """The same with something else."""
        return replace(self, **changes)


@dataclass(frozen=True)
class StatusCount:
    """How many stand where; `alerts`, `unanswered`: of these; `since_median`, `since_first`: since when they do."""

    status: str
    number: int
    alerts: int
    unanswered: int
    since_median: date | None
    since_first: date | None


@dataclass(frozen=True)
class Totals:
    """Everybody that this person sees, counted."""

    in_care: int
    by_status: tuple[StatusCount, ...]
    alerts: int
    unanswered: int
    overdue: int
    protocols: frozenset[str]

    @property
    def with_data(self) -> int:
        """Those of whom something can be told."""
        return sum(found.number for found in self.by_status if found.status != "cannot_tell")

    def left_by(self, wanted: Filter) -> int | None:
        """How many a filter leaves, where that is counted here already."""
        if wanted == Filter():
            return self.in_care
        return next((found.number for found in self.by_status if wanted == Filter(status=found.status)), None)


@dataclass(frozen=True)
class Line:
    """One patient in the list."""

    patient_id: UUID
    code: str
    name: str
    need: Need
    waiting_since: date | None
    status: str
    since: date | None
    now: str
    probability: float | None
    spark: dict[str, Any]
    alert: str
    alert_since: datetime | None
    suicidality: str
    safety: str
    gaps: str
    last_rating: date | None
    next_session: date | None
    decision_by: date | None
    decision_overdue: bool
    on: date | None
    today: date
    stale: bool


@dataclass(frozen=True)
class Listing:
    """A page of lines: which of how many."""

    lines: tuple[Line, ...]
    found: int
    page: int
    pages: int


@dataclass(frozen=True)
class Other:
    """Somebody at the site outside of this person's care: that there is such a patient, nothing else."""

    patient_id: UUID
    code: str


def rows_for(here: Here) -> QuerySet[PanelRow]:
    """The rows of those in care whose chart is open to this person."""
    return PanelRow.objects.filter(visible_at("patient", here), site=here.site, patient__in_care=True)


def totals(here: Here) -> Totals:
    """How many stand where, in the order of need; in one pass over everybody, since that is what a panel of thousands costs."""
    grouped = rows_for(here).values("status", "since", "protocol").order_by("status", "since", "protocol")
    counted = grouped.annotate(
        number=Count("pk"),
        alerts=Count("pk", filter=~Q(alert="")),
        unanswered=Count("pk", filter=_NOT_ANSWERED),
        overdue=Count("pk", filter=Q(decision_overdue=True)),
    )
    groups: list[dict[str, Any]] = [dict(group) for group in counted]
    return Totals(
        in_care=sum(group["number"] for group in groups),
        by_status=tuple(_count(status, [group for group in groups if group["status"] == status]) for status in STATUS_ORDER),
        alerts=sum(group["alerts"] for group in groups),
        unanswered=sum(group["unanswered"] for group in groups),
        overdue=sum(group["overdue"] for group in groups),
        protocols=frozenset(group["protocol"] for group in groups if group["protocol"]),
    )


def not_answered(here: Here) -> int:
    """How many patients have not answered: the last time they were asked is past its opening, and no answer has come."""
    return rows_for(here).filter(_NOT_ANSWERED).count()


def listing(here: Here, catalog: Catalog, wanted: Filter, search: str, page: int, counted: Totals | None = None) -> Listing:
    """One page of those that the filter and the search leave, worst need first; ties by days waiting, longest first."""
    rows = _narrowed(rows_for(here), here, wanted, search)
    known = counted.left_by(wanted) if counted and not search.strip() else None
    found = rows.count() if known is None else known
    pages = max(1, -(-found // PAGE))
    page = min(max(page, 1), pages)
    ordered = rows.order_by("need", F("waiting_since").asc(nulls_last=True), "patient__code", "pk")
    shown = ordered[(page - 1) * PAGE : page * PAGE].values(*_COLUMNS)
    return Listing(tuple(_lines(here, catalog.digest, shown)), found, page, pages)


def others(here: Here, search: str) -> tuple[Other, ...]:
    """Patients of the site outside of this person's care, by their whole code: their chart can be opened with a reason."""
    if not search or here.role not in BREAKS_GLASS:
        return ()
    found = Patient.objects.filter(site=here.site, in_care=True, code__iexact=search.strip())
    outside = found.exclude(pk__in=visible_patients(here).values("pk")).order_by("code")[:_OTHERS_SHOWN]
    return tuple(Other(patient.pk, patient.code) for patient in outside.only("pk", "code"))


def protocols_of(counted: Totals, catalog: Catalog) -> list[tuple[str, str]]:
    """The protocols that this person's patients are on, by name."""
    known = catalog.protocols
    used = ((name, known[name].name if name in known else name) for name in counted.protocols)
    return sorted(used, key=itemgetter(1, 0))


def saved_views(here: Here) -> list[SavedView]:
    """The views that this person keeps at the site."""
    return list(SavedView.objects.filter(user=here.user, site=here.site).order_by("name"))


_NOT_ANSWERED = Q(awaiting_answer=True)
_NEEDS = {need.name.lower(): need for need in Need}
_COLUMNS = (
    *("need", "waiting_since", "status", "since", "now", "probability", "spark", "alert", "alert_since", "suicidality", "safety", "gaps"),
    *("last_rating", "next_session", "decision_by", "decision_overdue", "snapshot__on", "snapshot__record_version"),
    *("snapshot__catalog_digest", "patient_id", "patient__code", "patient__name", "patient__zone", "patient__record_version"),
)


def _count(status: str, groups: list[dict[str, Any]]) -> StatusCount:
    number = sum(group["number"] for group in groups)
    dated = [group for group in groups if group["since"] is not None]
    half = sum(group["number"] for group in dated) / 2
    upto = accumulate(group["number"] for group in dated)
    return StatusCount(
        status,
        number,
        alerts=sum(group["alerts"] for group in groups),
        unanswered=sum(group["unanswered"] for group in groups),
        since_median=next((group["since"] for group, n in zip(dated, upto, strict=True) if n >= half), None),
        since_first=dated[0]["since"] if dated else None,
    )


def _narrowed(rows: QuerySet[PanelRow], here: Here, wanted: Filter, search: str) -> QuerySet[PanelRow]:
    if wanted.status:
        rows = rows.filter(status=wanted.status)
    if wanted.need:
        rows = rows.filter(need=_NEEDS[wanted.need])
    if wanted.protocol:
        rows = rows.filter(protocol=wanted.protocol)
    if wanted.mine:
        rows = rows.filter(patient__prescriber=here.user)
    if wanted.unanswered:
        rows = rows.filter(_NOT_ANSWERED)
    if wanted.alert:
        rows = rows.exclude(alert="")
    if wanted.overdue:
        rows = rows.filter(decision_overdue=True)
    text = search.strip()[:LONGEST_SEARCH]
    if text:
        # SQLite takes only ASCII letters without their case: the name's own capitals are tried too.
        rows = rows.filter(Q(patient__code__icontains=text) | Q(patient__name__icontains=text) | Q(patient__name__icontains=text.title()))
    return rows


def _lines(here: Here, digest: str, found: Any) -> list[Line]:
    withdrawn, now = number_is_withdrawn(here.site) is not None, timezone.now()
    lines = []
    for row in found:
        today = now.astimezone(ZoneInfo(row["patient__zone"] or here.site.zone)).date()
        on, version = row.pop("snapshot__on"), row.pop("snapshot__record_version")
        stale = (on, version, row.pop("snapshot__catalog_digest")) != (today, row.pop("patient__record_version"), digest)
        del row["patient__zone"]
        line = Line(code=row.pop("patient__code"), name=row.pop("patient__name"), on=on, today=today, stale=stale, **row)
        lines.append(replace(line, need=Need(line.need), probability=None if withdrawn else line.probability))
    return lines
