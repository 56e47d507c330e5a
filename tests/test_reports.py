"""Reports on many runs: what is read, what is skipped, and what stands in the table, the notebook and the page."""

import csv
import json
import math
import os
import re
import sys
from pathlib import Path
from urllib.parse import unquote

import nbformat
import numpy as np
import pytest
from conftest import Later
from nbclient import NotebookClient
from pages import read_page
from papermill.iorw import papermill_io

from handwriting.errors import UserError
from handwriting.paths import digest, say_kept, seal_page
from handwriting.results import MIME
from handwriting.widgets.output import png
from workshop.runs import output_location
from workshop.runs.written import seal

charts, report, tables = (Later(f"workshop.reports.{name}") for name in ("charts", "report", "tables"))
local_copy, read_runs = (Later(f"workshop.reports.read_runs:{name}") for name in ("local_copy", "read_runs"))

USUAL = {"hidden": 512, "dropout": 0.2, "activation": "relu", "optimizer": "adam", "epochs": 4, "batch_size": 128}
USUAL |= {"learning_rate": 0.001, "train_size": 55000, "seed": 0}


def fake_run(folder, data="MNIST", stages=("train", "evaluate"), change=None, **parameters):
    """Write the notebooks of a run that never was; its accuracy grows with `hidden` and `epochs`, and varies by seed.

    `change` takes the result before it is stored, to break it.
    """
    parameters = USUAL | parameters
    hidden, epochs, seed = (parameters.get(name) or 0 for name in ("hidden", "epochs", "seed"))
    random = np.random.default_rng([abs(hash((hidden, epochs))) % 1000, int(seed)])
    accuracy = float(0.98 - 0.3 / (hidden + 4) - 0.02 / (epochs + 0.2) + random.normal(0, 0.001))
    curve = [accuracy - 0.02 / (epoch + 1) + 0.02 / (epochs or 1) for epoch in range(epochs or 1)]
    shared = {"data": data, "parameters": parameters, "parameter_count": 795 * hidden + 10, "peak_memory_mb": 700}
    shared |= {"seconds_to_fit": epochs * (1 + hidden / 200), "details": {"history": {"val_accuracy": curve}}}
    measured = {
        "train": {"validation_accuracy": accuracy + 0.001, "validation_loss": 0.1, "training_accuracy": 0.99},
        "evaluate": {"test_accuracy": accuracy, "test_loss": 0.09},
    }
    for stage in stages:
        result = {"stage": stage, **shared, **measured[stage]}
        if change:
            change(result)
        name = {"train": "05_train", "evaluate": "06_evaluate"}[stage]
        write_notebook(Path(folder, f"{name}.ipynb"), result)
    return Path(folder)


def pass_on(folder, pattern="*.ipynb", **parameters):
    """Note in a run's notebooks what papermill passed to them; return the folder."""
    for path in folder.glob(pattern):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook["metadata"]["papermill"]["parameters"] = parameters
        path.write_text(json.dumps(notebook), encoding="utf-8")
    return folder


