"""Exercises give feedback on right answers, on each misconception, and on anything else that is passed."""

import importlib
import itertools
import json
import math
import re
import sys
from threading import Thread

import numpy as np
import pytest
from build_notebooks import read_source
from conftest import ROOT

from handwriting import load, practice
from handwriting.data import dataset, formats
from handwriting.practice.answers import numbers_in
from handwriting.practice.build import softmax_of
from handwriting.practice.exercise_kinds import Choice, Function, Order
from handwriting.practice.feedback import Feedback
from handwriting.practice.one_change import Report
from handwriting.practice.overview import MIME, NOTEBOOKS
from handwriting.practice.progress_file import ProgressFile, progress_file

ALL = practice.exercises()
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))


@pytest.fixture(autouse=True)
def work(tmp_path, monkeypatch):
    """A work folder, in which the exercises of each test note their tries."""
    monkeypatch.setattr(progress_file, "folder", tmp_path / "work")
    return tmp_path / "work"


@pytest.fixture
def loaded(small, monkeypatch):
    """The state after `load_digits`: some data is there."""
    monkeypatch.setitem(dataset.LOADED, "last", small)
    return small


def run_solution(exercise, data):
    """Execute a solution where a notebook's names are known, and return its answer."""
    names = {"np": np, "math": math, "x_train": data.x_train, "y_train": data.y_train}
    exec(exercise.solution().code, names)
    return names[exercise.short_name]


@pytest.mark.parametrize("name", ALL)
def test_its_own_solution_is_right(name, loaded):
    feedback = ALL[name].check(run_solution(ALL[name], loaded))
    report = isinstance(ALL[name], Report)  # which no program can call right
    assert feedback.right and repr(feedback).startswith("Complete. " if report else "Right! "), feedback
    assert practice.progress().done == 1


@pytest.mark.parametrize("name", [name for name, exercise in ALL.items() if exercise.misconceptions])
def test_each_misconception_gets_a_text_of_its_own(name, loaded):
    exercise = ALL[name]
    texts = [text for _, text in exercise.misconceptions]
    assert len(set(texts)) == len(texts) >= 2
    for wrong, text in exercise.misconceptions:
        if isinstance(exercise, Order):
            wrong = first_order_that_breaks(exercise, wrong)
        elif exercise.needs_data:
            wrong = wrong(loaded)
        feedback = exercise.check(wrong)
        assert feedback.state == "wrong" and feedback.text.endswith(text)


def first_order_that_breaks(exercise, pair):
    """An order of the letters in which this pair is the first that is wrong."""
    pairs = [pair for pair, _ in exercise.misconceptions]
    for letters in itertools.permutations(exercise.truth):
        broken = [one for one in pairs if letters.index(one[0]) > letters.index(one[1])]
        if broken[:1] == [pair]:
            return "".join(letters)
    raise AssertionError(f"nothing breaks {pair} first")


@pytest.mark.parametrize("name", ALL)
def test_hints_grow_stronger_and_then_stay(name):
    exercise = ALL[name]
    exercise.hinted = 0
    hints = [exercise.hint().text for _ in range(len(exercise.hints) + 2)]
    assert len(exercise.hints) >= 2
    assert len(set(hints)) == len(exercise.hints)
    assert hints[-1] == hints[len(exercise.hints) - 1]
    assert ".solution()" in hints[-1] and ".solution()" not in hints[0]


class Hostile:
    """Fails at everything that is asked of it."""

    __hash__ = None

    def fail(self, *arguments, **named):
        raise RuntimeError("no")

    __eq__ = __repr__ = __array__ = fail

    def __call__(self, *arguments):
        raise SystemExit


ANYTHING = [None, "forty-two", True, float("nan"), np.inf, 1j, b"B", {1, 2}, [[1], [2, 3]], lambda: 1, max, int]
ANYTHING += [np.array([]), np.array([{}, []], dtype=object), np.broadcast_to(np.uint8(1), (10**6, 1000, 1000))]
ANYTHING += [
    Hostile(),
    {"parameter": Hostile(), "before": 1, "after": np.arange(3), "saw": 4},
    ALL["build.ten_percent"],
]
ANYTHING += [{"parameter": "digit", "before": Hostile(), "after": 1, "saw": 4}, (6, 265), [[True], [True, False]]]


