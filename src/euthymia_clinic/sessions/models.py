"""The tables of the session sheets. What was entered is added, never changed: a correction is a new entry that replaces the old one."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from euthymia_clinic.accounts.models import User
from euthymia_clinic.audit.models import AppendOnly
from euthymia_clinic.chart.models import Patient


class Sheet(models.Model):
    """One session of one patient. What was given and measured follows from its entries; here stands only how it was opened and closed."""

    class Ending(models.TextChoices):
        """How a sheet was closed."""

        OPEN = "open"
        SIGNED = "signed"
        # Signed while something was still missing, with a reason.
        OVERRIDDEN = "overridden"
        # Nobody recorded an end of the session; somebody has said why.
        WITHOUT_END = "without_end"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sheets")
    day = models.DateField(help_text="The calendar day in the patient's zone on which it was opened.")
    protocol = models.CharField(max_length=60, help_text="The protocol in force when it was opened.")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    ending = models.CharField(max_length=12, choices=Ending, default=Ending.OPEN)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, help_text="Why it was signed with something missing, or closed without an end.")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "day"], condition=models.Q(ending="open"), name="one_open_sheet_a_day")
        ]
        indexes: ClassVar = [models.Index(fields=["ending", "day"])]

    @property
    def is_open(self) -> bool:
        """Whether it still takes entries as they are made; a closed one takes late additions alone."""
        return self.ending == self.Ending.OPEN


class SheetEntry(AppendOnly):
    """One thing entered at one field. Its id is made by the page that it was typed into, so that sending it twice keeps it once."""

    id = models.UUIDField(primary_key=True, editable=False)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="entries")
    field = models.CharField(max_length=160, help_text="Of the sheet; gate:… is an answer to a gate, in words.")
    value = models.TextField()
    # By the server's clock; never earlier than the person said it was, nor later than it arrived.
    measured_at = models.DateTimeField()
    # As the device said it.
    said_at = models.DateTimeField()
    arrived_at = models.DateTimeField()
    # How far the device's clock was behind ours when it was sent; beyond the tolerance `measured_at` is set right by it.
    offset_seconds = models.FloatField()
    late = models.BooleanField(default=False)
    chosen_time = models.BooleanField(default=False, help_text="Somebody chose the time; else it is when it was typed.")
    confirmed = models.BooleanField(default=False, help_text="Kept although it looked wrong: whoever typed it said that it is so.")
    replaces = models.UUIDField(null=True, blank=True, help_text="The entry of the same sheet that this one corrects.")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    # Ids of the events of the record that were made with it.
    events = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["measured_at", "arrived_at", "id"]
        indexes: ClassVar = [models.Index(fields=["sheet", "measured_at"])]

    @property
    def minutes_late(self) -> int:
        """How long after it was measured it arrived."""
        return int((self.arrived_at - self.measured_at).total_seconds() // 60)
