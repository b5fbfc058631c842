"""The panel in a browser: keys, filters in place, search, a phone, and nothing that axe finds."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.conftest import sample
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import Patient
from euthymia_clinic.chart.rows import mark_alert
from euthymia_clinic.chart.snapshots import take_snapshot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(patient, site, owner) -> Patient:
    for code, name in (("0093", "losing-ground"), ("0012", "in-remission")):
        found = admit(system("test"), site, code, name=f"Synthetic patient {code}", team=[owner])
        record_events(system("test"), found, sample(name))
        found.refresh_from_db()
        take_snapshot(system("test"), found, site.today())
    mark_alert(Patient.objects.get(code="0093"), "high", timezone.now())
    return patient


def at_the_panel(browser, live_server, signed_in, user, *, width: int = 1440, scheme: str = "light") -> Page:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    session = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url)
    return page


def test_keys_filters_search_and_views(people, browser, live_server, signed_in, owner) -> None:
    page = at_the_panel(browser, live_server, signed_in, owner)
    focused = "document.activeElement.textContent"
    assert page.locator(".cases .who a").first.inner_text() == "0093", "a high alert stands first"
    page.keyboard.press("j")
    assert page.evaluate(focused) == "0093"
    page.keyboard.press("j")
    second = page.evaluate(focused)
    page.keyboard.press("k")
    assert page.evaluate(focused) == "0093" != second
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("0147")
    page.keyboard.press("Enter")
    expect(page.locator(".cases .who a")).to_have_count(1)
    assert "0147" not in page.url
    page.get_by_role("button", name="End the search").click()
    expect(page.locator(".cases .who a")).to_have_count(3)
    page.locator("#chip-alert").click()
    expect(page.locator(".cases .who a")).to_have_count(1)
    assert page.url.endswith("/?alert=1")
    page.go_back()
    expect(page.locator(".cases .who a")).to_have_count(3)
    page.locator("body").click(position={"x": 2, "y": 500})
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/patients/**")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url(live_server.url + "/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_and_nothing_is_cut_off(people, browser, live_server, signed_in, owner, width: int, scheme: str) -> None:
    page = at_the_panel(browser, live_server, signed_in, owner, width=width, scheme=scheme)
    for path in ("/", "/patients/new/", "/?status=remission&overdue=1"):
        page.goto(live_server.url + path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
