"""What stands around a virtual patient's record: alerts and what became of them, check-ins of the last weeks."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from euthymia_clinic.accounts.models import User
from euthymia_clinic.alerts.models import Alert, Raised
from euthymia_clinic.alerts.raising import mark
from euthymia_clinic.alerts.watching import see_by
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.checkins.models import Checkin
from euthymia_clinic.demo.cast import Place
from euthymia_clinic.demo.making import Made, Raise

_WEEKS_BACK = timedelta(weeks=6)
# How long ago an alert of a tier may have been raised and still stand.
_STANDS = {"high": timedelta(hours=24), "same_day": timedelta(hours=30), "low": timedelta(days=10)}
_CHANCE = 51
_NOTES = (
    "Called back. Thoughts without intent; safety plan gone through; next contact agreed.",
    "Seen before the session. No intent, no plan; the family knows whom to call.",
    "Talked on the telephone; seen two days later. Unchanged since the last visit.",
    "Reached the same day; the safety plan was brought up to date together.",
)


@action("demo.around")
def put_around(actor: Actor, /, patient: Patient, prescriber: User, found: Made, now: datetime) -> None:
    """Write the alerts that the patient's answers raised, with what was done about each, and the check-ins."""
    alerts = [_alert(patient, prescriber, found.place, each, now) for each in found.raised]
    Alert.objects.bulk_create(alerts)
    catalog = found.review.provenance.catalog_digest
    Raised.objects.bulk_create(
        Raised(alert=alert, patient=patient, source=each.source, tier=each.tier, why=each.why, catalog=catalog, at=each.at)
        for alert, each in zip(alerts, found.raised, strict=True)
    )
    if alerts:
        mark(patient)
    checkins = Checkin.objects.bulk_create(_checkins(patient, found, now))
    told(patient.subject, alerts=len(alerts), checkins=len(checkins)) if alerts or checkins else nothing_changed()


def _alert(patient: Patient, prescriber: User, place: Place, each: Raise, now: datetime) -> Alert:
    """An alert as it stands: open while it is young, else acknowledged and resolved with a note."""
    chance = place.stream(_CHANCE + each.at.date().toordinal())
    alert = Alert(patient=patient, site=patient.site, tier=each.tier, why=each.why, source=each.source, raised_at=each.at)
    alert.see_by = {"high": each.at, "same_day": see_by(patient.site, each.at)}.get(each.tier)
    if now - each.at <= _STANDS[each.tier]:
        alert.escalate_at = alert.see_by
        return alert
    seen = (alert.see_by or each.at + timedelta(days=2)) if each.tier != "high" else each.at
    wait = timedelta(minutes=int(chance.integers(2, 9 if each.tier == "high" else 90)))
    alert.acknowledged_at = min(seen + wait if each.tier != "same_day" else each.at + wait, now)
    alert.resolved_at = min(alert.acknowledged_at + timedelta(minutes=int(chance.integers(15, 240))), now)
    alert.acknowledged_by = alert.resolved_by = prescriber
    alert.state, alert.acted_on = Alert.State.RESOLVED, bool(each.tier != "low" or chance.random() < 0.5)
    alert.note = _NOTES[int(chance.integers(len(_NOTES)))]
    return alert


def _checkins(patient: Patient, found: Made, now: datetime) -> list[Checkin]:
    """The check-ins of the last weeks, as the record's requests have them."""
    zone, checkins = ZoneInfo(found.place.zone), []
    for row in found.rows:
        opens = datetime.combine(row.day - timedelta(days=1), time(9), zone)
        if row.kind != "request" or now - opens > _WEEKS_BACK:
            continue
        closes = datetime.combine(row.day + timedelta(days=1), time(0), zone)
        outcome = row.body.get("outcome", "open")
        ended = datetime.combine(row.day, time(9), zone) if outcome == "answered" else closes
        checkins.append(
            Checkin(
                patient=patient,
                instruments=[row.body["instrument"]],
                occasion=f"rating:{row.day}",
                anchor=row.day,
                opens_at=opens,
                closes_at=closes,
                outcome=outcome,
                reason=row.body.get("reason", ""),
                ended_at=ended,
                made_at=opens,
                triaged_at=ended if outcome == "answered" else None,
            )
        )
    return checkins
