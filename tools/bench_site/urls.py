"""The clinic's addresses, and the peer: an empty page behind the same session and sign-in, with one query."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from euthymia_clinic.chart.models import Patient
from euthymia_clinic.urls import handler400, handler403, handler404, handler500, urlpatterns  # noqa: F401 - Django reads them


@login_required
def peer(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - as Django calls it
    """Nothing but what every page has."""
    return HttpResponse(str(Patient.objects.order_by("pk").values_list("pk", flat=True).first()))


urlpatterns = [path("peer/", peer), *urlpatterns]
