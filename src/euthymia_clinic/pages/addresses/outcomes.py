"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import outcomes

addresses: list[URLPattern] = [path("outcomes/", outcomes.outcomes, name="outcomes")]
