"""Whatever a student passes to a function of the notebooks: it works, or a sentence says what is wrong."""

import math
import re

import numpy as np
import pytest
from conftest import Later
from matplotlib.figure import Figure

import handwriting
from handwriting import load, prepare, scan, visualize
from handwriting.arguments import takes, whole
from handwriting.data.image_folder import read_folder
from handwriting.data.letters import sample_letters
from handwriting.errors import ArrayError, ParameterError, ScanError, UserError
from handwriting.models.pretrained import pretrained_network
from handwriting.pad import DrawingPad, HandwritingCollector
from handwriting.scan.drawings import my_digits, save_digit
from handwriting.scan.image_file import open_image
from handwriting.share import export_page, show_card
from handwriting.widgets import loss_surface, playground

build, evaluate, train = map(Later, ("handwriting.build", "handwriting.evaluate", "handwriting.train"))
WRONG = [None, 1.5, 10**30, math.nan, "", "a", [], [[1], [2, 3]], {"a": 1}, object()]
WRONG += [np.zeros((0, 28, 28), np.uint8), np.full((4, 3), np.nan), np.arange(4) * 1j]
DIGITS = tuple("0123456789")
SHOWN = {"images": np.zeros((4, 28, 28), np.uint8), "labels": np.array([0, 1, 2, 1]), "probabilities": np.eye(4, 3)}
SHOWN |= {"class_names": ("a", "b", "c"), "image": np.zeros((28, 28), np.uint8), "matrix": np.eye(3)}
INK = np.zeros((40, 40), np.uint8)
INK[10:30, 18:22] = 255


@pytest.fixture(scope="module")
def right(small):
    """For each function, arguments that are right."""
    ready = prepare.prepared(small)
    model = build.dense_network(4)
    history = model.fit(ready.x_train, ready.y_train, verbose=0)
    record = {"data": "x", "fingerprint": None, "parameters": {}, "seconds_to_fit": 1.0, "history": history.history}
    record |= {"parameter_count": model.count_params()}
    saved = {"data": ready, "parameters": {}, "history": history, "seconds": 1.0}
    built = {"seed": 0, "learning_rate": 0.1, "classes": 3}

    def some(*names, **others):
        return {name: SHOWN[name] for name in names} | others

    return {
        handwriting.setup: {"seed": 0},
        visualize.show_images: some("images", alt="x", titles=[1, 2, 3, 4], columns=2),
        visualize.show_pixels: some("image", top=6, left=8, size=3),
        visualize.average_images: some("images", "labels", classes=3),
        visualize.show_averages: some("images", "labels", "class_names"),
        visualize.show_counts: some("labels", "class_names"),
        visualize.show_diagram: {"name": "network"},
        prepare.flatten: some("images"),
        prepare.scale: some("images"),
        prepare.one_hot: some("labels", classes=3),
        prepare.prepared: {"data": small, "train_size": 9},
        build.dense_network: built | {"inputs": 3},
        build.convolutional_network: built | {"layers": [(2, 3, 4)], "norm": True, "augment": False, "name": "x"},
        build.augmentation: {"seed": 0, "shift": 0.1, "turn": 0.1, "zoom": 0.1},
        build.compile_classifier: {"model": build.dense_network(2), "optimizer": "adam"},
        train.LiveChart: {"epochs": 2, "batch_size": 8},
        train.one_cycle: {"images": 100, "epochs": 1, "batch_size": 10, "peak": 0.1},
        train.show_history: {"history": history},
        train.save_network: saved | {"model": model, "work_dir": "work"},
        train.training_result: {"record": record},
        evaluate.require_digits: {"data": small},
        evaluate.show_guess: some("image", "class_names", probabilities=np.ones(3)),
        evaluate.show_failures: some("images", "labels", "probabilities", "class_names", count=2, true_class=1),
        evaluate.show_predictions: some("images", "labels", "probabilities", "class_names"),
        evaluate.errors_by_writers: {"digits": ready, "predictions": ready.labels_test},
        evaluate.show_weights: {"model": model, "count": 2},
        evaluate.shift: some("images", right=1, down=1),
        evaluate.test_result: some("labels", "probabilities", record=record, loss=4.03, accuracy=0.75, model=model),
        evaluate.confusion_matrix: some("labels", predictions=[0, 1, 1, 1], classes=3),
        evaluate.most_confused: some("matrix", "class_names", count=2),
        evaluate.show_confusion: some("matrix", "class_names"),
        evaluate.show_reliability: some("labels", "probabilities"),
        export_page: {"model": model, "path": "page.html", "title": "x", "author": "x", "sentence": "x"}
        | {"class_names": DIGITS, "accuracy": 0.5, "data": "mnist", "date": "x"},
        show_card: {"path": "page.html"},
        pretrained_network().predict: some("images"),
        scan.to_mnist: {"image": INK},
        scan.find_digits: {"image": INK},
        scan.show_steps: {"image": INK},
        scan.page.show_page: {"image": INK},
        load.load_writers: {"data": small},
        visualize.accuracy_table: {"accuracies": {"network": 0.5}, "images": 10},
        evaluate.baselines: {"data": ready, "x": ready.x_train, "labels": ready.y_train.argmax(axis=1)},
        open_image: {"image": INK},
        save_digit: {"image": INK, "label": 1, "work_dir": "work"},
        my_digits: {"work_dir": "work", "prepare": scan.to_mnist},
        HandwritingCollector: {"labels": "AB", "folder": "letters", "times": 3},
        DrawingPad: {"model": pretrained_network(), "class_names": DIGITS},
        sample_letters: {"folder": "sample"},
        playground.image_playground: some("images", "labels", "class_names"),
        playground.threshold_playground: some("labels", "probabilities"),
        loss_surface.loss_surface_playground: {"x": ready.x_train, "y": ready.y_train},
    }


