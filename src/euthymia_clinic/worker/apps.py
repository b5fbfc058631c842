"""Django's name for this room."""

from django.apps import AppConfig


class WorkerConfig(AppConfig):
    """The app `worker`."""

    name = "euthymia_clinic.worker"
    label = "worker"
