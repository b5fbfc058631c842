"""The NIMH crossover (33 people with MDD): exact Gaussian likelihood of each person's ratings, one covariance per person."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize

from literature.kinetics import LONG_RECALL_DAYS, SHORT_RECALL_DAYS, recall_weeks, recalled_share

DATA = Path(__file__).parents[3] / "shared/data/nimh_ketamine_ds005917/ketamine_long.csv"
WEEK = 7.0
# Nominal days, counted from the baseline rating two days before the first infusion; the second is two weeks later.
FIRST, SECOND = 2.0, 16.0
AFTER = {"d2": 2.0, "d10": 10.0}
NAMES = ("start_mean", "start_sd", "set_point_at_mean", "set_point_slope", "set_point_sd", "rate", "wandering_sd", "rating_sd")
NAMES += ("effect_mean", "effect_sd", "wane")
LOGGED = ("start_sd", "set_point_sd", "rate", "wandering_sd", "rating_sd", "effect_sd", "wane")
# Weak densities: five ratings a person leave these nearly free. (median or mean, sd of the logarithm or of the value)
WEAK = {
    "rate": (0.35, 0.7),
    "rating_sd": (2.0, 0.3),
    "set_point_slope": (0.7, 0.3),
    "wane": (0.7, 0.7),
    "wandering_sd": (3.0, 0.7),
    "set_point_sd": (4.0, 0.7),
}
START = dict(zip(NAMES, (33.0, 4.0, 33.0, 0.6, 4.0, 0.4, 4.0, 2.0, 12.0, 9.0, 0.5), strict=True))
RULES = ("short after a session", "always a week", "always a day")


@dataclass(frozen=True)
class Person:
    """Weeks, totals and, per rating, whether it was asked within two days of an infusion; `session`: week of ketamine."""

    weeks: tuple[float, ...]
    totals: tuple[float, ...]
    early: tuple[bool, ...]
    session: float


def read(path: Path = DATA) -> list[Person]:
    """Everyone with an infusion code and a rating."""
    with path.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["group"] == "MDD" and row["infusion_1"]]
    people = defaultdict(list)
    for row in rows:
        people[row["participant_id"]].append(row)
    return [person for rows in people.values() if (person := _person(rows)) is not None]


def _person(rows: list[dict[str, str]]) -> Person | None:
    ketamine = FIRST if rows[0]["infusion_1"] == "d" else SECOND
    saline = FIRST + SECOND - ketamine
    found = []
    for row in rows:
        kind, day = row["session_id"][4], row["session_id"][5:]
        at = 0.0 if kind == "b" else (ketamine if kind == "d" else saline) + AFTER[f"d{day}"]
        if row["MADRS_Total"]:
            found.append((at / WEEK, float(row["MADRS_Total"]), day == "2"))
    if not found:
        return None
    weeks, totals, early = zip(*sorted(found), strict=True)
    return Person(weeks, totals, early, ketamine / WEEK)


def recall(early: bool, rule: str) -> float:
    """The days that a rating asks about, under one of the rules."""
    if rule == "always a day" or (early and rule == "short after a session"):
        return SHORT_RECALL_DAYS
    return LONG_RECALL_DAYS


def likelihood(people: list[Person], p: dict[str, float], rule: str) -> float:
    """The log density of all ratings; rounding as a twelfth of a point squared, the ends of the scale ignored."""
    total, known = 0.0, {}
    for person in people:
        key = (person.weeks, person.early)
        if key not in known:
            known[key] = _moments(person, p, rule)
        mean, cov = known[key]
        share = np.array([recalled_share(t, (person.session,), p["wane"], 0.0, recall(e, rule)) for t, e in zip(*key, strict=True)])
        cov = cov + p["effect_sd"] ** 2 * np.outer(share, share) + (p["rating_sd"] ** 2 + 1 / 12) * np.eye(len(share))
        root = np.linalg.cholesky(cov)
        apart = np.linalg.solve(root, np.array(person.totals) - mean + p["effect_mean"] * share)
        total -= 0.5 * apart @ apart + np.log(np.diag(root)).sum() + 0.5 * len(share) * np.log(2 * np.pi)
    return float(total)


def _moments(person: Person, p: dict[str, float], rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of what is recalled without drug, at every rating. State: level, set point, both recalls."""
    start, slope = p["start_sd"] ** 2, p["set_point_slope"]
    load = np.array([1.0, slope, 1.0, 1.0])
    mean = np.array([p["start_mean"], p["set_point_at_mean"], p["start_mean"], p["start_mean"]])
    cov = start * np.outer(load, load)
    cov[1, 1] += p["set_point_sd"] ** 2
    means, earlier, found = [], [], np.zeros((len(person.weeks),) * 2)
    now = 0.0
    for i, (when, early) in enumerate(zip(person.weeks, person.early, strict=True)):
        matrix, noise = _transition(p["rate"], p["wandering_sd"], when - now)
        mean, cov, now = matrix @ mean, matrix @ cov @ matrix.T + noise, when
        earlier = [matrix @ column for column in earlier]
        at = 3 if recall(early, rule) == SHORT_RECALL_DAYS else 2
        means.append(mean[at])
        found[i, i] = cov[at, at]
        for j, column in enumerate(earlier):
            found[i, j] = found[j, i] = column[at]
        earlier.append(cov[:, at].copy())
    return np.array(means), found


