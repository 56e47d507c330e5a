"""The file of progress when somebody, or another program, has written something else into it."""

import json

import pytest

from handwriting import practice
from handwriting.practice.progress_file import progress_file

GOOD = {"load.count_sevens": {"right": True, "tries": 2}}


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(progress_file, "folder", tmp_path)
    return tmp_path / "practice.json"


@pytest.mark.parametrize(
    "odd",
    [
        {"note": "my words"},
        {"version": 2},
        {"a": ["right"], "b": None},
    ],
)
def test_what_is_no_exercise_hides_no_progress_and_stays(odd, path, capsys):
    path.write_text(json.dumps(odd | GOOD))
    assert practice.progress().done == 1
    assert practice.exercises()["load.numbers_per_image"].check(784).right
    assert practice.progress().done == 2 and capsys.readouterr().out == ""
    assert json.loads(path.read_text()) == odd | GOOD | {"load.numbers_per_image": {"right": True, "tries": 1}}
    practice.reset("build")
    assert json.loads(path.read_text()).items() >= odd.items()


@pytest.mark.parametrize("odd", [{"chosen": ["c", "a"]}, {"chosen": 7}, {"tries": None}, {"tries": 1e999}])
def test_an_odd_part_of_an_entry_does_not_take_what_is_done(odd, path, capsys):
    path.write_text(json.dumps({"train.steps": {"right": True, "tries": 1} | odd}))
    assert "Saved in" in repr(practice.progress()) and progress_file.read()["train.steps"]["right"]
    progress_file.note("train.steps", False, "b")
    now = progress_file.read()["train.steps"]
    assert (now["right"], now["tries"], now["chosen"]) == (True, 2, "b") and capsys.readouterr().out == ""
    assert now.get("not read") == odd.get("chosen"), "what somebody wrote is kept"
    assert practice.progress().predictions["train.steps"] == "b"


def test_progress_says_that_its_file_cannot_be_read(path):
    path.write_text("{")
    assert "practice.json cannot be read, and gets another name at" in repr(practice.progress())
