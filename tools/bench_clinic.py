"""How fast the panel and the chart are, with 10,000 patients and 500,000 events: `python tools/bench_clinic.py`.

On SQLite, and on PostgreSQL where one answers at --postgres. Every request goes through the whole of Django (session,
sign-in, permission, log of the read); the last two tables through gunicorn, eight at a time. Beside each stands the ratio
to a peer measured in the same run: an empty page behind the same sign-in, with one query. Nothing is asserted.
"""

import argparse
import http.client
import os
import platform
import shutil
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

TOOLS = Path(__file__).parent
PORT = 8139
LONG = 100_000


class Time(NamedTuple):
    """How long one request took, in ms, and for how much of that this process worked; None: another process answered."""

    wall: float
    cpu: float | None = None


Times = Sequence[Time]


def main() -> None:
    """Measure each database in a process of its own: Django knows one at a time."""
    asked = _asked()
    if asked.child:
        _measure(asked)
        return
    home = Path(asked.home).resolve()
    for url in ["", *([asked.postgres] if asked.postgres else [])]:
        name = "PostgreSQL" if url else "SQLite"
        if url and not _made_empty(url):
            print(f"{name}: no server at {urllib.parse.urlsplit(url).hostname}; left out")
            continue
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        paths = os.pathsep.join([str(TOOLS), os.environ.get("PYTHONPATH", "")])
        around = {**os.environ, "EUTHYMIA_HOME": str(home), "DATABASE_URL": url or f"sqlite:///{home / 'clinic.sqlite3'}"}
        around |= {"DJANGO_SETTINGS_MODULE": "bench_site.settings", "PYTHONPATH": paths}
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--child", name], env=around, check=True)  # noqa: S603
    shutil.rmtree(home, ignore_errors=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--distinct", type=int, default=160, help="of them simulated; the rest are copies under new names")
    parser.add_argument("--long", type=int, default=LONG, help="events of the one long record")
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--home", default="out/bench-clinic")
    parser.add_argument("--postgres", default=os.environ.get("BENCH_POSTGRES", "postgres://postgres@127.0.0.1:5432/euthymia_bench"))
    parser.add_argument("--child", default="")
    return parser.parse_args()


def _made_empty(url: str) -> bool:
    """Make the database anew; whether that could be done."""
    import psycopg

    name = urllib.parse.urlsplit(url).path.strip("/")
    try:
        with psycopg.connect(url.removesuffix(name) + "postgres", autocommit=True, connect_timeout=3) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
    except psycopg.OperationalError:
        return False
    return True


def _measure(asked: argparse.Namespace) -> None:
    from euthymia_clinic.demo.makers import makers

    began = time.perf_counter()
    with makers() as make:
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        _fill(make, asked.patients, asked.events, asked.distinct)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    from euthymia_clinic.chart.models import Event, Patient

    print(
        f"\n{asked.child}: {Patient.objects.count()} patients, {Event.objects.count()} events, made in {time.perf_counter() - began:.0f} s"
    )
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores")
    print(f"{'':<34}{'p50 ms':>8}{'p95':>8}{'p99':>8}{'CPU p50':>8}{'/ peer p95':>12}")
    for role, email in (("prescriber", "prescriber@demo.example"), ("medical lead", "lead@demo.example")):
        _table(role, email, asked.requests)
    _through_gunicorn(asked.requests)
    _long_record(asked.long)


def _fill(make: Callable[..., Any], patients: int, events: int, distinct: int) -> None:
    """Distinct patients by the demo's own way, then copies of them under new names, all in the care of one team."""
    from django.utils import timezone

    from euthymia_clinic.accounts.models import Site
    from euthymia_clinic.chart.models import CareTeamMember, Event, PanelRow, Patient, ReviewSnapshot
    from euthymia_clinic.demo.actions import team_of
    from euthymia_clinic.demo.roles import ZONE
    from euthymia_clinic.demo.seeding import seed

    seed(timezone.now().astimezone(ZoneInfo(ZONE)).date(), min(distinct, patients), make)
    site = Site.objects.get(slug="demo")
    team = team_of(site)
    models = list(Patient.objects.filter(site=site).select_related("row__snapshot"))
    each = events // patients
    bodies = {model.pk: list(Event.objects.filter(patient=model).order_by("-day")[:each]) for model in models}
    made = range(len(models), patients)
    for start in range(0, len(made), 500):
        some = [(number, models[number % len(models)]) for number in made[start : start + 500]]
        new = [
            Patient(site=site, code=f"{n + 1:05d}", name=f"Virtual patient {n + 1:05d}", prescriber=m.prescriber, record_version=1)
            for n, m in some
        ]
        Patient.objects.bulk_create(new)
        pairs = [(patient, model) for patient, (_, model) in zip(new, some, strict=True)]
        CareTeamMember.objects.bulk_create(
            CareTeamMember(patient=patient, user=user) for patient, _ in pairs for user in (team.prescribers[0], *team.others)
        )
        Event.objects.bulk_create(
            [_copy(event, patient=patient) for patient, model in pairs for event in bodies[model.pk]], batch_size=5_000
        )
        snapshots = ReviewSnapshot.objects.bulk_create([_copy(model.row.snapshot, patient=patient) for patient, model in pairs])
        PanelRow.objects.bulk_create(
            [_copy(model.row, patient=patient, snapshot=s) for (patient, model), s in zip(pairs, snapshots, strict=True)]
        )
    ours = set(CareTeamMember.objects.filter(user=team.prescribers[0]).values_list("patient", flat=True))
    CareTeamMember.objects.bulk_create(CareTeamMember(patient=m, user=team.prescribers[0]) for m in models if m.pk not in ours)


def _copy(row: Any, **changes: Any) -> Any:
    """The same row of another patient."""
    said = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key}
    for name in changes:
        said.pop(f"{name}_id", None)
    return type(row)(**{**said, **changes})


