"""The same model by NUTS: `python tools/nuts_reference.py`, in an environment of its own (not the project's), made by
`pip install numpyro "jax[cpu]" scipy numba pydantic && pip install --no-deps -e .`

Independent of the filter: no time steps and no Kalman equations. Every latent quantity is a sum of responses to shocks,
each response a sum of 1, exp(-λs) and exp(-bs), so what was recalled at all ratings is one Gaussian vector given the
non-linear parameters; those are continuous, with the density that the population's grid stands for. The likelihood of a
rating is the exact chance of its interval, outliers included. NUTS samples the non-linear parameters and the recalled
values (whitened by what the ratings say if read as Gaussian: that is a choice of coordinates, not an approximation);
level, set point, effect and forecast are then averaged by their exact conditional means.
"""

import argparse
import json
import math
import os
import platform
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np
from scipy.special import log_ndtr

from euthymia.simulate.courses import draw_courses
from euthymia.trajectory import Parameters, Plan, Population, Scale, Series, filter_series, forecast, population
from euthymia.trajectory.model import EFFECT, LEVEL, SET_POINT
from euthymia.trajectory.nodes import ON_NODES, RATE_DIFFERS, WANDERING_DIFFERS
from euthymia.trajectory.parameters import NAMES

OUT = Path(__file__).parents[1] / "tests/core/trajectory/golden/nuts.json"
SEED = 20260
SCALE = Scale("identity", (0, 52))
AHEAD_WEEKS = 6.0
RATINGS = (12, 26)
AT_FLOOR = 0.3
STEP_SIZE = 0.55
GROUPS = ("inside", "floor")
QUANTITIES = ("level", "set_point", "effect", "forecast")
# As fitted on the duloxetine trial; effect, wane and carry as designed for sessions. The spreads as carried (logs, log-odds).
VALUES = {
    "rate_per_week": (0.25, 0.18),
    "wandering_sd": (1.43, 0.18),
    "rating_sd": (2.45, 0.08),
    "set_point_sd": (7.66, 0.10),
    "wane_per_week": (0.8, 0.3),
    "carry": (0.08, 0.5),
    "start_mean": (18.06, 0.37),
    "start_sd": (4.84, 0.0),
    "set_point_mean": (9.48, 1.0),
    "set_point_slope": (0.74, 0.17),
    "set_point_drift_sd": (0.42, 0.0),
    "set_point_step_sd": (3.5, 0.0),
    "effect_mean": (8.0, 1.0),
    "effect_sd": (4.0, 0.0),
    "outlier_share": (0.02, 0.0),
    "recall_share": (0.8, 0.0),
}


def parameters() -> Parameters:
    """The parameters of everybody here."""
    return Parameters.of({name: VALUES[name][0] for name in NAMES}, np.diag([VALUES[name][1] ** 2 for name in NAMES]).tolist())


# ---------------------------------------------------------------- patients


class Patient(NamedTuple):
    """A drawn patient: the ratings, and the sessions planned until the forecast."""

    group: str
    series: Series
    planned_sessions: tuple[float, ...]


def patients(group: str, count: int, seed: int = SEED) -> list[Patient]:
    """`count` people of one group: "inside" (no rating at an end) or "floor" (30 % of the ratings or more at the floor).

    Half of them without sessions, asked about now; the others with sessions once a week or every other week, asked
    about the last seven or fourteen days; every fourth of these with a change of protocol.
    """
    people = population(parameters(), SCALE, nodes=4096)
    generator = np.random.default_rng([seed, GROUPS.index(group)])
    found: list[Patient] = []
    while len(found) < count:
        ratings, sessions, planned, changes, recall_days = _schedule(generator, len(found))
        courses = draw_courses(people, generator, 200, ratings, sessions, changes, recall_days)
        fits = [totals for totals in courses.totals if _of_group(group, totals)]
        if fits:
            found.append(Patient(group, Series(ratings, fits[0].tolist(), sessions, changes, recall_days), planned))
    return found


