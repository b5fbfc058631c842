"""Django's name for this room."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """The app `alerts`."""

    name = "euthymia_clinic.alerts"
    label = "alerts"