def write_notebook(path, result=None, papermill=None):
    """Write an executed notebook with this result in it."""
    shown = [{"image/png": ""}, {"text/plain": "a result"} | ({MIME: result} if result is not None else {})]
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}} for data in shown]
    cell = {"cell_type": "code", "source": "x", "execution_count": 1, "metadata": {}, "outputs": outputs}
    notebook = {"cells": [cell], "metadata": {"papermill": papermill or {"duration": 10.5, "exception": None}}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook | {"nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")


def name_of(**parameters):
    return ",".join(f"{name}={value}" for name, value in parameters.items())


def sweep(folder, hidden=(16, 64), epochs=(1, 4), seeds=(0, 1, 2)):
    for units in hidden:
        for rounds in epochs:
            for seed in seeds:
                values = {"epochs": rounds, "hidden": units, "seed": seed}
                fake_run(Path(folder, name_of(**values)), **values)
    return Path(folder)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_of(runs):
    return sorted(runs.table["run"])


def findings(runs):
    shown = [tables.best(runs), *(charts.by_parameter(runs, name) for name in runs.names)]
    return [*shown, charts.by_time(runs), charts.learning_curves(runs), tables.all_runs(runs), tables.left_out(runs)]


def table_of(finding):
    return read_page(finding.content._repr_html_())


# What is read.


def test_a_run_is_what_its_two_notebooks_say(tmp_path):
    fake_run(tmp_path / "hidden=64", hidden=64)
    write_notebook(tmp_path / "hidden=64" / "01_load.ipynb")
    runs = read_runs(tmp_path)
    (one,) = runs.table.to_dict("records")
    assert one["run"] == "hidden=64" and one["notebook"] == "hidden=64/06_evaluate.ipynb"
    assert {name: one[name] for name in runs.names} == USUAL | {"hidden": 64, "data": "MNIST"}
    assert one["validation_accuracy"] == pytest.approx(one["test_accuracy"] + 0.001)
    assert one["seconds"] == pytest.approx(31.5)  # three notebooks
    assert len(runs.curves[0]) == 4
    assert runs.skipped == [] and runs.duplicates == [] and runs.varying == []
    alone = read_runs(tmp_path / "hidden=64")  # a folder can be one run itself
    assert names_of(alone) == ["hidden=64"] and alone.links[0] == "06_evaluate.ipynb"


def test_seeds_are_put_together_and_ranked_by_validation_accuracy(tmp_path):
    sweep(tmp_path)

    def lucky(result):
        if "test_accuracy" in result:
            result["test_accuracy"] = 0.9999

    fake_run(tmp_path / "lucky", hidden=2, epochs=1, change=lucky)
    runs = read_runs(tmp_path)
    assert len(runs) == 13 and len(runs.settings) == 5
    assert runs.varying == ["hidden", "epochs"]
    best, last = runs.settings.iloc[0], runs.settings.iloc[-1]
    assert (best["hidden"], best["epochs"], best["runs"]) == (64, 4, 3)
    measured = runs.table["test_accuracy"][runs.setting == 0]
    assert best["test_accuracy"] == pytest.approx(np.mean(measured))
    assert best["test_accuracy spread"] == pytest.approx(np.std(measured, ddof=1))
    assert last["test_accuracy"] == 0.9999 and math.isnan(last["test_accuracy spread"])
    assert runs.best_first()["run"].iloc[-1] == "lucky"
    shown = tables.best(runs)
    assert "over 3 seeds, with hidden 64, epochs 4" in shown.sentence
    assert "±" in table_of(shown).text and table_of(shown).tags.count("tr") == 6


def test_a_result_of_any_stage_counts_and_one_of_the_series_first(tmp_path):
    write_notebook(tmp_path / "a" / "own.ipynb", {"stage": "mine", "test_accuracy": 0.5, "parameters": {"alpha": 1}})
    write_notebook(tmp_path / "b" / "own.ipynb", {"stage": "mine", "score": 7, "parameters": {"alpha": 2}})
    trained = fake_run(tmp_path / "c", stages=("train",)) / "05_train.ipynb"
    executed = json.loads(trained.read_text())
    executed["cells"].append({"cell_type": "code", "outputs": [{"data": {MIME: {"stage": "mine", "note": 1}}}]})
    trained.write_text(json.dumps(executed))
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["a", "b", "c"] and runs.skipped == []
    accuracies = runs.table.set_index("run")[["test_accuracy", "validation_accuracy"]].notna()
    assert accuracies.to_numpy().tolist() == [[True, False], [False, False], [False, True]]
    assert len(findings(read_runs(tmp_path / "b"))) == 6  # without any accuracy
    both = fake_run(tmp_path / "d", stages=("train", "evaluate"))
    (tmp_path / "a" / "own.ipynb").rename(both / "own.ipynb")
    runs = read_runs(both)
    assert runs.table["test_accuracy"].tolist() != [0.5] and [place for place, _ in runs.skipped] == ["own.ipynb"]
    (both / "own.ipynb").rename(tmp_path / "own.ipynb")
    write_notebook(tmp_path / "other.ipynb", {"stage": "x", "test_accuracy": 0.6, "parameters": {"alpha": 1}})
    assert sorted(read_runs(tmp_path).table["test_accuracy"].dropna())[:2] == [0.5, 0.6], "other programs"


def test_settings_that_were_only_tested_are_ranked_by_that_with_a_caution(tmp_path):
    for hidden in (32, 64):
        fake_run(tmp_path / str(hidden), stages=("evaluate",), hidden=hidden)
    runs = read_runs(tmp_path)
    assert runs.measure == "test_accuracy" and "a little too high" in tables.best(runs).sentence


def test_what_cannot_be_used_is_skipped_with_the_reason(tmp_path):
    fake_run(tmp_path / "good")
    fake_run(tmp_path / "bad", stages=("train",), change=lambda result: result.update(validation_accuracy=97.3))
    (tmp_path / "broken.ipynb").write_text('{"cells": [')
    (tmp_path / "runs.zip").write_bytes(b"PK")
    write_notebook(tmp_path / "failed" / "05_train.ipynb", papermill={"exception": True})
    write_notebook(tmp_path / "failed" / ".ipynb_checkpoints" / "05_train-checkpoint.ipynb")
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["good"]
    reasons = dict(runs.skipped)
    assert reasons.keys() == {"bad/05_train.ipynb", "broken.ipynb", "runs.zip", "failed"}
    assert "validation_accuracy is 97.3" in reasons["bad/05_train.ipynb"]
    assert "not a complete notebook" in reasons["broken.ipynb"] and "archive" in reasons["runs.zip"]
    assert reasons["failed"] == "unfinished: no result in 05_train.ipynb (a cell failed)"
    page = table_of(tables.left_out(runs))
    assert all(reason in page.text for reason in reasons.values())
    assert tables.left_out(runs, most=2).sentence.endswith("The table shows the first 2 of them.")


def test_older_results_may_lack_anything_but_an_accuracy_and_a_loss_may_have_diverged(tmp_path):
    write_notebook(tmp_path / "a" / "05_train.ipynb", {"validation_accuracy": 0.9})
    write_notebook(tmp_path / "b" / "06_evaluate.ipynb", {"test_accuracy": 0.8, "parameters": None})
    runs = read_runs(tmp_path)
    assert len(runs) == 2 and runs.names == [] and all(finding.sentence for finding in findings(runs))
    fake_run(tmp_path / "c", change=lambda result: result.update(test_loss="nan", validation_loss=math.inf))
    runs = read_runs(tmp_path)
    assert len(runs) == 3 and not runs.skipped and not runs.duplicates
    tables.write_csv(runs, tmp_path / "results.csv")
    rows = rows_of(tmp_path / "results.csv")
    assert [(row["parameter_count"], row["validation_loss"]) for row in rows] == [("", ""), ("", ""), ("407050", "")]
    assert all(finding.sentence for finding in findings(runs))


def test_the_same_run_twice_is_counted_once(tmp_path):
    fake_run(tmp_path / "a", stages=("train",))
    fake_run(tmp_path / "b")
    fake_run(tmp_path / "c")
    fake_run(tmp_path / "d", data="stand-in")
    fake_run(tmp_path / "e", seed=1)
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["b", "d", "e"]  # b went further than a
    assert runs.duplicates == [("a", "b"), ("c", "b")]
    assert runs.varying == ["data"] and "compare only" in repr(runs)
    assert "c" in table_of(tables.left_out(runs)).text
    for name, value in (("f", 1), ("g", 1.0), ("h", True), ("i", "1")):
        fake_run(tmp_path / name, lean=value)
    runs = read_runs(tmp_path)  # true is not 1, and 1 is 1.0
    assert names_of(runs) == ["b", "d", "e", "f", "h", "i"] and ("g", "f") in runs.duplicates


def test_data_are_known_by_their_content_not_by_their_name(tmp_path):
    prints = {"a": "0123456789abcdef", "b": "fedcba9876543210", "c": "fedcba9876543210", "old": None}
    for name, value in prints.items():
        fake_run(tmp_path / name, data="set", change=lambda result, value=value: result.update(data_fingerprint=value))
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["a", "b", "old"] and runs.duplicates == [("c", "b")] and "compare only" in repr(runs)
    found = runs.table.set_index("run")["data"]
    assert found.to_dict() == {"a": "set (01234567)", "b": "set (fedcba98)", "old": "set"}
    assert set(runs.table["data_fingerprint"].dropna()) == {prints["a"], prints["b"]}
    fake_run(tmp_path / "one" / "new", data="set", change=lambda result: result.update(data_fingerprint=prints["a"]))
    fake_run(tmp_path / "one" / "old", data="set")
    assert len(read_runs(tmp_path / "one")) == 1  # what is not known agrees with anything
    for name in "ab":  # notebooks that do not know of fingerprints
        pass_on(fake_run(tmp_path / "paths" / name, data="letters"), data=f"/x/{name * 30}/my own letters")
    found = read_runs(tmp_path / "paths").table["data"]
    assert sorted(found) == [f"letters ({name * 10}/my own letters)" for name in "ab"]
    for number, value in enumerate((5, 5, True, "x" * 400)):  # whatever a notebook of one's own calls "data"
        result = {"stage": "evaluate", "test_accuracy": 0.9, "data_fingerprint": 16 * str(number)}
        write_notebook(tmp_path / "odd" / f"{number}.ipynb", result | {"parameters": {"data": value}})
    found = read_runs(tmp_path / "odd").table["data"].tolist()
    assert found == ["5 (00000000)", "5 (11111111)", "True", f"{119 * 'x'}…"]
    run = fake_run(tmp_path / "both")
    for stage, data in {"05_train": "mnist", "06_evaluate": "auto"}.items():
        pass_on(run, f"{stage}.ipynb", data=data)
    assert len(read_runs(run)) == 1


def test_whatever_was_passed_tells_runs_apart(tmp_path):
    for name, value in {"a": "none", "b": "cosine", "c": 1.5, "d": True, "e": [1, 2], "f": "cosine"}.items():
        pass_on(fake_run(tmp_path / name), schedule=value, hidden=512, nothing=None)
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["a", "b", "c", "d", "e"] and runs.duplicates == [("f", "b")]
    assert runs.varying == ["schedule"] and "nothing" not in runs.names
    for name, source in {"g": "/x/05_train.ipynb", "h": "/x/my_train.ipynb", "i": "my_train.ipynb"}.items():
        write_notebook(tmp_path / "own" / name / "05_train.ipynb", {"validation_accuracy": 0.9}, {"input_path": source})
    fake_run(tmp_path / "own" / "h", stages=("evaluate",))
    runs = read_runs(tmp_path / "own")
    assert names_of(runs) == ["g", "h", "i"] and runs.table["source"].notna().sum() == 2


def test_trials_of_a_notebook_are_not_runs_unless_they_are_asked_for(tmp_path):
    fake_run(tmp_path / "out")
    pass_on(fake_run(tmp_path / "mine"), work_dir="theirs", seed=1)
    for home in ("out/my_work/runs", "mine/theirs/runs", "mine/other/runs"):
        for rate in (0.1, 1.0):
            fake_run(tmp_path / home / name_of(learning_rate=rate), learning_rate=rate, stages=("train",))
    runs = read_runs(tmp_path)
    kept = ["mine", "mine/other/runs/learning_rate=0.1", "mine/other/runs/learning_rate=1.0", "out"]
    assert sorted([*names_of(runs), *(name for name, _ in runs.duplicates)]) == kept
    trials = dict(runs.skipped)
    assert trials.keys() == {"out/my_work/runs", "mine/theirs/runs"} and "2 trials" in trials["out/my_work/runs"]
    assert len(read_runs(tmp_path / "out" / "my_work" / "runs")) == len(read_runs(tmp_path / "out" / "my_work")) == 2


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")
@pytest.mark.parametrize("value", [10**30, -1e100, 5e-324])
def test_numbers_of_any_size_are_charted(tmp_path, value):
    fake_run(tmp_path / "a", hidden=16)
    fake_run(tmp_path / "b", change=lambda result: result["parameters"].update(hidden=value))
    runs = read_runs(tmp_path)
    assert len(runs) == 2 and set(runs.table["hidden"]) == {16, float(value)}
    for finding in (charts.by_parameter(runs, "hidden"), charts.by_time(runs), charts.learning_curves(runs)):
        png(finding.content)
    assert all(table_of(found).text for found in (tables.best(runs), tables.all_runs(runs)))
    tables.write_csv(runs, tmp_path / "results.csv")


@pytest.mark.filterwarnings("error", "ignore::ResourceWarning")
def test_invented_parameters_are_limited(tmp_path):
    fake_run(tmp_path / "z", hidden=16)
    for seed in range(4):
        fake_run(tmp_path / str(seed), seed=seed, **{f"p{seed}_{number}": number for number in range(25)})
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["0", "1", "z"]
    assert {name for name, reason in runs.skipped if "more than 60 parameters" in reason} == {"2", "3"}
    shown = list(charts.each_parameter(runs))
    assert len(shown) == 21 and "the first 20 of 51 parameters" in shown[-1].sentence
    assert len(tables.best(runs).content.heads) < 30 and len(tables.all_runs(runs).content.heads) < 30
    assert "shows 20 of 51 parameters" in tables.all_runs(runs).sentence


def test_notebooks_of_different_runs_in_one_folder_are_told_apart(tmp_path):
    for hidden in (16, 64):
        fake_run(tmp_path / "x", hidden=hidden, stages=("train",))
        (tmp_path / "x" / "05_train.ipynb").rename(tmp_path / "x" / f"05_{hidden}.ipynb")
    fake_run(tmp_path / "x", hidden=64, stages=("evaluate",))
    table = read_runs(tmp_path).table.set_index("run")
    assert sorted(table.index) == ["x/05_16", "x/06_evaluate"]
    assert table.loc["x/06_evaluate", ["test_accuracy", "validation_accuracy"]].notna().all()


def test_a_report_that_was_kept_is_no_run_and_a_run_may_have_such_a_name(tmp_path):
    result = {"stage": "train", "validation_accuracy": 0.9}
    for name in ("report-2", "train"):
        write_notebook(tmp_path / f"{name}.ipynb", result | {"parameters": {"hidden": len(name)}})
    report_kept = {"cells": [], "metadata": {"handwriting": {"results.csv": "0123456789abcdef"}}}
    for name in ("report-1.ipynb", "other/report.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(report_kept))
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["report-2", "train"] and runs.skipped == []


def test_a_run_with_the_mark_of_a_report_is_a_run(tmp_path):
    write_notebook(tmp_path / "train.ipynb", {"stage": "train", "validation_accuracy": 0.9})
    marked = json.loads((tmp_path / "train.ipynb").read_text())
    marked["metadata"]["handwriting"] = {"results.csv": "0123456789abcdef"}
    (tmp_path / "train.ipynb").write_text(json.dumps(marked))
    assert len(names_of(read_runs(tmp_path))) == 1


def test_what_was_kept_of_before_is_no_run_and_a_run_that_failed_has_no_result(tmp_path):
    for name, accuracy in (
        ("good/05_train-1", 0.99),
        ("good/05_train", 0.9),
        ("good/failed-1", 0.6),
        ("good/05_train.earlier", 0.8),
        ("good/05_train.earlier-1", 0.7),
        ("bad/05_train", 0.5),
        ("bad/failed", None),
    ):
        path = tmp_path / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        result = accuracy and {"stage": "train", "validation_accuracy": accuracy}
        write_notebook(path, result, {"output_path": "/tmp/x/05_train.ipynb"})
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["good"] and runs.table["validation_accuracy"].tolist() == [0.9]
    reasons = dict(runs.skipped)
    assert "kept under another name" in reasons["good/05_train-1.ipynb"] and "its last run failed" in reasons["bad"]


def test_a_run_that_failed_before_its_last_one_has_a_result(tmp_path):
    for name, accuracy, end in [("05_train", 0.9, "2026-11-27T19:00:09.1"), ("failed", 0.4, "2026-11-27T19:00:08.2")]:
        result = accuracy and {"stage": "train", "validation_accuracy": accuracy}
        noted = {"duration": 1.0, "end_time": end, "output_path": "05_train.ipynb"}
        write_notebook(tmp_path / "good" / f"{name}.ipynb", result, noted)
    runs = read_runs(tmp_path)
    assert runs.table["validation_accuracy"].tolist() == [0.9] and runs.skipped == []


@pytest.mark.parametrize("path", [r"C:\runs\{}.ipynb", None])  # None if somebody ran it in JupyterLab
def test_a_notebook_that_was_run_under_a_name_of_this_kind_counts(tmp_path, path):
    for name in ("cnn", "cnn-2", "failed", "failed-23"):
        result = {"stage": "train", "validation_accuracy": 0.9, "parameters": {"hidden": len(name)}}
        write_notebook(tmp_path / f"{name}.ipynb", result, path and {"output_path": path.format(name)})
    runs = read_runs(tmp_path)
    assert names_of(runs) == ["cnn", "cnn-2", "failed", "failed-23"] and runs.skipped == []


def test_no_result_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="is not a folder"):
        read_runs(tmp_path / "missing")
    with pytest.raises(UserError, match="There are no results in"):
        read_runs(tmp_path)
    (tmp_path / "x.ipynb").write_text("")
    with pytest.raises(UserError, match=r"x\.ipynb: it is empty"):
        read_runs(tmp_path)
    for folder in (tmp_path / "missing", tmp_path / "x.ipynb", "ftp://x/y", "x" * 300, "~no_such_person/x"):
        with pytest.raises(UserError):
            report.write_report(folder, say=lambda line: None)
    with pytest.raises(UserError, match=r"There are no results.* x\.ipynb: it is empty"):
        report.write_report(tmp_path, say=lambda line: None)  # from the kernel


# What is shown.


def test_the_table_is_tidy_and_no_cell_is_a_formula(tmp_path):
    fake_run(tmp_path / "a, b", optimizer='=HYPERLINK("x")', activation='say "hi",\nplease', learning_rate=-0.5)
    fake_run(tmp_path / "=1+1", optimizer="-2+3", seconds="+4", **{"@x": True})
    tables.write_csv(read_runs(tmp_path), tmp_path / "results.csv")
    rows = {row["run"]: row for row in rows_of(tmp_path / "results.csv")}
    assert rows.keys() == {"a, b", "'=1+1"}
    first, second = rows["a, b"], rows["'=1+1"]
    assert first["optimizer"] == '\'=HYPERLINK("x")' and first["activation"] == 'say "hi", please'
    assert first["learning_rate"] == "-0.5"  # a number, not a text
    assert second["optimizer"] == "'-2+3" and second["'@x"] == "true" and first["'@x"] == ""
    assert second["parameter seconds"] == "'+4" and second["seconds"] == "21.0"
    assert float(first["test_accuracy"]) > 0.9 and first["notebook"] == "a, b/06_evaluate.ipynb"


@pytest.mark.parametrize(
    "text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "\u200d=1", "\n@a", "＝1", "a;=1", "b\t;@"]
)
def test_a_text_is_no_formula_whatever_is_before_it(text):
    written = tables.cell(text)
    assert written.replace("'", "") == text and not re.search(r"(^|[;,\t\r\n])[ \u200d]*[=+@＝-]", written)
    assert tables.cell(-1.5) == -1.5 and tables.cell("a=b") == "a=b"


def test_texts_from_notebooks_are_texts_in_tables_and_figures(tmp_path):
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)> $\\frac{ _x"
    names = ("rank", "runs", "mean", "test_accuracy spread", "link")  # names of columns that are ours
    for seed, text in enumerate((evil, "_hidden", "\ud800\x1b[31m")):
        fake_run(tmp_path / f"a&b'{seed}", optimizer=text, data=evil, **{evil: text}, **dict.fromkeys(names, text))
    runs = read_runs(tmp_path)
    tables.write_csv(runs, tmp_path / "results.csv")
    for finding in findings(runs):
        assert finding.sentence.isprintable() and finding.sentence.encode()
        if isinstance(finding.content, tables.Table):
            assert not {"script", "img", "svg", "iframe"} & set(table_of(finding).tags)
            assert finding.content._repr_html_().encode()
        elif finding.content:
            assert finding.content.description.isprintable()
            finding.content.draw_without_rendering()


def test_links_lead_to_the_notebooks_whatever_their_folders_are_called(tmp_path):
    names = [b"epochs=1,hidden=16", b"100 % & #1", "ü ñ".encode(), b"a+b;c"]
    if sys.platform == "linux":
        names += [b"<b>x", b"javascript:alert(1)", b"\xff\n\x1b[2J", b"[x](http://y)"]
    for seed, name in enumerate(names):
        fake_run(tmp_path / os.fsdecode(name), seed=seed)
    named = tmp_path
    if os.name != "nt":  # the folder itself may be named by a link
        named = tmp_path.with_name(f"{tmp_path.name}-link")
        named.symlink_to(tmp_path)
    runs = read_runs(named)
    page = table_of(tables.all_runs(runs))
    assert len(page.links) == len(names) and "b" not in page.tags and not any(":" in link for link in page.links)
    paths = [os.fsdecode(unquote(link, errors="surrogateescape")) for link in page.links]
    assert all((tmp_path / path).is_file() for path in paths)
    tables.write_csv(runs, tmp_path / "results.csv")


def test_a_parameter_is_shown_with_what_else_varies(tmp_path):
    runs = read_runs(sweep(tmp_path, hidden=(1, 16, 64, 512)))
    found = charts.by_parameter(runs, "hidden")
    figure, sentence = found.content, found.sentence
    assert figure.get_axes()[0].get_xscale() == "log"
    assert "is highest" in sentence and "at hidden 512" in sentence and "lowest" in sentence
    assert "spread over seeds" in sentence and "Not all combinations" not in sentence
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["epochs 1", "epochs 4"]
    assert "One line for each value of epochs: 1, 4." in figure.description
    by_seed = charts.by_parameter(runs, "seed")
    assert "at seed" in by_seed.sentence and "spread" not in by_seed.sentence
    fake_run(tmp_path / "odd", hidden=512, epochs=9)
    write_notebook(tmp_path / "older" / "05_train.ipynb", {"validation_accuracy": 0.9})
    runs = read_runs(tmp_path)
    sentence = charts.by_parameter(runs, "epochs").sentence
    assert "Not all combinations" in sentence and "In the 1 combination run with both, 9 is 0.0" in sentence
    assert sentence.endswith("1 run without this parameter or an accuracy left out.")
    with pytest.raises(UserError, match='Did you mean "hidden"'):
        charts.by_parameter(runs, "hiden")


def test_texts_are_categories_and_many_numbers_a_cloud(tmp_path):
    for seed in range(40):
        rate = 0.0001 * 1.2**seed
        kinds = {"optimizer": f"kind {seed % 3}", "activation": f"a{seed % 25}"}
        fake_run(tmp_path / str(seed), hidden=16 + seed, learning_rate=rate, **kinds)
    runs = read_runs(tmp_path)
    found = charts.by_parameter(runs, "optimizer")
    assert found.content.get_axes()[0].get_xticklabels()[0].get_text().startswith("kind")
    assert "also differ in hidden, activation, learning rate" in found.sentence
    assert "The figure shows the best 20 of 25 values." in charts.by_parameter(runs, "activation").sentence
    found = charts.by_parameter(runs, "learning_rate")
    assert "Each mark is the mean of a tenth of the settings" in found.sentence
    axes = found.content.get_axes()[0]
    assert axes.get_xscale() == "log" and len(axes.lines[0].get_xdata()) == 40 and len(axes.lines[1].get_xdata()) == 10


def test_the_front_is_what_nothing_beats(tmp_path):
    for hidden, seconds in ((16, 1), (64, 5), (32, 9), (512, 20)):
        fake_run(tmp_path / str(hidden), hidden=hidden, change=lambda r, s=seconds: r.update(seconds_to_fit=s))
    sentence = charts.by_time(read_runs(tmp_path)).sentence
    assert (
        sentence.startswith("The best trade-offs of time and accuracy (3 settings)")
        and "1 s for" in sentence
        and "For every other setting" in sentence
    )
    assert "hidden 32" not in sentence


def test_no_axis_of_accuracies_goes_beyond_1(tmp_path):
    fake_run(tmp_path / "a", change=lambda r: r.update(details={"history": {"val_accuracy": [0.99, 0.999]}}))
    runs = read_runs(tmp_path)
    for finding in (charts.learning_curves(runs), charts.by_parameter(runs, "hidden"), charts.by_time(runs)):
        axes = finding.content.get_axes()[0]
        assert 0.8 < axes.get_ylim()[0] < axes.get_ylim()[1] < 1.003


def test_curves_are_sampled_from_best_to_worst_and_tables_have_a_limit(tmp_path):
    for seed in range(45):
        fake_run(tmp_path / str(seed), seed=seed, epochs=1 + (seed > 6))
    runs = read_runs(tmp_path)
    found = charts.learning_curves(runs)
    assert found.sentence.startswith("30 of 38 runs, evenly spaced from the best to the worst.")
    assert found.sentence.endswith("7 runs of one epoch left out.")  # a point is no curve
    assert len(found.content.get_axes()[0].lines) == 30
    found = tables.all_runs(runs, most=10)
    assert found.sentence == "The best 10 of 45 runs. The file results.csv has them all."
    assert table_of(found).tags.count("tr") == 11
    fake_run(tmp_path / "alone" / "x", change=lambda result: result.update(details={"history": {"val_accuracy": "x"}}))
    assert charts.learning_curves(read_runs(tmp_path / "alone")).sentence == "No run stored its learning curves."


@pytest.mark.parametrize(
    "names, shown",
    [
        (["x/epochs=1,hidden=16,seed=0", "x/epochs=1,hidden=64,seed=1"], {"hidden=16, seed=0", "hidden=64, seed=1"}),
        (["a/b", "b/a"], {"a/b", "b/a"}),
        (["a,b"], {"a, b"}),
    ],
)
def test_runs_are_named_by_what_differs(tmp_path, names, shown):
    for seed, name in enumerate(names):
        fake_run(tmp_path / name, seed=seed)
    assert {row[0][0] for row in tables.all_runs(read_runs(tmp_path)).content.rows} == shown


# The report.


def leave_traps(folder, mark):
    """Write files that leave a mark if a program takes them for its own."""
    names = ("pandas", "sitecustomize", "usercustomize", "ipython_config", "ipython_kernel_config", "jupyter_config")
    for name in (*names, "ipykernel_launcher", "handwriting", "papermill", "zmq", "random"):
        (folder / f"{name}.py").write_text(f"import pathlib; pathlib.Path({str(mark)!r}).touch()")
    (folder / "matplotlibrc").write_bytes(b"axes.facecolor: \xff")
    for name in ("base/display_priority.j2", "lab/conf.json", "lab/index.html.j2"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("{{ 1 / 0 }}")


def test_a_small_report_is_written_whole_and_nothing_in_the_folder_is_run(tmp_path, monkeypatch):
    folder = sweep(tmp_path / "runs <1>" if os.name != "nt" else tmp_path / "runs 1", hidden=(16,))
    (folder / "broken.ipynb").write_text("{")
    (folder / "results.csv").write_text("an older one")
    leave_traps(folder, tmp_path / "was-run")
    monkeypatch.chdir(folder)
    said = []
    made = report.write_report(".", say=said.append)
    assert not (tmp_path / "was-run").exists()
    assert (made["runs"], made["settings"], made["skipped"], made["duplicates"]) == (6, 2, 1, 0)
    assert said[-1].endswith("report.html") and "6 runs of 2 settings (1 file skipped, 0 duplicates) in" in said[-2]
    assert "results-1.csv" in said[1] and (folder / "results-1.csv").read_text() == "an older one"
    kept = {path.name for path in folder.iterdir() if path.is_file() and path.suffix != ".py"}
    assert kept == {"broken.ipynb", "matplotlibrc", "results-1.csv", "results.csv", "report.ipynb", "report.html"}
    assert len(rows_of(folder / "results.csv")) == 6
    text = (folder / "report.html").read_text(encoding="utf-8")
    page = read_page(text)
    assert not {"script", "link", "iframe"} & set(page.tags)
    assert "http" not in re.sub(r'src="data:[^"]*"', "", text)
    assert len(page.alts) == 3 and all(page.alts) and set(page.heads) == {"col", "row"}
    assert len(page.links) == 6 + 2 + 2 and all((folder / unquote(link)).is_file() for link in page.links)
    assert "6 runs of 2 settings" in page.text and "broken.ipynb" in page.text and "prefers-color-scheme" in text
    # The report itself is not a run.
    assert len(read_runs(folder)) == 6
    stored = (folder / "report.ipynb").read_text(encoding="utf-8")
    assert str(tmp_path) not in stored and str(tmp_path) not in text
    notebook = nbformat.reads(stored, as_version=4)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for output in outputs if output.output_type in ("stream", "error")]
    assert all(output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.data)
    # It runs again, wherever the folder is now.
    moved = folder.rename(tmp_path / "moved")
    for path in (moved / "results.csv", moved / "matplotlibrc", *moved.glob("*.py")):
        path.unlink()
    NotebookClient(notebook, resources={"metadata": {"path": str(moved)}}).execute()
    assert len(rows_of(moved / "results.csv")) == 6


@pytest.mark.parametrize("words", [("report", "--class", "."), ("compare", ".", ".")])
def test_commands_run_nothing_in_the_folder_that_they_are_started_in(tmp_path, command, words):
    fake_run(tmp_path / "runs")
    leave_traps(tmp_path / "runs", tmp_path / "was-run")
    done = command(*words, cwd=tmp_path / "runs")
    assert done.returncode == 0 and not (tmp_path / "was-run").exists(), done.stderr


@pytest.mark.parametrize("taken", report.FILES)
def test_a_report_that_cannot_be_written_leaves_everything_as_it_was(tmp_path, taken):
    contents, others = dict.fromkeys(report.FILES, b"new"), {*report.FILES} - {taken}
    for name in others:
        (tmp_path / name).write_text("old")
    (tmp_path / taken).mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        report.write_all(tmp_path, contents)
    (tmp_path / taken).rmdir()
    with pytest.raises(TypeError):
        report.write_all(tmp_path, contents | {"report.ipynb": "not bytes"})
    assert {path.name for path in tmp_path.iterdir()} == others
    assert {(tmp_path / name).read_text() for name in others} == {"old"}


@pytest.mark.parametrize("name", ["results.csv", "report.ipynb", "report.html"])
@pytest.mark.parametrize("changed", ["somebody's", "changed", "as it was"])
def test_what_a_report_did_not_write_is_kept(tmp_path, name, changed):
    notebook = {"cells": [{"cell_type": "code", "source": ["1\n", "2"]}], "metadata": {}}
    seal(notebook, **{"results.csv": digest("a,b\r\n1,2\r\n")})
    made = {"results.csv": b"a,b\r\n1,2\r\n", "report.html": seal_page("<p>é</p>").encode()}
    made["report.ipynb"] = json.dumps(notebook).encode()
    said, path = [], tmp_path / name
    report.write_all(tmp_path, made, said.append)
    if changed != "as it was":
        path.write_bytes(b"mine" if changed == "somebody's" else made[name].replace(b"1", b"7").replace(b"p>", b"b>"))
    before, kept = path.read_bytes(), path.with_name(f"{path.stem}-2{path.suffix}")
    path.with_name(f"{path.stem}-1{path.suffix}").write_bytes(b"older")
    report.write_all(tmp_path, made, said.append)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name in made} == made
    if changed == "as it was":
        assert said == [] and not kept.exists()
    else:
        assert kept.read_bytes() == before and said[-1] == f"{name} is now {kept.name}"


