"""Executed notebooks, which anyone may have written: found, opened with care, and checked."""

import json
import math
import os
import sys
from pathlib import Path

import pytest

from handwriting.errors import RecordError
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.results import MIME
from workshop.runs import sweep, untrusted_files
from workshop.runs.record import cell_failed, predictions_of, progress_of, read_result, result_of, seconds_of
from workshop.runs.untrusted_files import find_notebooks, parse, read_notebook

RESULT = {
    "stage": "train",
    "data": "MNIST",
    "parameters": {"hidden": 64, "dropout": 0.2, "optimizer": "adam", "lean": True, "photo": None},
    "validation_accuracy": 0.97,
    "validation_loss": 0.1,
    "parameter_count": 50890,
    "details": {"history": {"loss": [0.3, 0.2], "accuracy": [0.9, None], "lr": [1]}, "mistakes": [[7, 2, 0.9]]},
}


def notebook(*stored, mime=MIME, **metadata):
    outputs = [{"output_type": "display_data", "data": {mime: one}} for one in stored]
    return {"cells": [{"cell_type": "code", "outputs": outputs}], "metadata": metadata}


# Files.


def test_notebooks_are_found_in_the_order_of_people(tmp_path):
    for name in ["group 10/a.ipynb", "Group 2/06.ipynb.txt", "b.IPYNB", "x.txt", ".hidden/a.ipynb", "__MACOSX/a.ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert find_notebooks(tmp_path) == (["b.IPYNB", "Group 2/06.ipynb.txt", "group 10/a.ipynb"], [])


def test_there_are_limits_to_looking(tmp_path, monkeypatch):
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    (tmp_path / "anna.ZIP").write_bytes(b"PK")
    monkeypatch.setattr(untrusted_files, "DEEPEST", 1)
    places, skipped = find_notebooks(tmp_path)
    assert not places and {path: reason.partition(":")[0] for path, reason in skipped} == {
        "anna.ZIP": "it is an archive",
        "a/b": "it is more than 1 folders deep",
    }
    monkeypatch.setattr(untrusted_files, "MOST_ENTRIES", 2)
    assert "more than 2 files" in find_notebooks(tmp_path)[1][-1].reason
    assert "cannot be opened" in find_notebooks(tmp_path / "nowhere")[1][0].reason


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_not_followed_and_only_plain_files_are_read(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "runs"
    outside.mkdir()
    (outside / "x.ipynb").write_text(json.dumps(notebook(RESULT)))
    (folder / "folder.ipynb").mkdir(parents=True)
    os.mkfifo(folder / "pipe.ipynb")
    for name, target in {"a.ipynb": outside / "x.ipynb", "b": outside, "c": folder, "d.ipynb": "/dev/zero"}.items():
        (folder / name).symlink_to(target)
    places, skipped = find_notebooks(folder)
    assert (
        places == ["pipe.ipynb"]
        and [reason for _, reason in skipped] == ["it is a link, and links are not followed"] * 4
    )
    # One that has become a link since it was found, a file without an end, a folder.
    for place in ("a.ipynb", "b/x.ipynb", "d.ipynb"):
        with pytest.raises(RecordError, match="leads out of the folder"):
            read_notebook(folder / place, folder)
    for place in ("pipe.ipynb", "folder.ipynb"):
        with pytest.raises(RecordError, match="not a regular file"):
            read_notebook(folder / place, folder)
    (folder / "again").symlink_to(folder / "pipe.ipynb")
    with pytest.raises(RecordError, match="not a regular file"):
        read_notebook(folder / "again", folder)
    assert read_notebook(outside / "x.ipynb", (folder / "b").resolve())["cells"]


def test_huge_missing_and_closed_files_are_not_read(tmp_path):
    path = tmp_path / "x.ipynb"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(RecordError, match="it has 2,000 MB; at most 50 MB are read"):
        read_notebook(path, tmp_path)
    closed = tmp_path / "closed.ipynb"
    closed.write_text("{}")
    closed.chmod(0)
    for name in ("missing.ipynb", "bad\0name", *(() if os.access(closed, os.R_OK) else (closed.name,))):
        with pytest.raises(RecordError, match="it cannot be opened"):
            read_notebook(tmp_path / name, tmp_path)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"  \n", "it is empty"),
        (b"\x00\xff\xfe" * 50, "not text in UTF-8"),
        (json.dumps(notebook(RESULT)).encode("utf-16"), "not text in UTF-8"),
        (b'{"cells": [', "not a complete notebook"),
        (b"[" * 100_000, "not a complete notebook"),
        (b'{"cells":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "not a complete notebook"),
        (b'{"cells": [], "x": ' + b"9" * 1_000_000 + b"}", "not a complete notebook"),
        (b"[" * 1_000_001, "far more parts"),
        (b'{"cells": [' + b'"ab",' * 500_001 + b"0]}", "far more parts.* Clear its large outputs"),
        (b"[]", "has no cells"),
        (b'"text"', "has no cells"),
        (b'{"cells": {"a": 1}}', "has no cells"),
    ],
)
def test_what_is_not_a_notebook_is_refused_with_the_reason(content, reason):
    with pytest.raises(RecordError, match=reason):
        parse(content)


