"""The addresses of this room."""

from django.urls import path

from euthymia_clinic.pages.views import alerts as views

addresses = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", views.alert_acknowledge, name="alert_acknowledge"),
    path("alerts/<uuid:alert_id>/note/", views.alert_note, name="alert_note"),
    path("alerts/<uuid:alert_id>/resolve/", views.alert_resolve, name="alert_resolve"),
    path("patients/<uuid:patient_id>/concern/", views.concern, name="concern"),
]