def _client(email: str) -> Any:
    from django.test import Client

    from euthymia_clinic.accounts.models import User

    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=email), backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _table(role: str, email: str, requests: int) -> None:
    client = _client(email)
    pages = _pages(requests)
    peer = _timed(client, pages.pop("peer"))
    _line(f"{role}: the peer", peer, None)
    for name, paths in pages.items():
        _line(f"{role}: {name}", _timed(client, paths), peer)


def _pages(requests: int) -> dict[str, list[str]]:
    """The addresses that are asked for; other patients each time."""
    from euthymia_clinic.chart.models import Patient

    known = list(Patient.objects.filter(site__slug="demo", in_care=True).values_list("pk", flat=True))
    keys = [known[i] for i in np.random.default_rng(1).permutation(len(known))[:requests]]
    return {
        "peer": ["/peer/"] * requests,
        "panel, first page": ["/"] * requests,
        "panel, page 20": ["/?page=20"] * requests,
        "panel, one status": ["/?status=holding_above_remission"] * requests,
        "chart": [f"/patients/{key}/" for key in keys],
    }


def _timed(client: Any, paths: Sequence[str]) -> Times:
    for path in paths[:5]:
        _fetched(client.get(path), path)
    times: list[Time] = []
    for path in paths:
        began, worked = time.perf_counter(), time.process_time()
        answer = client.get(path)
        times.append(Time((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
        _fetched(answer, path)
    return times


def _fetched(answer: Any, path: str) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"{path}: found {answer.status_code}; expected 200")


def _line(name: str, times: Times, peer: Times | None) -> None:
    wall, cpu = [each.wall for each in times], [each.cpu for each in times if each.cpu is not None]
    p50, p95, p99 = (_quantile(wall, share) for share in (0.5, 0.95, 0.99))
    worked = f"{_quantile(cpu, 0.5):>8.1f}" if cpu else f"{'':>8}"
    ratio = f"{p95 / _quantile([each.wall for each in peer], 0.95):>11.1f}×" if peer else ""
    print(f"{name:<34}{p50:>8.1f}{p95:>8.1f}{p99:>8.1f}{worked}{ratio}", flush=True)


def _quantile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def _through_gunicorn(requests: int) -> None:
    """Eight readers at a time, two processes of four threads."""
    from django.db import connections

    client = _client("prescriber@demo.example")
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    pages = _pages(requests)
    connections.close_all()
    server = subprocess.Popen([sys.executable, "-m", "euthymia_clinic.serving.web", "127.0.0.1", str(PORT), "2", "4"])  # noqa: S603
    try:
        _wait()

        def ask(path: str) -> Time:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
            began = time.perf_counter()
            connection.request("GET", path, headers={"Cookie": cookie, "Host": "localhost"})
            answer = connection.getresponse()
            answer.read()
            took = (time.perf_counter() - began) * 1000
            if answer.status != 200:
                raise SystemExit(f"{path}: found {answer.status}; expected 200")
            return Time(took)

        peer: Times | None = None
        for name, paths in pages.items():
            with ThreadPoolExecutor(8) as pool:
                list(pool.map(ask, paths[:16]))
                began = time.perf_counter()
                times = list(pool.map(ask, paths))
                rate = len(paths) / (time.perf_counter() - began)
            _line(f"gunicorn, 8 at a time: {name}", times, peer)
            print(f"{'':<34}{rate:>8.0f} a second", flush=True)
            peer = peer or times
    finally:
        server.terminate()
        server.wait()


def _wait() -> None:
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=5)
            connection.request("GET", "/accounts/login/", headers={"Host": "localhost"})
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server did not come up")


def _long_record(events: int) -> None:
    """One patient with very many events: the page answers and says that it is stale; the worker reviews."""
    from django.utils import timezone

    from euthymia_clinic.chart.models import Event, Patient
    from euthymia_clinic.chart.snapshots import latest, refresh

    patient = Patient.objects.filter(site__slug="demo", in_care=True).order_by("code").first()
    if patient is None:
        return
    # Dose by dose at home, as an application that logs too much would send it: twelve a day.
    now = timezone.now()
    rows = []
    for number in range(events):
        at = now - timedelta(minutes=7 * number + 60)
        body = {"kind": "dose_log", "id": f"log-{number}", "at": at.isoformat(), "recorded_at": at.isoformat(), "source": "bench"}
        body |= {"treatment": "ketamine", "route": "sublingual", "taken": "taken", "dose_mg": 100.0}
        rows.append(Event(patient=patient, event_id=body["id"], kind="dose_log", day=at.date(), recorded_at=at, body=body))
    Event.objects.bulk_create(rows, batch_size=5_000)
    Patient.objects.filter(pk=patient.pk).update(record_version=2)
    client, path = _client("lead@demo.example"), f"/patients/{patient.pk}/"
    times = _timed(client, [path] * 20)
    said = "says that it is stale" if "This review is of" in client.get(path).content.decode() else "does not say that it is stale"
    _line(f"one record of {events} events: chart", times, None)
    began = time.perf_counter()
    refresh(Patient.objects.select_related("site").get(pk=patient.pk))
    took, snapshot = time.perf_counter() - began, latest(patient)
    whole = snapshot is not None and snapshot.record_version == 2
    print(f"  the page before its review {said}; reviewed as the worker does it: {whole} ({took:.0f} s)")
    _line("  chart after its review", _timed(client, [path] * 20), None)


if __name__ == "__main__":
    main()