def test_every_cut_of_a_notebook_is_refused():
    whole = json.dumps(notebook(RESULT))
    assert parse(whole) == parse(b"\xef\xbb\xbf" + whole.encode()) == notebook(RESULT)
    assert parse('{"cells": 1, "cells": []}') == {"cells": []}  # of equal keys the last counts
    for end in range(0, len(whole) - 1, 11):
        with pytest.raises(RecordError):
            parse(whole[:end])


def test_half_a_notebook_does_not_stop_a_large_sweep(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "05_train.ipynb").write_text('{"cells": [')
    (tmp_path / "a" / "06_evaluate.ipynb").write_text(json.dumps(notebook(RESULT)))
    planned = sweep.Sweep([Path("05_train.ipynb"), Path("06_evaluate.ipynb")], {"a": {}, "b": {}}, str(tmp_path))
    assert planned.missing() == ["a", "b"], "half of a notebook is not a run"


# What they say.


def test_a_result_is_what_the_notebook_stored():
    found = result_of(notebook({"stage": "other"}, RESULT | {"speed": 3.5, "note": "text", "flag": True}))
    assert (found.stage, found.data, found.parameter_count) == ("train", "MNIST", 50890)
    assert (found.validation_accuracy, found.validation_loss, found.test_loss) == (0.97, 0.1, None)
    assert found.parameters == {"hidden": 64, "dropout": 0.2, "optimizer": "adam", "lean": True}
    assert found.mistakes == [(7, 2, 0.9)] and not hasattr(found, "speed")
    assert found.curve[0] == 0.9 and math.isnan(found.curve[1]) and len(found.curve) == 2
    history = {"accuracy": [0.9], "val_accuracy": [0.8, 10**400, True, "x"] * 1000}
    curve = result_of(notebook(RESULT | {"details": {"history": history}})).curve
    assert curve[0] == 0.8 and all(map(math.isnan, curve[1:4])) and len(curve) == 1000
    for odd in ([], {"accuracy": 3}, {"accuracy": [None, "x"]}):
        assert result_of(notebook(RESULT | {"details": {"history": odd}})).curve is None


def test_a_result_can_be_read_unchecked():
    assert read_result(notebook({"stage": "a"}, "no dictionary", {"stage": "b", "x": []})) == {"stage": "b", "x": []}
    assert read_result(notebook()) is None


def test_the_last_result_counts_or_the_last_of_a_stage():
    two = notebook({"test_accuracy": 0.8}, {"stage": "train"}, {"validation_accuracy": 0.9}, {"stage": ["train"]})
    assert result_of(two).stage == "train" and result_of(two, "evaluate").test_accuracy == 0.8
    with pytest.raises(RecordError, match="no validation_accuracy"):
        result_of(notebook({"test_accuracy": 0.8}, {"validation_accuracy": None}))


