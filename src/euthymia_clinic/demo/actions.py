"""How the demo's virtual patients are written: in batches, by the same tables and the same audit as everybody's."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from euthymia_clinic.accounts.models import Role, Site, User
from euthymia_clinic.audit.acting import action, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.actions import admit
from euthymia_clinic.chart.ledger import label_of
from euthymia_clinic.chart.models import Event, Forecast, Patient, ReviewSnapshot
from euthymia_clinic.chart.snapshots import store_review
from euthymia_clinic.demo.making import Made

IN_A_BATCH = 2_000


class Team(NamedTuple):
    """Who cares for the patients of a site."""

    prescribers: tuple[User, ...]
    others: tuple[User, ...]


def team_of(site: Site) -> Team:
    """The prescribers, nurses and therapists of a site, in the order in which they came."""
    here = User.objects.filter(memberships__site=site, memberships__ended=None).order_by("pk")
    caring = here.filter(memberships__role__in=[Role.NURSE, Role.THERAPIST])
    return Team(tuple(here.filter(memberships__role=Role.PRESCRIBER)), tuple(caring))


def prescriber_of(team: Team, found: Made) -> User:
    """Who prescribes for a virtual patient."""
    return team.prescribers[found.place.prescriber % len(team.prescribers)]


@action("demo.patient")
def take_in(actor: Actor, /, site: Site, team: Team, found: Made) -> Patient:
    """Take one virtual patient in: care team, the whole record, and the review of today."""
    place = found.place
    prescriber = prescriber_of(team, found)
    opened = datetime.combine(place.start, time(8, 30), ZoneInfo(place.zone))
    patient = admit(
        actor,
        site,
        place.code,
        name=f"Virtual patient {place.code}",
        team=[prescriber, *team.others],
        prescriber=prescriber,
        email=f"virtual-{place.code}@{site.slug}.example",
        in_care=found.in_care,
        admitted_at=opened,
        record_version=1,
    )
    Event.objects.bulk_create(
        [Event(patient=patient, event_id=r.event_id, kind=r.kind, day=r.day, recorded_at=r.recorded_at, body=r.body) for r in found.rows],
        batch_size=IN_A_BATCH,
    )
    told(patient.subject, events=len(found.rows), digest=found.record_digest)
    snapshot = ReviewSnapshot(
        patient=patient,
        on=found.review.on,
        made_at=timezone.now(),
        record_version=patient.record_version,
        record_digest=found.record_digest,
        catalog_digest=found.review.provenance.catalog_digest,
        engine=found.review.provenance.engine,
        digest=found.digest,
        review=found.packed,
    )
    store_review(actor, patient, snapshot, found.review)
    Forecast.objects.bulk_create(_forecasts(patient, found))
    return patient


def _forecasts(patient: Patient, found: Made) -> Iterator[Forecast]:
    """The ledger of the months before, as it would have been kept."""
    used, episode = found.review.provenance.population, found.review.episode
    if used is None:
        return
    population = label_of(catalog_of(patient.site), used.id)
    for each in found.shown:
        settled = each.settled
        yield Forecast(
            patient=patient,
            site=patient.site,
            made_on=each.made_on,
            horizon=each.horizon,
            instrument=episode.primary or "",
            definition=episode.definition,
            population=population,
            status=each.status,
            probability=each.probability,
            scored_on=settled.on if settled else None,
            scored_by="" if settled is None else settled.rating if settled.ending == "scored" else settled.ending,
            came_true=settled.came_true if settled else None,
        )