def test_nothing_that_is_passed_makes_it_fail(loaded):
    from tensorflow import keras

    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    generator = (k for k in range(3))
    for exercise, answer in itertools.product(ALL.values(), [*ANYTHING, network, generator]):
        feedback = exercise.check(answer)
        assert feedback.state == "wrong", (exercise.name, type(answer))
        assert len(feedback.text) > 20 and len(repr(feedback)) < 600
    assert list(generator) == [0, 1, 2], "looking at it used it up"


@pytest.mark.parametrize("name", ALL)
def test_untouched_answers_differ_from_wrong_ones(name, loaded):
    exercise = ALL[name]
    stub = (lambda *arguments: ...) if isinstance(exercise, Function) else ...
    for answer in (stub, ..., ["A", ...]):
        feedback = exercise.check(answer)
        assert feedback.state == "open" and f"practice.{exercise.short_name}.hint()" in feedback.text
    assert not any(practice.progress().tries.values()), "an untouched answer is not an attempt"


def stopped(*arguments):
    raise KeyboardInterrupt


def first_dip(losses):
    return next((k for k in range(1, len(losses)) if losses[k] > losses[k - 1]), len(losses))


def nearest_average(trained_on_all=False):
    """A function that classifies as the nearest average does, with training images only or with all."""

    def accuracy(x_train, y_train, x_test, y_test):
        if trained_on_all:
            x_train, y_train = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
        averages = np.stack([x_train[y_train == digit].mean(axis=0) for digit in range(10)])
        distances = ((x_test[:, None] - averages) ** 2).sum(axis=(2, 3))
        return (distances.argmin(axis=1) == y_test).mean()

    return accuracy


CHANGE = {"parameter": "hidden", "before": 512, "after": 64}
EPOCHS = {"parameter": "epochs", "before": 1, "after": 4}
DIVISOR = {"parameter": "divisor", "before": 255, "after": 100}
SIZE = {"parameter": "train_size", "before": 55000, "after": 1000}
EPOCHS_EACH = {"parameter": "epochs_each", "before": 3, "after": 6}
DIGIT = {"parameter": "digit", "before": 7, "after": 0}
DRAWINGS = {"parameter": "drawings", "before": 15, "after": 6}
SAW = {"saw": "with 512 units 0.98 were right, with 64 units 0.97"}


def centre_by_loops(image):
    """Right for numbers of most types, but the sums of `uint8` are too large for it."""
    with np.errstate(over="ignore"):
        rows = sum(row * image[row, column] for row in range(28) for column in range(28))
        columns = sum(column * image[row, column] for row in range(28) for column in range(28))
        return rows / image.sum(), columns / image.sum()


