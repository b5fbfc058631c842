"""Django's name for this room."""

from django.apps import AppConfig


class ChartConfig(AppConfig):
    """The app `chart`."""

    name = "euthymia_clinic.chart"
    label = "chart"
