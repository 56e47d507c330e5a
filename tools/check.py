"""Run all that `make test` checks: style, imports, spelling, tests, and nbval over the notebooks; end with a summary.

nbval is strict where MNIST is at hand (or can be downloaded): every stored output is compared. Without it
the stand-in is used, and only the cells that hold for any data are compared.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import quick_start  # noqa: F401 - before anything imports nbformat

from handwriting.data.cache import make_folders_absolute
from handwriting.errors import DataError
from handwriting.load import load_digits, read_files
from workshop.machine import cores
from workshop.runs.plan import WAITS
from workshop.runs.warm_process import ADDRESS, read_early, start

ROOT = Path(__file__).parents[1]
TEXTS = "src tests tools benchmarks docs notebooks binder .github README.md CONTRIBUTING.md pyproject.toml".split()
#: How nbval runs notebooks, strict or lax.
NBVAL = ["--nbval-current-env", "--nbval-cell-timeout=300", f"--nbval-sanitize-with={ROOT / 'tests' / 'sanitize.cfg'}"]
#: Nor are mistakes that tests make.
NOT_PROSE = ["--skip", "*.ipynb,*/reveal/reveal.*,*/reveal/notes.js", "--ignore-words-list", "caf,copie,hiden,lod"]
#: What checks text alone, by name.
STYLE = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "."],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "import-linter": [Path(sys.executable).with_name("lint-imports")],
    "codespell": [sys.executable, "-m", "codespell_lib", *NOT_PROSE, *TEXTS],
}


def have(name):
    try:
        return bool(read_files(name))
    except DataError as error:
        print(error)
        return False


def compare_less(path):
    """Make nbval compare in one notebook what it compares in all where it is lax: only what holds for any data."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and "nbval-check-output" not in tags:
            cell.metadata["tags"] = [*tags, "nbval-ignore-output"]
    nbformat.write(notebook, path)


def copy_notebooks(folder):
    """Copy each notebook into a separate folder, as if a student opened only this one; return the copies.

    Notebooks that use notebook 5's network find what it saves beside it.
    """
    copies = []
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        copy = Path(folder, notebook.stem, notebook.name)
        copy.parent.mkdir()
        shutil.copy(notebook, copy)
        if copy.stem == "05_train":
            trained = copy.parent / "my_work"
            trained.mkdir()
        elif copy.stem in WAITS:
            # One worker runs these after notebook 5 (see tests/conftest.py), so that not each trains a network.
            (copy.parent / "my_work").symlink_to(trained, target_is_directory=True)
        copies.append(copy)
    return copies


def main(arguments):
    """Run the checks; the exit status is 0 only if all of them passed."""
    make_folders_absolute()
    os.chdir(ROOT)
    processes = 2 if "-k" in arguments else 3  # each imports TensorFlow and all tests first
    # Each process gets its share of the cores: more threads wait for each other, and busily.
    threads = dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), str(max(1, cores() // processes)))
    environment = threads | os.environ | {"PYTHONHASHSEED": "0"}
    # pytest would compile all tests anew in each of its processes.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # All of pytest's processes get their kernels from one, which imports while this process goes on.
    share = sys.platform == "linux" and ADDRESS not in environment and "-k" not in arguments
    kernels = start(read_early(environment)) if share else None
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8"}
    style = {name: subprocess.Popen(command, **pipes) for name, command in STYLE.items()}  # beside the tests
    strict = have("mnist")
    clothes = strict and have("fashion-mnist")
    mode = "strict, on MNIST" if strict else "lax, on the stand-in (no MNIST here)"
    if strict and not clothes:
        mode += "; notebook 9 lax, on letters (no Fashion-MNIST here)"
    if not strict:
        load_digits("stand-in")  # drawn once, not by each kernel
    print(f"nbval: {mode}", flush=True)
    # Inside the project: pytest tells notebooks from elsewhere apart by nothing, and mixes up their cells.
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / "build") as folder:
        copies = copy_notebooks(folder)
        if strict and not clothes:
            compare_less(next(copy for copy in copies if copy.stem.startswith("09")))
        environment["HANDWRITING_NBVAL"] = mode
        if kernels and kernels.address:
            environment[ADDRESS] = kernels.address
        plain = [sys.executable, "-m", "pytest", "-p", "tools.quick_start", "-q", "-rs", "--durations=20", *arguments]
        # The order and what stays together on a worker: tests/conftest.py.
        command = [*plain, f"--numprocesses={processes}", "--no-loadscope-reorder"]
        command += ["--nbval" if strict else "--nbval-lax", *NBVAL]
        tests = subprocess.run([*command, *map(str, copies), "tests"], env=environment).returncode
    outputs = {name: process.communicate()[0] for name, process in style.items()}
    failed = [name for name, process in style.items() if process.returncode]
    for name in failed:
        print(f"{name} found problems:\n{outputs[name]}")
    return 1 if failed or tests else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
