"""Where the plan in force is heading: the forecast behind the verdict, in the units of the primary instrument.

Chooses the population for an episode, hands arrays to the trajectory model, and brings back the one probability:
P(the rating scheduled at the horizon ≤ the remission cut in force).
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from euthymia import trajectory
from euthymia.catalog import Catalog
from euthymia.episode import CurrentEpisode, PlanInForce
from euthymia.instrument import Instrument
from euthymia.population import Population as FittedPopulation
from euthymia.trajectory import Filtered, Forecast, Parameters, Scale, Schedule, Series, State, forecast_from

_WEEK = 7.0
_QUANTILES = (0.5, 0.1, 0.9)
_EIGHTY = 1.2816


@dataclass(frozen=True)
class Chance:
    """The one probability after the rating of `day`: a rating in the remission range at `horizon`, to 0.01."""

    day: date
    horizon: date
    probability: float


@dataclass(frozen=True)
class Heading:
    """Where the rating is heading (to 0.1): the predictive median at `horizon` with its central 80 %.

    `level` is the filtered level after the last rating.
    """

    horizon: date
    heading_to: float
    low: float
    high: float
    level: float


@dataclass(frozen=True)
class FanPoint:
    """One day of the picture: the rating expected then, with its central 80 %. `past`: the filtered level and its belief."""

    day: date
    middle: float
    low: float
    high: float
    past: bool


@dataclass(frozen=True)
class PopulationUsed:
    """The population behind every probability of a review, and whether it is borrowed."""

    id: str
    name: str
    people: int
    borrowed: bool
    words: str


@dataclass(frozen=True)
class Course:
    """The filtered course of one episode: what headings, settling times and the picture are computed from."""

    episode: CurrentEpisode
    population: trajectory.Population
    used: PopulationUsed
    start: date
    days: tuple[date, ...]
    series: Series
    filtered: Filtered

    def weeks(self, day: date) -> float:
        """Weeks from the start of the series to `day`."""
        return (day - self.start).days / _WEEK

    def schedule(self, at: int, until: date) -> Schedule:
        """What follows that rating under the plan in force, as known then: sessions at its interval, or as so far."""
        day = self.days[at]
        plan, held = plan_then(self.episode, day), [d for d in self.episode.session_days if d <= day]
        now, end, recall = self.weeks(day), self.weeks(until), self.series.recall_days
        sessions = [self.weeks(d) for d in held]
        every = (plan.phase.session_interval_days or 0.0) / _WEEK
        if plan.assumed or not every or not held:
            return trajectory.following(sessions, (), now, end, recall, None)
        first = sessions[-1] if held[-1] == day else max(sessions[-1] + every, now)
        return Schedule([first + every * k for k in range(int((end - first) / every) + 1)], (), recall)

    def belief(self, at: int) -> tuple[trajectory.Population, State, NDArray[np.float64], float]:
        """What was believed after the rating at this place: the population, the state, the log weights of its nodes, and the week."""
        return self.population, self.filtered.states[at], self.filtered.log_weights[at], self.weeks(self.days[at])

    def position(self, day: date) -> int:
        """The last rating on or before `day`."""
        return bisect_right(self.days, day) - 1


def filtered_course(episode: CurrentEpisode, catalog: Catalog) -> Course | None:
    """Filter the episode's series: the index first, then every counted rating after it. None without index or cut."""
    if episode.index is None or episode.primary is None or episode.cut is None:
        return None
    chosen = population_for(catalog, episode.primary, episode.plan.protocol)
    if chosen is None:
        return None
    return _filtered(episode, *chosen, catalog.instruments[episode.primary].structure.recall_days)


def course_of(episode: CurrentEpisode, other: Course) -> Course:
    """The course of the same episode with another series, by the population of `other`."""
    return _filtered(episode, other.population, other.used, other.series.recall_days)


