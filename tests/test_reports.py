"""Reports on many runs: what is read, what is skipped, and what stands in the table, the notebook and the page."""

import base64
import csv
import json
import math
import os
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from papermill.iorw import papermill_io

from handwriting.errors import UserError
from handwriting.results import MIME
from workshop.reports import figures, report, tables
from workshop.reports.rows import Unusable, curves, read_notebook
from workshop.reports.runs import local_copy, read_runs
from workshop.reports.tables import write_table

USUAL = {
    "hidden": 512,
    "dropout": 0.2,
    "activation": "relu",
    "optimizer": "adam",
    "epochs": 4,
    "batch_size": 128,
    "learning_rate": 0.001,
    "train_size": 55000,
    "seed": 0,
}


def fake_run(folder, data="MNIST", stages=("train", "evaluate"), picture=b"", change=None, **parameters):
    """Write the notebooks of a run that never was; its accuracy grows with `hidden` and `epochs`, and varies by seed.

    `change` takes the result before it is stored, to break it; `picture` is stored in each notebook.
    """
    parameters = USUAL | parameters
    hidden, epochs, seed = (parameters.get(name) or 0 for name in ("hidden", "epochs", "seed"))
    random = np.random.default_rng([abs(hash((hidden, epochs))) % 1000, int(seed)])
    accuracy = float(0.98 - 0.3 / (hidden + 4) - 0.02 / (epochs + 0.2) + random.normal(0, 0.001))
    curve = [accuracy - 0.02 / (epoch + 1) + 0.02 / (epochs or 1) for epoch in range(epochs or 1)]
    history = {"loss": [0.3, 0.2], "accuracy": curve, "val_loss": [0.3, 0.2], "val_accuracy": curve}
    shared = {"data": data, "parameters": parameters, "parameter_count": 795 * hidden + 10}
    shared |= {"seconds_to_fit": epochs * (1 + hidden / 200), "peak_memory_mb": 700, "versions": {"python": "3.12"}}
    measured = {
        "train": {"validation_accuracy": accuracy + 0.001, "validation_loss": 0.1, "training_accuracy": 0.99},
        "evaluate": {"test_accuracy": accuracy, "test_loss": 0.09},
    }
    details = {"train": {"history": history}, "evaluate": {"history": history, "mistakes": [[1, 2, 0.9]] * 300}}
    names = {"train": "05_train.ipynb", "evaluate": "06_evaluate.ipynb"}
    Path(folder).mkdir(parents=True, exist_ok=True)
    for stage in stages:
        result = {"stage": stage, **shared, **measured[stage], "details": details[stage]}
        if change:
            change(result)
        write_notebook(Path(folder, names[stage]), result, picture)
    return Path(folder)


def write_notebook(path, result=None, picture=b"", papermill=None):
    """Write an executed notebook that holds this result."""
    data = {"text/plain": "a result"} | ({MIME: result} if result is not None else {})
    shown = {"image/png": base64.b64encode(picture).decode()}
    outputs = [{"output_type": "display_data", "data": one, "metadata": {}} for one in (shown, data)]
    cell = {"cell_type": "code", "source": "x", "execution_count": 1, "metadata": {}, "outputs": outputs}
    notebook = {
        "cells": [{"cell_type": "markdown", "source": "# x", "metadata": {}}, cell],
        "metadata": {"papermill": papermill or {"duration": 10.5, "exception": None, "parameters": {}}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook), encoding="utf-8")


def name_of(**parameters):
    return ",".join(f"{name}={value}" for name, value in parameters.items())


def sweep(folder, hidden=(16, 64), epochs=(1, 4), seeds=(0, 1, 2)):
    for units in hidden:
        for rounds in epochs:
            for seed in seeds:
                values = {"epochs": rounds, "hidden": units, "seed": seed}
                fake_run(Path(folder, name_of(**values)), **values)
    return Path(folder)