@pytest.mark.parametrize(
    ("name", "answer", "text"),
    [
        ("load.numbers_per_image", "784", "Leave out the quotes"),
        ("load.numbers_per_image", np.float32("nan"), "division by 0"),
        ("load.numbers_per_image", 10**400, "This number has hundreds of digits. Look at your calculation again."),
        ("load.numbers_per_image", [10**5000], "expects one number. You gave a list"),
        ("load.numbers_per_image", (0, 10**5000), "a comma separates values"),
        pytest.param("load.why_test_set", 10**5000, "You gave a number with hundreds of digits", id="huge"),
        ("visualize.one_change", {"parameter": "digit", "before": 10**400, "after": 1} | SAW, "hundreds of digits"),
        ("load.slice_shape", np.zeros((10, 28, 28)), "the array itself"),
        ("load.why_test_set", 2, 'Choose one letter, in quotes: "A", "B", "C" or "D"'),
        ("prepare.recipe", "CEAD", "Write all 5 letters"),
        ("prepare.recipe", "CCEAD", "each once"),
        ("prepare.one_hot_by_hand", np.zeros((3, 10)), "the function itself"),
        ("prepare.one_hot_by_hand", lambda labels, classes: None, "`return ...`"),
        ("prepare.one_hot_by_hand", lambda labels: labels, "stopped with `TypeError"),
        ("prepare.one_hot_by_hand", lambda labels, classes: np.zeros((len(labels), classes)), "expected: "),
        ("prepare.one_hot_by_hand", lambda labels, classes: (x for x in labels), "your function returns"),
        ("evaluate.accuracy_by_hand", lambda labels, guesses: exit(), "stopped with `SystemExit"),
        ("evaluate.whole_workshop", lambda *digits: 0.98, "`0.98`. That is too good"),
        ("visualize.average_image", lambda images: sum(images) / len(images), "a sum above 255 starts again at 0"),
        ("own_handwriting.centre_of_mass", centre_by_loops, "expected: "),
        ("evaluate.whole_workshop", lambda *digits: 0.27, "`0.27`. That is too low. Is it the accuracy"),
        ("evaluate.whole_workshop", lambda *digits: 1.66, "not the loss and not a percentage"),
        (
            "evaluate.whole_workshop",
            lambda *digits: "0.65",
            "`'0.65'`. Return the accuracy on the test images, one number",
        ),
        ("evaluate.whole_workshop", nearest_average(trained_on_all=True), "That is too good"),
        ("evaluate.accuracy_by_hand", lambda labels, guesses: len({*labels} & {*guesses}) / len(labels), "expected: "),
        ("train.best_epoch", first_dip, "expected: `4`"),
        ("build.softmax_by_hand", lambda scores: softmax_of(scores).round(3), "If it rounds, leave that out"),
        ("build.softmax_by_hand", lambda scores: softmax_of(scores).round(5), "the largest difference is 4e-06"),
        ("build.softmax_by_hand", stopped, "did not end until you stopped it"),
        ("build.after_relu", "[0, 0.5, 2.0, 0]", "is text. Leave out the quotes"),
        ("build.after_relu", ["0", "0.5", "2.0", "0"], "contains text. Leave out the quotes"),
        ("own_handwriting.into_the_middle", (4, "-3"), "contains text. Leave out the quotes"),
        ("train.count_steps", "50000/64", "is text. Leave out the quotes"),
        ("new_problem.name_of", lambda values, names: names[(values >= 0.3).argmax()], "expected: `'Coat'`"),
        ("visualize.pick_threes", np.zeros((2, 2)), "(2, 2)"),
        ("prepare.one_hot_by_hand", lambda labels, classes: np.eye(classes)[labels] == 1, "True and False"),
        ("load.slice_shape", "(10, 28, 28)", "Leave out the quotes"),
        ("train.one_step", "0,7", "decimal point is a dot, not a comma. Write `0.7`"),
        ("train.one_step", (0, 7), "Write `0.7`"),
        ("load.numbers_per_image", "784 numbers", "in digits, without quotes, words or units"),
        ("prepare.recipe", "ACEDB", "C comes before A"),
        ("prepare.one_hot_by_hand", lambda labels, classes: [[0] * int(k) + [1] for k in labels], "different lengths"),
        ("prepare.one_hot_by_hand", lambda labels, classes: np.zeros((10**5, 10**5)), "shape (100000, 100000)"),
        (
            "new_problem.name_of",
            lambda values, names: names[values.argmax()] + " ",
            "`'Coat '`; expected: `'Coat'`",
        ),
        ("new_problem.name_of", lambda values, names: np.array([names[0]]), "returns `["),
        ("build.one_change", CHANGE, "There is no `saw`"),
        ("build.one_change", CHANGE | SAW | {"parameter": "hiden"}, 'Did you mean "hidden"?'),
        ("build.one_change", CHANGE | SAW | {"parameter": ["hidden", "dropout"]}, "one thing at a time"),
        ("build.one_change", CHANGE | SAW | {"parameter": "hidden and dropout"}, "one thing at a time"),
        ("build.one_change", CHANGE | SAW | {"after": "512"}, "the same value"),
        ("build.one_change", CHANGE | SAW | {"after": -1}, '"hidden" must be'),
        ("build.one_change", CHANGE | SAW | {"after": True}, '"hidden" must be'),
        ("build.one_change", CHANGE | {"saw": "worse"}, "five words"),
        ("build.one_change", CHANGE | {"saw": "bla bla bla 1 2"}, "others understand"),
        ("build.one_change", CHANGE | {"saw": "asdf qwrt zxcv 1 2"}, "others understand"),
        ("build.one_change", CHANGE | {"saw": "ASDF QWRT b c d 1 2"}, "others understand"),
        ("prepare.one_change", DIVISOR | {"saw": "I took 255 instead of 100 and it was"}, "gives no evidence"),
        ("train.one_change", EPOCHS | {"saw": "I did epoch 1 of 4 and epoch 2 of 4 of them"}, "between 0 and 1"),
        ("train.one_change", EPOCHS | {"saw": "it got 901 of 900 and 5,,3 of 0 and then 700"}, "between 0 and 1"),
        ("build.one_change", CHANGE | {"saw": "it became so much worse than before"}, "gives no evidence"),
        ("build.one_change", CHANGE | {"saw": "I went from 512 units to 64 units"}, "gives no evidence"),
        ("train.one_change", SIZE | {"saw": "with 1000 of the 55,000 images the accuracy was 0.88"}, "no evidence"),
        ("build.one_change", CHANGE | {"saw": "the accuracy went from 0.98 up to 150"}, "between 0 and 1"),
        ("build.one_change", CHANGE | {"saw": "with 64 the accuracy was -0.5, before that 0.9"}, "between 0 and 1"),
        ("build.one_change", CHANGE | {"saw": "with 512 units it was 0.98 and with 64 worse"}, "gives no evidence"),
        ("train.one_change", CHANGE | {"saw": "bla bla ble bli blo with 1 and then 2"}, "between 0 and 1"),
        ("train.one_change", {"parameter": "data", "before": "auto", "after": "small"} | SAW, "no data set called"),
        ("train.one_change", {"parameter": "data", "before": "auto", "after": "auto"} | SAW, "the same value"),
        (
            "train.one_change",
            {"parameter": "data", "before": "auto", "after": str(ROOT / "docs")} | SAW,
            "only one class",
        ),
        ("train.one_change", {"parameter": "data", "before": "auto", "after": __file__} | SAW, "not an .npz"),
        ("prepare.one_change", DIVISOR | {"saw": "divided by 255 and by 100 I saw nothing new"}, "gives no evidence"),
        ("new_problem.one_change", DRAWINGS | {"before": float("nan")} | SAW, "must be a whole number from 1 to 1000"),
        ("new_problem.one_change", DRAWINGS | {"after": "many"} | SAW, "You gave `'many'`"),
        ("evaluate.one_change", {"parameter": "right", "before": 2, "after": 1000000} | SAW, "from -27 to 27"),
        ("stronger_network.one_change", {"parameter": "peak", "before": 0.004, "after": -1} | SAW, '"peak" must be'),
        (
            "own_handwriting.one_change",
            {"parameter": "pen", "before": "blue", "after": "blue "} | SAW,
            "the same value",
        ),
        ("own_handwriting.one_change", {"parameter": "pen", "before": " ", "after": "x"} | SAW, "a number or text"),
        ("visualize.one_change", {"parameter": "digit", "before": 7, "after": 7.5} | SAW, "a whole number from 0"),
        ("train.one_change", EPOCHS | {"saw": "it took 10 seconds and then 3 seconds only"}, "the validation accuracy"),
        ("train.one_change", EPOCHS | {"saw": "the loss was 0.07 and then 0.12 so worse"}, "the validation accuracy"),
        ("train.one_change", EPOCHS | {"saw": "Loss was 0.7 after one and 0.2 after four"}, "the validation accuracy"),
        ("train.one_change", EPOCHS | {"saw": "It took 9 seconds, and 20 seconds later"}, "the validation accuracy"),
        ("train.count_steps", (782,), "Leave out the comma at the end"),
        ("train.count_steps", (10**400,), "You gave a tuple"),
        ("build.after_relu", [0, 0, 5, 2, 0], "You gave 5 numbers, and the answer has 4. Python's decimal point is"),
        ("build.count_weights", (50, 0.0), "a comma separates values, so this is 2 numbers"),
        ("new_problem.one_change", DRAWINGS | {"before": "6"} | SAW, "the same value"),
        ("load.one_change", {"parameter": "data", "before": "auto", "after": "bla"} | SAW, 'no data set called "bla"'),
        ("load.one_change", {"parameter": "data", "before": "mnist", "after": 3} | SAW, "no data set called"),
        ("visualize.one_change", {"parameter": "top", "before": 6, "after": 99} | SAW, "from 0 to 27"),
        ("visualize.one_change", {"parameter": "digit", "before": "a 7", "after": "?"} | SAW, "You gave `'?'`"),
    ],
)
def test_feedback_says_what_is_wrong_with_the_form_of_an_answer(name, answer, text, loaded):
    feedback = ALL[name].check(answer)
    assert feedback.state == "wrong" and text in feedback.text


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("load.numbers_per_image", np.array([784], dtype=np.uint16)),
        ("load.slice_shape", [10, 28, 28]),
        ("load.slice_shape", np.array([10, 28, 28])),
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


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ((50, 890), "commas: `50890`. The number itself is right."),
        (
            "50,890",
            "is text. Leave out the quotes to make it a number: `50890`, without anything between the digits. The",
        ),
        ("50.890", "The number itself is right."),
        ("50_890", "The number itself is right."),
        (50.890, "decimal point, so `50.89` is less than 51. Write `50890`. The number itself is right."),
        ((50, 816), "You have all the weights, but no biases"),
        ((50, 100), "`50100` is not right."),
        (("50", 890), "expects one number"),
        ((64, 10), "this is 2 numbers"),
        (50.8, "`50.8` is not right."),
    ],
)
def test_a_number_with_something_between_its_thousands_is_a_try(answer, text):
    feedback = ALL["build.count_weights"].check(answer)
    assert feedback.state == "wrong" and text in feedback.text
    assert practice.progress().tries["build.count_weights"] == 1


