"""The evidence in Debian's Chromium: at 360 and 1440 px, light and dark; nothing overflows, nothing is asked for."""

import pytest

from euthymia import load_catalog
from euthymia.evidence import answer
from euthymia.report.evidence_page import write_evidence_page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1440, "light"), (1440, "dark")])
@pytest.mark.parametrize("question", ["esketamine_acute", "accelerated_tms", "maintenance", "sublingual_home"])
def test_an_answer_fits_and_is_quiet(browser, tmp_path, question, width, scheme):
    found = answer(question, load_catalog())
    path = write_evidence_page(found, tmp_path / "page.html")
    tab, heard = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme), []
    tab.on("console", lambda message: heard.append(message.text))
    tab.on("pageerror", lambda error: heard.append(str(error)))
    tab.on("request", lambda request: None if request.url.startswith("file:") else heard.append(request.url))
    tab.goto(path.as_uri())
    if found.alone or found.pooled:
        tab.wait_for_selector("html[data-chart=drawn]", state="attached", timeout=5000)
        assert tab.locator("#chart svg").bounding_box()["width"] <= width
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert heard == []
    tab.close()
