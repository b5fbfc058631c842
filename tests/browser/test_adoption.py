"""A medical lead changes a value, sees the effect, and adopts: on both widths, in both themes, without one fault of axe."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from clinic.conftest import PASSWORD, person, sample
from euthymia_clinic.accounts.models import Role, Site
from euthymia_clinic.audit.actor import system
from euthymia_clinic.catalogs.in_force import adoption_of, catalog_of
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.ledger import label_of
from euthymia_clinic.chart.models import Forecast
from euthymia_clinic.chart.snapshots import take_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = ((360, "light"), (360, "dark"), (1440, "light"), (1440, "dark"))
PICTURES = os.environ.get("EUTHYMIA_PICTURES")


@pytest.fixture
def clinic(transactional_db):
    """A site with its lead, one patient with a snapshot, and a few scored forecasts."""
    site = Site.objects.create(slug="first", name="First clinic", country="us", zone="America/New_York", contact="555 0100")
    lead = person(site, Role.MEDICAL_LEAD, "Lead")
    patient = admit(system("test"), site, "0147", name="Synthetic patient 0147", team=[lead])
    record_events(system("test"), patient, sample("holding-above-remission"))
    patient.refresh_from_db()
    take_snapshot(system("test"), patient, site.today())
    catalog = catalog_of(site)
    for number in range(60):
        made = site.today().replace(year=2025, month=1 + number % 12, day=1 + number % 28)
        Forecast.objects.create(
            patient=patient,
            site=site,
            made_on=made,
            horizon=made.replace(day=28),
            instrument="phq9",
            definition="acnp_2006",
            population=label_of(catalog, next(iter(catalog.populations))),
            status="undecided",
            probability=(number % 20) / 20,
            scored_on=made.replace(day=28),
            scored_by=f"r{number}",
            came_true=number % 20 > number % 13,
        )
    return site, lead


def sound(page: Page, name: str) -> None:
    """No fault of axe and no sideways scrolling, on both widths, in both themes."""
    for width, theme in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.wait_for_timeout(150)
        found = Axe().run(page).response["violations"]
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=name != "knowledge")
        assert not found, (name, width, theme, [(v["id"], [n["target"] for n in v["nodes"]][:4]) for v in found])
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)


def test_a_medical_lead_changes_a_value_sees_the_effect_and_adopts(clinic, live_server, browser):
    site, lead = clinic
    page = browser.new_page()
    faults = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{live_server.url}/accounts/login/?next=/knowledge/")
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).first.fill(lead.email)
    page.locator("input[type=password]").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("button[type=submit]").first.click()
    page.goto(f"{live_server.url}/knowledge/?q=better+fraction")
    assert page.get_by_text("has not been adopted by this site").first.is_visible()
    sound(page, "knowledge")
    page.get_by_role("link", name="Change better fraction").first.click()
    page.get_by_label("This site's value").fill("0.9")
    page.get_by_label("Why").fill("We ask for more before we say holding.")
    sound(page, "value")
    page.get_by_role("button", name="Keep as a draft").click()
    page.get_by_role("link", name="See the effect, then adopt").click()
    page.get_by_text("1 patient's verdict would change").wait_for()
    sound(page, "effect")
    page.get_by_role("button", name="Adopt this version").click()
    page.get_by_text("Adopted by Lead").wait_for()
    sound(page, "adopted")
    for name, address in (("file", "/knowledge/file/"), ("site", "/site/"), ("outcomes", "/outcomes/")):
        page.goto(live_server.url + address)
        page.wait_for_timeout(400)
        sound(page, name)
    assert not faults
    page.close()
    adoption = adoption_of(site)
    assert adoption is not None
    assert adoption.by_name == "Lead"
    assert catalog_of(site).verdict.better_fraction.value == 0.9
