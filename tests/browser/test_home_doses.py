"""Doses at home in Debian's Chromium: from the link to "saved" on a phone, by keyboard alone, without a script, in both themes."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils import timezone

from browser.conftest import barriers
from clinic.conftest import here_of
from euthymia.events import Dispensing, DoseLog, LeftOver, Regimen
from euthymia.moment import Moment
from euthymia_clinic.audit.actor import system
from euthymia_clinic.chart.actions import record_events
from euthymia_clinic.chart.to_core import record_of
from euthymia_clinic.patientpage.actions import make_link

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BY = system("test")
WORDS = "Ketamine troche, 100 mg under the tongue on Monday, Wednesday and Friday evening. Lie down. Somebody stays with you."
# Everything to tap is 44 pixels high or more; an answer is tapped by its label.
SMALL = """[...document.querySelectorAll("main a.button, main button, main select, main textarea, label.answer, main input")]
 .filter((e) => !["radio", "checkbox", "hidden"].includes(e.type) && e.getClientRects().length)
 .filter((e) => e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML.slice(0, 90))"""
OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def link(live_server, patient, owner):
    """The address of the doses of a patient with a regimen of every day, some days logged."""
    today = timezone.now().astimezone(patient.site.tz).date()
    regimen = Regimen(
        id="reg", at=Moment.of(today - timedelta(days=40)), treatment="ketamine", route="sublingual", dose_mg=100, every_days=1,
        words=WORDS, prescriber="Owner", telehealth=True)  # fmt: skip
    logs = [
        DoseLog(
            id=f"log-{n}", at=Moment.of(today - timedelta(days=n)), treatment="ketamine", route="sublingual",
            taken=("taken", "taken", "changed", "not_taken", "taken")[n % 5], dose_mg=100 if n % 5 != 3 else None,
            someone_present=n % 4 != 0, pressure="not_measured")
        for n in range(3, 36) if n % 7
    ]  # fmt: skip
    handed = [
        Dispensing(id="d1", at=Moment.of(today - timedelta(days=40)), treatment="ketamine", route="sublingual", quantity=30, unit_mg=100,
                   compounded=True, pharmacy="Pharmacy"),
        LeftOver(id="l1", at=Moment.of(today - timedelta(days=5)), treatment="ketamine", route="sublingual", units=2),
    ]  # fmt: skip
    record_events(BY, patient, [regimen, *logs, *handed])
    return live_server.url + reverse("my_doses", args=[make_link(BY, here_of(owner), patient)])


def phone(browser, width, scheme="light", **said):
    tab = browser.new_page(viewport={"width": width, "height": 780}, color_scheme=scheme, has_touch=True, **said)
    heard = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    return tab, heard


def good(tab, path, name):
    """A picture, nothing beyond the edge, nothing too small to tap, nothing in anybody's way."""
    tab.screenshot(path=path / f"{name}.png", full_page=True)
    assert tab.evaluate(OUT) <= 0, name
    assert tab.evaluate(SMALL) == [], name
    found = Axe().run(tab).response["violations"]
    assert [(v["id"], [n["html"][:160] for n in v["nodes"]][:4]) for v in found] == [], name


def logged(patient):
    return [log for log in record_of(patient).of_kind(DoseLog) if log.source == "patient's page"]


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (390, "light")])
def test_a_phone_from_the_list_to_saved(browser, link, patient, tmp_path, width, scheme):
    tab, heard = phone(browser, width, scheme)
    name = f"{width}-{scheme}"
    tab.goto(link)
    assert WORDS in tab.inner_text("main")
    good(tab, tmp_path, f"list-{name}")

    tab.get_by_role("link", name="Before you take it").first.tap()
    good(tab, tmp_path, f"before-{name}")
    tab.get_by_role("group", name="Will someone be with you").get_by_text("No", exact=True).tap()
    tab.get_by_role("group", name="Have you had alcohol today?").get_by_text("No", exact=True).tap()
    tab.get_by_role("button", name="Save").tap()
    tab.get_by_text("Your clinic asked to hear about this first").wait_for()
    good(tab, tmp_path, f"checked-{name}")
    tab.get_by_role("link", name="To your doses").tap()

    tab.get_by_role("link", name="Write it down").first.tap()
    good(tab, tmp_path, f"dose-{name}")
    tab.get_by_text("Yes, but in another way").tap()
    tab.get_by_label("How much").fill("50")
    tab.get_by_role("group", name="Was someone with you?").get_by_text("No", exact=True).tap()
    tab.get_by_label("Upper number").fill("80")
    tab.get_by_label("Lower number").fill("120")
    tab.get_by_text("They lasted this long").tap()
    tab.get_by_label("Hours").fill("1")
    tab.get_by_role("group", name="Was anything worrying?").get_by_text("Yes", exact=True).tap()
    tab.get_by_label("What was it?").fill("The room turned for an hour.")
    tab.get_by_role("button", name="Save").tap()
    tab.get_by_text("Are they the wrong way round?").wait_for()
    good(tab, tmp_path, f"wrong-{name}")
    assert tab.get_by_label("What was it?").input_value() == "The room turned for an hour."
    tab.get_by_label("Upper number").fill("120")
    tab.get_by_label("Lower number").fill("80")
    tab.get_by_role("button", name="Save").tap()
    tab.get_by_role("heading", name="Thank you for telling us").wait_for()
    good(tab, tmp_path, f"kept-{name}")
    [log] = logged(patient)
    assert (log.taken, log.dose_mg, log.someone_present, log.pressure, log.effects_minutes) == ("changed", 50.0, False, "measured", 60.0)
    assert (log.worrying, log.note) == (True, "The room turned for an hour.")
    # A page that answers 422 or 409 is a line in the browser's console; nothing else is said there.
    assert [line for line in heard if "422" not in line] == []
    tab.close()


