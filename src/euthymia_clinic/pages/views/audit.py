"""The audit page: who did what, who looked at what, whose charts were opened with a reason, and whether the chain is whole."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.accounts.models import Role, Site, User
from euthymia_clinic.audit.actions import SEALED, VERIFIED, sealed_to
from euthymia_clinic.audit.models import Entry, Read
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.models import BreakGlass, Patient
from euthymia_clinic.chart.subjects import subjects_of
from euthymia_clinic.pages.access import ClinicRequest, for_roles
from euthymia_clinic.pages.presenters.audit import Line, details_in_words, patient_in_words, what_in_words, who_in_words
from euthymia_clinic.worker import alive

ON_A_PAGE = 50
LISTS = {"writes": "What was done", "reads": "Who looked", "opened": "Opened with a reason"}


@dataclass(frozen=True)
class Asked:
    """What an auditor asked for; `trouble`: what of it cannot be looked for."""

    what: str
    person: str
    code: str
    day: str
    before: int | None
    subject: str | None = None
    on: date | None = None
    trouble: str = ""


@for_roles(Role.AUDITOR, Role.MEDICAL_LEAD)
@require_safe
def audit(request: ClinicRequest) -> HttpResponse:
    """One list at a time, the latest first, by person, patient and day."""
    here = request.here
    looked(here.actor, "audit")
    asked = _asked(request.GET, here.site)
    people = User.objects.filter(memberships__site=here.site).distinct().order_by("name")
    lines, more = ([], None) if asked.trouble else _lines(asked, here)
    context = {
        "asked": asked,
        "lists": [(key, words, _query(asked, what=key, before=None)) for key, words in LISTS.items()],
        "people": people,
        "lines": lines,
        "older": _query(asked, before=more) if more else "",
        "tz": here.site.tz,
        "state": _state(),
    }
    return render(request, "clinic/audit/audit.html", context, status=400 if asked.trouble else 200)


def _asked(query: QueryDict, site: Site) -> Asked:
    what, person, code = query.get("what", "writes"), query.get("person", ""), query.get("patient", "").strip()
    day, before, trouble = query.get("day", ""), query.get("before", ""), ""
    patient = Patient.objects.filter(site=site, code=code).first() if code and "\0" not in code else None
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        on, trouble = None, f"Found the day “{day[:20]}”; allowed: a day such as 2026-03-01."
    if code and patient is None:
        trouble = f"No patient with the code “{code[:60]}” at {site.name}."
    if what not in LISTS or not (person.isdecimal() or not person) or not (before.isdecimal() or not before) or len(before + person) > 18:
        what, person, before, trouble = "writes", "", "", "This address was changed by hand; choose again."
    number = int(before) if before else None
    return Asked(what, person, code, day, number, patient.subject if patient else None, on, trouble)


def _query(asked: Asked, **other: Any) -> str:
    said = {"what": asked.what, "person": asked.person, "patient": asked.code, "day": asked.day, "before": asked.before, **other}
    made = QueryDict(mutable=True)
    made.update({key: str(value) for key, value in said.items() if value})
    return "?" + made.urlencode()


def _lines(asked: Asked, here: Here) -> tuple[list[Line], int | None]:
    """The lines of a page, and before which number the next begins."""
    model: Any = {"writes": Entry, "reads": Read, "opened": BreakGlass}[asked.what]
    query = _of_site(model, here.site) if asked.subject is None else _of_patient(model, asked)
    if asked.person:
        query = query.filter(user=int(asked.person)) if model is BreakGlass else query.filter(actor=f"person:{int(asked.person)}")
    if asked.on is not None:
        query = query.filter(**_span(asked.on, here.site))
    if asked.before is not None:
        query = query.filter(pk__lt=asked.before)
    rows = list(query.order_by("-pk")[: ON_A_PAGE + 1])
    lines = _opened(rows[:ON_A_PAGE]) if model is BreakGlass else _told(rows[:ON_A_PAGE])
    return lines, rows[ON_A_PAGE - 1].pk if len(rows) > ON_A_PAGE else None


def _of_site(model: Any, site: Site) -> QuerySet[Any]:
    """What belongs to a site: everything about its patients, and what its own people and the clinic's jobs did besides."""
    if model is BreakGlass:
        return BreakGlass.objects.filter(patient__site=site).select_related("user", "patient")
    people = [f"person:{key}" for key in site.memberships.values_list("user", flat=True)]
    elsewhere = ~Q(subject__startswith="patient:") & (Q(actor__in=people) | Q(actor__startswith="system:"))
    found: QuerySet[Any] = model.objects.filter(Q(subject__in=subjects_of(site)) | elsewhere)
    return found.exclude(action=SEALED) if model is Entry else found


def _of_patient(model: Any, asked: Asked) -> QuerySet[Any]:
    if model is BreakGlass:
        return BreakGlass.objects.filter(patient=UUID(str(asked.subject).partition(":")[2])).select_related("user", "patient")
    found: QuerySet[Any] = model.objects.filter(subject=asked.subject)
    return found


def _span(on: date, site: Site) -> dict[str, datetime]:
    """The calendar day at the site, whatever the clocks did on it."""
    return {"at__gte": datetime.combine(on, time(), site.tz), "at__lt": datetime.combine(on + timedelta(days=1), time(), site.tz)}


def _told(rows: list[Any]) -> list[Line]:
    names = {str(key): name for key, name in User.objects.values_list("pk", "name")}
    ids = {row.subject.partition(":")[2] for row in rows if row.subject.startswith("patient:")}
    codes = {f"patient:{key}": code for key, code in Patient.objects.filter(pk__in=ids).values_list("pk", "code")}
    return [
        Line(
            number=row.pk,
            at=row.at,
            who=who_in_words(row.actor, names),
            what=what_in_words(row.action if isinstance(row, Entry) else row.page),
            patient=patient_in_words(row.subject, codes),
            details=details_in_words(row.details) if isinstance(row, Entry) else "",
            break_glass=isinstance(row, Read) and row.break_glass,
        )
        for row in rows
    ]


def _opened(rows: list[BreakGlass]) -> list[Line]:
    return [Line(row.pk, row.at, row.user.name, "chart opened", row.patient.code, row.reason) for row in rows]


def _state() -> dict[str, Any]:
    """When the chain was walked last and what was found, how many reads wait for their seal, whether the worker works."""
    last = Entry.objects.filter(action=VERIFIED).order_by("-seq").first()
    return {
        "verified": last,
        "troubles": int(last.details.get("troubles", 0)) if last else 0,
        "unsealed": Read.objects.filter(pk__gt=sealed_to()).count(),
        "works": alive(timezone.now(), "audit.seal_reads"),
    }
