"""Assessments as ratings: scored, placed relative to a dose, counted once; and what contradicts itself is said.

What does not count is set aside with its reason, never dropped.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from euthymia.catalog import Catalog
from euthymia.events import Assessment, DoseSession, Phase
from euthymia.moment import Moment
from euthymia.record import PatientRecord
from euthymia.scoring import Score, Unscorable, contradiction, mildest_possible, score_assessment, score_total


@dataclass(frozen=True)
class Rating:
    """One assessment whose answers or total can be read. `total` is what counts; an incomplete one has neither score nor total.

    `phase` is None where its place relative to a dose is unknown.
    """

    id: str
    instrument: str
    at: Moment
    day: date
    score: Score | None
    total: float | None
    answers: tuple[float | None, ...] | None
    phase: Phase | None
    mode: str | None
    language: str | None
    rater: str | None
    version: str | None


@dataclass(frozen=True)
class SetAside:
    """An assessment that does not count, and why."""

    id: str
    instrument: str
    at: str
    reason: str


def read_assessments(record: PatientRecord, catalog: Catalog, started: date | None) -> tuple[list[Rating], list[SetAside], list[str]]:
    """Every assessment that can be read; what was set aside; and findings about data that contradict each other."""
    ratings: list[Rating] = []
    aside: list[SetAside] = []
    findings: list[str] = []
    seen: dict[tuple[object, ...], Assessment] = {}
    sessions = record.of_kind(DoseSession)
    for assessment in record.of_kind(Assessment):
        scored = score_assessment(catalog, assessment)
        conflict = contradiction(catalog, assessment)
        twin = seen.setdefault(_identity(assessment, conflict), assessment)
        reason = _reason_not_read(assessment, twin)
        if why := reason or _reason_not_counted(record, assessment, scored, started):
            aside.append(SetAside(assessment.id, assessment.instrument, str(assessment.at), why))
        # An incomplete questionnaire has no score, but its answers are read: a positive item 9 is never lost.
        if reason or (isinstance(scored, Unscorable) and scored.kind != "missing_answers"):
            continue
        if conflict:
            possible = isinstance(score_total(catalog, assessment.instrument, assessment.total or 0.0), Score)
            counts = "the worse one counts until it is corrected" if possible else "its answers count"
            findings.append(f"{assessment.at}: {conflict}; {counts}")
        ratings.append(_rating(record, catalog, assessment, scored, sessions))
    findings += _same_instant(ratings, catalog)
    return ratings, aside, findings


def _identity(a: Assessment, conflict: str | None) -> tuple[object, ...]:
    """Same instrument, instant and answers: the same. A stated total tells two apart where there are no answers or they contradict it."""
    total = a.total if a.answers is None or conflict else None
    return a.instrument, a.at.instant or a.at.text, a.answers, total, a.phase, a.weights


def _reason_not_read(assessment: Assessment, twin: Assessment) -> str | None:
    if twin is not assessment:
        return f"the same instrument, time and answers as {twin.id}: counted once"
    if not assessment.at.has_day:
        return f"found the date {assessment.at}, without a day; a rating counts only where its day is known"
    return None


def _reason_not_counted(record: PatientRecord, assessment: Assessment, scored: Score | Unscorable, started: date | None) -> str | None:
    if isinstance(scored, Unscorable):
        return scored.reason
    if started and assessment.at.day(record.zone) < started:
        return f"before this episode ({started.isoformat()})"
    return None


def _rating(record: PatientRecord, catalog: Catalog, a: Assessment, scored: Score | Unscorable, sessions: Sequence[DoseSession]) -> Rating:
    score = scored if isinstance(scored, Score) else None
    total = score.total if score else None
    if contradiction(catalog, a) and a.total is not None and total is not None:
        # Neither is settled silently: the finding says so, and until then the worse one counts.
        worse = max if catalog.instruments[a.instrument].lower_is_better else min
        possible = [t for t in (a.total, mildest_possible(catalog, a)) if isinstance(score_total(catalog, a.instrument, t or 0.0), Score)]
        total = worse([total, *(t for t in possible if t is not None)])
        counts = score_total(catalog, a.instrument, total)
        score = replace(counts, prorated=score.prorated, missing=score.missing) if score and isinstance(counts, Score) else score
    day = a.at.day(record.zone)
    phase = a.phase or _hours_stated(catalog, a.hours_after_dose) or _phase(catalog, a.at, day, sessions, record)
    return Rating(a.id, a.instrument, a.at, day, score, total, a.answers, phase, a.mode, a.language, a.rater, a.version)


def _hours_stated(catalog: Catalog, hours: float | None) -> Phase | None:
    if not hours:  # Not stated; or 0, which may be just before the dose as well as just after it.
        return None
    return "after_dose" if hours <= catalog.verdict.after_dose_hours.value else "unrelated"


def _phase(catalog: Catalog, at: Moment, day: date, sessions: Sequence[DoseSession], record: PatientRecord) -> Phase | None:
    """Before a session, after a dose, unrelated to both, or None: not known.

    Not known without a recorded session, and of a date without a clock time on the day of one.
    """
    before, after = catalog.verdict.before_session_hours.value, catalog.verdict.after_dose_hours.value
    found: Phase | None = "unrelated" if sessions else None
    zone, reach = record.zone, timedelta(hours=max(before, after)) + timedelta(days=1)
    first = bisect_left(sessions, day - reach, key=lambda session: session.at.day(zone))
    last = bisect_right(sessions, day + reach, key=lambda session: session.at.day(zone))
    for session in sessions[first:last]:
        hours = _hours(at, day, session.at, session.at.day(zone))
        if hours is None:
            return None
        if 0 <= hours <= before:
            return "before_session"
        if -after <= hours < 0:
            found = "after_dose"
    return found


def _hours(at: Moment, day: date, session: Moment, session_day: date) -> float | None:
    """Hours from a rating to a session; by days where a clock time is missing; None where the day is the same."""
    if (a := at.instant) is not None and (s := session.instant) is not None:
        return (s - a).total_seconds() / 3600
    return None if day == session_day else 24.0 * (session_day - day).days


def _same_instant(ratings: Sequence[Rating], catalog: Catalog) -> list[str]:
    findings = []
    groups: dict[tuple[object, ...], list[Rating]] = {}
    for rating in ratings:
        # On one day without a clock, before and after a session are two; at one instant they cannot be.
        instant = rating.at.instant
        groups.setdefault((rating.instrument, instant or rating.at.text, None if instant else rating.phase), []).append(rating)
    for group in groups.values():
        totals = sorted({r.total for r in group if r.total is not None})
        if len(totals) > 1:
            name, said = catalog.instruments[group[0].instrument].short_name, ", ".join(f"{t:g}" for t in totals)
            findings.append(f"{group[0].at}: {name} recorded twice with different totals ({said}); both are kept")
    return findings
