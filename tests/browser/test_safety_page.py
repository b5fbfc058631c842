"""Long-term safety in Debian's Chromium: every picture drawn, no barrier for axe, one tap to a form, by width and theme."""

import os
from pathlib import Path

import pytest
from django.urls import reverse

from browser.conftest import barriers
from clinic.conftest import sample
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.actions import admit, record_events
from euthymia_clinic.chart.models import Event
from euthymia_clinic.chart.snapshots import take_snapshot, today_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("EUTHYMIA_PICTURES")
WIDTHS = (360, 820, 1440)


@pytest.fixture
def treated(site, owner):
    """The synthetic person with sessions, scores and laboratory values."""
    found = admit(system("test"), site, "0012", name="Synthetic patient 0012", team=[owner], prescriber=owner)
    record_events(system("test"), found, sample("in-remission"))
    found.refresh_from_db()
    take_snapshot(system("test"), found, today_of(found))
    return found


def kept(page, name):
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_picture_is_drawn_and_nothing_stands_in_the_way(scheme, desk, live_server, owner, treated):
    for width in WIDTHS:
        page = desk(owner, width=width, scheme=scheme)
        for against in ("time", "doses"):
            page.goto(f"{live_server.url}{reverse('safety', args=(treated.pk,))}?against={against}")
            page.wait_for_selector("html[data-chart=drawn]")
            assert page.locator("[data-panel]").count() == page.locator("[data-panel] svg").count() > 0
            page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
            kept(page, f"safety-{against}-{width}-{scheme}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert barriers(page) == []
        page.goto(live_server.url + reverse("safety_ask", args=(treated.pk, "misuse")))
        kept(page, f"safety-ask-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert barriers(page) == []
        assert page.heard == []


def test_what_is_tapped_on_a_phone_is_large_enough(desk, live_server, owner, treated):
    page = desk(owner, width=390)
    page.goto(live_server.url + reverse("safety", args=(treated.pk,)))
    heights = page.locator(".subject .button, .heading .button").evaluate_all("all => all.map(each => each.getBoundingClientRect().height)")
    assert heights
    assert min(heights) >= 44


def test_the_questions_by_one_tap_and_back(desk, live_server, owner, treated):
    page = desk(owner, width=390)
    page.goto(live_server.url + reverse("safety", args=(treated.pk,)))
    page.locator("#follow-up-misuse").get_by_role("link", name="Ask the questions").click()
    page.get_by_role("group", name="Craving for ketamine").get_by_label("Yes").check()
    page.get_by_role("button", name="Record the answers").click()
    page.wait_for_url(f"**{reverse('safety', args=(treated.pk,))}")
    assert "caution" in page.locator("#follow-up-misuse .pill").inner_text().lower()
    [made] = Event.objects.filter(patient=treated, body__about="craving").order_by("-pk")[:1]
    assert made.body["answer"] == "yes"
    assert Event.objects.filter(patient=treated, body__about="diversion", day=made.day).count() == 0


def test_without_scripts_everything_but_the_pictures_can_be_read(desk, live_server, owner, treated):
    page = desk(owner, width=390, java_script_enabled=False)
    page.goto(live_server.url + reverse("safety", args=(treated.pk,)))
    assert "BPIC-SS" in page.inner_text("#follow-up-bladder")
    assert "no proof of safety" in page.inner_text("main")
