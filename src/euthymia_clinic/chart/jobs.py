"""What the worker does for the charts. Each job may be killed anywhere: what is left to do follows from the data alone."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from euthymia_clinic.accounts.models import Site
from euthymia_clinic.audit.actor import system
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Patient, ReviewSnapshot
from euthymia_clinic.chart.pictures import draw
from euthymia_clinic.chart.snapshots import CANNOT_BE_REVIEWED, ENGINE, refresh

# How many at one call: the worker calls again, and other jobs get their turn in between.
AT_A_TIME = 200
# A chart takes as long as a review, and a worker that is told to stop ends its part first.
DRAWN_AT_A_TIME = 20


def refresh_stale(now: datetime) -> int:
    """Review again who has something new, or whose site has adopted another catalog since the last review."""
    return _refreshed((patient for site in Site.objects.all() for patient in _with_news(site)), now)


def midnight(now: datetime) -> int:
    """Review everyone in care whose own calendar day has begun since their last review.

    Days are compared, not hours counted: a change of the clocks neither skips anybody nor reviews anybody twice, and
    whoever was left out while the worker was down is next.
    """
    return _refreshed((patient for site in Site.objects.all() for patient in _of_yesterday(site, now)), now)


def draw_pictures(now: datetime) -> int:
    """Compile the chart of every patient's last snapshot, so that nobody waits for it."""
    undrawn = ReviewSnapshot.objects.filter(panelrow__isnull=False, picture=None).select_related("patient")
    return len([draw(system("pictures"), snapshot) for snapshot in undrawn.order_by("-pk")[:DRAWN_AT_A_TIME]])


def _with_news(site: Site) -> Iterator[Patient]:
    """Those that could not be reviewed come last: they never stand in the way of the others."""
    said = Q(row__snapshot__catalog_digest=catalog_of(site).digest, row__snapshot__engine=ENGINE)
    fresh = said & Q(row__snapshot__record_version=F("record_version"))
    impossible = Q(row__now__startswith=CANNOT_BE_REVIEWED)
    yield from _in_care(site).exclude(fresh).exclude(impossible)[:AT_A_TIME]
    yield from _in_care(site).exclude(fresh).filter(impossible)[:AT_A_TIME]


def _of_yesterday(site: Site, now: datetime) -> Iterator[Patient]:
    for zone in _in_care(site).order_by("zone").values_list("zone", flat=True).distinct():
        today = now.astimezone(ZoneInfo(zone or site.zone)).date()
        yield from _in_care(site).filter(zone=zone, row__snapshot__on__lt=today)[:AT_A_TIME]


def _in_care(site: Site) -> QuerySet[Patient]:
    return Patient.objects.filter(site=site, in_care=True).select_related("site").order_by("pk")


def _refreshed(patients: Iterator[Patient], now: datetime) -> int:
    done = 0
    for tried, patient in enumerate(patients, 1):
        done += refresh(patient, now) is not None
        if tried >= AT_A_TIME:
            break
    return done
