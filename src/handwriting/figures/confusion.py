"""Which classes a network mixes up: the confusion matrix, in numbers, in words and as a figure."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from handwriting.arguments import ARRAY, CLASSES, NAMES, TEXT, Kind, takes, whole
from handwriting.errors import ArrayError
from handwriting.figures.images import check_labels, one_each
from handwriting.figures.labels import LONGEST_NAME, name_ticks, text_width
from handwriting.figures.style import describe
from handwriting.text import counted

__all__ = ["confusion_matrix", "most_confused", "show_confusion"]

WITH_ZEROS, WITH_NUMBERS = 12, 40  # with more classes, a confusion matrix leaves out its zeros, then all numbers

MATRIX = Kind(
    "an array of shape (n, n), as `confusion_matrix` returns it",
    lambda matrix: ARRAY.fits(matrix) and np.ndim(matrix) == 2 and len(set(np.shape(matrix))) == 1,
    ArrayError,
)


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
    mistakes = np.array(matrix)
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    rows, columns = np.unravel_index(order, mistakes.shape)
    return [
        f"{class_names[row]} predicted as {class_names[column]}: {counted(often, 'time')}"
        for row, column, often in zip(rows, columns, mistakes[rows, columns], strict=True)
        if often
    ]


@takes(matrix=MATRIX, class_names=NAMES, alt=TEXT)
def show_confusion(matrix, class_names=tuple("0123456789"), alt=None):
    """Show a confusion matrix: the diagonal in grey, mistakes in colour.

    With more than 12 classes zeros are not written, with more than 40 no numbers.

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes)
    class_names : sequence of str
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    mistakes = np.array(matrix, dtype=float)
    np.fill_diagonal(mistakes, np.nan)
    classes = len(class_names)
    longest = min(max(map(text_width, class_names)), LONGEST_NAME)
    side = 4 if classes <= WITH_ZEROS else 0.28 * min(classes, 30) + 0.14 * longest
    figure = Figure(figsize=(side + 2.4, side + 1.4), layout="constrained")
    axes = figure.subplots()
    top = max(1.0, np.nanmax(mistakes))
    axes.set_facecolor("#dddddd")
    image = axes.imshow(mistakes, cmap="Blues", vmin=0, vmax=top)
    figure.colorbar(image, label="mistakes", shrink=0.8, ticks=MaxNLocator(integer=True))
    for row, column in np.ndindex(*mistakes.shape) if classes <= WITH_NUMBERS else ():
        value = matrix[row][column]
        if value or classes <= WITH_ZEROS:
            colour = "white" if row != column and value > 0.6 * top else "black"
            axes.annotate(str(value), (column, row), ha="center", va="center", color=colour, fontsize=8)
    axes.set(xlabel="predicted class", ylabel="true class")
    name_ticks(axes, "x", class_names, 100 * side, turn=90)
    name_ticks(axes, "y", class_names, 100 * side)
    text = "; ".join(most_confused(matrix, class_names)) or "no mistakes"
    return describe(
        figure, alt or f"Confusion matrix of {counted(int(np.sum(matrix)), 'image')}. Most frequent mistakes: {text}"
    )
