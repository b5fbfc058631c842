"""The REMS forms in Chromium: on a phone, a tablet and a desk, by light and by dark, without a barrier; answered and submitted."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from browser.conftest import barriers
from clinic.test_rems import treated  # noqa: F401 - the patient of the other tests
from euthymia.events import Measurement
from euthymia.moment import Moment
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.actions import record_events
from euthymia_clinic.chart.models import Event

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("EUTHYMIA_PICTURES")
WIDTHS = (360, 820, 1440)


def kept(page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_in_every_width_without_a_barrier(scheme, desk, live_server, treated, owner):  # noqa: F811
    addresses = {
        "list": reverse("rems_list", args=(treated.pk,)),
        "form": reverse("rems_form", args=(treated.pk, "session/new")),
        "none": reverse("rems_form", args=(treated.pk, "session/drip")),
        "open": reverse("rems_form", args=(treated.pk, "session/open")),
        "all": reverse("rems_all"),
    }
    for width in WIDTHS:
        page = desk(owner, width=width, scheme=scheme)
        for name, address in addresses.items():
            page.goto(live_server.url + address)
            kept(page, f"rems-{name}-{width}-{scheme}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert barriers(page) == [], (name, width)
        assert page.heard == []


def test_what_is_touched_on_a_phone_is_large_enough(desk, live_server, treated, owner):  # noqa: F811
    page = desk(owner, width=360)
    page.goto(live_server.url + reverse("rems_form", args=(treated.pk, "session/new")))
    small = page.evaluate(
        """() => [...document.querySelectorAll("main form button, main select, main input:not([type=hidden]), main .actions a")]
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height]).filter(([, height]) => height < 44)"""
    )
    assert small == []


def test_the_missing_answers_are_given_and_the_form_is_recorded_as_submitted(desk, live_server, treated, owner):  # noqa: F811
    page = desk(owner, width=820)
    page.goto(live_server.url + reverse("chart", args=(treated.pk,)))
    page.get_by_text("More", exact=True).click()
    page.get_by_role("link", name="REMS forms").click()
    page.wait_for_url("**/rems/")
    page.get_by_role("link", name="open the form").nth(1).click()
    page.get_by_label("Sedation?").select_option("no")
    page.get_by_label("Dissociation: first noted").fill("10:20")
    page.get_by_label("The list of medicines").select_option("yes")
    page.get_by_role("button", name="Record these answers").click()
    page.get_by_text("Recorded.", exact=True).wait_for()
    assert page.get_by_text("20 minutes after the dose").count() == 1
    page.get_by_label("Confirmation number").fill("C-1")
    page.get_by_role("button", name="Record as submitted").click()
    page.get_by_text("Recorded as submitted.").wait_for()
    kept(page, "rems-submitted-820-light")
    assert Event.objects.filter(patient=treated, body__about="rems_form_submitted").count() == 1
    assert page.heard == []


def test_the_pdf_opens_and_the_data_are_handed_out(desk, live_server, treated, owner, site):  # noqa: F811
    start = site.today() - timedelta(days=3)
    record_events(system("test"), treated, [Measurement(id="x", at=Moment.of(start), measure="minutes_until_ready", value=95, unit="min")])
    page = desk(owner)
    for name, kind in (("rems_pdf", "application/pdf"), ("rems_json", "application/json")):
        answer = page.request.get(live_server.url + reverse(name, args=(treated.pk, "session/new")))
        assert answer.status == 200
        assert answer.headers["content-type"] == kind
