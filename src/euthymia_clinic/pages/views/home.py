"""Doses at home, for the care team: what was prescribed, handed out, logged and counted, and what does not agree."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from euthymia.report.home_words import LEGEND, supply_view
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import may_decide, may_enter
from euthymia_clinic.chart.to_core import record_of, zone_of
from euthymia_clinic.home.waiting import supplies_at_home
from euthymia_clinic.pages.access import ClinicRequest, for_care_team
from euthymia_clinic.pages.presenters import home as presenter
from euthymia_clinic.pages.presenters.chart import name_of


@for_care_team("doses at home")
@require_safe
def home(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """The reconciliation as it is now, and where to add to it."""
    record, catalog = record_of(patient), catalog_of(patient.site)
    today = timezone.now().astimezone(zone_of(patient)).date()
    context = {
        "patient": patient,
        "name": name_of(patient),
        "home": [supply_view(each, today) for each in supplies_at_home(record, catalog, today)],
        "home_legend": LEGEND,
        "logs": presenter.logs_shown(record),
        "checks": presenter.checks_shown(record, catalog),
        "enters": may_enter(request.here, patient),
        "decides": may_decide(request.here, patient),
    }
    return render(request, "clinic/home/home.html", context)
