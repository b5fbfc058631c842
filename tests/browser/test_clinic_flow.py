"""A working day in Debian's Chromium: from the sign-in to a recorded decision, a letter, and every page without a barrier."""

import re
import time
from datetime import timedelta
from importlib import import_module
from pkgutil import iter_modules

import pytest
from django.urls import reverse
from django.utils import timezone

from browser.conftest import barriers
from clinic.conftest import PASSWORD, dose_of, here_of, person, sample
from euthymia.events import Decision, DoseSession
from euthymia.moment import Moment
from euthymia_clinic.accounts.models import Role
from euthymia_clinic.alerts.actions import raise_concern
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.permissions import DECIDES
from euthymia_clinic.chart.snapshots import take_snapshot
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.checkins.actions import plan_checkin
from euthymia_clinic.checkins.links import hash_of, new_key
from euthymia_clinic.checkins.models import Link
from euthymia_clinic.checkins.planning import Planned
from euthymia_clinic.pages import addresses
from euthymia_clinic.patientpage.actions import make_link
from euthymia_clinic.sessions.actions import open_sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECONDS, CLICKS = 60, 12


class Hand:
    """Counts what a person does with the mouse: each click and each choice from a list is one."""

    def __init__(self, page) -> None:
        self.page, self.clicks = page, 0

    def click(self, place) -> None:
        place.click()
        self.clicks += 1

    def choose(self, place, value) -> None:
        self.page.select_option(place, value)
        self.clicks += 2


