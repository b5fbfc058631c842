"""The panel: everyone in care, worst need first, and the ways to narrow it."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart import panel_actions, queries
from euthymia_clinic.chart.permissions import CLINICAL
from euthymia_clinic.chart.queries import Filter
from euthymia_clinic.pages.access import ClinicRequest, for_roles
from euthymia_clinic.pages.navigation import open_to
from euthymia_clinic.pages.presenters import panel as present

# What is searched for names people: it stands in the session, never in an address.
SEARCH = "panel_search"


@for_roles()
@require_safe
def panel(request: ClinicRequest) -> HttpResponse:
    """Who needs a decision. Whoever has no patients is led to the first page that is theirs."""
    if request.here.role not in CLINICAL:
        theirs = open_to(request.here.role)
        return redirect(theirs[0][1]) if theirs else render(request, "clinic/forbidden.html", status=403)
    return _listed(request, Filter.of(request.GET), request.GET.get("page", "1"))


@for_roles(*CLINICAL)
@require_POST
def search(request: ClinicRequest) -> HttpResponse:
    """Search by code or name; empty: everybody again."""
    request.session[SEARCH] = request.POST.get("search", "").strip()[: queries.LONGEST_SEARCH]
    wanted = Filter.of(request.POST)
    return _listed(request, wanted, "1") if _part(request) else redirect(_address(wanted))


@for_roles(*CLINICAL)
@require_POST
def keep_view(request: ClinicRequest) -> HttpResponse:
    """Keep the filter under a name."""
    wanted = Filter.of(request.POST)
    try:
        panel_actions.keep_view(request.here.actor, request.here, request.POST.get("name", ""), wanted)
    except panel_actions.ViewError as error:
        return _listed(request, wanted, "1", status=422, trouble=str(error))
    return redirect(_address(wanted))


@for_roles(*CLINICAL)
@require_POST
def drop_view(request: ClinicRequest, view_id: int) -> HttpResponse:
    """Keep it no longer."""
    panel_actions.drop_view(request.here.actor, request.here, view_id)
    return redirect(_address(Filter.of(request.POST)))


def _listed(request: ClinicRequest, wanted: Filter, page: str, status: int = 200, trouble: str = "") -> HttpResponse:
    here, now = request.here, timezone.now()
    looked(here.actor, "panel")
    text, today = request.session.get(SEARCH, ""), here.site.today()
    catalog = catalog_of(here.site)
    found = queries.totals(here)
    protocols = queries.protocols_of(found, catalog)
    listed = queries.listing(here, catalog, wanted, text, int(page) if page.isdecimal() and len(page) < 9 else 1, found)
    context: dict[str, Any] = {
        "today": today,
        "totals": found,
        "cards": present.cards(found, wanted, today),
        "chips": present.chips(found, wanted),
        "lines": [present.shown(line, now) for line in listed.lines],
        "listed": listed,
        "wanted": wanted,
        "narrowed": present.narrowed_words(wanted, protocols),
        "needs": present.need_choices(),
        "protocols": [("", "Any protocol"), *protocols],
        "search": text,
        "others": queries.others(here, text),
        "views": queries.saved_views(here),
        "trouble": trouble,
        "may_admit": here.role in panel_actions.ADMITS,
        "chart_of": _chart_of,
    }
    return render(request, "clinic/panel/region.html" if _part(request) else "clinic/panel/panel.html", context, status=status)


def _part(request: HttpRequest) -> bool:
    """Whether only the list is asked for, to be put into the page that is there."""
    htmx: Any = getattr(request, "htmx", None)
    return bool(htmx) and htmx.target == "panel" and not htmx.history_restore_request


def _address(wanted: Filter) -> str:
    return reverse("panel") + (f"?{wanted.query}" if wanted.query else "")


def _chart_of(patient_id: UUID) -> str:
    return reverse("chart", args=[patient_id])