def test_python_allows_underscores_between_thousands():
    assert ALL["build.count_weights"].check(50_890).right


def test_numbers_in_a_sentence_are_read_as_people_write_them():
    saw = "Class 1: 6,742 (0,98), then 1,234,567.5 and -0.5, 5-10, 98 %, 1.234.567, x2, .968, -.5, 1e-3."
    assert numbers_in(saw) == [1, 6742, 0.98, 1234567.5, -0.5, 5, 10, 98, 1234567, 2, 0.968, -0.5, 0.001]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("build.one_change", CHANGE | {"saw": "die Zahl der Gewichte ging von 407.050 auf 50.890"}),
        ("build.one_change", CHANGE | {"saw": "accuracy 98 % with 512 units (407,050 weights), then 97 %"}),
        ("build.one_change", CHANGE | {"saw": "the accuracy was 0.98 with both 512 and 64"}),
        ("build.one_change", CHANGE | {"saw": "the number of weights stayed at 407050 both times, nothing changed"}),
        ("train.one_change", CHANGE | {"saw": "Accuracy stayed equal at 0.98 for both trials"}),
        ("train.one_change", CHANGE | {"saw": "准确率从0.98降到0.97"}),
        ("train.one_change", EPOCHS | {"saw": "validation accuracy rose from 0.5 to 1 with more epochs"}),
        ("train.one_change", EPOCHS | {"saw": "val_accuracy was 0.96 and 0.98, and the training accuracy was higher"}),
        ("train.one_change", EPOCHS | {"saw": "0.98 of the 5,000 images were right; with 1 epoch, 0.96 of them"}),
        ("train.one_change", EPOCHS | {"saw": "4888 of 5000 right after 4, 4788 of 5000 after 1: my guess was wrong"}),
        ("train.one_change", EPOCHS | {"saw": "accuracy was 0.85 after 4 epochs and 0.04 after only 1"}),
        ("train.one_change", EPOCHS | {"saw": "The first gave 0.91 and the second gave 0.95 on validation images"}),
        ("train.one_change", EPOCHS | {"saw": "one epoch 0.92, four 0.98, so my guess was wrong; it took 9 seconds"}),
        ("train.one_change", EPOCHS | {"saw": "one epoch got 0.92 after 9 s, and four got 0.98 after 20 s"}),
        ("train.one_change", EPOCHS | {"saw": "one epoch got 0.92 (loss 0.27), and four got 0.98 (loss 0.07)"}),
        ("train.one_change", EPOCHS | {"saw": "No loss of quality: 0.98 correct first and 0.982 correct later"}),
        ("train.one_change", EPOCHS | {"saw": "1 epoch got 9,645 of 10,000 right and 4 got 9776 out of the 10000"}),
        ("stronger_network.one_change", EPOCHS_EACH | {"saw": "CNN: 96.8 % after 3 epochs, 97.9 % after 6 epochs"}),
        ("visualize.one_change", DIGIT | {"saw": "6265 images are a 7, 5923 are a 0"}),
        ("prepare.one_change", DIVISOR | {"after": 1, "saw": "the largest value is 255 instead of 1"}),
        ("build.one_change", {"parameter": "activation", "before": "relu", "after": "linear"} | SAW),
        ("build.one_change", {"parameter": "data", "before": "auto", "after": "stand-in"} | SAW),
        ("prepare.one_change", {"parameter": "held_out", "before": "5,000", "after": 1000} | SAW),
        ("prepare.one_change", {"parameter": "divisor", "before": 255, "after": 127.5} | SAW),
        ("prepare.one_change", DIVISOR | {"saw": "The largest value rose from 1.0 to 255.0 and the smallest is 0"}),
    ],
)
def test_other_reports_are_right_too(name, answer):
    assert ALL[name].check(answer).right, ALL[name].check(answer)


