"""Installed elsewhere: with the core only, and as Colab does it, from a git repository."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from conftest import ROOT, make_arrays
from environments import Environment, link_all, link_required
from publish import SETUP

from handwriting.data.formats import ARRAYS

# What notebooks must do without. Rich comes with Keras, psutil with IPython: that no module of `handwriting` imports
# them is an import contract in pyproject.toml.
EXTRAS = {"dask", "distributed", "fastapi", "jinja2", "nbclient", "nbconvert", "pandas", "papermill", "pebble"}
EXTRAS |= {"pydantic", "pyyaml", "python-multipart", "typer", "uvicorn"}

IMPORT_ALL = """
import importlib, pkgutil, sys
from unittest.mock import MagicMock
sys.modules |= dict.fromkeys(["keras", "tensorflow"], MagicMock())  # notebook 6 imports them
import handwriting
for module in pkgutil.walk_packages(handwriting.__path__, "handwriting."):
    importlib.import_module(module.name)
"""

EXECUTE = """
import sys; sys.modules["rfc3987_syntax"] = None  # see workshop.skip_iri_grammar
import nbformat
from nbclient import NotebookClient
NotebookClient(nbformat.read(sys.argv[1], as_version=4), timeout=120).execute()
"""


@pytest.fixture(scope="module")
def own_data(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "own.npz"
    np.savez(path, **dict(zip(ARRAYS, make_arrays(1200, 120), strict=True)))
    return path


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """An environment with the workshop and what its core needs, without any extra."""
    environment = Environment(tmp_path_factory.mktemp("core") / "venv")
    assert not link_required(environment.packages, "handwriting") & EXTRAS
    (environment.packages / "workshop.pth").write_text(str(ROOT / "src"))
    return environment


def test_no_module_of_handwriting_needs_an_extra(core):
    done = core.run("-c", IMPORT_ALL)
    assert done.returncode == 0, done.stderr


def test_without_the_extras_the_command_says_how_to_get_them(core):
    done = core.run("-m", "workshop", "run")
    assert done.returncode == 1
    assert f'{core.python} -m pip install ".[run,serve,lab]"' in done.stderr and "Traceback" not in done.stderr


def execute(environment, cells, folder):
    """Execute cells as one notebook in a folder."""
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "in.ipynb")
    done = environment.run("-c", EXECUTE, "in.ipynb", cwd=folder)
    assert done.returncode == 0, done.stderr


def cells_of(name, data):
    """Return the cells of a notebook, with parameters for a quick run on this data."""
    for cell in (cells := nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells):
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\ndata, epochs = {str(data)!r}, 1"
    return cells


def test_notebooks_run_with_the_core_alone(core, own_data, tmp_path):
    link_required(core.packages, "ipykernel", "nbclient")  # what a notebook is opened with
    # The sixth does all that comes before.
    execute(core, cells_of("01_load", own_data) + cells_of("06_evaluate", own_data), tmp_path)


def repository(folder):
    """Make a git repository with what the package is built from; return its address."""
    words = ["git", "ls-files", "src", "notebooks", "docs", "pyproject.toml", "README.md", "LICENSE"]
    for name in subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The workshop"]):
        subprocess.run([*git, *words], cwd=folder, check=True)
    return folder.as_uri().replace("file://", "file://localhost", 1)  # older pips ask for a host


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_a_setup_cell_installs_the_whole_workshop_where_it_is_missing_and_nothing_else(own_data, tmp_path):
    environment = Environment(tmp_path / "venv")
    link_all(environment.packages)
    cells = [cell for cell in cells_of("01_load", own_data) if cell.cell_type == "code"]
    (place,) = (place for place, cell in enumerate(cells) if "setup" in cell.metadata.get("tags", []))
    done = environment.run("-c", SETUP.sub('repository = ""', cells[place].source))
    assert done.stderr.endswith(
        "AssertionError: This copy has no public address yet. In its folder, run: pip install .\n"
    )
    address = repository(tmp_path / "repository")
    setup = cells[place].source = SETUP.sub(f'repository = "{address}"', cells[place].source)
    assert address in setup
    execute(environment, cells[: place + 5], tmp_path)  # up to the loaded data
    there = [path for path in environment.packages.iterdir() if not path.is_symlink() and path.name != "__pycache__"]
    assert {path.name for path in there if path.suffix != ".dist-info"} == {"handwriting", "workshop"}
    (record,) = environment.packages.glob("handwriting-*.dist-info/RECORD")
    assert "test" not in record.read_text().lower()
    settings = environment.folder / "share" / "jupyter" / "lab" / "settings" / "overrides.d" / "handwriting.json"
    ((schema, values),) = json.loads(settings.read_text()).items()
    known = Path(sys.prefix, "share", "jupyter", "lab", "schemas", f"{schema.replace(':', '/')}.json").read_text()
    assert values["fetchNews"] == "false" and values.keys() <= json.loads(known)["properties"].keys()

    done = environment.run("-c", setup)
    assert (done.stdout.count("\n"), done.stderr) == (1, ""), "it must do nothing now"
    assert done.stdout.startswith("Ready: Python")