def _of_group(group: str, totals: np.ndarray) -> bool:
    low, high = SCALE.score_range
    at_floor, at_ceiling = totals == low, totals == high
    return not (at_floor | at_ceiling).any() if group == "inside" else bool(at_floor.mean() >= AT_FLOOR and not at_ceiling.any())


def _schedule(
    generator: np.random.Generator, index: int
) -> tuple[list[float], tuple[float, ...], tuple[float, ...], tuple[float, ...], float]:
    count = int(generator.integers(RATINGS[0], RATINGS[1] + 1))
    days = np.cumsum([0, *generator.choice([3, 5, 7, 7, 7, 9, 14], size=count - 1)])
    ratings = [round(float(day) / 7, 6) for day in days]
    if index % 2 == 0:
        return ratings, (), (), (), 0.0
    every = 1.0 if index % 4 == 1 else 2.0
    sessions = np.arange(0.0, ratings[-1] + AHEAD_WEEKS - 1e-9, every)
    changes = (round(ratings[-1] * 0.6, 6),) if index % 8 == 7 else ()
    past = tuple(float(w) for w in sessions if w < ratings[-1])
    return ratings, past, tuple(float(w) for w in sessions if w >= ratings[-1]), changes, 7.0 if index % 8 < 4 else 14.0


# ---------------------------------------------------------------- the engine


def engine(of: Population, patient: Patient) -> dict[str, tuple[float, float]]:
    """Posterior mean and SD of every quantity by the engine: at the last rating, and of what is recalled six weeks later."""
    series = patient.series
    filtered = filter_series(of, series)
    state, log_weights = filtered.states[-1], filtered.log_weights[-1]
    weight = np.exp(log_weights)
    found = {
        name: _mixed(weight, state.mean[:, at], state.cov[:, at, at])
        for name, at in (("level", LEVEL), ("set_point", SET_POINT), ("effect", EFFECT))
    }
    ahead = forecast(of, series, [series.elapsed_weeks[-1] + AHEAD_WEEKS], Plan(patient.planned_sessions))
    nodes = len(weight)
    return found | {"forecast": _mixed(weight, ahead.means[0, :nodes], ahead.sds[0, :nodes] ** 2 - of.grid.rating_sd**2)}


def _mixed(weight: np.ndarray, mean: np.ndarray, var: np.ndarray) -> tuple[float, float]:
    centre = weight @ mean
    return float(centre), float(np.sqrt(weight @ (var + (mean - centre) ** 2)))


# ---------------------------------------------------------------- the model once more, in JAX


class Shared(NamedTuple):
    """What everybody shares: the density of the non-linear parameters as carried, and the linear ones."""

    centre: Any
    root: Any
    uncertain_set_point: float
    start_mean: float
    start_var: float
    set_point_start: float
    slope: float
    drift_var: float
    step_var: float
    effect_mean: float
    effect_var: float
    outlier_share: float
    outlier_factor: float
    recall_share: float


def shared(of: Parameters) -> Shared:
    """As `euthymia.trajectory.parameters.population` says: patients differ, means are uncertain."""
    p, v = of.value, of.variance
    spread = of.covariance[ON_NODES, ON_NODES] + np.diag([RATE_DIFFERS**2, WANDERING_DIFFERS**2, 0, 0, 0, 0])
    return Shared(
        centre=of.estimate[ON_NODES],
        root=np.linalg.cholesky(spread + 1e-14 * np.eye(6)),
        uncertain_set_point=v("set_point_mean") + v("set_point_slope") * p("start_sd") ** 2,
        start_mean=p("start_mean"),
        start_var=p("start_sd") ** 2 + v("start_mean"),
        set_point_start=p("set_point_mean"),
        slope=p("set_point_slope"),
        drift_var=p("set_point_drift_sd") ** 2,
        step_var=p("set_point_step_sd") ** 2,
        effect_mean=p("effect_mean"),
        effect_var=p("effect_sd") ** 2 + v("effect_mean"),
        outlier_share=p("outlier_share"),
        outlier_factor=3.0,
        recall_share=p("recall_share"),
    )


