"""The addresses of this room."""

from django.urls import URLPattern, path

from euthymia_clinic.pages.views import admit, panel

addresses: list[URLPattern] = [
    path("", panel.panel, name="panel"),
    path("search/", panel.search, name="panel_search"),
    path("views/", panel.keep_view, name="saved_view_keep"),
    path("views/<int:view_id>/drop/", panel.drop_view, name="saved_view_drop"),
    path("patients/new/", admit.admit, name="admit"),
]
