"""One course of sessions, judged: how many, how many of them at an adequate dose, within which time."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter

from euthymia.adequacy.entries import days_of
from euthymia.adequacy.exposure_words import listed, weakest, weeks
from euthymia.adequacy.spans import Between
from euthymia.adequacy.trial import Judgement, TrialOutcome, Why
from euthymia.catalog import Catalog
from euthymia.events import DoseLog, DoseSession, Medication, TreatmentCourse
from euthymia.facts import Fact
from euthymia.moment import day_in_words
from euthymia.record import PatientRecord
from euthymia.treatment import Dose, Treatment

Session = DoseSession | DoseLog


@dataclass(frozen=True)
class SessionCourse:
    """The events of one course: sessions one by one, and courses (or drug entries) that sum them up."""

    sessions: tuple[Session, ...]
    courses: tuple[TreatmentCourse | Medication, ...]
    route: str | None
    last_day: int
    going_on: bool
    contradiction: bool


def courses(
    record: PatientRecord, sessions: Sequence[Session], summaries: Sequence[TreatmentCourse | Medication], catalog: Catalog, on: date
) -> Iterator[SessionCourse]:
    """Everything of one treatment by one route as courses, by time: a long pause between sessions begins another one."""
    zone, gap = record.zone, catalog.adequacy.session_gap_days.value
    left = sorted(sessions, key=lambda s: (s.at.key(zone), s.id))
    for summary in sorted(summaries, key=lambda s: (s.at.key(zone), s.id)):
        begin, end = days_of(summary.at, zone, on), _end(summary, record, on)
        within = [s for s in left if begin.low <= days_of(s.at, zone, on).high and days_of(s.at, zone, on).low <= end.high]
        taken = {s.id for s in within}
        left = [s for s in left if s.id not in taken]
        backward = summary.ended is not None and end.high < begin.low
        open_ = summary.ended is None and not summary.stopped_because
        yield SessionCourse(tuple(within), (summary,), _route([*within, summary]), int(end.high), open_, backward)
    group: list[Session] = []
    for session in left:
        day = days_of(session.at, zone, on).low
        if group and day - days_of(group[-1].at, zone, on).low > gap:
            yield _logged(group, record, catalog, on)
            group = []
        group.append(session)
    if group:
        yield _logged(group, record, catalog, on)


def _logged(group: Sequence[Session], record: PatientRecord, catalog: Catalog, on: date) -> SessionCourse:
    last = int(days_of(group[-1].at, record.zone, on).high)
    going_on = on.toordinal() - last <= catalog.adequacy.session_gap_days.value
    return SessionCourse(tuple(group), (), _route(group), last, going_on, False)


def _route(events: Sequence[Session | TreatmentCourse | Medication]) -> str | None:
    return next((route for event in events if (route := getattr(event, "route", None))), None)


def _end(summary: TreatmentCourse | Medication, record: PatientRecord, on: date) -> Between:
    return days_of(summary.ended, record.zone, on) if summary.ended else Between(on.toordinal(), on.toordinal())


def judge_sessions(
    found: SessionCourse, treatment: Treatment, record: PatientRecord, catalog: Catalog, on: date, outcome: TrialOutcome
) -> Judgement:
    """Adequate, if enough sessions at an adequate dose are known; inadequate, if there cannot have been enough."""
    if treatment.sessions is None and treatment.days is not None:
        return _by_days(found, treatment, record, on)
    done, enough = _counts(found, treatment, record, on)
    facts: list[Fact | None] = [treatment, treatment.dose, treatment.sessions]
    judged = Judgement("indeterminate", None, _exposure(found, done), tuple(_reasons(treatment, done, enough)), (), weakest(facts))
    rule = treatment.sessions
    if rule is None:
        return replace(judged, missing=(f"how many sessions are an adequate course of {treatment.name}",))
    if treatment.dose is not None and treatment.dose.routes and not _route_listed(found.route, treatment.dose):
        used = found.route or "by a route that is not recorded"
        said = f"a minimum is known for the route {treatment.dose.routes[0]} alone; this was {used}"
        unlisted = (f"what is adequate {f'by the route {found.route}' if found.route else 'by the route used'}",)
        return replace(judged, reasons=(said,), missing=unlisted, not_known=("dose",))
    if enough.low >= rule.minimum:
        return replace(judged, adequacy="adequate")
    if rule.fewer_if_remission and outcome == "remission" and done.low > 0:
        return replace(judged, adequacy="adequate", reasons=("fewer sessions count after remission", *judged.reasons))
    if enough.high >= rule.minimum or found.going_on:
        missing = tuple(_missing(found, treatment, done, enough))
        return replace(judged, missing=missing, not_known=("duration",), reasons=(*_open(found, enough, rule.minimum), *judged.reasons))
    why, said = _too_few(found, rule.minimum, done, enough, catalog)
    return replace(judged, adequacy="inadequate", why=why, reasons=(said, *judged.reasons))


def _too_few(found: SessionCourse, minimum: int, done: Between, enough: Between, catalog: Catalog) -> tuple[Why, str]:
    if any(catalog.adequacy.intolerance.names(course.stopped_because) for course in found.courses):
        return "intolerant", "stopped for intolerance before it was adequate"
    if done.high >= minimum:
        return "dose", f"too few sessions at an adequate dose and close enough together: {_count(enough)} of {minimum}"
    return "duration", f"too few sessions: {_count(enough)} of {minimum}"


def _counts(found: SessionCourse, treatment: Treatment, record: PatientRecord, on: date) -> tuple[Between, Between]:
    """Sessions done, and sessions at an adequate dose within the time that counts."""
    logged = [s for s in found.sessions if not isinstance(s, DoseLog) or s.was_taken]
    perhaps = [s for s in found.sessions if isinstance(s, DoseLog) and s.taken == "unknown"]
    stated = [c.sessions_done for c in found.courses if isinstance(c, TreatmentCourse) and c.sessions_done is not None]
    summed = bool(found.courses)
    low = float(len(logged))
    high = float(len(logged) + len(perhaps)) if not summed else float("inf")
    if stated:
        low, high = min([low, *stated]) if low > stated[0] else stated[0], max(low, *stated)
    done = Between(low, high)
    if treatment.dose is None and (treatment.sessions is None or treatment.sessions.within_days is None):
        return done, done
    days = [(days_of(s.at, record.zone, on), _adequate_dose(s, treatment.dose)) for s in logged]
    within = treatment.sessions.within_days if treatment.sessions else None
    sure = best_window([(d.low, d.high) for d, ok in days if ok is True], within, surely=True)
    unknown = [(d.low, d.high) for d, ok in days if ok is not False] + [
        (days_of(s.at, record.zone, on).low, days_of(s.at, record.zone, on).high) for s in perhaps
    ]
    possible = best_window(unknown, within, surely=False)
    return done, Between(sure, max(possible, high - len(logged)) if summed else possible)


def _adequate_dose(session: Session, minimum: Dose | None) -> bool | None:
    """Whether a session's dose reaches the minimum; None where the dose, or the weight that it is reckoned by, is not known."""
    if minimum is None:
        return True
    amount = session.dose_mg
    if minimum.unit == "mg/kg":
        amount = session.dose_mg_per_kg if isinstance(session, DoseSession) else None
        if amount is None and isinstance(session, DoseSession) and session.dose_mg and session.weight_kg:
            amount = session.dose_mg / session.weight_kg
    return None if amount is None else minimum.reached(amount)