def as_data(people: Sequence[Patient], of: Shared, ratings: int = RATINGS[1]) -> dict[str, np.ndarray]:
    """Everybody as padded arrays [patient, …]."""
    sessions = max(1, *(len(p.series.session_weeks) + len(p.planned_sessions) for p in people))
    changes = max(1, *(len(p.series.protocol_change_weeks) for p in people))
    rows = [_row(p, ratings, sessions, changes) for p in people]
    return _with_sites({name: np.array([row[name] for row in rows]) for name in rows[0]}, of)


def _with_sites(data: dict[str, np.ndarray], of: Shared) -> dict[str, np.ndarray]:
    """What a rating at an end says if read as Gaussian, at the centre of the non-linear parameters: some sweeps of expectation propagation.

    Only the coordinates of NUTS use it; what they are alters how fast it moves, not where to.
    """
    import jax

    joint = jax.jit(model_of(of)[2])
    weights, values = np.zeros_like(data["weeks"]), np.zeros_like(data["weeks"])
    for p in range(len(weights)):
        made = joint(np.zeros(6), {name: column[p] for name, column in data.items()})
        mean, cov, noise, seen = np.asarray(made.recalled), np.asarray(made.recalled_cov), float(made.rating_sd), data["seen"][p] > 0
        lower, upper = data["lower"][p], data["upper"][p]
        ends = seen & (np.isinf(lower) | np.isinf(upper))
        side = np.where(np.isinf(lower), 1.0, -1.0)
        bound = np.where(np.isinf(lower), upper, lower)
        weight = np.where(seen & ~ends, noise**-2, 0.0)
        within = seen & ~ends
        pull = np.where(within, weight * (np.where(within, lower, 0.0) + np.where(within, upper, 0.0)) / 2, 0.0)
        for _ in range(10):
            belief = cov @ np.linalg.inv(np.eye(len(cov)) + weight[:, None] * cov)
            centre = mean + belief @ (pull - weight * mean)
            var = 1 / (1 / np.diag(belief) - weight)
            around = var * (centre / np.diag(belief) - pull)
            sd = np.sqrt(var + noise**2)
            reached = side * (np.where(ends, bound, 0.0) - around) / sd
            mills = np.exp(-(reached**2) / 2 - log_ndtr(reached)) / math.sqrt(2 * math.pi)
            curved = mills * (mills + reached) / sd**2
            site = curved / (1 - var * curved)
            weight = np.where(ends, site, weight)
            pull = np.where(ends, site * around - side * mills / sd * (1 + var * site), pull)
        weights[p], values[p] = np.where(ends, weight, 0.0), np.where(ends, pull / np.where(ends, weight, 1.0), 0.0)
    return data | {"site_weight": weights, "site_value": values}


def _row(patient: Patient, ratings: int, sessions: int, changes: int) -> dict[str, Any]:
    series = patient.series
    lower, upper = SCALE.bounds(series.totals)
    first, last = series.elapsed_weeks[0], series.elapsed_weeks[-1]

    def padded(values: Sequence[float] | np.ndarray, length: int, fill: float) -> np.ndarray:
        return np.concatenate([np.asarray(values, dtype=float), np.full(length - len(values), fill)])

    return {
        "weeks": padded(np.array(series.elapsed_weeks) - first, ratings, last - first),
        "seen": padded(np.ones(len(series.totals)), ratings, 0.0),
        "lower": padded(lower, ratings, -np.inf),
        "upper": padded(upper, ratings, np.inf),
        "last": last - first,
        "sessions": padded(np.array([*series.session_weeks, *patient.planned_sessions]) - first, sessions, np.inf),
        "changes": padded(np.array(series.protocol_change_weeks) - first, changes, np.inf),
        "forgetting": 14 / series.recall_days if series.recall_days else np.inf,
    }