def test_what_does_not_apply_is_not_shown(browser, link):
    tab, _ = phone(browser, 390)
    tab.goto(link)
    tab.get_by_role("link", name="Write it down").first.tap()
    assert not tab.get_by_label("How much").is_visible()
    tab.get_by_text("No", exact=True).first.tap()
    assert not tab.get_by_label("Upper number").is_visible()
    assert not tab.get_by_label("Hours").is_visible()
    tab.get_by_text("Yes, as prescribed").tap()
    assert tab.get_by_label("Upper number").is_visible()
    tab.close()


def test_by_keyboard_alone(browser, link, patient):
    tab, _ = phone(browser, 390)
    tab.goto(link)
    tab.get_by_role("link", name="Write it down").first.focus()
    tab.keyboard.press("Enter")
    tab.get_by_text("Did you take it?").wait_for()
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")  # the first answer of the first question
    assert tab.evaluate("document.activeElement.name") == "taken"
    for name in ("day", "time"):
        while tab.evaluate("document.activeElement.name") != name:
            tab.keyboard.press("Tab")
    while tab.evaluate("document.activeElement.name") != "present":
        tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowDown")  # from yes to no
    while tab.evaluate("document.activeElement.name") != "not_measured":
        tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.keyboard.press("Enter")
    tab.get_by_role("heading", name="Saved. Thank you.").wait_for()
    [log] = logged(patient)
    assert (log.taken, log.someone_present, log.pressure) == ("taken", False, "not_measured")
    tab.close()


def test_without_a_script_with_the_back_button_in_spanish(browser, link, patient):
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    tab = context.new_page()
    tab.goto(link)
    tab.get_by_role("link", name="español").click()
    tab.get_by_role("link", name="Anotar").first.click()
    tab.get_by_text("Sí, como se recetó").click()
    tab.get_by_role("button", name="Guardar").click()
    tab.get_by_role("heading", name="Guardado. Gracias.").wait_for()
    # Back: the form says that it was logged, and a second send is a change of it, not a second dose.
    tab.go_back()
    tab.get_by_text("Ya lo ha anotado.").wait_for()
    tab.get_by_label("No", exact=True).first.check(force=True)
    tab.get_by_role("button", name="Guardar").click()
    tab.get_by_role("heading", name="Guardado. Gracias.").wait_for()
    assert [log.taken for log in logged(patient)] == ["not_taken"]
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_care_teams_page(desk, link, live_server, patient, owner, tmp_path, scheme):
    for width in (360, 820, 1440):
        page = desk(owner, width=width, scheme=scheme)
        page.goto(live_server.url + reverse("home", args=[patient.pk]))
        page.screenshot(path=tmp_path / f"staff-{width}-{scheme}.png", full_page=True)
        assert page.evaluate(OUT) <= 0, width
        assert barriers(page) == [], width
        assert page.heard == []


def test_the_own_page_leads_to_the_doses(browser, link, tmp_path):
    tab, heard = phone(browser, 360)
    tab.goto(link.removesuffix("doses/"))
    assert WORDS in tab.inner_text("section.home")
    good(tab, tmp_path, "own-page")
    tab.get_by_role("link", name="Write down a dose").tap()
    tab.get_by_role("heading", name="Your doses at home").wait_for()
    assert heard == []
    tab.close()
