"""Django's name for this room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    """The app `audit`."""

    name = "euthymia_clinic.audit"
    label = "audit"

    def ready(self) -> None:
        """Take the database's own guards down before each migration, and put them up after it."""
        from euthymia_clinic.audit.guards import after_migrating, before_migrating

        pre_migrate.connect(before_migrating, sender=self)
        post_migrate.connect(after_migrating, sender=self)
