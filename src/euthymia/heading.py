"""Where the plan in force is heading: the forecast behind the verdict, in the units of the primary instrument.

Chooses the population for an episode, hands arrays to the trajectory model, and brings back the one probability:
P(the rating scheduled at the horizon ≤ the remission cut in force).
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from euthymia import trajectory
from euthymia.catalog import Catalog
from euthymia.catalog import Population as FittedPopulation
from euthymia.episode import CurrentEpisode, PlanInForce
from euthymia.trajectory import Filtered, Forecast, Node, Series, forecast_from

_WEEK = 7.0
_QUANTILES = (0.5, 0.1, 0.9)


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
    filtered: Filtered

    def weeks(self, day: date) -> float:
        """Weeks from the start of the series to `day`."""
        return (day - self.start).days / _WEEK

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
    population, used = chosen
    start = episode.index.day
    after = episode.series[episode.index.ratings :]
    days = (start, *(r.day for r in after))
    totals = (episode.index.total, *(r.total or 0.0 for r in after))
    changes = [(day - start).days / _WEEK for day in episode.change_days if day > start]
    series = Series([(day - start).days / _WEEK for day in days], totals, changes)
    return Course(episode, population, used, start, days, trajectory.filter_series(population, series))


def chance_on(course: Course, catalog: Catalog, day: date) -> Chance:
    """The one probability, as it was after the last rating on or before `day`."""
    at = course.position(day)
    rated = course.days[at]
    horizon = horizon_after(rated, course.episode.plan_on(rated), catalog)
    probability = _forecast(course, at, [horizon]).prob_at_most(course.episode.cut or 0.0)[0]
    return Chance(rated, horizon, round(float(probability), 2))


def heading_at(course: Course, horizon: date) -> Heading:
    """Where the last rating says that the plan is heading, at `horizon`."""
    at = len(course.days) - 1
    future = _forecast(course, at, [horizon])
    middle, low, high = (round(float(future.quantile(q)[0]), 1) for q in _QUANTILES)
    level = float(course.filtered.states[at].level @ np.exp(course.filtered.log_weights[at]))
    return Heading(horizon, middle, low, high, round(level, 1))


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


def settling(course: Course, catalog: Catalog, day: date, on: date) -> tuple[tuple[date, float], ...]:
    """For the scheduled ratings after `on`, up to the horizon: the day, and the probability that the status is then settled."""
    at = course.position(day)
    now = chance_on(course, catalog, day)
    interval = course.episode.plan_on(now.day).rating_interval_days
    count = int((now.horizon - now.day).days // interval)
    days = [now.day + timedelta(days=round(interval * step)) for step in range(1, count + 1)]
    thresholds = (catalog.verdict.low_enter.value, catalog.verdict.moving_enter.value)
    chances = trajectory.settled_probability(
        course.population,
        course.filtered.states[at],
        course.filtered.log_weights[at],
        course.weeks(now.day),
        [course.weeks(d) for d in days],
        course.weeks(now.horizon),
        course.episode.cut or 0.0,
        thresholds,
    )
    return tuple((d, round(float(p), 2)) for d, p in zip(days, chances, strict=True) if d > on)


def fan(course: Course, until: date) -> tuple[FanPoint, ...]:
    """The picture: the filtered level at every rating, then ratings forecast in weekly steps up to `until`."""
    points = []
    for at, day in enumerate(course.days):
        state, weights = course.filtered.states[at], np.exp(course.filtered.log_weights[at])
        middle, sd = float(state.level @ weights), float(np.sqrt(state.level_var @ weights))
        low, high = (_within(course, middle + side * 1.2816 * sd) for side in (-1, 1))
        points.append(FanPoint(day, _within(course, middle), low, high, past=True))
    last = course.days[-1]
    ahead = [last + timedelta(days=7 * step) for step in range((until - last).days // 7 + 1)]
    ahead = [*ahead, until] if ahead and ahead[-1] < until else ahead
    future = _forecast(course, len(course.days) - 1, ahead)
    quantiles = [np.round(future.quantile(q), 1).tolist() for q in _QUANTILES]
    points += [FanPoint(day, m, lo, hi, past=False) for day, m, lo, hi in zip(ahead, *quantiles, strict=True)]
    return tuple(points)


def population_for(catalog: Catalog, instrument: str, protocol: str) -> tuple[trajectory.Population, PopulationUsed] | None:
    """The instrument's own population, else one borrowed from another instrument; borrowed too where the treatment differs."""
    own = next((p for p in catalog.populations.values() if p.instrument == instrument), None)
    fitted = own or next(iter(catalog.populations.values()), None)
    if fitted is None:
        return None
    population = _on_instrument(catalog, fitted, instrument)
    borrowed = own is None or protocol not in fitted.protocols
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
    span = target.range
    low, high, step = (span.minimum, span.maximum, span.step or 0.1) if span else (0.0, 100.0, 1.0)
    base = trajectory.Population(
        nodes=tuple(Node(node.rate_per_week, node.wandering_sd, node.weight) for node in fitted.nodes),
        rating_sd=fitted.rating_sd,
        set_point_drift_sd=fitted.set_point_drift_sd,
        set_point_step_sd=fitted.set_point_step_sd,
        start_mean=fitted.start_mean,
        start_sd=fitted.start_sd,
        set_point_intercept=fitted.set_point_intercept,
        set_point_slope=fitted.set_point_slope,
        set_point_sd=fitted.set_point_sd,
        score_range=(low, high),
        score_step=step,
    )
    return base.rescaled(scale, shift, (low, high), step)


def _forecast(course: Course, at: int, days: list[date]) -> Forecast:
    return forecast_from(
        course.population,
        course.filtered.states[at],
        course.filtered.log_weights[at],
        course.weeks(course.days[at]),
        [course.weeks(day) for day in days],
    )


def _within(course: Course, value: float) -> float:
    low, high = course.population.score_range
    return round(min(max(value, low), high), 1)
