"""Chromium, for what only a browser can tell."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="module")  # while Playwright runs, no other test of its process can use asyncio.run
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


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory):
    """The folder in which JupyterLab works."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(request, lab_folder):
    """The address of a JupyterLab, in a folder with one notebook, try.ipynb, of the test module's CELLS."""
    folder = lab_folder
    cells = [nbformat.v4.new_code_cell(source) for source in request.module.CELLS]
    kernel = nbformat.read(ROOT / "notebooks" / "01_load.ipynb", as_version=4).metadata
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / "try.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--port-retries=0"]
    kept = os.environ | {"JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTERLAB_SETTINGS_DIR": str(folder / ".lab")}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *settings], cwd=folder, env=kept, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            end = time.monotonic() + 60
            while True:
                try:
                    urllib.request.urlopen(f"{address}/api").close()
                    break
                except OSError:
                    assert server.poll() is None and time.monotonic() < end, (folder / "log").read_text()
                    time.sleep(0.3)
            yield address
        finally:
            server.terminate()
            server.wait(20)


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
