"""Which classes a network mixes up, in numbers, in words and as a figure; how far its probabilities can be trusted."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from handwriting.arguments import ARRAY, CLASSES, NAMES, Kind, takes, whole
from handwriting.errors import ArrayError
from handwriting.figures.images import check_labels, check_predictions, one_each
from handwriting.figures.labels import EM, LONGEST_NAME, name_ticks, text_width
from handwriting.figures.style import BLUE, GREY, describe
from handwriting.text import counted

WITH_ZEROS, WITH_NUMBERS = 12, 40  # with more classes, a confusion matrix leaves out its zeros, then all numbers

MATRIX = Kind(
    "counts, whole numbers of shape (n, n), as `confusion_matrix` returns them",
    lambda matrix: ARRAY.fits(matrix) and are_counts(np.asarray(matrix)),
    ArrayError,
)


def are_counts(matrix):
    is_square = matrix.ndim == 2 and len(set(matrix.shape)) == 1
    return is_square and bool((matrix >= 0).all() and (matrix % 1 == 0).all())


@takes(classes=CLASSES)
def confusion_matrix(labels, predictions, classes=10):
    """Count how often each class was classified as each class.

    Parameters
    ----------
    labels, predictions : ndarray of int, shape (n,)
        True classes, and those that the network predicted.
    classes : int

    Returns
    -------
    ndarray of int, shape (classes, classes)
        Row: true class. Column: predicted class.

    Raises
    ------
    handwriting.errors.ArrayError
        If there is not one prediction for each label, or one of them is not a class.
    """
    labels, predictions = check_labels(labels, classes), check_labels(predictions, classes, "Predictions")
    one_each("label", labels, "prediction", predictions)
    return np.bincount(classes * labels + predictions, minlength=classes**2).reshape(classes, classes)


@takes(matrix=MATRIX, class_names=NAMES, count=whole(1))
def most_confused(matrix, class_names=tuple("0123456789"), count=3):
    """Return the most frequent mistakes, in words.

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes), from `confusion_matrix`
    class_names : sequence of str
    count : int

    Returns
    -------
    list of str
        Such as "4 predicted as 9: 11 times"; fewer if there are fewer kinds of mistake.
    """
    one_each("row", matrix, "class name", class_names[: len(matrix)])
    mistakes = np.array(matrix)
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    rows, columns = np.unravel_index(order, mistakes.shape)
    return [
        f"{class_names[row]} predicted as {class_names[column]}: {counted(often, 'time')}"
        for row, column, often in zip(rows, columns, mistakes[rows, columns], strict=True)
        if often
    ]


@takes(matrix=MATRIX, class_names=NAMES)
def show_confusion(matrix, class_names=tuple("0123456789")):
    """Show a confusion matrix: the diagonal in grey, mistakes in colour.

    With more than 12 classes zeros are not written, and a bar explains the colours; with more than 40, no numbers.

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes)
    class_names : sequence of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    one_each("row", matrix, "class name", class_names)
    mistakes = np.array(matrix, dtype=float)
    np.fill_diagonal(mistakes, np.nan)
    classes = len(class_names)
    longest = min(max(map(text_width, class_names)), LONGEST_NAME)
    few = classes <= WITH_ZEROS  # then every count is written, large enough for a slide, and needs no bar of colours
    side = 5 if few else 0.28 * min(classes, 30) + 0.14 * longest
    figure = Figure(figsize=(side + 1, side + 0.6) if few else (side + 2.4, side + 1.4), layout="constrained")
    axes = figure.subplots()
    top = max(1.0, np.nanmax(mistakes))
    cell = 90 * side / classes / len(str(np.max(matrix)))  # pixels for a digit, about 0.63 of its height
    size = min(12, cell / (0.63 * EM)) if few else 8
    axes.set_facecolor("#dddddd")
    image = axes.imshow(mistakes, cmap="Blues", vmin=0, vmax=top)
    if not few:
        figure.colorbar(image, label="mistakes", shrink=0.8, ticks=MaxNLocator(integer=True))
    for row, column in np.ndindex(*mistakes.shape) if classes <= WITH_NUMBERS else ():
        value = matrix[row][column]
        if value or few:
            colour = "white" if row != column and value > 0.6 * top else "black"
            axes.annotate(str(value), (column, row), ha="center", va="center", color=colour, fontsize=size)
    axes.set(xlabel="predicted class", ylabel="true class")
    name_ticks(axes, "x", class_names, 100 * side, turn=90)
    name_ticks(axes, "y", class_names, 100 * side)
    text = "; ".join(most_confused(matrix, class_names)) or "no mistakes"
    images = counted(int(np.sum(matrix)), "image")
    return describe(figure, f"Confusion matrix of {images}. Most frequent mistakes: {text}")


@takes(labels=ARRAY, probabilities=ARRAY)
def show_reliability(labels, probabilities):
    """Show how often predictions are right, by how sure the network was of them.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)

    Returns
    -------
    matplotlib.figure.Figure
        One point for each tenth of the probabilities that has at least 20 predictions: their mean probability, and
        the share of them that is right. For a network whose probabilities can be trusted they lie on the diagonal.
    """
    labels, probabilities = check_predictions(probabilities, labels)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    tenth = np.minimum((10 * confidence).astype(int), 9)
    groups = [np.flatnonzero(tenth == k) for k in range(10)]
    groups = [group for group in groups if len(group) >= 20]
    sure = [100 * confidence[group].mean() for group in groups]
    correct = [100 * right[group].mean() for group in groups]
    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot((0, 100), (0, 100), "--", color=GREY, label="perfectly calibrated")
    axes.plot(sure, correct, "-o", color=BLUE, label="the network")
    for group, x, y in zip(groups, sure, correct, strict=True):
        # Beside the point, on the side where neither line is.
        place = {"xytext": (-6, 5), "ha": "right"} if y > x else {"xytext": (6, -12)}
        axes.annotate(f"{len(group):,}", (x, y), **place, textcoords="offset points", fontsize=9)
    axes.set(xlabel="how sure, in percent", ylabel="how often right, in percent", xlim=(0, 114), ylim=(0, 105))
    axes.legend(loc="upper left")
    points = "; ".join(
        f"{len(group):,} predictions {x:.0f} % sure, {y:.0f} % right"
        for group, x, y in zip(groups, sure, correct, strict=True)
    )
    return describe(figure, f"How often predictions are right, by how sure the network is: {points}.")
