"""The session sheet in Debian's Chromium: a whole session under one thumb, limits in the browser, no connection, a reload."""

import pytest
from django.urls import reverse

from browser.conftest import barriers
from clinic.conftest import here_of
from clinic.sessions import LEAVING, QUIET_BEFORE, WATCHED, infused, opened
from euthymia_clinic.sessions.models import Sheet

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SMALL = """[...document.querySelectorAll('.sheet button, .sheet summary, .sheet-places a, .sheet input:not([type=hidden])')]
  .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 120))"""


@pytest.fixture
def sheet(owner, site) -> Sheet:
    return opened(here_of(owner), infused(site, "S-1", [owner], name="Synthetic person", prescriber=owner))


def shown(page, live_server, sheet):
    page.goto(live_server.url + reverse("session_sheet", args=[sheet.pk]))
    page.locator("html.sheet-ready").wait_for()


def saved(page):
    """Until the page says that nothing waits."""
    page.locator("[data-queue]", has_text="All saved").wait_for(timeout=60_000)


def fill(page, section, answers):
    """Answer at the place of a section, as a hand does: taps and typed numbers; a set with its button."""
    place, typed = page.locator(f"#{section}"), False
    for field, value in answers.items():
        ask = place.locator(f"[data-field='{field}']").first
        if not ask.count():
            continue
        if ask.locator("button[data-value]").count():
            ask.locator(f"button[data-value='{value}']").click()
        elif ask.locator("[data-single]").count():
            ask.locator("[data-single]").fill(value)
            ask.locator("[data-single]").blur()
        else:
            ask.locator("input[data-number]").fill(value)
            typed = True
    if typed:
        place.get_by_role("button", name="Save readings").click()


def explain_all(page, section="before", words="Talked through; nothing of it is known to be there."):
    place = page.locator(f"#{section} .explain.all")
    place.locator("summary").click()
    place.locator("textarea").fill(words)
    place.get_by_role("button").click()


def looked_at(page, tmp_path, name, width):
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []
    page.screenshot(path=tmp_path / f"{name}.png")
    for part in ("before", "dose", "during", "leaving", "after"):
        page.locator(f"#{part}").screenshot(path=tmp_path / f"{name}-{part}.png")
    assert barriers(page) == []


@pytest.mark.parametrize(("width", "scheme"), [(820, "light"), (390, "dark"), (390, "light"), (820, "dark")])
def test_a_whole_session(desk, live_server, owner, sheet, tmp_path, width, scheme) -> None:
    page = desk(owner, width=width, scheme=scheme, has_touch=True)
    shown(page, live_server, sheet)
    looked_at(page, tmp_path, f"opened-{width}-{scheme}", width)
    fill(page, "before", QUIET_BEFORE)
    fill(page, "dose", QUIET_BEFORE)
    saved(page)
    explain_all(page)
    saved(page)
    page.locator("#dose [data-now]").first.click()
    page.locator("[data-clock]", has_text="0:00").wait_for()
    saved(page)
    page.screenshot(path=tmp_path / f"dosed-{width}-{scheme}.png")
    fill(page, "during", WATCHED)
    saved(page)
    looked_at(page, tmp_path, f"watched-{width}-{scheme}", width)
    fill(page, "leaving", LEAVING)
    saved(page)
    page.locator("#leaving [data-part=leaving]").get_by_text("Not yet").wait_for()
    page.locator("#leaving [data-field=ended] [data-now]").click()
    page.get_by_role("button", name="The patient has left: keep the time").click()
    fill(page, "after", {"serious_adverse_event": "no"})
    saved(page)
    for place in page.locator("#leaving [data-part=leaving] .gate > details").all():
        place.locator("summary").click()
        place.locator("textarea").fill("Stayed as long as this test; a nurse watched.")
        place.get_by_role("button").click()
        saved(page)
    page.get_by_text("Everything that is required is there").wait_for()
    looked_at(page, tmp_path, f"ended-{width}-{scheme}", width)
    page.get_by_role("button", name="Sign the sheet").click()
    page.get_by_role("heading", name="Signed").wait_for()
    looked_at(page, tmp_path, f"signed-{width}-{scheme}", width)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('euthymia-sheet')).length") == 0
    sheet.refresh_from_db()
    assert sheet.ending == Sheet.Ending.SIGNED
    assert page.heard == []
