"""The phrases that the page and the terminal share, so that both say the same in the same order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from euthymia.domains import DomainView
from euthymia.due import DueItem
from euthymia.instrument import Domain
from euthymia.moment import day_in_words
from euthymia.reviewing import Review
from euthymia.safety import Finding, FindingState
from euthymia.verdict import Status
from euthymia.wording import STATUS_ORDER

Tone = Literal["remission", "moving", "holding", "not_improving", "losing", "plain"]

TONES: dict[Status, Tone] = {
    "remission": "remission",
    "moving_toward_remission": "moving",
    "holding_above_remission": "holding",
    "not_improving": "not_improving",
    "losing_ground": "losing",
    "undecided": "plain",
    "too_early": "plain",
    "cannot_tell": "plain",
}
DOMAIN_WORDS: dict[Domain, str] = {
    "symptoms": "Symptoms",
    "function": "Function",
    "quality_of_life": "Quality of life",
    "goals": "Own goals",
    "burden": "Burden of treatment",
}
FINDING_SHAPES: dict[FindingState, str] = {"positive": "▲", "cannot_tell": "?", "negative": "○"}
NOT_ADOPTED = "This content has not been adopted by this site."
DECISION_SUPPORT = "Decision support: it informs, the prescriber decides."


def number(value: float | None) -> str:
    """A score as it is said: at most one decimal."""
    return "not known" if value is None else f"{round(value, 1):g}"


def percent(value: float) -> str:
    """A probability as it is said: whole percents."""
    return f"{value * 100:.0f} %"


def short_day(day: date) -> str:
    """A day where room is short: 3 Mar 2026."""
    return f"{day.day} {day:%b %Y}"


def printable(text: str) -> str:
    """A text from a file as it may go to a terminal: without control characters."""
    return "".join(c if c.isprintable() else "�" for c in text)


def safety_line(review: Review) -> str:
    """What stands beside the name: the last answer on suicidal thoughts, and that something could not be read where it was so."""
    count = len(review.unread)
    return review.safety.line + (f" · {count} {'entry' if count == 1 else 'entries'} not read: see “About the data”" if count else "")


def data_lines(review: Review) -> list[str]:
    """What a reader must know about the data: what was not read, contradictions, instruments that disagree."""
    return [*(f"not read: {line}" for line in review.unread), *review.episode.findings, *review.outcomes.discordant]


def _weeks(weeks: float) -> str:
    return "1 week" if round(weeks) == 1 else f"{weeks:.0f} weeks"


def weeks_between(start: date, end: date) -> str:
    """A duration as it is said: weeks from the second one on."""
    days = (end - start).days
    if days < 14:
        return "1 day" if days == 1 else f"{days} days"
    return f"{days // 7} weeks"


def phase_words(phase: str | None) -> str:
    """Where a rating stands relative to a dose."""
    known = {"before_session": "before a session", "after_dose": "in the days after a dose", "unrelated": "not near a dose"}
    return known.get(phase or "", "place relative to a dose not known")


def instrument_name(review: Review) -> str:
    """The primary instrument as it is named on paper."""
    return review.timeline.scale.short_name if review.timeline.scale else "score"


def standing(review: Review) -> str:
    """The line below the patient's name: the day, the plan in force, time above remission and changes tried."""
    plan = review.episode.plan
    named = plan.summary or f"{plan.protocol_name}, {plan.phase.name}"
    parts = [day_in_words(review.on), named if not plan.assumed else "no plan recorded"]
    if review.verdict.weeks_above_remission:
        tried = review.verdict.changes_tried
        changes = {0: "no change tried", 1: "1 change tried"}.get(tried, f"{tried} changes tried")
        was = "was above" if review.verdict.status == "remission" else "above"
        parts.append(f"{was} remission for {_weeks(review.verdict.weeks_above_remission)}, {changes}")
    return " · ".join(parts)


def badge(review: Review) -> str:
    """The status in words and how long it has held: 'Holding above remission · 10 weeks'."""
    since = review.verdict.since
    held = weeks_between(since, review.on) if since and since < review.on else None
    return f"{review.answer.words} · {held}" if held else review.answer.words


def chance_title(review: Review) -> str | None:
    """What the one probability is about; None where there is none."""
    if review.verdict.probability is None or review.verdict.horizon is None:
        return None
    return f"{instrument_name(review)} {number(review.episode.cut)} or lower on {day_in_words(review.verdict.horizon)}"


def chance_rests_on(review: Review) -> str:
    """Ratings, sessions and the population behind the probability; a borrowed one says so."""
    parts = [_count(len(review.episode.series), "rating")]
    if doses := sum(dose.taken is True for lane in review.timeline.lanes for dose in lane.doses):
        parts[0] += f" and {_count(doses, 'dose')} recorded"
    used = review.provenance.population
    if used:
        parts.append(f"borrowed population: {used.words}" if used.borrowed else f"population: {used.words}")
    return "from " + " · ".join(parts)


