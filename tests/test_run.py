"""Runs with papermill: what is run, that parameters arrive, and what becomes of failures."""

import dataclasses
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import papermill
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from test_sweep import interrupt, started, write_notebook

from handwriting import load
from handwriting.data.formats import ARRAYS
from handwriting.errors import DataError, ParameterError, UserError
from handwriting.paths import notebooks_folder
from workshop.packages import PIP
from workshop.reports.read_runs import read_runs
from workshop.runs import SERIES, execute, run
from workshop.runs.combinations import Combinations
from workshop.runs.output_location import lock
from workshop.runs.plan import STAGES, absolute, choose, parameters_of, plan
from workshop.runs.record import read_result
from workshop.runs.sweep import plan_sweep
from workshop.runs.warm_kernels import own_address
from workshop.runs.warm_process import ADDRESS, read_early
from workshop.runs.written import rename_earlier, unchanged


@pytest.fixture
def notebook(tmp_path, monkeypatch, no_tensorflow):
    """Write a notebook with these code cells, of which the first may have tags."""

    monkeypatch.setenv("PYTHONPATH", no_tensorflow)
    monitor = execute.KernelMonitor  # whose kernel is a fork here even where it is the only one of a command
    monkeypatch.setattr(execute, "KernelMonitor", lambda run, report, warm: monitor(run, report))

    def write(name, *cells, tags=()):
        return write_notebook(tmp_path / "in" / f"{name}.ipynb", cells, {0: list(tags)})

    return write


@pytest.fixture
def run_notebooks(tmp_path):
    """Plan and run notebooks; gives the runs."""

    def go(*paths, output=tmp_path / "out", **settings):
        runs = plan(paths, settings, output)
        output.mkdir()
        execute.run_all(runs, workers=2)
        return runs

    return go


def text_of(path):
    """All text that an executed notebook shows."""
    outputs = [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])]
    return "\n".join("".join(one.get("text", one.get("data", {}).get("text/plain", ""))) for one in outputs)


def test_names_are_found_in_the_series_order():
    assert [path.stem for path in choose([])] == list(STAGES)
    assert [path.stem for path in choose(["06", "3", "02_visualize", "3"])] == [
        *("02_visualize", "03_prepare", "06_evaluate")
    ]


def test_a_copy_beside_a_notebook_of_the_series_hides_it_from_nobody(tmp_path, monkeypatch):
    assert list(SERIES) == [path.stem for path in sorted(notebooks_folder().glob("*.ipynb"))]
    for name in (*SERIES, "05_train-Copy1", "06_evaluate_anna", "07_notes"):
        (tmp_path / f"{name}.ipynb").touch()
    monkeypatch.setattr("workshop.runs.plan.notebooks_folder", lambda: tmp_path)
    names = ("05", "05_train", "5", "06_evaluate", "07", "05_train-Copy1", "07_notes")
    chosen = [path.stem for name in names for path in choose([name])]
    assert chosen == ["05_train"] * 3 + ["06_evaluate", "07_own_handwriting", "05_train-Copy1", "07_notes"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("05_trian", 'Did you mean "05_train"'),
        ("0", "is not a notebook"),
        ("gone.ipynb", "or a path"),
        ("", '"" is not a notebook'),
        (None, '"None" is not a notebook'),
        (["05"], "is not a notebook. Valid: 01_load"),
        ("README.md", "Valid: 01_load"),
    ],
)
def test_unknown_names_are_explained(name, message):
    with pytest.raises(ParameterError, match=message):
        run(name)


def test_each_notebook_gets_the_parameters_that_it_has(tmp_path):
    runs = plan(choose(["01", "04", "05"]), {"epochs": "2", "hidden": "64"}, tmp_path)
    assert [one.parameters for one in runs] == [{}, {"hidden": 64}, {"hidden": 64, "epochs": 2}]


#: What lies where "own" would be written.
IN_THE_WAY = {
    "link to it": lambda source, output: output.symlink_to(source),
    "second name": lambda source, output: output.hardlink_to(source),
    "folder": lambda source, output: output.mkdir(),
}


