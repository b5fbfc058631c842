"""Who needs a decision first: the order of the panel."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum


class Need(IntEnum):
    """Worst first."""

    HIGH_ALERT = 0
    LOSING_GROUND = 1
    DECISION_OVERDUE = 2
    NOT_IMPROVING = 3
    HOLDING = 4
    TWO_MISSES = 5
    UNDECIDED = 6
    DUE_TODAY = 7
    NOTHING_NOW = 8


NEED_WORDS = {
    Need.HIGH_ALERT: "High alert open",
    Need.LOSING_GROUND: "Losing ground",
    Need.DECISION_OVERDUE: "Decision overdue",
    Need.NOT_IMPROVING: "Not improving",
    Need.HOLDING: "Holding above remission",
    Need.TWO_MISSES: "Check-ins missed",
    Need.UNDECIDED: "Undecided",
    Need.DUE_TODAY: "Something due today",
    Need.NOTHING_NOW: "Nothing now",
}


@dataclass(frozen=True)
class Standing:
    """What the need follows from, as it was on the day `on`. `missed_since`: since when too many requests in a row were missed."""

    on: date
    status: str
    since: date | None = None
    alert: str = ""
    alert_since: date | None = None
    decision_by: date | None = None
    decision_overdue: bool = False
    missed_since: date | None = None
    due_by: date | None = None


def need_of(standing: Standing) -> tuple[Need, date | None]:
    """The greatest need of a patient, and since when it has waited (None: it does not wait)."""
    return next(_needs(standing), (Need.NOTHING_NOW, None))


def _needs(standing: Standing) -> Iterator[tuple[Need, date | None]]:
    status = standing.status
    if standing.alert == "high":
        yield Need.HIGH_ALERT, standing.alert_since or standing.on
    if status == "losing_ground":
        yield Need.LOSING_GROUND, standing.since
    if standing.decision_overdue:
        yield Need.DECISION_OVERDUE, standing.decision_by
    if status == "not_improving":
        yield Need.NOT_IMPROVING, standing.since
    if status == "holding_above_remission":
        yield Need.HOLDING, standing.since
    if standing.missed_since is not None:
        yield Need.TWO_MISSES, standing.missed_since
    if status == "undecided":
        yield Need.UNDECIDED, standing.since
    if standing.due_by is not None and standing.due_by <= standing.on:
        yield Need.DUE_TODAY, standing.due_by