def test_a_report_gives_what_this_session_measured(monkeypatch):
    measured = {"parameters": {"hidden": 64}, "validation_accuracy": 0.9512, "training_accuracy": 0.99}
    monkeypatch.setattr("handwriting.practice.one_change.RESULTS", results := [measured])
    feedback = ALL["train.one_change"].check(CHANGE | {"saw": "accuracy was 0.98 with 512 units, 0.97 with 64"})
    assert "`hidden = 64`, this notebook measured a validation accuracy of 0.9512" in feedback.text
    feedback = ALL["train.one_change"].check(CHANGE | {"saw": "accuracy was 0.98 with 512 units, 0.99 with 64"})
    assert feedback.text.endswith("does not give it. What it gives is the training accuracy.")
    saw = "with 512 units accuracy was 98 %, with 64 units only 95 %"
    assert ALL["train.one_change"].check(CHANGE | {"saw": saw}).right
    feedback = ALL["train.one_change"].check(CHANGE | {"saw": "0.98 with 512 units and 0.50 with 64 units"})
    assert "measured a validation accuracy of 0.9512" in feedback.text
    results.append({"parameters": {"hidden": 64, "epochs": 1}, "validation_accuracy": 0.6, "is_trial": True})
    assert ALL["train.one_change"].check(CHANGE | {"saw": "accuracy was 0.7 with 512 units, 0.6 with 64"}).right
    solution = {"parameter": "epochs", "before": 4, "after": 1, "saw": "accuracy was 0.98 after 4 epochs, 0.97 after 1"}
    assert ALL["train.one_change"].check(solution).right, "trials may be what is meant, but need not be"
    results.append({"data": "mnist", "parameters": {}, "validation_accuracy": 0.98})
    data = {"parameter": "data", "before": "mnist", "after": "fashion-mnist"}
    assert "0.9800" in ALL["train.one_change"].check(data | {"saw": "it was 0.50 and then 0.60 on clothes"}).text


