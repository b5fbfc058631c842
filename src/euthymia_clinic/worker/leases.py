"""Leases: each job is done by one worker at a time, and by another when that one dies."""

from datetime import datetime, timedelta

from django.db.models import Q

from euthymia_clinic.worker.jobs import JOBS, Job
from euthymia_clinic.worker.models import Lease

# A job is late, and whoever waits for it is told so, after four times its interval and a little.
LATE_AFTER, GRACE = 4, timedelta(seconds=15)


def make_leases(now: datetime) -> None:
    """A row for every job, so that claiming is one conditional update."""
    Lease.objects.bulk_create([Lease(job=job.name, until=now) for job in JOBS], ignore_conflicts=True)


def claim(job: Job, holder: str, now: datetime) -> bool:
    """Take a job that is due and that nobody holds; False: another has it, or it is not due yet."""
    due = Q(begun_at=None) | Q(begun_at__lte=now - job.every)
    free = Q(until__lte=now)
    # A worker that died in the middle left begun_at behind: what runs out is due.
    died = ~Q(holder="") & free
    return bool(Lease.objects.filter(free & (due | died), job=job.name).update(holder=holder, until=now + job.lease, begun_at=now))


def give_back(job: Job, holder: str, now: datetime, trouble: str = "", *, at_once: bool = False) -> None:
    """End a job: done (and due again at once where there is more), or with trouble, the type of the error alone.

    Nothing is written where another worker has taken over.
    """
    mine = Lease.objects.filter(job=job.name, holder=holder)
    if trouble:
        mine.update(holder="", until=now, last_trouble=trouble[:120])
        return
    begun = {"begun_at": None} if at_once else {}
    mine.update(holder="", until=now, last_done=now, last_trouble="", **begun)


def done_lately(now: datetime, name: str) -> bool:
    """Whether a job has come to its end lately, and not with trouble since."""
    [job] = [job for job in JOBS if job.name == name]
    return Lease.objects.filter(job=name, last_done__gte=now - (LATE_AFTER * job.every + GRACE), last_trouble="").exists()
