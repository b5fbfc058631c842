"""The tables of the check-ins."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from euthymia_clinic.chart.models import Patient


class Checkin(models.Model):
    """One request to a patient: which instruments, from when to when. It ends answered, missed or excused."""

    class Outcome(models.TextChoices):
        """How it ended, as in the record's own requests."""

        OPEN = "open"
        ANSWERED = "answered"
        MISSED = "missed"
        EXCUSED = "excused"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="checkins")
    instruments = models.JSONField(help_text="Ids of instruments, in the order in which they are asked.")
    # What it belongs to: "session:<day>", "rating:<day>", "staff:<token of the form>": the same occasion is asked once.
    occasion = models.CharField(max_length=120)
    anchor = models.DateField(null=True, help_text="The day that it was planned for: the next is counted from it, not from the answer.")
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(db_index=True)
    # Empty: the patient's own, until another is chosen on the page.
    language = models.CharField(max_length=10, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    reason = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    # When the answers had been triaged; until then the worker tries again.
    triaged_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["patient", "occasion"], name="an_occasion_once")]
        indexes: ClassVar = [models.Index(fields=["outcome", "opens_at"])]


class Link(models.Model):
    """A key to one check-in and nothing else. Only its hash is kept."""

    checkin = models.ForeignKey(Checkin, on_delete=models.CASCADE, related_name="links")
    key_hash = models.CharField(max_length=64, unique=True)
    how = models.CharField(max_length=10, help_text="mail, text, qr or kiosk")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)


class Answer(models.Model):
    """One answer as it was tapped, kept at once; the assessment is made of them when the patient has finished."""

    checkin = models.ForeignKey(Checkin, on_delete=models.CASCADE, related_name="answers")
    instrument = models.CharField(max_length=40)
    item = models.CharField(max_length=40)
    value = models.FloatField(null=True, help_text="None: left out on purpose.")
    language = models.CharField(max_length=10, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkin", "instrument", "item"], name="an_answer_once")]


class Message(models.Model):
    """One message that was to be sent: the rung of the reminder ladder, the channel, and whether it went."""

    class State(models.TextChoices):
        """Where it stands. A message that was under way when the worker was killed is `unknown`, and is not sent again."""

        WAITING = "waiting"
        UNDER_WAY = "under_way"
        SENT = "sent"
        UNKNOWN = "unknown"
        NOT_DELIVERED = "undelivered"

    checkin = models.ForeignKey(Checkin, on_delete=models.CASCADE, related_name="messages")
    rung = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=10, help_text="mail or text; none where the patient has no address")
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    # When it is tried (again); while it is under way, until when that is believed.
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=120, blank=True, help_text="The type of the last error; never an address or a text.")
    link = models.ForeignKey(Link, null=True, on_delete=models.SET_NULL)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["checkin", "rung"], name="a_rung_once")]
        indexes: ClassVar = [models.Index(fields=["state", "due_at"])]
