"""The sites of the demo clinic and their people."""

from datetime import date, time
from typing import Any

from django.contrib.auth.hashers import make_password

from euthymia_clinic.accounts.models import Membership, OnCall, Role, Site, User
from euthymia_clinic.audit.acting import action, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.demo.cast import Where
from euthymia_clinic.demo.roles import DEMO_PEOPLE, FIRST, PASSWORD, SECOND, ZONE


def where(today: date, patients: int) -> list[Where]:
    """The sites of the demo, with their patients: the second has a twentieth of the first, so that a stranger can be seen."""
    return [Where(FIRST, ZONE, today, patients), Where(SECOND, ZONE, today, max(1, patients // 20))]


@action("demo.opened")
def open_sites(actor: Actor, /) -> dict[str, Site]:
    """Make the two sites with their people and who is on call. Gives the sites by their slug."""
    hours: dict[str, Any] = {
        "country": "us",
        "zone": ZONE,
        "watched_days": [0, 1, 2, 3, 4],
        "watched_from": time(8),
        "watched_to": time(18),
    }
    sites = {
        FIRST: Site.objects.create(slug=FIRST, name="Demo clinic", contact="Call 555 0100, weekdays 8 to 18", **hours),
        SECOND: Site.objects.create(slug=SECOND, name="Second demo clinic", contact="Call 555 0101, weekdays 8 to 18", **hours),
    }
    # Hashed once: a hash is slow on purpose, and this password is no secret.
    password = make_password(PASSWORD)
    for person in DEMO_PEOPLE:
        user = User.objects.create(email=person.email, name=person.name, password=password)
        Membership.objects.create(user=user, site=sites[person.site], role=person.role)
    for site in sites.values():
        team = User.objects.filter(memberships__site=site, memberships__role__in=[Role.PRESCRIBER, Role.MEDICAL_LEAD]).order_by("pk")
        OnCall.objects.bulk_create(OnCall(site=site, place=place, user=user) for place, user in enumerate(team, 1))
        told(f"site:{site.pk}", people=Membership.objects.filter(site=site).count())
    return sites
