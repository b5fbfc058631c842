"""The panel as it is shown: words, shapes, dates and the small courses. Nothing here reads or decides."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from euthymia.report.words import TONES, number, percent, weeks_between
from euthymia.wording import STATUS_SHAPES, STATUS_WORDS
from euthymia_clinic.chart.needs import NEED_WORDS, Need
from euthymia_clinic.chart.queries import Filter, Line, StatusCount, Totals

ALERT_WORDS = {"high": "High alert", "same_day": "Same-day alert", "low": "Low alert"}
# The small course: half a year from left to right, lower is better.
SPARK_WIDTH, SPARK_HEIGHT, SPARK_MARGIN = 132, 36, 4
SPARK_DAYS = 183
# Nothing has been going on "since" these: they speak of what is not known yet.
_NO_SINCE = frozenset({"too_early", "cannot_tell"})


@dataclass(frozen=True)
class Card:
    """One status with its count; it narrows the list to itself, or opens it again."""

    status: str
    words: str
    shape: str
    tone: str
    number: int
    line: str
    query: str
    chosen: bool


@dataclass(frozen=True)
class Chip:
    """A filter that one press turns on and off."""

    id: str
    words: str
    query: str
    chosen: bool


def cards(found: Totals, wanted: Filter, today: date) -> list[Card]:
    """The statuses in the order of need, each with one line that tells something."""
    made = []
    for count in found.by_status:
        chosen = wanted.status == count.status
        status: Any = count.status
        query = wanted.with_(status="" if chosen else count.status).query
        words = "Too early" if status == "too_early" else STATUS_WORDS[status]
        line = _telling(count, found, today)
        made.append(Card(count.status, words, STATUS_SHAPES[status], TONES[status], count.number, line, query, chosen))
    return made


def chips(found: Totals, wanted: Filter) -> list[Chip]:
    """The filters of one press."""
    offered = (
        ("mine", "My patients", None),
        ("alert", "Alert open", found.alerts),
        ("overdue", "Decision overdue", found.overdue),
        ("unanswered", "Not answered", found.unanswered),
    )
    made = []
    for name, words, count in offered:
        chosen = bool(getattr(wanted, name))
        shown = words if count is None else f"{words} ({count})"
        made.append(Chip(name, shown, wanted.with_(**{name: not chosen}).query, chosen))
    return made


def need_choices() -> list[tuple[str, str]]:
    """The needs as a filter offers them."""
    return [("", "Any need"), *((need.name.lower(), words) for need, words in NEED_WORDS.items())]


def narrowed_words(wanted: Filter, protocols: list[tuple[str, str]]) -> list[str]:
    """What the list is narrowed to, in words."""
    status: Any = wanted.status
    said = [STATUS_WORDS[status]] if status else []
    said += [NEED_WORDS[Need[wanted.need.upper()]].lower()] if wanted.need else []
    said += [dict(protocols).get(wanted.protocol, wanted.protocol)] if wanted.protocol else []
    flags = (("mine", "my patients"), ("alert", "alert open"), ("overdue", "decision overdue"), ("unanswered", "not answered"))
    return said + [words for name, words in flags if getattr(wanted, name)]


def shown(line: Line, now: datetime) -> dict[str, Any]:
    """One line of the list."""
    status: Any = line.status
    return {
        "line": line,
        "tone": TONES.get(status, "plain"),
        "shape": STATUS_SHAPES.get(status, "?"),
        "words": STATUS_WORDS.get(status, "Cannot tell"),
        "held": _held(line),
        "chance": "—" if line.probability is None else percent(line.probability),
        "spark": spark(line.spark),
        "alert": f"{ALERT_WORDS.get(line.alert, 'Alert')} open{_age(line.alert_since, now)}" if line.alert else "",
        "session": _session(line),
        "decision": _decision(line),
        "late": line.decision_overdue or line.decision_by == line.today,
        "as_of": day_briefly(line.on, line.today) if line.on else "not reviewed yet",
    }


def spark(said: dict[str, Any]) -> dict[str, Any] | None:
    """The points of the small course in its own box; None where there is nothing to draw."""
    rated = [(date.fromisoformat(day), total) for day, total in said.get("points", ())]
    if not rated:
        return None
    end = date.fromisoformat(said["on"])
    values = [total for _, total in rated] + ([said["cut"]] if said.get("cut") is not None else [])
    low, top = said.get("range") or (min(values), max(values))
    # The upper half of the scale only where somebody has been there: else every course lies flat on the line.
    high = max((low + top) / 2, *values)
    drawn = [(_across(day, end), _height(total, low, high)) for day, total in rated]
    first, last = rated[0][1], rated[-1][1]
    return {
        "points": " ".join(f"{x:g},{y:g}" for x, y in drawn),
        "last": drawn[-1],
        "cut": None if said.get("cut") is None else _height(said["cut"], low, high),
        "words": f"{said.get('name', 'score')}: {number(first)} to {number(last)} in six months"
        if len(rated) > 1
        else f"{said.get('name', 'score')}: {number(last)}",
    }


def day_briefly(day: date, today: date) -> str:
    """A day where room is short: today, tomorrow, 3 Dec; another year says so."""
    near = {0: "today", 1: "tomorrow"}.get((day - today).days)
    return near or (f"{day.day} {day:%b}" if day.year == today.year else f"{day.day} {day:%b %Y}")


def _telling(count: StatusCount, found: Totals, today: date) -> str:
    if not count.number:
        return "nobody now"
    if count.alerts and count.status != "remission":
        return "1 alert open" if count.alerts == 1 else f"{count.alerts} alerts open"
    if count.status == "remission":
        return f"{percent(count.number / found.with_data)} of {found.with_data} with data"
    if count.status == "cannot_tell":
        return f"{count.unanswered} not answered"
    if count.status == "too_early":
        return "ratings to come"
    if count.status == "not_improving" and count.since_first:
        return f"longest {weeks_between(count.since_first, today)}"
    return f"median {weeks_between(count.since_median, today)}" if count.since_median else ""


def _held(line: Line) -> str:
    if line.since is None or line.on is None or line.status in _NO_SINCE:
        return ""
    begun = day_briefly(line.since, line.today)
    return f"since {begun}, {weeks_between(line.since, line.on)}" if line.since < line.on else f"since {begun}"


def _session(line: Line) -> str:
    if line.next_session is None:
        return "—"
    words = day_briefly(line.next_session, line.today)
    return words if line.next_session >= line.today else f"was planned {words}"


def _decision(line: Line) -> str:
    if line.decision_by is None:
        return "ask" if line.status == "cannot_tell" else "—"
    if line.decision_overdue:
        days = max((line.today - line.decision_by).days, 1)
        return f"overdue {days} d" if days < 21 else f"overdue {days // 7} wk"
    return day_briefly(line.decision_by, line.today)


def _age(since: datetime | None, now: datetime) -> str:
    if since is None:
        return ""
    minutes = max(int((now - since) / timedelta(minutes=1)), 0)
    if minutes < 60:
        return f" {minutes} min"
    return f" {minutes // 60} h" if minutes < 48 * 60 else f" {minutes // (24 * 60)} d"


def _across(day: date, end: date) -> float:
    share = 1 - (end - day).days / SPARK_DAYS
    return round(SPARK_MARGIN + max(share, 0.0) * (SPARK_WIDTH - 2 * SPARK_MARGIN), 1)


def _height(value: float, low: float, high: float) -> float:
    share = (high - value) / (high - low) if high > low else 0.5
    return round(SPARK_MARGIN + share * (SPARK_HEIGHT - 2 * SPARK_MARGIN), 1)
