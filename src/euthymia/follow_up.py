"""Long-term safety of ketamine care: what was measured against time and cumulative exposure, its limits, what is due, referrals."""

from dataclasses import dataclass
from datetime import date

from euthymia.catalog import Catalog
from euthymia.record import PatientRecord
from euthymia.rules import RuleResult, WatchDue


@dataclass(frozen=True)
class FollowUp:
    """Long-term safety on one page."""


def follow_up(
    record: PatientRecord, found: tuple[RuleResult, ...], watch: tuple[WatchDue, ...], catalog: Catalog, on: date
) -> FollowUp | None:
    """Long-term safety on `on`; None where no ketamine care is or was given."""
    return None
