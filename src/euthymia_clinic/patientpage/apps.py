"""Django's name for this room."""

from django.apps import AppConfig


class PatientPageConfig(AppConfig):
    """The app `patientpage`."""

    name = "euthymia_clinic.patientpage"
    label = "patientpage"