def test_a_folder_in_a_report_is_read_only_once(tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr("handwriting.practice.one_change.load_path", read.append)
    report = {"parameter": "data", "before": "mnist", "after": str(tmp_path)} | SAW
    assert ALL["load.one_change"].check(report).right and ALL["load.one_change"].check(report).right
    assert len(read) == 1


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_parameter_of_a_notebook_may_be_changed_in_its_report(source):
    cell = next(cell for cell in read_source(source).cells if "parameters" in cell.metadata.get("tags", []))
    names = set(re.findall(r"^(\w+) =", cell.source, re.MULTILINE)) - {"work_dir"}  # only where things are saved
    (report,) = (exercise for exercise in NOTEBOOKS[source.stem[3:]] if isinstance(exercise, Report))
    assert names <= set(report.may_change)


def test_data_of_a_few_images_has_right_and_wrong_answers_too(small, monkeypatch):
    tiny = load.Dataset("tiny", small.class_names, small.x_train[:2], small.y_train[:2], small.x_test, small.y_test)
    monkeypatch.setitem(dataset.LOADED, "last", tiny)
    assert "`5` is not right" in ALL["load.count_sevens"].check(5).text
    assert "not the one that" in ALL["visualize.pick_threes"].check([]).text
    assert ALL["visualize.pick_threes"].check(tiny.x_train[:0]).right


def test_an_answer_from_labels_of_other_data_than_those_loaded_last_says_so(loaded, monkeypatch):
    monkeypatch.setattr(sys.modules["__main__"], "y_train", loaded.y_train, raising=False)
    assert "`5` is not right" in ALL["load.count_sevens"].check(5).text
    monkeypatch.setattr(sys.modules["__main__"], "y_train", loaded.y_train[::-1], raising=False)
    assert "Your `y_train` has other labels than `digits`" in ALL["load.count_sevens"].check(5).text
    assert ALL["load.count_sevens"].check(24).right


def test_a_tensor_is_a_number_too():
    import tensorflow as tf

    assert ALL["load.numbers_per_image"].check(tf.constant(784)).right


def test_a_function_that_changes_its_arguments_is_wrong_and_changes_nothing():
    exercise = ALL["evaluate.accuracy_by_hand"]
    before = [np.copy(part) for case in exercise.cases for part in case]

    def spoil(labels, guesses):
        labels[:] = 0
        return 0.5

    assert "changes its arguments" in exercise.check(spoil).text
    assert all(map(np.array_equal, before, [part for case in exercise.cases for part in case]))


def test_an_answer_is_never_changed():
    report = CHANGE | SAW
    before = dict(report)
    assert ALL["build.one_change"].check(report).right
    assert report == before


def test_loading_is_noticed(no_data, tmp_path, arrays, monkeypatch):
    monkeypatch.delitem(dataset.LOADED, "last", raising=False)
    exercise = ALL["load.count_sevens"]
    assert exercise.check(24).state == "unknown" and "Run the cells at the top" in exercise.check(24).text
    np.savez(tmp_path / "own.npz", **dict(zip(formats.ARRAYS, arrays, strict=True)))
    digits = load.load_digits(tmp_path / "own.npz")
    assert dataset.last_loaded() is digits
    assert exercise.check(24).right
    with monkeypatch.context() as main:
        main.setattr(sys.modules["__main__"], "digits", digits, raising=False)
        others = load.load_digits(tmp_path / "own.npz")
        assert dataset.last_loaded() is digits, "an exercise is about the notebook's own data"
    del digits, others
    assert dataset.last_loaded() is None


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_module_has_a_mix_of_exercises_and_suggests_the_nearest(notebook):
    module = importlib.import_module(f"handwriting.practice.{notebook}")
    assert sorted(dir(module)) == sorted(exercise.short_name for exercise in module.EXERCISES)
    for exercise in module.EXERCISES:
        assert getattr(module, exercise.short_name) is exercise is ALL[exercise.name]
    with pytest.raises(AttributeError, match=r'no exercise "one_chang" here\. Did you mean "one_\w+"'):
        module.one_chang  # noqa: B018
    kinds = [type(exercise).__name__ for exercise in module.EXERCISES]
    assert len(kinds) >= 4 and len(set(kinds)) >= 4 and kinds.count("Report") == 1


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_notebooks_ask_every_exercise_and_leave_it_open(source):
    notebook = source.stem.partition("_")[2]
    asked = []
    for before, cell in itertools.pairwise(read_source(source).cells):
        last = cell.source.splitlines()[-1]
        if cell.cell_type != "code" or not last.startswith("practice."):
            continue
        _, name, verb = last.split(".", 2)
        exercise = ALL[f"{notebook}.{name}"]
        asked.append(exercise)
        assert verb == f"check({name})"
        assert "..." in cell.source
        assert exercise.code.splitlines()[0].partition("=")[0] in cell.source, "solution and stub belong together"
        title = exercise.title if exercise.title.endswith("?") else f"{exercise.title}."
        assert f"**Exercise {len(asked)}: {title}**" in before.source, "progress shows the notebook's words"
        if isinstance(exercise, (Choice, Order)):
            assert all(f"\n- **{letter}**" in before.source for letter in exercise.letters), name
    assert asked == NOTEBOOKS[notebook]


def test_progress_counts_tries_and_keeps_what_was_done(loaded):
    for answer in (56, 784, 56):
        ALL["load.numbers_per_image"].check(answer)
    ALL["load.slice_shape"].check((11, 28, 28))
    progress = practice.progress()
    names = ("load.numbers_per_image", "load.slice_shape", "load.count_sevens")
    assert [progress.states[name] for name in names] == ["done", "not right yet", "open"]
    assert [progress.tries[name] for name in names] == [3, 1, 0]
    assert repr(progress).startswith(f"1 of {len(ALL)} exercises done.") and "reset()" in repr(progress)
    still = "not right yet: 2 the shape of a slice; open: 1 count the sevens, 4 why a test set?, 5 one change"
    shown = progress._repr_mimebundle_()
    assert f"1 of 5 done  {still}" in repr(progress) and still in shown["text/html"]
    assert "count the weights" not in repr(progress), "in a notebook that is not begun, a count is enough"
    assert (shown[MIME]["done"], shown[MIME]["of"]) == (1, len(ALL))
    assert shown[MIME]["states"]["load.slice_shape"] == "not right yet"
    for exercise in NOTEBOOKS["load"]:
        exercise.check(run_solution(exercise, loaded))
    assert "✓ all done" in repr(practice.progress())


def test_reset_forgets_one_notebook_or_all():
    ALL["load.numbers_per_image"].check(784)
    ALL["build.count_weights"].check(50_890)
    assert practice.reset("load").done == practice.progress().done == 1
    assert practice.reset().done == practice.progress().done == 0
    with pytest.raises(ValueError, match=r'no stage "lod"\. Did you mean "load"'):
        practice.reset("lod")
    with pytest.raises(ValueError, match="no stage"):
        practice.reset(["load"])
    with pytest.raises(ValueError, match="no stage"):
        practice.reset(np.zeros(2))


def test_progress_moves_to_another_work_folder(tmp_path):
    practice.progress(tmp_path / "other")
    ALL["load.numbers_per_image"].check(784)
    noted = json.loads((tmp_path / "other" / "practice.json").read_text())
    assert noted == {"load.numbers_per_image": {"right": True, "tries": 1}}


@pytest.mark.parametrize(
    ("content", "done"),
    [
        (b'{"load.slice_shape": {"right": true, "tries": 2}, "load.gone": {"right": true, "tries": 1}}', 1),
        (b'{"prepare.which_part": {"right": 1, "tries": 2}, "prepare.which_images": {"right": 0, "tries": 1}}', 1),
        (b'{"build.one_knob": {"right": true, "tries": 2}}', 1),
        (b'{"share.private_notes": {"right": true, "tries": 2}}', 1),
        *((damaged, 0) for damaged in (b"{", b"[]", b'{"load.slice_shape": 3}', b"\xff\xfe", 99_999 * b"[")),
        (b'{"load.slice_shape": {"right": true, "tries": 1e999}}', 1),
        (b'{"load.slice_shape": {"right": true, "tries": 2, "chosen": ["c", "a"]}}', 1),
    ],
)
def test_a_file_of_progress_is_read_and_a_damaged_one_is_kept_beside_a_new_one(content, done, work, capsys):
    work.mkdir()
    (work / "practice.json").write_bytes(content)
    assert practice.progress().done == done
    assert ALL["load.numbers_per_image"].check(784).right
    assert practice.progress().done == done + 1
    if not done:
        assert (work / "practice-1.json").read_bytes() == content
        assert "now practice-1.json" in capsys.readouterr().out
        (work / "practice.json").write_bytes(b"again")
        ALL["load.numbers_per_image"].check(784)
        assert (work / "practice-2.json").read_bytes() == b"again"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
@pytest.mark.parametrize("loaded", ["mnist", "stand-in", "fashion-mnist"])
def test_automatic_data_is_mnist_or_the_stand_in(loaded, monkeypatch):
    monkeypatch.setattr("handwriting.practice.one_change.last_name", lambda otherwise: loaded)
    report = {"parameter": "data", "before": "auto"} | SAW
    assert ALL["train.one_change"].check(report | {"after": "fashion-mnist"}).right
    automatic = "stand-in" if loaded == "stand-in" else "mnist"
    assert "the same value" in ALL["train.one_change"].check(report | {"after": automatic}).text


def test_a_file_of_progress_that_leads_to_itself_is_said_not_to_be_kept(work):
    work.mkdir()
    (work / "practice.json").symlink_to("practice.json")
    assert "Your progress is not kept" in ALL["load.numbers_per_image"].check(784).text


def test_what_else_is_in_a_file_of_progress_stays_also_behind_a_link(work, tmp_path):
    work.mkdir()
    (work / "practice.json").symlink_to(tmp_path / "elsewhere.json")
    (tmp_path / "elsewhere.json").write_text('{"load.count_sevens": {"right": false, "tries": 1, "note": "mine"}}')
    ProgressFile(work).note("load.count_sevens", True)
    found = json.loads((tmp_path / "elsewhere.json").read_text())
    assert found == {"load.count_sevens": {"right": True, "tries": 2, "note": "mine"}}
    assert (work / "practice.json").is_symlink()


def test_where_nothing_can_be_written_feedback_still_comes_and_says_so(work):
    work.write_text("a file where the folder should be")
    feedback = ALL["load.numbers_per_image"].check(784)
    assert feedback.right and "Your progress is not kept" in feedback.text
    assert "Your progress is not kept" in repr(practice.progress())
    assert practice.progress().done == 0


def test_notebooks_at_once_note_everything(work):
    files = [ProgressFile(work) for _ in range(4)]
    threads = [
        Thread(target=lambda file=file, k=k: [file.note(f"{k}.{n}", True) for n in range(9)])
        for k, file in enumerate(files)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files[0].read()) == 36


def test_a_notebook_that_does_not_end_is_not_waited_for_long(work, monkeypatch):
    monkeypatch.setattr("handwriting.practice.progress_file.WAIT", 0.05)
    with ProgressFile(work).locked():
        ProgressFile(work).note("load.count_sevens", True)
        practice.reset("build")
    assert ProgressFile(work).read() == {"load.count_sevens": {"right": True, "tries": 1}}


def test_feedback_is_a_box_in_notebooks_and_a_sentence_elsewhere():
    feedback = Feedback("wrong", "Use `a < b`.", "x = '<'")
    assert repr(feedback) == "Not right yet. \nx = '<'\n Use `a < b`."
    html = feedback._repr_html_()
    assert "<code>a &lt; b</code>" in html and "x = &#x27;&lt;&#x27;" in html and "<b>Not right yet.</b>" in html
