"""Chromium and JupyterLab, for what only a browser can tell: one of each, and of each one page, for all modules here.

A new page costs a second or more of CPU time, JupyterLab's own page and a kernel eight.
"""

import os
import shutil
import socket
import subprocess
import sys
import time

import nbformat
import pytest
from conftest import ROOT
from playwright import sync_api as playwright

from browser.actions import KERNEL, PAD, run_first_cell
from workshop.publish import kit, pages
from workshop.publish.slides import write_slides
from workshop.runs.execute import Run

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
START = "import workshop; workshop.skip_iri_grammar(); from jupyterlab.labapp import main; main()"
FILL = """sources => {
  const model = jupyterapp.shell.currentWidget.content.model, notebook = model.toJSON();
  const kind = { cell_type: "code", metadata: {}, outputs: [], execution_count: null };
  model.fromJSON({ ...notebook, cells: sources.map((source) => ({ ...kind, source })) });
}"""
#: The first needs a tenth less processor time than the others: it has no window to draw.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="package")  # while Playwright runs, no other test of its process can use asyncio.run
def chromium():
    """A running Chromium without a window."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    with playwright.sync_playwright() as driver:
        try:
            browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except playwright.Error as error:
            if os.environ.get("CI") and sys.platform == "linux":
                raise  # there it is installed, and a skip would hide all these tests
            pytest.skip(f"no Chromium starts: {str(error).strip().splitlines()[0]}")
        yield browser
        browser.close()


def new_page(context):
    """A page whose `problems` has its errors."""
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))
    return page


@pytest.fixture(scope="package")
def server_of_lab(tmp_path_factory):
    """The address of a running JupyterLab, and the folder in which it works."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ["--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=", "--port-retries=0"]
    kept = os.environ | {"JUPYTER_CONFIG_DIR": str(folder / ".config"), "JUPYTERLAB_SETTINGS_DIR": str(folder / ".lab")}
    with (folder / "log").open("w") as log:
        start = [sys.executable, "-c", START, "--LabApp.expose_app_in_browser=True", *settings]
        server = subprocess.Popen(start, cwd=folder, env=kept, stdout=log, stderr=log)
        try:
            end = time.monotonic() + 180  # much else may start at this moment
            while f"127.0.0.1:{port}/lab" not in (written := (folder / "log").read_text()):
                assert server.poll() is None and time.monotonic() < end, written
                time.sleep(0.3)
            yield f"http://127.0.0.1:{port}", folder
        finally:
            server.terminate()
            server.wait(20)


@pytest.fixture(scope="package")
def jupyterlab(chromium, server_of_lab):
    """JupyterLab's page with a notebook, on a screen for mouse and fingers; `folder` is the notebook's."""
    address, folder = server_of_lab
    kernel = nbformat.read(NOTEBOOKS[0], as_version=4).metadata
    nbformat.write(nbformat.v4.new_notebook(metadata=kernel), folder / "try.ipynb")
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, has_touch=True)
    page = new_page(context)
    page.set_default_timeout(90_000)
    page.goto(f"{address}/lab/tree/try.ipynb")
    page.locator(KERNEL).wait_for()
    page.folder = folder
    yield page
    context.close()


@pytest.fixture(scope="module")
def opened(request, jupyterlab):
    """JupyterLab with a notebook of the test module's CELLS, the first of which was run and shows SHOWN."""
    jupyterlab.mouse.up()  # a test that failed may have left it down, or a question open
    jupyterlab.keyboard.press("Escape")
    jupyterlab.problems.clear()
    jupyterlab.evaluate(FILL, request.module.CELLS)
    run_first_cell(jupyterlab, getattr(request.module, "SHOWN", PAD))
    return jupyterlab


@pytest.fixture(scope="package")
def exported(tmp_path_factory):
    """The folder with all pages and slides that the workshop exports."""
    folder = tmp_path_factory.mktemp("exported")
    for path in NOTEBOOKS:
        shutil.copy(path, folder)
        pages.write_page(folder / path.name, NOTEBOOKS[0].stem, NOTEBOOKS[-1].stem)
    runs = [Run(path, folder / path.name, {}, "done", seconds=1.0, memory_mb=200) for path in NOTEBOOKS]
    pages.write_index(runs, folder, "MNIST")
    write_slides(NOTEBOOKS, folder / "slides")
    linked = [("glossary.html", "Glossary")]
    (folder / "START.html").write_text(kit.start_page(["mnist", "stand-in"], True, linked), encoding="utf-8")
    return folder


@pytest.fixture(scope="package")
def window(chromium):
    """A page without a network."""
    context = chromium.new_context(offline=True)
    page = new_page(context)
    page.on("console", lambda line: line.type == "error" and page.problems.append(f"error: {line.text}"))
    page.on("dialog", lambda box: (page.problems.append(f"error: says {box.message}"), box.dismiss()))
    page.on("request", lambda sent: None if is_local(sent.url) else page.problems.append(f"fetches {sent.url}"))
    yield page
    context.close()


@pytest.fixture
def tab(window):
    """An empty page of 1280 by 720; `tab.problems` has its errors and what it tries to fetch."""
    for other in window.context.pages:
        if other is not window:
            other.close()
    window.mouse.up()
    window.goto("about:blank")
    window.emulate_media(color_scheme="light")
    window.set_viewport_size({"width": 1280, "height": 720})
    window.problems.clear()
    return window


def is_local(url):
    """Whether an address is a file or inside the page."""
    return url.startswith(("file:", "data:", "blob:", "about:"))
