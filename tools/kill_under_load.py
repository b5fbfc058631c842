"""kill -9 of the whole server, again and again, while patients answer: does any acknowledged answer get lost, or stand there twice?

    python tools/kill_under_load.py [--kills 200] [--writers 4]        # the database of DATABASE_URL, else SQLite in a temporary folder

The server is the real one (gunicorn with its process and, every few times, a worker beside it), forked from a process that has
imported everything, so that a restart takes a moment; each kill is a SIGKILL of its whole process group. Writers open and answer
check-ins over HTTP like a phone: an answer counts as acknowledged when its redirect has arrived. Every third kill waits until
somebody sends a finished check-in, and hits in the middle of that. At the end every acknowledged answer must be in the database with
its value, every acknowledged look in the log of reads, every finished check-in exactly once in the record, and the audit's chain
whole. Exit code 1 where one is not.
"""

import argparse
import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import numpy as np

ITEMS = [f"phq9.{number}" for number in range(1, 10)]
QUIET_ITEM, ANSWERS = "phq9.9", ("0", "1", "2", "3")
_SUBREAPER = 36
# So many check-ins are prepared in each go; kills need about one for every two.
PATIENTS = 12
PROCESSES, THREADS = 1, 8
# The worker's own jobs take a processor for themselves: it runs beside every so manieth server.
WORKER_EVERY = 10
# Every so manieth kill is aimed at the sending of a finished check-in.
END_EVERY = 3


@dataclass
class Sent:
    """What the writers were told: looks, answers and finished check-ins that the server acknowledged."""

    looks: set[str] = field(default_factory=set)
    answers: dict[tuple[str, str], str] = field(default_factory=dict)
    finished: set[str] = field(default_factory=set)
    # How often somebody began to send a finished check-in.
    endings: int = 0
    tries: int = 0
    broken: int = 0
    odd: list[str] = field(default_factory=list)


