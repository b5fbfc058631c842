"""The lists of the clinic: who was asked and has not answered, and how it stands with the message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from euthymia_clinic.accounts.membership import Here
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.permissions import visible_patients
from euthymia_clinic.chart.to_core import zone_of
from euthymia_clinic.checkins.models import Checkin, Message
from euthymia_clinic.checkins.planning import FIRST_BY_HAND, LADDER
from euthymia_clinic.checkins.sitting import sitting_of

LATELY = timedelta(days=14)
MOST = 300
# Word and shape, colour never alone.
DELIVERY = {
    Message.State.WAITING: ("◌", "goes out soon", ""),
    Message.State.UNDER_WAY: ("◌", "being sent", ""),
    Message.State.SENT: ("✓", "sent", "negative"),
    Message.State.UNKNOWN: ("?", "not known whether it went", "cannot_tell"),
    Message.State.NOT_DELIVERED: ("▲", "not delivered", "positive"),
}


@dataclass(frozen=True)
class OpenRow:
    """One check-in that is awaited."""

    checkin: Checkin
    patient: Patient
    asked: str
    waiting: str
    closes: str
    begun: str
    rung: str
    shape: str
    delivery: str
    tone: str
    tries: int


def open_rows(here: Here, now: datetime) -> list[OpenRow]:
    """Those that are open, the message that did not arrive first, then the longest wait."""
    found = _open(here, now).prefetch_related("messages", "answers")[:MOST]
    rows = [_row(checkin, now) for checkin in found]
    return sorted(rows, key=lambda row: (row.tone != "positive", row.tone != "cannot_tell", row.checkin.opens_at))


def open_now(here: Here, now: datetime) -> list[OpenRow]:
    """Those that can be answered now, by the patient's code."""
    return sorted((_row(checkin, now) for checkin in _open(here, now)[:MOST]), key=lambda row: row.patient.code)


def ended_rows(here: Here, now: datetime) -> list[dict[str, Any]]:
    """What was missed or excused in the past two weeks."""
    ended = Checkin.objects.filter(patient__in=visible_patients(here), ended_at__gte=now - LATELY, outcome__in=("missed", "excused"))
    rows = ended.select_related("patient__site").order_by("-ended_at")[:50]
    return [
        {"patient": c.patient, "outcome": c.outcome, "reason": c.reason, "day": _clock(c, c.opens_at), "asked": _names(c)} for c in rows
    ]


def _open(here: Here, now: datetime) -> QuerySet[Checkin]:
    waiting = Checkin.objects.filter(patient__in=visible_patients(here), outcome="open", opens_at__lte=now, closes_at__gt=now)
    return waiting.select_related("patient__site").order_by("opens_at")


def _row(checkin: Checkin, now: datetime) -> OpenRow:
    last = max(checkin.messages.all(), key=lambda message: message.rung, default=None)
    shape, words, tone = DELIVERY[Message.State(last.state)] if last else ("◌", "goes out by day", "")
    if last is not None and last.trouble == "no address":
        words = "not delivered: no address"
    given, total = checkin.answers.all(), 0
    if given:
        total = len(sitting_of(checkin).questions)
    return OpenRow(
        checkin=checkin,
        patient=checkin.patient,
        asked=_names(checkin),
        waiting=_span(now - checkin.opens_at),
        closes=_clock(checkin, checkin.closes_at),
        begun=f"begun: {len(given)} of {total}" if given else "",
        rung="" if last is None else "sent by hand" if last.rung >= FIRST_BY_HAND else LADDER[last.rung].words,
        shape=shape,
        delivery=words,
        tone=tone,
        tries=last.attempts if last else 0,
    )


def _names(checkin: Checkin) -> str:
    from euthymia_clinic.catalogs.in_force import catalog_of

    known = catalog_of(checkin.patient.site).instruments
    return _listed([known[each].short_name if each in known else each for each in checkin.instruments])


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""


def _span(passed: timedelta) -> str:
    """How long, in the largest unit that fits."""
    minutes = int(passed.total_seconds() // 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"


def _clock(checkin: Checkin, at: datetime) -> str:
    """A day and a time by the patient's own clock."""
    local = at.astimezone(zone_of(checkin.patient))
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
