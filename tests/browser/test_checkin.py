"""A check-in in Debian's Chromium: a phone of 360 pixels from the link to thanks, by keyboard alone, in both themes, without a script."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from euthymia.events import Assessment
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.checkins.actions import plan_checkin
from euthymia_clinic.checkins.links import hash_of, new_key
from euthymia_clinic.checkins.models import Link
from euthymia_clinic.checkins.planning import Planned

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = "[...document.querySelectorAll('main a, main button, label.answer')].filter((e) => e.getBoundingClientRect().height < 47.5).length"


@pytest.fixture
def link(live_server, patient):
    """The address of an open check-in, and the patient."""
    now, key = timezone.now(), new_key()
    planned = Planned("session:x", now.date(), now - timedelta(hours=1), now + timedelta(hours=20))
    checkin = plan_checkin(system("test"), patient, planned, ["phq9"])
    Link.objects.create(checkin=checkin, key_hash=hash_of(key), how="mail", expires_at=checkin.closes_at)
    return live_server.url + reverse("checkin", args=[key])


def phone(browser, scheme="light", **said):
    tab = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme=scheme, has_touch=True, **said)
    heard = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    return tab, heard


def fits(tab):
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    assert tab.evaluate(SMALL) == 0


def sound(tab):
    found = Axe().run(tab)
    assert found.violations_count == 0, [
        (v["id"], [n["html"][:200] + str(n.get("failureSummary"))[:300] for n in v["nodes"]]) for v in found.response["violations"]
    ]


def last(patient):
    return record_of(patient).of_kind(Assessment)[-1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_from_the_link_to_thanks(browser, link, patient, tmp_path, scheme):
    tab, heard = phone(browser, scheme)
    tab.goto(link)
    for number in range(1, 10):
        assert tab.inner_text(".checkin-where").startswith(f"{number} of 9")
        fits(tab)
        if number in (1, 3):
            sound(tab)
            tab.screenshot(path=tmp_path / f"question-{number}-{scheme}.png", full_page=True)
        with tab.expect_navigation():
            tab.locator("label.answer").nth(1 if number in (3, 9) else 0).tap()
    assert "Thank you for telling us" in tab.inner_text("h1")
    fits(tab)
    sound(tab)
    tab.screenshot(path=tmp_path / f"support-{scheme}.png", full_page=True)
    tab.get_by_role("link", name="Go on").tap()
    tab.get_by_role("button", name="Send").wait_for()
    sound(tab)
    tab.screenshot(path=tmp_path / f"end-{scheme}.png", full_page=True)
    tab.get_by_role("button", name="Send").tap()
    tab.get_by_text("We have your answers").wait_for()
    fits(tab)
    sound(tab)
    tab.screenshot(path=tmp_path / f"thanks-{scheme}.png", full_page=True)
    assert last(patient).answers == (0, 0, 1, 0, 0, 0, 0, 0, 1)
    assert heard == []
    tab.close()


def test_by_keyboard_alone(browser, link, patient):
    tab, heard = phone(browser)
    tab.goto(link)
    for number in range(1, 10):
        tab.wait_for_function(f"document.querySelector('.checkin-where').innerText.startsWith('{number} of 9')")
        if number % 2:
            tab.keyboard.press("Tab")
            tab.keyboard.press("Space")
            tab.keyboard.press("ArrowDown")
        else:
            tab.keyboard.press("2")
        assert tab.evaluate("document.querySelector('input:checked').value") == "1" if number < 10 else True
        if number == 9:
            tab.keyboard.press("1")
        with tab.expect_navigation():
            tab.keyboard.press("Enter")
    tab.get_by_role("button", name="Send").focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("We have your answers").wait_for()
    assert last(patient).answers == (1, 1, 1, 1, 1, 1, 1, 1, 0)
    assert heard == []
    tab.close()


def test_without_a_script_with_the_back_button_and_in_spanish(browser, link, patient):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    tab = context.new_page()
    tab.goto(link)
    tab.get_by_role("button", name="español").click()
    for _ in range(2):
        tab.locator("label.answer").nth(2).click()
        tab.get_by_role("button", name="Siguiente").click()
    tab.go_back()
    assert tab.locator("input:checked").input_value() == "2"
    tab.locator("label.answer").nth(3).click()
    tab.get_by_role("button", name="Siguiente").click()
    for _ in range(7):
        tab.locator("label.answer").nth(0).click()
        tab.get_by_role("button", name="Siguiente").click()
    with tab.expect_navigation():
        tab.get_by_role("button", name="Enviar").click()
    assert "Gracias" in tab.inner_text("h1")
    assert last(patient).answers == (2, 3, 0, 0, 0, 0, 0, 0, 0)
    assert last(patient).language == "es"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_clinics_pages(browser, link, live_server, patient, owner, signed_in, tmp_path, scheme):
    cookie = signed_in(owner).cookies["sessionid"].value
    for width in (360, 1440):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        tab = context.new_page()
        for name, address in {
            "list": reverse("checkins"),
            "kiosk": reverse("kiosk"),
            "send": reverse("send_checkin", args=[patient.pk]),
            "gone": "/c/nothing/",
        }.items():
            tab.goto(live_server.url + address)
            tab.screenshot(path=tmp_path / f"{name}-{width}-{scheme}.png", full_page=True)
            assert tab.evaluate("document.documentElement.scrollWidth") <= width, name
            assert Axe().run(tab).response["violations"] == [], name
        context.close()