def _filtered(episode: CurrentEpisode, population: trajectory.Population, used: PopulationUsed, recall_days: float) -> Course:
    index = episode.index
    if index is None:
        raise ValueError("found an episode without an index; allowed: one with an index")
    after = episode.series[index.ratings :]
    days = (index.day, *(r.day for r in after))
    totals = (index.total, *(r.total or 0.0 for r in after))
    changes, sessions = (
        sorted((day - index.day).days / _WEEK for day in of_kind) for of_kind in (episode.change_days, episode.session_days)
    )
    series = Series([(day - index.day).days / _WEEK for day in days], totals, sessions, [week for week in changes if week > 0], recall_days)
    return Course(episode, population, used, index.day, days, series, trajectory.filter_series(population, series))


def chance_on(course: Course, catalog: Catalog, day: date) -> Chance:
    """The one probability, as it was after the last rating on or before `day`."""
    at = course.position(day)
    rated = course.days[at]
    horizon = horizon_after(rated, plan_then(course.episode, rated), catalog)
    probability = _forecast(course, at, [horizon]).prob_at_most(course.episode.cut or 0.0)[0]
    return Chance(rated, horizon, round(float(probability), 2))


def heading_at(course: Course, horizon: date) -> Heading:
    """Where the last rating says that the plan is heading, at `horizon`."""
    at = len(course.days) - 1
    future = _forecast(course, at, [horizon])
    middle, low, high = (round(float(future.quantile(q)[0]), 1) for q in _QUANTILES)
    return Heading(horizon, middle, low, high, _level(course, at, 0.0))


def plan_then(episode: CurrentEpisode, day: date) -> PlanInForce:
    """The plan as it was known on `day`: before the first one, as so far."""
    plan = episode.plan_on(day)
    return plan if plan.since <= day else replace(plan, assumed=True, next_decision=None)


