"""The addresses of this room: the care team's page of doses at home. The patient's own stand with their page."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import home

addresses: list[URLPattern] = [path("patients/<uuid:patient_id>/home/", home.home, name="home")]
