"""What the pages of the alerts show: words, ages, people and times; nothing is decided here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from euthymia.alerting import TIERS
from euthymia.catalog import Catalog
from euthymia.events import Concern
from euthymia.facts import Status
from euthymia.moment import day_in_words
from euthymia.ratings import Rating, read_assessments
from euthymia.record import PatientRecord
from euthymia.triage import answered_on, of_row
from euthymia_clinic.alerts.measures import TIER_WORDS
from euthymia_clinic.alerts.models import Alert, Page
from euthymia_clinic.alerts.raising import after_hours
from euthymia_clinic.chart.to_core import zone_of

# So many forms stand open on the page; those before them unfold.
RECENT = 10
SHAPES = {"high": "▲", "same_day": "◆", "low": "○"}
TONES = {"high": "positive", "same_day": "holding", "low": ""}
CHANNELS = {"mail": "mail", "text": "text message"}
NOTE_WORDS = {
    "patient_reached": "The patient was reached",
    "suicidality_reviewed": "The answers were reviewed with the patient",
    "past_behaviour_reviewed": "Behaviour long ago was reviewed",
    "safety_plan": "There is a safety plan, made or gone through today",
}
# What a fact of the catalog rests on, as it is said everywhere.
STATUS_SAID: dict[Status, str] = {"verified": "verified", "recalled": "recalled, not checked", "design": "this project's design"}


@dataclass(frozen=True)
class Line:
    """One alert in the list."""

    id: str
    tier: str
    words: str
    shape: str
    tone: str
    patient: str
    code: str
    why: str
    age: str
    raised: str
    see_by: str
    late: bool
    state: str
    open: bool
    paged: str
    acted: str


def lines(alerts: list[Alert], catalog: Catalog, now: datetime) -> list[Line]:
    """The alerts as a list: open before acknowledged before resolved, then by tier, then the oldest first."""
    states = [str(state) for state in Alert.State]
    ordered = sorted(alerts, key=lambda a: (states.index(a.state), TIERS.index(a.tier), a.raised_at))
    return [line(alert, catalog, now) for alert in ordered]


def line(alert: Alert, catalog: Catalog, now: datetime) -> Line:
    """One alert in words. Its pages are read from what was fetched with it."""
    zone, pages = alert.site.tz, list(alert.pages.all())
    standing = alert.state != Alert.State.RESOLVED
    return Line(
        id=str(alert.pk),
        tier=alert.tier,
        words=TIER_WORDS[alert.tier],
        shape=SHAPES[alert.tier],
        tone=TONES[alert.tier],
        patient=alert.patient.name or alert.patient.code,
        code=alert.patient.code,
        why=begun(why(alert, catalog)),
        age=age(now - alert.raised_at),
        raised=clock(alert.raised_at, zone, now),
        see_by=see_by(alert, now),
        late=standing and alert.tier != "high" and alert.see_by is not None and alert.see_by < now,
        state=Alert.State(alert.state).label,
        open=alert.state == Alert.State.OPEN,
        paged=paged(pages[-1], zone, now) if pages else "",
        acted={True: "acted on", False: "read, nothing further", None: ""}[alert.acted_on],
    )


def why(alert: Alert, catalog: Catalog) -> str:
    """Why it has its tier, in plain words; of a row that the catalog in force does not have, its id."""
    return next((row.words for row in catalog.alerts.rows if row.id == alert.why), alert.why.replace("_", " "))


def begun(words: str) -> str:
    """Words as the beginning of a sentence."""
    return words[:1].upper() + words[1:]


def see_by(alert: Alert, now: datetime) -> str:
    """By when it is to be seen, and that it came after hours."""
    if alert.tier == Alert.Tier.HIGH:
        return "now"
    if alert.see_by is None:
        return "at the next review"
    said = f"by {clock(alert.see_by, alert.site.tz, now)}"
    return f"{said} (raised after hours: when the next working day begins)" if after_hours(alert) else said


def paged(page: Page, zone: ZoneInfo, now: datetime) -> str:
    """Who was told, how and when, and whether it went."""
    went = {True: "", False: ", not taken by the channel", None: ", on its way"}[page.sent]
    return f"{page.user.name} by {CHANNELS.get(page.channel, page.channel)}, {clock(page.at, zone, now)}{went}"


def age(span: timedelta) -> str:
    """How long ago, as a person says it."""
    minutes = max(int(span.total_seconds() // 60), 0)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes // (24 * 60)} days"


def clock(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """An instant on the site's clock: the time alone on the same day."""
    local = at.astimezone(zone)
    same = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if same else f"{local.day} {local:%b %Y}, {local:%H:%M}"


