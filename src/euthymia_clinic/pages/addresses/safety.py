"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import safety

_SAFETY = "patients/<uuid:patient_id>/safety/"

addresses: list[URLPattern] = [
    path(_SAFETY, safety.safety_view, name="safety"),
    path(f"{_SAFETY}ask/<slug:subject>/", safety.ask_view, name="safety_ask"),
]