def test_from_the_sign_in_to_a_recorded_decision_and_its_letter(browser, live_server, patient, owner, tmp_path) -> None:
    page = browser.new_context(viewport={"width": 1440, "height": 950}, accept_downloads=True).new_page()
    hand, began, before = Hand(page), time.monotonic(), len(record_of(patient).of_kind(Decision))
    page.goto(live_server.url)
    page.get_by_label("E-mail address").fill(owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    hand.click(page.get_by_role("button", name="Sign in"))
    hand.click(page.locator(".cases .who a").first)
    hand.click(page.get_by_role("link", name="Record decision"))
    hand.choose("#choice", "change_interval")
    page.fill("#reason", "Ten weeks at the same level.")
    hand.click(page.get_by_role("button", name="Record decision"))
    page.wait_for_selector("text=Decided on")
    took = time.monotonic() - began
    print(f"\nfrom the sign-in to a recorded decision: {took:.1f} s, {hand.clicks} clicks")
    assert took < SECONDS
    assert hand.clicks <= CLICKS
    assert len(record_of(patient).of_kind(Decision)) == before + 1

    page.get_by_text("More", exact=True).click()
    with page.expect_download() as coming:
        page.evaluate("document.querySelector('a[href*=\"authorisation.pdf\"]').setAttribute('download', '')")
        page.get_by_role("link", name="Letter: authorisation (PDF)").click()
    kept = tmp_path / "letter.pdf"
    coming.value.save_as(kept)
    letter = kept.read_bytes()
    assert letter.startswith(b"%PDF-")
    assert letter.rstrip().endswith(b"%%EOF")
    page.context.close()


# What each role opens beside the pages that are theirs alone; for the others one look at each page is enough.
SEEN_BY_ALL = {
    "panel",
    "chart",
    "decide",
    "alert",
    "alerts",
    "checkins",
    "care_team",
    "knowledge",
    "outcomes",
    "account",
    "on_call",
    "site_settings",
}
ROLES = (Role.PRESCRIBER, Role.MEDICAL_LEAD, Role.ADMINISTRATOR, Role.AUDITOR, Role.NURSE)
CARE = (Role.PRESCRIBER, Role.MEDICAL_LEAD, Role.NURSE)
SPRAY = DoseSession(id="a-spray", at=Moment.of("2026-01-05"), treatment="esketamine", route="nasal")


def pages() -> list[tuple[str, str, tuple[Role, ...]]]:
    """Every address of the clinic's own: its name, its pattern, and who is let in by its door (nobody: open to all)."""
    found = []
    for pattern in (
        each for room in iter_modules(addresses.__path__) for each in import_module(f"{addresses.__name__}.{room.name}").addresses
    ):
        kind, roles = pattern.callback.door
        roles = roles if kind == "roles" else ()
        allowed = tuple(role for role in ROLES if not roles or role in roles)
        # Of the care team, a decision is some roles' alone.
        team = tuple(role for role in CARE if pattern.name != "decide" or role in DECIDES)
        found.append((pattern.name, str(pattern.pattern), {"roles": allowed, "open": (), "glass": ()}.get(kind, team)))
    return found


@pytest.fixture
def filled(site, owner, colleague, transactional_db):
    """One patient with everything that an address may name, and the people who open it."""
    nurse = person(site, Role.NURSE, "Nurse")
    patient = admit(system("test"), site, "0147", name="Synthetic patient 0147", team=[owner, nurse], prescriber=owner)
    record_events(system("test"), patient, [*sample("holding-above-remission"), SPRAY])
    dose = dose_of(patient)
    patient.refresh_from_db()
    snapshot = take_snapshot(system("test"), patient, site.today())
    now, key = timezone.now(), new_key()
    planned = Planned("session:x", now.date(), now - timedelta(hours=1), now + timedelta(hours=20))
    checkin = plan_checkin(system("test"), patient, planned, ["phq9"])
    Link.objects.create(checkin=checkin, key_hash=hash_of(key), how="mail", expires_at=checkin.closes_at)
    alert = raise_concern(here_of(owner).actor, here_of(owner), patient, "Did not sound like herself on the phone.", "a" * 32)
    said = {"patient_id": patient.pk, "checkin_id": checkin.pk, "alert_id": alert.pk, "snapshot_id": snapshot.pk, "user_id": colleague.pk}
    said |= {"event_id": patient.events.filter(kind="goal").first().event_id, "kind": "session", "number": 1, "view_id": 1, "key": key}
    sheet, _ = open_sheet(here_of(owner).actor, here_of(owner), patient)
    said |= {"session_id": SPRAY.id, "sheet_id": sheet.pk, "dose_id": dose, "subject": "misuse"}
    people = {
        Role.PRESCRIBER: owner,
        Role.NURSE: nurse,
        Role.MEDICAL_LEAD: person(site, Role.MEDICAL_LEAD, "Lead"),
        Role.ADMINISTRATOR: person(site, Role.ADMINISTRATOR, "Administrator"),
        Role.AUDITOR: person(site, Role.AUDITOR, "Auditor"),
        # What is open to all, and the page that asks for a reason: somebody of the site outside of the care team.
        None: colleague,
    }
    return said, people, make_link(here_of(owner).actor, here_of(owner), patient)


def seen_by(role: Role | None, said: dict, own: str) -> dict[str, str]:
    """The pages that this role looks at: name to address."""
    looked = {}
    for name, pattern, allowed in pages():
        first = allowed[0] if allowed else None
        if role == first or (role in allowed and name in SEEN_BY_ALL):
            wanted = {part: said[part] for part in re.findall(r"<[a-z]+:(\w+)>", pattern)}
            if name == "letter":
                wanted["kind"] = "authorisation"
            if name.startswith("my_"):
                wanted["key"] = own
            looked[name] = reverse(name, kwargs=wanted)
    if role == Role.MEDICAL_LEAD:
        looked["site_value"] += "?place=verdict/rules.toml:better_fraction.value"
    return looked


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("role", [*ROLES, None], ids=lambda role: role.value if role else "patient")
def test_no_page_has_a_barrier(role, scheme, desk, live_server, filled, signed_in) -> None:
    said, people, own = filled
    width = 1440 if role else 360
    user = people[role]
    client, page = signed_in(user), desk(user, width=width, scheme=scheme)
    looked, found = 0, {}
    for name, address in seen_by(role, said, own).items():
        answer = client.get(address)
        if answer.status_code == 405 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue  # It takes a form alone, or it is no page: a picture, a letter, the state of the machine.
        assert answer.status_code < 400, (name, address, answer.status_code)
        if answer.status_code == 200 and b"<html" not in answer.content:
            continue  # A part of a page, which htmx puts into its place.
        page.goto(live_server.url + address)
        page.wait_for_timeout(100)
        looked += 1
        if wrong := barriers(page):
            found[name] = wrong
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{name}, wider than the screen"] = []
    assert looked > 2
    assert found == {}
    assert page.heard == []