class Joint(NamedTuple):
    """Means and covariance of what was recalled at the ratings [rating], of QUANTITIES [quantity], and between the two."""

    recalled: Any
    recalled_cov: Any
    quantities: Any
    between: Any
    variances: Any
    rating_sd: Any


def model_of(of: Shared):
    """The NumPyro model of one patient, and the exact conditional moments of the quantities given a draw."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax import lax
    from jax.nn import sigmoid
    from jax.scipy.linalg import solve_triangular
    from jax.scipy.special import log_ndtr as log_below
    from jax.scipy.special import logsumexp

    def joint(u, data):
        """The Gaussian of what was recalled and of the quantities, given the non-linear parameters."""
        log_rate, log_wandering, log_rating, log_set_point, log_wane, carry = of.centre + of.root @ u
        rate, wane, rho = jnp.exp(log_rate), jnp.exp(log_wane), sigmoid(carry)
        now = jnp.isinf(data["forgetting"])
        b = jnp.where(now, 1.0, data["forgetting"] / of.recall_share)
        # The closed forms divide by b - λ: so near it they are evaluated a thousandth beside, as the engine does.
        rate, wane = (jnp.where(~now & (abs(v - b) < 1e-3 * b), b * (1 - 1e-3), v) for v in (rate, wane))
        follow, follow_drug = (jnp.where(now, 1.0, b / jnp.where(now, 1.0, b - v)) for v in (rate, wane))
        kept = jnp.where(now, 0.0, 1.0)
        n = len(data["weeks"])
        last = data["last"]
        times = jnp.concatenate([data["weeks"], jnp.array([last + AHEAD_WEEKS])])
        # How level, set point and recalled respond to a unit of wandering, to a unit step of the set point, and to a unit
        # of the start, as coefficients of 1, exp(-λs), exp(-bs).
        to_wander = jnp.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, follow, -follow * kept]])
        to_step = jnp.array([[1.0, -1.0, 0.0], [1.0, 0.0, 0.0], [1.0, -follow, -(1 - follow)]])
        speeds = jnp.array([0.0, rate, b])
        fading = jnp.exp(-speeds[:, None] * times)
        reached = to_step @ fading  # [level / set point / recalled, time]
        to_start = jnp.array([[1.0], [0.0], [1.0]]) * (1 - reached) + of.slope * reached
        set_point_var = jnp.exp(2 * log_set_point) + of.uncertain_set_point
        # Covariance of recalled with all three at the same time, [level / set point / recalled, time].
        sums = speeds[:, None] + speeds[None, :]
        safe = jnp.where(sums > 0, sums, 1.0)[:, :, None]
        within = jnp.where(sums[:, :, None] > 0, -jnp.expm1(-safe * times) / safe, times)

        def shocks(one, other):
            return jnp.einsum("ip,jq,pqt->ijt", one, other, within)

        same = jnp.exp(2 * log_wandering) * shocks(to_wander, to_wander) + of.drift_var * shocks(to_step, to_step)
        since = times[:, None] - data["changes"][None, :]
        moved = jnp.exp(-speeds[:, None, None] * jnp.where(since >= 0, since, 0.0))
        loads = jnp.where(since >= 0, jnp.einsum("ip,ptc->itc", to_step, moved), 0.0)
        same += of.step_var * jnp.einsum("itc,jtc->ijt", loads, loads)
        same += of.start_var * to_start[:, None] * to_start[None, :] + set_point_var * reached[:, None] * reached[None, :]
        # A later value is carried by the three at the earlier time; what comes between is independent of them.
        gap = jnp.maximum(times[None, :] - times[:, None], 0.0)
        slow, fast = jnp.exp(-rate * gap), jnp.exp(-b * gap)
        by_level = follow * (slow - kept * fast)
        forgot = jnp.where(now, 0.0, fast)
        carried = by_level * same[2, 0][:, None] + (1 - by_level - forgot) * same[2, 1][:, None] + forgot * same[2, 2][:, None]
        carried = jnp.where(gap > 0, carried, same[2, 2][:, None])
        upper = jnp.triu(carried)
        cov = upper + jnp.triu(carried, 1).T
        final = jnp.exp(-rate * (last - data["weeks"]))
        level = final * same[2, 0, :n] + (1 - final) * same[2, 1, :n]
        at_last = jnp.where(data["weeks"] == last, 1.0, 0.0)
        at_last = at_last / at_last.sum()
        own = same[:2, :2, :n] @ at_last
        mean = of.start_mean * (1 - reached) + of.set_point_start * reached
        share = _shares(jnp, data["sessions"], times, wane, rho, follow_drug, b, kept)
        effect = jnp.concatenate([-of.effect_var * share[:n], jnp.array([of.effect_var])])
        others = jnp.stack([level, same[2, 1, :n], effect[:n], cov[n, :n] + of.effect_var * share[n] * share[:n]])
        variances = jnp.array([own[0, 0], own[1, 1], of.effect_var, cov[n, n] + of.effect_var * share[n] ** 2])
        recalled = mean[2] - of.effect_mean * share
        centre = jnp.array([mean[0, :n] @ at_last, mean[1, :n] @ at_last, of.effect_mean, recalled[n]])
        return Joint(
            recalled[:n], cov[:n, :n] + of.effect_var * jnp.outer(share[:n], share[:n]), centre, others, variances, jnp.exp(log_rating)
        )

    def recalled_values(u, eps, data):
        """The recalled values as a function of the whitened coordinates, and the log Jacobian."""
        made = Joint(*(lax.optimization_barrier(part) for part in joint(u, data)))  # else XLA computes it again and again
        noise, seen = made.rating_sd, data["seen"]
        n = len(seen)
        low = jnp.linalg.cholesky(made.recalled_cov * jnp.outer(seen, seen) + jnp.diag(1 - seen))
        inside = ~jnp.isinf(data["lower"]) & ~jnp.isinf(data["upper"])
        weight = seen * jnp.where(inside, 1 / noise**2, data["site_weight"])
        guess = jnp.where(inside, (data["lower"] + data["upper"]) / 2, data["site_value"])
        chol = jnp.linalg.cholesky(jnp.eye(n) + low.T @ (weight[:, None] * low))
        towards = low.T @ (weight * (jnp.where(seen > 0, guess, 0.0) - made.recalled))
        white = solve_triangular(chol.T, solve_triangular(chol, towards, lower=True) + eps, lower=False)
        return made, low, white, made.recalled + low @ white, -jnp.log(jnp.diag(chol)).sum()

    def log_chance(lower, upper, z, sd):
        a, c = (jnp.where(jnp.isinf(bound), 0.0, (jnp.where(jnp.isinf(bound), 0.0, bound) - z) / sd) for bound in (lower, upper))
        flip = a + c > 0
        a, c = jnp.where(flip, -c, a), jnp.where(flip, -a, c)
        top = log_below(c)
        inside = top + jnp.log(-jnp.expm1(jnp.where(a < c, log_below(a) - top, -1.0)))
        at_floor = log_below((jnp.where(jnp.isinf(upper), 0.0, upper) - z) / sd)
        at_ceiling = log_below((z - jnp.where(jnp.isinf(lower), 0.0, lower)) / sd)
        return jnp.where(jnp.isinf(lower), at_floor, jnp.where(jnp.isinf(upper), at_ceiling, inside))

    def model(data):
        n = len(data["weeks"])
        u = numpyro.sample("u", dist.Normal(0, 1).expand([6]).to_event(1))
        eps = numpyro.sample("eps", dist.Normal(0, 1).expand([n]).to_event(1))
        made, _, white, z, log_jacobian = recalled_values(u, eps, data)
        noise = made.rating_sd
        numpyro.factor("coordinates", log_jacobian + 0.5 * (eps**2).sum() - 0.5 * (white**2).sum())
        usual = log_chance(data["lower"], data["upper"], z, noise)
        rare = log_chance(data["lower"], data["upper"], z, of.outlier_factor * noise)
        shares = jnp.array([math.log1p(-of.outlier_share), math.log(of.outlier_share)])
        chances = logsumexp(shares[:, None] + jnp.stack([usual, rare]), axis=0)
        numpyro.factor("ratings", (data["seen"] * chances).sum())

    def quantities(u, eps, data):
        """Conditional means and variances of QUANTITIES given one draw."""
        made, low, white, _, _ = recalled_values(u, eps, data)
        across = solve_triangular(low, (made.between * data["seen"]).T, lower=True)
        return made.quantities + across.T @ white, made.variances - (across**2).sum(axis=0)

    return model, quantities, joint


def _shares(jnp, sessions, times, wane, rho, follow_drug, b, kept):
    """How much of one session's effect is recalled at `times`: each session adds what it renews."""
    given = jnp.isfinite(sessions)
    at = jnp.where(given, sessions, 0.0)
    order = jnp.arange(len(sessions))
    gap, between = at[:, None] - at[None, :], order[:, None] - order[None, :] - 1
    earlier = (between >= 0) & given[:, None] & given[None, :]
    before = jnp.where(earlier, rho ** jnp.where(earlier, between, 0) * jnp.exp(-wane * jnp.where(earlier, gap, 0.0)), 0.0).sum(axis=1)
    added = jnp.where(given, 1 - (1 - rho) * before, 0.0)
    since = times[:, None] - at[None, :]
    acts = (since > 0) & given[None, :]
    since = jnp.where(acts, since, 0.0)
    return jnp.where(acts, follow_drug * (jnp.exp(-wane * since) - kept * jnp.exp(-b * since)), 0.0) @ added


