"""The calibration ledger: every chance that was shown, and how the rating that it spoke of came out.

A forecast is entered once, when a snapshot first shows it, and closed once: scored by its rating, or closed without a
score (nobody answered, or the treatment was changed). `scored_on` empty: still open. Of a closed one without a score,
`scored_by` says why, and `came_true` stays empty: a rating that never came is counted, and is never "not remitted".
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from euthymia.catalog import Catalog
from euthymia.episode import current_episode
from euthymia.ledger import Evidence, Outcome, evidence, settle
from euthymia.number_withdrawn import without_number
from euthymia.reviewing import Review
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.audit.acting import action, nothing_changed, told
from euthymia_clinic.audit.actor import Actor
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.catalogs.models import Withdrawal
from euthymia_clinic.chart.models import Event, Forecast, PanelRow, Patient, ReviewSnapshot
from euthymia_clinic.chart.to_core import record_of

NEVER_CAME, PLAN_CHANGED = "never_came", "plan_changed"


@dataclass(frozen=True)
class Counts:
    """The ledger of a site in numbers: `open` waits for its rating; `never_came` and `plan_changed` were closed without a score."""

    scored: int
    patients: int
    open: int
    never_came: int
    plan_changed: int
    not_shown: int


def remember(patient: Patient, snapshot: ReviewSnapshot, review: Review) -> Forecast | None:
    """Enter the chance of a review, inside the action that stores it; None where it has none. Shown again, it is the same forecast."""
    verdict, episode = review.verdict, review.episode
    used = review.provenance.population
    if verdict.probability is None or verdict.horizon is None or used is None or episode.primary is None:
        return None
    made_on = next(step.chance.day for step in reversed(verdict.steps) if step.chance is not None)
    label = label_of(catalog_of(patient.site), used.id)
    forecast, _ = Forecast.objects.get_or_create(
        patient=patient,
        made_on=made_on,
        horizon=verdict.horizon,
        probability=verdict.probability,
        defaults={
            "site": patient.site,
            "snapshot": snapshot,
            "instrument": episode.primary,
            "definition": episode.definition,
            "population": label,
            "status": verdict.status,
            "shown": number_is_withdrawn(patient.site) is None,
        },
    )
    return forecast


@action("forecasts.settled")
def settle_patient(actor: Actor, /, patient: Patient, on: date) -> int:
    """Close the patient's open forecasts whose rating has come, or can come no more; how many were closed."""
    catalog = catalog_of(patient.site)
    waiting = list(Forecast.objects.select_for_update().filter(patient=patient, scored_on=None).order_by("pk"))
    episode = current_episode(record_of(patient).until(on), catalog) if waiting else None
    closed: dict[str, int] = {}
    for forecast in waiting:
        if episode is None or (cut := _cut(catalog, forecast)) is None:
            continue
        found = settle(forecast.made_on, forecast.horizon, forecast.instrument, cut, episode, catalog.ledger, on)
        if found is None:
            continue
        by = found.rating[:200] if found.ending == "scored" else found.ending
        Forecast.objects.filter(pk=forecast.pk).update(scored_on=found.on, scored_by=by, came_true=found.came_true)
        closed[found.ending] = closed.get(found.ending, 0) + 1
    told(patient.subject, **closed) if closed else nothing_changed()
    return sum(closed.values())


@action("number.withdrawn")
def withdraw_number(actor: Actor, /, site: Site, on: date) -> Withdrawal | None:
    """Withdraw the number where the site's own data exclude that it is right; the words remain. None where they do not."""
    Site.objects.select_for_update().get(pk=site.pk)
    found = evidence_of(site)
    if not found.withdraw or number_is_withdrawn(site) is not None:
        nothing_changed()
        return None
    made = Withdrawal(
        site=site,
        at=timezone.now(),
        on=on,
        populations=sorted(labels_of(catalog_of(site))),
        factor=found.factor,
        forecasts=found.forecasts,
        patients=found.patients,
    )
    made.save()
    PanelRow.objects.filter(site=site).update(probability=None)
    told(f"site:{site.pk}", factor=round(found.factor, 1), forecasts=found.forecasts, patients=found.patients)
    return made


