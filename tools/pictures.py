"""Pictures of the clinic for the documentation: `make pictures`.

Brings up a small demo clinic (virtual patients, a fixed seed), opens its pages in Debian's Chromium as the people who work
there, and writes one picture a page to docs/pictures/clinic/, with a list of them. Needs Chromium and the clinic's extras.
With a folder as its argument, a demo clinic of today that is kept there is used again.
"""

import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs/pictures/clinic"
CHROMIUM = "/usr/bin/chromium"
PATIENTS, PORT = 80, 8190
# What a reader sees without scrolling, at most: taller pages are cut here.
DESK, TABLET, PHONE = (1440, 1060), (820, 1180), (360, 740)
LARGEST = 200_000
READY = re.compile(r"The clinic is at (\S+)")
PASSWORD = re.compile(r"with the password\s+(.+)")


class Shot(NamedTuple):
    """One picture: its name, what it shows, whose page it is and where."""

    name: str
    words: str
    role: str
    address: str
    scheme: str = "light"


# `{chart}`: the first patient of the panel who holds above remission, else the first of all; `{home}`, `{spray}`: the first with
# doses at home, and with esketamine.
SHOTS = (
    Shot("panel", "The panel: everyone in care, worst need first", "prescriber", "/"),
    Shot("panel-dark", "The panel, dark", "prescriber", "/", "dark"),
    Shot("chart", "One patient: the answer first, the course, what can be decided", "prescriber", "{chart}"),
    Shot("chart-dark", "One patient, dark", "prescriber", "{chart}", "dark"),
    Shot("decide", "Recording a decision beside the review it rests on", "prescriber", "{chart}decide/"),
    Shot("entries", "What can be recorded", "nurse", "{chart}enter/"),
    Shot("rating", "A rating, item by item", "nurse", "{chart}enter/rating/?instrument=phq9"),
    Shot("events", "Everything that was recorded, and its corrections", "prescriber", "{chart}events/"),
    Shot("past", "What was said on an earlier day", "prescriber", "{chart}past/"),
    Shot("summary", "The summary for the patient", "prescriber", "{chart}summary/"),
    Shot("home", "Doses at home: prescribed, handed out, logged, counted", "prescriber", "{home}home/"),
    Shot("safety", "Long-term safety against time, with each limit and how well it is known", "prescriber", "{spray}safety/"),
    Shot("rems", "The forms of a patient's esketamine sessions, and by when they are due", "nurse", "{spray}rems/"),
    Shot("sessions", "The sessions: who is watched, who comes, what is not signed", "nurse", "/sessions/"),
    Shot("care-team", "Who takes part in the patient's care", "prescriber", "{chart}team/"),
    Shot("patient-link", "The link to the patient's own page", "prescriber", "{chart}page/"),
    Shot("checkins", "Who was asked and has not answered", "nurse", "/checkins/"),
    Shot("kiosk", "Handing over a tablet", "nurse", "/kiosk/"),
    Shot("alerts", "The alerts that are open, and how long they have waited", "prescriber", "/alerts/"),
    Shot("alert", "One alert: why, what is done now, how it ends", "prescriber", "{alert}"),
    Shot("outcomes", "How the site does, and whether its chances came true", "lead", "/outcomes/"),
    Shot("knowledge", "What the site goes by, and what each fact rests on", "lead", "/knowledge/"),
    Shot("effect", "Whose verdict a change would move, before it is adopted", "lead", "/knowledge/effect/"),
    Shot("site", "The settings of the site", "lead", "/site/"),
    Shot("people", "The people of the site", "administrator", "/people/"),
    Shot("on-call", "Who is paged, in which order", "lead", "/people/on-call/"),
    Shot("audit", "Who did what, and whether the chain is whole", "auditor", "/audit/"),
    Shot("openings", "Charts that were opened with a reason", "auditor", "/people/openings/"),
)
PHONE_SHOTS = (
    ("panel-phone", "The panel on a phone"),
    ("chart-phone", "One patient on a phone"),
    ("checkin", "A check-in on the patient's phone: one question at a time"),
    ("support", "What the patient sees at once after a positive answer on suicidal thoughts"),
    ("patient", "The patient's own page"),
    ("doses", "The patient's doses at home: what nobody has written down yet"),
    ("dose-log", "Writing down one dose at home"),
)
TABLET_SHOTS = (("sheet", "A session sheet on a tablet, before the dose"),)


@contextmanager
def clinic(home: Path) -> Iterator[tuple[str, str]]:
    """The demo clinic while the pictures are taken: its address and the password of its people."""
    command = [str(Path(sys.executable).with_name("euthymia")), "clinic", "--home", str(home), "--port", str(PORT)]
    said = (home.parent / "clinic.log").open("w+", encoding="utf-8")
    running = subprocess.Popen([*command, "--patients", str(PATIENTS)], stdout=said, stderr=subprocess.STDOUT)  # noqa: S603 - our own command
    try:
        for _ in range(1800):
            text = Path(said.name).read_text(encoding="utf-8")
            if (ready := READY.search(text)) and (password := PASSWORD.search(text)):
                break
            if running.poll() is not None:
                raise SystemExit(f"the demo clinic ended before it was ready:\n{text[-2000:]}")
            time.sleep(0.5)
        else:
            raise SystemExit("the demo clinic was not ready within fifteen minutes")
        yield ready[1], password[1].strip()
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=60)


