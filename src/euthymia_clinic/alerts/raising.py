"""From a triage to an alert: raised once for each source, moved up by what comes later in the same contact, never silenced."""

from datetime import datetime, timedelta

from django.db.models import Q

from euthymia.alerting import TIERS
from euthymia.catalog import Catalog
from euthymia.triage import Triage
from euthymia_clinic.alerts.models import Alert, Raised
from euthymia_clinic.alerts.watching import see_by
from euthymia_clinic.audit.acting import nothing_changed, told
from euthymia_clinic.chart import rows
from euthymia_clinic.chart.models import Patient


def apply(patient: Patient, source: str, found: Triage, catalog: Catalog, now: datetime) -> Alert | None:
    """Raise an alert, move the one of the same contact, or leave it: inside an action, with the patient's row locked."""
    # One contact, one alert: by its assessments, and by the clock (a sitting that is not finished has none in the record).
    recent = now - timedelta(hours=catalog.alerts.contact_hours.value)
    same = Q(raised__source__in=found.contact or (source,)) | Q(raised_at__gte=recent)
    kin = Alert.objects.filter(same, patient=patient).order_by("-raised_at").distinct()
    standing = kin.exclude(state=Alert.State.RESOLVED).first()
    known = Raised.objects.filter(patient=patient, source=source, tier=found.tier or "", why=found.row)
    # Once somebody has ended it, only an answer that is positive itself begins again.
    over = standing is None and kin.exists() and not found.positive
    if found.tier is None or over or known.exists():
        nothing_changed()
        return standing
    if standing is None:
        standing = _new(patient, source, found, now)
    else:
        _move(standing, found, catalog, now)
    Raised(alert=standing, patient=patient, source=source, tier=found.tier, why=found.row, catalog=catalog.digest, at=now).save()
    mark(patient)
    told(patient.subject, alert=str(standing.pk), source=source, catalog=catalog.digest)
    return standing


def mark(patient: Patient) -> None:
    """Show the worst alert that is not resolved on the patient's row of the panel."""
    standing = Alert.objects.filter(patient=patient).exclude(state=Alert.State.RESOLVED)
    worst = min(standing, key=lambda alert: (TIERS.index(alert.tier), alert.raised_at), default=None)
    rows.mark_alert(patient, worst.tier if worst else "", worst.raised_at if worst else None)


def _new(patient: Patient, source: str, found: Triage, now: datetime) -> Alert:
    alert = Alert(patient=patient, site=patient.site, source=source, raised_at=now)
    _set(alert, found, now)
    alert.save()
    return alert


def _move(alert: Alert, found: Triage, catalog: Catalog, now: datetime) -> None:
    """Up at once, and open again; down only from "the screener is not answered", by the screener's own answer.

    An answer of the same tier says more than a worry does: the alert goes on under the answer's reason, never the other way round.
    """
    before, after = TIERS.index(alert.tier), TIERS.index(found.tier or "low")
    waited = alert.why == catalog.alerts.row("unscreened").id and bool(found.rule)
    worried = alert.why == catalog.alerts.row("patient_concern").id
    if after < before:
        alert.state, alert.acknowledged_at, alert.acknowledged_by = Alert.State.OPEN, None, None
        _set(alert, found, now)
    elif worried and after == before:
        alert.why = found.row
    elif waited and alert.tier != Alert.Tier.HIGH and found.row != alert.why:
        alert.why = found.row
        if after > before:
            _set(alert, found, now)
    alert.save()


def _set(alert: Alert, found: Triage, now: datetime) -> None:
    """The tier, and its clock: high pages now, same day when its time has passed, low never."""
    alert.tier, alert.why = found.tier or "", found.row
    alert.see_by = {"high": now, "same_day": see_by(alert.site, now)}.get(alert.tier)
    alert.escalate_at = alert.see_by


def after_hours(alert: Alert) -> bool:
    """Whether an alert was raised outside of the site's hours, so that it is to be seen when the next working day begins."""
    if alert.tier != Alert.Tier.SAME_DAY or alert.see_by is None:
        return False
    raised, by = alert.raised_at.astimezone(alert.site.tz), alert.see_by.astimezone(alert.site.tz)
    return by.date() > raised.date() and by - raised > timedelta(0) and by.time() == alert.site.watched_from
