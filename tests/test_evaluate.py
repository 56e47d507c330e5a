"""How good a network is, and where it is wrong."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from conftest import Later

from handwriting.errors import ArrayError, DataError, NetworkError

evaluate = Later("handwriting.evaluate")

IMAGES = np.stack([np.full((28, 28), level, np.uint8) for level in (10, 20, 30, 40)])
LABELS = np.array([0, 1, 2, 1])
# Read as 0 (right), 2 (wrong, 60 % sure), 1 (wrong, 90 % sure), 1 (right).
PROBABILITIES = np.array([[0.8, 0.1, 0.1], [0.3, 0.1, 0.6], [0.05, 0.9, 0.05], [0.2, 0.7, 0.1]])
NAMES = ("zero", "one", "two")


def test_confusion_matrix_counts_by_hand():
    matrix = evaluate.confusion_matrix(LABELS, PROBABILITIES.argmax(axis=1), 3)
    assert matrix.tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 0]]


def test_confusion_matrix_takes_one_prediction_per_label():
    with pytest.raises(ArrayError, match=r"2 labels and 4 predictions\. Each label needs one"):
        evaluate.confusion_matrix([0, 1], [0, 1, 2, 1])


@pytest.mark.parametrize(
    ("labels", "predictions", "words"),
    [
        ([0, 1], [1, 5], "Predictions must be from 0 to 2; these range from 1 to 5"),
        ([0, -1], [1, 1], "Labels must be from 0 to 2; these range from -1 to 0"),
        ([0, 1], [1, 0.5], "Predictions must be whole numbers"),
        ([0, 1], [1, np.nan], "Predictions must be whole numbers"),
        (["a", "b"], [1, 0], "Labels must be whole numbers"),
        (np.eye(2), np.eye(2), r"Labels must have shape \(n,\)"),
    ],
)
def test_confusion_matrix_counts_no_class_that_there_is_not(labels, predictions, words):
    with pytest.raises(ArrayError, match=words):
        evaluate.confusion_matrix(labels, predictions, 3)
    assert evaluate.confusion_matrix([0, 2.0], np.array([0, 2], np.uint8), 3).tolist() == np.diag([1, 0, 1]).tolist()


@pytest.mark.parametrize("names", ["abc", "012345678", ("T-shirt", *"123456789")])
def test_only_the_ten_digits_are_digits(names):
    with pytest.raises(DataError, match="needs a network that was trained on the ten digits, but mine has other"):
        evaluate.require_digits(SimpleNamespace(name="mine", class_names=tuple(names)))
    evaluate.require_digits(SimpleNamespace(name="mine", class_names=tuple("0123456789")))


def test_most_frequent_mistakes_come_first():
    matrix = np.array([[50, 1, 0], [7, 40, 0], [0, 3, 60]])
    mistakes = ["one predicted as zero: 7 times", "two predicted as one: 3 times", "zero predicted as one: 1 time"]
    assert evaluate.most_confused(matrix, NAMES, count=2) == mistakes[:2]
    assert evaluate.most_confused(matrix, NAMES, count=9) == mistakes
    assert evaluate.most_confused(np.diag([5, 5, 5]), NAMES) == []
    assert matrix[0, 0] == 50, "the caller's matrix must stay as it was"


RECORD = {"data": "small", "fingerprint": "0" * 16, "parameters": {}, "parameter_count": 1, "seconds_to_fit": 1.0}


def test_a_result_is_of_one_run_or_refused():
    record, model = RECORD | {"history": {}}, SimpleNamespace(count_params=lambda: 1)
    result = evaluate.test_result(record, 0.7, 0.5, LABELS, PROBABILITIES, model)
    assert result.values["test_accuracy"] == 0.5
    assert result.details["mistakes"] == [[2, 1, 0.9], [1, 2, 0.6]]
    with pytest.raises(ArrayError, match="from different runs"):
        evaluate.test_result(record, 0.7, 0.9, LABELS, PROBABILITIES, model)


def test_the_loss_of_a_network_that_is_sure_and_wrong_may_be_larger_than_its_probabilities_say():
    record, names = RECORD | {"history": {}}, {"loss": "categorical_crossentropy", "losses": []}
    model, sure = SimpleNamespace(count_params=lambda: 1, **names), np.eye(3)[[0, 0]]
    assert evaluate.test_result(record, 30.0, 0.5, [0, 1], sure, model).values["test_accuracy"] == 0.5
    with pytest.raises(ArrayError, match=r"The loss is 2\.0000, but for these predictions it is 8\.05"):
        evaluate.test_result(record, 2.0, 0.5, [0, 1], sure, model)


@pytest.mark.parametrize(("numbers", "losses", "fits"), [(1, [np.nan], True), (2, [np.nan], False), (1, [0.5], False)])
def test_a_result_of_another_network_than_that_of_the_record_is_refused(numbers, losses, fits):
    history = SimpleNamespace(history={"loss": losses})  # of the training that the network had in this notebook
    model = SimpleNamespace(count_params=lambda: numbers, history=history)
    values = (RECORD | {"history": {"loss": [np.nan]}}, 0.7, 0.5, LABELS, PROBABILITIES, model)
    if fits:
        evaluate.test_result(*values)
    else:
        with pytest.raises(NetworkError, match="not to this one"):
            evaluate.test_result(*values)


def test_failures_are_sorted_by_confidence():
    figure = evaluate.show_failures(IMAGES, LABELS, PROBABILITIES, NAMES)
    titles = [text.get_text() for text in figure.get_axes()[0].texts]
    assert titles == ["predicted one,\nis two\n90 % sure", "predicted two,\nis one\n60 % sure"]
    assert figure.get_axes()[0].images[0].get_array()[20, 0] == pytest.approx(30 / 255)


def test_failures_of_one_class_only():
    figure = evaluate.show_failures(IMAGES, LABELS, PROBABILITIES, NAMES, true_class=1)
    assert len(figure.get_axes()[0].texts) == 1
    nothing = evaluate.show_failures(IMAGES, LABELS, PROBABILITIES, NAMES, true_class=0)
    assert "no mistake to show" in nothing.texts[0].get_text() and "no mistake" in nothing.description


def test_probabilities_of_16_bits_are_numbers_like_others():
    import ml_dtypes

    few = PROBABILITIES.astype(ml_dtypes.bfloat16)
    evaluate.show_guess(IMAGES[0], few[0], NAMES)
    expected = [text.get_text() for text in evaluate.show_failures(IMAGES, LABELS, PROBABILITIES, NAMES).axes[0].texts]
    assert [text.get_text() for text in evaluate.show_failures(IMAGES, LABELS, few, NAMES).axes[0].texts] == expected
    evaluate.show_reliability(LABELS, few)


def test_confusion_is_shown_with_every_count():
    matrix = np.array([[50, 1], [7, 40]])
    figure = evaluate.show_confusion(matrix, NAMES[:2])
    assert [text.get_text() for text in figure.get_axes()[0].texts] == ["50", "1", "7", "40"]
    assert "one predicted as zero: 7 times" in figure.description
    with pytest.raises(ArrayError, match="2 rows and 3 class names"):
        evaluate.show_confusion(matrix, NAMES[:3])


def test_probabilities_of_one_class_are_no_table():
    with pytest.raises(ArrayError, match=r"shape \(n, classes\); these have shape \(4,\)"):
        evaluate.show_reliability(LABELS, PROBABILITIES[:, 0])


def test_guess_shows_all_probabilities():
    figure = evaluate.show_guess(IMAGES[0], PROBABILITIES[0], NAMES)
    assert [bar.get_height() for bar in figure.get_axes()[1].patches] == [0.8, 0.1, 0.1]
    assert "most probable is zero, with 80 percent" in figure.description


@pytest.mark.parametrize(
    ("show", "arrays", "words"),
    [
        ("show_guess", (IMAGES[0], PROBABILITIES[0]), "10 class names"),
        ("show_guess", (IMAGES[0], PROBABILITIES[:1], NAMES), r"write predictions\[0\]"),
        ("show_predictions", (IMAGES, LABELS, PROBABILITIES), r"shape \(n, 10\); these have shape \(4, 3\)"),
        ("show_predictions", (IMAGES, LABELS, PROBABILITIES[0], NAMES), "one row per image"),
        ("show_predictions", (IMAGES, [0, 1, 2, 8], PROBABILITIES, NAMES), "Labels must be from 0 to 2"),
        ("show_predictions", (IMAGES[:3], None, PROBABILITIES, NAMES), "3 images, but probabilities for 4"),
        ("show_failures", (IMAGES, LABELS[:3], PROBABILITIES, NAMES), "3 labels, but probabilities for 4"),
        ("show_reliability", (LABELS[:3], PROBABILITIES), "3 labels, but probabilities for 4"),
        ("most_confused", (np.eye(3), NAMES[:2]), "3 rows and 2 class names"),
    ],
)
def test_what_does_not_fit_together_is_not_shown(show, arrays, words):
    with pytest.raises(ArrayError, match=words):
        getattr(evaluate, show)(*arrays)


def test_predictions_mark_mistakes_in_words_too():
    figure = evaluate.show_predictions(IMAGES[:2], np.array([0, 0]), PROBABILITIES[:2], NAMES)
    assert figure.description == "2 images, 1 of them classified correctly; wrong: a zero as two"
    assert [text.get_text() for text in figure.axes[0].texts] == ["zero", "✗ two"]
    assert "titled zero, two" in evaluate.show_predictions(IMAGES[:2], None, PROBABILITIES[:2], NAMES).description


def test_predictions_can_be_read_on_a_phone():
    figure = evaluate.show_predictions(np.zeros((30, 28, 28)), None, np.eye(10)[np.arange(30) % 10])
    assert len({text.get_position()[0] for text in figure.axes[0].texts}) == 5
    width = 100 * figure.get_figwidth()
    assert all(text.get_fontsize() * 100 / 72 * 380 / width > 10 for text in figure.axes[0].texts), "pixels, at 380"


@pytest.mark.parametrize("matrix", [np.eye(3) / 3, -np.eye(3, dtype=int)])
def test_a_confusion_matrix_of_shares_is_not_drawn(matrix):
    with pytest.raises(ArrayError, match="must be counts, whole numbers"):
        evaluate.show_confusion(matrix, list("abc"))


@pytest.mark.parametrize(("classes", "written"), [(3, 9), (12, 144), (26, 27), (60, 0)])
def test_confusion_of_many_classes_stays_readable(classes, written):
    matrix = 5 * np.eye(classes, dtype=int)
    matrix[1, 0] = 2
    figure = evaluate.show_confusion(matrix, [f"class {k}" for k in range(classes)])
    axes = figure.get_axes()[0]
    assert len(axes.texts) == written
    assert len(axes.get_xticks()) == len(axes.get_yticks()) == classes
    pixels = axes.get_figure().get_size_inches()[1] * 100
    assert 500 < pixels < 1200 and "class 1 predicted as class 0: 2 times" in figure.description
    figure.draw_without_rendering()
    bars = figure.get_axes()[1:]
    assert len(bars) == (classes > 12), "where every count is written, colours need no bar"
    steps = [f"{tick:g}" for bar in bars for tick in bar.get_yticks()]
    assert all(step.isdigit() for step in steps), "there are no half mistakes"


@pytest.mark.parametrize(("classes", "count", "size"), [(3, 9, 12), (10, 1135, 12), (12, 60000, 8)])
def test_counts_in_a_small_confusion_matrix_are_as_large_as_fits(classes, count, size):
    figure = evaluate.show_confusion(np.full((classes, classes), count), [str(k) for k in range(classes)])
    axes = figure.get_axes()[0]
    figure.draw_without_rendering()
    widths = [text.get_window_extent().width for text in axes.texts]
    assert max(widths) < axes.get_window_extent().width / classes
    assert axes.texts[0].get_fontsize() >= size


@pytest.mark.filterwarnings("ignore:Glyph")
def test_any_names_are_shown_as_they_are():
    names = ("$a$", "文字", "a name that is much too long for one line")
    figure = evaluate.show_confusion(np.eye(3, dtype=int), names)
    figure.draw_without_rendering()
    for axis in (figure.get_axes()[0].xaxis, figure.get_axes()[0].yaxis):
        assert [label.get_text() for label in axis.get_ticklabels()] == ["$a$", "文字", "a name that is muc…"]
    figure = evaluate.show_guess(IMAGES[0], PROBABILITIES[0], names)
    figure.draw_without_rendering()
    assert "most probable is $a$" in figure.description
    figure = evaluate.show_failures(IMAGES, LABELS, PROBABILITIES, names)
    assert [text.get_text() for text in figure.get_axes()[0].texts] == [
        "predicted 文字,\nis a name that is\nmuch too long for…\n90 % sure",
        "predicted a name\nthat is much too…\nis 文字\n60 % sure",
    ]
    assert "predicted 文字, is a name that is much too long for one line 90 % sure" in figure.description


@pytest.mark.parametrize(("right", "down"), [(2, 1), (-3, 0), (0, -28), (1000, -1000), (0, 0)])
def test_shift_moves_by_whole_pixels(right, down):
    images = np.random.default_rng(0).integers(1, 255, (2, 28, 28), np.uint8)
    expected = np.zeros_like(images)
    for row in range(28):
        for column in range(28):
            if 0 <= row - down < 28 and 0 <= column - right < 28:
                expected[:, row, column] = images[:, row - down, column - right]
    assert np.array_equal(evaluate.shift(images, right, down), expected)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda data, x, labels: evaluate.errors_by_writers(data, x[:, 0] / 3), "Predictions must be whole numbers"),
        (lambda data, x, labels: evaluate.errors_by_writers(data, labels[:5]), "10 test images and 5 predictions"),
        (lambda data, x, labels: evaluate.baselines(data, x[:1], labels), "1 image and 10 labels"),
        (lambda data, x, labels: evaluate.baselines(data, x[:0], labels[:0]), "There are no images to classify."),
        (lambda data, x, labels: evaluate.baselines(data, x / 255, labels), "from 0 to 1; these are from 0 to 0.00392"),
        (lambda data, x, labels: evaluate.baselines(data, x * np.nan, labels), "from nan to nan"),
    ],
)
def test_nothing_is_counted_of_what_does_not_fit_together(function, words):
    x, labels = np.eye(10, 784, dtype=np.float32), np.arange(10)
    truth = {"labels_test": labels, "x_train": x, "y_train": np.eye(10), "class_names": list("0123456789")}
    with pytest.raises(ArrayError, match=words):
        function(SimpleNamespace(name="mnist", **truth), x, labels)


def test_shift_explains_flat_images():
    with pytest.raises(ArrayError, match="reshape"):
        evaluate.shift(np.zeros((3, 784)), right=2)


def test_reliability_compares_how_sure_with_how_often_right():
    rng = np.random.default_rng(0)
    sure = np.repeat([0.65, 0.95], 500)
    probabilities = np.stack([sure, 1 - sure], axis=1)
    labels = (rng.random(1000) > sure).astype(int)  # perfectly calibrated
    figure = evaluate.show_reliability(labels, probabilities)
    points = [[int(word) for word in re.findall(r"\d+", part)] for part in figure.description.split(";")]
    assert [point[:2] for point in points] == [[500, 65], [500, 95]]
    assert [point[2] for point in points] == pytest.approx([65, 95], abs=5)
    assert "0 % right" in evaluate.show_reliability(1 - probabilities.argmax(axis=1), probabilities).description


def test_counts_beside_the_points_of_the_reliability_chart_are_off_the_lines():
    sure = np.repeat([0.45, 0.75], 100)
    probabilities = np.stack([sure, 0.44 * np.ones(200), 0.56 - sure], axis=1).clip(0)
    labels = np.where(np.arange(200) % 100 < np.repeat([90, 20], 100), 0, 2)  # above the diagonal, then below it
    above, below = evaluate.show_reliability(labels, probabilities).axes[0].texts
    assert above.get_position()[0] < 0 < above.get_position()[1] and above.get_ha() == "right"
    assert below.get_position()[1] < 0 < below.get_position()[0]


def test_reliability_leaves_out_tenths_with_few_predictions():
    probabilities = np.array([[0.95, 0.05]] * 20 + [[0.65, 0.35]] * 19)
    assert "65 % sure" not in evaluate.show_reliability(np.zeros(39, int), probabilities).description


def test_errors_are_counted_for_the_groups_that_wrote_mnist_and_for_no_other_data():
    labels = np.zeros(10000, np.uint8)
    predictions = labels.copy()
    predictions[:30] = 1
    predictions[-10:] = 1
    students, staff = evaluate.errors_by_writers(SimpleNamespace(name="mnist", labels_test=labels), predictions)
    assert students.startswith("high-school students") and students.endswith("accuracy 0.99, wrong: 30 of 5,001")
    assert staff.startswith("Census Bureau staff") and staff.endswith("accuracy 1.00, wrong: 10 of 4,999")
    for other in ({"name": "stand-in", "labels_test": labels}, {"name": "mnist", "labels_test": labels[:500]}):
        (line,) = evaluate.errors_by_writers(SimpleNamespace(**other), predictions[: len(other["labels_test"])])
        assert "only for MNIST's test set" in line


def test_hidden_weights_are_shown_as_images():
    layer = SimpleNamespace(get_weights=lambda: [np.linspace(-1, 1, 784 * 13).reshape(784, 13), np.zeros(13)])
    figure = evaluate.show_weights(SimpleNamespace(layers=[layer]), count=12)
    drawn = [axes.images[0].get_array() for axes in figure.axes if axes.images]
    assert len(drawn) == 12 and "12 hidden units" in figure.description
    np.testing.assert_array_equal(drawn[3].ravel(), layer.get_weights()[0][:, 3])
    flat = SimpleNamespace(get_weights=list)
    assert "13 hidden units" in evaluate.show_weights(SimpleNamespace(layers=[flat, layer])).description


@pytest.mark.parametrize("weights", [[], [np.zeros((3, 3, 1, 8))], [np.zeros((10, 13)), np.zeros(13)]])
def test_weights_that_are_no_images_are_not_shown(weights):
    with pytest.raises(NetworkError, match="This network begins with another layer"):
        evaluate.show_weights(SimpleNamespace(layers=[SimpleNamespace(get_weights=lambda: weights)]))


@pytest.mark.parametrize("count", [40, 230])
def test_baselines_tell_apart_what_pixels_alone_tell_apart(count):
    labels = np.arange(count) % 2  # of three classes, one has no image
    images = np.random.default_rng(0).uniform(0, 0.2, (count, 784)).astype(np.float32)
    images[labels == 1, :300] += 0.6
    data = SimpleNamespace(x_train=images, y_train=np.eye(3)[labels], class_names=NAMES)
    found = evaluate.baselines(data, images[:20], labels[:20])
    assert found == {"blind guessing": 1 / 3, "nearest average": 1.0, "no hidden layer": 1.0}
    assert evaluate.baselines(data, images[:20], 1 - labels[:20])["nearest average"] == 0
