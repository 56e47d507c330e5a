"""The command line: what it says, and its exit status."""

import json
import shutil
import subprocess
import sys
import types
from pathlib import Path

import pytest

from handwriting import __version__
from handwriting.data import standin
from handwriting.data.registry import FILES
from handwriting.parameters import PARAMETERS
from handwriting.results import MIME
from workshop import __main__ as entry
from workshop import cli, terminal

COMMANDS = "doctor run data slides kit serve class-report sweep report compare params".split()


@pytest.mark.parametrize("command", ["", *COMMANDS, "data status", "data fetch"])
def test_help_is_there_for_everything(invoke, command):
    status, out, _ = invoke(*command.split(), "--help")
    assert status == 0 and f"Usage: handwriting {command}" in out
    assert command or [line.split()[0] for line in out.partition("Commands:")[2].splitlines()[1:]] == COMMANDS


def test_it_runs_as_a_module_and_as_a_command(command):
    assert command("--version").stdout == f"handwriting {__version__}\n"
    script = shutil.which("handwriting", path=Path(sys.executable).parent)
    assert subprocess.run([script, "--version"], capture_output=True, text=True).stdout.endswith(f"{__version__}\n")


#: What is said about words, each line of which is a command.
REFUSED = {
    "Did you mean 'run'": "rnu",
    "is an address": "run --output s3://bucket/x\nslides --output gs://bucket/x",
    "has no bucket": "sweep -p epochs 1 --output s3://\nsweep -p epochs 1 --output s3:///runs",
    "path is empty": "run --output=\nsweep -p epochs 1 --output=",
    'Did you mean "05_train"': "run 05_trian\nslides 05_trian",
    'Did you mean "epochs"': "run -p epoch 1",
    'Did you mean "mnist"': "run -p data mnits\ndata fetch mnits",
    '"epochs" must be a whole number': "run -p epochs -1\nsweep -p epochs 1,0",
    '"hidden" must be a whole number': "run -p hidden abc",
    '"dropout" must be a number from 0 to below 1': "run -p dropout 1.5",
    "has no value": "run -p epochs\nsweep -p epochs",
    "workers": "run --workers -1",
    "No such option": "run --foo\ndoctor --jsn\nreport --no-names runs",
    "Choose another --output": "slides 01 --output /dev/null/x\nkit --output /dev/null/x",
    "Nothing can be written to": "run 01 -p data stand-in --output /dev/null/x\nsweep -p epochs 1 --output /dev/null/x",
    # What is wrong with a path is told by one function; each option that takes a path asks it.
    "home folder of a user who is not on this machine": """run 01 --output ~nobody.here/x
        run ~nobody.here/x.ipynb\nrun 01 -p data ~nobody.here/x\nsweep -p data ~nobody.here/x""",
    "File name too long": "\n".join(
        f"{option}{'x' * 300}.ipynb"
        for option in ("sweep -p epochs 1 --output ", "params ", "run 07 -p photo ", "sweep -f ", "report ")
    ),
    "a pipe or a device": "sweep -f /dev/zero\nrun 01 --output /dev/zero",
    "is not a notebook": "run /dev/zero/x.ipynb",
    "To run notebook 2, write 02": "sweep -p epochs 1 2 3",
    "takes numbers from 1 to 10, such as 1-6": "class-report . --notebooks 1-11",
    "more": "data fetch mnist more",
    "needs values to try": "sweep",
    '"epochs" is given twice: 1 and 2.': "run -p epochs 1 -p epochs 2",
    "Leave out one of them": "sweep -p epochs 1 --workers 2 --scheduler tcp://x:1",
    "same length": "sweep -p epochs 1,2 -p hidden 1,2,3 --zip",
    "cannot be read": "sweep -f gone.yaml",
}


@pytest.mark.parametrize(
    ("words", "message"), [(line, message) for message, words in REFUSED.items() for line in words.splitlines()]
)
def test_bad_words_are_explained_before_anything_runs(invoke, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    status, out, errors = invoke(*words.split())
    assert status == 1
    assert message in errors and out == ""
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_no_path_is_not_this_folder(invoke, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "network.keras").touch()
    assert "The path is empty" in invoke("serve", "", "--port", "0")[2]


def test_a_sweep_with_data_that_do_not_exist_stops_before_anything_runs(invoke, tmp_path):
    status, _, errors = invoke("sweep", "-p", "data", "nowhere.npz", "--output", tmp_path / "out")
    assert status == 1 and "There is no file or folder nowhere.npz" in errors and "Traceback" not in errors


def test_status_names_what_is_broken(invoke, no_data):
    folder = no_data / "mnist"
    folder.mkdir(parents=True)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"cut")
    lines = invoke("data", "status")[1].splitlines()
    assert lines[0].split()[:2] == ["mnist", "incomplete"] and str(folder) in lines[0]
    assert "  broken     t10k-labels-idx1-ubyte.gz" in lines
    assert len([line for line in lines if line.startswith("  missing")]) == len(FILES["mnist"]) - 1
    assert lines[-1] == f"Cache: {no_data}"


def test_fetch_draws_the_stand_in_and_status_shows_it(invoke, no_data, monkeypatch, arrays):
    monkeypatch.setattr(standin, "make_standin", lambda: arrays)
    assert invoke("data", "fetch", "stand-in")[0] == 0
    (cached,) = no_data.glob("stand-in-*.npz")
    assert "stand-in       whole " in invoke("data", "status")[1]
    cached.write_bytes(cached.read_bytes()[:1000])
    assert "stand-in       broken " in invoke("data", "status")[1]


