"""The verdict: the status table of VERDICT.md as a fold over rating days.

The first row that holds is the status. Enter and leave thresholds differ, so the status does not flap and knows
since when it holds. `cannot_tell` is about missing data, `undecided` about the patient's course: never the one for
the other. All numbers come from the catalog.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode, PlanInForce
from euthymia.events import Incident, Request
from euthymia.heading import Chance, Course, Heading, chance_on, heading_at, plan_then, settling
from euthymia.moment import day_in_words
from euthymia.outcomes import course as outcome_course
from euthymia.outcomes import improvement, spans
from euthymia.rating_days import RatingDay, best_medians, rating_days, remission_points
from euthymia.record import PatientRecord
from euthymia.vetoes import vetoes

Status = Literal[
    "cannot_tell",
    "losing_ground",
    "remission",
    "moving_toward_remission",
    "too_early",
    "holding_above_remission",
    "not_improving",
    "undecided",
]
Lean = Literal["moving", "low", "between"]


@dataclass(frozen=True)
class Step:
    """The status on one day and what it rests on. `lean` carries the thresholds' memory from day to day."""

    day: date
    status: Status
    since: date
    lean: Lean
    chance: Chance | None
    better: float | None = None
    excess: bool = False
    vetoes: tuple[str, ...] = ()
    warning: str | None = None
    missing: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer. `probability` is the only chance shown: of a rating in the remission range at `horizon`."""

    status: Status
    since: date | None
    confirmed: bool | None
    by_total_only: bool
    arrived: bool | None
    probability: float | None
    horizon: date | None
    heading_to: float | None
    heading_low: float | None
    heading_high: float | None
    better: float | None
    vetoes: tuple[str, ...]
    warning: str | None
    missing: str | None
    would_settle: str | None
    settling: tuple[tuple[date, float], ...]
    weeks_above_remission: float
    weeks_not_observed: float
    changes_tried: int
    steps: tuple[Step, ...]


def verdict(record: PatientRecord, episode: CurrentEpisode, course: Course | None, catalog: Catalog, on: date) -> Verdict:
    """Fold the status table over the rating days of the episode up to `on`."""
    days = rating_days(episode)
    index = (episode.index.day, episode.index.total) if episode.index else (on, 0.0)
    best = best_medians(index, days, catalog.verdict.best_window_days.value)
    steps = tuple(_fold(_Case(record, episode, course, catalog, days, best), on))
    last = steps[-1]
    observed = _spans(episode, catalog, days, on)
    # A forecast for a day that has come is no forecast: the next rating says more.
    chance = last.chance if last.chance and last.chance.horizon > on else None
    heading = heading_at(course, chance.horizon) if course and chance else None
    return Verdict(
        status=last.status,
        since=last.since,
        confirmed=_confirmed(record, episode, catalog, days, last.since) if last.status == "remission" else None,
        by_total_only=bool(days) and days[-1].by_total_only,
        arrived=_arrived(episode, catalog, heading) if last.status == "holding_above_remission" else None,
        probability=chance.probability if chance else None,
        horizon=chance.horizon if chance else None,
        heading_to=heading.heading_to if heading else None,
        heading_low=heading.low if heading else None,
        heading_high=heading.high if heading else None,
        better=last.better,
        vetoes=last.vetoes,
        warning=last.warning,
        missing=last.missing,
        would_settle=_would_settle(episode, last),
        settling=settling(course, catalog, days[-1].day, on) if course and last.status in ("undecided", "too_early") else (),
        weeks_above_remission=observed["above"],
        weeks_not_observed=observed["not_observed"],
        changes_tried=len(episode.change_days),
        steps=steps,
    )


@dataclass(frozen=True)
class _Case:
    """What every step of the fold looks at. `best` [n]: the best four-week median of the index and the first n rating days."""

    record: PatientRecord
    episode: CurrentEpisode
    course: Course | None
    catalog: Catalog
    days: Sequence[RatingDay]
    best: Sequence[float]


def _fold(case: _Case, on: date) -> list[Step]:
    """A step for every rating day, then one wherever time or another instrument has changed the answer up to `on`."""
    steps: list[Step] = []
    for position, rated in enumerate(case.days):
        steps.append(_status_on(case, position, steps[-1] if steps else None, rated.day))
    if gap := _missing(case, on):
        words, since = gap
        # No chance is shown with it: what was forecast then is not known to hold now.
        lean, better = (steps[-1].lean, steps[-1].better) if steps else ("between", None)
        return [*steps, Step(on, "cannot_tell", since, lean, None, better, missing=words)]
    before = steps[-2] if len(steps) > 1 else None
    for day in _days_after(case, steps[-1].day, on):
        again = _status_on(case, len(case.days) - 1, before, day)
        if again.status != steps[-1].status:
            steps.append(replace(again, day=day, since=day))
    return steps


def _days_after(case: _Case, rated: date, on: date) -> list[date]:
    """The days after the last primary rating on which the answer can change: something else was recorded, or its veto ends."""
    ends = timedelta(days=case.catalog.verdict.veto_window_days.value + 1)
    recorded = [r.day for r in (*case.episode.earlier, *case.episode.ratings)]
    recorded += [i.at.day(case.record.zone) for i in case.record.of_kind(Incident)]
    return sorted({day for start in recorded for day in (start, start + ends) if rated < day <= on})


def _status_on(case: _Case, position: int, previous: Step | None, on: date) -> Step:
    """The first row of the table that holds after this rating, with everything else known on `on`."""
    rated, episode, catalog = case.days[position], case.episode, case.catalog
    chance = chance_on(case.course, catalog, rated.day) if case.course else None
    lean = _lean(catalog, chance, previous.lean if previous else "between")
    index, primary = episode.index, catalog.instruments[episode.primary or ""]
    better = improvement(primary, index.total, rated.total) if index else None
    below = episode.cut is not None and rated.total <= episode.cut
    lost = _losing_ground(case, position, on)
    above_line = not below and _one_excess(case, position, previous)
    vetoed = (*vetoes(case.record, episode, catalog, on), *_unanswered(rated)) if below or above_line else ()
    step = Step(rated.day, "undecided", rated.day, lean, chance, better, excess=not below, vetoes=vetoed if below else ())
    if lost and not below:
        step = replace(step, status="losing_ground", warning=lost)
    elif (below or above_line) and not vetoed:
        step = replace(step, status="remission", warning=lost or (f"one rating above the line: {rated.total:g}" if above_line else None))
    elif lean == "moving":
        step = replace(step, status="moving_toward_remission")
    elif early := too_early(episode, plan_then(episode, rated.day), rated.day):
        step = replace(step, status="too_early", missing=early)
    elif lean == "low" and better is not None:
        if better >= catalog.verdict.better_fraction.value:
            step = replace(step, status="holding_above_remission")
        elif _falling(case, position):
            step = replace(step, warning="still falling")
        else:
            step = replace(step, status="not_improving")
    return replace(step, since=_since(episode, catalog, step, previous, rated.day))


def _unanswered(rated: RatingDay) -> Iterator[str]:
    """A total that stands for unanswered items is shown; it never establishes remission."""
    if not rated.complete:
        how = "the total is prorated: " if rated.prorated else ""
        yield f"{how}not every item was answered ({', '.join(rated.missing)})"


def _lean(catalog: Catalog, chance: Chance | None, before: Lean) -> Lean:
    """Where the probability stands, with its memory: entered at one threshold, left at another."""
    if chance is None:
        return "between"
    p, rules = chance.probability, catalog.verdict
    if p >= rules.moving_enter.value or (before == "moving" and p >= rules.moving_leave.value):
        return "moving"
    if p <= rules.low_enter.value or (before == "low" and p <= rules.low_leave.value):
        return "low"
    return "between"


def too_early(episode: CurrentEpisode, plan: PlanInForce, day: date) -> str | None:
    """What the protocol still asks for before this phase can be judged, in words; None where it has been reached."""
    since = _phase_began(episode, plan, day)
    weeks = (day - since).days / 7
    sessions = sum(since <= s <= day for s in episode.session_days)
    wants: list[str] = []
    if weeks < plan.phase.minimum_weeks:
        wants.append(f"{int(max(weeks, 0))} of {plan.phase.minimum_weeks:g} weeks of {plan.phase.name}")
    # Sessions that nobody recorded cannot hold a verdict back: then the weeks alone decide.
    if plan.phase.minimum_sessions and episode.session_days and sessions < plan.phase.minimum_sessions:
        wants.append(f"{sessions} of {plan.phase.minimum_sessions} sessions of {plan.phase.name}")
    return " and ".join(wants) or None


def _phase_began(episode: CurrentEpisode, plan: PlanInForce, day: date) -> date:
    """From when the weeks and sessions of the phase count: from the plan; without one from treatment, else from the index."""
    return plan.since if not plan.assumed else (episode.treatment_started or (episode.index.day if episode.index else day))


def _losing_ground(case: _Case, position: int, on: date) -> str | None:
    """Two ratings in a row a within-person change above the best four-week median, or one and an incident; in words."""
    change = _within_person(case)
    incident = _last_incident(case, case.days[position].day, on)
    start = position if incident else position - 1
    if change is None or start < 0:
        return None
    if not all(rated.total >= case.best[start] + change for rated in case.days[start : position + 1]):
        return None
    raised = f"{change:g} or more above the best four weeks (median {case.best[start]:g})"
    return f"one rating {raised}, and an incident on {day_in_words(incident)}" if incident else f"two ratings in a row {raised}"


def _falling(case: _Case, position: int) -> bool:
    """Whether the total has fallen within the window of the best median: then "not improving" is not said."""
    change, rated, index = _within_person(case), case.days[position], case.episode.index
    if change is None or index is None:
        return False
    start = rated.day - timedelta(days=case.catalog.verdict.best_window_days.value)
    before = [(index.day, index.total), *((r.day, r.total) for r in case.days[:position])]
    first = next((total for day, total in before if day >= start), rated.total)
    return first - rated.total >= case.catalog.verdict.falling_share.value * change


def _last_incident(case: _Case, day: date, on: date) -> date | None:
    """The last hospitalisation or attempt since the index, at most the incident window before the rating."""
    window = timedelta(days=case.catalog.verdict.incident_window_days.value)
    first = case.episode.index.day if case.episode.index else day
    struck = [i.at.day(case.record.zone) for i in case.record.of_kind(Incident) if i.incident != "adverse_event"]
    return max((i for i in struck if max(first, day - window) <= i <= on), default=None)


def _one_excess(case: _Case, position: int, previous: Step | None) -> bool:
    """Whether this rating is a single excess over the cut that is too small to end a remission.

    A single rating in the range is not yet a remission that an excess could spare: it takes two rating days.
    """
    change, cut = _within_person(case), case.episode.cut
    if change is None or cut is None or previous is None or previous.status != "remission" or previous.excess:
        return False
    return previous.since < previous.day and case.days[position].total < cut + change


def _within_person(case: _Case) -> float | None:
    primary = case.episode.primary
    change = case.catalog.instruments[primary].change("within_person") if primary else None
    return change.points if change else None


def _missing(case: _Case, on: date) -> tuple[str, date] | None:
    """Why nothing can be told on `on`, in words, and since when; None where enough is known."""
    episode, catalog, days = case.episode, case.catalog, case.days
    if episode.primary is None:
        return "no rating of an instrument that can carry a verdict", on
    if episode.index is None:
        return "no counted rating: each was taken in the days after a dose", on
    if episode.cut is None:
        return f"no definition of remission has a cut for {catalog.instruments[episode.primary].short_name}", episode.index.day
    if not days:
        return "no counted rating after the index", episode.index.day
    limit = stale_after_days(catalog, episode.plan_on(days[-1].day))
    stale = days[-1].day + timedelta(days=limit)
    if on > stale:
        return f"no rating for {(on - days[-1].day).days} days (a rating is good for {limit:g})", stale
    missed = _missed_in_a_row(case.record, episode, days[-1].day)
    if len(missed) >= catalog.verdict.missed_requests.value:
        return f"{len(missed)} requests missed in a row", missed[0]
    return None


def stale_after_days(catalog: Catalog, plan: PlanInForce) -> float:
    """How old a primary rating may be: 14 days, or 1.5 times its planned interval where that is longer."""
    return max(catalog.verdict.stale_days.value, catalog.verdict.stale_intervals.value * plan.rating_interval_days)


def _missed_in_a_row(record: PatientRecord, episode: CurrentEpisode, last_rated: date) -> list[date]:
    """The days of the last requests for the primary instrument that were missed, back to one that was not."""
    missed: list[date] = []
    for request in reversed(record.of_kind(Request)):
        day = request.at.day(record.zone)
        if request.instrument != episode.primary or request.outcome in ("open", "excused") or day <= last_rated:
            continue
        if request.outcome == "answered":
            break
        missed.insert(0, day)
    return missed


def _since(episode: CurrentEpisode, catalog: Catalog, step: Step, previous: Step | None, day: date) -> date:
    """The status holds since it was entered, unless a gap lay between in which nothing was known."""
    if previous is None or previous.status != step.status:
        return day
    limit = stale_after_days(catalog, episode.plan_on(previous.day))
    return day if (day - previous.day).days > limit else previous.since


def _confirmed(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay], since: date) -> bool:
    """Remission is confirmed only with the duration of the definition in force; weeks under a veto do not count."""
    definition = catalog.definitions[episode.definition]
    incidents = [(i.at.day(record.zone), i.incident) for i in record.of_kind(Incident)]
    found = outcome_course(definition, episode.primary or "", remission_points([rated for rated in days if rated.day >= since]), incidents)
    return found.state in ("remission", "recovery")


def _arrived(episode: CurrentEpisode, catalog: Catalog, heading: Heading | None) -> bool | None:
    """Whether the plateau is reached: the rating expected at the horizon is less than a meaningful change below today's level."""
    change = catalog.instruments[episode.primary].change("mcid") if episode.primary else None
    if heading is None or change is None or change.points is None:
        return None
    return heading.level - heading.heading_to < change.points


