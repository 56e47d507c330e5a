"""The exercises answer back: to right answers, to each misconception, and to whatever else is passed."""

import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from build_notebooks import read_source
from conftest import ROOT

from handwriting import load, practice
from handwriting.data import dataset, formats
from handwriting.practice import feedback, question, record

ALL = practice.exercises()
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Exercises note what was done in a folder of their own."""
    monkeypatch.setattr(record, "folder", tmp_path / "work")


@pytest.fixture
def loaded(small, monkeypatch):
    """As after `load_digits`: some data is there."""
    monkeypatch.setitem(dataset.LOADED, "last", small)
    return small


def run_solution(exercise, data):
    """Execute a solution's lines where a notebook's names are known; give its answer."""
    import math

    names = {"np": np, "math": math, "x_train": data.x_train, "y_train": data.y_train}
    exec(exercise.solution().code, names)
    return names[exercise.name.partition(".")[2]]


@pytest.mark.parametrize("name", ALL)
def test_its_own_solution_is_right(name, loaded):
    said = ALL[name].check(run_solution(ALL[name], loaded))
    assert said.state == "right", said
    assert repr(said).startswith("Right! ")
    assert practice.progress().done == 1


@pytest.mark.parametrize("name", [name for name, exercise in ALL.items() if exercise.wrong])
def test_each_misconception_gets_its_own_answer(name, loaded):
    exercise = ALL[name]
    said = [text for _, text in exercise.wrong]
    assert len(set(said)) == len(said) >= 2
    for example, text in exercise.wrong:
        if isinstance(exercise, question.Order):
            example = first_order_that_breaks(exercise, example)
        elif exercise.needs_data:
            example = example(loaded)
        given = exercise.check(example)
        assert given.state == "wrong"
        assert given.text.endswith(text)


def first_order_that_breaks(exercise, pair):
    """An order of the letters in which this pair is the first that is wrong."""
    pairs = [pair for pair, _ in exercise.wrong]
    for letters in itertools.permutations(exercise.truth):
        broken = [one for one in pairs if letters.index(one[0]) > letters.index(one[1])]
        if broken[:1] == [pair]:
            return "".join(letters)
    raise AssertionError(f"nothing breaks {pair} first")


@pytest.mark.parametrize("name", ALL)
def test_hints_grow_stronger_and_then_stay(name):
    exercise = ALL[name]
    exercise.hinted = 0
    hints = [exercise.hint() for _ in range(len(exercise.hints) + 2)]
    assert len(exercise.hints) >= 2
    assert len({hint.text for hint in hints}) == len(exercise.hints)
    assert hints[-1].text == hints[len(exercise.hints) - 1].text
    assert ".solution()" in hints[-1].text and ".solution()" not in hints[0].text


class Hostile:
    """Fails at everything that is asked of it."""

    def __eq__(self, other):
        raise RuntimeError("no")

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("no")

    def __call__(self, *arguments):
        raise SystemExit

    def __array__(self, *arguments, **named):
        raise RuntimeError("no")


def network():
    from tensorflow import keras

    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


ANYTHING = {
    "None": lambda: None,
    "text": lambda: "forty-two",
    "True": lambda: True,
    "nan": lambda: float("nan"),
    "infinity": lambda: np.inf,
    "complex": lambda: 1j,
    "bytes": lambda: b"B",
    "set": lambda: {1, 2},
    "ragged": lambda: [[1], [2, 3]],
    "generator": lambda: (k for k in range(3)),
    "huge array": lambda: np.broadcast_to(np.uint8(1), (10**6, 1000, 1000)),
    "array of objects": lambda: np.array([{}, []], dtype=object),
    "empty": lambda: np.array([]),
    "function of nothing": lambda: lambda: 1,
    "builtin": lambda: max,
    "class": lambda: int,
    "hostile": Hostile,
    "dict": lambda: {"knob": Hostile(), "before": 1, "after": np.arange(3), "saw": 4},
    "network": network,
    "exercise": lambda: ALL["load.count_sevens"],
    "dots": lambda: ["A", ...],
}


@pytest.mark.parametrize("kind", ANYTHING)
def test_nothing_that_is_passed_makes_it_fail(kind, loaded):
    answer = ANYTHING[kind]()
    for exercise in ALL.values():
        said = exercise.check(answer)
        assert said.state == ("open" if kind == "dots" else "wrong"), exercise.name
        assert len(said.text) > 20 and len(repr(said)) < 600
    if kind == "generator":
        assert list(answer) == [0, 1, 2], "looking at it used it up"


@pytest.mark.parametrize("name", ALL)
def test_untouched_answers_are_told_apart_from_wrong_ones(name, loaded):
    exercise = ALL[name]
    stub = (lambda *arguments: ...) if isinstance(exercise, question.Function) else ...
    for answer in (stub, ...):
        said = exercise.check(answer)
        assert said.state == "open" and f"practice.{name.partition('.')[2]}.hint()" in said.text
    assert not any(practice.progress().tries.values()), "looking is no try"


@pytest.mark.parametrize(
    ("name", "answer", "told"),
    [
        ("load.numbers_in_picture", "784", "Leave out the quotes"),
        ("load.numbers_in_picture", np.float32("nan"), "division by 0"),
        ("load.slice_shape", np.zeros((10, 28, 28)), "the array itself"),
        ("load.why_test_set", 2, 'Choose one letter, in quotes: "A", "B", "C" or "D"'),
        ("prepare.recipe", "CEAD", "Write all 5 letters"),
        ("prepare.recipe", "CCEAD", "each once"),
        ("prepare.one_hot_by_hand", np.zeros((3, 10)), "the function itself"),
        ("prepare.one_hot_by_hand", lambda labels, classes: None, "`return ...`"),
        ("prepare.one_hot_by_hand", lambda labels: labels, "stopped with `TypeError"),
        ("prepare.one_hot_by_hand", lambda labels, classes: np.zeros((len(labels), classes)), "wanted is"),
        ("prepare.one_hot_by_hand", lambda labels, classes: (x for x in labels), "your function gives"),
        ("evaluate.accuracy_by_hand", lambda labels, guesses: exit(), "stopped with `SystemExit"),
        ("visualize.pick_threes", np.zeros((2, 2)), "(2, 2)"),
        ("train.one_knob", {"knob": "epochs", "before": 4, "after": 1}, "There is no `saw`"),
        ("train.one_knob", {"knob": "epoch", "before": 4, "after": 1, "saw": "x"}, 'Did you mean "epochs"?'),
        ("train.one_knob", {"knob": ["epochs", "hidden"], "before": 4, "after": 1, "saw": "x"}, "two knobs"),
        ("train.one_knob", {"knob": "epochs and hidden", "before": 4, "after": 1, "saw": "x"}, "two knobs"),
        ("train.one_knob", {"knob": "epochs", "before": 4, "after": "4", "saw": "x"}, "the same value"),
        ("train.one_knob", {"knob": "epochs", "before": 4, "after": -1, "saw": "x"}, '"epochs" takes'),
        ("train.one_knob", {"knob": "epochs", "before": 4, "after": 1, "saw": "worse"}, "five words"),
        (
            "train.one_knob",
            {"knob": "epochs", "before": 4, "after": 1, "saw": "it became so much worse than before"},
            "judges without showing",
        ),
    ],
)
def test_the_form_of_an_answer_is_told(name, answer, told, loaded):
    said = ALL[name].check(answer)
    assert said.state == "wrong" and told in said.text


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("load.numbers_in_picture", np.array([784], dtype=np.uint16)),
        ("load.slice_shape", [10, 28, 28]),
        ("load.why_test_set", " b "),
        ("prepare.recipe", ["C", "A", "E", "D", "B"]),
        ("prepare.recipe", "c, e, a, d, b"),
        ("build.loss_of_half", 0.69),
        ("build.after_relu", [0, 0.5, 2, 0]),
        ("train.pipeline", "FBDAEC"),
        ("train.best_epoch", lambda losses: 1 + losses.index(min(losses))),
        ("evaluate.accuracy_by_hand", lambda labels, guesses: sum(labels == guesses) / len(labels)),
        (
            "evaluate.confusion_by_hand",
            lambda a, b, n: [[sum((a == i) & (b == k)) for k in range(n)] for i in range(n)],
        ),
    ],
)
def test_other_right_answers_are_right_too(name, answer, loaded):
    assert ALL[name].check(answer).right, ALL[name].check(answer)


def test_a_tensor_is_a_number_too(loaded):
    import tensorflow as tf

    assert ALL["load.numbers_in_picture"].check(tf.constant(784)).right


def test_a_function_that_changes_what_it_gets_is_told_and_changes_nothing():
    cases = [np.copy(part) for case in ALL["evaluate.accuracy_by_hand"].cases for part in case]

    def spoil(labels, guesses):
        labels[:] = 0
        return 0.5

    assert "changes what it is given" in ALL["evaluate.accuracy_by_hand"].check(spoil).text
    after = [part for case in ALL["evaluate.accuracy_by_hand"].cases for part in case]
    assert all(map(np.array_equal, cases, after))


def test_an_answer_is_never_changed(loaded):
    report = {"knob": "epochs", "before": 4, "after": 1, "saw": "0.98 became 0.96 after one"}
    kept = dict(report)
    assert ALL["train.one_knob"].check(report).right
    assert report == kept


def test_without_loaded_pictures_it_says_what_to_run(monkeypatch):
    monkeypatch.delitem(dataset.LOADED, "last", raising=False)
    said = ALL["load.count_sevens"].check(5)
    assert said.state == "unknown" and "Run the boxes at the top" in said.text


def test_loading_is_noticed(no_data, tmp_path, arrays):
    np.savez(tmp_path / "own.npz", **dict(zip(formats.ARRAYS, arrays, strict=True)))
    digits = load.load_digits(tmp_path / "own.npz")
    assert dataset.last_loaded() is digits
    assert ALL["load.count_sevens"].check(24).right
    del digits
    assert dataset.last_loaded() is None


def test_an_unknown_exercise_suggests_the_nearest():
    from handwriting.practice import load as exercises

    with pytest.raises(AttributeError, match=r'no exercise "count_seven" here\. Did you mean "count_sevens"'):
        exercises.count_seven  # noqa: B018
    assert "count_sevens" in dir(exercises) and "Number" not in dir(exercises)


@pytest.mark.parametrize("name", ALL)
def test_an_exercise_goes_by_the_name_that_students_write(name):
    stage, _, short = name.partition(".")
    assert getattr(sys.modules[f"handwriting.practice.{stage}"], short) is ALL[name]


def test_each_stage_has_a_mix():
    for stage in record.STAGES:
        kinds = [type(exercise).__name__ for name, exercise in ALL.items() if name.startswith(f"{stage}.")]
        assert len(kinds) >= 4 and len(set(kinds)) >= 4 and kinds.count("Report") == 1, stage


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_notebooks_ask_every_exercise_and_leave_it_open(source):
    notebook = read_source(source)
    stage = source.stem.partition("_")[2]
    asked = []
    for before, cell in itertools.pairwise(notebook.cells):
        last = cell.source.splitlines()[-1]
        if cell.cell_type != "code" or not last.startswith("practice."):
            continue
        _, short, verb = last.split(".", 2)
        asked.append(f"{stage}.{short}")
        exercise = ALL[asked[-1]]
        assert verb == f"check({short})"
        assert "..." in cell.source
        assert exercise.answer.splitlines()[0].partition("=")[0] in cell.source, "solution and stub belong together"
        if isinstance(exercise, (question.Choice, question.Order)):
            letters = exercise.letters if isinstance(exercise, question.Choice) else sorted(exercise.truth)
            assert all(f"\n- **{letter}**" in before.source for letter in letters), asked[-1]
    assert asked == [name for name in ALL if name.startswith(f"{stage}.")]


def test_progress_counts_tries_and_keeps_what_was_done(loaded):
    exercise = ALL["load.numbers_in_picture"]
    for answer in (56, 784, 56):
        exercise.check(answer)
    ALL["load.slice_shape"].check((11, 28, 28))
    table = practice.progress()
    names = ("load.numbers_in_picture", "load.slice_shape", "load.count_sevens")
    assert [table.states[name] for name in names] == ["done", "not right yet", "open"]
    assert [table.tries[name] for name in names] == [3, 1, 0]
    assert repr(table).startswith(f"1 of {len(ALL)} exercises done.") and "reset()" in repr(table)
    line = "1 of 5 done  not right yet: slice_shape; open: count_sevens, why_test_set, one_knob"
    assert line in repr(table) and line.partition("  ")[2] in table._repr_mimebundle_()["text/html"]
    stored = table._repr_mimebundle_()[record.MIME]
    assert (stored["done"], stored["of"], stored["states"]["load.slice_shape"]) == (1, len(ALL), "not right yet")
    for name in ("load.count_sevens", "load.slice_shape", "load.why_test_set", "load.one_knob"):
        ALL[name].check(run_solution(ALL[name], loaded))
    assert "✓ all done" in repr(practice.progress())


def test_reset_forgets_one_stage_or_all(loaded):
    ALL["load.numbers_in_picture"].check(784)
    ALL["build.count_weights"].check(50_890)
    assert practice.reset("load").done == practice.progress().done == 1
    assert practice.reset().done == practice.progress().done == 0
    with pytest.raises(ValueError, match=r'no stage "lod"\. Did you mean "load"'):
        practice.reset("lod")


def test_progress_moves_to_another_work_folder(tmp_path, loaded):
    practice.progress(tmp_path / "other")
    ALL["load.numbers_in_picture"].check(784)
    noted = json.loads((tmp_path / "other" / record.FILE).read_text())
    assert noted == {"load.numbers_in_picture": {"right": True, "tries": 1}}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"load.slice_shape": 3}', b"\xff\xfe"])
def test_a_damaged_file_of_progress_counts_as_none(content, loaded):
    record.folder.mkdir()
    (record.folder / record.FILE).write_bytes(content)
    assert practice.progress().done == 0
    assert ALL["load.numbers_in_picture"].check(784).right
    assert practice.progress().done == 1


def test_where_nothing_can_be_written_the_answer_still_comes(loaded, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(record, "folder", tmp_path / "file")
    assert ALL["load.numbers_in_picture"].check(784).right
    assert practice.progress().done == 0


def test_feedback_is_a_box_in_notebooks_and_a_sentence_elsewhere():
    said = feedback.Feedback("wrong", "Use `a < b`.", "x = '<'")
    assert repr(said) == "Not right yet. \nx = '<'\n Use `a < b`."
    html = said._repr_html_()
    assert "<code>a &lt; b</code>" in html and "x = &#x27;&lt;&#x27;" in html and "<b>Not right yet.</b>" in html


def test_practice_does_not_start_tensorflow():
    code = "import sys, handwriting.practice as p; p.exercises(); p.progress(); sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ).returncode == 0
