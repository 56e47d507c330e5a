"""Installed elsewhere: from a wheel, and as Colab does it, from a git repository."""

import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path

import nbformat
import numpy as np
import pytest
from conftest import ROOT, make_arrays
from publish import SETUP

from handwriting.data.formats import ARRAYS

# Nothing is fetched: whatever an installation would need beside the workshop itself must be there already, as in
# Colab, whose own TensorFlow and NumPy must stay as they are.
OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


@pytest.fixture
def elsewhere(tmp_path):
    """An environment with TensorFlow and Jupyter but without the workshop; runs a command in it."""
    venv.create(tmp_path / "venv")  # pip comes with the other packages, below
    binaries = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    python = binaries / ("python.exe" if os.name == "nt" else "python")
    where = subprocess.run(
        [python, "-c", "import site; print(site.getsitepackages()[-1])"], capture_output=True, text=True, check=True
    ).stdout.strip()
    for entry in Path(site.getsitepackages()[-1]).iterdir():
        if "handwriting" not in entry.name and not Path(where, entry.name).exists():
            Path(where, entry.name).symlink_to(entry)

    def run(*words, **options):
        environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        environment["PATH"] = os.pathsep.join([str(binaries), environment["PATH"]])
        return subprocess.run(
            [python, *map(str, words)],
            capture_output=True,
            encoding="utf-8",
            env=environment
            | OFFLINE
            | {"CI": "1", "JUPYTER_PATH": str(Path(sys.prefix, "share", "jupyter"))}
            | options.pop("env", {}),
            cwd=options.pop("cwd", tmp_path),
            **options,
        )

    assert "ModuleNotFoundError" in run("-c", "import handwriting").stderr
    return run


@pytest.fixture
def own_data(tmp_path):
    np.savez(tmp_path / "own.npz", **dict(zip(ARRAYS, make_arrays(1200, 120), strict=True)))
    return tmp_path / "own.npz"


def test_a_wheel_brings_everything(elsewhere, own_data, tmp_path):
    done = elsewhere("-m", "pip", "wheel", "--no-deps", "--wheel-dir", tmp_path, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = tmp_path.glob("handwriting-*.whl")
    assert elsewhere("-m", "pip", "install", "--no-deps", wheel).returncode == 0
    where = elsewhere("-c", "import handwriting; print(handwriting.__file__)").stdout
    assert str(tmp_path / "venv") in where
    done = elsewhere("-m", "workshop", "run", "01", "04", "-p", "data", own_data, "--output", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'alt="A picture of a 5 goes into' in (tmp_path / "out" / "04_build.html").read_text(encoding="utf-8")


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
            address = repository.as_uri().replace("file://", "file://localhost", 1)  # older pips ask for a host
            cell.source = SETUP.sub(f'repository = "{address}"', cell.source)
            assert address in cell.source
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = f"data = {str(own_data)!r}"
    nbformat.write(notebook, tmp_path / "in.ipynb")
    before = elsewhere("-c", "import tensorflow, numpy; print(tensorflow.__file__, numpy.__file__)").stdout
    for out in ("first.ipynb", "second.ipynb"):
        done = elsewhere("-m", "papermill", "in.ipynb", out, "--no-progress-bar")
        assert done.returncode == 0, done.stderr
    assert elsewhere("-c", "import tensorflow, numpy; print(tensorflow.__file__, numpy.__file__)").stdout == before
    said = [
        "".join(str(cell.outputs)) for cell in nbformat.read(tmp_path / "second.ipynb", 4).cells if "outputs" in cell
    ]
    assert "Ready: Python" in said[0] and "pip" not in said[0] and "kernel" not in said[0], "it must do nothing now"


def test_a_setup_cell_without_an_address_says_what_is_missing(elsewhere, tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "01_load.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = SETUP.sub('repository = ""', cell.source)
    nbformat.write(notebook, tmp_path / "in.ipynb")
    done = elsewhere("-m", "papermill", "in.ipynb", "out.ipynb", "--no-progress-bar")
    assert done.returncode == 1
    assert "AssertionError: This copy has no public address yet. In its folder, run: pip install ." in done.stderr


def test_without_the_extras_the_command_says_how_to_get_them(elsewhere, tmp_path):
    done = elsewhere(
        "-c",
        "import sys; sys.path.insert(0, sys.argv[1]); sys.modules['typer'] = None\n"
        "from workshop.__main__ import main; main()",
        ROOT / "src",
    )
    assert done.returncode == 1
    assert 'pip install "handwriting[run]"' in done.stderr and "Traceback" not in done.stderr