def best_window(days: Sequence[tuple[float, float]], within: float | None, *, surely: bool) -> int:
    """The most sessions that lie within so many days of the first of them; `surely`: whatever the true dates are."""
    if within is None:
        return len(days)
    return (_surely_within if surely else _possibly_within)(days, within)


def _possibly_within(days: Sequence[tuple[float, float]], within: float) -> int:
    """None that had surely ended before the first, none that surely began too late."""
    lows, highs = sorted(low for low, _ in days), sorted(high for _, high in days)
    return max((bisect_right(lows, high + within) - bisect_left(highs, low) for low, high in days), default=0)


def _surely_within(days: Sequence[tuple[float, float]], within: float) -> int:
    """Those of the same dates as the first, and those that surely came after it and not too late."""
    many, best = Counter(days), 0
    places = sorted(many)
    for low, high in places:
        near = places[bisect_left(places, high, key=itemgetter(0)) : bisect_right(places, low + within, key=itemgetter(0))]
        after = sum(many[place] for place in near if place[1] - low <= within)
        best = max(best, after + (many[low, high] if low < high else 0))
    return best


def _route_listed(route: str | None, dose: Dose) -> bool:
    said = f" {(route or '').lower()} "
    return any(f" {word} " in said for word in dose.routes)


def _by_days(found: SessionCourse, treatment: Treatment, record: PatientRecord, on: date) -> Judgement:
    """A course that is judged by its length: from its start to its end."""
    needed = treatment.days.value if treatment.days else 0.0
    events = [*found.courses, *found.sessions]
    begin = min((days_of(e.at, record.zone, on) for e in events), key=lambda b: b.low)
    ends = [days_of(c.ended, record.zone, on) for c in found.courses if c.ended]
    end = ends[-1] if ends else Between(max(days_of(e.at, record.zone, on).low for e in events), on.toordinal())
    length = Between(max(0.0, end.low - begin.high), max(0.0, end.high - begin.low))
    minimum = f"minimum {needed:g} days ({listed(treatment.days) if treatment.days else ''})"
    judged = Judgement("indeterminate", None, weeks(length), (minimum,), (), weakest([treatment, treatment.days]))
    if length.low >= needed:
        return replace(judged, adequacy="adequate")
    if length.high < needed and not found.going_on:
        return replace(judged, adequacy="inadequate", why="duration", reasons=(f"too short: {length.high:g} of {needed:g} days", minimum))
    return replace(judged, missing=("whether it still goes on, or the days on which it began and ended",))


