"""Beside the one probability: would a remission last, what do missed ratings hide, what do the sessions do.

Anything about another schedule of sessions is counterfactual. It states its identified share, reads "from the
population, not from this patient" where that is small, and is not given at all under a borrowed population.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from euthymia import trajectory
from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode
from euthymia.events import Request
from euthymia.heading import Course, PopulationUsed, course_of, sustained
from euthymia.moment import Moment, day_in_words
from euthymia.ratings import Rating
from euthymia.record import PatientRecord
from euthymia.trajectory import Counterfactual, Plan, Schedule
from euthymia.verdict import Status, Verdict, verdict
from euthymia.wording import STATUS_WORDS

_WEEK = 7.0
# A spread of 0 in a population's file is carried as a logarithm, and comes back as next to nothing.
_NOTHING = 1e-6


@dataclass(frozen=True)
class Missed:
    """Ratings that were asked for and not given: the status had each been one within-person change worse than expected."""

    days: tuple[date, ...]
    worse_by: float
    status: Status
    changes: bool


@dataclass(frozen=True)
class Alternative:
    """The rating at the horizon under another schedule: `interval_days` (None: no more sessions). More is worse."""

    interval_days: float | None
    rating: float
    change: float
    identified_share: float


@dataclass(frozen=True)
class Sessions:
    """What sessions do in this patient, in points; `identified_share`: how much of it the patient's own ratings say.

    `fall` follows a session; `lost` of it is gone before the next. `most_telling_days`: how many days after the next
    session one more rating would say most.
    """

    fall: float
    lost: float | None
    identified_share: float
    most_telling_days: int | None
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True)
class Prospects:
    """What the forecast says beside its one probability, and the same in words."""

    sustained: float | None
    sustained_days: float | None
    missed: Missed | None
    sessions: Sessions | None
    lines: tuple[str, ...]


def prospects(
    record: PatientRecord, episode: CurrentEpisode, course: Course | None, answer: Verdict, catalog: Catalog, on: date
) -> Prospects:
    """Ask the forecast what else it can say; nothing where no chance is shown."""
    if course is None or answer.horizon is None:
        return Prospects(None, None, None, None, ())
    wanted = catalog.definitions[episode.definition].durations
    lasts = sustained(course, answer.horizon, _further_ratings(episode, answer.horizon, wanted.remission_days))
    missed = _missed(record, episode, course, answer, catalog, on)
    sessions = None if course.used.borrowed else _sessions(course, answer.horizon, catalog)
    found = Prospects(lasts, wanted.remission_days, missed, sessions, ())
    return replace(found, lines=tuple(_lines(found, answer, course.used, catalog)))


def _further_ratings(episode: CurrentEpisode, horizon: date, days: float) -> list[date]:
    """The scheduled ratings after the horizon until the definition's duration is reached."""
    interval = episode.plan.rating_interval_days
    count = int(np.ceil(days / interval - 1e-9)) if days else 0
    return [horizon + timedelta(days=round(interval * step)) for step in range(1, count + 1)]


def _missed(record: PatientRecord, episode: CurrentEpisode, course: Course, answer: Verdict, catalog: Catalog, on: date) -> Missed | None:
    """The tipping point: the same verdict, with what was missed filled in one within-person change worse than expected."""
    change = catalog.instruments[episode.primary or ""].change("within_person")
    asked = [r for r in record.of_kind(Request) if r.instrument == episode.primary and r.outcome == "missed"]
    days = tuple(sorted({day for r in asked if course.start < (day := r.at.day(record.zone)) <= on} - set(course.days)))
    if not days or change is None or change.points is None:
        return None
    imputed = trajectory.with_missed_worse(course.population, course.series, [course.weeks(day) for day in days], change.points)
    totals = dict(zip(imputed.elapsed_weeks, imputed.totals, strict=True))
    given = [_as_if_given(episode, day, totals[course.weeks(day)]) for day in days]
    filled = replace(episode, series=tuple(sorted((*episode.series, *given), key=lambda r: r.day)))
    status = verdict(record, filled, course_of(filled, course), catalog, on).status
    return Missed(days, change.points, status, changes=status != answer.status)


def _as_if_given(episode: CurrentEpisode, day: date, total: float) -> Rating:
    """A rating that nobody gave; it never leaves this module."""
    nothing = dict.fromkeys(("score", "answers", "phase", "mode", "language", "rater", "version"))
    return Rating(id=f"missed-{day}", instrument=episode.primary or "", at=Moment.of(day.isoformat()), day=day, total=total, **nothing)


