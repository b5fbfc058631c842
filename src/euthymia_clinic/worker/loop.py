"""The worker: three lanes, each doing the jobs that are due, until it is told to stop or the one who started it is gone."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence

from django.db import close_old_connections, connections
from django.utils import timezone

from euthymia_clinic.worker.jobs import JOBS, Job
from euthymia_clinic.worker.leases import claim, give_back, make_leases

log = logging.getLogger(__name__)
TICK_SECONDS = 1.0
# How long a job may take to its end after a SIGTERM; each may be killed anywhere, so this is only politeness.
GRACE_SECONDS = 20.0


def run_due(jobs: Sequence[Job], holder: str) -> int:
    """Do every job that is due and free; one job's trouble is kept and does not stop the others. Gives how many were begun."""
    begun = 0
    for job in jobs:
        now = timezone.now()
        if not claim(job, holder, now):
            continue
        begun += 1
        try:
            done = job.resolve()(now)
        except Exception as error:
            # Its type alone: the words may name a patient.
            log.warning("job %s: %s", job.name, type(error).__name__)
            give_back(job, holder, timezone.now(), trouble=type(error).__name__)
        else:
            give_back(job, holder, timezone.now(), at_once=job.in_parts and done > 0)
    return begun


def work(stop: threading.Event, *, tick: float = TICK_SECONDS) -> None:
    """Work until `stop` is set."""
    make_leases(timezone.now())
    holder = f"{socket.gethostname()[:30]}:{os.getpid()}"
    lanes: dict[str, list[Job]] = {}
    for job in JOBS:
        lanes.setdefault(job.lane, []).append(job)
    threads = [threading.Thread(target=_lane, args=(jobs, holder, stop, tick), name=lane, daemon=True) for lane, jobs in lanes.items()]
    for thread in threads:
        thread.start()
    stop.wait()
    ends = time.monotonic() + GRACE_SECONDS
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))


def stop_on_signals(stop: threading.Event, parent: Callable[[], int] | None = None) -> None:
    """Set `stop` at SIGTERM and SIGINT, and where given, as soon as the parent process is another."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_orphaned, args=(stop, parent), daemon=True).start()


def _orphaned(stop: threading.Event, parent: Callable[[], int]) -> None:
    first = parent()
    while not stop.wait(TICK_SECONDS):
        if parent() != first:
            stop.set()


def _lane(jobs: Sequence[Job], holder: str, stop: threading.Event, tick: float) -> None:
    while not stop.is_set():
        try:
            close_old_connections()
            run_due(jobs, holder)
        except Exception as error:
            # The database is away, or busy for longer than its timeout: it is asked again.
            log.warning("worker: %s", type(error).__name__)
            connections.close_all()
        stop.wait(tick)
    connections.close_all()