def alert_context(alert: Alert, record: PatientRecord, catalog: Catalog, now: datetime) -> dict[str, Any]:
    """One alert: what was answered, why it has its tier, what is done now, what was answered before, and what happened."""
    ratings = read_assessments(record, catalog, None)[0]
    sources = {row.source for row in alert.raised.all()}
    row = next((row for row in catalog.alerts.rows if row.id == alert.why), None)
    found = of_row(catalog, row) if row else None
    reference = catalog.references.get(found.ref or "") if found else None
    before = by_form(catalog, [rating for rating in ratings if rating.id not in sources])
    return {
        "line": line(alert, catalog, now),
        "answered": [words for _, words, positive in answered_on(catalog, [r for r in ratings if r.id in sources]) if positive],
        "unfinished": not any(rating.id in sources for rating in ratings),
        "concern": next((event for event in record.of_kind(Concern) if event.id in {alert.source, *sources}), None),
        "steps": [begun(step) for step in found.steps] if found else [],
        "rule": found.rule if found else "",
        "status": STATUS_SAID[found.status] if found else "",
        "reference": reference.citation if reference else "",
        "history": before[:RECENT],
        "earlier": before[RECENT:],
        "happened": happened(alert, catalog, now),
        "today": day_in_words(now.astimezone(zone_of(alert.patient)).date()),
    }


def by_form(catalog: Catalog, ratings: Sequence[Rating]) -> list[tuple[str, bool]]:
    """Every form that asked, newest first: its positive answers, or that none was."""
    found: list[tuple[str, bool]] = []
    for rating in reversed(ratings):
        answers = list(answered_on(catalog, [rating]))
        positive = [words for _, words, is_positive in answers if is_positive]
        found += [(words, True) for words in positive]
        if answers and not positive:
            found.append((f"{catalog.instruments[rating.instrument].short_name}: no positive answer on {day_in_words(rating.day)}", False))
    return found


def happened(alert: Alert, catalog: Catalog, now: datetime) -> list[tuple[str, str]]:
    """Everything that happened to an alert, in order: when, what."""
    zone = alert.site.tz
    rows: list[tuple[datetime, str]] = []
    for number, raised in enumerate(alert.raised.all()):
        words = next((row.words for row in catalog.alerts.rows if row.id == raised.why), raised.why.replace("_", " "))
        rows.append((raised.at, f"{'Raised' if number == 0 else 'Triaged again'} ({TIER_WORDS[raised.tier].lower()}): {words}"))
    for page in alert.pages.all():
        went = {True: "told", False: "could not be told", None: "is being told"}[page.sent]
        tries = f", {page.attempts} attempts" if page.attempts > 1 else ""
        trouble = f" ({page.trouble})" if page.trouble else ""
        rows.append((page.at, f"{page.user.name} {went} by {CHANNELS.get(page.channel, page.channel)}{tries}{trouble}"))
    if alert.acknowledged_at and alert.acknowledged_by:
        rows.append((alert.acknowledged_at, f"Acknowledged by {alert.acknowledged_by.name}"))
    if alert.resolved_at and alert.resolved_by:
        rows.append((alert.resolved_at, f"Resolved by {alert.resolved_by.name}"))
    return [(clock(at, zone, now), words) for at, words in sorted(rows, key=lambda row: row[0])]
