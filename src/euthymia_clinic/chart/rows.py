"""The row of the panel: one patient in one line, made from a review and from what the record says beside it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from euthymia.events import Plan, Request
from euthymia.record import PatientRecord
from euthymia.report.words import instrument_name, number, weeks_between
from euthymia.reviewing import Review
from euthymia_clinic.catalogs.in_force import catalog_of
from euthymia_clinic.chart.ledger import number_is_withdrawn
from euthymia_clinic.chart.models import PanelRow, Patient, ReviewSnapshot
from euthymia_clinic.chart.needs import Need, Standing, need_of
from euthymia_clinic.chart.to_core import record_from, zone_of

# What the small course of the panel shows.
SPARK_SPAN = timedelta(days=183)
SPARK_POINTS = 60
# Always there until somebody agrees or measures: worth a line, but nobody is "due today" by it.
NOT_YET = "not reviewed yet"
_STANDING_SOURCES = frozenset({"review"})


@dataclass(frozen=True)
class Asked:
    """How the requests to the patient ended: `awaiting` whether the last one, already due, has no answer."""

    misses: int = 0
    missed_since: date | None = None
    awaiting: bool = False


def write_row(patient: Patient, snapshot: ReviewSnapshot, review: Review) -> PanelRow:
    """Write the row of a patient anew; the alert on it stays."""
    beside = _beside(patient)
    asked = asked_of(beside.of_kind(Request), review.on, beside, catalog_of(patient.site).verdict.missed_requests.value)
    before = PanelRow.objects.filter(patient=patient).values("alert", "alert_since").first() or {"alert": "", "alert_since": None}
    fields = {**said_of(review, asked), "next_session": next_session(review, beside.of_kind(Plan))}
    if number_is_withdrawn(patient.site) is not None:
        fields["probability"] = None
    need, waiting = need_of(_standing(patient, review.on, {**fields, **before}))
    row, _ = PanelRow.objects.update_or_create(
        patient=patient, defaults={"site": patient.site, "snapshot": snapshot, "need": need, "waiting_since": waiting, **fields}
    )
    return row


def mark_alert(patient: Patient, tier: str, since: datetime | None) -> None:
    """Show the worst open alert on the panel's row of a patient, or (`tier` empty) none; their place in the order follows."""
    row = PanelRow.objects.select_for_update().filter(patient=patient).first()
    if row is None and not tier:
        return
    if row is None:
        # Not reviewed yet: somebody at risk stands on the panel before their first review does.
        row = PanelRow.objects.create(patient=patient, site=patient.site, need=Need.UNDECIDED, status="cannot_tell", now=NOT_YET)
    row.alert, row.alert_since = tier, since
    on = row.snapshot.on if row.snapshot else patient.site.today()
    fields = {name: getattr(row, name) for name in (*_FACTS, "alert", "alert_since")}
    row.need, row.waiting_since = need_of(_standing(patient, on, fields))
    row.save(update_fields=["alert", "alert_since", "need", "waiting_since"])


def said_of(review: Review, asked: Asked) -> dict[str, Any]:
    """What a review says, as the fields of the row."""
    due, series = review.decisions.due, review.episode.series
    return {
        "status": review.verdict.status,
        "since": review.verdict.since,
        "now": course_words(review)[:200],
        "probability": None if review.verdict.status == "cannot_tell" else review.verdict.probability,
        "spark": spark_of(review),
        "suicidality": review.safety.suicidality,
        "safety": safety_words(review)[:300],
        "gaps": " · ".join(gap_words(review, asked))[:300],
        "misses": asked.misses,
        "missed_since": asked.missed_since,
        "awaiting_answer": asked.awaiting,
        "last_rating": series[-1].day if series else None,
        "decision_by": due.by if due else None,
        "decision_overdue": bool(due and due.overdue),
        "due_by": min((item.by for item in review.due if item.source not in _STANDING_SOURCES), default=None),
        "protocol": review.episode.plan.protocol[:60],
    }


def course_words(review: Review) -> str:
    """Where the course stands and where it is heading, in a few words: 'PHQ-9 9, heading to 8'."""
    answer, name = review.verdict, instrument_name(review)
    totals = [(r.day, r.total) for r in review.episode.series if r.total is not None]
    if answer.status == "cannot_tell" or not totals:
        return (answer.missing or "no rating").split(" (")[0]
    day, latest = totals[-1]
    now = f"{name} {number(latest)}"
    if answer.status == "losing_ground" and len(totals) > 1:
        best_day, best = min(reversed(totals[:-1]), key=lambda rated: rated[1])
        return f"{name} {number(best)} → {number(latest)} in {weeks_between(best_day, day)}" if best < latest else now
    if answer.status == "remission":
        kept = review.position.interval_days
        rests = [
            words for words in ("above the line" if answer.warning else "", "to be confirmed" if answer.confirmed is False else "") if words
        ]
        return ", ".join([now, *(rests or ([f"every {_span(kept)}"] if kept else []))])
    if answer.status == "too_early" and answer.missing:
        return f"{now}, {answer.missing}"
    heading = f"{now}, heading to {number(answer.heading_to)}" if answer.heading_to is not None else now
    if answer.status == "not_improving" and (sessions := review.position.sessions_in_phase):
        return f"{heading} after {sessions} sessions" if sessions > 1 else f"{heading} after 1 session"
    return heading


