"""The session sheet in Debian's Chromium: a whole session under one thumb, limits in the browser, no connection, a reload."""

import pytest
from django.urls import reverse

from browser.conftest import barriers
from clinic.conftest import here_of, person
from clinic.sessions import LEAVING, QUIET_BEFORE, WATCHED, answer, infused, opened
from euthymia.check.session_sheet import sheet_cases_as_json
from euthymia.loading import load_catalog
from euthymia.session_sheet.limits import NUMBER
from euthymia_clinic.accounts.models import Role
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


COMPARED = """({ pattern, limits, numbers, plausible }) => {
  const { number, passed, impossible } = SheetLimits;
  const wrong = (cases, found, expected) => cases.filter((each) => found(each) !== expected(each)).map((each) => each.name);
  return {
    limits: wrong(limits, (each) => passed(each.limit, number(pattern, each.typed), each.before), (each) => each.expect),
    numbers: wrong(numbers, (each) => number(pattern, each.typed), (each) => each.value),
    plausible: wrong(plausible, (each) => impossible({ unit: null, ...each }, pattern, each.typed) === null, (each) => each.expect),
  };
}"""


def test_the_browser_compares_as_the_server_does(desk, live_server, owner, sheet) -> None:
    """One table of boundary cases: `euthymia check` runs it in Python, here it runs in Chromium."""
    page = desk(owner, width=820)
    shown(page, live_server, sheet)
    table = sheet_cases_as_json(load_catalog())
    assert min(map(len, table.values())) > 10
    assert page.evaluate(COMPARED, {**table, "pattern": NUMBER}) == {"limits": [], "numbers": [], "plausible": []}
    # And the comparison of the table finds out a table that is wrong.
    table["limits"][0]["expect"] = not table["limits"][0]["expect"]
    assert page.evaluate(COMPARED, {**table, "pattern": NUMBER})["limits"] == [table["limits"][0]["name"]]


CHOSEN = """() => {
  const clock = new SheetClock(2, 6);
  clock.set("2026-11-26T05:10:00Z", -300);
  const at = (chosen) => chosen && new Date(clock.byServer(chosen)).toISOString().slice(0, 16);
  return ["00:05", "23:50", "19:15", "18:05", "00:30"].map((time) => at(clock.chosen(time)));
}"""


def test_after_midnight_a_time_may_be_of_the_evening_before(desk, live_server, owner, sheet) -> None:
    page = desk(owner, width=820)
    shown(page, live_server, sheet)
    assert page.evaluate(CHOSEN) == ["2026-11-26T05:05", "2026-11-26T04:50", "2026-11-26T00:15", None, None]


def test_a_limit_is_said_while_one_types(desk, live_server, owner, sheet) -> None:
    page = desk(owner, width=390)
    shown(page, live_server, sheet)
    field = page.locator("#before [data-field=systolic]")
    field.locator("input[data-number]").fill("181")
    assert "above 180" in field.locator("[data-limit]").inner_text()
    field.locator("input[data-number]").fill("121")
    assert field.locator("[data-limit]").inner_text() == ""
    field.locator("input[data-number]").fill("401")
    page.locator("#before").get_by_role("button", name="Save readings").click()
    assert field.locator("[data-limit]").inner_text() == "Found 401; allowed: 40 to 300 mm Hg."
    assert sheet.entries.count() == 0


def test_swapped_numbers_are_asked_about_at_their_fields(desk, live_server, owner, sheet) -> None:
    page = desk(owner, width=390)
    shown(page, live_server, sheet)
    fill(page, "before", {"systolic": "78", "diastolic": "122"})
    saved(page)
    for field in ("systolic", "diastolic"):
        page.locator(f"#before [data-field={field}] [data-said].refused", has_text="Found 78/122").wait_for()
    assert sheet.entries.count() == 0
    # It stays there when the tab is loaded anew, and goes when somebody answers again.
    shown(page, live_server, sheet)
    assert "Found 78/122" in page.locator("#before [data-field=systolic] [data-said]").inner_text()
    fill(page, "before", {"systolic": "122", "diastolic": "78"})
    page.locator("#before [data-field=systolic] [data-said].saved").wait_for()
    assert sorted(sheet.entries.values_list("value", flat=True)) == ["122", "78"]
    page.locator("#dose [data-field=weight] [data-single]").fill("154")
    page.locator("#dose [data-field=weight] [data-single]").blur()
    page.locator("#dose [data-field=weight]").get_by_role("button", name="It is so: keep it").click()
    page.locator("#dose [data-field=weight] [data-said].saved").wait_for()
    assert sheet.entries.get(field="weight").confirmed


def test_without_a_connection_nothing_is_lost_even_by_a_reload(desk, live_server, owner, sheet) -> None:
    page = desk(owner, width=820)
    shown(page, live_server, sheet)
    page.context.set_offline(True)
    fill(page, "before", {"alcohol_today": "no", "intoxication": "no", "systolic": "122", "diastolic": "78"})
    page.locator("[data-queue].trouble", has_text="No connection: 4 waiting").wait_for()
    assert "Waiting" in page.locator("#before [data-field=alcohol_today] [data-said]").inner_text()
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/entries/", lambda route: route.abort())
    page.context.set_offline(False)
    shown(page, live_server, sheet)
    page.locator("[data-queue].trouble", has_text="4 waiting").wait_for()
    assert sheet.entries.count() == 0
    page.unroute("**/entries/")
    saved(page)
    assert list(sheet.entries.order_by("arrived_at").values_list("value", flat=True)) == ["no", "no", "122", "78"]


def test_signed_out_or_another_person_what_waits_stays(desk, live_server, owner, sheet, signed_in, site) -> None:
    page = desk(owner, width=820)
    shown(page, live_server, sheet)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    fill(page, "before", {"alcohol_today": "no"})
    page.locator("[data-queue].trouble", has_text="Sign in again in another tab").wait_for()
    nurse = person(site, Role.NURSE, "Nurse")
    sheet.patient.care_team.create(user=nurse)
    page.context.add_cookies([{"name": "sessionid", "value": signed_in(nurse).cookies["sessionid"].value, "url": live_server.url}])
    page.on("dialog", lambda dialog: dialog.accept())
    shown(page, live_server, sheet)
    page.locator("[data-queue].trouble", has_text="1 waiting that somebody else entered here").wait_for()
    assert sheet.entries.count() == 0
    page.context.add_cookies(cookies)
    shown(page, live_server, sheet)
    saved(page)
    assert str(sheet.entries.get().by) == "Owner"


def test_the_focus_stays_when_the_state_is_swapped_in(desk, live_server, owner, sheet) -> None:
    page = desk(owner, width=820)
    shown(page, live_server, sheet)
    page.locator("#before [data-field=alcohol_today] button[data-value=no]").focus()
    page.keyboard.press("Enter")
    page.locator("#before [data-field=alcohol_today] [data-said].saved", has_text="no").wait_for()
    assert page.evaluate("document.activeElement.dataset.value") == "no"
    gate = page.locator("#before [data-part=gates] .gate details").first
    gate.locator("summary").click()
    gate.locator("textarea").fill("half a")
    answer(here_of(owner), sheet, {"intoxication": "no"})
    fill(page, "before", {"confusion": "no"})
    gate.locator("textarea").focus()
    saved(page)
    assert gate.locator("textarea").input_value() == "half a"
