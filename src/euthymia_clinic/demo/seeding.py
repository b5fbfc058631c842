"""The demo clinic made from nothing: its people, its virtual patients. The same seed and day give the same records."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from euthymia_clinic.accounts.models import Site
from euthymia_clinic.audit.actor import system
from euthymia_clinic.demo.actions import prescriber_of, take_in, team_of
from euthymia_clinic.demo.around import put_around
from euthymia_clinic.demo.cast import Place, cast
from euthymia_clinic.demo.making import Made, made
from euthymia_clinic.demo.people import open_sites, where

# Patients in one transaction: each commit waits for the disk.
TOGETHER = 20
Show = Callable[[Sequence[Place]], Iterator[Place]]
Make = Callable[[Sequence[Place], date], Iterator[Made]]


def seed(today: date, patients: int, make: Make, show: Show = iter) -> dict[str, Site]:
    """Fill an empty clinic. `make` gives the patients in order (here or in other processes), `show` tells how far it is."""
    actor = system("demo")
    places = cast(where(today, patients))
    sites = open_sites(actor)
    teams = {slug: team_of(site) for slug, site in sites.items()}
    coming = make(places, today)
    waiting: list[Made] = []
    for place in show(places):
        waiting.append(next(coming))
        if len(waiting) == TOGETHER or place is places[-1]:
            with transaction.atomic():
                for found in waiting:
                    patient = take_in(actor, sites[found.place.site], teams[found.place.site], found)
                    put_around(actor, patient, prescriber_of(teams[found.place.site], found), found, timezone.now())
            waiting.clear()
    return sites


def make_here(places: Sequence[Place], today: date) -> Iterator[Made]:
    """Make the patients in this process."""
    return (made(place, today) for place in places)
