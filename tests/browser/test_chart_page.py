"""The chart in Debian's Chromium: drawn, decided in place, without a fault for axe, on a phone and on a desk, by light and by dark."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("EUTHYMIA_PICTURES")
WIDTHS = (360, 1440)


@pytest.fixture
def page_of(browser, live_server, owner):
    """A page of somebody who is signed in, in a theme and a width."""
    client = Client()
    client.force_login(owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def open_page(width=1440, theme="light", **more):
        context = browser.new_context(viewport={"width": width, "height": 950}, color_scheme=theme, **more)
        context.add_cookies([cookie])
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("console", lambda line: page.errors.append(line.text) if line.type == "error" else None)
        return page

    return open_page


def kept(page, name):
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_chart_is_drawn_and_nothing_is_wrong(theme, page_of, live_server, patient):
    for width in WIDTHS:
        page = page_of(width, theme)
        page.goto(live_server.url + reverse("chart", args=(patient.pk,)))
        page.wait_for_selector("html[data-chart=drawn]")
        kept(page, f"chart-{width}-{theme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert Axe().run(page).response["violations"] == []
        assert page.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_other_pages(theme, page_of, live_server, patient):
    event = patient.events.filter(kind="goal").first().event_id
    addresses = {
        "decide": reverse("decide", args=(patient.pk,)) + "?choice=hold_by_agreement",
        "entries": reverse("entries", args=(patient.pk,)),
        "session": reverse("enter", args=(patient.pk, "session")),
        "plan": reverse("enter", args=(patient.pk, "plan")),
        "regimen": reverse("enter", args=(patient.pk, "regimen")),
        "rating": reverse("enter", args=(patient.pk, "rating")) + "?instrument=phq9",
        "correct": reverse("correct", args=(patient.pk, event)),
        "events": reverse("events", args=(patient.pk,)),
        "past": reverse("past", args=(patient.pk,)),
        "summary": reverse("conversation", args=(patient.pk,)),
    }
    for width in WIDTHS:
        page = page_of(width, theme)
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            kept(page, f"{name}-{width}-{theme}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert Axe().run(page).response["violations"] == [], name
        assert page.errors == []


def test_a_decision_in_place(page_of, live_server, patient):
    page = page_of()
    page.goto(live_server.url + reverse("chart", args=(patient.pk,)))
    page.get_by_role("link", name="Record decision").click()
    page.select_option("#choice", "continue")
    assert not page.is_visible("#patient_reason")
    page.select_option("#choice", "hold_by_agreement")
    assert page.is_visible("#patient_reason")
    page.select_option("#choice", "change_interval")
    page.fill("#reason", "too little for too long")
    kept(page, "deciding")
    page.get_by_role("button", name="Record decision").click()
    page.wait_for_selector("text=Decided on")
    kept(page, "decided")
    assert "too little for too long" in page.inner_text("#decide .made")
    assert page.errors == []


def test_without_javascript_everything_can_be_read_and_decided(page_of, live_server, patient):
    page = page_of(java_script_enabled=False)
    page.goto(live_server.url + reverse("chart", args=(patient.pk,)))
    page.get_by_role("link", name="Record decision").click()
    page.select_option("#choice", "change_interval")
    page.fill("#reason", "too little for too long")
    with page.expect_navigation():
        page.get_by_role("button", name="Record decision").click()
    assert "Decided on" in page.inner_text("#decide")