class Store(dict):
    """A store that papermill reaches, in memory."""

    def read(self, path):
        if path not in self:
            raise FileNotFoundError(path)
        return self[path]

    def write(self, text, path):
        self[path] = text

    def listdir(self, path):
        return sorted({path + name[len(path) :].partition("/")[0] for name in self if name.startswith(path)})


@pytest.fixture
def store(monkeypatch):
    made = Store()
    monkeypatch.setattr(papermill_io, "_handlers", [("s3://", made), *papermill_io._handlers])
    return made


def test_runs_at_an_address_are_read_and_the_report_is_written_there(tmp_path, store):
    sweep(tmp_path, hidden=(16,), epochs=(1,), seeds=(0, 1))
    for path in tmp_path.rglob("*.ipynb"):
        store[f"s3://bucket/x/{path.relative_to(tmp_path).as_posix()}"] = path.read_text()
    store["s3://bucket/x/report.ipynb"] = "old"
    write_notebook(tmp_path / "own.ipynb", {"stage": "mine", "test_accuracy": 0.5, "parameters": {"alpha": 1}})
    store["s3://bucket/own/alpha=1/own.ipynb"] = (tmp_path / "own.ipynb").read_text()
    assert names_of(read_runs("s3://bucket/own")) == ["alpha=1"]
    assert len(read_runs("s3://bucket/x")) == 2
    with local_copy("s3://bucket/x") as copied:
        notebooks = list(copied.rglob("*.ipynb"))
        assert len(notebooks) == 4 and all(b"image/png" not in path.read_bytes() for path in notebooks)

    made = report.write_report("s3://bucket/x/", say=lambda line: None)
    assert made["page"] == "s3://bucket/x/report.html" and made["runs"] == 2
    assert "<h1>Report</h1>" in store[made["page"]] and "read_runs" in store["s3://bucket/x/report.ipynb"]
    assert len(store["s3://bucket/x/results.csv"].splitlines()) == 3


