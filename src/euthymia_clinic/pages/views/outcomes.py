"""How the site does: for those who treat, from its own records, with what is missing said."""

from datetime import timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from euthymia.report.reliability import reliability_chart
from euthymia.report.tokens import LIGHT
from euthymia.wording import STATUS_ORDER, STATUS_SHAPES, STATUS_WORDS
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.alerts.measures import measures
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.catalogs.in_force import adoption_of, catalog_of
from euthymia_clinic.chart.ledger import counts_of, evidence_of, number_is_withdrawn, scored
from euthymia_clinic.chart.models import PanelRow
from euthymia_clinic.pages.access import ClinicRequest, for_roles
from euthymia_clinic.pages.presenters import calibration
from euthymia_clinic.pages.presenters.outcomes import (
    AT_MOST,
    among,
    courses,
    curve_path,
    median_days,
    months_of,
    standings,
    time_to_remission,
)

_CURVE = (560, 200)
_ALERTS_OF_DAYS = 180


@for_roles(Role.PRESCRIBER, Role.NURSE, Role.THERAPIST, Role.MEDICAL_LEAD)
@require_GET
def outcomes(request: ClinicRequest) -> HttpResponse:
    """Statuses now and over time, remission and response, time to remission, decisions, the calibration ledger, the alerts."""
    site = request.here.site
    catalog = catalog_of(site)
    found, now = courses(site), standings(site)
    forecasts = scored(site, catalog)
    groups = calibration.groups(forecasts)
    curve = time_to_remission(found)
    looked(request.here.actor, "outcomes")
    context = {
        "adoption": adoption_of(site),
        "standings": now,
        "in_care": sum(each.count for each in now),
        "courses": len(found),
        "at_most": AT_MOST,
        "months": months_of(found, site.today()),
        "status_words": STATUS_WORDS,
        "status_shapes": STATUS_SHAPES,
        "status_order": STATUS_ORDER,
        "among": among(found),
        "curve": curve,
        "curve_path": curve_path(curve, *_CURVE),
        "curve_size": _CURVE,
        "median_days": median_days(curve),
        "overdue": PanelRow.objects.filter(site=site, patient__in_care=True, decision_overdue=True).count(),
        "counts": counts_of(site),
        "evidence": evidence_of(site),
        "withdrawal": number_is_withdrawn(site),
        "rules": catalog.ledger,
        "groups": groups,
        "figures": calibration.figures(forecasts),
        "few": calibration.FEW_PATIENTS,
        "specs": calibration.specs(groups) if groups else None,
        "described": reliability_chart(groups, LIGHT)["description"] if groups else "",
        "measures": measures(site, site.today() - timedelta(days=_ALERTS_OF_DAYS), site.today()),
    }
    return render(cast(HttpRequest, request), "clinic/outcomes/outcomes.html", context)