@pytest.mark.parametrize("put", IN_THE_WAY.values(), ids=IN_THE_WAY)
def test_a_run_that_would_replace_its_source_or_a_folder_stops_before(notebook, tmp_path, invoke, put):
    source, out = notebook("own", "1"), tmp_path / "out"
    out.mkdir()
    put(source, out / "own.ipynb")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    status, _, errors = invoke("run", source, "--output", out)
    assert status == 1 and re.search("is a folder|would be written to the same file", errors)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()} == before


def test_what_no_run_has_written_is_kept_and_one_line_says_so(notebook, tmp_path, invoke):
    source, output = notebook("own", "1"), tmp_path / "out" / "own.ipynb"
    output.parent.mkdir()
    link = write_notebook(tmp_path / "elsewhere.ipynb", ["'a link'"])
    output.with_name("own-1.ipynb").symlink_to(link)
    own = write_notebook(output, ["'hours of work'"]).read_bytes()
    for name in ("own", "index", "glossary"):
        output.with_name(f"{name}.html").write_text(f"my {name}")
    status, said, _ = invoke("run", source, "--output", output.parent)
    assert status == 0 and said.count("so kept: own.ipynb is now own-2.ipynb, ") == 1 and "and 1 other file." in said
    assert output.with_name("own-2.ipynb").read_bytes() == own and output.with_name("own-1.ipynb").is_symlink()
    assert [output.with_name(f"{name}-1.html").read_text() for name in ("own", "index", "glossary")] == [
        *("my own", "my index", "my glossary")
    ]
    output.unlink()
    output.symlink_to(link)
    before = link.read_bytes()
    assert invoke("run", source, "--output", output.parent)[0] == 0 and link.read_bytes() == before


def words(notebook):
    notebook.cells[0].source = "a = 'mine'"


def marks(notebook):
    notebook.cells[0].metadata = {"slideshow": {"slide_type": "slide", "words": "mine"}}


def a_title(notebook):
    notebook.metadata.title = "mine"


@pytest.mark.parametrize("change", [words, marks, a_title])
def test_what_a_student_wrote_into_an_executed_notebook_stays(tmp_path, change):
    path, run = tmp_path / "own.ipynb", execute.Run("own", tmp_path / "own.ipynb", {}, stamps={})

    def write():
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("a = 1\nb = 2")])
        made.metadata.papermill = {"parameters": {}}
        execute.write(run, made)

    write()
    (tmp_path / "backup.ipynb").hardlink_to(path)
    write()
    assert run.kept == [] and not path.samefile(tmp_path / "backup.ipynb")
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    path.write_text(changed := nbformat.writes(notebook))
    write()
    assert (tmp_path / "own-1.ipynb").read_text() == changed and run.kept == ["own.ipynb is now own-1.ipynb"]
    write()
    assert len(run.kept) == 1 and not (tmp_path / "own-2.ipynb").exists()


def test_an_executed_notebook_of_an_earlier_version_counts_as_ours_whatever_it_notes_when_it_is_saved(tmp_path):
    cells = [{"cell_type": "code", "metadata": {"tags": ["a"], "collapsed": True}, "source": ["a = 1\n", "b = 2"]}]
    metadata = {"title": "t", "handwriting": {"cells": "68c9551cab5c8881"}}
    (tmp_path / "own.ipynb").write_text(json.dumps({"cells": cells, "metadata": metadata}))
    assert unchanged(tmp_path / "own.ipynb")


def test_a_full_disk_leaves_the_earlier_result(tmp_path, monkeypatch):
    run = execute.Run("own", tmp_path / "own.ipynb", {})
    run.output.write_text("earlier")

    def full(*words, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(execute, "execute", lambda run, monitor: "")
    monkeypatch.setattr("pathlib.Path.write_text", full)
    monitor = execute.KernelMonitor(run)
    monitor.notebook = nbformat.v4.new_notebook(metadata={"papermill": {}})
    execute.run_one(run, monitor)
    assert run.state == "failed" and "No space left" in run.error
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("own.ipynb", "earlier")]


NAMES = [("a/own", "b/own"), ("a/own", "b/OWN"), ("index",), ("glossary",), ("report",), ("out/own",)]


