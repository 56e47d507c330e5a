"""The kit for USB sticks: complete, installs without a package index, and is never half there."""

import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from conftest import ROOT, make_arrays
from environments import JUPYTER, Environment, link_all
from serve_helpers import wait_until
from test_broken_machines import NAMESPACES, can, inside
from test_sweep import started

from handwriting.data import standin
from handwriting.data.formats import ARRAYS
from handwriting.data.registry import FILES
from handwriting.errors import UserError
from handwriting.load import STANDIN_FILE, load_standin
from workshop.machine import LOCK
from workshop.publish import colab, kit

namespaces = pytest.mark.skipif(not can(*NAMESPACES, "true"), reason="needs Linux with unshare")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """A machine without MNIST, and with a small stand-in in its cache, so that none has to be drawn."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDWRITING_CACHE", str(folder))
        patch.delenv("HANDWRITING_DATA_DIR", raising=False)
        patch.setattr(standin, "make_standin", lambda: make_arrays(1200, 120))
        load_standin()
        yield folder


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A kit: its folder, its zip, and what was printed."""
    printed = []
    return *kit.make_kit(tmp_path_factory.mktemp("stick") / "new", say=printed.append), printed


def test_it_has_everything_and_nothing_else(made):
    folder, archive, printed = made
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    images = {f"notebooks/images/{path.name}" for path in (ROOT / "notebooks" / "images").iterdir()}
    (wheel,) = folder.glob("handwriting-*.whl")
    others = {"START.html", "start.py", "LICENSE", "constraints.txt", wheel.name, f"data/{STANDIN_FILE}"}
    documents = {f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    others |= {"docs/kubernetes.yaml", "docs/worksheet.html"}  # documents link to them
    pages = {f"pages/{Path(name).stem}.html" for name in notebooks | documents}
    assert files == notebooks | images | others | documents | pages
    assert "Data in the kit: stand-in." in printed
    assert sorted(os.listdir(folder.parent)) == [kit.NAME, archive.name]
    with np.load(folder / "data" / STANDIN_FILE, allow_pickle=False) as arrays:
        assert {name: len(arrays[name]) for name in ARRAYS} == dict(zip(ARRAYS, (1200, 1200, 120, 120), strict=True))
    with zipfile.ZipFile(archive) as packed:
        assert packed.testzip() is None
        packed_files = {name for name in packed.namelist() if not name.endswith("/")}
    assert packed_files == {f"{kit.NAME}/{file}" for file in files}


def test_nothing_of_anybody_else_in_the_workshops_folders_is_packed(tmp_path):
    """Whatever lies in these folders: a kit, notebooks for Colab and an installed package go to everybody."""
    root = tmp_path / "workshop"
    for name in ("notebooks", "docs", "src", "LICENSE", "README.md", "constraints.txt", "pyproject.toml"):
        source = ROOT / name
        if source.is_file():
            shutil.copy(source, root / name)
        else:
            shutil.copytree(
                source, root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "my_work")
            )
    before = {path for path in root.rglob("*") if path.is_file()}
    for name in ("notebooks/handed-in/anna/06_evaluate.ipynb", "notebooks/grades.csv", "notebooks/images/photo.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("Anna,5")
    shutil.copy(root / "notebooks" / "05_train.ipynb", root / "notebooks" / "05_train-Copy1.ipynb")
    for name in ("notebooks/07_notes.ipynb", "docs/exam.md", "docs/parents.pdf", "src/workshop/grades.csv"):
        (root / name).write_text("Anna,5")
    wheel = kit.build_wheel(tmp_path, root, print)
    packed = {re.sub("^handwriting/(?=docs/|notebooks/)", "", name) for name in zipfile.ZipFile(wheel).namelist()}
    packed = {name for name in packed if ".dist-info/" not in name and ".data/" not in name}
    wanted = {path.relative_to(root).as_posix().removeprefix("src/") for path in before if path.parent != root}
    assert packed == wanted
    script = "import sys; sys.path.insert(0, sys.argv[1]); from workshop.publish import kit, colab; "
    script += "kit.make_kit(sys.argv[2]); colab.make_colab_kit(sys.argv[2])"
    command = [sys.executable, "-c", script, str(root / "src"), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for folder in (kit.NAME, colab.NAME):
        names = {path.name for path in (tmp_path / "out" / folder).rglob("*")}
        assert not names & {"grades.csv", "exam.md", "05_train-Copy1.ipynb", "07_notes.ipynb", "photo.jpg", "exam.html"}
        assert "10_share.ipynb" in names


def test_the_start_sheet_says_what_to_type(made):
    text = (made[0] / "START.html").read_text(encoding="utf-8")
    for wanted in (
        "python3 start.py",
        "py start.py",
        "stand-in",
        "A network is needed once",
        "start.py doctor",
        "six notebooks, 01 to 06",
        "CC BY",
        "python.org",
    ):
        assert wanted in text
    assert "http" not in text


def test_a_laptop_without_python_reads_everything(made):
    ids = {}
    for path in [made[0] / "START.html", *(made[0] / "pages").iterdir()]:
        ids[path] = set(re.findall(r' id="([^"]+)"', path.read_text(encoding="utf-8")))
    for path in ids:
        text = path.read_text(encoding="utf-8")
        assert path.name == "START.html" or 'href="../START.html"' in text
        for address in re.findall(r'<a [^>]*href="([^"]+)"', text):
            target, _, anchor = address.partition("#")
            if not target.startswith("http"):
                target = (path.parent / target).resolve() if target else path
                assert target.is_file() and (not anchor or anchor in ids[target]), f"{path.name} links to {address}"
    assert "(60000, 28, 28)" in (made[0] / "pages" / "01_load.html").read_text(encoding="utf-8"), "outputs are there"


def test_broken_data_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_DATA_DIR", str(tmp_path / "given"))
    (tmp_path / "given" / "mnist").mkdir(parents=True)
    for file in FILES["mnist"]:
        (tmp_path / "given" / "mnist" / file).write_bytes(b"cut short")
    printed = []
    assert kit.copy_data(tmp_path / "data", printed.append) == ["stand-in"]
    assert os.listdir(tmp_path / "data") == [STANDIN_FILE] and "is damaged" in printed[0]


#: Instead of Python's tool venv, which copies and compiles pip for seconds; tools/try_kit.py uses the real one.
VENV = """import os, sys
sys.path.remove(os.path.dirname(__file__))
import venv
venv.create(sys.argv[1])
"""


@pytest.fixture(scope="module")
def offline(tmp_path_factory):
    """An environment for start.py: no package index, and all that a wheel folder would hold installed already."""
    packages = tmp_path_factory.mktemp("packages")
    link_all(packages)
    (packages / "venv.py").write_text(VENV)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("HANDWRITING_", "VIRTUAL_ENV"))}
    return kept | JUPYTER | {"PYTHONPATH": str(packages), "PIP_NO_INDEX": "1", "CI": "1"}


