"""Debian's Chromium for every test of this folder, and the clinic's people where a page of the clinic is opened.

A machine without Chromium fails these tests and says what is missing; no test is left out silently.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from clinic.conftest import *  # noqa: F403 - the clinic of the other tests

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module", autouse=True)
def _orm_beside_the_browser() -> Iterator[None]:
    """Playwright runs a loop in this thread; Django would take the tests' own queries for asynchronous ones."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    if before is None:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file."""
    assert CHROMIUM.exists(), f"these tests need Chromium at {CHROMIUM} (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def desk(browser, live_server, signed_in):
    """A page of somebody who is signed in, by width and theme; `page.heard`: what the console complained of."""
    opened = []

    def open_page(user, *, width: int = 1440, scheme: str = "light", **more) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 950}, color_scheme=scheme, **more)
        opened.append(context)
        cookie = signed_in(user).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.heard = []
        page.on("console", lambda said: page.heard.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page.heard.append(str(error)))
        return page

    yield open_page
    for context in opened:
        context.close()


def barriers(page: Page) -> list[str]:
    """What axe finds on a page, each with the places; empty where nothing stands in anybody's way."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {[node['html'][:160] for node in each['nodes']][:4]}" for each in found]
