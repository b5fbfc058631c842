"""What becomes of the alerts: how many per 100 forms, the share acted on, how long each took; and whether a site keeps up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from euthymia.alerting import TIERS
from euthymia.catalog import Catalog
from euthymia_clinic.accounts.models import Site
from euthymia_clinic.alerts.models import Alert
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.models import Event

TIER_WORDS = {"high": "Now", "same_day": "Same working day", "low": "Next review"}


@dataclass(frozen=True)
class Course:
    """One alert: when it was raised, acknowledged and resolved, and whether something was done."""

    tier: str
    raised: datetime
    acknowledged: datetime | None
    resolved: datetime | None
    acted_on: bool | None


@dataclass(frozen=True)
class TierMeasures:
    """One tier: how many, how many are not resolved, and the middle time in minutes to each step."""

    tier: str
    words: str
    alerts: int
    standing: int
    minutes_to_acknowledge: float | None
    minutes_to_resolve: float | None


@dataclass(frozen=True)
class Month:
    """One month of a site. `first`: its first day."""

    first: date
    forms: int
    alerts: int
    resolved: int
    per_100: float | None


@dataclass(frozen=True)
class Measures:
    """The measures of a site over a time. `behind`: in words, where it receives more than it resolves; None where it keeps up."""

    since: date
    until: date
    forms: int
    alerts: int
    per_100: float | None
    acted_on: float | None
    tiers: tuple[TierMeasures, ...]
    months: tuple[Month, ...]
    behind: str | None


def measures(site: Site, since: date, until: date) -> Measures:
    """The measures of a site from one day through another, in its own zone."""
    catalog = catalog_of(site)
    asks = [name for name, instrument in catalog.instruments.items() if any(i.suicidality_trigger is not None for i in instrument.items)]
    forms = Event.objects.filter(patient__site=site, kind="assessment", day__range=(since, until), body__instrument__in=asks)
    begin, end = _start(site, since), _start(site, until + timedelta(days=1))
    recent = _start(site, until - timedelta(days=round(catalog.alerts.measured_days.value) - 1))
    rows = Alert.objects.filter(site=site, raised_at__lt=end).values_list("tier", "raised_at", "acknowledged_at", "resolved_at", "acted_on")
    known = [Course(*row) for row in rows]
    found = [course for course in known if course.raised >= begin]
    days = list(forms.values_list("day", flat=True))
    return measured(site, (since, until), days, found, behind_in_words(catalog, known, recent, end))


def measured(site: Site, span: tuple[date, date], forms: Sequence[date], alerts: Sequence[Course], behind: str | None) -> Measures:
    """The measures from the days of the forms and the courses of the alerts."""
    ended = [course for course in alerts if course.resolved is not None]
    return Measures(
        since=span[0],
        until=span[1],
        forms=len(forms),
        alerts=len(alerts),
        per_100=_per_100(len(alerts), len(forms)),
        acted_on=sum(1 for course in ended if course.acted_on) / len(ended) if ended else None,
        tiers=tuple(_tier(tier, [course for course in alerts if course.tier == tier]) for tier in TIERS),
        months=tuple(_months(site, span, forms, alerts)),
        behind=behind,
    )


def behind_in_words(catalog: Catalog, alerts: Sequence[Course], since: datetime, until: datetime) -> str | None:
    """That more has come than was resolved, in words, by the numbers of `help/alerts.toml`; None where the site keeps up."""
    received = sum(1 for course in alerts if since <= course.raised < until)
    resolved = sum(1 for course in alerts if course.resolved is not None and since <= course.resolved < until)
    if received - resolved < catalog.alerts.receives_more_by.value:
        return None
    days = catalog.alerts.measured_days.value
    return (
        f"This site receives more alerts than it resolves: {received} received and {resolved} resolved in the last {days:g} days. "
        "An alert that nobody can answer protects nobody: more people on call, or fewer alerts by the site's own values."
    )


def _tier(tier: str, courses: Sequence[Course]) -> TierMeasures:
    def middle(minutes: list[float]) -> float | None:
        return median(minutes) if minutes else None

    return TierMeasures(
        tier,
        TIER_WORDS[tier],
        len(courses),
        sum(1 for course in courses if course.resolved is None),
        middle([(c.acknowledged - c.raised).total_seconds() / 60 for c in courses if c.acknowledged]),
        middle([(c.resolved - c.raised).total_seconds() / 60 for c in courses if c.resolved]),
    )


def _months(site: Site, span: tuple[date, date], forms: Sequence[date], alerts: Sequence[Course]) -> Iterator[Month]:
    first = span[0].replace(day=1)
    while first <= span[1]:
        following = (first + timedelta(days=32)).replace(day=1)
        asked = sum(1 for day in forms if first <= day < following)
        raised = sum(1 for course in alerts if first <= course.raised.astimezone(site.tz).date() < following)
        ended = sum(1 for c in alerts if c.resolved and first <= c.resolved.astimezone(site.tz).date() < following)
        yield Month(first, asked, raised, ended, _per_100(raised, asked))
        first = following


def _per_100(alerts: int, forms: int) -> float | None:
    return 100 * alerts / forms if forms else None


def _start(site: Site, day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=site.tz)