@pytest.mark.parametrize("name", ["mnist", "qmnist"])
def test_fetch_without_a_mirror_that_answers_is_one_sentence(invoke, no_data, monkeypatch, name):
    for variable in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")  # nothing listens there
    status, _, errors = invoke("data", "fetch", name)
    assert status == 1
    assert errors.startswith(f"{name} cannot be downloaded") and "proxy" in errors
    assert "Traceback" not in errors


def test_an_incomplete_folder_is_explained(invoke, tmp_path):
    (tmp_path / "train-images-idx3-ubyte").write_bytes(b"no pictures")
    status, _, errors = invoke("run", "01", "-p", "data", tmp_path, "--output", tmp_path / "out")
    assert status == 1
    assert "is not one of MNIST's files" in errors


def test_a_terminal_gets_bars(tmp_path, monkeypatch):
    from rich.console import Console

    from workshop.runs.execute import Run

    monkeypatch.delenv("CI", raising=False)
    console = Console(force_terminal=True, width=100, record=True, file=(tmp_path / "screen").open("w"))
    monkeypatch.setattr(terminal, "out", console)
    run = Run(tmp_path / "05_train.ipynb", tmp_path / "out.ipynb", {}, state="running")
    with terminal.RunDisplay([run]) as display:
        display.report(run, 0, 0)
        display.report(run, 3, 12)
        display.bars.refresh()
    assert "cell 3 of 12" in console.export_text()


def test_slides_are_made_of_the_notebooks_that_are_named(invoke, tmp_path):
    status, out, _ = invoke("slides", "02", "5", "--output", tmp_path / "slides")
    assert status == 0 and f"Slides of 2 notebooks. Open: {tmp_path / 'slides' / 'index.html'}" in out
    written = {path.name for path in (tmp_path / "slides").iterdir()}
    assert written == {"02_visualize.slides.html", "05_train.slides.html", "index.html"}


def test_slides_of_a_notebook_that_was_not_built_say_what_to_run(invoke, tmp_path, monkeypatch):
    (tmp_path / "source").mkdir()
    for name in ("01_load", "02_visualize"):
        (tmp_path / "source" / f"{name}.py").write_text("# %%")
    monkeypatch.setattr(cli, "notebooks_folder", lambda: tmp_path)
    status, _, said = invoke("slides", "--output", tmp_path / "slides")
    assert status == 1 and said == "The notebook 01_load is not built yet: run `make notebooks`.\n"
    assert not (tmp_path / "slides").exists()


def test_the_doctor_finds_a_broken_tensorflow_and_exits_with_1(invoke, tmp_path, monkeypatch):
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise ImportError('DLL load failed')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    status, printed, _ = invoke("doctor", "--json")
    found = json.loads(printed)
    states = {check["name"]: check["state"] for check in found["checks"]}
    assert status == 1 and found["ok"] is False
    assert states.pop("TensorFlow") == "problem" and "problem" not in states.values()


def test_params_tells_type_default_range_and_where(invoke):
    status, out, _ = invoke("params")
    lines = {line.split()[0]: " ".join(line.split()) for line in out.splitlines() if line and line[0] != " "}
    assert status == 0 and set(lines) == set(PARAMETERS)
    assert lines["epochs"] == "epochs whole number, 1 to 1000; default 4; in 05 09"
    assert lines["optimizer"] == "optimizer one of adam, rmsprop, sgd; default adam; in 04 05"
    assert lines["data"].endswith("; default auto in 01 02 03 04 05 06 07 08 10, fashion-mnist in 09")
    assert "passes through all training images" in out
    status, out, _ = invoke("params", "06")
    assert {line.split()[0] for line in out.splitlines() if line and line[0] != " "} == {"data", "work_dir"}


def test_compare_puts_two_runs_side_by_side(invoke, tmp_path):
    for name, accuracy in (("a", 0.9), ("b", 0.95)):
        result = {"stage": "evaluate", "data": "mnist", "parameters": {"seed": 0}, "test_accuracy": accuracy}
        cell = {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {MIME: result}}], "source": ""}
        notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (tmp_path / name).mkdir()
        (tmp_path / name / "06_evaluate.ipynb").write_text(json.dumps(notebook))
    status, out, _ = invoke("compare", tmp_path / "a", tmp_path / "b")
    assert status == 0 and "+0.0500" in out and "spread unknown" in out


def test_an_error_of_the_system_is_one_sentence(invoke, monkeypatch):
    def full(*words):
        raise OSError(28, "No space left on device", "/some/where")

    monkeypatch.setattr(cli.cache, "status", full)
    assert invoke("data", "status") == (1, "", "/some/where cannot be used: No space left on device.\n")


@pytest.mark.parametrize("words", [("report",), ("report", "--class"), ("class-report",), ("compare", "gone")])
def test_a_folder_without_results_is_explained(words, invoke, tmp_path):
    status, _, errors = invoke(*words, tmp_path / "gone")
    assert status == 1 and "gone" in errors and "Traceback" not in errors


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ImportError('libgcc.so: gone')", 'The package "papermill" cannot be loaded (libgcc.so: gone). Run: '),
        ("import ghost.part", 'The package "ghost" is missing. Run in the workshop\'s folder: '),
    ],
)
def test_a_package_that_a_command_imports_late_is_named(command, tmp_path, code, said):
    (tmp_path / "papermill.py").write_text(code)
    done = command("run", "01", "--output", tmp_path / "out", env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 1 and done.stderr.startswith(said) and len(done.stderr.splitlines()) == 1
    assert sys.executable in done.stderr


def test_ctrl_c_while_the_command_is_imported_ends_it_silently(monkeypatch):
    class Interrupted(types.ModuleType):
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "workshop.cli", Interrupted("workshop.cli"))
    with pytest.raises(SystemExit) as end:
        entry.main()
    assert end.value.code == 130
