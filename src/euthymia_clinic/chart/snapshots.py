"""Snapshots: what a review said, stored as it was said. Written after each write and at the midnight of the patient's zone."""

import json
import zlib
from datetime import date, datetime
from functools import cache
from uuid import UUID

from django.utils import timezone
from pydantic import TypeAdapter, ValidationError

from euthymia import __version__
from euthymia.reviewing import Review, digest, review, review_digest
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor, system
from euthymia_clinic.catalogs.in_force import catalog_of, keep_shipped
from euthymia_clinic.chart.ledger import remember
from euthymia_clinic.chart.models import Event, PanelRow, Patient, ReviewSnapshot
from euthymia_clinic.chart.needs import Need
from euthymia_clinic.chart.rows import write_row
from euthymia_clinic.chart.to_core import record_of, zone_of

# A longer record is reviewed by the worker; the page says so until then.
AT_ONCE = 5_000
CANNOT_BE_REVIEWED = "cannot be reviewed"
ENGINE = f"euthymia {__version__}"


def refresh_soon(patient_id: UUID) -> None:
    """Review a patient now, unless the record is so long that a reader would wait for it."""
    if Event.objects.filter(patient=patient_id).count() <= AT_ONCE:
        refresh(Patient.objects.select_related("site").get(pk=patient_id))


def refresh(patient: Patient, now: datetime | None = None) -> ReviewSnapshot | None:
    """Review a patient as of today; None where that cannot be done, which the panel then says. It never raises for bad data."""
    try:
        return take_snapshot(system("review"), patient, today_of(patient, now))
    except Exception as error:
        # Its type alone: a message may hold what a patient answered.
        say_cannot_be_reviewed(system("review"), patient, type(error).__name__)
        return None


def today_of(patient: Patient, now: datetime | None = None) -> date:
    """The calendar day on which a patient is reviewed: today in their own zone."""
    return (now or timezone.now()).astimezone(zone_of(patient)).date()


def take_snapshot(actor: Actor, /, patient: Patient, on: date) -> ReviewSnapshot:
    """Review a patient as of a day with the catalog in force at the site, and keep what it said."""
    # The version first: what is written in the meantime makes the snapshot stale, never the other way round. And outside of
    # the transaction that stores it: on SQLite nobody else can write while one is open.
    version = Patient.objects.values_list("record_version", flat=True).get(pk=patient.pk)
    record, catalog = record_of(patient), catalog_of(patient.site)
    found = review(record, catalog, on)
    snapshot = ReviewSnapshot(
        patient=patient,
        on=on,
        made_at=timezone.now(),
        record_version=version,
        record_digest=digest(record),
        catalog_digest=catalog.digest,
        engine=found.provenance.engine,
        digest=review_digest(found),
        review=zlib.compress(json.dumps(found.to_dict(), separators=(",", ":")).encode()),
    )
    return store_review(actor, patient, snapshot, found)


@action("review.stored")
def store_review(actor: Actor, /, patient: Patient, snapshot: ReviewSnapshot, found: Review) -> ReviewSnapshot:
    """Keep a snapshot with its row of the panel and its forecast. A later one that stands already is given back instead."""
    Patient.objects.select_for_update().get(pk=patient.pk)
    last = latest(patient)
    if last is not None and (last.record_version, last.on) > (snapshot.record_version, snapshot.on):
        nothing_changed()
        return last
    keep_shipped()
    snapshot.save()
    write_row(patient, snapshot, found)
    remember(patient, snapshot, found)
    told(patient.subject, snapshot=snapshot.pk, digest=snapshot.digest)
    return snapshot


@action("review.impossible")
def say_cannot_be_reviewed(actor: Actor, /, patient: Patient, error: str) -> None:
    """Say on the panel that a record cannot be reviewed, by the type of the error; said once, not at each new try."""
    said = f"{CANNOT_BE_REVIEWED} ({error[:60]})"
    row, made = PanelRow.objects.select_for_update().get_or_create(
        patient=patient, defaults={"site": patient.site, "need": Need.UNDECIDED, "status": "cannot_tell", "now": said}
    )
    if not made and row.now == said:
        nothing_changed()
        return
    PanelRow.objects.filter(pk=row.pk).update(need=min(row.need, Need.UNDECIDED), status="cannot_tell", now=said, probability=None)
    told(patient.subject, error=error)


def latest(patient: Patient) -> ReviewSnapshot | None:
    """The last snapshot of a patient."""
    return ReviewSnapshot.objects.filter(patient=patient).order_by("-pk").first()


def review_in(snapshot: ReviewSnapshot) -> Review:
    """The review that a snapshot holds, as it was said then. Raises pydantic's ValidationError where this engine cannot read it."""
    return _adapter().validate_json(zlib.decompress(bytes(snapshot.review)))


def readable(snapshot: ReviewSnapshot | None) -> Review | None:
    """The review that a snapshot holds; None without one, or where this engine cannot read what another wrote."""
    try:
        return review_in(snapshot) if snapshot is not None else None
    except ValidationError:
        return None


def is_stale(snapshot: ReviewSnapshot, patient: Patient) -> bool:
    """Whether something was recorded, a day has passed, another catalog was adopted or another engine was installed since."""
    return (
        snapshot.engine != ENGINE
        or snapshot.record_version != patient.record_version
        or snapshot.on != today_of(patient)
        or snapshot.catalog_digest != catalog_of(patient.site).digest
    )


@cache
def _adapter() -> TypeAdapter[Review]:
    return TypeAdapter(Review)
