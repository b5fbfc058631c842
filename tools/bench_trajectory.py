"""The trajectory engine from one patient to a million: part of `make bench`. Printed, never asserted.

Every patient has 52 weekly ratings and 52 weekly sessions; asked for are the chance of remission after every rating, the
forecast at the last horizon and the status, on 64 grid points. Large numbers go through in batches of 20,000.
"""

import os
import resource
from time import perf_counter

import numpy as np
from bench import timed

from euthymia import load_catalog
from euthymia.trajectory import Parameters, Population, Scale, Series, filter_series, following, forecast_from, population
from euthymia.trajectory.batch import Cohort, outlooks
from euthymia.trajectory.statuses import Table, statuses

RATINGS, BATCH, HORIZON, CUT, RECALL_DAYS = 52, 20_000, 4.0, 4.0, 14.0
TABLE = Table(CUT, 0.0, 6.0, 0.6, 0.45, 0.25, 0.4, 0.25, 4.0, 4.0, 3.0, 2.0)


def main(most: int = 1_000_000) -> None:
    model, draw = with_sessions(), np.random.default_rng(52)
    begun = perf_counter()
    ask(model, cohort(2, draw))
    ask(model, cohort(1000, draw))  # over the cores: a kernel of its own
    print(f"{'compiled, or read from the cache, once':<60} {perf_counter() - begun:8.1f} s")
    one = cohort(1, draw)
    plain = timed(lambda: ask_plainly(model, series_of(one)), 15)
    compiled = timed(lambda: ask(model, one), 51)
    print(f"{'one patient, plain NumPy (a chance after every rating)':<60} {plain * 1000:8.1f} ms")
    print(f"{'one patient, compiled':<60} {compiled * 1000:8.2f} ms   ({plain / compiled:.0f} × the plain route)\n")
    print(f"| patients | seconds | ms per patient | patients per second | peak memory, MiB |\n{'| --- ' * 5}|")
    people = 1
    while people <= most:
        seconds = through(model, people, draw)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"| {people:,} | {seconds:.3f} | {1000 * seconds / people:.3f} | {people / seconds:,.0f} | {peak:,.0f} |", flush=True)
        people *= 10
    print("\ncost by assessments, 2,000 patients:")
    for ratings in (13, 26, 52, 104, 208):
        some = cohort(2000, draw, ratings)
        seconds = timed(lambda some=some: ask(model, some), 3)
        print(f"  {ratings:>4} ratings and sessions: {seconds * 500:7.0f} µs per patient, {seconds * 500 / ratings:5.2f} µs per rating")
    peers(draw)


def with_sessions() -> Population:
    """The shipped population with an effect of sessions stated, so that nothing is left out of the timing."""
    fitted = load_catalog().populations["hamd17_two_trials"]
    values = fitted.parameters.model_dump() | {"effect_mean": 5.0, "effect_sd": 3.0}
    return population(Parameters.of(values, fitted.covariance), Scale("identity", (0.0, 27.0)))


def cohort(people: int, draw: np.random.Generator, ratings: int = RATINGS) -> Cohort:
    """Made-up courses on PHQ-9: each wanders toward a level of its own; a session the day after every rating."""
    level, toward = np.full(people, 18.0), draw.uniform(2, 16, people)
    totals = np.empty((people, ratings))
    for week in range(ratings):
        level = level + 0.3 * (toward - level) + draw.normal(0, 1.5, people)
        totals[:, week] = np.clip(np.round(level + draw.normal(0, 2, people)), 0, 27)
    weeks, offsets = np.tile(np.arange(float(ratings)), people), np.arange(people + 1) * ratings
    nothing = np.zeros(people + 1, dtype=np.int64)
    return Cohort(offsets, weeks, totals.ravel(), offsets, weeks + 1 / 7, nothing, np.empty(0), RECALL_DAYS)


def ask(model: Population, people: Cohort) -> None:
    """The full forecast and the status of everybody."""
    statuses(people, outlooks(model, people, people.weeks + HORIZON, CUT), TABLE)


def ask_plainly(model: Population, series: Series) -> None:
    """The same chances and forecast for one patient, by the route that needs no compiler."""
    filtered = filter_series(model, series)
    for at, week in enumerate(series.elapsed_weeks):
        known = [w for w in series.session_weeks if w <= week]
        schedule = following(known, (), week, week + HORIZON, series.recall_days, None)
        found = forecast_from(model, filtered.states[at], filtered.log_weights[at], week, schedule, [week + HORIZON])
        found.prob_at_most(CUT)
    for q in (0.1, 0.5, 0.9):
        found.quantile(q)


def series_of(people: Cohort) -> Series:
    return Series(people.weeks, people.totals, people.sessions, (), people.recall_days)


def through(model: Population, people: int, draw: np.random.Generator) -> float:
    """The seconds for so many patients, without the making of them."""
    seconds, left = 0.0, people
    while left:
        batch = cohort(min(left, BATCH), draw)
        begun = perf_counter()
        ask(model, batch)
        seconds += perf_counter() - begun
        left -= batch.people
    return seconds


def peers(draw: np.random.Generator) -> None:
    """The mixed model of the literature (fit, then everybody's forecast), and NUTS where NumPyro is installed."""
    import statsmodels.formula.api as smf

    people = cohort(1000, draw)
    person = np.repeat(np.arange(1000), RATINGS)
    table = {"total": people.totals, "time": np.log1p(people.weeks), "person": person}
    seconds = timed(lambda: smf.mixedlm("total ~ time", table, groups=person, re_formula="~time").fit().random_effects, 1)
    print(f"\npeer: mixed model (statsmodels), 1,000 patients fitted and predicted once: {seconds:.1f} s, {1000 / seconds:,.0f} per second")
    try:
        from nuts_reference import seconds_per_patient

        print(f"peer: NUTS on the same model (NumPyro): {seconds_per_patient():.1f} s per patient")
    except ImportError as missing:
        print(f"peer: NUTS: not measured ({missing.name} is not installed; tools/nuts_reference.py says how)")


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores")
    main(int(os.environ.get("EUTHYMIA_BENCH_PATIENTS", "1000000")))
