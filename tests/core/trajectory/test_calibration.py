"""Simulation-based calibration (Talts 2018): people drawn from the population, read by the filter; the truth's ranks are uniform.

The rank of the truth among the posterior's draws is, with infinitely many draws, the posterior's distribution function at
the truth; so that is tested. The people come from `euthymia.simulate`, which shares no arithmetic with the filter.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import ndtr
from scipy.stats import chisquare, kstest

from core.trajectory.test_parameters import CERTAIN
from euthymia.simulate.courses import draw_courses
from euthymia.trajectory import Plan, Population, Scale, Series, filter_series, forecast_from, population
from euthymia.trajectory.forecast import following
from euthymia.trajectory.model import EFFECT, LEVEL, SET_POINT

PEOPLE, BINS = 2_500, 20
# Two dozen p-values are looked at below: one in a hundred such families fails by chance (Bonferroni), not one p-value.
LEAST_P = 0.01 / 24
WEEKS, SESSIONS, CHANGES = [0.0, 1.0, 2.0, 2.3, 4.0, 6.0, 9.0], [0.0, 2.0, 2.0, 4.0, 7.0], [4.0]
ASKED = ("level", "set_point", "effect", "next rating")
INTERIOR = replace(population(CERTAIN, Scale("identity", (-150.0, 250.0)), 16), outlier_share=0.0, recall_share=1.0)
OUTLYING = replace(INTERIOR, outlier_share=0.03)
# A third of the ratings at the floor, and half of them.
FLOORED = replace(OUTLYING, scale=Scale("identity", (0.0, 60.0)), start_mean=11.0, set_point_intercept=-7.0)
BOTTOM = replace(FLOORED, start_mean=8.0, set_point_intercept=-9.0)


@dataclass(frozen=True)
class Ranks:
    """The distribution function at the truth, [patient] each; and the share of ratings at the floor."""

    of: dict[str, np.ndarray]
    at_floor: float


def ranked(truth: Population, read_by: Population, recall_days: float, count: int = PEOPLE) -> Ranks:
    drawn = draw_courses(truth, np.random.default_rng(11), count, WEEKS, SESSIONS, CHANGES, recall_days)
    uniform = np.random.default_rng(12).random(count)
    found = {name: np.empty(count) for name in ASKED}
    for person in range(count):
        series = Series(WEEKS, drawn.totals[person], SESSIONS, CHANGES, recall_days)
        filtered = filter_series(read_by, series)
        state, weights = filtered.states[-1], np.exp(filtered.log_weights[-1])
        for name, at in (("level", LEVEL), ("set_point", SET_POINT), ("effect", EFFECT)):
            away = (getattr(drawn, name)[person, -1] - state.mean[:, at]) / np.sqrt(state.cov[:, at, at])
            found[name][person] = ndtr(away) @ weights
        # The last rating from those before it; it is a step, so the rank is drawn within it.
        schedule = following(SESSIONS, CHANGES, WEEKS[-2], WEEKS[-1], recall_days, Plan(SESSIONS, CHANGES))
        ahead = forecast_from(read_by, filtered.states[-2], filtered.log_weights[-2], WEEKS[-2], schedule, WEEKS[-1:])
        total = drawn.totals[person, -1]
        below, within = (ahead.prob_at_most(t)[0] for t in (total - 1, total))
        found["next rating"][person] = below + uniform[person] * (within - below)
    return Ranks(found, float(np.mean(drawn.totals == truth.scale.score_range[0])))


def p_values(ranks: np.ndarray) -> tuple[float, float]:
    """Kolmogorov–Smirnov, and chi-square over twenty bins."""
    counts = np.histogram(ranks, BINS, (0, 1))[0]
    return float(kstest(ranks, "uniform").pvalue), float(chisquare(counts).pvalue)


@pytest.mark.parametrize(("people", "recall_days"), [(INTERIOR, 0.0), (OUTLYING, 14.0)], ids=["right now", "a fortnight, outliers"])
def test_within_the_range_every_rank_is_uniform(people, recall_days):
    """Sessions, a change, outliers, recall, nodes: 20,000 people of other seeds do not tell it from exact (16 p-values, 0.10 to 0.78).

    This seed's least p-value is 0.006, of sixteen.
    """
    for name, ranks in ranked(people, people, recall_days).of.items():
        assert min(p_values(ranks)) > LEAST_P, name


@pytest.mark.parametrize(("people", "recall_days", "share"), [(FLOORED, 0.0, 0.3), (BOTTOM, 14.0, 0.45)], ids=["a third", "half"])
def test_with_many_ratings_at_the_floor_the_next_rating_is_calibrated_and_latent_ranks_nearly(people, recall_days, share):
    """Cutting a Gaussian at the floor again and again leaves it a little off the exact posterior.

    Measured with 20,000 people of other seeds, and 12,000 of this: the rank of the level is 0.021 to 0.027 from uniform
    (Kolmogorov–Smirnov distance), that of the set point 0.015 to 0.020 (both real: p < 0.01); effect and next rating are
    not told from uniform (p 0.06 to 0.81); central 80 % intervals hold 79.0 to 80.9 %.
    """
    found = ranked(people, people, recall_days)
    assert found.at_floor >= share
    for name in ("effect", "next rating"):
        assert min(p_values(found.of[name])) > LEAST_P, name
    # Kolmogorov's bound at 0.01 / 4, and 3.2 standard errors: the same one in a hundred for these families.
    noise = 1.83 / np.sqrt(PEOPLE)
    for name, distance in (("level", 0.027), ("set_point", 0.020)):
        assert kstest(found.of[name], "uniform").statistic < distance + noise, name
    for name, ranks in found.of.items():
        assert np.mean((ranks > 0.1) & (ranks < 0.9)) == pytest.approx(0.8, abs=0.01 + 3.2 * 0.4 / np.sqrt(PEOPLE)), name


@pytest.mark.parametrize(
    ("people", "wrong", "seen_in"),
    [
        pytest.param(INTERIOR, replace(INTERIOR, effect_mean=2.5), "effect", id="a smaller effect"),
        pytest.param(INTERIOR, replace(INTERIOR, grid=replace(INTERIOR.grid, carry=np.ones(16))), "effect", id="sessions that stack"),
        pytest.param(BOTTOM, replace(BOTTOM, scale=Scale("identity", (-150.0, 250.0))), "level", id="the floor read as a value"),
    ],
)
def test_a_wrong_model_is_found_out(people, wrong, seen_in):
    assert min(p_values(ranked(people, wrong, 0.0, 1_500).of[seen_in])) < 1e-4
