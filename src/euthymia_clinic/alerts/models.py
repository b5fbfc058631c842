"""The tables of the alerts."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from euthymia_clinic.accounts.models import Site, User
from euthymia_clinic.audit.models import AppendOnly
from euthymia_clinic.chart.models import Patient


class Alert(models.Model):
    """Something that somebody must see: how soon says the tier; who has seen it and what was done stands here."""

    class Tier(models.TextChoices):
        """How soon: high pages now; same_day the same working day; low stands on top of the next review."""

        HIGH = "high"
        SAME_DAY = "same_day"
        LOW = "low"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open"
        ACKNOWLEDGED = "acknowledged"
        RESOLVED = "resolved"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="alerts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="alerts")
    tier = models.CharField(max_length=10, choices=Tier)
    why = models.CharField(max_length=60, help_text="Id of the row of help/alerts.toml that holds.")
    # The assessment (or concern) that raised it first; all of its contact stand in `Raised`.
    source = models.CharField(max_length=200)
    raised_at = models.DateTimeField(default=timezone.now)
    # high: at once; same_day: the end of the working day, or the start of the next one; low: at the next review.
    see_by = models.DateTimeField(null=True)
    state = models.CharField(max_length=14, choices=State, default=State.OPEN)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True)
    acted_on = models.BooleanField(null=True, help_text="Whether something was done, beyond reading it.")
    # When the next person is paged if nobody has acknowledged it; None: nobody.
    escalate_at = models.DateTimeField(null=True, db_index=True)
    turn = models.PositiveSmallIntegerField(default=0, help_text="How many people have been paged so far, one after the other.")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["site", "state", "tier"])]


class Raised(AppendOnly):
    """What raised an alert, or moved its tier: one row for each source and tier, so that the same one raises it once."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="raised")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=200)
    tier = models.CharField(max_length=10, choices=Alert.Tier, blank=True, help_text="Empty: it added nothing.")
    why = models.CharField(max_length=60, blank=True)
    catalog = models.CharField(max_length=64, blank=True, help_text="Digest of the catalog by whose rows it was triaged.")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "source", "tier", "why"], name="raised_once")]
        ordering: ClassVar = ["pk"]


class Page(models.Model):
    """One person told of one alert, by one channel. The row is made before anything is sent."""

    alert = models.ForeignKey(Alert, on_delete=models.PROTECT, related_name="pages")
    turn = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    channel = models.CharField(max_length=10)
    sent = models.BooleanField(null=True, help_text="None: not yet; False: the channel did not take it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, help_text="When a worker last took it in hand.")
    trouble = models.CharField(max_length=80, blank=True, help_text="The kind of the last error; never an address or a text.")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["alert", "turn", "channel"], name="a_page_once")]
        indexes: ClassVar = [models.Index(fields=["sent", "at"])]
        ordering: ClassVar = ["turn", "pk"]


class Clock(models.Model):
    """When the paging last ran: what a patient is told of it must be true."""

    job = models.CharField(primary_key=True, max_length=40)
    ran_at = models.DateTimeField()
