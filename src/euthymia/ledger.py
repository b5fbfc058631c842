"""The calibration ledger, pure: which rating a forecast spoke of, and whether a site's data exclude that its chances are right.

The test may be looked at after every rating, for ever. Of one patient only forecasts that do not overlap count: each was
made when the one before it had been settled, so that under right chances every factor has expectation one at most given
what was known when it was made; patients are independent. For every alternative (a shift and a slope of the log-odds) the
factor is the likelihood ratio of the alternative against the nearest chance within the tolerance; the products, averaged,
are a supermartingale that starts at one. By Ville's inequality it ever reaches 1/α with a probability of α at most.

Simulated with three forecasts of each patient (tests/core/unit/test_ledger.py): withdrawn at 160 calibrated patients, and at
160 whose chances are 4 points too high, 0 of 60 sites; chances twice what they should be: 72 % of sites at 20 patients, all at
40; 20 points too high: 43 % at 40, 88 % at 80, all at 160; 15 points too low: 37 % at 80, 72 % at 160. Ratings that never
come are left out: where they would have come out otherwise than those that came, no test on what came can see it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, logsumexp

from euthymia.episode import CurrentEpisode
from euthymia.ledger_rules import LedgerRules
from euthymia.rating_days import rating_days

Ending = Literal["scored", "never_came", "plan_changed"]
# A chance is shown in whole percents: 0 % means less than one in a hundred, not never.
_LEAST = 0.01


@dataclass(frozen=True)
class Settled:
    """How a forecast ended. `total`, `rating` and `came_true` where it was scored; else it is counted, and never as not remitted."""

    ending: Ending
    on: date
    total: float | None = None
    rating: str = ""
    came_true: bool | None = None


@dataclass(frozen=True)
class Outcome:
    """One scored forecast, as the test takes it: of whom, made and scored when, the chance said, and whether it came true."""

    patient: str
    made_on: date
    scored_on: date
    chance: float
    came_true: bool


@dataclass(frozen=True)
class Evidence:
    """What the ledger says against the chances: the largest factor so far, of how many independent forecasts and patients.

    `withdraw`: the factor has reached 1/α at some time; once reached it stays reached.
    """

    factor: float
    needed: float
    forecasts: int
    patients: int
    reached_on: date | None

    @property
    def withdraw(self) -> bool:
        return self.reached_on is not None


def settle(
    made_on: date, horizon: date, instrument: str, cut: float, episode: CurrentEpisode, rules: LedgerRules, on: date
) -> Settled | None:
    """How a forecast ends by what is known on `on`; None while the rating that it spoke of may still come.

    The rating at the horizon is the nearest counted, complete rating day of the same instrument, `window_days` before or
    after at most; of two equally near the later. It is taken when none nearer can come: on or after the horizon, or when
    the window is over. A change of treatment in between closes the forecast: it spoke of the plan that was in force.
    """
    window, last = timedelta(days=rules.window_days.value), min(on, horizon + timedelta(days=rules.window_days.value))
    found = None
    if episode.primary == instrument:
        days = [rated for rated in rating_days(episode) if rated.complete and made_on < rated.day and horizon - window <= rated.day <= last]
        found = min(days, key=lambda rated: (abs((rated.day - horizon).days), -rated.day.toordinal()), default=None)
    changed = next((day for day in episode.change_days if made_on < day <= (found.day if found else last)), None)
    if changed is not None:
        return Settled("plan_changed", changed)
    if found is not None and (found.day >= horizon or on > horizon + window):
        by = next(r.id for r in episode.series if r.day == found.day and (r.total or 0.0) == found.total)
        return Settled("scored", found.day, found.total, by, found.total <= cut)
    if on > horizon + window + timedelta(days=rules.late_entry_days.value):
        return Settled("never_came", on)
    return None


def independent(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Of each patient the first forecast, then the next that was made when it had been settled, and so on; by the day of scoring."""
    taken: list[Outcome] = []
    free: dict[str, date] = {}
    for each in sorted(outcomes, key=lambda o: (o.made_on, o.scored_on)):
        if each.patient not in free or each.made_on >= free[each.patient]:
            taken.append(each)
            free[each.patient] = each.scored_on
    return sorted(taken, key=lambda o: (o.scored_on, o.patient))


def log_factors(chances: NDArray[np.float64], came: NDArray[np.float64], rules: LedgerRules) -> NDArray[np.float64]:
    """[alternative, forecast]: the logarithm of each forecast's factor under each alternative."""
    said = np.clip(chances, _LEAST, 1 - _LEAST)
    tolerance = rules.tolerance.value
    shifts, slopes = np.meshgrid(rules.alternatives.shifts, rules.alternatives.slopes)
    bet = np.clip(expit(shifts.reshape(-1, 1) + slopes.reshape(-1, 1) * logit(said)), _LEAST, 1 - _LEAST)
    near = np.clip(bet, said - tolerance, said + tolerance)
    return np.asarray(np.where(came > 0, np.log(bet) - np.log(near), np.log1p(-bet) - np.log1p(-near)))


def evidence(outcomes: Iterable[Outcome], rules: LedgerRules) -> Evidence:
    """The evidence of a site's scored forecasts against its chances, with the largest factor that was ever reached."""
    counted = independent(outcomes)
    needed = 1 / rules.false_withdrawal.value
    if not counted:
        return Evidence(1.0, needed, 0, 0, None)
    course = _course(counted, rules)
    reached = np.flatnonzero(course >= np.log(needed))
    return Evidence(
        factor=float(np.exp(min(max(course.max(), 0.0), 700.0))),
        needed=needed,
        forecasts=len(counted),
        patients=len({each.patient for each in counted}),
        reached_on=counted[int(reached[0])].scored_on if len(reached) else None,
    )


def _course(counted: Sequence[Outcome], rules: LedgerRules) -> NDArray[np.float64]:
    """The logarithm of the averaged product after each forecast."""
    factors = log_factors(np.array([o.chance for o in counted]), np.array([float(o.came_true) for o in counted]), rules)
    return np.asarray(logsumexp(np.cumsum(factors, axis=1), axis=0) - np.log(len(factors)))