def _exposure(found: SessionCourse, done: Between) -> str:
    doses = sorted({s.dose_mg for s in found.sessions if s.dose_mg is not None})
    said = _count(done) + (" session" if done.low == done.high == 1 else " sessions")
    if not doses:
        return said
    return f"{said}, {doses[0]:g} mg" if len(doses) == 1 else f"{said}, {doses[0]:g} to {doses[-1]:g} mg"


def _count(number: Between) -> str:
    if number.low == number.high:
        return f"{number.low:g}"
    if number.high == float("inf"):
        return f"at least {number.low:g}" if number.low else "an unknown number of"
    return f"{number.low:g} to {number.high:g}"


def _reasons(treatment: Treatment, done: Between, enough: Between) -> Iterator[str]:
    if treatment.sessions is not None:
        within = f" within {treatment.sessions.within_days:g} days" if treatment.sessions.within_days else ""
        yield f"minimum {treatment.sessions.minimum} sessions{within} ({listed(treatment.sessions)})"
    if treatment.dose is not None:
        yield f"minimum {treatment.dose.words} a session ({listed(treatment.dose)})"
        if enough != done:
            yield f"that count: {_count(enough)} of {_count(done)}"


def _open(found: SessionCourse, enough: Between, minimum: int) -> Iterator[str]:
    if found.going_on and enough.high < minimum:
        yield f"not yet: {_count(enough)} of {minimum} sessions so far"


def _missing(found: SessionCourse, treatment: Treatment, done: Between, enough: Between) -> Iterator[str]:
    if done.low != done.high:
        yield "how many sessions took place"
    elif treatment.dose is not None and enough.low != enough.high:
        yield "the dose of each session" + (", or the weight that it is reckoned by" if treatment.dose.unit == "mg/kg" else "")
    if found.going_on:
        yield f"more sessions (last one {day_in_words(date.fromordinal(found.last_day))})" if found.sessions else "whether it still goes on"