def start(folder, *words, **options):
    return subprocess.run(
        [sys.executable, "start.py", *map(str, words)], cwd=folder, capture_output=True, encoding="utf-8", **options
    )


def test_it_installs_without_an_index_and_runs(made, offline, tmp_path):
    # The whole series, and packages from `wheels`, are what tools/try_kit.py tries: that takes minutes.
    folder = shutil.copytree(made[0], tmp_path / "a copy")
    (folder / "wheels").mkdir()
    (tmp_path / "pip only").mkdir()
    for name in ("venv.py", "pip"):
        (tmp_path / "pip only" / name).symlink_to(Path(offline["PYTHONPATH"], name).resolve())
    failed = start(folder, "run", env=offline | {"PYTHONPATH": str(tmp_path / "pip only")})
    assert failed.returncode == 1 and "Traceback" not in failed.stderr
    assert "The packages could not be installed. These packages are for another system" in failed.stderr
    assert (folder / "workshop-python").is_dir() and not (folder / "workshop-python" / "installed").exists()

    (folder / "wheels").rmdir()
    (folder / "workshop-python" / "half").write_text("")  # what is left of an installation that did not end
    done = start(folder, "run", "01", "-p", "data", "stand-in", env=offline)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Drawing" not in done.stdout and "Setting up" in done.stdout
    assert not (folder / "workshop-python" / "half").exists()
    assert [path.stem for path in (folder / "output").glob("*.ipynb")] == ["01_load"]
    page = (folder / "output" / "01_load.html").read_text(encoding="utf-8")
    assert "(1200, 28, 28)" in page and "The six stages of the workshop in a row" in page
    (package,) = (folder / "workshop-python").glob("**/site-packages/handwriting/__init__.py")
    assert len([*package.parent.glob("__pycache__/__init__.*.pyc")]) == 1
    assert [*package.parents[1].glob("workshop/serve/**/*.pyc")], "all is compiled, not only what was used"

    there = start(folder, "data", "status", env=offline)
    assert re.search(r"stand-in +whole.*a copy.data", there.stdout), "the kit's own"
    missing = start(folder, "class-report", "work", env=offline)
    assert missing.returncode == 1 and "work is not there" in missing.stderr
    again = start(folder, "run", "--foo", env=offline)
    assert again.returncode == 1 and "Setting up" not in again.stdout and "No such option: --foo" in again.stderr


