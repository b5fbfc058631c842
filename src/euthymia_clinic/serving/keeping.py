"""Keeping two processes: the server, with which everything ends, and the worker, which is started again whenever it dies."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence

# A worker that dies at once is not started again at once.
PAUSE_SECONDS = 1.0
GRACE_SECONDS = 25.0
TICK_SECONDS = 0.2
WORKER = (sys.executable, "-m", "euthymia.cli", "work")


def keep(server: Sequence[str], worker: Sequence[str] | None, grace_seconds: float = GRACE_SECONDS) -> int:
    """Run both until the server ends or somebody says stop; gives the server's exit code. Who takes longer than the grace is killed."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    serving = subprocess.Popen(list(server))  # noqa: S603 - our own commands
    working = subprocess.Popen(list(worker)) if worker else None  # noqa: S603
    while not stop.wait(TICK_SECONDS) and serving.poll() is None:
        if worker and working is not None and working.poll() is not None and not stop.wait(PAUSE_SECONDS):
            working = subprocess.Popen(list(worker))  # noqa: S603
    asked = stop.is_set()
    for process in (serving, working):
        if process is not None and process.poll() is None:
            process.terminate()
    ends = time.monotonic() + grace_seconds
    for process in (serving, working):
        if process is not None:
            _end(process, ends)
    return 0 if asked else serving.returncode or 1


def _end(process: "subprocess.Popen[bytes]", ends: float) -> None:
    try:
        process.wait(max(0.1, ends - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
