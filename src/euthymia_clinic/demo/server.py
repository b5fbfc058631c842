"""The demo's server: the clinic's own, and the worker beside it; as soon as it answers, somebody is told."""

import http.client
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable

_READY_SECONDS = 60.0
_TRIED = 50
# Where a server that listens everywhere is asked.
_WITHIN = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked, not bound
_WORKERS, _THREADS = "2", "4"
# Whoever stops a demo does not wait: everything acknowledged is in the database, and jobs may die at any moment.
_GRACE_SECONDS = 3.0


def free_port(host: str, wanted: int) -> int:
    """The port wanted, or the next one that is free. Raises OSError where none of the next fifty is."""
    for port in range(wanted, min(wanted + _TRIED, 65536)):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                tried.bind((host, port))
            except PermissionError:
                raise
            except OSError as error:
                if error.errno in (98, 48, 10048):
                    continue
                raise
            return port
    raise OSError(98, f"found no free port from {wanted} to {wanted + _TRIED - 1}; allowed: another one (--port)")


def serve(host: str, port: int, ready: Callable[[], bool]) -> int:
    """Serve until somebody stops it. `ready` is called once when the sign-in page comes; False ends it then. Gives the exit code."""
    from euthymia_clinic.serving.keeping import WORKER, keep

    silent = threading.Event()

    def watch() -> None:
        if not _answers(host, port):
            silent.set()
        if silent.is_set() or not ready():
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
    code = keep((sys.executable, "-m", "euthymia_clinic.serving.web", host, str(port), _WORKERS, _THREADS), WORKER, _GRACE_SECONDS)
    return 1 if silent.is_set() else code


def _answers(host: str, port: int) -> bool:
    """Whether the sign-in page comes, within a minute."""
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        connection = http.client.HTTPConnection(_WITHIN.get(host, host), port, timeout=_READY_SECONDS)
        try:
            connection.request("GET", "/accounts/login/", headers={"Host": "localhost"})
            return connection.getresponse().status == http.client.OK
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    return False
