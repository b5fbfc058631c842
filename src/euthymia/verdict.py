"""The verdict: the status table of VERDICT.md as a fold over rating days.

The first row that holds is the status. Enter and leave thresholds differ, so the status does not flap and knows
since when it holds. `cannot_tell` is about missing data, `undecided` about the patient's course: never the one for
the other. All numbers come from the catalog.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from statistics import median
from typing import Literal

from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode, PlanInForce, Rating
from euthymia.heading import Course, Heading, heading_on, settling
from euthymia.outcomes import course as outcome_course
from euthymia.outcomes import spans
from euthymia.record import Incident, PatientRecord, Request
from euthymia.safety import suicidality_answers

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
class RatingDay:
    """One step of the fold: the ratings of one day, the worst of which counts."""

    day: date
    total: float
    by_total_only: bool
    prorated: bool


@dataclass(frozen=True)
class Step:
    """The status on one day and what it rests on. `lean` carries the thresholds' memory from day to day."""

    day: date
    status: Status
    since: date
    lean: Lean
    heading: Heading | None
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
    steps = tuple(_fold(record, episode, course, catalog, days, on))
    last = steps[-1]
    observed = _spans(episode, catalog, days, on)
    heading = last.heading
    return Verdict(
        status=last.status,
        since=last.since,
        confirmed=_confirmed(record, episode, catalog, days) if last.status == "remission" else None,
        by_total_only=bool(days) and days[-1].by_total_only,
        arrived=_arrived(episode, catalog, heading) if last.status == "holding_above_remission" else None,
        probability=heading.probability if heading else None,
        horizon=heading.horizon if heading else None,
        heading_to=heading.heading_to if heading else None,
        heading_low=heading.low if heading else None,
        heading_high=heading.high if heading else None,
        better=last.better,
        vetoes=last.vetoes,
        warning=last.warning,
        missing=last.missing,
        would_settle=_would_settle(episode, last),
        settling=settling(course, catalog, days[-1].day) if course and last.status in ("undecided", "too_early") else (),
        weeks_above_remission=observed["above"],
        weeks_not_observed=observed["not_observed"],
        changes_tried=len(episode.change_days),
        steps=steps,
    )


def rating_days(episode: CurrentEpisode) -> list[RatingDay]:
    """The series after the index, one entry a day; where a day has several ratings, the worst counts."""
    if episode.index is None:
        return []
    by_day: dict[date, list[Rating]] = {}
    for rating in episode.series[episode.index.ratings :]:
        by_day.setdefault(rating.day, []).append(rating)
    days = []
    for day, ratings in by_day.items():
        worst = max(ratings, key=lambda r: r.total or 0.0)
        items = all(r.answers is not None for r in ratings)
        days.append(RatingDay(day, worst.total or 0.0, not items, any(r.score.prorated for r in ratings)))
    return days


def _fold(
    record: PatientRecord, episode: CurrentEpisode, course: Course | None, catalog: Catalog, days: Sequence[RatingDay], on: date
) -> Iterator[Step]:
    """A step for every rating day, and the last one for `on`."""
    previous: Step | None = None
    for position, rated in enumerate(days):
        step = _status_on(record, episode, course, catalog, days, position, previous)
        step = replace(step, since=_since(episode, catalog, step, previous, rated.day))
        yield step
        previous = step
    gap = _missing(record, episode, catalog, days, on)
    if gap:
        words, since = gap
        heading = previous.heading if previous else None
        better = previous.better if previous else None
        yield Step(on, "cannot_tell", since, previous.lean if previous else "between", heading, better, missing=words)


