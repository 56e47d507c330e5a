"""Chromium and JupyterLab, for what only a browser can tell: one of each for all modules here."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from conftest import ROOT

from browser.actions import open_notebook
from workshop.publish import kit, pages
from workshop.publish.slides import write_slides
from workshop.runs.execute import Run

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="package")  # while Playwright runs, no other test of its process can use asyncio.run
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


@pytest.fixture(scope="package")
def jupyterlab(tmp_path_factory):
    """The address of a running JupyterLab, and the folder in which it works."""
    folder = tmp_path_factory.mktemp("jupyterlab")
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
            end = time.monotonic() + 180  # much else may start at this moment
            while not answers(f"{address}/api"):
                assert server.poll() is None and time.monotonic() < end, (folder / "log").read_text()
                time.sleep(0.3)
            yield address, folder
        finally:
            server.terminate()
            server.wait(20)


def answers(address):
    """Whether a server answers."""
    try:
        urllib.request.urlopen(address).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def lab_folder(request, jupyterlab):
    """The folder of the test module's notebook."""
    folder = jupyterlab[1] / request.module.__name__.rpartition(".")[2]
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def lab(request, jupyterlab, lab_folder):
    """The address of a notebook of the test module's CELLS, in a JupyterLab where nothing else is open."""
    cells = [nbformat.v4.new_code_cell(source) for source in request.module.CELLS]
    kernel = nbformat.read(NOTEBOOKS[0], as_version=4).metadata
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), lab_folder / "try.ipynb")
    return f"{jupyterlab[0]}/lab/workspaces/{lab_folder.name}/tree/{lab_folder.name}/try.ipynb"


@pytest.fixture(scope="module")
def opened(chromium, lab):
    """A page with the notebook, whose first cell shows a pad."""
    with open_notebook(chromium, lab) as page:
        yield page


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


@pytest.fixture
def tab(chromium):
    """A page of 1280 by 720 without a network; `tab.problems` has its errors and what it tries to fetch."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720}, offline=True)
    page = context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(f"error: {error}"))
    page.on("console", lambda line: line.type == "error" and page.problems.append(f"error: {line.text}"))
    page.on("request", lambda sent: None if is_local(sent.url) else page.problems.append(f"fetches {sent.url}"))
    yield page
    context.close()


def is_local(url):
    """Whether an address is a file or inside the page."""
    return url.startswith(("file:", "data:", "blob:", "about:"))
