"""The tables of the record. Events are added, never changed: a correction is a new event that supersedes the old one."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from euthymia_clinic.accounts.models import Site, User
from euthymia_clinic.audit.models import AppendOnly


class Patient(models.Model):
    """Somebody in care at a site. `code` is the site's own number, and the `patient_id` of the record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="patients")
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=10, default="en")
    zone = models.CharField(max_length=64, blank=True, help_text="Empty: the site's.")
    prescriber = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="prescribed_to")
    in_care = models.BooleanField(default=True)
    admitted_at = models.DateTimeField(default=timezone.now)
    # Goes up with every event: a snapshot of an earlier number is stale.
    record_version = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "code"], name="one_code_at_a_site")]

    @property
    def subject(self) -> str:
        """How the audit names this patient."""
        return f"patient:{self.id}"


class CareTeamMember(models.Model):
    """Somebody who takes part in a patient's care; ended memberships stay."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cares_for")
    since = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "user"], condition=models.Q(ended=None), name="once_in_a_care_team")
        ]


class BreakGlass(AppendOnly):
    """Somebody outside the care team opened a chart, said why, and until when it stays open."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="opened_by")
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    reason = models.TextField()
    at = models.DateTimeField()
    until = models.DateTimeField()


class Event(AppendOnly):
    """One event of a record, whole in `body` (the native JSON form); the columns beside it are for finding it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="events")
    event_id = models.CharField(max_length=200)
    kind = models.CharField(max_length=30)
    day = models.DateField()
    recorded_at = models.DateTimeField()
    body = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "event_id"], name="an_event_once")]
        indexes: ClassVar = [models.Index(fields=["patient", "kind", "day"])]


class ReviewSnapshot(AppendOnly):
    """What a review said on a day, from which record and catalog, by which engine. `review`: its JSON, compressed by zlib."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="snapshots")
    on = models.DateField()
    made_at = models.DateTimeField()
    record_version = models.PositiveBigIntegerField()
    record_digest = models.CharField(max_length=64)
    catalog_digest = models.CharField(max_length=64)
    engine = models.CharField(max_length=40)
    digest = models.CharField(max_length=64)
    review = models.BinaryField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-id"])]


class Picture(models.Model):
    """The chart of a snapshot, compiled for the browser in both themes: made once, made again if it is lost."""

    snapshot = models.OneToOneField(ReviewSnapshot, primary_key=True, on_delete=models.CASCADE, related_name="picture")
    specs = models.BinaryField()


class PanelRow(models.Model):
    """One patient in care as the panel shows them: from the last snapshot, made anew with each. Nothing here is the truth."""

    patient = models.OneToOneField(Patient, primary_key=True, on_delete=models.CASCADE, related_name="row")
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    snapshot = models.ForeignKey(ReviewSnapshot, null=True, on_delete=models.SET_NULL)
    # 0 = most in need (chart/needs.py); then by the day since which this has waited.
    need = models.PositiveSmallIntegerField()
    waiting_since = models.DateField(null=True)
    alert = models.CharField(max_length=10, blank=True, help_text="The tier of the open alert, if there is one.")
    alert_since = models.DateTimeField(null=True)
    status = models.CharField(max_length=30)
    since = models.DateField(null=True)
    now = models.CharField(max_length=200, blank=True)
    probability = models.FloatField(null=True)
    spark = models.JSONField(default=dict)
    suicidality = models.CharField(max_length=20, blank=True)
    safety = models.CharField(max_length=300, blank=True)
    gaps = models.CharField(max_length=300, blank=True)
    misses = models.PositiveSmallIntegerField(default=0, help_text="Requests missed in a row, up to now.")
    missed_since = models.DateField(null=True)
    # The first thing that falls due, apart from what nobody has ever measured; it is in the past where something is late.
    due_by = models.DateField(null=True)
    protocol = models.CharField(max_length=60, blank=True)
    last_rating = models.DateField(null=True)
    next_session = models.DateField(null=True)
    decision_by = models.DateField(null=True)
    decision_overdue = models.BooleanField(default=False)
    awaiting_answer = models.BooleanField(default=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["site", "need", "waiting_since"]),
            # Everything that the panel counts over all, so that the rows themselves are not read for it.
            models.Index(
                name="panel_counts",
                fields=["site", "status", "since", "protocol", "alert", "awaiting_answer", "decision_overdue", "patient"],
            ),
        ]


class Forecast(models.Model):
    """The calibration ledger: a chance that was shown, and how the rating that it spoke of came out."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="forecasts")
    site = models.ForeignKey(Site, on_delete=models.PROTECT)
    snapshot = models.ForeignKey(ReviewSnapshot, null=True, on_delete=models.PROTECT)
    made_on = models.DateField()
    horizon = models.DateField()
    instrument = models.CharField(max_length=40)
    definition = models.CharField(max_length=60)
    population = models.CharField(max_length=60)
    status = models.CharField(max_length=30)
    probability = models.FloatField()
    shown = models.BooleanField(default=True, help_text="False: the number was withdrawn, only the words were shown.")
    # The rating that settled it, and whether it was in the remission range; None: not yet.
    scored_by = models.CharField(max_length=200, blank=True)
    scored_on = models.DateField(null=True)
    came_true = models.BooleanField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["site", "came_true"]), models.Index(fields=["patient", "came_true", "horizon"])]
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "made_on", "horizon", "probability"], name="a_forecast_once")]


class SavedView(models.Model):
    """A filter of the panel that somebody keeps under a name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    site = models.ForeignKey(Site, on_delete=models.CASCADE)
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=300)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "site", "name"], name="a_view_once")]