@pytest.mark.parametrize("names", NAMES)
def test_notebooks_whose_files_would_be_the_same_are_refused(tmp_path, names):
    paths = [write_notebook(tmp_path / f"{name}.ipynb", ["1"]) for name in names]
    with pytest.raises(ParameterError, match=r"Rename|same file"):
        plan(paths, {}, tmp_path / "out")


def test_a_second_run_in_the_same_folder_stops(notebook, tmp_path, invoke):
    with lock(tmp_path / "out"):
        status, out, errors = invoke("run", notebook("own", "1"), "--output", tmp_path / "out")
    assert status == 1 and "Another run or sweep is using" in errors and out == ""
    assert not (tmp_path / "out" / "own.ipynb").exists()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x = 1  # a=b", {"x": ("1", "a=b")}),
        ("x = 'a=b#c'  # d", {"x": ("'a=b#c'", "d")}),
        ("x: float = 1.5", {"x": ("1.5", "")}),
        ("x = [\n    1,  # one\n    2,\n]  # é = 2", {"x": ("[ 1, # one 2, ]", "é = 2")}),
        ("%matplotlib inline\nx = y = 3\nprint(x == y)\nz: int", {"x": ("3", ""), "y": ("3", "")}),
        ("", {}),
    ],
)
def test_parameters_are_found_as_python_reads_them(tmp_path, line, found):
    path = write_notebook(tmp_path / "own.ipynb", [line], {0: ["parameters"]})
    assert {name: (one["default"], one["help"]) for name, one in parameters_of(path).items()} == found


def test_a_page_that_cannot_be_written_is_named(notebook, tmp_path, invoke):
    (tmp_path / "out" / "glossary.html").mkdir(parents=True)
    status, said, _ = invoke("run", notebook("own", "1"), "--output", tmp_path / "out")
    assert status == 1 and f"written to {tmp_path / 'out' / 'glossary.html'} (Is a directory). Choose another" in said


def test_names_steer_no_terminal(notebook, tmp_path, invoke):
    name = "a [bold]c[x]\x1b[31my left\u202eright"
    status, out, _ = invoke("run", notebook(name, "raise ValueError('\x1b[2J [/x]')"), "--output", tmp_path / "out")
    assert status == 1 and not set(out) & {"\x1b", "\u202e"}
    shown = name.replace("\x1b", "\ufffd").replace("\u202e", "\ufffd")
    assert f"{shown} failed, cell 1: ValueError: \ufffd[2J [/x]" in out


def test_output_that_is_not_utf_8_loses_letters_and_nothing_else(notebook, tmp_path, invoke, monkeypatch):
    path = notebook("é–あ", "print(1)")
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "ascii", write_through=True))
    assert invoke("run", path, "--output", tmp_path / "out")[0] == 0
    assert b"???: done" in sys.stdout.buffer.getvalue() and text_of(tmp_path / "out" / path.name) == "1\n"


def test_what_is_not_a_notebook_or_not_python_is_reported(tmp_path):
    path = write_notebook(tmp_path / "own.ipynb", ["x = = 1"], {0: ["parameters"]})
    with pytest.raises(ParameterError, match="not valid Python"):
        parameters_of(path)


CELLS = '{"cells":[%s],"metadata":{},"nbformat":4,"nbformat_minor":5}'
TAGGED = '{"cell_type":"code","execution_count":null,"id":"a","metadata":{"tags":%s},"outputs":[],"source":%s}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not a complete notebook"),
        (" ", "it is empty"),
        ("\ufeff" + CELLS % "", "it begins with a byte order mark"),
        (CELLS % "" + " " * 500_000 + "[" * 500_001, "far more parts"),
        (CELLS % TAGGED % ("null", '"a = 1"'), "whose tags are not a list"),
        (CELLS % TAGGED % (5, '"a = 1"'), "whose tags are not a list"),
        (CELLS % TAGGED % ('["parameters"]', "null"), "whose source is not text"),
        (CELLS % TAGGED % ('["parameters"]', "{}"), "whose source is not text"),
        (CELLS % TAGGED % ('["parameters"]', '"a = 1' + 100_000 * "+1" + '"'), "too long|not valid"),
        (CELLS % TAGGED % ('["parameters"]', '"a = ' + 200_000 * "-" + '1"'), "too long|not valid"),
    ],
)
def test_what_is_not_a_notebook_is_one_sentence_before_anything_runs(tmp_path, text, reason):
    path = tmp_path / "own.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=rf"({reason}).*\.$"):
        plan([path], {}, tmp_path / "out")