def horizon_after(day: date, plan: PlanInForce, catalog: Catalog) -> date:
    """The next decision point at least four and at most eight weeks ahead (numbers of the verdict rules)."""
    rules = catalog.verdict
    earliest = day + timedelta(weeks=rules.horizon_min_weeks.value)
    latest = day + timedelta(weeks=rules.horizon_max_weeks.value)
    if plan.next_decision and earliest <= plan.next_decision <= latest:
        return plan.next_decision
    every = timedelta(weeks=plan.phase.decision_every_weeks)
    if plan.assumed or plan.since > latest:
        return earliest
    steps = -(-(earliest - plan.since) // every)
    return min(latest, plan.since + steps * every)


def sustained(course: Course, horizon: date, weeks: list[date]) -> float:
    """P(the ratings at the horizon and on `weeks` after it are all in the remission range), to 0.01."""
    at = len(course.days) - 1
    days = [horizon, *weeks]
    weeks_rated = [course.weeks(day) for day in days]
    found = trajectory.sustained_probability(*course.belief(at), course.schedule(at, days[-1]), weeks_rated, course.episode.cut or 0.0)
    return round(found, 2)


def settling(course: Course, catalog: Catalog, day: date, on: date) -> tuple[tuple[date, float], ...]:
    """For the scheduled ratings after `on`, up to the horizon: the day, and the probability that the status is then settled."""
    at = course.position(day)
    now = chance_on(course, catalog, day)
    interval = course.episode.plan_on(now.day).rating_interval_days
    count = int((now.horizon - now.day).days // interval)
    days = [now.day + timedelta(days=round(interval * step)) for step in range(1, count + 1)]
    chances = trajectory.settled_probability(
        *course.belief(at),
        course.schedule(at, now.horizon),
        [course.weeks(d) for d in days],
        course.weeks(now.horizon),
        course.episode.cut or 0.0,
        (catalog.verdict.low_enter.value, catalog.verdict.moving_enter.value),
    )
    return tuple((d, round(float(p), 2)) for d, p in zip(days, chances, strict=True) if d > on)


def fan(course: Course, until: date) -> tuple[FanPoint, ...]:
    """The picture: the filtered level at every rating, then ratings forecast in weekly steps up to `until`."""
    points = []
    for at, day in enumerate(course.days):
        middle, low, high = (_level(course, at, side) for side in (0.0, -_EIGHTY, _EIGHTY))
        points.append(FanPoint(day, middle, low, high, past=True))
    last = course.days[-1]
    ahead = [last + timedelta(days=7 * step) for step in range((until - last).days // 7 + 1)]
    ahead = [*ahead, until] if ahead and ahead[-1] < until else ahead
    future = _forecast(course, len(course.days) - 1, ahead)
    quantiles = [np.round(future.quantile(q), 1).tolist() for q in _QUANTILES]
    points += [FanPoint(day, m, lo, hi, past=False) for day, m, lo, hi in zip(ahead, *quantiles, strict=True)]
    return tuple(points)


def population_for(catalog: Catalog, instrument: str, protocol: str) -> tuple[trajectory.Population, PopulationUsed] | None:
    """The instrument's own population, else one borrowed from another instrument; borrowed too where the treatment differs."""
    may = [p for p in catalog.populations.values() if p.carries_verdict]
    own = next((p for p in may if p.instrument == instrument), None)
    fitted = own or next(iter(may), None)
    if fitted is None:
        return None
    return population_on(catalog, fitted, instrument, borrowed=own is None or protocol not in fitted.protocols)


def population_on(
    catalog: Catalog, fitted: FittedPopulation, instrument: str, borrowed: bool
) -> tuple[trajectory.Population, PopulationUsed]:
    """A fitted population read on an instrument, wider where it is borrowed."""
    population = _on_instrument(catalog, fitted, instrument)
    if borrowed:
        population = population.widened(fitted.borrowed.variance_factor)
    words = f"{fitted.name}; not yet checked in people on this treatment" if borrowed else fitted.name
    return population, PopulationUsed(fitted.id, fitted.name, fitted.source.people, borrowed, words)


def _on_instrument(catalog: Catalog, fitted: FittedPopulation, instrument: str) -> trajectory.Population:
    """Cut to cut, and one within-person change to one within-person change: the linking is design, and it is tagged."""
    target, source = catalog.instruments[instrument], catalog.instruments[fitted.instrument]
    cuts = catalog.definitions[catalog.verdict.default_definition].remission
    scale, shift = 1.0, 0.0
    if instrument != fitted.instrument:
        mine, theirs = target.change("within_person"), source.change("within_person")
        scale = (mine.points or 1.0) / (theirs.points or 1.0) if mine and theirs else 1.0
        shift = cuts[instrument].at_most - scale * cuts[fitted.instrument].at_most
    fitted_on, span = _range(source), _range(target)
    own = Scale(fitted.scale, *fitted_on)
    population = trajectory.population(Parameters.of(fitted.parameters.model_dump(), fitted.covariance), own)
    return population if instrument == fitted.instrument else population.linked(scale, shift, *span)


def _range(instrument: Instrument) -> tuple[tuple[float, float], float]:
    """The range of an instrument and the step of its score."""
    span = instrument.range
    return ((span.minimum, span.maximum), span.step or 0.1) if span else ((0.0, 100.0), 1.0)


def _level(course: Course, at: int, sds: float) -> float:
    """The level as it was believed after a rating, so many standard deviations beside its mean: the drug included, the noise not."""
    mean, sd = trajectory.belief_now(course.filtered.states[at], course.filtered.log_weights[at])
    return round(float(course.population.scale.score(mean + sds * sd)), 1)


def _forecast(course: Course, at: int, days: list[date]) -> Forecast:
    weeks = [course.weeks(day) for day in days]
    schedule = course.schedule(at, max(days, default=course.days[at]))
    return forecast_from(*course.belief(at), schedule, weeks)