def main() -> int:
    """Seed, kill, compare."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--kills", type=int, default=200)
    asked.add_argument("--seconds", type=float, default=float("inf"), help="kill no longer than this, whatever --kills says")
    asked.add_argument("--writers", type=int, default=4)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--zygote", type=int, help=argparse.SUPPRESS)
    options = asked.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "euthymia_clinic.settings")
    if options.zygote:
        return zygote(options.zygote)
    with tempfile.TemporaryDirectory() as home:
        os.environ["EUTHYMIA_HOME"] = home
        with own_database():
            return tried(options.kills, options.seconds, options.writers, np.random.default_rng(options.seed))


@contextlib.contextmanager
def own_database() -> Iterator[None]:
    """On PostgreSQL a database beside the one that is named, made and dropped here; SQLite has its own in the temporary folder."""
    address = os.environ.get("DATABASE_URL", "")
    if not address.startswith("postgres"):
        os.environ.pop("DATABASE_URL", None)
        yield
        return
    import psycopg

    parts = urlsplit(address)
    own = f"{parts.path.strip('/')}_crash"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{own}"')
        os.environ["DATABASE_URL"] = urlunsplit(parts._replace(path=f"/{own}"))
        try:
            yield
        finally:
            admin.execute(f'DROP DATABASE IF EXISTS "{own}" WITH (FORCE)')


def tried(kills: int, seconds: float, writers: int, dice: np.random.Generator) -> int:
    """The whole trial; gives the exit code."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    keys, sent, ends, port = Keys(), Sent(), Ends(), free_port()
    keys.more(writers + kills // 2)
    server = subprocess.Popen(  # noqa: S603 - this file itself
        [sys.executable, __file__, "--zygote", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    loads = [(port, keys, sent, ends, np.random.default_rng(n)) for n in range(writers)]
    threads = [threading.Thread(target=write, args=load, daemon=True) for load in loads]
    tell(server, "start")
    for thread in threads:
        thread.start()
    begun, cycles = time.monotonic(), []
    for number in range(kills):
        if time.monotonic() - begun > seconds:
            break
        start = time.monotonic()
        await_load(sent, number, writers, dice)
        tell(server, "kill")
        tell(server, "start")
        cycles.append(time.monotonic() - start)
        if number % 10 == 9:
            said = f"{number + 1} kills, {len(sent.answers)} answers acknowledged, {len(sent.finished)} check-ins finished"
            print(said, file=sys.stderr, flush=True)
    # Whoever is in the middle of a check-in comes to its end.
    ends.no_more.set()
    for thread in threads:
        thread.join(60)
    ends.now.set()
    tell(server, "kill")
    server.stdin.close()
    server.wait(30)
    cycles.sort()
    took, median = time.monotonic() - begun, cycles[len(cycles) // 2] if cycles else 0.0
    print(f"{len(cycles)} kills in {took:.0f} s (median cycle {median:.2f} s); {sent.tries} requests, {sent.broken} without an answer")
    return compared(sent)


@dataclass
class Ends:
    """How the writers are stopped: before the next check-in, or at once."""

    no_more: threading.Event = field(default_factory=threading.Event)
    now: threading.Event = field(default_factory=threading.Event)


def await_load(sent: Sent, number: int, writers: int, dice: np.random.Generator) -> None:
    """Wait until some answers have been acknowledged, or until a finished check-in is being sent; and a random moment more."""
    start, answers, endings = time.monotonic(), len(sent.answers), sent.endings
    wanted = int(dice.integers(1, writers + 1))
    aimed = number % END_EVERY == END_EVERY - 1
    while time.monotonic() - start < 20:
        if sent.endings > endings if aimed else len(sent.answers) >= answers + wanted:
            break
        time.sleep(0.005)
    time.sleep(dice.uniform(0.0, 0.3 if aimed else 0.1))


class Keys:
    """Check-ins to answer: made in this process, by the same actions as the clinic's, when the writers have used them up."""

    def __init__(self, slug: str = "kill") -> None:
        self.slug = slug
        self.lock, self.waiting, self.made = threading.Lock(), [], 0
        self.site = None

    def take(self) -> tuple[str, str]:
        """A check-in and a key to it."""
        with self.lock:
            if not self.waiting:
                self.more(PATIENTS)
            return self.waiting.pop()

    def more(self, count: int) -> None:
        """New patients, each with a check-in; their first review waits until they have answered."""
        from datetime import timedelta
        from unittest import mock

        from django.utils import timezone

        from euthymia_clinic.accounts.models import Site
        from euthymia_clinic.audit.actor import system
        from euthymia_clinic.chart.actions import admit
        from euthymia_clinic.checkins.actions import plan_checkin
        from euthymia_clinic.checkins.links import hash_of, new_key
        from euthymia_clinic.checkins.models import Link
        from euthymia_clinic.checkins.planning import Planned

        self.site = self.site or Site.objects.create(slug=self.slug, name="Killed clinic", country="us", zone="UTC")
        now = timezone.now()
        with mock.patch("euthymia_clinic.chart.actions.refresh_soon"):
            for _ in range(count):
                self.made += 1
                patient = admit(system("kill"), self.site, f"K{self.made}")
                planned = Planned(f"kill:{self.made}", now.date(), now - timedelta(minutes=1), now + timedelta(days=2))
                checkin, key = plan_checkin(system("kill"), patient, planned, ["phq9"]), new_key()
                Link.objects.create(checkin=checkin, key_hash=hash_of(key), how="qr", expires_at=checkin.closes_at)
                self.waiting.insert(0, (str(checkin.pk), key))


def write(port: int, keys: Keys, sent: Sent, ends: Ends, dice: np.random.Generator) -> None:
    """Open and answer one check-in after another; what was not acknowledged is sent again, as a phone does."""
    while not ends.no_more.is_set():
        checkin, key = keys.take()
        if not insist(port, f"/c/{key}/", "", (302,), sent, ends):
            return
        sent.looks.add(checkin)
        for item in ITEMS:
            # Never a positive item 9: the paging is tried elsewhere.
            value = "0" if item == QUIET_ITEM else str(dice.choice(ANSWERS))
            if not insist(port, f"/c/{key}/1/", f"question={item}&answer={value}", (302,), sent, ends):
                return
            sent.answers[checkin, item] = value
        sent.endings += 1
        # 409: an attempt that was broken off had arrived after all.
        if insist(port, f"/c/{key}/end/", "send=1", (302, 409), sent, ends):
            sent.finished.add(checkin)


def insist(port: int, path: str, body: str, good: tuple[int, ...], sent: Sent, ends: Ends) -> bool:
    """Send until it is acknowledged; False: the trial ended before."""
    while not ends.now.is_set():
        sent.tries += 1
        status = asked(port, path, body)
        if status in good:
            return True
        sent.broken += status == 0
        if status not in (0, *good):
            sent.odd.append(f"{status} for {path.split('/')[3] or 'the link'}")
        time.sleep(0.02)
    return False


def asked(port: int, path: str, body: str) -> int:
    """One request, a POST where it has a body; 0: no answer came."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "localhost"}
        connection.request("POST" if body else "GET", path, body or None, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def compared(sent: Sent) -> int:
    """Compare what was acknowledged with what is there."""
    from django.db.models import Count
    from django.utils import timezone

    from euthymia_clinic.audit.jobs import seal_reads
    from euthymia_clinic.audit.models import Read
    from euthymia_clinic.audit.verify import walk
    from euthymia_clinic.chart.models import Event
    from euthymia_clinic.checkins.models import Answer, Checkin

    there = {(str(c), f"{i}.{n}"): f"{v:g}" for c, i, n, v in Answer.objects.values_list("checkin", "instrument", "item", "value")}
    lost = [key for key, value in sent.answers.items() if there.get(key) != value]
    events = Event.objects.filter(kind="assessment")
    recorded = {checkin for checkin in sent.finished if events.filter(event_id__contains=checkin).count() == 1}
    read = set(Read.objects.filter(page="check-in").values_list("subject", flat=True))
    opened = Checkin.objects.filter(pk__in=sent.looks).select_related("patient")
    unseen = [checkin.pk for checkin in opened if checkin.patient.subject not in read]
    twice = events.values("patient").annotate(n=Count("pk")).filter(n__gt=1).count()
    seal_reads(timezone.now())
    found = walk(timezone.now())
    print(f"{len(sent.looks)} check-ins opened, {len(unseen)} not in the log of reads")
    print(f"{len(sent.answers)} answers acknowledged, {len(lost)} lost")
    print(f"{len(sent.finished)} check-ins finished, {len(recorded)} in the record, {twice} doubled; odd answers: {len(sent.odd)}")
    print(f"the chain: {found.entries} entries, {found.reads} reads, {found.rows} rows, {len(found.troubles)} troubles")
    for words in [*map(str, found.troubles), *sent.odd][:10]:
        print(words)
    whole = not lost and not unseen and not twice and len(recorded) == len(sent.finished) and not found.troubles and not sent.odd
    return 0 if whole and sent.finished else 1


def zygote(port: int) -> int:
    """A process that has imported everything and forks servers: `start` and `kill` by its standard input."""
    import django

    django.setup()
    from euthymia_clinic.serving.web import Server
    from euthymia_clinic.worker.loop import work

    warm = Server("127.0.0.1", port, PROCESSES, THREADS)
    warm.load()
    rehearse()
    # Whoever loses its parent becomes ours: so we know when every process of a killed server is gone.
    ctypes.CDLL(None).prctl(_SUBREAPER, 1)
    group = starts = 0
    for line in sys.stdin:
        if line.strip() == "start":
            starts += 1
            beside = (lambda: work(threading.Event(), tick=0.2)) if starts % WORKER_EVERY == 0 else None
            group = forked(lambda: Server("127.0.0.1", port, PROCESSES, THREADS).run(), beside)
        else:
            os.killpg(group, signal.SIGKILL)
            while True:
                try:
                    os.waitpid(-1, 0)
                except ChildProcessError:
                    break
        print("done", flush=True)
    # The trial is over, or whoever led it is gone: nothing of it stays.
    if group:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    return 0


def rehearse() -> None:
    """Answer one check-in in this process: what is imported, compiled and counted once, no forked server has to do again."""
    from django.db import connections
    from django.test import Client

    keys, browser = Keys("rehearsal"), Client(HTTP_HOST="localhost")
    keys.more(1)
    _, key = keys.take()
    browser.get(f"/c/{key}/")
    for item in ITEMS:
        browser.post(f"/c/{key}/1/", {"question": item, "answer": "0"})
    browser.post(f"/c/{key}/end/", {"send": "1"})
    # What is open before the fork belongs to nobody.
    connections.close_all()


def forked(serve: Callable[[], None], work: Callable[[], None] | None) -> int:
    """Fork a leader of a new process group that serves, where asked with a worker in the same group; gives the group."""
    leader = os.fork()
    if leader == 0:
        os.setpgid(0, 0)
        if work is not None and os.fork() == 0:
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115
            work()
            os._exit(0)
        sys.argv = ["euthymia"]
        serve()
        os._exit(0)
    os.setpgid(leader, leader)
    return leader


def tell(server: "subprocess.Popen[str]", word: str) -> None:
    """Give the zygote a word and wait until it was done."""
    server.stdin.write(word + "\n")
    server.stdin.flush()
    if not server.stdout.readline():
        raise SystemExit("the server could not be started")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