# ---------------------------------------------------------------- NUTS


class Draws(NamedTuple):
    """Of NUTS, [patient, quantity]: posterior mean and SD, effective sample size, Monte Carlo error of the mean (in SD), R-hat.

    The last three are of the conditional means, averaged: their error is what the mean's is.
    """

    mean: np.ndarray
    sd: np.ndarray
    ess: np.ndarray
    error: np.ndarray
    rhat: np.ndarray
    divergences: int
    steps: float


def sampler(of: Shared, ratings: int, warmup: int, draws: int):
    """NUTS for many chains side by side, compiled at the first call: keys [chain] and padded patients [chain, …].

    Gives for every draw the conditional means and variances of QUANTITIES, whether it diverged, and its leapfrog steps.
    """
    import jax

    jax.config.update("jax_enable_x64", True)
    from numpyro.infer import NUTS
    from numpyro.infer.util import log_density

    model, quantities, _ = model_of(of)

    def chain(key, data):
        # In these coordinates every posterior is nearly a standard Gaussian: there is nothing to adapt, and no chain waits for another.
        kernel = NUTS(
            potential_fn=lambda q: -log_density(model, (data,), {}, q)[0],
            step_size=STEP_SIZE,
            adapt_step_size=False,
            adapt_mass_matrix=False,
            max_tree_depth=7,
        )
        start, run = jax.random.split(key)
        begin = {"u": 0.5 * jax.random.normal(start, (6,)), "eps": 0.5 * jax.random.normal(run, (ratings,))}
        state = kernel.init(run, 0, init_params=begin, model_args=(), model_kwargs={})
        state = jax.lax.fori_loop(0, warmup, lambda _, s: kernel.sample(s, (), {}), state)

        def one(s, _):
            s = kernel.sample(s, (), {})
            return s, (*quantities(s.z["u"], s.z["eps"], data), s.diverging, s.num_steps)

        return jax.lax.scan(one, state, None, length=draws)[1]

    return jax.jit(jax.vmap(chain))