def _status_on(
    record: PatientRecord,
    episode: CurrentEpisode,
    course: Course | None,
    catalog: Catalog,
    days: Sequence[RatingDay],
    position: int,
    previous: Step | None,
) -> Step:
    """The first row of the table that holds after the rating of this day."""
    rated, rules = days[position], catalog.verdict
    heading = heading_on(course, catalog, rated.day) if course else None
    lean = _lean(catalog, heading, previous.lean if previous else "between")
    better = _better(episode, rated.total)
    vetoes = tuple(_vetoes(episode, catalog, rated))
    lost = _losing_ground(record, episode, catalog, days, position)
    below = episode.cut is not None and rated.total <= episode.cut
    forgiven = not below and _one_excess(episode, catalog, days, position, previous)
    step = Step(rated.day, "undecided", rated.day, lean, heading, better, excess=not below)
    if lost and not below:
        return replace(step, status="losing_ground", warning=lost)
    if (below or forgiven) and not vetoes:
        above_line = f"one rating above the line: {rated.total:g}" if forgiven else None
        return replace(step, status="remission", warning=lost or above_line)
    step = replace(step, vetoes=vetoes if below else ())
    if lean == "moving":
        return replace(step, status="moving_toward_remission")
    if early := too_early(episode, episode.plan_on(rated.day), rated.day):
        return replace(step, status="too_early", missing=early)
    if lean == "low" and better is not None:
        return replace(step, status="holding_above_remission" if better >= rules.better_fraction.value else "not_improving")
    return step


def _lean(catalog: Catalog, heading: Heading | None, before: Lean) -> Lean:
    """Where the probability stands, with its memory: entered at one threshold, left at another."""
    if heading is None:
        return "between"
    p, rules = heading.probability, catalog.verdict
    if p >= rules.moving_enter.value or (before == "moving" and p >= rules.moving_leave.value):
        return "moving"
    if p <= rules.low_enter.value or (before == "low" and p <= rules.low_leave.value):
        return "low"
    return "between"


def _better(episode: CurrentEpisode, total: float) -> float | None:
    """Improvement since the index as a fraction of it; None of an index of zero."""
    if episode.index is None or episode.index.total <= 0:
        return None
    return round((episode.index.total - total) / episode.index.total, 3)


def too_early(episode: CurrentEpisode, plan: PlanInForce, day: date) -> str | None:
    """What the protocol still asks for before this phase can be judged, in words; None where it has been reached."""
    since = plan.since if not plan.assumed else (episode.treatment_started or (episode.index.day if episode.index else day))
    weeks = (day - since).days / 7
    sessions = sum(since <= s <= day for s in episode.session_days)
    wants: list[str] = []
    if weeks < plan.phase.minimum_weeks:
        wants.append(f"{max(weeks, 0):.0f} of {plan.phase.minimum_weeks:g} weeks of {plan.phase.name}")
    # Sessions that nobody recorded cannot hold a verdict back: then the weeks alone decide.
    if plan.phase.minimum_sessions and episode.session_days and sessions < plan.phase.minimum_sessions:
        wants.append(f"{sessions} of {plan.phase.minimum_sessions} sessions of {plan.phase.name}")
    return " and ".join(wants) or None


def _vetoes(episode: CurrentEpisode, catalog: Catalog, rated: RatingDay) -> Iterator[str]:
    """What forbids calling a low score remission: suicidality, a core item, a mania screen, a prorated total."""
    window = timedelta(days=catalog.verdict.veto_window_days.value)
    known = [r for r in episode.ratings if r.day <= rated.day]
    latest = {r.instrument: r.day for r in known}
    recent = [r for r in known if rated.day - r.day <= window or r.day == latest[r.instrument] == rated.day]
    answers = [a for a in suicidality_answers(recent, catalog) if a.positive]
    if answers:
        last = answers[-1]
        yield f"{catalog.instruments[last.instrument].short_name} item {last.item} (suicidality) was {last.answer:g} on {_said(last.day)}"
    yield from _core_vetoes(catalog, recent)
    for rating in recent:
        instrument = catalog.instruments[rating.instrument]
        if any(cut.mania and cut.id in rating.score.positive for cut in instrument.cut_offs):
            yield f"{instrument.short_name} was positive for mania on {_said(rating.day)}"
    if rated.prorated:
        yield "the total is prorated: not every item was answered"