@pytest.mark.parametrize("value", ["nan", "inf", "-1e999"])
def test_numbers_that_json_lacks_are_refused(notebook, tmp_path, invoke, value):
    own, output = notebook("own", "epochs = 1\nmine = 1.0"), tmp_path / "out"
    assert '"mine" must be a finite number' in invoke("run", own, "-p", "mine", value, "--output", output)[2]
    with pytest.raises(ParameterError, match='"mine" must be a finite number'):
        plan([own], {"mine": float(value)}, output)


def test_an_own_notebook_without_a_kernel_gets_its_parameter(notebook, run_notebooks, capfd):
    path = notebook("own", "epochs = 1\nmine = 'a=b'  # x=1", "print(mine)")
    content = json.loads(path.read_text())
    content["metadata"] = {}
    path.write_text(json.dumps(content))
    (done,) = run_notebooks(path, mine="a=c")
    assert done.state == "done" and text_of(done.output) == "a=c\n"
    assert capfd.readouterr().err == ""


def test_a_copy_of_five_under_another_name_goes_first_too(tmp_path):
    five = write_notebook(tmp_path / "zz_my_five.ipynb", ["epochs = 1\nwork_dir = 'w'", "1"], {1: [execute.READY]})
    six = write_notebook(tmp_path / "my_six.ipynb", ["epochs = 1\nwork_dir = 'w'", "1"])
    runs = plan([*choose(["06"]), five, six], {}, tmp_path / "out")
    assert [list(one.waits_for) for one in runs] == [["zz_my_five"], [], ["zz_my_five"]]
    chosen = plan_sweep(["06", str(five), str(six)], Combinations({"epochs": [1]}), tmp_path / "out").notebooks
    assert [path.stem for path in chosen] == ["zz_my_five", "06_evaluate", "my_six"]


def test_one_notebook_alone_starts_no_process_that_forks_its_kernel(monkeypatch, tmp_path):
    seen = []
    monkeypatch.delenv(ADDRESS, raising=False)
    monkeypatch.setattr(execute, "KernelMonitor", lambda run, report, warm: seen.append(warm) or 1 / 0)
    for count in (1, 2):
        with pytest.raises(ZeroDivisionError):
            execute.run_all([execute.Run(str(k), tmp_path / f"{k}.ipynb", {}) for k in range(count)])
    monkeypatch.setenv(ADDRESS, "at hand")
    with pytest.raises(ZeroDivisionError):
        execute.run_all([execute.Run("1", tmp_path / "1.ipynb", {})])
    assert seen == [False, True, True]


@pytest.mark.parametrize("name", ["mnist", "auto", "letters"])
def test_a_name_of_ours_stays_one_whatever_lies_beside(tmp_path, monkeypatch, name):
    (tmp_path / name).mkdir()
    (tmp_path / "sample").mkdir()
    monkeypatch.chdir(tmp_path)
    assert absolute("data", name) == name and absolute("photo", "sample") == "sample"
    assert absolute("data", f"./{name}") == str(tmp_path / name)


def test_paths_with_braces_are_taken_literally_and_what_a_run_has_written_is_written_again(
    notebook, run_notebooks, tmp_path
):
    (done,) = run_notebooks(notebook("own {x}", "print(1 + 1)"), output=tmp_path / "out {y}")
    assert done.state == "done", done.error
    assert text_of(tmp_path / "out {y}" / "own {x}.ipynb") == "2\n"
    assert plan([done.source], {}, tmp_path / "out {y}")[0].output == done.output


