"""Signing in, in Debian's Chromium: a password, an authenticator app, a security key (a virtual one), an idle screen; axe on each page."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axe_playwright_python.sync_playwright import Axe

from clinic.conftest import PASSWORD, person
from euthymia_clinic.accounts.models import Role, Site
from euthymia_clinic.audit.models import Entry

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clinic(live_server, settings):
    """WebAuthn knows `localhost`, not 127.0.0.1."""
    settings.PUBLIC_ADDRESS = live_server.url.replace("127.0.0.1", "localhost")
    return settings.PUBLIC_ADDRESS


@pytest.fixture
def somebody(transactional_db):
    site = Site.objects.create(slug="first", name="First clinic", country="us", zone="America/New_York")
    return person(site, Role.PRESCRIBER, "Somebody")


@pytest.fixture
def administrator(somebody):
    return person(somebody.memberships.get().site, Role.ADMINISTRATOR, "Administrator")


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.heard = []
    page.on("console", lambda message: page.heard.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.heard.append(str(error)))
    yield page
    context.close()


def good(tab):
    """No barrier, nothing wider than the phone, in both themes."""
    for scheme in ("light", "dark"):
        # Without motion: a colour on its way from one theme to the other is nobody's colour.
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = Axe().run(tab)
        assert found.violations_count == 0, (tab.url, scheme, found.generate_report())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360, tab.url


def enter(tab, clinic, user):
    tab.goto(f"{clinic}/accounts/login/")
    tab.get_by_label("E-mail address").fill(user.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()


def code_of(secret, later=0):
    counter = next(yield_hotp_counters_from_time()) + later
    return format_hotp_value(hotp_value(secret, counter))


def test_the_pages_before_the_door_are_good(tab, clinic, somebody) -> None:
    for address in ("/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/",
                    "/accounts/password/reset/key/1-nothing/", "/accounts/password/reset/key/done/",
                    "/accounts/inactive/", "/accounts/signup/", "/nothing/"):  # fmt: skip
        tab.goto(clinic + address)
        good(tab)
    tab.goto(f"{clinic}/accounts/login/")
    tab.get_by_label("E-mail address").fill(somebody.email)
    tab.get_by_label("Password").fill("not it at all")
    with tab.expect_navigation():
        tab.get_by_role("button", name="Sign in").click()
    assert "not correct" in tab.get_by_role("alert").inner_text()
    good(tab)


def test_an_authenticator_app_is_set_up_and_asked_for(tab, clinic, somebody, settings) -> None:
    settings.MFA_REQUIRED = True
    enter(tab, clinic, somebody)
    tab.wait_for_url("**/accounts/2fa/")
    good(tab)
    tab.get_by_role("link", name="Set up an authenticator app").click()
    good(tab)
    secret = tab.locator("code.key").inner_text()
    tab.get_by_label("Type the code").fill(code_of(secret))
    tab.get_by_role("button", name="Set up").click()
    tab.wait_for_url("**/recovery-codes/")
    good(tab)
    recovery = tab.locator(".codes code").first.inner_text()
    tab.goto(f"{clinic}/account/")
    assert tab.get_by_role("heading", name="My account").is_visible()
    good(tab)
    tab.get_by_role("button", name="Sign out").click()
    enter(tab, clinic, somebody)
    tab.wait_for_url("**/authenticate/")
    good(tab)
    tab.get_by_label("Code").fill(recovery)
    tab.get_by_role("button", name="Sign in").click()
    tab.wait_for_url(f"{clinic}/")
    for address in ("/accounts/2fa/", "/accounts/2fa/recovery-codes/generate/", "/accounts/2fa/totp/deactivate/",
                    "/accounts/password/change/", "/accounts/logout/", "/account/site/"):  # fmt: skip
        tab.goto(clinic + address)
        good(tab)


def test_a_security_key_is_added_asked_for_and_taken_away(tab, clinic, somebody, settings) -> None:
    settings.MFA_REQUIRED = True
    devices = tab.context.new_cdp_session(tab)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
                     "automaticPresenceSimulation": True}},
    )  # fmt: skip
    enter(tab, clinic, somebody)
    tab.get_by_role("link", name="Add a security key").click()
    good(tab)
    tab.get_by_label("Name of the key").fill("Blue key")
    tab.get_by_role("button", name="Add the key").click()
    tab.wait_for_url("**/recovery-codes/")
    assert Entry.objects.filter(action="second_factor.added", details__kind="webauthn").count() == 1
    tab.goto(f"{clinic}/accounts/logout/")
    tab.get_by_role("button", name="Sign out").click()
    enter(tab, clinic, somebody)
    tab.get_by_role("button", name="Use a security key").click()
    tab.wait_for_url(f"{clinic}/")
    tab.goto(f"{clinic}/accounts/reauthenticate/")
    tab.get_by_role("link", name="Use a security key").click()
    good(tab)
    with tab.expect_navigation():  # the key answers after the click: a page opened before that would be the one it leaves
        tab.get_by_role("button", name="Use a security key").click()
    tab.goto(f"{clinic}/accounts/2fa/webauthn/")
    good(tab)
    tab.get_by_role("link", name="Rename Blue key").click()
    good(tab)
    tab.get_by_label("Name").fill("Green key")
    tab.get_by_role("button", name="Keep this name").click()
    tab.get_by_role("link", name="Take away Green key").click()
    good(tab)
    with tab.expect_navigation():
        tab.get_by_role("button", name="Take it away").click()
    assert Entry.objects.filter(action="second_factor.removed", details__kind="webauthn").count() == 1
    assert tab.heard == []


def test_without_an_answer_of_the_key_the_page_says_so(tab, clinic, somebody) -> None:
    enter(tab, clinic, somebody)
    tab.goto(f"{clinic}/accounts/2fa/webauthn/add/")
    tab.evaluate("() => { navigator.credentials.create = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }")
    tab.get_by_role("button", name="Add the key").click()
    tab.get_by_text("The key did not answer").wait_for()


def test_an_idle_screen_is_covered_and_keeps_what_was_typed(tab, clinic, somebody) -> None:
    tab.clock.install()
    enter(tab, clinic, somebody)
    tab.goto(f"{clinic}/account/")
    tab.get_by_label("Name, as others see it").fill("Half a na")
    tab.clock.run_for(16 * 60_000)
    tab.get_by_role("heading", name="Locked").wait_for()
    assert "Somebody" not in tab.content()
    good(tab)
    other = tab.context.new_page()
    other.goto(f"{clinic}/account/")
    assert "/accounts/reauthenticate/" in other.url
    tab.get_by_label("Password").fill("not it at all")
    tab.get_by_role("button", name="Unlock").click()
    tab.get_by_text("That is not the password.").wait_for()
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Unlock").click()
    tab.get_by_label("Name, as others see it").wait_for()
    assert tab.get_by_label("Name, as others see it").input_value() == "Half a na"
    other.goto(f"{clinic}/account/")
    assert other.url.endswith("/account/")


def test_the_pages_of_the_administrator_are_good(tab, clinic, administrator, somebody) -> None:
    enter(tab, clinic, administrator)
    for address in (
        "/people/",
        f"/people/{somebody.pk}/end/",
        f"/people/{somebody.pk}/second-step/",
        "/people/on-call/",
        "/people/openings/",
    ):
        tab.goto(clinic + address)
        good(tab)
    tab.goto(f"{clinic}/people/")
    tab.get_by_text("Change Somebody").click()
    good(tab)
    tab.get_by_label("E-mail address").fill("new@first.example")
    tab.get_by_label("Name", exact=True).fill("New Person")
    tab.get_by_role("button", name="Invite").click()
    tab.get_by_role("heading", name="A link for New Person").wait_for()
    good(tab)
