"""The jobs: what is done, how often, and beside what it must not wait."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Literal

Function = Callable[[datetime], int]


@dataclass(frozen=True)
class Job:
    """One job: `function` is a dotted name under euthymia_clinic, resolved when it runs.

    `lane`: jobs of one lane wait for each other, lanes do not: nobody is paged later, since 10,000 reviews are being made.
    `lease`: after so long without an end, its worker is taken for dead and another begins.
    """

    name: str
    every: timedelta
    function: str
    lane: Literal["urgent", "steady", "slow"] = "steady"
    lease: timedelta = timedelta(minutes=5)
    # Whether it does a part at a time and is called again at once while there is more.
    in_parts: bool = False

    def resolve(self) -> Function:
        """The function. Raises ImportError or AttributeError where there is none."""
        module, _, name = self.function.rpartition(".")
        found: Function = getattr(import_module(f"euthymia_clinic.{module}"), name)
        return found


_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
JOBS: tuple[Job, ...] = (
    Job("alerts.escalate", timedelta(seconds=15), "alerts.jobs.escalate", "urgent", timedelta(minutes=1)),
    Job("checkins.send", timedelta(seconds=30), "checkins.jobs.send"),
    Job("audit.seal_reads", _MINUTE, "audit.jobs.seal_reads"),
    Job("checkins.plan", 5 * _MINUTE, "checkins.jobs.plan"),
    Job("checkins.close", _MINUTE, "checkins.jobs.close"),
    Job("chart.refresh_stale", timedelta(seconds=10), "chart.jobs.refresh_stale", "slow", 10 * _MINUTE, in_parts=True),
    Job("chart.draw_pictures", timedelta(seconds=10), "chart.jobs.draw_pictures", "slow", 10 * _MINUTE, in_parts=True),
    Job("chart.settle_forecasts", 5 * _MINUTE, "chart.ledger_jobs.settle_forecasts", "slow", 10 * _MINUTE),
    Job("chart.midnight", _MINUTE, "chart.jobs.midnight", "slow", 10 * _MINUTE, in_parts=True),
    Job("audit.verify", 24 * _HOUR, "audit.jobs.verify", "slow", 2 * _HOUR),
)
