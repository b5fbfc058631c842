"""Django's name for this room."""

from django.apps import AppConfig


class CheckinsConfig(AppConfig):
    """The app `checkins`."""

    name = "euthymia_clinic.checkins"
    label = "checkins"
