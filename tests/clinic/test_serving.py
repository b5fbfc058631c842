"""`euthymia serve`: it starts only where it is safe, and keeps its worker."""

import http.client
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clinic.machine import machine
from euthymia_clinic.serving.variables import VARIABLES, what_is_wrong

SOURCES = Path(__file__).parents[2] / "src/euthymia_clinic"
GOOD = {"EUTHYMIA_SECRET_KEY": secrets.token_urlsafe(50), "EUTHYMIA_HOSTS": "localhost", "EUTHYMIA_ADDRESS": "https://clinic.example"}


def test_a_good_environment_has_nothing_wrong() -> None:
    assert what_is_wrong(GOOD) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"EUTHYMIA_SECRET_KEY": ""}, "found no EUTHYMIA_SECRET_KEY (found: EUTHYMIA_ADDRESS, EUTHYMIA_HOSTS, EUTHYMIA_SECRET_KEY)"),
        ({"EUTHYMIA_SECRET_KEY": "short"}, "of 5 characters; allowed: 50 or more"),
        ({"EUTHYMIA_SECRET_KEY": "a" * 60}, "allowed: 50 or more"),
        ({"EUTHYMIA_HOSTS": ""}, "found no EUTHYMIA_HOSTS"),
        ({"EUTHYMIA_ADDRESS": ""}, "found no EUTHYMIA_ADDRESS"),
        ({"EUTHYMIA_ADDRESS": "http://clinic.example"}, "links to patients go over HTTPS alone"),
        ({"EUTHYMIA_HOST": "x"}, "found the variable EUTHYMIA_HOST; allowed: EUTHYMIA_SECRET_KEY"),
    ],
)
def test_what_is_wrong_is_said(change, said) -> None:
    [words] = what_is_wrong({**GOOD, **change})
    assert said in words
    assert GOOD["EUTHYMIA_SECRET_KEY"] not in words


def test_every_variable_that_the_clinic_reads_is_named() -> None:
    read = {name for path in SOURCES.rglob("*.py") for name in re.findall(r'"(EUTHYMIA_[A-Z_]+)"', path.read_text())}
    assert read <= set(VARIABLES)


def test_the_server_starts_without_what_only_an_export_needs() -> None:
    code = "import django; django.setup(); from django.urls import get_resolver as r; r().url_patterns; import sys; print(*sys.modules)"
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "euthymia_clinic.settings"}
    loaded = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout.split()
    assert "euthymia_clinic.pages.views.exports" in loaded
    assert [name for name in loaded if "fhir" in name] == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in found.split()]


def command_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def answers(port: int, path: str = "/health/") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": "localhost", "X-Forwarded-Proto": "https"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def until(holds, seconds: float = 240.0):
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = holds()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("not within the time")


def test_it_refuses_without_a_secret_and_without_tables(tmp_path) -> None:
    with machine(tmp_path, "serve") as clinic:
        refused = clinic.run("serve")
        assert refused.returncode == 2
        assert "found no EUTHYMIA_SECRET_KEY (found: EUTHYMIA_HOME)" in refused.stderr
        refused = clinic.run("serve", **GOOD)
        assert refused.returncode == 2
        assert "migrations that are not applied" in refused.stderr
        assert "euthymia serve --migrate" in refused.stderr


@pytest.mark.only_on("linux")  # It looks into /proc.
def test_it_serves_keeps_its_worker_and_ends_whole(tmp_path) -> None:
    port = free_port()
    with machine(tmp_path, "serve") as clinic:
        command = [sys.executable, "-m", "euthymia.cli", "serve", "--migrate", "--port", str(port), "--workers", "1"]
        served = subprocess.Popen(command, env={**clinic.environment, **GOOD}, stderr=subprocess.PIPE, text=True)
        try:
            until(lambda: answers(port) == 200)
            [worker] = until(lambda: [pid for pid in children(served.pid) if command_of(pid).strip().endswith("work")])
            os.kill(worker, signal.SIGKILL)
            again = until(lambda: [pid for pid in children(served.pid) if pid != worker and command_of(pid).strip().endswith("work")])
            assert answers(port, "/patients/4b0f3a3e-0000-0000-0000-canary?name=canary") == 404
            everyone = [pid for child in children(served.pid) for pid in (child, *children(child))]
            served.send_signal(signal.SIGTERM)
            said = served.communicate(timeout=180)[1]
        finally:
            served.kill()
            served.communicate()
        assert served.returncode == 0
        assert "canary" not in said
        assert again[0] in everyone
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone), 60)


@pytest.mark.only_on("linux")  # It looks into /proc.
def test_kill_9_of_the_keeper_leaves_nothing_behind(tmp_path) -> None:
    port = free_port()
    with machine(tmp_path, "serve") as clinic:
        command = [sys.executable, "-m", "euthymia.cli", "serve", "--migrate", "--port", str(port), "--workers", "1"]
        served = subprocess.Popen(command, env={**clinic.environment, **GOOD}, stderr=subprocess.DEVNULL)
        try:
            until(lambda: answers(port) == 200)
            everyone = [pid for child in children(served.pid) for pid in (child, *children(child))]
        finally:
            served.kill()
            served.wait()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in everyone), 120)


def test_djangos_own_deployment_check_is_clean(tmp_path) -> None:
    with machine(tmp_path, "serve") as clinic:
        done = subprocess.run(
            [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "INFO"],
            env={**clinic.environment, **GOOD},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
