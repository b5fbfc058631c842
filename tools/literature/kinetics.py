"""What acts of a session, and what of it is in a rating: closed forms, in units of one session's effect."""

from collections.abc import Sequence
from math import exp

DAYS_PER_RECALL_WEEK = 14.0
# A rating a day or two after a session is asked of the last 24 hours (the short form of MADRS), not of the last week.
SHORT_RECALL_DAYS, LONG_RECALL_DAYS = 1.0, 7.0
SHORT_UNTIL_DAYS = 3.0
# Where the two rates meet the closed form divides by zero; there its limit is taken.
_MEET = 1e-6


def recall_weeks(recall_days: float) -> float:
    """The time constant of what is recalled."""
    return recall_days / DAYS_PER_RECALL_WEEK


def recalled_share(at: float, sessions: Sequence[float], wane: float, carry: float, recall_days: float) -> float:
    """The share of one session's effect in a rating at week `at`; a session at that very time comes after it."""
    tau = recall_weeks(recall_days)
    share = recalled = 0.0
    before = [week for week in sessions if week < at]
    now = min(before, default=at)
    for when, is_session in [*((week, True) for week in before), (at, False)]:
        recalled = _recalled(recalled, share, when - now, wane, tau)
        share *= exp(-wane * (when - now))
        now = when
        share = carry * share + 1 if is_session else share
    return recalled if tau > 0 else share


def _recalled(recalled: float, share: float, weeks: float, wane: float, tau: float) -> float:
    if tau <= 0:
        return share * exp(-wane * weeks)
    apart = 1 - wane * tau
    if abs(apart) < _MEET:
        return recalled * exp(-weeks / tau) + share * weeks / tau * exp(-wane * weeks)
    gain = (exp(-wane * weeks) - exp(-weeks / tau)) / apart
    return recalled * exp(-weeks / tau) + share * gain
