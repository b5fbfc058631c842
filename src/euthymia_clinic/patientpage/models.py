"""The table of the links to patients' own pages."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from euthymia_clinic.chart.models import Patient


class PatientLink(models.Model):
    """A key to one patient's own page, long-lived and taken back at any time. Only its hash is kept."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="page_links")
    key_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient"], condition=models.Q(withdrawn_at=None), name="one_page_link_at_a_time")
        ]
