"""From the phone to the end: a positive item 9 at 360 pixels, support at once, staff see it, acknowledge, resolve with a note."""

import pytest
from django.urls import reverse

from browser.test_checkin import fits, link, phone, sound  # noqa: F401 - fixtures of the check-ins
from euthymia_clinic.alerts.models import Alert

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_phone_to_the_end(browser, link, live_server, patient, owner, signed_in):  # noqa: F811
    tab, heard = phone(browser)
    tab.goto(link)
    for number in range(1, 10):
        with tab.expect_navigation():
            tab.locator("label.answer").nth(1 if number == 9 else 0).tap()
    tab.wait_for_selector("section.support")
    said = tab.locator("main").inner_text()
    assert "988" in said
    assert "911" in said
    assert tab.locator("a[href='tel:988']").count() >= 1
    assert not [word for word in ("risk", "score", "suicid") if word in said.lower().replace("988 suicide", "")]
    fits(tab)
    sound(tab)
    # Told before the form is finished.
    alert = Alert.objects.get()
    assert (alert.tier, alert.state) == ("same_day", "open")

    desk = browser.new_page(viewport={"width": 1440, "height": 900})
    cookie = signed_in(owner).cookies["sessionid"].value
    desk.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    desk.goto(live_server.url + reverse("alerts"))
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    desk.wait_for_selector("text=Resolve")
    alert.refresh_from_db()
    assert alert.state == "acknowledged"
    desk.goto(live_server.url + reverse("alert", args=[alert.pk]))
    sound(desk)
    desk.fill("textarea[name=note]", "Called at noon; safe, plan gone through.")
    desk.check("input[name=acted_on][value=yes]")
    desk.check("input[name=safety_plan]")
    desk.click("button:has-text('Resolve')")
    desk.wait_for_selector("text=Ended last")
    alert.refresh_from_db()
    assert (alert.state, alert.acted_on) == ("resolved", True)
    assert heard == []
