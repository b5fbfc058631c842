"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views.audit import audit
from euthymia_clinic.pages.views.health import health

addresses: list[URLPattern] = [path("audit/", audit, name="audit"), path("health/", health, name="health")]
