"""What leaves the clinic: one patient's whole record as a ZIP, or the whole site's."""

from typing import cast

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from euthymia_clinic.accounts.models import Role
from euthymia_clinic.audit.reads import looked
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.governance.actions import told_export, told_site_export
from euthymia_clinic.governance.export import patient_archive, site_archive
from euthymia_clinic.pages.access import ClinicRequest, for_care_team, for_roles


@for_care_team("export")
@require_http_methods(["GET", "POST"])
def export(request: ClinicRequest, patient: Patient) -> HttpResponse:
    """Say what the export holds; sent, make it."""
    if request.method == "GET":
        return render(cast(HttpRequest, request), "clinic/governance/export.html", {"patient": patient})
    now = timezone.now()
    archive, digest, files = patient_archive(patient, now)
    told_export(request.here.actor, request.here, patient, digest, files)
    # The patient's own number is not in the name of a file that lies about on a desk.
    return cast(HttpResponse, _as_file(FileResponse(archive, content_type="application/zip"), f"record-{str(patient.pk)[:8]}.zip"))


@for_roles(Role.MEDICAL_LEAD)
@require_POST
def site_export(request: ClinicRequest) -> HttpResponse:
    """Every record of the site, streamed."""
    patients = Patient.objects.filter(site=request.here.site).select_related("site").order_by("pk")
    told_site_export(request.here.actor, request.here, patients.count())
    looked(request.here.actor, "site_export")
    pieces = site_archive(patients.iterator(chunk_size=20), timezone.now())
    return cast(HttpResponse, _as_file(StreamingHttpResponse(pieces, content_type="application/zip"), f"{request.here.site.slug}.zip"))


def _as_file(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
