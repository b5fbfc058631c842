"""A day of ten sessions at once, driven in the browser: the network is cut on some, a page is reloaded, the server is killed (-9).

The server is the real one, in a process group of its own, on a database of its own. At the end every entry that a hand has made
is in the database exactly once, in the order in which it was made, with the value that was typed, and so are its events.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Error

from clinic.machine import Machine, machine

pytestmark = pytest.mark.browser
TEN, CUT_OFF, RELOADED = 10, (0, 1, 2), (3, 4)
HAND = (Path(__file__).parent / "ten_sessions.js").read_text()
PATIENTLY = 90_000
OPENED = f"""
import json
from django.test import Client
from clinic.conftest import here_of, person
from clinic.sessions import infused, opened
from euthymia_clinic.accounts.models import Role, Site
site = Site.objects.create(slug="ten", name="Ten sessions", country="us", zone="America/New_York")
owner, nurse = person(site, Role.PRESCRIBER, "Prescriber"), person(site, Role.NURSE, "Nurse")
made = []
for number in range({TEN}):
    sheet = opened(here_of(owner), infused(site, f"T-{{number}}", [owner, nurse]))
    client = Client()
    client.force_login(owner if number % 2 else nurse, backend="allauth.account.auth_backends.AuthenticationBackend")
    made.append([str(sheet.pk), client.cookies["sessionid"].value])
print(json.dumps(made))
"""
KEPT = """
import json
from django.utils import timezone
from euthymia_clinic.audit.verify import walk
from euthymia_clinic.chart.models import Event
from euthymia_clinic.sessions.models import Sheet
found = {}
for sheet in Sheet.objects.all():
    entries = sheet.entries.order_by("arrived_at")
    there = set(Event.objects.filter(patient=sheet.patient).values_list("event_id", flat=True))
    made = [event for entry in entries for event in entry.events]
    ours = [name for name in there if name.startswith("sheet-")]
    found[str(sheet.pk)] = {
        "entries": [[str(e.pk), e.field, e.value] for e in entries],
        "events": sorted(made) == sorted(ours) and len(set(made)) == len(made) and bool(made),
    }
print(json.dumps({"sheets": found, "troubles": [str(each) for each in walk(timezone.now()).troubles]}))
"""


class Server:
    """The clinic's server, to be killed and started again at one address."""

    def __init__(self, home: Machine) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = home.environment
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until somebody answers."""
        command = [sys.executable, "-m", "euthymia_clinic.serving.web", "127.0.0.1", str(self.port), "1", "8"]
        self.process = subprocess.Popen(command, env=self.environment, start_new_session=True)
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """kill -9 of the whole group."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            self.process = None


@contextmanager
def served(home: Machine) -> Iterator[Server]:
    server = Server(home)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.mark.only_on("linux")
def test_nothing_is_lost_nothing_doubled_and_the_order_kept(browser, tmp_path) -> None:
    with machine(tmp_path / "home", "ten") as home:
        home.django("migrate", "-v0")
        sheets = json.loads(home.python(OPENED).splitlines()[-1])
        with served(home) as server:
            pages = [sat_down(browser, server, *each) for each in sheets]
            made = [worked_through(page) for page in a_day(pages, server)]
            for page in pages:
                page.context.close()
        kept = json.loads(home.python(KEPT).splitlines()[-1])
    for (sheet, _), (typed, refused) in zip(sheets, made, strict=True):
        wanted = [[e["id"], e["field"], e["value"]] for e in typed if e["id"] not in refused]
        found = kept["sheets"][sheet]["entries"]
        # A time that was tapped is kept as the instant that it was.
        assert [e if e[1] != "started_at" else [*e[:2], "now"] for e in found] == wanted
        assert len(wanted) > 60
        assert kept["sheets"][sheet]["events"], "an event is missing or stands twice"
    assert kept["troubles"] == []


def sat_down(browser, server, sheet, cookie):
    """A tablet with one sheet open."""
    context = browser.new_context(viewport={"width": 820, "height": 1100})
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": server.address}])
    page = context.new_page()
    page.goto(f"{server.address}/sessions/{sheet}/")
    return page


def begin(page) -> None:
    page.locator("html.sheet-ready").wait_for(timeout=PATIENTLY)
    # Not waited for: ten hands work at once.
    page.evaluate(f"() => {{ ({HAND})(); }}")


def a_day(pages, server):
    """Cut, kill, start again, reload; gives the pages when every hand has come to its end."""
    for page in pages:
        begin(page)
    pages[0].wait_for_timeout(2_000)
    for place in CUT_OFF:
        pages[place].context.set_offline(True)
    pages[0].wait_for_timeout(1_500)
    server.kill()
    for page in pages:
        page.locator("[data-queue].trouble", has_text="No connection").wait_for(timeout=PATIENTLY)
    server.start()
    for place in RELOADED:
        again(pages[place])
    for place in CUT_OFF:
        pages[place].context.set_offline(False)
    return pages


def again(page) -> None:
    """The tab is loaded anew, with entries that wait in it."""
    address = page.url
    for _ in range(20):
        try:
            page.goto(address)
            break
        except Error:
            page.wait_for_timeout(500)
    begin(page)


def worked_through(page):
    """What the hand made, and which of it was refused; when all of it has been sent."""
    page.locator("html.trial-over").wait_for(timeout=PATIENTLY)
    page.locator("[data-queue]", has_text="All saved").wait_for(timeout=PATIENTLY)
    trial = json.loads(page.evaluate("localStorage.getItem('trial')"))
    return trial["made"], set(trial["refused"])
