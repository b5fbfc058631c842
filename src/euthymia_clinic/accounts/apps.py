"""Django's name for this room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """The app `accounts`."""

    name = "euthymia_clinic.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Listen to sign-in."""
        from euthymia_clinic.accounts import signals  # noqa: F401
