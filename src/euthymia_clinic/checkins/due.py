"""What is due for a patient, from the stored review: the rhythm of the plan in force, and what can be asked."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from euthymia.asking import can_be_asked
from euthymia.catalog import Catalog
from euthymia.events import DoseSession, Person, Plan
from euthymia.record import PatientRecord
from euthymia.reviewing import Review
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.checkins.planning import Rhythm

# Check-ins that the rhythm goes by; one that staff sent beside them does not move it.
IN_RHYTHM = ("session:", "rating:")


def has_died(record: PatientRecord) -> bool:
    """Whether the record says that the patient has died: then nobody is asked anything."""
    return any(person.died for person in record.of_kind(Person))


def rhythm_of(patient: Patient, review: Review, record: PatientRecord, zone: ZoneInfo) -> Rhythm:
    """How often this patient is rated and seen, by the plan in force."""
    plan, days = review.episode.plan, review.episode.session_days
    own = [p for p in record.of_kind(Plan) if p.at.day(zone) <= review.on]
    every = (own[-1].session_interval_days if own and not plan.assumed else None) or plan.phase.session_interval_days
    rated = [rating.day for rating in review.episode.series]
    return Rhythm(
        rating_days=max(1.0, float(plan.rating_interval_days)),
        session_days=max(1.0, float(every)) if every else None,
        last_session=days[-1] if days else None,
        session_time=_session_time(record, days[-1], zone) if days else None,
        last_rated=rated[-1] if rated else None,
        last_asked=_last_asked(patient, plan.since),
    )


def instruments_due(review: Review, catalog: Catalog, on: date) -> list[str]:
    """What is asked: the instrument that carries the verdict, then those of the plan and of the other domains that are due.

    Only what patients can answer themselves in its published wording; the rest is entered by staff.
    """
    primary = review.episode.primary or next((i for i in catalog.verdict.instrument_order if _can(catalog, i)), None)
    wanted = [primary] if primary else []
    latest = {rating.instrument: rating.day for rating in review.episode.ratings}
    for measure in review.episode.plan.phase.measures:
        if measure.instrument and measure.anchor in ("before_session", "days"):
            since = latest.get(measure.instrument)
            if since is None or measure.every_days is None or (on - since).days >= int(measure.every_days):
                wanted.append(measure.instrument)
    missing = {item.id.removeprefix("measure_") for item in review.due if item.id.startswith("measure_")}
    wanted += [each.id for each in catalog.instruments.values() if each.domain in missing and _can(catalog, each.id)]
    return [each for each in dict.fromkeys(wanted) if _can(catalog, each)]


def _can(catalog: Catalog, instrument_id: str) -> bool:
    return instrument_id in catalog.instruments and can_be_asked(catalog.instruments[instrument_id])


def _session_time(record: PatientRecord, day: date, zone: ZoneInfo) -> time | None:
    """When the last session began, by the patient's clock; None where only its day is known."""
    instants: list[datetime] = [s.at.instant for s in record.of_kind(DoseSession) if s.at.instant and s.at.day(zone) == day]
    return min(instants).astimezone(zone).time().replace(second=0, microsecond=0) if instants else None


def _last_asked(patient: Patient, since: date) -> date | None:
    """The day for which the last check-in of the rhythm was planned, under the plan in force."""
    found = Checkin.objects.filter(patient=patient, anchor__gte=since).order_by("-anchor")
    return next((c.anchor for c in found.only("anchor", "occasion")[:20] if c.occasion.startswith(IN_RHYTHM)), None)
