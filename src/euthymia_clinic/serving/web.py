"""The web server: gunicorn with the clinic in it. `python -m euthymia_clinic.serving.web HOST PORT WORKERS THREADS`."""

import ctypes
import os
import signal
import sys
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from euthymia_clinic.audit.quiet import Quiet

_DIE_WITH_PARENT = 1


class QuietLogger(Logger):  # type: ignore[misc]
    """gunicorn's own log without addresses: it would write the path of a request that broke."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, with our formatter; requests are not logged."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Quiet())


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, set up by us."""

    def __init__(self, host: str, port: int, workers: int, threads: int) -> None:
        self.chosen = {
            "bind": f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": threads,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 20,
            "keepalive": 5,
            "loglevel": "warning",
            "accesslog": None,
            "logger_class": QuietLogger,
            "control_socket_disable": True,
            # Large enough for a long note; a check-in is a few hundred bytes.
            "limit_request_line": 4094,
        }
        super().__init__()

    def load_config(self) -> None:
        """Our settings, those that this gunicorn has."""
        for name, value in self.chosen.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """The clinic, warmed up: the first patient does not wait for imports."""
        from django.db import connections
        from django.template import engines
        from django.urls import get_resolver

        from euthymia.loading import load_catalog
        from euthymia_clinic.wsgi import application

        load_catalog()
        # The addresses bring every view with them, and those what they need.
        get_resolver().url_patterns  # noqa: B018
        engines.all()
        # What is open before the fork belongs to nobody.
        connections.close_all()
        return application


def die_with_parent() -> None:
    """Ask the kernel (Linux) to end this process when the one who started it is gone, even by kill -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGTERM)


def main() -> None:
    """Serve, until the parent is gone."""
    die_with_parent()
    host, port, workers, threads = sys.argv[1:5]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "euthymia_clinic.settings")
    Server(host, int(port), int(workers), int(threads)).run()


if __name__ == "__main__":
    sys.argv[0] = "euthymia"
    main()