def nuts(people: Sequence[Patient], of: Parameters, chains: int, warmup: int, draws: int, lanes: int = 100) -> Draws:
    """Every patient's posterior by NUTS, `lanes` chains side by side."""
    import jax

    sample = sampler(shared(of), RATINGS[1], warmup, draws)
    data = as_data(people, shared(of))
    of_lane = np.repeat(np.arange(len(people)), chains)
    lanes = min(lanes, len(of_lane))
    keys = jax.random.split(jax.random.PRNGKey(SEED), len(of_lane))
    found = []
    for begin in range(0, len(of_lane), lanes):
        at = np.arange(begin, min(begin + lanes, len(of_lane)))
        full = np.resize(at, lanes)  # the last batch is filled up: compiled once
        out = sample(keys[full], {name: column[of_lane[full]] for name, column in data.items()})
        found.append([np.asarray(part)[: len(at)] for part in out])
        print(f"  {at[-1] + 1} of {len(of_lane)} chains", file=sys.stderr, flush=True)
    means, variances, diverging, steps = (np.concatenate(part) for part in zip(*found, strict=True))
    return _summed_up(means, variances, diverging, steps, (len(people), chains, draws, len(QUANTITIES)))


def _summed_up(means: np.ndarray, variances: np.ndarray, diverging: np.ndarray, steps: np.ndarray, shape: tuple[int, ...]) -> Draws:
    from numpyro.diagnostics import effective_sample_size, split_gelman_rubin

    means, variances = means.reshape(shape), variances.reshape(shape)
    sd = np.sqrt(means.var(axis=(1, 2)) + variances.mean(axis=(1, 2)))
    moves = means.std(axis=(1, 2)) > 1e-9  # the effect of who had no session is known exactly: its prior
    each = [(p, q) for p in range(shape[0]) for q in range(shape[-1]) if moves[p, q]]
    ess, rhat = np.full(moves.shape, float(shape[1] * shape[2])), np.ones(moves.shape)
    for p, q in each:
        ess[p, q], rhat[p, q] = float(effective_sample_size(means[p, :, :, q])), float(split_gelman_rubin(means[p, :, :, q]))
    error = means.std(axis=(1, 2)) / np.sqrt(ess) / sd
    return Draws(means.mean(axis=(1, 2)), sd, ess, error, rhat, int(diverging.sum()), float(steps.mean()))