def _would_settle(episode: CurrentEpisode, last: Step) -> str | None:
    """What would settle a verdict that cannot be given, and when."""
    if last.status == "too_early":
        plan = episode.plan_on(last.day)
        ripe = _phase_began(episode, plan, last.day) + timedelta(weeks=plan.phase.minimum_weeks)
        return f"a rating on or after {day_in_words(ripe)}" if ripe > last.day else "the sessions that the phase still asks for"
    if last.status == "cannot_tell" and episode.primary and episode.cut is None:
        return "a definition that has a cut for it, or another primary instrument"
    if last.status == "cannot_tell":
        return "a rating now, before the next session" if episode.session_days else "a rating now"
    return None


def _spans(episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay], on: date) -> dict[str, float]:
    """Weeks since the index in remission, above it, and not observed."""
    weeks = {"in_remission": 0.0, "above": 0.0, "not_observed": 0.0}
    if episode.index is None or episode.cut is None or episode.primary is None:
        return weeks
    points = [(episode.index.day, episode.index.total), *((rated.day, rated.total) for rated in days)]
    recall = catalog.instruments[episode.primary].structure.recall_days
    for span in spans(points, episode.cut, recall, catalog.verdict.remission_cover_days.value, on):
        weeks[span.state] += span.days / 7
    return {state: round(value, 1) for state, value in weeks.items()}