@pytest.mark.parametrize(
    "cells",
    [
        [None, 1, "x", []],
        [{"outputs": None}, {"outputs": 3}, {"outputs": [None, 1, {"data": 3}, {"data": {MIME: 5, PROGRESS: []}}]}],
        [{"outputs": [{"data": {MIME: {"stage": ["train"], "test_accuracy": 0.9}, PROGRESS: {"states": 3}}}]}],
    ],
)
def test_junk_in_cells_is_no_result(cells):
    junk = {"cells": cells, "metadata": 5}
    assert (result_of(junk), progress_of(junk), seconds_of(junk), cell_failed(junk)) == (None, None, None, False)
    assert predictions_of(junk) == {}


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
        ("seconds_to_fit", -1, "seconds_to_fit is -1, not a number of at least 0"),
        ("parameters", [1, 2], "parameters are a list, not names and values"),
        ("parameters", {"hidden": {"a": [1]}}, "parameter hidden is a table"),
        ("parameters", {"hidden": math.inf}, "parameter hidden is inf"),
        ("parameters", {str(n): n for n in range(60)}, "60 parameters"),
        ("parameters", {"hidden": 1e101}, "not text or a number up to 1e"),
        ("data", {"name": "MNIST"}, "data is a table"),
        ("data_fingerprint", "0123", 'data_fingerprint is the text "0123", not 16 hex digits'),
        ("data_fingerprint", 7, "data_fingerprint is 7, not 16 hex digits"),
    ],
)
def test_a_result_with_something_wrong_in_it_is_refused_or_used_without_it(name, value, reason):
    wrong = parse(json.dumps(notebook(RESULT | {name: value})))
    with pytest.raises(RecordError, match=reason):
        result_of(wrong)
    if name == "validation_accuracy":
        with pytest.raises(RecordError, match=reason):
            result_of(wrong, faults=[])
    else:
        found = result_of(wrong, faults=(faults := []))
        assert found.validation_accuracy == 0.97 and not getattr(found, name)
        assert len(faults) == 1 and reason in faults[0]


@pytest.mark.parametrize("loss", ["nan", "inf", math.nan, math.inf])
def test_a_loss_may_have_diverged(loss):
    assert math.isnan(result_of(notebook(RESULT | {"validation_loss": loss})).validation_loss)


@pytest.mark.parametrize(
    ("stored", "kept", "malformed"),
    [
        ([[1, 2, 1], [3, 4, 0.5]], [(1, 2, 1), (3, 4, 0.5)], False),
        ([[10**400, 2, 0.5], [-1, 2, 0.5]], [(10**400, 2, 0.5), (-1, 2, 0.5)], False),
        ([[1, 2, 0.5], [1.5, True, "x"], [1], 3, None, {}, [1, -2, 0.5]], [(1, 2, 0.5)], True),
        ([[1, 7, math.nan], [1, 7, 10**400], [1, 7, True], [True, 7, 0.5], [1, 7, 1.1]], [], True),
        ([[n, 2, 0.5] for n in range(1000)], [(n, 2, 0.5) for n in range(300)], False),
        ("many", [], True),
    ],
)
def test_malformed_mistakes_are_left_out(stored, kept, malformed):
    found = result_of(notebook(RESULT | {"details": {"mistakes": stored}}))
    assert found.mistakes == kept and found.mistakes_malformed == malformed
    assert found.mistakes_stored == (len(stored) if isinstance(stored, list) else 0)
    assert result_of(notebook(RESULT | {"details": 5})).mistakes is None


def test_texts_steer_no_terminal_and_numbers_are_numbers():
    odd = {"a\x1b[31m": "b\u202ec\ud800", "model_dump": 1}
    found = result_of(notebook(RESULT | odd | {"data": "x\ny" * 1000, "parameters": odd}))
    assert len(found.data) == 120 and "\n" not in found.data
    assert found.parameters == {"a\ufffd[31m": "b\ufffdc\ufffd", "model_dump": 1}
    assert result_of(notebook({"stage": "x\x1b"})).stage == "x\ufffd"


def test_progress_seconds_and_failure():
    states = {"load.a": "done", "load.b": "odd", "c": ["done"], "d\x1b": "done"}
    assert progress_of(notebook({"states": {}}, {"states": states}, {"done": 3}, mime=PROGRESS)) == {"load.a": "done"}
    for duration, seconds in [(10.5, 10.5), (3, 3.0), (-1, None), (math.nan, None), ("3", None), (True, None)]:
        assert seconds_of(notebook(papermill={"duration": duration})) == seconds
    assert cell_failed(notebook(papermill={"exception": True})) and not cell_failed(notebook(papermill=[]))


def test_predictions_have_known_names_letters_that_there_are_and_few():
    stored = {
        "train.steps": "ca",
        "load.shape": "xb<script>\x1b",
        "load.counts": "b" + "a" * 10**6 + "c",
        "visualize.pixels": ["a"],
        "prepare.flat": "",
        "build.half": "xyz",
        "<b>": "a",
        "train.rates": None,
    }
    progress = notebook({"predictions": {}}, {"predictions": stored}, {"predictions": ["train.steps"]}, mime=PROGRESS)
    expected = {"load.shape": "bc", "load.counts": "b" + "a" * 48 + "c", "train.steps": "ca"}
    assert predictions_of(progress) == expected
    assert predictions_of(notebook({"states": {}}, mime=PROGRESS)) == {}
