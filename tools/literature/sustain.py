"""SUSTAIN-1: sixteen weeks open, selection of those who did well, then randomised to go on or to change to placebo."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from literature.people import Cohort, Ketamine
from literature.trials import drawer

WEEK = 7.0
INDUCTION, WEEKLY, OPTIMISED = 4, 8, 16


@dataclass
class Dosing:
    """Who has a session in a week: weekly, or every other week while at or below the cut; reconsidered every four weeks."""

    cut: float
    every: np.ndarray
    since: np.ndarray

    @classmethod
    def weekly(cls, n: int, cut: float) -> "Dosing":
        """Everyone weekly."""
        return cls(cut, np.ones(n, dtype=int), np.ones(n, dtype=int))

    def due(self, totals: np.ndarray, *, reconsider: bool) -> np.ndarray:
        """Whose session is due this week, after a look at the total where it is time for one."""
        if reconsider:
            self.every = np.where(totals > self.cut, 1, 2)
        due = self.since >= self.every
        self.since = np.where(due, 1, self.since + 1)
        return due

    def keep(self, who: np.ndarray) -> "Dosing":
        """Only these people."""
        return Dosing(self.cut, self.every[who], self.since[who])


def sustain(population: Ketamine, design: dict[str, Any], n: int, seed: int) -> dict[str, float]:
    """Shares selected, relapse of both groups in both arms, hazard ratios, median time to relapse."""
    people, draw = population.but(start_mean=design["sustain_baseline"]["value"]), drawer(seed)
    cohort = draw(people, n)
    start, last, dosing = _open_label(cohort, design)
    cut, fall = design["remission_cut"]["value"], design["response_fall"]["value"]
    low = last <= cut
    remitted = (low.sum(axis=1) >= 3) & low[:, 2:].all(axis=1)
    responded = (last[:, 2:] <= fall * start[:, None]).all(axis=1) & ~remitted
    found = {"sustain_stable_remission": float(remitted.mean()), "sustain_stable_response": float(responded.mean())}
    for group, who in (("remitters", remitted), ("responders", responded)):
        found[f"sustain_{group}_n"] = float(who.sum())
        found[f"sustain_{group}_last"] = float(last[who, -1].mean())
        found[f"sustain_{group}_every_other_week"] = float((dosing.every[who] == 2).mean())
    return found | _randomised(cohort, dosing, {"remitters": remitted, "responders": responded}, design, seed)


def _open_label(cohort: Cohort, design: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, Dosing]:
    """Induction twice a week; responders go on, weekly, then weekly or every other week. Keeps the responders."""
    start = cohort.ratings()
    for _ in range(INDUCTION):
        cohort.session()
        cohort.advance(3)
        cohort.session()
        cohort.advance(WEEK - 3)
    better = cohort.ratings() <= design["response_fall"]["value"] * start
    cohort.keep(better)
    dosing, rated = Dosing.weekly(cohort.n, design["weekly_above"]["value"]), []
    for week in range(INDUCTION, OPTIMISED):
        if week in (INDUCTION, WEEKLY):
            cohort.change_of_protocol()
        totals = cohort.ratings()
        rated.append(totals)
        due = dosing.due(totals, reconsider=week >= WEEKLY and (week - WEEKLY) % 4 == 0)
        cohort.session(due.astype(float))
        cohort.advance(WEEK)
    rated.append(cohort.ratings())
    return start[better], np.column_stack(rated)[:, -4:], dosing


def _randomised(cohort: Cohort, dosing: Dosing, groups: dict[str, np.ndarray], design: dict[str, Any], seed: int) -> dict[str, float]:
    generator = np.random.default_rng(seed + 1)
    kept = groups["remitters"] | groups["responders"]
    cohort.keep(kept)
    cohort.change_of_protocol()
    dosing, stable = dosing.keep(kept), groups["remitters"][kept]
    drug = generator.random(cohort.n) < 0.5
    relapse = _follow(cohort, dosing, np.where(drug, 1.0, cohort.population.placebo_share), design)
    end = np.minimum(generator.exponential(design["exposure_on_weeks"]["value"] / np.log(2), cohort.n), design["followed_weeks"]["value"])
    found: dict[str, float] = {}
    for group, who in (("remitters", stable), ("responders", ~stable)):
        on, off = who & drug, who & ~drug
        seen = relapse <= end
        found[f"sustain_{group}_on"], found[f"sustain_{group}_off"] = float(seen[on].mean()), float(seen[off].mean())
        found[f"sustain_{group}_ratio"] = hazard_ratio(relapse, end, on, off)
        found[f"sustain_{group}_off_median"] = float(np.median(relapse[off])) * WEEK
    return found


def _follow(cohort: Cohort, dosing: Dosing, strength: np.ndarray, design: dict[str, Any]) -> np.ndarray:
    """Week of relapse of everyone, weekly assessments, infinite where there was none."""
    cut, week_of = design["relapse_cut"]["value"], np.full(cohort.n, np.inf)
    before = np.zeros(cohort.n, dtype=bool)
    for week in range(int(design["followed_weeks"]["value"]) + 1):
        totals = cohort.ratings()
        high = totals >= cut
        week_of = np.where(np.isinf(week_of) & high & before & (week > 0), week, week_of)
        before = high
        due = dosing.due(totals, reconsider=week % 4 == 0)
        cohort.session(np.where(due, strength, 0.0))
        cohort.advance(WEEK)
    return week_of


def hazard_ratio(event: np.ndarray, end: np.ndarray, on: np.ndarray, off: np.ndarray) -> float:
    """Events over person-weeks, on against off, by the log-rank weights of each week (Pike's estimate)."""
    time, observed, expected = np.minimum(event, end), {}, {}
    for name, who in (("on", on), ("off", off)):
        observed[name], expected[name] = float((event[who] <= end[who]).sum()), 0.0
    for week in np.unique(event[(on | off) & (event <= end)]):
        deaths = float((event[on | off] == week)[(end[on | off] >= week)].sum())
        at_risk = {name: float((time[who] >= week).sum()) for name, who in (("on", on), ("off", off))}
        for name in expected:
            expected[name] += deaths * at_risk[name] / (at_risk["on"] + at_risk["off"])
    return (observed["on"] / expected["on"]) / (observed["off"] / expected["off"])