def number_is_withdrawn(site: Site) -> Withdrawal | None:
    """The withdrawal that holds at a site: the last one, as long as one of its populations is still in the catalog in force."""
    last = Withdrawal.objects.filter(site=site).order_by("-pk").first()
    return last if last is not None and labels_of(catalog_of(site)).intersection(last.populations) else None


def as_shown(site: Site, review: Review) -> Review:
    """A review as it may be shown at a site: without its number where that is withdrawn."""
    return without_number(review) if number_is_withdrawn(site) is not None else review


def evidence_of(site: Site) -> Evidence:
    """What the site's scored forecasts say against the chances of the populations in force."""
    catalog = catalog_of(site)
    return evidence(outcomes_of(scored(site, catalog)), catalog.ledger)


def scored(site: Site, catalog: Catalog) -> list[Forecast]:
    """The scored forecasts of the populations in force, in the order in which they were made."""
    return list(Forecast.objects.filter(site=site, came_true__isnull=False, population__in=labels_of(catalog)).order_by("made_on", "pk"))


def outcomes_of(forecasts: Iterable[Forecast]) -> list[Outcome]:
    """Scored forecasts as the core's test takes them."""
    return [
        Outcome(str(each.patient_id), each.made_on, each.scored_on, each.probability, bool(each.came_true))
        for each in forecasts
        if each.scored_on is not None
    ]


def counts_of(site: Site) -> Counts:
    """How many forecasts were scored, wait, and were closed without a score."""
    found = Forecast.objects.filter(site=site).aggregate(
        scored=Count("pk", filter=Q(came_true__isnull=False)),
        patients=Count("patient", filter=Q(came_true__isnull=False), distinct=True),
        open=Count("pk", filter=Q(scored_on=None)),
        never_came=Count("pk", filter=Q(scored_by=NEVER_CAME, came_true=None)),
        plan_changed=Count("pk", filter=Q(scored_by=PLAN_CHANGED, came_true=None)),
        not_shown=Count("pk", filter=Q(shown=False)),
    )
    return Counts(**found)


def label_of(catalog: Catalog, population: str) -> str:
    """A population with a digest of its numbers: another fit of it is another forecaster, with a ledger of its own."""
    fitted = catalog.populations.get(population)
    numbers = hashlib.sha256(fitted.model_dump_json().encode()).hexdigest()[:8] if fitted else "unknown"
    return f"{population[:50]}@{numbers}"


def labels_of(catalog: Catalog) -> frozenset[str]:
    """The labels of every population of a catalog."""
    return frozenset(label_of(catalog, population) for population in catalog.populations)


def closable(site: Site, on: date) -> list[Patient]:
    """Patients with an open forecast that can be closed: a rating stands in its window, or none can come any more."""
    rules = catalog_of(site).ledger
    window, late = timedelta(days=rules.window_days.value), timedelta(days=rules.late_entry_days.value)
    waiting = list(
        Forecast.objects.filter(site=site, scored_on=None, horizon__lte=on + window).values_list("patient", "horizon", "instrument")
    )
    rated = _rated_days({patient for patient, _, _ in waiting}, min((horizon for _, horizon, _ in waiting), default=on) - window, on)
    ready = {
        patient
        for patient, horizon, instrument in waiting
        if on > horizon + window + late
        or any(abs(day - horizon) <= window and (day >= horizon or on > horizon + window) for day in rated.get((patient, instrument), ()))
    }
    return list(Patient.objects.filter(pk__in=ready).select_related("site").order_by("pk"))


def _rated_days(patients: set[UUID], since: date, until: date) -> dict[tuple[UUID, str], list[date]]:
    """The days of every assessment, by patient and instrument; whether it counts, the core says."""
    found: dict[tuple[UUID, str], list[date]] = {}
    rows = Event.objects.filter(patient__in=patients, kind="assessment", day__gte=since, day__lte=until)
    for patient, instrument, day in rows.values_list("patient", "body__instrument", "day"):
        found.setdefault((patient, instrument), []).append(day)
    return found


def _cut(catalog: Catalog, forecast: Forecast) -> float | None:
    definition = catalog.definitions.get(forecast.definition)
    cut = definition.remission.get(forecast.instrument) if definition else None
    return cut.at_most if cut else None