def signed_in(browser: Browser, at: str, password: str, role: str, size: tuple[int, int] = DESK) -> Page:
    """A page of somebody who works at the demo clinic."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]}, device_scale_factor=1)
    page.goto(f"{at}/accounts/login/")
    page.get_by_label("E-mail address").fill(f"{role}@demo.example")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()
    return page


def take(page: Page, name: str, size: tuple[int, int]) -> None:
    """One picture, as tall as the page but no taller than a screen."""
    if page.locator("#chart").count():
        page.wait_for_selector("html[data-chart=drawn]", state="attached", timeout=60_000)
    page.wait_for_timeout(300)
    tall = max(min(size[1], page.evaluate("Math.ceil(document.body.getBoundingClientRect().height)")), 300)
    path = FOLDER / f"{name}.png"
    while True:
        page.screenshot(path=path, clip={"x": 0, "y": 0, "width": size[0], "height": tall}, full_page=True)
        if path.stat().st_size <= LARGEST:
            return
        # Too dense for the repository: show less of it rather than blur it.
        tall = int(tall * 0.85)


def places(page: Page, at: str) -> dict[str, str]:
    """The patient and the alert that are shown."""
    page.goto(f"{at}/?status=holding_above_remission")
    if not page.locator(".cases .who a").count():
        page.goto(at)
    chart = page.locator(".cases .who a").first.get_attribute("href") or "/"
    on = {}
    for name, protocol in (("home", "ketamine_sublingual_home"), ("spray", "esketamine_label")):
        page.goto(f"{at}/?protocol={protocol}")
        on[name] = page.locator(".cases .who a").first.get_attribute("href") or chart
    page.goto(f"{at}/alerts/")
    alert = page.locator("main a[href^='/alerts/']").first
    return {**on, "chart": chart, "alert": alert.get_attribute("href") or "/alerts/" if alert.count() else "/alerts/"}


def on_a_phone(browser: Browser, at: str, password: str, home: Path, where: dict[str, str]) -> None:
    """The pages at 360 pixels: staff's two, then what a patient sees."""
    staff = signed_in(browser, at, password, "prescriber", PHONE)
    for name, address in (("panel-phone", "/"), ("chart-phone", where["chart"])):
        staff.goto(at + address)
        take(staff, name, PHONE)
    staff.goto(f"{at}{where['chart']}page/")
    staff.get_by_role("button", name="Make the link").or_(staff.get_by_role("button", name="Make a new link")).click()
    own = staff.locator("a[rel=noreferrer]").inner_text()
    patient = browser.new_page(viewport={"width": PHONE[0], "height": PHONE[1]}, device_scale_factor=1)
    patient.goto(at + re.sub(r"^https?://[^/]+", "", own))
    take(patient, "patient", (PHONE[0], 2 * PHONE[1]))
    in_their_name(staff, patient, at, where["home"])
    mails = "".join(each.read_text(encoding="utf-8", errors="replace") for each in sorted((home / "mail").iterdir()))
    for key in re.findall(r"/c/([\w-]+)/", mails):
        patient.goto(f"{at}/c/{key}/")
        if patient.locator("label.answer").count():
            break
    take(patient, "checkin", PHONE)
    while not patient.locator("section.support").count():
        with patient.expect_navigation():
            patient.locator("label.answer").nth(1 if "9 of 9" in patient.inner_text(".checkin-where") else 0).click()
    take(patient, "support", (PHONE[0], 2 * PHONE[1]))


def in_their_name(staff: Page, patient: Page, at: str, home: str) -> None:
    """The doses of somebody who takes them at home, on their phone."""
    staff.goto(f"{at}{home}page/")
    staff.get_by_role("button", name="Make the link").or_(staff.get_by_role("button", name="Make a new link")).click()
    own = staff.locator("a[rel=noreferrer]").inner_text()
    patient.goto(at + re.sub(r"^https?://[^/]+", "", own) + "doses/")
    take(patient, "doses", (PHONE[0], 2 * PHONE[1]))
    patient.get_by_role("link", name="Write").first.click()
    patient.wait_for_load_state()
    take(patient, "dose-log", (PHONE[0], 2 * PHONE[1]))


def on_a_tablet(browser: Browser, at: str, password: str, spray: str) -> None:
    """The sheet of a session, as a nurse opens it."""
    nurse = signed_in(browser, at, password, "nurse", TABLET)
    nurse.goto(at + spray)
    nurse.get_by_role("button", name="Open session sheet").click()
    nurse.wait_for_url("**/sessions/*/")
    take(nurse, "sheet", TABLET)


def listed() -> str:
    """The list that stands beside the pictures."""
    rows = [(shot.name, shot.words) for shot in SHOTS] + [*PHONE_SHOTS, *TABLET_SHOTS]
    lines = "\n".join(f"- [{name}.png]({name}.png): {words}." for name, words in rows)
    made = f"Made by `make pictures` from a demo clinic of {PATIENTS} virtual patients. Nobody of them exists."
    return f"# Pictures of the clinic\n\n{made}\n\n{lines}\n"


def main() -> None:
    """Take them all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(folder) / "home"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with clinic(home) as (at, password):
            pages = {role: signed_in(browser, at, password, role) for role in sorted({shot.role for shot in SHOTS})}
            where = places(pages["prescriber"], at)
            for shot in SHOTS:
                page = pages[shot.role]
                page.emulate_media(color_scheme=shot.scheme)
                page.goto(at + shot.address.format(**where))
                take(page, shot.name, DESK)
            on_a_phone(browser, at, password, home, where)
            on_a_tablet(browser, at, password, where["spray"])
        browser.close()
    (FOLDER / "README.md").write_text(listed(), encoding="utf-8")
    print(f"{len(SHOTS) + len(PHONE_SHOTS) + len(TABLET_SHOTS)} pictures in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
