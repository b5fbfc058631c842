"""Django's name for this room."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The app `pages`."""

    name = "euthymia_clinic.pages"
    label = "pages"
