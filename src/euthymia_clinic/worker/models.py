"""Who is doing a job now."""

from django.db import models


class Lease(models.Model):
    """One job at a time by one worker; whoever dies loses it when it runs out."""

    job = models.CharField(primary_key=True, max_length=60)
    holder = models.CharField(max_length=60, blank=True)
    until = models.DateTimeField()
    # When it was begun last, and when it last came to its end without trouble.
    begun_at = models.DateTimeField(null=True)
    last_done = models.DateTimeField(null=True)
    last_trouble = models.CharField(max_length=120, blank=True, help_text="The type of the error; never its words.")