def seconds_per_patient(count: int = 4, warmup: int = 100, draws: int = 2500) -> float:
    """Seconds that NUTS takes for one patient: one chain, compiling left out; its effective sample size is some thousands."""
    import jax

    of = parameters()
    sample = sampler(shared(of), RATINGS[1], warmup, draws)
    data = as_data(patients("inside", count + 1), shared(of))
    seconds = []
    for p in range(count + 1):
        begun = perf_counter()
        jax.block_until_ready(sample(jax.random.PRNGKey(p)[None], {name: column[p : p + 1] for name, column in data.items()}))
        seconds.append(perf_counter() - begun)
    return sum(seconds[1:]) / count


# ---------------------------------------------------------------- what is printed and kept


def compared(people: Sequence[Patient], found: Draws, of: Population) -> np.ndarray:
    """|engine - NUTS| / NUTS SD, [patient, quantity]; NaN for the effect of who had no session."""
    ours = [engine(of, p) for p in people]
    distance = np.abs(np.array([[o[name][0] for name in QUANTITIES] for o in ours]) - found.mean) / found.sd
    distance[[not p.series.session_weeks for p in people], QUANTITIES.index("effect")] = np.nan
    return distance


def table(title: str, distance: np.ndarray) -> str:
    """Median, 90th percentile, maximum and shares within 0.05 and 0.15, a row for every quantity."""
    lines = [title]
    for name, column in [*zip(QUANTITIES, distance.T, strict=True), ("all", distance.ravel())]:
        d = column[np.isfinite(column)]
        within = [np.mean(d <= bound) for bound in (0.05, 0.15)]
        lines.append(
            f"  {name:<10} n {len(d):3d}  median {np.median(d):.3f}  p90 {np.quantile(d, 0.9):.3f}  max {d.max():.3f}"
            f"  ≤0.05 {within[0]:4.0%}  ≤0.15 {within[1]:4.0%}"
        )
    return "\n".join(lines)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    reader.add_argument("--people", type=int, default=50, help="in each of the two groups")
    reader.add_argument("--chains", type=int, default=4)
    reader.add_argument("--warmup", type=int, default=100)
    reader.add_argument("--draws", type=int, default=2500)
    reader.add_argument("--out", type=Path, default=OUT)
    asked = reader.parse_args()
    of, kept, reached = parameters(), [], {}
    for group in GROUPS:
        people = patients(group, asked.people)
        begun = perf_counter()
        found = nuts(people, of, asked.chains, asked.warmup, asked.draws)
        reached[group] = {
            "seconds": round(perf_counter() - begun),
            "leapfrog_steps_per_draw": round(found.steps, 1),
            "divergences": found.divergences,
            "lowest_ess": round(float(found.ess.min())),
            "highest_monte_carlo_error_in_sd": round(float(found.error.max()), 4),
            "highest_rhat": round(float(found.rhat.max()), 4),
        }
        print(group, reached[group])
        for nodes in (64, 4096):
            print(table(f"{group}, {nodes} nodes", compared(people, found, population(of, SCALE, nodes=nodes))), flush=True)
        kept += [_as_json(p, found, at) for at, p in enumerate(people)]
    content = {"provenance": _provenance(asked, reached), "model": _model_as_json(), "patients": kept}
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(_compact(json.dumps(content, indent=1)) + "\n", encoding="utf-8")