def _sessions(course: Course, horizon: date, catalog: Catalog) -> Sessions | None:
    population, at = course.population, len(course.days) - 1
    if population.effect_sd < _NOTHING or not course.episode.session_days:
        return None
    _, state, log_weights, now = course.belief(at)
    effect = trajectory.effect_of_a_session(population, state, log_weights)
    schedule = course.schedule(at, horizon)
    coming = [week for week in schedule.session_weeks if week > now]
    lost = None
    if coming:
        # A whole round, from one session to the next: what is left of the present one would say little.
        following = (schedule.session_weeks[1:2] or coming)[0]
        lost = round(trajectory.loss_before_next(*course.belief(at), schedule, following).mean, 1)
    telling = _most_telling(course, at, schedule, coming, catalog)
    return Sessions(round(effect.mean, 1), lost, round(effect.identified_share, 2), telling, tuple(_alternatives(course, at, horizon)))


def _most_telling(course: Course, at: int, schedule: Schedule, coming: Sequence[float], catalog: Catalog) -> int | None:
    """The day after the next session on which a rating that counts would tell most; None where none would tell enough."""
    if len(coming) < 2:
        return None
    first = int(catalog.verdict.after_dose_hours.value // 24) + 1
    days = range(first, int((coming[1] - coming[0]) * _WEEK))
    weeks = [coming[0] + day / _WEEK for day in days]
    shares = trajectory.telling(*course.belief(at), schedule, weeks)
    best = int(np.argmax(shares)) if len(shares) else -1
    return days[best] if best >= 0 and shares[best] >= catalog.verdict.identified_share_min.value else None


def _alternatives(course: Course, at: int, horizon: date) -> list[Alternative]:
    """No more sessions, and every interval that this patient has had, but for the one now in force; none where none is coming."""
    held = [day for day in course.episode.session_days if day <= course.days[at]]
    now, end = course.weeks(course.days[at]), course.weeks(horizon)
    plan = Plan(course.schedule(at, horizon).session_weeks)
    had = sorted({(after - before).days for before, after in pairwise(held)} - {0})
    current = round((plan.session_weeks[1] - plan.session_weeks[0]) * _WEEK) if len(plan.session_weeks) > 1 else None
    if not set(plan.session_weeks) - {course.weeks(day) for day in held}:
        return []
    found = [_alternative(None, trajectory.counterfactual(course.population, course.series, end, Plan(), plan))]
    for days in had:
        if current is not None and abs(days - current) > 1:
            first = max(course.weeks(held[-1]) + days / _WEEK, now)
            sessions = np.arange(first, end, days / _WEEK)
            found.append(
                _alternative(days, trajectory.counterfactual(course.population, course.series, end, Plan(sessions.tolist()), plan))
            )
    return found


def _alternative(interval_days: float | None, found: Counterfactual) -> Alternative:
    return Alternative(interval_days, round(found.mean, 1), round(found.change.mean, 1), round(found.change.identified_share, 2))


def _lines(found: Prospects, answer: Verdict, used: PopulationUsed, catalog: Catalog) -> Sequence[str]:
    lines = []
    if found.sustained is not None and found.sustained_days and answer.horizon:
        tag = "; borrowed population, not yet checked in people on this treatment" if used.borrowed else ""
        ratings = f"the rating of {day_in_words(answer.horizon)} and every rating of the {found.sustained_days:g} days after it"
        lines.append(f"Chance of remission that lasts ({ratings} in the range): {found.sustained * 100:.0f} %{tag}.")
    if found.missed:
        missed, count = found.missed, len(found.missed.days)
        status = f"'{STATUS_WORDS[missed.status].lower()}'" if missed.changes else "the same"
        worse = f"had {'each' if count > 1 else 'it'} been {missed.worse_by:g} points worse than expected, the status would be {status}"
        lines.append(f"{count} missed rating{'s' if count > 1 else ''}: {worse}.")
    if found.sessions:
        lines += _session_lines(found.sessions, catalog.verdict.identified_share_min.value)
    return lines


def _session_lines(sessions: Sessions, enough: float) -> list[str]:
    def whose(share: float) -> str:
        origin = "" if share >= enough else "from the population, not from this patient: "
        return f"{origin}identified share {share:.2f}"

    lost = "" if sessions.lost is None else f"; about {sessions.lost:g} of it is gone before the next"
    lines = [f"A session is followed by a fall of about {sessions.fall:g} points{lost} ({whose(sessions.identified_share)})."]
    if sessions.identified_share < enough and sessions.most_telling_days:
        lines.append(f"A rating {sessions.most_telling_days} days after the next session would say most about it.")
    for other in sessions.alternatives:
        named = (
            "without further sessions" if other.interval_days is None else f"at an interval of {other.interval_days:g} days (had before)"
        )
        lines.append(f"The rating expected {named}: {other.rating:g} ({other.change:+g}; {whose(other.identified_share)}).")
    return lines