def _transition(rate: float, wandering_sd: float, weeks: float, halvings: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Van Loan's matrix exponential over a short part of the time, then doubled."""
    drift = np.zeros((4, 4))
    drift[0, :2] = -rate, rate
    for row, days in ((2, LONG_RECALL_DAYS), (3, SHORT_RECALL_DAYS)):
        drift[row, [0, row]] = 1 / recall_weeks(days), -1 / recall_weeks(days)
    block = np.zeros((8, 8))
    block[:4, :4], block[4:, 4:] = -drift, drift.T
    block[0, 4] = wandering_sd**2
    whole = expm(block * weeks / 2**halvings)
    matrix = whole[4:, 4:].T
    noise = matrix @ whole[:4, 4:]
    for _ in range(halvings):
        matrix, noise = matrix @ matrix, matrix @ noise @ matrix.T + noise
    return matrix, noise


def fit(people: list[Person], rule: str) -> tuple[dict[str, float], dict[str, float], float]:
    """Maximum of likelihood and weak densities; the sd of each (of the logarithm for what is positive); log likelihood."""
    start = np.array([np.log(START[n]) if n in LOGGED else START[n] for n in NAMES])
    found = minimize(lambda q: _loss(people, q, rule), start, method="BFGS", options={"maxiter": 150, "gtol": 1e-2})
    sd = np.sqrt(np.diag(np.linalg.inv(_curvature(lambda q: _loss(people, q, rule), found.x))))
    values = _named(found.x)
    return values, dict(zip(NAMES, map(float, sd), strict=True)), likelihood(people, values, rule)


def _named(vector: np.ndarray) -> dict[str, float]:
    return {n: float(np.exp(v)) if n in LOGGED else float(v) for n, v in zip(NAMES, vector, strict=True)}


def _loss(people: list[Person], vector: np.ndarray, rule: str) -> float:
    p = _named(vector)
    weak = sum((((np.log(p[n]) - np.log(m)) if n in LOGGED else p[n] - m) / s) ** 2 for n, (m, s) in WEAK.items())
    return 0.5 * weak - likelihood(people, p, rule)


def _curvature(loss, at: np.ndarray, step: float = 0.02) -> np.ndarray:
    """Second differences of the loss."""
    size, here = len(at), loss(at)
    steps = np.eye(size) * step * np.maximum(1, np.abs(at) / 10)
    once = [(loss(at + s), loss(at - s)) for s in steps]
    found = np.zeros((size, size))
    for i in range(size):
        found[i, i] = (once[i][0] - 2 * here + once[i][1]) / steps[i, i] ** 2
        for j in range(i):
            both = loss(at + steps[i] + steps[j]) + loss(at - steps[i] - steps[j])
            single = sum(once[i]) + sum(once[j])
            found[i, j] = found[j, i] = (both - single + 2 * here) / (2 * steps[i, i] * steps[j, j])
    return found
