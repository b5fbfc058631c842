"""What is done without anybody clicking: jobs that look at the tables for what is due, and may die at any moment."""

from datetime import datetime


def alive(now: datetime, job: str = "alerts.escalate") -> bool:
    """Whether a worker has lately done this job without trouble: by default the one that pages people. Pages say it when not."""
    from euthymia_clinic.worker.leases import done_lately

    return done_lately(now, job)