@pytest.mark.filterwarnings("ignore")
def test_every_function_of_the_notebooks_works_or_says_in_a_sentence_why_not(right, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for function, usual in right.items():
        function(**usual)
        for name in usual:
            for value in WRONG:
                try:
                    made = function(**(usual | {name: value}))
                    if isinstance(made, Figure):
                        made.draw_without_rendering()
                except UserError as error:
                    said = str(error)
                    assert said.isprintable() and re.search(r"[.?]$", said) and len(said) < 600, (function, name, said)
            if type(usual[name]) in (int, float):
                with pytest.raises(UserError):  # True is not 1
                    function(**(usual | {name: True}))
                    pytest.fail(f"{function.__name__} takes True as {name}")


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: evaluate.shift(SHOWN["images"], 1.5), ParameterError, "whole number from -1,000 to 1,000, not 1.5."),
        (lambda: build.dense_network(inputs=0), ParameterError, '"inputs" must be a whole number from 1 to 100,000'),
        (lambda: build.dense_network(inputs="a"), ParameterError, "from 1 to 100,000, not 'a'."),
        (lambda: open_image(""), ScanError, "The path is empty. Give the name of a file or folder."),
        (
            lambda: read_folder("x", len, test_share=math.nan),
            ParameterError,
            '"test_share" must be a number between 0 and 1',
        ),
        (lambda: evaluate.show_guess(SHOWN["image"], [[1], [2, 3]]), ArrayError, '"probabilities" must be an array of'),
        (lambda: visualize.show_counts([0], [1, 2]), ParameterError, '"class_names" must be a list of names'),
    ],
)
def test_it_says_what_an_argument_takes(call, error, said):
    with pytest.raises(error, match=re.escape(said)):
        call()


def test_what_does_not_fit_together_is_described():
    @takes(count=whole())
    def add(images, count=None):
        return images * np.ones(2)

    with pytest.raises(ArrayError, match=r"add cannot work with images of shape \(3,\), count 5 \(operands could not"):
        add(np.zeros(3), 5)
    with pytest.raises(ParameterError, match=r"add: missing a required argument: 'images'\."):
        add()
    with pytest.raises(
        ParameterError, match=r'add takes no "imags"\. Did you mean "images"\? It takes: images, count\.'
    ):
        add(imags=np.zeros(3))