def _provenance(asked: argparse.Namespace, reached: dict[str, dict[str, float]]) -> dict[str, Any]:
    return {
        "script": "tools/nuts_reference.py",
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpyro", "jax", "numpy")},
        "seed": SEED,
        "chains": asked.chains,
        "warmup": asked.warmup,
        "step_size": STEP_SIZE,
        "draws": asked.draws,
        "reached": reached,
    }


def _model_as_json() -> dict[str, Any]:
    return {
        "score_range": SCALE.score_range,
        "ahead_weeks": AHEAD_WEEKS,
        "rate_differs": RATE_DIFFERS,
        "wandering_differs": WANDERING_DIFFERS,
        "outlier_factor": shared(parameters()).outlier_factor,
        "parameters": {name: {"value": VALUES[name][0], "sd_as_carried": VALUES[name][1]} for name in NAMES},
    }


def _as_json(patient: Patient, found: Draws, at: int) -> dict[str, Any]:
    series = patient.series
    return {
        "group": patient.group,
        "elapsed_weeks": series.elapsed_weeks,
        "totals": [int(total) for total in series.totals],
        "session_weeks": series.session_weeks,
        "protocol_change_weeks": series.protocol_change_weeks,
        "recall_days": series.recall_days,
        "planned_sessions": patient.planned_sessions,
        "nuts": {
            name: {
                "mean": round(float(found.mean[at, q]), 4),
                "sd": round(float(found.sd[at, q]), 4),
                "ess": round(float(found.ess[at, q])),
            }
            for q, name in enumerate(QUANTITIES)
        },
    }


def _compact(text: str) -> str:
    """Lists of numbers on one line."""
    return re.sub(r"\[\s+([^\[\]{}]*?)\s+\]", lambda found: "[" + " ".join(found[1].split()) + "]", text)


if __name__ == "__main__":
    main()
