"""People and sites. A person signs in by e-mail; what they may do follows from their role at a site."""

from datetime import date
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone


class People(BaseUserManager["User"]):
    """How people are made."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person with an e-mail address, who can sign in once there is a password."""
        user = User(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractUser):
    """A person who works here."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=40, blank=True, help_text="For text messages when this person is on call.")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[People] = People()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name or f"user {self.pk}"

    @property
    def subject(self) -> str:
        """How the audit names this person."""
        return f"user:{self.pk}"


class Site(models.Model):
    """A clinic: where it is, when somebody watches, what its patients are shown."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2, blank=True, help_text="Two letters, lower case; empty: not said, and nothing is assumed.")
    zone = models.CharField(max_length=64, default="UTC")
    contact = models.CharField(max_length=200, blank=True, help_text="How patients reach the clinic, in its own words.")
    # When an alert is seen at once: days (0 = Monday) and hours in the site's zone.
    watched_days = models.JSONField(default=list)
    watched_from = models.TimeField(null=True, blank=True)
    watched_to = models.TimeField(null=True, blank=True)
    shows_scores = models.BooleanField(default=True, help_text="Whether patients see their own scores and the lines on them.")

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def today(self) -> date:
        """The calendar day at this site, now."""
        return timezone.now().astimezone(self.tz).date()


class Role(models.TextChoices):
    """What a person does at a site."""

    PRESCRIBER = "prescriber"
    NURSE = "nurse"
    THERAPIST = "therapist"
    MEDICAL_LEAD = "medical_lead"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    INTEGRATION = "integration"


class Membership(models.Model):
    """One person's role at one site; ended memberships stay."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    since = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "site"], condition=models.Q(ended=None), name="one_role_at_a_site")
        ]


class OnCall(models.Model):
    """Who is paged at a site, in what order, and how long each has to answer before the next is."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="on_call")
    place = models.PositiveSmallIntegerField()
    user = models.ForeignKey(User, on_delete=models.PROTECT)
    minutes_to_answer = models.PositiveSmallIntegerField(default=10)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["site", "place"], name="one_at_a_place")]


class Counter(models.Model):
    """What the rate limits count, for all processes: the table of Django's cache, so that `migrate` makes it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "cache"