def _core_vetoes(catalog: Catalog, recent: Sequence[Rating]) -> Iterator[str]:
    """The last core answer at or above the veto, of any depression scale within the window."""
    found: dict[str, str] = {}
    for rating in recent:
        instrument = catalog.instruments[rating.instrument]
        for item, answer in zip(instrument.items, rating.answers or (), strict=False):
            if item.core and answer is not None and answer - item.minimum >= catalog.verdict.core_item_veto.value:
                found[item.id] = f"{instrument.short_name} item {item.id} ({item.label}) was {answer:g} on {_said(rating.day)}"
    yield from found.values()


def _losing_ground(
    record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay], position: int
) -> str | None:
    """Two ratings in a row a within-person change above the best four-week median, or one and an incident; in words."""
    change = _within_person(episode, catalog)
    if change is None or episode.index is None:
        return None
    window = timedelta(days=catalog.verdict.incident_window_days.value)
    zone, day = record.zone, days[position].day
    incidents = [i.at.day(zone) for i in record.of_kind(Incident) if i.incident in ("hospitalisation", "attempt")]
    struck = [i for i in incidents if day - window <= i <= day and i >= episode.index.day]
    for count in (1, 2) if struck else (2,):
        start = position - count + 1
        if start < 0:
            return None
        best = best_median(episode, catalog, days[:start])
        if all(rated.total >= best + change for rated in days[start : position + 1]):
            raised = f"{change:g} or more above the best four weeks (median {best:g})"
            return f"one rating {raised}, and an incident on {_said(struck[-1])}" if count == 1 else f"two ratings in a row {raised}"
    return None


def best_median(episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay]) -> float:
    """The lowest median of any four weeks that end on a rating day, the index included."""
    window = catalog.verdict.best_window_days.value
    index = episode.index
    points = ([(index.day, index.total)] if index else []) + [(rated.day, rated.total) for rated in days]
    ordinals = [day.toordinal() for day, _ in points]
    lowest = float("inf")
    for position, (day, _) in enumerate(points):
        first = bisect_right(ordinals, day.toordinal() - window - 1)
        lowest = min(lowest, median(total for _, total in points[first : position + 1]))
    return lowest


def _one_excess(episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay], position: int, previous: Step | None) -> bool:
    """Whether this rating is a single excess that does not end a remission."""
    if previous is None or previous.status != "remission" or previous.excess:
        return False
    change = _within_person(episode, catalog)
    return change is not None and days[position].total < best_median(episode, catalog, days[:position]) + change


def _within_person(episode: CurrentEpisode, catalog: Catalog) -> float | None:
    change = catalog.instruments[episode.primary].change("within_person") if episode.primary else None
    return change.points if change else None


def _missing(
    record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay], on: date
) -> tuple[str, date] | None:
    """Why nothing can be told on `on`, in words, and since when; None where enough is known."""
    if episode.primary is None or episode.index is None:
        return "no rating of an instrument that can carry a verdict", on
    if episode.cut is None:
        return f"the definition in force has no remission cut for {catalog.instruments[episode.primary].short_name}", on
    if not days:
        return "no counted rating after the index", episode.index.day
    limit = stale_after_days(catalog, episode.plan_on(days[-1].day))
    stale = days[-1].day + timedelta(days=limit)
    if on > stale:
        return f"no rating for {(on - days[-1].day).days} days (a rating is good for {limit:g})", stale
    missed = _missed_in_a_row(record, episode, days[-1].day)
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


def _confirmed(record: PatientRecord, episode: CurrentEpisode, catalog: Catalog, days: Sequence[RatingDay]) -> bool:
    """Remission is confirmed only with the duration of the definition in force."""
    definition = catalog.definitions[episode.definition]
    incidents = [(i.at.day(record.zone), i.incident) for i in record.of_kind(Incident)]
    found = outcome_course(definition, episode.primary or "", [(d.day, d.total) for d in days], incidents)
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
        since = plan.since if not plan.assumed else (episode.treatment_started or last.day)
        ripe = since + timedelta(weeks=plan.phase.minimum_weeks)
        return f"a rating on or after {_said(ripe)}" if ripe > last.day else "the sessions that the phase still asks for"
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


def _said(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