def test_an_unknown_command_is_refused(made):
    done = start(made[0], "rnu")
    assert done.returncode == 1 and 'There is no command "rnu". Valid: lab, run, doctor, data, ' in done.stderr


def test_start_py_alone_asks_for_the_whole_folder(tmp_path):
    shutil.copy(kit.START, tmp_path)
    done = start(tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "is not beside this file. Copy the whole folder" in done.stderr
    assert os.listdir(tmp_path) == ["start.py"]


@pytest.mark.parametrize("version", [(3, 9, 18), (3, 14, 0)])
def test_another_python_is_refused(start_py, monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(SystemExit, match=r"^Python 3\.10 to 3\.13 is needed"):
        start_py["main"]([])


@pytest.fixture
def start_py(tmp_path, monkeypatch):
    """What start.py defines, for a kit in the test's own folder."""
    found = runpy.run_path(str(kit.START))
    own = found["main"].__globals__
    monkeypatch.setitem(own, "HERE", tmp_path)
    monkeypatch.setitem(own, "DONE", tmp_path / "installed")
    monkeypatch.setitem(own, "PYTHON", Path(sys.executable))
    return own


def test_a_python_that_went_away_is_noticed(start_py, tmp_path):
    assert not start_py["is_installed"]()
    (tmp_path / "installed").write_text("")
    assert start_py["is_installed"]()
    start_py["PYTHON"] = tmp_path / "bin" / "python"
    assert not start_py["is_installed"]()


def test_the_kits_data_is_used_and_takes_what_is_fetched_later(start_py, tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_CACHE", "mine")
    assert start_py["environment"]()["HANDWRITING_CACHE"] == "mine", "there is no data folder to write to"
    (tmp_path / "data").mkdir()
    found = start_py["environment"]()
    assert found["HANDWRITING_DATA_DIR"] == found["HANDWRITING_CACHE"] == str(tmp_path / "data")
    assert os.listdir(tmp_path / "data") == []


@namespaces
def test_a_kit_on_a_read_only_stick_asks_to_be_copied(made):
    mount = f"mount --bind {made[0]} {made[0]}\nmount -o remount,bind,ro {made[0]}\ncd {made[0]}\n"
    done = inside(mount, [sys.executable, "start.py"], made[0])
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "Nothing can be written beside this file (Read-only file system). Copy the whole folder" in done.stderr


def interrupted(*words, when, by=signal.SIGINT, **options):
    """Start a command, send Ctrl + C when something is true, and return the finished process and its errors."""
    with started(*words, stderr=subprocess.PIPE, **options) as process:
        wait_until(when, 30)
        os.killpg(process.pid, by)
        return process, process.communicate(timeout=30)[1]


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
def test_jupyterlab_ends_in_its_own_way_at_ctrl_c(tmp_path):
    # It asks back first: start.py must neither kill it nor leave before it.
    slow = "#!/bin/sh\ntrap 'sleep 0.3; touch ended; exit 7' INT\ntouch ready\nwhile :; do sleep 0.1; done\n"
    (tmp_path / "python").write_text(slow)
    (tmp_path / "python").chmod(0o755)
    code = (
        "import pathlib, runpy, sys; here = pathlib.Path.cwd()\n"
        "own = runpy.run_path(sys.argv[1])['main'].__globals__\n"
        "own.update(HERE=here, PYTHON=here / 'python', is_installed=lambda: True); sys.exit(own['main']([]))"
    )
    command = [sys.executable, "-c", code]
    process, _ = interrupted(kit.START, command=command, when=(tmp_path / "ready").exists, cwd=tmp_path)
    assert process.returncode == 7 and (tmp_path / "ended").exists()


def test_ctrl_c_while_an_archive_is_written_is_no_error(invoke, tmp_path, monkeypatch):
    def savez(path, **arrays):
        with zipfile.ZipFile(path, "w") as archive:
            handle = archive.open("x", "w")
            raise KeyboardInterrupt(handle)

    monkeypatch.setattr("numpy.savez", savez)
    status, _, errors = invoke("kit", "--output", tmp_path / "new")
    assert status == 130 and "Traceback" not in errors and not list((tmp_path / "new").glob("*"))


@pytest.mark.skipif(os.name == "nt", reason="needs signals")
@pytest.mark.parametrize("by", ["SIGINT", "SIGTERM"])
def test_a_command_that_is_stopped_leaves_nothing(tmp_path, by):
    def begun():
        return any((tmp_path / "new").glob(f".{kit.NAME}-*/*/start.py"))

    process, errors = interrupted("kit", "--output", tmp_path / "new", when=begun, by=getattr(signal, by))
    assert process.returncode != 0 and "Traceback" not in errors
    assert not (tmp_path / "new").exists()


def test_what_is_left_where_making_a_kit_was_killed_is_removed_and_nothing_of_anybody_else(tmp_path):
    left, fresh, *others = [f".{kit.NAME}-{name}" for name in ("aaaaaaaa", "bbbbbbbb", "3141592-mine", "cccccccc")]
    for name in (left, fresh, *others):
        (tmp_path / name / kit.NAME).mkdir(parents=True)
    for name in (left, fresh):
        (tmp_path / name / LOCK).touch()
    os.utime(tmp_path / left / LOCK, (0, 0))
    kit.deliver(tmp_path, kit.NAME, lambda part, root: (part / "START.html").touch(), print)
    assert sorted(os.listdir(tmp_path)) == sorted([fresh, *others, kit.NAME, f"{kit.NAME}.zip"])


@pytest.mark.parametrize("name", [f"{kit.NAME}/mine", f"{kit.NAME}.zip"])
def test_what_came_there_while_a_kit_was_made_stays(name, tmp_path):
    def fill(part, root):
        for path in (part / "START.html", tmp_path / name):
            path.parent.mkdir(exist_ok=True)
            path.write_text("mine")

    with pytest.raises(UserError, match="No kit can be written"):
        kit.deliver(tmp_path, kit.NAME, fill, print)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / name]
    assert (tmp_path / name).read_text() == "mine"


def test_modules_come_from_python_not_from_the_folder(tmp_path):
    (tmp_path / "json").mkdir()
    (tmp_path / "json" / "tool.py").write_text("raise SystemExit('planted')")
    (tmp_path / "json" / "__init__.py").write_text("")
    (tmp_path / "x").write_text("{}")
    if sys.version_info >= (3, 11):  # before, Python has no such switch
        kit.run_module("json.tool", ["x"], tmp_path)


#: The command, for a kit of less than a megabyte.
SMALL = """
import os
from workshop import skip_iri_grammar
from workshop.__main__ import main
skip_iri_grammar()
from workshop.publish import kit
kit.fill = lambda part, *words: (part / "START.html").write_bytes(os.urandom(800_000))
main()
"""


@namespaces
@pytest.mark.parametrize(
    ("options", "command"),
    [
        ("size=5m", ["-m", "workshop"]),  # it is full midway
        ("size=1m", ["-c", SMALL]),  # it is full in the zip
        ("ro", ["-m", "workshop"]),
    ],
)
def test_a_stick_that_is_full_or_read_only_keeps_nothing_half_made(options, command, cache, tmp_path):
    stick = tmp_path / "stick"
    stick.mkdir()
    mount = f"mount -t tmpfs -o {options} none {stick}\n"
    look = f'"$@" || status=$?; echo left: $(ls -A {stick}); exit $status\n'
    command = [sys.executable, *command, "kit", "--output", stick]
    done = inside(mount + look, command, tmp_path, HANDWRITING_CACHE=cache)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert ("Read-only file system" if options == "ro" else "No space left on device") in done.stderr
    assert "Choose another --output" in done.stderr
    assert ("Packing the zip" in done.stdout) == (options == "size=1m")
    assert done.stdout.splitlines()[-1] == "left:"


@pytest.mark.parametrize(
    ("mine", "output", "message"),
    [
        (f"{kit.NAME}/work", ".", "is there already"),
        ("file", "file", "Choose another --output"),
        ("file", "x" * 300, "too long"),
    ],
)
def test_what_is_in_the_way_is_left_alone(mine, output, message, tmp_path):
    (tmp_path / mine).parent.mkdir(exist_ok=True)
    (tmp_path / mine).write_text("mine")
    with pytest.raises(UserError, match=message):
        kit.make_kit(tmp_path / output)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / mine]
    assert (tmp_path / mine).read_text() == "mine"


def test_outside_the_workshops_folder_there_is_no_kit(tmp_path, monkeypatch):
    monkeypatch.setattr(kit, "notebooks_folder", lambda: tmp_path / "notebooks")
    with pytest.raises(UserError, match="workshop's own folder"):
        kit.make_kit(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_packages_that_are_not_available_leave_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(UserError, match=r"The kit was not made, because pip failed: ERROR:.*Is there a network\?"):
        kit.make_kit(tmp_path / "new", wheels=True)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("step", ["copy_data", "run_module", "write_pages"])
def test_an_interruption_leaves_nothing(step, tmp_path, monkeypatch):
    def stop(*words):
        raise KeyboardInterrupt

    monkeypatch.setattr(kit, step, stop)
    with pytest.raises(KeyboardInterrupt):
        kit.make_kit(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_if_the_folder_cannot_take_its_place_neither_does_the_zip(tmp_path, monkeypatch):
    rename = Path.rename

    def refuse(path, target):
        if path.is_dir():
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(UserError, match="Permission denied"):
        kit.deliver(tmp_path, kit.NAME, lambda part, root: (part / "START.html").touch(), print)
    assert os.listdir(tmp_path) == []


def test_a_machine_that_saves_nothing_still_makes_a_kit_with_data(tmp_path, monkeypatch):
    monkeypatch.setenv("HANDWRITING_CACHE", "/dev/null/none")
    assert kit.copy_data(tmp_path / "data", print) == ["stand-in"]
    assert os.listdir(tmp_path / "data") == [STANDIN_FILE]


def test_a_machine_without_the_tools_needs_to_be_set_up(tmp_path):
    with pytest.raises(UserError, match=r"No module named no_such_tool\. Set the workshop up as its README says"):
        kit.run_module("no_such_tool", [], tmp_path)


@pytest.fixture(scope="module")
def for_colab(tmp_path_factory):
    """The notebooks for Colab, and the text of their setup cells, by name."""
    folder, _ = colab.make_colab_kit(tmp_path_factory.mktemp("colab"), say=lambda line: None)
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in folder.iterdir()}
    return folder, notebooks, {name: notebook.cells[code(notebook)[0]].source for name, notebook in notebooks.items()}


def code(notebook):
    return [number for number, cell in enumerate(notebook.cells) if cell.cell_type == "code"]


def test_the_notebooks_for_colab_are_small_and_lead_nowhere_that_is_not_there(for_colab):
    folder, notebooks, setups = for_colab
    assert sorted(notebooks) == sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 8e6
    for name, notebook in notebooks.items():
        nbformat.validate(notebook)
        assert notebook.cells[code(notebook)[0]].metadata["cellView"] == "form", "its long line is not shown"
        assert not any(notebook.cells[number].outputs for number in code(notebook))
        text = "".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        assert not re.search(r"\]\((?!https?:|#)", text) and "badge" not in text, name
        assert all(len(line) < 200 for line in setups[name].splitlines() if not line.startswith("packed"))


def test_the_notebooks_for_colab_bring_their_package_without_a_network(for_colab, tmp_path):
    environment = Environment(tmp_path / "venv")
    link_all(environment.packages, without=colab.NOT_IN_COLAB)
    # The second finds what the first brought, which is not enough for it; the third finds all that it needs.
    for name in ("01_load", "05_train", "10_share"):
        (tmp_path / "cell.py").write_text(for_colab[2][name], encoding="utf-8")
        done = environment.run("cell.py", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), name
        assert done.stdout.startswith("Ready: Python") and done.stdout.count("\n") == 1
        assert (environment.packages / "handwriting" / "__init__.py").is_file()
        assert (environment.packages / "workshop").exists() == (name != "01_load")
    assert environment.run("-c", "import workshop.serve; from workshop.runs import run").returncode == 0
    listed = environment.run("-m", "workshop", "run", "99")
    assert "05_train" in listed.stderr, "the notebooks that `run` runs are there"
    assert (environment.python.parent / "handwriting").exists()


def test_a_kit_is_for_colab_or_for_a_stick(tmp_path):
    command = [sys.executable, "-m", "workshop", "kit", "--colab", "--wheels", "--output", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "either --colab or --wheels" in done.stderr
    assert os.listdir(tmp_path) == []