class Page(HTMLParser):
    """A page in parts: its tags, links, descriptions and texts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.alts, self.heads, self.text = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.links += [attributes["href"]] if tag == "a" else []
        self.alts += [attributes.get("alt")] if tag == "img" else []
        self.heads += [attributes.get("scope")] if tag == "th" else []
        assert not any(name.startswith("on") for name in attributes)

    def handle_data(self, data):
        self.text += data


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_is_what_its_two_notebooks_say(tmp_path):
    fake_run(tmp_path / "hidden=64", hidden=64)
    write_notebook(tmp_path / "hidden=64" / "01_load.ipynb")
    runs = read_runs(tmp_path)
    (one,) = runs
    assert one.name == "hidden=64" and one.notebook == "hidden=64/06_evaluate.ipynb"
    assert one.settings == USUAL | {"hidden": 64, "data": "MNIST"}
    assert one.measures["validation_accuracy"] == pytest.approx(one.measures["test_accuracy"] + 0.001)
    assert one.measures["seconds"] == pytest.approx(31.5)  # three notebooks
    assert len(runs.curves(one)["val_accuracy"]) == 4
    assert runs.skipped == [] and runs.duplicates == [] and runs.varying == []


def test_a_folder_can_be_one_run_itself(tmp_path):
    fake_run(tmp_path / "output")
    (one,) = read_runs(tmp_path / "output")
    assert one.name == "output" and one.link == "06_evaluate.ipynb"


def test_seeds_are_put_together_and_ranked_by_validation_accuracy(tmp_path):
    sweep(tmp_path)

    def lucky(result):
        if "test_accuracy" in result:
            result["test_accuracy"] = 0.9999

    fake_run(tmp_path / "lucky", hidden=2, epochs=1, change=lucky)
    runs = read_runs(tmp_path)
    assert len(runs) == 13 and len(runs.settings) == 5
    assert runs.varying == ["hidden", "epochs"]
    best = runs.settings[0]
    assert (best.values["hidden"], best.values["epochs"], len(best.runs)) == (64, 4, 3)
    assert best.spread("test_accuracy") == pytest.approx(np.std(best.all("test_accuracy"), ddof=1))
    assert runs.settings[-1].runs[0].name == "lucky" and runs.settings[-1].spread("test_accuracy") is None
    shown = tables.show_best(runs)
    assert "over 3 seeds, with hidden 64, epochs 4" in shown.sentence
    assert "±" in shown.html and shown.html.count("<tr>") == 6


def test_only_tests_are_ranked_by_them_with_a_caution(tmp_path):
    fake_run(tmp_path / "a", stages=("evaluate",))
    fake_run(tmp_path / "b", stages=("evaluate",), hidden=64)
    runs = read_runs(tmp_path)
    assert runs.measure == "test_accuracy"
    assert "too good by a little" in tables.show_best(runs).sentence


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("validation_accuracy", math.nan, "validation_accuracy is nan, not a number from 0 to 1"),
        ("validation_accuracy", "0.97", 'validation_accuracy is the text "0.97"'),
        ("validation_accuracy", True, "validation_accuracy is True"),
        ("validation_accuracy", 97.3, "validation_accuracy is 97.3"),
        ("validation_accuracy", 10**400, "a number with hundreds of digits"),
        ("validation_accuracy", None, "no validation_accuracy"),
        ("validation_accuracy", [0.9], "validation_accuracy is a list"),
        ("seconds_to_fit", -1, "seconds_to_fit is -1, not a number from 0 up"),
        ("parameters", [1, 2], "parameters are a list, not names with values"),
        ("parameters", {"hidden": {"a": [1]}}, "parameter hidden is a table"),
        ("parameters", {"hidden": math.inf}, "parameter hidden is inf"),
        ("parameters", {str(n): n for n in range(60)}, "60 parameters"),
        ("data", {"name": "MNIST"}, "data is a table"),
    ],
)
def test_a_result_with_something_wrong_in_it_is_skipped_with_the_reason(tmp_path, name, value, reason):
    fake_run(tmp_path / "good")
    fake_run(tmp_path / "bad", seed=1, stages=("train",), change=lambda result: result.update({name: value}))
    runs = read_runs(tmp_path)
    assert [one.name for one in runs] == ["good"]
    ((where, why),) = runs.skipped
    assert where == "bad/05_train.ipynb" and reason in why


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b'{"cells": [', "no whole notebook"),
        (b"\xff\xfe\x00", "no whole notebook"),
        (b"[]", "has no cells"),
        (b'{"cells": 7}', "has no cells"),
        (b"[" * 200_000, "no whole notebook"),
        (b'{"cells": ' + b"9" * 5000 + b"}", "no"),
    ],
)
def test_what_is_no_notebook_is_skipped_with_the_reason(tmp_path, content, reason):
    fake_run(tmp_path / "good")
    (tmp_path / "bad.ipynb").write_bytes(content)
    runs = read_runs(tmp_path)
    assert len(runs) == 1
    assert runs.skipped[0][0] == "bad.ipynb" and reason in runs.skipped[0][1]


@pytest.mark.parametrize(
    "cells",
    [
        [None, 1, "x", []],
        [{"outputs": None}, {"outputs": 3}, {"outputs": [None, 1, {"data": 3}, {"data": {MIME: 5}}]}],
        [{"outputs": [{"data": {MIME: {"stage": ["train"]}}}]}],
        [{"outputs": [{"data": {MIME: {"stage": "stronger", "test_accuracy": 0.9}}}]}],
    ],
)
def test_junk_in_cells_is_no_result(tmp_path, cells):
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": 5}))
    assert read_notebook(path) == {"seconds": None, "failed": False, "result": None}


def test_every_cut_of_a_notebook_is_skipped_or_read(tmp_path):
    path = fake_run(tmp_path, stages=("train",)) / "05_train.ipynb"
    whole = path.read_bytes()
    for end in range(0, len(whole) - 1, 37):
        path.write_bytes(whole[:end])
        with pytest.raises(Unusable):
            read_notebook(path)


def test_files_that_are_too_large_are_not_opened(tmp_path):
    fake_run(tmp_path / "good")
    with (tmp_path / "huge.ipynb").open("wb") as file:
        file.truncate(60_000_000)
    (tmp_path / "folder.ipynb").mkdir()
    reasons = dict(read_runs(tmp_path).skipped)
    assert "60 MB" in reasons["huge.ipynb"] and "no file" in reasons["folder.ipynb"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such files")
def test_a_file_without_an_end_is_not_opened(tmp_path):
    fake_run(tmp_path / "good")
    os.mkfifo(tmp_path / "pipe.ipynb")
    assert read_runs(tmp_path).skipped == [("pipe.ipynb", "it is no file")]


def test_a_run_whose_loss_went_astray_stays(tmp_path):
    for name, loss in (("text", "nan"), ("number", math.inf)):
        fake_run(tmp_path / name, optimizer=name, change=lambda result, loss=loss: result.update(validation_loss=loss))
    runs = read_runs(tmp_path)
    assert len(runs) == 2 and not runs.skipped
    write_table(runs, tmp_path / "results.csv")
    assert [row["validation_loss"] for row in rows_of(tmp_path / "results.csv")] == ["", ""]


def test_older_results_may_lack_anything_but_an_accuracy(tmp_path):
    write_notebook(tmp_path / "a" / "05_train.ipynb", {"validation_accuracy": 0.9})
    write_notebook(tmp_path / "b" / "06_evaluate.ipynb", {"test_accuracy": 0.8, "parameters": None})
    fake_run(tmp_path / "c")
    runs = read_runs(tmp_path)
    assert len(runs) == 3 and not runs.skipped and not runs.duplicates
    write_table(runs, tmp_path / "results.csv")
    for part in every_part(runs):
        assert part.sentence


def every_part(runs):
    return [
        tables.show_best(runs),
        *figures.show_parameters(runs),
        figures.show_time(runs),
        figures.show_curves(runs),
        tables.show_runs(runs),
        tables.show_skipped(runs),
    ]


def test_unfinished_runs_are_named(tmp_path):
    fake_run(tmp_path / "good")
    write_notebook(tmp_path / "bad" / "05_train.ipynb", papermill={"exception": True})
    write_notebook(tmp_path / "bad" / ".ipynb_checkpoints" / "05_train-checkpoint.ipynb")
    assert read_runs(tmp_path).skipped == [("bad", "unfinished: no result in 05_train.ipynb (a cell failed)")]


def test_the_same_run_twice_is_counted_once(tmp_path):
    fake_run(tmp_path / "a", stages=("train",))
    fake_run(tmp_path / "b")
    fake_run(tmp_path / "c")
    fake_run(tmp_path / "d", data="stand-in")
    fake_run(tmp_path / "e", seed=1)
    runs = read_runs(tmp_path)
    assert sorted(one.name for one in runs) == ["b", "d", "e"]  # b went further than a
    assert runs.duplicates == [("a", "b"), ("c", "b")]
    assert runs.varying == ["data"] and "compare only" in repr(runs)


def test_notebooks_of_different_runs_in_one_folder_are_told_apart(tmp_path):
    for hidden in (16, 64):
        fake_run(tmp_path / "x", hidden=hidden, stages=("train",))
        (tmp_path / "x" / "05_train.ipynb").rename(tmp_path / "x" / f"05_{hidden}.ipynb")
    fake_run(tmp_path / "x", hidden=64, stages=("evaluate",))
    runs = {one.name: one for one in read_runs(tmp_path)}
    assert runs.keys() == {"x/05_16", "x/06_evaluate"}
    assert {"test_accuracy", "validation_accuracy"} <= runs["x/06_evaluate"].measures.keys()


def test_no_result_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="is no folder"):
        read_runs(tmp_path / "missing")
    with pytest.raises(UserError, match="There is no result in"):
        read_runs(tmp_path)
    (tmp_path / "x.ipynb").write_text("")
    with pytest.raises(UserError, match=r"x\.ipynb: it is empty"):
        read_runs(tmp_path)
    for folder in (tmp_path / "missing", tmp_path / "x.ipynb", "ftp://x/y"):
        with pytest.raises(UserError):
            report.write_report(folder, say=lambda line: None)


def test_the_table_is_tidy_and_no_cell_is_a_formula(tmp_path):
    fake_run(tmp_path / "a, b", optimizer='=HYPERLINK("x")', activation='say "hi",\nplease', learning_rate=-0.5)
    fake_run(tmp_path / "=1+1", optimizer="-2+3", seconds="+4", **{"@x": True})
    write_table(read_runs(tmp_path), tmp_path / "results.csv")
    rows = {row["run"]: row for row in rows_of(tmp_path / "results.csv")}
    assert rows.keys() == {"a, b", "'=1+1"}
    first, second = rows["a, b"], rows["'=1+1"]
    assert first["optimizer"] == '\'=HYPERLINK("x")' and first["activation"] == 'say "hi",�please'
    assert first["learning_rate"] == "-0.5"  # a number is no text
    assert second["optimizer"] == "'-2+3" and second["'@x"] == "true" and first["'@x"] == ""
    assert second["parameter seconds"] == "'+4" and second["seconds"] == "21.0"
    assert float(first["test_accuracy"]) > 0.9 and first["notebook"] == "a, b/06_evaluate.ipynb"


def test_texts_from_notebooks_are_texts_in_tables_and_figures(tmp_path):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> $\\frac{ _x"
    for seed, text in enumerate((evil, "_hidden", "\ud800\x1b[31m")):
        fake_run(tmp_path / f"a&b'{seed}", optimizer=text, data=evil, **{f"{evil}": text})
    runs = read_runs(tmp_path)
    write_table(runs, tmp_path / "results.csv")
    for part in every_part(runs):
        bundle = part._repr_mimebundle_()
        found = Page(bundle["text/html"])
        assert "script" not in found.tags and not {"svg", "iframe"} & set(found.tags)
        assert all(alt for alt in found.alts)
        bundle["text/html"].encode()
        assert "\x1b" not in bundle["text/plain"]


def test_links_lead_to_the_notebooks(tmp_path, monkeypatch):
    names = ["epochs=1,hidden=16", "100 % & #1", "ü ñ", "a+b;c"]
    for seed, name in enumerate(names):
        fake_run(tmp_path / name, seed=seed)
    monkeypatch.chdir(tmp_path)
    links = Page(tables.show_runs(read_runs(".")).html).links
    assert len(links) == len(names)
    assert all(Path(unquote(link)).is_file() and ":" not in link for link in links)
    assert Page(tables.show_runs(read_runs("."), link=False).html).links == []
    assert Page(tables.show_runs(read_runs(tmp_path)).html).links[0].startswith("file:")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes such names")
def test_any_name_of_a_folder_is_taken(tmp_path, monkeypatch):
    for seed, name in enumerate((b"<b>x", b"javascript:alert(1)", b"\xff\n\x1b[2J", b"[x](http://y)")):
        fake_run(Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))), seed=seed)  # noqa: PTH118
    monkeypatch.chdir(tmp_path)
    runs = read_runs(".")
    page = Page(tables.show_runs(runs).html)
    assert len(runs) == 4 and "b" not in page.tags
    assert all("%3A" in link or ":" not in link for link in page.links)
    assert all(Path(os.fsdecode(unquote(link, errors="surrogateescape"))).is_file() for link in page.links)
    write_table(runs, tmp_path / "results.csv")


def test_a_parameter_is_shown_with_what_else_varies(tmp_path):
    runs = read_runs(sweep(tmp_path, hidden=(1, 16, 64, 512)))
    part = figures.show_parameter(runs, "hidden")
    axes = part.figure.get_axes()[0]
    assert axes.get_xscale() == "log"
    assert "is highest" in part.sentence and "at hidden 512" in part.sentence and "lowest" in part.sentence
    assert "spread over seeds" in part.sentence and "Not all combinations" not in part.sentence
    legend = [text.get_text() for text in part.figure.legends[0].get_texts()]
    assert legend == ["epochs 1", "epochs 4"]
    assert "One line for each epochs" in Page(part.html).alts[0]
    fake_run(tmp_path / "odd", hidden=2, epochs=9)
    assert "Not all combinations" in figures.show_parameter(read_runs(tmp_path), "hidden").sentence
    with pytest.raises(UserError, match='Did you mean "hidden"'):
        figures.show_parameter(runs, "hiden")


def test_texts_are_categories_and_many_numbers_a_cloud(tmp_path):
    for seed in range(40):
        rate = 0.0001 * 1.2**seed
        fake_run(tmp_path / str(seed), learning_rate=rate, optimizer=f"kind {seed % 3}", hidden=16 + seed)
    runs = read_runs(tmp_path)
    part = figures.show_parameter(runs, "optimizer")
    assert next(tick.get_text() for tick in part.figure.get_axes()[0].get_xticklabels()).startswith("kind")
    assert "also differ in hidden, learning rate" in part.sentence
    part = figures.show_parameter(runs, "learning_rate")
    assert "In tenths of the 40 runs" in part.sentence and part.figure.get_axes()[0].get_xscale() == "log"


def test_the_front_is_what_nothing_beats(tmp_path):
    for hidden, seconds in ((16, 1), (64, 5), (32, 9), (512, 20)):
        fake_run(tmp_path / str(hidden), hidden=hidden, change=lambda r, s=seconds: r.update(seconds_to_fit=s))
    sentence = figures.show_time(read_runs(tmp_path)).sentence
    assert sentence.startswith("Nothing beats 3 settings") and "1 s for" in sentence and "the other one " in sentence
    assert "hidden 32" not in sentence


def test_curves_are_sampled_from_best_to_worst(tmp_path):
    for seed in range(45):
        fake_run(tmp_path / str(seed), seed=seed, epochs=1 + seed % 3)
    part = figures.show_curves(read_runs(tmp_path))
    assert part.sentence.startswith("30 of 45 runs, evenly from the best to the worst.")
    assert len(part.figure.get_axes()[0].lines) == 30
    fake_run(tmp_path / "alone" / "x", change=lambda result: result.update(details={"history": {"val_accuracy": "x"}}))
    assert figures.show_curves(read_runs(tmp_path / "alone")).sentence == "No run has stored its learning curves."
    assert curves(tmp_path / "missing.ipynb") == {}


def test_a_page_lists_a_thousand_runs_at_most(tmp_path):
    for seed in range(12):
        fake_run(tmp_path / str(seed), seed=seed)
    part = tables.show_runs(read_runs(tmp_path), most=10)
    assert part.sentence == "The best 10 of 12 runs. The file results.csv has them all."
    assert part.html.count("<tr>") == 11


def test_a_small_report_is_written_whole(tmp_path):
    folder = sweep(tmp_path / "runs <1>" if os.name != "nt" else tmp_path / "runs 1", hidden=(16,))
    (folder / "broken.ipynb").write_text("{")
    (folder / "results.csv").write_text("an older one")
    said = []
    made = report.write_report(folder, say=said.append)
    assert (made["runs"], made["settings"], made["skipped"], made["duplicates"]) == (6, 2, 1, 0)
    assert said[-1].endswith("report.html") and "6 runs of 2 settings (1 skipped) in" in said[1]
    kept = {path.name for path in folder.iterdir() if path.is_file()}
    assert kept == {"broken.ipynb", "results.csv", "report.ipynb", "report.html"}
    assert len(rows_of(folder / "results.csv")) == 6
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert not {"script", "link", "iframe"} & set(page.tags)
    assert "http" not in re.sub(r'src="data:[^"]*"', "", text)
    assert len(page.alts) == 3 and all(page.alts) and set(page.heads) == {"col", "row"}
    assert len(page.links) == 6 + 2 + 2 and all((folder / unquote(link)).is_file() for link in page.links)
    assert "broken.ipynb" in page.text and "prefers-color-scheme" in text
    stored = (folder / "report.ipynb").read_text(encoding="utf-8")
    assert str(tmp_path) not in stored and str(tmp_path) not in text
    notebook = nbformat.reads(stored, as_version=4)
    nbformat.validate(notebook)
    assert not [
        output for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"
    ]
    # The report itself is no run.
    assert len(read_runs(folder)) == 6


def test_a_report_that_cannot_be_written_leaves_everything_as_it_was(tmp_path, monkeypatch):
    folder = fake_run(tmp_path)
    (folder / "results.csv").write_text("old")

    def made_in(folder, link):
        (folder / "results.csv").write_text("new")
        return {}, {"report.ipynb": "x", "report.html": "\ud800"}

    monkeypatch.setattr(report, "made_in", made_in)
    with pytest.raises(UnicodeEncodeError):
        report.write_report(folder, say=lambda line: None)
    assert (folder / "results.csv").read_text() == "old"
    assert not (folder / "report.ipynb").exists() and not (folder / "report.html").exists()


class Store:
    """A store that papermill reaches, in memory."""

    def __init__(self, files):
        self.files = files

    def read(self, path):
        return self.files[path] if path in self.files else self.missing(path)

    def missing(self, path):
        raise FileNotFoundError(path)

    def write(self, text, path):
        self.files[path] = text

    def listdir(self, path):
        return sorted({path + name[len(path) :].partition("/")[0] for name in self.files if name.startswith(path)})

    def pretty_path(self, path):
        return path


@pytest.fixture
def store(monkeypatch):
    made = Store({})
    monkeypatch.setattr(papermill_io, "_handlers", [("s3://", made), *papermill_io._handlers])
    return made


def test_runs_at_an_address_are_read_and_the_report_is_written_there(tmp_path, store, monkeypatch):
    sweep(tmp_path, hidden=(16,), epochs=(1,), seeds=(0, 1))
    for path in tmp_path.rglob("*.ipynb"):
        store.files[f"s3://bucket/x/{path.relative_to(tmp_path).as_posix()}"] = path.read_text()
    store.files["s3://bucket/x/report.ipynb"] = "old"
    assert len(read_runs("s3://bucket/x")) == 2
    with local_copy("s3://bucket/x") as copied:
        notebooks = list(copied.rglob("*.ipynb"))
        assert len(notebooks) == 4 and all(b"image/png" not in path.read_bytes() for path in notebooks)

    def made_in(folder, link):
        write_table(read_runs(folder), folder / "results.csv")
        counts = {"runs": 2, "settings": 1, "skipped": 0, "duplicates": 0, "memory_mb": None}
        return counts, {"report.ipynb": "notebook", "report.html": "page"}

    monkeypatch.setattr(report, "made_in", made_in)
    made = report.write_report("s3://bucket/x/", say=lambda line: None)
    assert made["page"] == "s3://bucket/x/report.html"
    assert store.files["s3://bucket/x/report.ipynb"] == "notebook" and store.files["s3://bucket/x/results.csv"]
    assert store.files[made["page"]] == "page"
