"""The patient's page in Debian's Chromium: fits 360 px, is quiet, prints on one sheet whatever the status, in light and dark."""

import re
from dataclasses import replace

import pytest

from core.conversation.pages import LANGUAGES, every_page, page, with_status
from core.report.people import hostile
from euthymia.report.patient_page import write_patient_page

pytestmark = pytest.mark.browser
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
# Boxes that a person must be able to tell apart, and texts large enough: rendered, not as written.
SMALLEST = "Math.min(...[...document.querySelectorAll('p, li, h1, h2')].map((each) => parseFloat(getComputedStyle(each).fontSize)))"


def opened(browser, path, width=1440, scheme="light"):
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    heard = []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
    tab.goto(path.as_uri())
    return tab, heard


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_every_page_fits_and_is_quiet_with_large_text(browser, tmp_path, width, scheme):
    longest = [page(with_status("losing_ground", suicidality="positive"), language, country="us") for language in LANGUAGES]
    for number, said in enumerate([*longest, page(hostile())]):
        tab, heard = opened(browser, write_patient_page(said, tmp_path / f"{number}.html"), width, scheme)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate(SMALLEST) >= 16
        assert tab.evaluate("document.documentElement.lang") == said.language
        assert heard == []
        tab.screenshot(path=tmp_path / f"{number}-{width}-{scheme}.png", full_page=True)
        tab.close()


def printed(browser, path, paper):
    tab, _ = opened(browser, path)
    pages = len(PAGE.findall(tab.pdf(format=paper)))
    tab.close()
    return pages


def test_every_page_prints_on_one_sheet(browser, tmp_path):
    for number, (name, said) in enumerate(every_page()):
        path = write_patient_page(said, tmp_path / f"{number}.html")
        assert (name, printed(browser, path, "Letter")) == (name, 1)
        assert (name, printed(browser, path, "A4")) == (name, 1)


def test_long_own_words_still_print_on_one_sheet(browser, tmp_path):
    found = with_status("holding_above_remission", suicidality="positive")
    words = "Walk the dog before work, and mean it when I laugh. " * 6
    target = found.episode.target.model_copy(update={"own_words": words.strip()})
    found = replace(found, episode=replace(found.episode, target=target))
    for language in LANGUAGES:
        path = write_patient_page(page(found, language, country="us"), tmp_path / f"{language}.html")
        assert printed(browser, path, "Letter") == 1


def test_paper_is_light_even_in_the_dark(browser, tmp_path):
    tab, _ = opened(browser, write_patient_page(page(with_status("remission")), tmp_path / "one.html"), scheme="dark")
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(22, 32, 44)"
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
