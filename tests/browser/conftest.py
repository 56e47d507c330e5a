"""Chromium, for what only a browser can tell."""

import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium without a window."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium starts: {str(error).strip().splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium):
    """A page of 1280 by 720, cut off; `tab.problems` has its complaints and what it wants to fetch."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))
    page.on("console", lambda said: page.problems.append(f"{said.type}: {said.text}") if said.type == "error" else None)
    page.on("request", lambda sent: None if is_local(sent.url) else page.problems.append(f"fetches {sent.url}"))
    yield page
    context.close()


def is_local(url):
    """Whether an address is a file or inside the page."""
    return url.startswith(("file:", "data:", "blob:", "about:"))
