"""Django's name for this room."""

from django.apps import AppConfig


class CatalogsConfig(AppConfig):
    """The app `catalogs`."""

    name = "euthymia_clinic.catalogs"
    label = "catalogs"