#: The command, without the cells that add nothing to the result; nbval runs them.
LEAN = """from dataclasses import replace
from workshop import skip_iri_grammar
skip_iri_grammar()
from workshop.runs import plan
make = plan.plan
plan.plan = lambda *words: [replace(one, lean=True) for one in make(*words)]
if __name__ == "__main__":
    from workshop.__main__ import main
    main()
"""


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """05 and 06 on the stand-in, with other parameters than the default ones."""
    folder = tmp_path_factory.mktemp("quick")
    command = [sys.executable, "-c", LEAN, "run", "05", "06", "--output", str(folder)]
    for name, value in {"data": "stand-in", "epochs": 1, "hidden": 64, "seed": 3}.items():
        command += ["-p", name, str(value)]
    # Its kernels come from where those of other tests do: that saves an import of TensorFlow.
    environment = os.environ | {"CI": "1", ADDRESS: own_address(read_early(os.environ))}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done


def test_parameters_reach_the_notebooks(quick):
    folder, _ = quick
    trained = text_of(folder / "05_train.ipynb")
    assert trained.count("Epoch ") == 1 and "Epoch 1 of 1" in trained
    assert "Using the network you trained in notebook 5 (hidden 64" in text_of(folder / "06_evaluate.ipynb")


def test_the_result_comes_back(quick):
    folder, done = quick
    result = read_result(nbformat.read(folder / "06_evaluate.ipynb", as_version=4))
    assert result["data"] == "stand-in"
    assert result["parameters"] | {"epochs": 1, "hidden": 64, "seed": 3} == result["parameters"]
    assert result["parameter_count"] == 784 * 64 + 64 + 64 * 10 + 10
    assert 0.80 < result["test_accuracy"] < 0.96
    assert f"test accuracy {result['test_accuracy']:.4f}" in done.stdout


def test_a_pipe_gets_plain_lines_and_a_table(quick):
    folder, done = quick
    assert not set(done.stdout) & {"\x1b", "\r", "\b"}
    assert "Running 2 notebooks on stand-in" in done.stdout and "05_train: started" in done.stdout
    assert re.search(r"^06_evaluate: cell \d+ of \d+$", done.stdout, re.MULTILINE)
    assert "peak memory" in done.stdout and str(folder / "index.html") in done.stdout
    assert done.stderr == ""


def test_pages_are_linked_in_order(quick):
    folder, _ = quick
    index = (folder / "index.html").read_text(encoding="utf-8")
    places = [index.index(f'href="{name}.html"') for name in ("05_train", "06_evaluate", "glossary")]
    assert places[0] < places[1]
    page = (folder / "05_train.html").read_text(encoding="utf-8")
    assert 'href="06_evaluate.html" rel="next"' in page and 'rel="prev"' not in page
    assert 'href="05_train.html" rel="prev"' in (folder / "06_evaluate.html").read_text(encoding="utf-8")
    assert 'href="glossary.html#batch"' in page and '<h2 id="batch">' in (folder / "glossary.html").read_text("utf-8")
    assert 'href="04_build.html"' in page and "04_build.ipynb" not in page
    assert "No description has been provided" not in page
    for address in ("<script src", '<link rel="stylesheet"'):
        assert address not in page, "a page must need no network"


@pytest.mark.parametrize(
    ("cell", "words", "told"),
    [
        ("data = 'letters'", [], "letters"),
        ("data = 'letters'", ["-p", "data", "stand-in"], "stand-in"),
        ("data = 'fashion-mnist'", [], None),
        ("data = 'my_images'", [], None),
        ("epochs = 1", [], None),
    ],
)
def test_the_data_that_a_notebook_names_itself_are_those_it_is_run_on(
    notebook, tmp_path, invoke, monkeypatch, small, cell, words, told
):
    def load_digits(source):
        if source == "fashion-mnist":
            raise DataError("not available, but the notebook may use others then")
        return dataclasses.replace(small, name=source)

    monkeypatch.setattr(load, "load_digits", load_digits)
    path = notebook("mine", cell, tags=["parameters"])
    status, printed, _ = invoke("run", path, *words, "--output", tmp_path / "out")
    assert status == 0 and f"Running 1 notebook{f' on {told}' if told else ''}, 1 at" in printed
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert (f"they ran on: {told}." in index) if told else ("they ran on" not in index)


