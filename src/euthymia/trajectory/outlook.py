"""What is asked of a belief beside the forecast itself: when would we know, does it last, what do missed ratings hide,
what do sessions do.

Anything counterfactual states its identified share: 1 - posterior variance / prior variance of the quantity shown. A
quantity that the patient's ratings have said nothing about has a share of 0: it is the population's, not the patient's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from euthymia.trajectory.forecast import Plan, beliefs, following, forecast
from euthymia.trajectory.kalman import advance, condition_variance, evidence, filter_series, rating_moments, updated
from euthymia.trajectory.model import EFFECT, Population, Schedule, Series, State, initial
from euthymia.trajectory.scale import Array

# An interval counts as one that the patient has had within a tenth of it, or a day.
_SAME_INTERVAL, _DAY = 0.1, 1 / 7
# Over how many moments between two sessions the greatest effect is looked for.
_MOMENTS = 29


@dataclass(frozen=True)
class Effect:
    """A difference that sessions make: `mean`, `sd` in points (in latent units on another scale), `identified_share` 0 to 1."""

    mean: float
    sd: float
    identified_share: float


def settled_probability(
    population: Population,
    state: State,
    log_weights: Array,
    now: float,
    schedule: Schedule,
    rating_weeks: Sequence[float],
    horizon_week: float,
    cut: float,
    thresholds: tuple[float, float],
) -> Array:
    """When would we know: for each scheduled rating, P(the probability of remission at the horizon is then settled).

    Settled: at or beyond one of `thresholds` (low, high). The probability that will be stated after the k-th rating
    depends on the forecast mean, which is Gaussian today with the variance that the ratings will take away. The
    posterior of the node is held at today's; `tests/core/trajectory` compares with simulation.
    """
    low, high = thresholds
    weights, noise = np.exp(log_weights), population.grid.rating_sd**2
    bound = population.scale.at_most(cut)
    mean, var = rating_moments(advance(population, state, schedule, now, horizon_week))
    settled: list[float] = []
    belief, week = state, now
    for rating_week in rating_weeks:
        belief, week = condition_variance(population, advance(population, belief, schedule, week, rating_week)), rating_week
        left = rating_moments(advance(population, belief, schedule, week, horizon_week))[1]
        spread = np.sqrt(np.maximum(var - left, 1e-12))
        sd = np.sqrt(left + noise)
        favourable = ndtr((bound - sd * ndtri(high) - mean) / spread)
        unfavourable = 1 - ndtr((bound - sd * ndtri(low) - mean) / spread)
        settled.append(float(np.clip((favourable + unfavourable) @ weights, 0, 1)))
    return np.array(settled)


def sustained_probability(
    population: Population,
    state: State,
    log_weights: Array,
    now: float,
    schedule: Schedule,
    rating_weeks: Sequence[float],
    cut: float,
) -> float:
    """P(every one of the ratings at `rating_weeks` is at most `cut`); 1 for no ratings.

    Rating by rating: the chance of each given that those before were in the range, the belief updated by that (as for a
    censored rating).
    """
    bound = population.scale.at_most(cut)
    log_chance = log_weights
    for week in rating_weeks:
        state, now = advance(population, state, schedule, now, week), week
        mean, var = rating_moments(state)
        found = evidence(population, -1, bound - mean, var, 0.0)
        state, log_chance = updated(state, found.slope, found.curvature), log_chance + found.log_density
    return float(np.clip(np.exp(log_chance).sum(), 0, 1))


def with_missed_worse(population: Population, series: Series, missed_weeks: Sequence[float], worse_by: float) -> Series:
    """The series had every missed rating been `worse_by` points worse than the ratings before it made one expect."""
    scale, imputed = population.scale, series
    for week in sorted(missed_weeks):
        before = sum(w <= week for w in imputed.elapsed_weeks)
        # Before all ratings it is what the population expects of a first one.
        expected = float(forecast(population, imputed.first(before), [week if before else 0.0]).mean[0])
        total = float(scale.rated(scale.latent(min(expected + worse_by, scale.score_range[1]))))
        weeks, totals = list(imputed.elapsed_weeks), list(imputed.totals)
        weeks.insert(before, week)
        totals.insert(before, total)
        imputed = replace(imputed, elapsed_weeks=weeks, totals=totals)
    return imputed


def tipping_point(
    population: Population,
    series: Series,
    missed_weeks: Sequence[float],
    worse_by: float,
    at_week: float,
    cut: float,
    plan: Plan | None = None,
) -> float:
    """P(a rating of at most `cut` at `at_week`), had each missed rating been `worse_by` points worse than was expected of it.

    Missing is not harmless: where this changes the answer, the answer rests on what was not seen.
    """
    imputed = with_missed_worse(population, series, missed_weeks, worse_by)
    return float(forecast(population, imputed, [max(at_week, imputed.now)], plan).prob_at_most(cut)[0])


def loss_before_next(population: Population, state: State, log_weights: Array, now: float, schedule: Schedule, next_week: float) -> Effect:
    """How much of the effect of sessions is lost between its best moment from now on and the rating before the session of `next_week`."""
    between = beliefs(population, state, now, schedule, np.linspace(now, next_week, _MOMENTS))
    shares = np.array([belief.recalled_share for belief in between])
    return _effect(population, state, log_weights, shares.max(axis=0) - shares[-1])


@dataclass(frozen=True)
class Counterfactual:
    """A rating under another schedule of sessions: its `mean`, and `change` against what is expected (more is worse)."""

    mean: float
    change: Effect


def counterfactual(population: Population, series: Series, at_week: float, instead: Plan, plan: Plan | None = None) -> Counterfactual:
    """The rating at `at_week` under `instead`: no more sessions, or an interval that this patient has had.

    For anything else nothing is known of this patient: it raises ValueError.
    """
    filtered = filter_series(population, series)
    if not filtered.states:
        raise ValueError("found no rating; allowed: a counterfactual after at least one")
    state, log_weights, now = filtered.states[-1], filtered.log_weights[-1], series.now
    _known_schedule([week for week in series.session_weeks if week <= now], now, instead)
    # A session given after the last rating, on its day, cannot be taken back.
    given = {week for week in series.session_weeks if week == now}
    instead = replace(instead, session_weeks=sorted({*instead.session_weeks, *given}))
    futures = (following(series.session_weeks, (), now, at_week, series.recall_days, p) for p in (plan, instead))
    usual, other = (advance(population, state, future, now, at_week).recalled_share for future in futures)
    mean = float(forecast(population, series, [at_week], instead).mean[0])
    return Counterfactual(mean, _effect(population, state, log_weights, usual - other))


def telling(
    population: Population, state: State, log_weights: Array, now: float, schedule: Schedule, rating_weeks: Sequence[float]
) -> Array:
    """The identified share of the effect of a session in this patient, were one more rating taken at each of `rating_weeks`."""
    ones = np.ones(len(log_weights))
    seen = [condition_variance(population, advance(population, state, schedule, now, week)) for week in rating_weeks]
    return np.array([_effect(population, belief, log_weights, ones).identified_share for belief in seen])


def effect_of_a_session(population: Population, state: State, log_weights: Array) -> Effect:
    """The fall that follows one session in this patient (a positive number is a fall)."""
    return _effect(population, state, log_weights, np.ones(len(log_weights)))


def _effect(population: Population, state: State, log_weights: Array, share: Array) -> Effect:
    """effect · `share` [node] as a mixture over the nodes: now, and against what the population alone would have said."""
    mean, var = _mixture(state, np.exp(log_weights), share)
    _, prior_var = _mixture(initial(population), population.grid.weight, share)
    identified = float(np.clip(1 - var / prior_var, 0, 1)) if prior_var > 0 else 0.0
    points = population.scale.slope if population.scale.kind == "identity" else 1.0
    return Effect(mean * points, float(np.sqrt(var)) * points, identified)


def _mixture(state: State, weights: Array, share: Array) -> tuple[float, float]:
    means = state.mean[:, EFFECT] * share
    centre = float(means @ weights)
    return centre, float((state.cov[:, EFFECT, EFFECT] * share**2 + (means - centre) ** 2) @ weights)


def _known_schedule(held: Sequence[float], now: float, instead: Plan) -> None:
    """Refuse an interval that this patient has not had. A session at once ends one that has passed already, of any length."""
    planned = [week for week in instead.session_weeks if week > now]
    if not planned:
        return
    at_once = len(planned) < len(instead.session_weeks)
    had, wanted = np.diff(held), np.diff([*([now] if at_once else held[-1:]), *planned])
    near = np.maximum(_SAME_INTERVAL * wanted, _DAY)
    if not len(had) or any(np.abs(had - gap).min() > tolerance for gap, tolerance in zip(wanted, near, strict=True)):
        known = ", ".join(f"{gap:.1f}" for gap in sorted({round(float(g), 1) for g in had})) or "none"
        raise ValueError(f"found an interval that this patient has not had; allowed: no more sessions, or one of {known} weeks")
