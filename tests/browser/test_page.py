"""The page in Debian's Chromium: at 360 and 1440 px, light and dark; nothing overflows, nothing is logged, nothing is asked for."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.report.people import all_samples, hostile, sample
from euthymia.report.html import write_page, write_pages

pytestmark = pytest.mark.browser
SCREENS = [(360, "light"), (360, "dark"), (768, "light"), (1440, "light"), (1440, "dark")]


def opened(browser, path, width=1440, scheme="light", **context):
    """A page, with everything that it complained about or asked for."""
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, **context)
    heard = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
    tab.goto(path.as_uri())
    return tab, heard


def drawn(tab):
    tab.wait_for_selector("html[data-chart=drawn]", state="attached", timeout=5000)


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_every_sample_fits_and_is_quiet(browser, tmp_path, width, scheme):
    for number, review in enumerate([*all_samples(), hostile()]):
        tab, heard = opened(browser, write_page(review, tmp_path / f"{number}.html"), width, scheme)
        drawn(tab)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.locator("#chart svg").bounding_box()["width"] <= width
        tab.screenshot(path=tmp_path / f"{number}-{width}-{scheme}.png", full_page=True)
        assert heard == []
        tab.close()


def test_pointing_at_a_rating_says_date_score_and_phase(browser, tmp_path):
    tab, _ = opened(browser, write_page(sample("holding-above-remission"), tmp_path / "one.html"))
    drawn(tab)
    tab.locator("#chart svg .mark-symbol path").last.hover(force=True)
    tip = tab.locator("#tip")
    tip.wait_for(state="visible")
    assert all(word in tip.inner_text() for word in ("Date: 19 Nov 2026", "Score: PHQ-9 8", "Phase: before a session"))


def test_zooming_moves_ratings_and_timeline_together(browser, tmp_path):
    tab, heard = opened(browser, write_page(sample("in-remission"), tmp_path / "one.html"))
    drawn(tab)
    labels = "Array.from(document.querySelectorAll('#chart .role-axis-label text'), (each) => each.textContent).join()"
    before, box = tab.evaluate(labels), tab.locator("#chart svg").bounding_box()
    tab.mouse.move(box["x"] + 200, box["y"] + 120)
    tab.keyboard.down("Shift")
    tab.mouse.wheel(0, -400)
    tab.keyboard.up("Shift")
    tab.wait_for_timeout(200)
    assert tab.evaluate(labels) != before
    assert heard == []


def test_without_javascript_the_table_holds_the_same(browser, tmp_path):
    tab, _ = opened(browser, write_page(sample("holding-above-remission"), tmp_path / "one.html"), java_script_enabled=False)
    tab.locator("#ratings summary").click()
    assert tab.locator("#ratings tbody tr").count() == len(sample("holding-above-remission").episode.ratings)


def test_paper_is_light_even_in_the_dark(browser, tmp_path):
    tab, heard = opened(browser, write_page(sample("losing-ground"), tmp_path / "one.html"), width=794, scheme="dark")
    drawn(tab)
    tab.emulate_media(media="print", color_scheme="dark")
    tab.wait_for_timeout(300)
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 44)"
    assert tab.locator("#chart svg [stroke='#0b7a5b']").count() > 0
    assert heard == []


def test_many_pages_share_one_script(browser, tmp_path):
    index = write_pages(all_samples(), tmp_path / "many")
    for width in (360, 1440):
        tab, heard = opened(browser, index, width)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        tab.locator("a").first.click()
        drawn(tab)
        assert heard == []
        tab.close()


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_a_reliability_page_fits_and_is_quiet(browser, tmp_path, width, scheme):
    path = reliability_page(tmp_path)
    tab, heard = opened(browser, path, width, scheme)
    drawn(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.locator("#chart svg").bounding_box()["width"] <= width
    assert tab.locator("details").count() == 6
    assert heard == []
    tab.close()


def reliability_page(folder):
    """Written by `euthymia evaluate` from thirty made-up people."""
    draw = np.random.default_rng(5)
    rows = ["person,week,total"]
    for person in range(30):
        level, toward = 20.0, float(draw.uniform(0, 18))
        for week in range(5):
            level += 0.4 * (toward - level)
            rows.append(f"{person},{week},{int(np.clip(round(level + draw.normal(0, 2)), 0, 27))}")
    (folder / "made_up.csv").write_text("\n".join(rows), encoding="utf-8")
    command = [str(Path(sys.executable).with_name("euthymia")), "evaluate", str(folder / "made_up.csv"), "--instrument", "phq9"]
    subprocess.run([*command, "--folds", "2", "--out", str(folder / "out")], check=True, capture_output=True)
    return folder / "out/reliability.html"
