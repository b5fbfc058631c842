"""The tables of the catalogs."""

from typing import ClassVar

from django.db import models

from euthymia_clinic.accounts.models import Site
from euthymia_clinic.audit.models import AppendOnly


class CatalogVersion(AppendOnly):
    """One version of what a site goes by, kept for ever: the digest of the merge, the site's files, and the shipped ones beneath them."""

    digest = models.CharField(primary_key=True, max_length=64)
    made_at = models.DateTimeField()
    engine = models.CharField(max_length=40)
    # Path under the site's folder -> text of the file. Empty: the shipped knowledge alone.
    files = models.JSONField(default=dict)
    # The shipped files as they were then (JSON, path -> text, compressed by zlib): a later engine still replays this version.
    shipped = models.BinaryField(default=bytes)


class Adoption(AppendOnly):
    """A medical lead adopted a version for a site; the last one is in force."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="adoptions")
    version = models.ForeignKey(CatalogVersion, on_delete=models.PROTECT)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=120)
    note = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["at"]


class SiteValue(AppendOnly):
    """One value that a site changed: where, from what to what, why, by whom. The last entry of a place holds."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="values")
    place = models.CharField(max_length=200, help_text="file:key.key, for example verdict/rules.toml:stale_days.value")
    shipped = models.JSONField()
    value = models.JSONField(null=True, help_text="None: the shipped value again.")
    reason = models.TextField()
    reference = models.CharField(max_length=80, blank=True, help_text="A reference that says so; empty: the site's own proposal.")
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["site", "place", "-id"])]


class SiteFile(AppendOnly):
    """A whole file that a site brought: licensed wording, its country and contact, or a file of its own. The last entry of a path holds."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="files")
    path = models.CharField(max_length=200)
    text = models.TextField(null=True, help_text="None: taken away again.")
    reason = models.TextField()
    by = models.CharField(max_length=80)
    by_name = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["site", "path", "-id"])]


class Withdrawal(AppendOnly):
    """The site's own data excluded that the chances of these populations are right: the number is shown no more."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="withdrawals")
    at = models.DateTimeField()
    on = models.DateField()
    # Labels of the populations whose forecasts were judged (chart/ledger.py): another fit starts a ledger of its own.
    populations = models.JSONField(default=list)
    factor = models.FloatField()
    forecasts = models.PositiveIntegerField()
    patients = models.PositiveIntegerField()
