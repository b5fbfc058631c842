"""Fit the shipped populations again: `make population`. Needs the trial data of ../shared/data.

Two trials, not one: a population of the duloxetine trial alone was over-confident in the imipramine trial.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
from evaluate_all import ketamine_trial

from euthymia.evaluation import Person
from euthymia.loading import load_catalog
from euthymia.trajectory import Parameters, Population, Series, fit
from euthymia.trajectory.parameters import NAMES

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared/data"
TRIALS = (
    ("dia_antidepressant_hamd17/hamd17_long_with_baseline.csv", "PATIENT", "RELDAYS", 7.0, "HAMDTL17"),
    ("reisby_imipramine/hdrs_plasma_long.csv", "id", "week", 1.0, "hamd"),
)
RECALL_DAYS = 7.0  # of HAM-D17 and MADRS; how much of it counts is fitted
FOLDER = ROOT / "src/euthymia/knowledge/trajectory"
# Without a session or a change of protocol in the data, the weakly informative densities are all there is.
NO_SESSIONS = ("wane_per_week", "carry", "set_point_step_sd", "effect_mean", "effect_sd")
# One ketamine infusion a person: what a session keeps of the last one cannot be seen; nor can drift and steps of the set point.
ONE_SESSION = ("carry", "set_point_drift_sd", "set_point_step_sd")
# The fall after a session differs between studies by this (MADRS points, arm level: tools/fit_ketamine.py); the fit knows one study.
BETWEEN_STUDIES_SD = 6.1


def main() -> None:
    antidepressants = [series for trial in TRIALS for series in read_trial(*trial)]
    write("hamd17_two_trials", ANTIDEPRESSANTS, antidepressants, fit(antidepressants, (0, 52)), NO_SESSIONS)
    ketamine = [Series(person.weeks, person.totals, person.session_weeks, (), RECALL_DAYS) for person in read_ketamine()]
    write("madrs_ketamine_crossover", KETAMINE, ketamine, between_studies(fit(ketamine, (0, 60))), ONE_SESSION)


def read_ketamine() -> list[Person]:
    """The people of the ketamine crossover with two ratings or more, as in `make evaluate`."""
    return [person for person in ketamine_trial(load_catalog()).people if len(person.totals) > 1]


def between_studies(population: Population) -> Population:
    """Other studies than this one: the uncertainty of the fall after a session takes in the variance between studies."""
    fitted = population.parameters
    if fitted is None:
        raise ValueError("found a population without fitted parameters; allowed: one from fit")
    covariance, at = fitted.covariance.copy(), NAMES.index("effect_mean")
    covariance[at, at] += BETWEEN_STUDIES_SD**2
    return replace(population, parameters=Parameters(fitted.estimate, covariance))


def write(name: str, text: str, people: Sequence[Series], population: Population, stated: tuple[str, ...]) -> None:
    """The knowledge file of a fitted population."""
    counts = {"people": len(people), "ratings": sum(len(series.totals) for series in people)}
    found = text.format(scale=population.scale.kind, **counts, **as_toml(population, stated))
    (FOLDER / f"{name}.toml").write_text(found, encoding="utf-8")
    print(found)


def read_trial(name: str, person: str, time: str, per_week: float, total: str) -> list[Series]:
    """One Series a person from a long CSV; rows without a rating are left out."""
    if not (DATA / name).exists():
        sys.exit(f"found no {name}; allowed: ../shared/data beside the project")
    with (DATA / name).open(encoding="utf-8") as lines:
        rows = sorted((r for r in csv.DictReader(lines) if r[total]), key=lambda r: (r[person], float(r[time])))
    people = [list(visits) for _, visits in groupby(rows, key=lambda r: r[person])]
    return [
        Series([float(v[time]) / per_week for v in visits], [float(v[total]) for v in visits], recall_days=RECALL_DAYS) for visits in people
    ]


def as_toml(population: Population, stated: tuple[str, ...]) -> dict[str, str]:
    """The parameters of a fitted population, their covariance, and which were not fitted, as TOML."""
    fitted: Parameters | None = population.parameters
    if fitted is None:
        raise ValueError("found a population without fitted parameters; allowed: one from fit")
    rows = [", ".join(f"{value:.5f}" for value in row) for row in (fitted.covariance + fitted.covariance.T) / 2]
    return {
        "parameters": "\n".join(f"{name} = {_short(fitted.value(name))}" for name in NAMES),
        "covariance": "\n".join(f"    [{row}]," for row in rows),
        "stated": ", ".join(f'"{name}"' for name in stated),
    }


def _short(value: float) -> str:
    return np.format_float_positional(value if abs(value) > 1e-6 else 0.0, precision=4, fractional=False, trim="0")


FITTED = """# In the order of the parameters, as they are carried: positive ones as logarithms, shares as log-odds.
covariance = [
{covariance}
]

[parameters]
{parameters}

[source]
people = {people}
ratings = {ratings}
"""
BORROWED = """
[borrowed]
variance_factor = 1.5
status = "design"
note = "used for another instrument or treatment, every variance is multiplied by this; not checked in people on that treatment"
"""
ANTIDEPRESSANTS = (
    """# Made by `make population`; do not edit. Units: points of HAM-D17, weeks.
id = "hamd17_two_trials"
name = "HAM-D17, duloxetine and imipramine trials, {people} people"
instrument = "hamd17"
scale = "{scale}"
protocols = ["oral_antidepressant"]
stated = [{stated}]
"""
    + FITTED
    + '''data = """\\
DIA working group antidepressant data (Goldstein 2004, arms rebuilt), drug and placebo, weeks 0 to 6; \\
Reisby 1977, imipramine in inpatients, weeks 0 to 5"""
licence = "Apache-2.0 (DIA); public teaching data (Reisby). Only these parameters are shipped"
command = "make population"
treatments = """\\
one antidepressant or placebo, five to six weeks, no session and no change of protocol: what is stated was not fitted"""
'''
    + BORROWED
)
KETAMINE = (
    '''# Made by `make population`; do not edit. Units: points of MADRS, weeks.
id = "madrs_ketamine_crossover"
name = "MADRS, ketamine and saline crossover, {people} people"
instrument = "madrs"
scale = "{scale}"
carries_verdict = false
why_not = """\\
simulated Singh 2016, Phillips 2019 and SUSTAIN-1 do not all lie inside the published intervals (docs/methods/trajectory.md): \\
it draws virtual patients and is checked, but no verdict rests on it"""
stated = [{stated}]
'''
    + FITTED
    + '''data = """\\
NIMH ketamine mechanism of action study (OpenNeuro ds005917): MADRS before, 2 and 10 days after one infusion of ketamine and one \\
of saline; the uncertainty of the fall after a session takes in the variance between four studies (arm level)"""
licence = "CC0. Only these parameters are shipped"
command = "make population"
treatments = """\\
one infusion of ketamine 0.5 mg/kg and one of saline, no other treatment, about four weeks; 31 people with MDD and 2 \\
bipolar: nothing about a series or maintenance"""
'''
    + BORROWED
)

if __name__ == "__main__":
    main()