def heading_words(review: Review) -> str | None:
    """Where the plan is heading, with its central 80 %: 'heading to 8 (2–14)'."""
    answer = review.verdict
    if answer.heading_to is None or answer.heading_low is None or answer.heading_high is None:
        return None
    return f"heading to {number(answer.heading_to)} ({answer.heading_low:.0f}–{answer.heading_high:.0f})"


def remission_words(review: Review) -> str:
    """The label of the remission line."""
    return f"remission: {number(review.episode.cut)} or lower"


def domain_now(view: DomainView, on: date) -> str:
    """The latest score with its instrument and day; a domain never measured says so."""
    if view.instrument is None or view.day is None:
        return view.words
    return (
        f"{view.short_name} {number(view.latest)} on {view.day.day} {view.day:%b}{f' {view.day.year}' if view.day.year != on.year else ''}"
    )


def finding_words(finding: Finding) -> str:
    """A finding with its state as a word where the sentence does not say it."""
    said_already = {"positive": "positive", "cannot_tell": "ask", "negative": ""}[finding.state]
    word = {"positive": "positive", "cannot_tell": "not known", "negative": ""}[finding.state]
    return finding.sentence if said_already in finding.sentence else f"{word}: {finding.sentence}"


def due_words(item: DueItem, on: date) -> str:
    """One thing due: what, and by when or how late."""
    if item.overdue:
        return f"{item.what} — overdue since {day_in_words(item.by)} ({weeks_between(item.by, on)})"
    return f"{item.what} — today" if item.by <= on else f"{item.what} — by {day_in_words(item.by)}"


def provenance_lines(review: Review) -> list[str]:
    """What this was computed from, so that it can be replayed."""
    from_ = review.provenance
    facts = ", ".join(f"{count} {status}" for status, count in from_.facts.items())
    return [
        f"{from_.engine}; record {from_.record_digest[:12]} ({_count(from_.events, 'event')}), catalog {from_.catalog_digest[:12]}.",
        f"Facts of the catalog: {facts}. "
        + (NOT_ADOPTED if from_.catalog_adopted_by is None else f"Adopted by {from_.catalog_adopted_by}."),
        DECISION_SUPPORT,
    ]


@dataclass(frozen=True)
class PanelRow:
    """One patient in the list of many."""

    review: Review
    now: str
    chance: str
    safety: str
    due: str


def panel_row(review: Review) -> PanelRow:
    """What the list says about one patient."""
    answer, days = review.verdict, [r for r in review.episode.series if r.total is not None]
    now = f"{instrument_name(review)} {number(days[-1].total)}" if days else "no rating"
    if answer.status == "cannot_tell" and answer.missing:
        now = answer.missing
    elif answer.heading_to is not None and answer.status != "remission":
        now += f" → {number(answer.heading_to)}"
    elif answer.status == "remission" and answer.warning:
        now += ", above the line"
    worst = [f.sentence for f in review.safety.findings if f.state == "positive"]
    first = next((d for d in review.due if d.overdue), next(iter(review.due), None))
    unknown = "suicidality not known" if review.safety.suicidality == "cannot_tell" else "—"
    return PanelRow(
        review,
        now,
        "—" if answer.probability is None or answer.status == "cannot_tell" else percent(answer.probability),
        worst[0] if worst else unknown,
        "—" if first is None else _due_briefly(first, review.on),
    )


def _due_briefly(item: DueItem, on: date) -> str:
    named = {"decision": "decision", "rating": "rating", "target": "agree what success is"}.get(item.id, item.what)
    return f"{named} overdue {weeks_between(item.by, on)}" if item.overdue else named


def worst_first(reviews: Iterable[Review]) -> list[Review]:
    """A positive answer on suicidal thoughts first, then by status, then the smaller chance, then by name."""
    return sorted(
        reviews,
        key=lambda r: (
            r.safety.suicidality != "positive",
            STATUS_ORDER.index(r.verdict.status),
            r.verdict.probability if r.verdict.probability is not None else 1.0,
            r.patient_id,
        ),
    )


def status_counts(reviews: Sequence[Review]) -> list[tuple[Status, int]]:
    """How many patients stand where, in the order of need; statuses that nobody has are left out."""
    found = [r.verdict.status for r in reviews]
    return [(status, found.count(status)) for status in STATUS_ORDER if status in found]


def _count(number_of: int, word: str) -> str:
    return f"{number_of} {word}" if number_of == 1 else f"{number_of} {word}s"