def test_a_failing_cell_is_named_and_the_rest_goes_on(notebook, tmp_path, invoke):
    good = notebook("good", "print('fine')")
    bad = notebook("bad", "print('before')", "def divide():\n    return 1 / 0", "divide()", "print('never')")
    out = tmp_path / "out"
    status, printed, errors = invoke("run", good, bad, "--output", out)
    assert status == 1
    assert "\ngood: cell 1 of 1\n" in printed
    assert "bad failed, cell 3: ZeroDivisionError: division by zero" in printed
    assert "Traceback" not in printed + errors
    assert text_of(out / "good.ipynb") == "fine\n"
    assert "before" in text_of(out / "bad.ipynb") and "never" not in text_of(out / "bad.ipynb")
    assert (out / "bad.html").is_file() and "division by zero" in (out / "index.html").read_text(encoding="utf-8")


MEET = "import time, pathlib\nwhile not pathlib.Path('six').exists():\n    time.sleep(0.05)"


@pytest.mark.parametrize(
    ("five", "tags", "six", "expected"),
    [
        (["1 / 0"], (), ["print(1)"], [("failed", "ZeroDivisionError"), ("skipped", "05_train failed")]),
        (["import time; time.sleep(0.3); open('network', 'w').close()"], (), ["open('network')"], [("done", "")] * 2),
        # 05 would wait for ever, if 06 waited for its end.
        (
            ["open('network', 'w').close()", MEET],
            (execute.READY,),
            ["open('network')", "open('six', 'w')"],
            [("done", "")] * 2,
        ),
    ],
    ids=["is skipped when 05 fails", "waits for its end", "or until it has saved its network"],
)
def test_six_waits_for_five(notebook, run_notebooks, five, tags, six, expected):
    runs = run_notebooks(notebook("05_train", *five, tags=tags), notebook("06_evaluate", *six))
    assert [one.state for one in runs] == [state for state, _ in expected], [one.error for one in runs]
    assert all(text in one.error for one, (_, text) in zip(runs, expected, strict=True))


def test_what_an_earlier_run_wrote_does_not_count_for_one_that_fails(notebook, tmp_path, invoke):
    result = "from handwriting.results import Result\nResult('{}', {}_accuracy=0.5)"
    five = ["epochs = 1", "if epochs == 2:\n    import os; os._exit(1)", result.format("train", "validation")]
    words = ["run", notebook("05_train", *five), notebook("06_evaluate", result.format("evaluate", "test"))]
    words += ["--output", out := tmp_path / "out", "-p", "epochs"]
    assert invoke(*words, "1")[0] == 0 and len(read_runs(out)) == 1
    before = (out / "06_evaluate.ipynb").read_bytes()
    status, said, _ = invoke(*words, "2")
    page = (out / "index.html").read_text(encoding="utf-8")
    assert status == 1 and "what an earlier run wrote is now 06_evaluate.earlier.ipynb" in page
    assert "the kernel died" in said and "The notebook up to the error: " in said
    assert (out / "06_evaluate.earlier.ipynb").read_bytes() == before and not (out / "06_evaluate.html").exists()
    with pytest.raises(UserError, match="it is of an earlier run: the last one did not get so far"):
        read_runs(out)
    invoke(*words, "1")
    assert read_runs(out).skipped[0][0] == "06_evaluate.earlier.ipynb" and len(read_runs(out)) == 1
    invoke(*words, "2")
    assert (out / "06_evaluate.earlier-1.ipynb").read_bytes() == before, "the first one is kept as well"


def test_a_notebook_of_an_earlier_run_that_cannot_be_renamed_is_named(tmp_path, monkeypatch):
    output = tmp_path / "own.ipynb"
    output.write_text("earlier")

    def refuse(*words):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    assert rename_earlier(output) == "own.ipynb is of an earlier run (Permission denied)"
    assert output.read_text() == "earlier"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_ends_kernels_and_keeps_what_is_finished(notebook, tmp_path):
    quick, slow = notebook("quick", "print('done')"), notebook("slow", "import time", "time.sleep(600)")
    with started("run", quick, slow, "--output", tmp_path / "out", "--workers", "2") as process:
        output = ""
        while "slow: cell 1 of 2" not in output or "quick: done" not in output:
            output += process.stdout.readline()
        assert "Stopped. Finished notebooks are kept." in interrupt(process)
    assert text_of(tmp_path / "out" / "quick.ipynb") == "done\n"


