"""Django's name for this room."""

from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """The app `dosing`: Django's own `sessions` keep who is signed in, under the name that this one would have."""

    name = "euthymia_clinic.sessions"
    label = "dosing"
