"""Predictions: chosen before a cell runs, answered after it, and noted."""

import dataclasses
import itertools
import sys
from types import SimpleNamespace

import pytest
from build_notebooks import read_source
from conftest import ROOT
from IPython.core.interactiveshell import InteractiveShell

from handwriting.data import dataset
from handwriting.errors import ParameterError
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS
from handwriting.practice import overview
from handwriting.practice.predictions import predict
from handwriting.practice.progress_file import progress_file
from handwriting.results import WIDGET_VIEW

USUAL = {name: PARAMETERS[name].default for name in HYPERPARAMETERS}


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """A notebook's shell, with a work folder of its own."""
    monkeypatch.setattr(progress_file, "folder", tmp_path)
    monkeypatch.setattr(dataset, "LOADED_NAME", {})
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def shown(name):
    """Return a prediction that is shown where widgets are known."""
    prediction = predict(name)
    assert WIDGET_VIEW in prediction._repr_mimebundle_()
    return prediction


def test_a_choice_is_answered_when_the_next_cell_has_run(shell):
    prediction = shown("train.steps")
    prediction.buttons.value = "c"
    assert "You chose (c). Run the next cell." in prediction.words.value
    shell.run_cell("1 / 0")
    assert "Run the next cell" in prediction.words.value, "a cell that failed has not shown anything"
    shell.run_cell("1 + 1")
    assert "Not right yet" in prediction.words.value and "one step for every image" in prediction.words.value
    prediction.buttons.value = "b"
    assert "Run the next cell" in prediction.words.value
    shell.run_cell("1 + 1")
    assert "It is (b). Before you saw the result, you predicted (c)." in prediction.words.value


def test_the_last_choice_before_the_result_counts(shell):
    prediction = shown("train.steps")
    for letter in "acb":
        prediction.buttons.value = letter
    shell.run_cell("1 + 1")
    assert "You predicted (b), and that is what happened." in prediction.words.value


def test_where_cells_have_ids_only_the_cell_that_follows_in_the_notebook_gives_the_answer(shell):
    shell.user_ns["predict"] = predict
    shell.run_cell("asked = predict('train.steps'); shown = asked._repr_mimebundle_()", cell_id="05_train-09")
    prediction = shell.user_ns["asked"]
    prediction.buttons.value = "b"
    for cell in ("05_train-08", "d2f31ac0-17", "05_train-09", None):
        shell.run_cell("1 + 1", cell_id=cell)
        assert "Run the next cell" in prediction.words.value, cell
    shell.run_cell("1 + 1", cell_id="05_train-10")
    assert "Right!" in prediction.words.value


@pytest.mark.parametrize("source", sorted((ROOT / "notebooks" / "source").glob("*.py")), ids=lambda path: path.stem)
def test_each_prediction_is_followed_by_the_cell_that_answers_it(source):
    for cell, following in itertools.pairwise(read_source(source).cells):
        if cell.cell_type == "code" and cell.source.splitlines()[-1].startswith("predict("):
            assert following.cell_type == "code"


@pytest.mark.parametrize(
    ("name", "changed", "differs"),
    [
        ("train.steps", {"batch_size": 64}, "batch_size"),
        ("train.steps", {"batch_size": [1, 2]}, "batch_size"),
        ("load.counts", {"loaded": "fashion-mnist"}, "data"),
        ("evaluate.writers", {"loaded": "stand-in"}, "data"),
        ("new_problem.clothes", {"clothes": SimpleNamespace(name="letters")}, "data"),
        ("evaluate.sure", {"record": {"parameters": USUAL | {"hidden": 2}}}, "hidden"),
        ("evaluate.sure", {"record": {"parameters": {"epochs": 4}}}, "hidden"),
        ("share.page", {"record": {"parameters": USUAL}}, ""),
        ("train.curves", {**USUAL, "record": {"parameters": USUAL | {"hidden": 2}}}, ""),
        ("train.steps", {"loaded": "stand-in", "batch_size": 128, "seed": 7}, ""),
        ("new_problem.clothes", {"loaded": "letters", "clothes": SimpleNamespace(name="fashion-mnist")}, ""),
    ],
)
def test_where_data_or_parameters_are_others_a_choice_is_neither_right_nor_wrong(shell, small, name, changed, differs):
    changed = {"loaded": "mnist", **changed}
    dataset.remember(dataclasses.replace(small, name=changed.pop("loaded")))  # and forget it, as notebook 6 does
    shell.user_ns.update(changed)
    prediction = shown(name)
    prediction.buttons.value = prediction.right
    shell.run_cell("1 + 1")
    assert (f"<code>{differs}</code> differs here" in prediction.words.value) == bool(differs)
    assert (overview.progress().predictions == {}) == bool(differs)


def test_all_choices_are_noted_and_stored_with_the_progress(shell):
    prediction = shown("train.steps")
    for letter in "cab":
        prediction.buttons.value = letter
    noted = overview.progress()
    assert noted.predictions == {"train.steps": "cab"}
    assert noted._repr_mimebundle_()[overview.MIME]["predictions"] == {"train.steps": "cab"}
    assert progress_file.read()["train.steps"] == {"right": True, "tries": 3, "chosen": "cab"}
    assert "train.steps" not in noted.states, "a prediction is not an exercise"
    progress_file.note("train.count_steps", True)
    assert overview.progress().predictions == noted.predictions, "an exercise beside it keeps what was chosen"


def test_where_nothing_can_be_written_a_choice_says_so(shell, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("a file where the folder should be")
    monkeypatch.setattr(progress_file, "folder", tmp_path / "file")
    prediction = shown("train.steps")
    prediction.buttons.value = "c"
    assert "You chose (c). Run the next cell. Your progress is not kept" in prediction.words.value
    monkeypatch.setattr("os.access", lambda path, mode: False)
    assert overview.progress(tmp_path / "new").where.startswith("Your progress is not kept")


def test_without_widgets_it_is_a_sentence(shell, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert list(predict("train.steps")._repr_mimebundle_()) == ["text/plain"]
    assert repr(predict("train.steps")) == "Your prediction: (a), (b) or (c)? Decide before you run the next cell."


def test_a_name_that_does_not_exist_gets_the_nearest():
    with pytest.raises(ParameterError, match="Did you mean"):
        predict("train.step")
    with pytest.raises(ParameterError, match="no prediction"):
        predict(["train.steps"])