def test_a_kernel_that_dies_is_reported(notebook, run_notebooks):
    (died,) = run_notebooks(notebook("dies", "import os; os._exit(1)"))
    assert died.state == "failed" and died.error.startswith("cell 1: the kernel died. Perhaps memory ran out")


@pytest.mark.parametrize(("dying", "starts", "state"), [(2, 3, "done"), (9, execute.STARTS, "failed")])
def test_a_kernel_that_ends_before_it_answers_is_started_again(
    notebook, run_notebooks, tmp_path, monkeypatch, dying, starts, state
):
    (tmp_path / "sitecustomize.py").write_text(
        "import os, sys\n"
        "if 'warm_process' in str(sys.orig_argv):\n"
        "    os._exit(1)\n"  # so that the kernels are cold
        "elif 'ipykernel' in str(sys.orig_argv):\n"
        "    with open(os.environ['STARTS'], 'a+') as log:\n"
        "        log.write('x')\n"
        "        log.flush()\n"
        "        log.seek(0)\n"
        f"        if len(log.read()) <= {dying}:\n"
        "            os._exit(1)\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))
    monkeypatch.setenv("STARTS", str(tmp_path / "starts"))
    (done,) = run_notebooks(notebook("small", "print(6 * 7)"))
    assert (done.state, (tmp_path / "starts").read_text()) == (state, "x" * starts), done.error
    if state == "done":
        assert text_of(done.output) == "42\n" and done.memory_mb > 10
    else:
        assert "Kernel died before replying" in done.error


def test_a_notebook_runs_with_several_values_from_within_python(notebook, tmp_path):
    path = notebook(
        "own",
        "epochs = 1\nhidden = 8",
        "from handwriting.results import Result\nResult('train', validation_accuracy=epochs / 10, seconds_to_fit=1.0)",
    )
    rows = run(str(path), folder=tmp_path / "runs", epochs=[1, 3], hidden=16)
    assert [(row["epochs"], row["hidden"], row["validation_accuracy"]) for row in rows] == [(1, 16, 0.1), (3, 16, 0.3)]
    assert [" ".join(line.split()) for line in repr(rows).splitlines()] == [
        "epochs validation accuracy seconds to fit",
        "1 0.100 1.0",
        "3 0.300 1.0",
    ]
    assert "<td>0.300</td>" in rows._repr_html_()
    assert all(read_result(nbformat.read(row["notebook"], as_version=4)) for row in rows)
    again = run(str(path), folder=tmp_path / "runs", epochs=[1, 3], hidden=16)
    assert repr(again) == repr(rows), "the cell can be run twice"


def test_a_run_that_fails_has_a_row_with_its_error(notebook, tmp_path):
    path = notebook("own", "epochs = 1", "assert epochs < 2, 'too <b>many</b>'")
    rows = run(str(path), folder=tmp_path / "runs", epochs=[1, 2])
    assert "error" not in rows[0] and "too <b>many</b>" in rows[1]["error"]
    assert "AssertionError" in repr(rows) and "<b>" not in rows._repr_html_()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"epoch": 1}, "Did you mean"),
        ({"epochs": [1, 0]}, "must be"),
        ({"epochs": []}, "Give a list with at least one"),
    ],
)
def test_wrong_values_from_within_python_stop_before_anything_runs(values, message, notebook, tmp_path):
    with pytest.raises(ParameterError, match=message):
        run(str(notebook("own", "epochs = 1")), folder=tmp_path / "runs", **values)
    assert not (tmp_path / "runs").exists()


