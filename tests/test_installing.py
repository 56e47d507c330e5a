"""Installed elsewhere: from a wheel, with the core only, and as Colab does it, from a git repository."""

import shutil
import subprocess
import zipfile

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
import sys, nbformat
from nbclient import NotebookClient
NotebookClient(nbformat.read(sys.argv[1], as_version=4), timeout=120).execute()
"""


@pytest.fixture
def elsewhere(tmp_path):
    """An environment with TensorFlow and Jupyter but without the workshop; runs its Python with some words."""
    environment = Environment(tmp_path / "venv")
    link_all(environment.packages)
    assert "ModuleNotFoundError" in environment.run("-c", "import handwriting").stderr
    return environment.run


@pytest.fixture
def own_data(tmp_path):
    np.savez(tmp_path / "own.npz", **dict(zip(ARRAYS, make_arrays(1200, 120), strict=True)))
    return tmp_path / "own.npz"


def test_a_wheel_brings_everything(elsewhere, own_data, tmp_path):
    done = elsewhere("-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("handwriting-*.whl")
    files = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in files} == {"handwriting", "workshop"}
    assert not [name for name in files if "test" in name.lower()]
    assert elsewhere("-m", "pip", "install", "--no-deps", wheel).returncode == 0
    where = elsewhere("-c", "import handwriting; print(handwriting.__file__)").stdout
    assert str(tmp_path / "venv") in where
    done = elsewhere("-c", "from handwriting.visualize import show_diagram; print(show_diagram('network'))")
    assert "An image of a 5 goes into" in done.stdout, done.stderr
    done = elsewhere("-m", "workshop", "run", "01", "-p", "data", own_data, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1,200" in (tmp_path / "out" / "01_load.html").read_text(encoding="utf-8")


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
    assert 'pip install "handwriting[run]"' in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["01_load", "06_evaluate"])  # the sixth does all that comes before
def test_notebooks_run_with_the_core_alone(name, core, own_data, tmp_path):
    link_required(core.packages, "ipykernel", "nbclient")  # what a notebook is opened with
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += f"\ndata, epochs = {str(own_data)!r}, 1"
    nbformat.write(notebook, tmp_path / "in.ipynb")
    done = core.run("-c", EXECUTE, "in.ipynb", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_a_setup_cell_installs_the_workshop_when_it_is_missing(elsewhere, own_data, tmp_path):
    repository = tmp_path / "repository"
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, files):
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, repository / name)
    git = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "The workshop"]):
        subprocess.run([*git, *words], cwd=repository, check=True)
    notebook = nbformat.read(ROOT / "notebooks" / "01_load.ipynb", as_version=4)
    for cell in notebook.cells:
        if "setup" in cell.metadata.get("tags", []):
            done = elsewhere("-c", SETUP.sub('repository = ""', cell.source))
            assert done.stderr.endswith(
                "AssertionError: This copy has no public address yet. In its folder, run: pip install .\n"
            )
            address = repository.as_uri().replace("file://", "file://localhost", 1)  # older pips ask for a host
            setup = cell.source = SETUP.sub(f'repository = "{address}"', cell.source)
            assert address in setup
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"data = {str(own_data)!r}"
    nbformat.write(notebook, tmp_path / "in.ipynb")
    find = "from importlib.util import find_spec; print(find_spec('tensorflow').origin, find_spec('numpy').origin)"
    before = elsewhere("-c", find).stdout
    done = elsewhere("-m", "papermill", "in.ipynb", "first.ipynb", "--no-progress-bar")
    assert done.returncode == 0, done.stderr
    assert elsewhere("-c", find).stdout == before != ""

    done = elsewhere("-c", setup)
    assert (done.stdout.count("\n"), done.stderr) == (1, ""), "it must do nothing now"
    assert done.stdout.startswith("Ready: Python")
