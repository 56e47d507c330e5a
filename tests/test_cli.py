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

LONG = "x" * 300
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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("rnu", "Did you mean 'run'"),
        ("run --output s3://bucket/x", "is an address"),
        ("slides --output gs://bucket/x", "is an address"),
        ("sweep -p epochs 1 --output s3://", "has no bucket"),
        ("sweep -p epochs 1 --output s3:///runs", "has no bucket"),
        ("run --output=", "path is empty"),
        ("sweep -p epochs 1 --output=", "path is empty"),
        ("run 05_trian", 'Did you mean "05_train"'),
        ("run -p epoch 1", 'Did you mean "epochs"'),
        ("run -p epochs -1", '"epochs" must be a whole number from 1 to 1000'),
        ("run -p hidden abc", '"hidden" must be a whole number'),
        ("run -p dropout 1.5", '"dropout" must be a number from 0 to below 1'),
        ("run -p data mnits", 'Did you mean "mnist"'),
        ("run -p epochs", '"epochs" has no value'),
        ("run --workers -1", "workers"),
        ("run --foo", "No such option"),
        ("data fetch mnits", 'Did you mean "mnist"'),
        ("slides 05_trian", 'Did you mean "05_train"'),
        ("slides --output /dev/null/x", "Choose another --output"),
        ("kit --output /dev/null/x", "Choose another --output"),
        ("run 01 -p data stand-in --output /dev/null/x", "Nothing can be written to"),
        ("sweep -p epochs 1 --output /dev/null/x", "Nothing can be written to"),
        ("doctor --jsn", "No such option"),
        ("run 01 --output ~nobody.here/x", "home folder of a user who is not on this machine"),
        ("sweep -p epochs 1 --output ~nobody.here/x", "home folder of a user"),
        ("run ~nobody.here/x.ipynb", "home folder of a user"),
        ("run 01 -p data ~nobody.here/x", "home folder of a user"),
        ("sweep -p data ~nobody.here/x", "home folder of a user"),
        ("sweep -f ~nobody.here/x", "home folder of a user"),
        (f"run 01 --output {LONG}", "File name too long"),
        (f"sweep -p epochs 1 --output {LONG}", "File name too long"),
        (f"run {LONG}.ipynb", "File name too long"),
        (f"params {LONG}.ipynb", "File name too long"),
        (f"run 07 -p photo {LONG}", "File name too long"),
        (f"sweep -f {LONG}", "File name too long"),
        (f"report {LONG}", "File name too long"),
        ("sweep -f /dev/zero", "a pipe or a device"),
        ("run 01 --output /dev/zero", "a pipe or a device"),
        ("run /dev/zero/x.ipynb", "is not a notebook"),
        ("sweep -p epochs 1 2 3", "To run notebook 2, write 02"),
        ("report --no-names runs", "No such option: --no-names"),
        ("class-report . --notebooks 1-11", "takes numbers from 1 to 10, such as 1-6"),
        ("data fetch mnist more", "more"),
        ("sweep", "needs values to try"),
        ("run -p epochs 1 -p epochs 2", '"epochs" is given twice: 1 and 2.'),
        ("sweep -p epochs 1,0", '"epochs" must be a whole number'),
        ("sweep -p epochs", "has no value"),
        ("sweep -p epochs 1 --workers 2 --scheduler tcp://x:1", "Leave out one of them"),
        ("sweep -p epochs 1,2 -p hidden 1,2,3 --zip", "same length"),
        ("sweep -f gone.yaml", "cannot be read"),
    ],
)
def test_bad_words_are_explained_before_anything_runs(invoke, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    status, out, errors = invoke(*words.split())
    assert status == 1
    assert message in errors and out == ""
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_a_sweep_with_data_that_do_not_exist_stops_before_anything_runs(invoke, tmp_path):
    status, _, errors = invoke("sweep", "-p", "data", "nowhere.npz", "--output", tmp_path / "out")
    assert status == 1 and "There is no file or folder nowhere.npz" in errors and "Traceback" not in errors


def test_status_names_what_is_broken(invoke, no_data):
    folder = no_data / "mnist"
    folder.mkdir(parents=True)
    (folder / "t10k-labels-idx1-ubyte.gz").write_bytes(b"cut")
    lines = invoke("data", "status")[1].splitlines()
    assert lines[0].split()[:2] == ["mnist", "incomplete"] and str(folder) in lines[0]
    assert "  broken   t10k-labels-idx1-ubyte.gz" in lines
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


def test_ctrl_c_while_the_command_is_imported_ends_it_silently(monkeypatch):
    class Interrupted(types.ModuleType):
        def __getattr__(self, name):
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "workshop.cli", Interrupted("workshop.cli"))
    with pytest.raises(SystemExit) as end:
        entry.main()
    assert end.value.code == 130