def test_run_can_be_imported_without_papermill_and_says_what_to_install():
    code = (
        "import sys; sys.modules |= dict.fromkeys(('papermill', 'psutil', 'nbformat', 'yaml', 'distributed'))\n"
        "from workshop.runs import run\n"
        "try: run('05', epochs=1)\n"
        "except Exception as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    sentence = f'The package "papermill" is missing. Run in the workshop\'s folder: {PIP} ".[run,serve,lab]"\n'
    assert (done.stdout, done.stderr) == (sentence, "")


def test_papermill_alone_runs_a_notebook_from_any_folder_and_shows_its_parameters(tmp_path, arrays, monkeypatch):
    np.savez(tmp_path / "mine.npz", **dict(zip(ARRAYS, arrays, strict=True)))
    source = notebooks_folder() / "01_load.ipynb"
    monkeypatch.chdir(tmp_path)
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setattr(factory, "default_provisioner_name", "local-provisioner")  # Jupyter's own
    papermill.execute_notebook(str(source), "out.ipynb", {"data": "mine.npz"}, progress_bar=False)
    assert "(240, 28, 28)" in text_of(tmp_path / "out.ipynb")
    shown = papermill.inspect_notebook(str(source.with_name("05_train.ipynb")))
    assert shown["epochs"]["default"] == "4"
    assert shown["epochs"]["help"].startswith('@param {type:"integer"} # 1 to 1000: passes through')
    assert '"rmsprop", "sgd"] # how the weights are updated' in shown["optimizer"]["help"]


def test_interrupted_runs_within_a_notebook_say_what_is_finished_and_leave_nothing_else(tmp_path, monkeypatch):
    def run_all(runs, workers, report):
        runs[0].state, runs[0].result = "done", {"validation_accuracy": 0.5}
        runs[1].state = "stopped"
        for one in runs:
            (one.output.parent / "my_work").mkdir()
            report(one, 1, 1)
        assert not (tmp_path / "hidden=2").exists()
        raise KeyboardInterrupt

    for name in ("hidden=2/.unfinished", "hidden=4/my.txt"):  # a kernel was restarted; a folder of somebody's
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()

    monkeypatch.setattr("workshop.runs.execute.run_all", run_all)
    monkeypatch.setattr("workshop.runs.try_values.RESULTS", results := [])
    with pytest.raises(KeyboardInterrupt) as interrupted:
        run("05", folder=tmp_path, hidden=[8, 16, 4])
    (shown,) = interrupted.value._render_traceback_()
    assert f"1 of 3 runs finished, and kept in {tmp_path}: hidden=8. Run the cell again" in shown
    assert len(results) == 1
    left = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} - {".lock"}
    assert left == {"hidden=8", "hidden=8/my_work", "hidden=4", "hidden=4/my_work", "hidden=4/my.txt"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_runs_within_a_notebook_that_are_stopped_leave_what_was_finished_before(notebook, tmp_path):
    stop = f"if pathlib.Path({str(tmp_path)!r}, 'stop').exists():\n    os.kill({os.getpid()}, signal.SIGINT)"
    cells = ("epochs = 1", f"import os, pathlib, signal, time\n{stop}\n    time.sleep(600)")
    own, folder = notebook("own", *cells), tmp_path / "runs"
    rows = run(str(own), folder=folder, epochs=[1, 2], workers=1)
    before = [Path(row["notebook"]).read_bytes() for row in rows]
    (tmp_path / "stop").touch()
    with pytest.raises(KeyboardInterrupt, match="None of 2 runs finished"):
        run(str(own), folder=folder, epochs=[1, 2], workers=1)
    assert [Path(row["notebook"]).read_bytes() for row in rows] == before
    assert len([*folder.rglob("*.ipynb")]) == 2


def test_runs_within_a_notebook_say_when_each_has_ended(tmp_path, monkeypatch, capsys):
    def run_all(runs, workers, report):
        for one, state in zip(runs, ("running", "failed"), strict=True):
            one.state = state
            report(one, 1, 1)
        runs[0].result = measured

    measured = {"parameters": {"data": "letters"}, "validation_accuracy": 0.5}
    monkeypatch.setattr("workshop.runs.execute.run_all", run_all)
    monkeypatch.setattr("workshop.runs.try_values.RESULTS", results := [])
    run(1, folder=tmp_path, data=["stand-in", "letters"])
    assert capsys.readouterr().out == "1 of 2 runs done\n"
    assert results == [measured | {"is_trial": True}], "a report may be about it"