def safety_words(review: Review) -> str:
    """The worst thing that a safety reader must see, empty where there is none."""
    worst = [finding.sentence for finding in review.safety.findings if finding.state == "positive"]
    return worst[0] if worst else ("suicidality not known" if review.safety.suicidality == "cannot_tell" else "")


def gap_words(review: Review, asked: Asked) -> Iterator[str]:
    """What is missing or late, the gravest first, apart from what the course already says and the decision, which has its own place."""
    if asked.misses:
        yield "1 check-in missed" if asked.misses == 1 else f"{asked.misses} check-ins missed in a row"
    known = {item.id: item for item in review.due}
    rating = known.get("rating")
    last = review.episode.series[-1].day if review.episode.series else None
    if rating is not None and rating.overdue and last is not None and review.verdict.status != "cannot_tell":
        yield f"no rating for {weeks_between(last, review.on)}"
    late = [item for item in review.due if item.overdue and item.id not in ("rating", "decision") and not item.id.startswith("request_")]
    if late:
        more = f" and {len(late) - 1} more" if len(late) > 1 else ""
        yield f"{_briefly(late[0].what)} overdue {weeks_between(late[0].by, review.on)}{more}"
    elif "target" in known:
        yield "no target agreed"


def next_session(review: Review, plans: Sequence[Plan]) -> date | None:
    """The day of the next supervised session by the plan in force and the last session; it may have passed. None: none is foreseen."""
    given = [dose.day for lane in review.timeline.lanes if lane.kind == "session" for dose in lane.doses]
    own = plans[-1].session_interval_days if plans else None
    every = own or review.episode.plan.phase.session_interval_days
    if not given or every is None:
        return None
    return max(given) + timedelta(days=round(every))


def spark_of(review: Review) -> dict[str, Any]:
    """The ratings of the last half year as the small course shows them, with the remission line and the ends of the scale."""
    scale = review.timeline.scale
    totals = [(r.day.isoformat(), r.total) for r in review.episode.series if r.total is not None and review.on - r.day <= SPARK_SPAN]
    return {
        "points": totals[-SPARK_POINTS:],
        "cut": review.episode.cut,
        "on": review.on.isoformat(),
        "name": instrument_name(review),
        "range": [scale.low, scale.high] if scale else None,
    }


def asked_of(requests: Sequence[Request], on: date, record: PatientRecord, enough: float) -> Asked:
    """How the requests up to `on` ended. Excused ones are as if they had not been; several on one day are one occasion."""
    days: dict[date, set[str]] = {}
    for request in requests:
        day = request.at.day(record.zone)
        if day <= on and request.outcome != "excused":
            days.setdefault(day, set()).add(request.outcome)
    missed: list[date] = []
    open_now = False
    for day in sorted(days, reverse=True):
        if "answered" in days[day]:
            break
        if "missed" in days[day]:
            missed.append(day)
        else:
            open_now = True
    return Asked(len(missed), missed[-1] if len(missed) >= enough else None, awaiting=open_now or bool(missed))


_FACTS = ("status", "since", "decision_by", "decision_overdue", "missed_since", "due_by")


def _standing(patient: Patient, on: date, fields: dict[str, Any]) -> Standing:
    since = fields["alert_since"]
    facts = {name: fields[name] for name in _FACTS}
    return Standing(on=on, alert=fields["alert"], alert_since=since.astimezone(zone_of(patient)).date() if since else None, **facts)


def _beside(patient: Patient) -> PatientRecord:
    """The plans and requests of a patient: what the row says and the review does not carry."""
    events = patient.events.filter(kind__in=["plan", "request"]).order_by("pk")
    return record_from(patient, events.values_list("body", flat=True))


def _span(days: float) -> str:
    whole = round(days)
    if whole % 7 == 0 and whole:
        return "week" if whole == 7 else f"{whole // 7} weeks"
    return "day" if whole == 1 else f"{whole} days"


def _briefly(what: str) -> str:
    """What is due without the instruments that would do."""
    return what.split(" (", maxsplit=1)[0]