@pytest.mark.parametrize("name", ["x.ipynb", "page.html", "results.csv"])
def test_what_somebody_made_at_an_address_stays(store, name):
    notebook = {"cells": [{"cell_type": "code", "source": "1"}], "metadata": {}}
    seal(notebook, **{"results.csv": digest("a\r\n1\r\n")})
    store["s3://bucket/report.ipynb"] = json.dumps(notebook)
    text = {"x.ipynb": json.dumps(notebook), "page.html": seal_page("<p>1"), "results.csv": "a\r\n1\r\n"}[name]
    place, said = f"s3://bucket/{name}", []
    for before in (None, text, text.rstrip("\n")):  # the library for S3 loses the end of the last line
        store |= {place: before} if before else {}
        output_location.write(place, text, said.append)
        assert store[place] == text and said == []
    for number in (1, 2):
        store[place] = text.replace("1", "7")
        output_location.write(place, text, said.append)
        kept = f"-{number}.".join(name.split("."))
        assert said[-1] == f"{name} is now {kept}" and store[f"s3://bucket/{kept}"] == text.replace("1", "7")
    assert store[place] == text


def test_many_files_that_were_kept_are_one_line():
    kept = [f"{number}.html is now {number}-1.html" for number in range(9)]
    said = []
    for some in (kept, kept[:1], []):
        say_kept(some, said.append)
    assert said[0].count("\n") == 0 and said[0].endswith("2.html is now 2-1.html and 6 other files.")
    assert said[1:] == ["Not exactly what this version writes, so kept: 0.html is now 0-1.html."]
