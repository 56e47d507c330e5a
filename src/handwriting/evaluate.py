"""Stage 6, evaluate: how good is the network, and where is it wrong?"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from handwriting.figures.images import check_images, show_images, show_words
from handwriting.figures.style import BLUE, ORANGE, describe
from handwriting.figures.text import LONGEST_NAME, height_for, label_bars, name_ticks, text_width
from handwriting.results import Result
from handwriting.train import trained_model

__all__ = [
    "confusion_matrix",
    "most_confused",
    "shift",
    "show_confusion",
    "show_failures",
    "show_guess",
    "show_predictions",
    "test_result",
    "trained_model",
]

#: How many mistakes a result lists at most: enough for a workshop's networks, and few kilobytes.
MISTAKES_KEPT = 300
#: Up to so many classes, a confusion matrix has its zeros written out, and its numbers.
WITH_ZEROS, WITH_NUMBERS = 12, 40


def show_guess(image, probabilities, class_names=tuple("0123456789"), alt=None):
    """Show a picture beside the network's probabilities for it, one for each class.

    Parameters
    ----------
    image : ndarray, shape (height, width)
    probabilities : ndarray, shape (classes,)
    class_names : sequence of str
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    width = min(max(8, len(class_names) / 4), 12)
    figure = Figure(figsize=(width, height_for(class_names)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2.67, width - 2.67))
    left.imshow(check_images(image)[0])
    left.set_axis_off()
    best = int(np.argmax(probabilities))
    colours = [ORANGE if k == best else BLUE for k in range(len(class_names))]
    bars = right.bar(range(len(class_names)), probabilities, color=colours)
    pixels = 100 * width - 350
    label_bars(right, bars, [f"{100 * p:.0f} %" if p >= 0.005 else "" for p in probabilities], pixels)
    right.set(ylim=(0, 1.1), xlabel="class", ylabel="probability")
    name_ticks(right, "x", class_names, pixels)
    told = f"The most probable is {class_names[best]}, with {100 * probabilities[best]:.0f} percent"
    return describe(figure, alt or f"A picture, and a bar for each class's probability. {told}")


def show_failures(images, labels, probabilities, class_names=tuple("0123456789"), count=9, true_class=None, alt=None):
    """Show the pictures that were read wrong, the most confident mistakes first.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)
    class_names : sequence of str
    count : int
        How many to show at most.
    true_class : int, optional
        Only pictures of this class.
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        Where nothing was read wrong, one that says so.
    """
    labels, guesses = np.asarray(labels), np.argmax(probabilities, axis=-1)
    wrong = np.flatnonzero((guesses != labels) & ((labels == true_class) | (true_class is None)))
    if len(wrong) == 0:
        return show_words("Every one of these pictures was read right: there is no mistake to show.")
    confidence = np.max(probabilities, axis=-1)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:count]
    pairs = [(class_names[guesses[k]], class_names[labels[k]]) for k in worst]
    titles = [f"read {guess}, is {label}" for guess, label in pairs]
    if max(map(text_width, titles)) > 10:  # ems, the width of a picture
        titles = [f"read {guess},\nis {label}" for guess, label in pairs]
    titles = [f"{title}\n{100 * confidence[k]:.0f} % sure" for k, title in zip(worst, titles, strict=True)]
    return show_images(np.asarray(images)[worst], titles, columns=min(3, len(worst)), alt=alt)


def show_predictions(images, labels, probabilities, class_names=tuple("0123456789"), alt=None):
    """Show pictures with what they were read as, the mistakes marked.

    Parameters
    ----------
    images : ndarray, shape (n, 28, 28)
    labels : ndarray of int, shape (n,), or None where nobody knows
    probabilities : ndarray, shape (n, classes)
    class_names : sequence of str
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    guesses = np.argmax(probabilities, axis=-1)
    read = [class_names[guess] for guess in guesses]
    if labels is None:
        return show_images(images, read, columns=10, alt=alt)
    wanted = [class_names[label] for label in labels]
    titles = [name if name == true else f"✗ {name}" for name, true in zip(read, wanted, strict=True)]
    right = int((guesses == labels).sum())
    wrong = ", ".join(f"a {true} as {name}" for name, true in zip(read, wanted, strict=True) if name != true)
    told = f"{len(images)} pictures, {right} of them read right" + (f"; wrong: {wrong}" if wrong else "")
    return show_images(images, titles, columns=10, alt=alt or told)


def confusion_matrix(labels, guesses, classes=10):
    """Count how often each class was read as each class.

    Parameters
    ----------
    labels, guesses : ndarray of int, shape (n,)
        True classes, and what the network said.
    classes : int

    Returns
    -------
    ndarray of int, shape (classes, classes)
        Row: true class. Column: guess.
    """
    labels, guesses = np.asarray(labels).astype(int), np.asarray(guesses).astype(int)
    if labels.shape != guesses.shape or labels.ndim != 1:
        raise ValueError(f"One guess per label, please: shapes are {labels.shape} and {guesses.shape}.")
    return np.bincount(classes * labels + guesses, minlength=classes**2).reshape(classes, classes)


def most_confused(matrix, class_names=tuple("0123456789"), count=3):
    """The commonest mistakes, in words.

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes), from `confusion_matrix`
    class_names : sequence of str
    count : int

    Returns
    -------
    list of str
        Such as "4 read as 9: 11 times"; fewer if there are fewer kinds of mistake.
    """
    mistakes = np.array(matrix)
    np.fill_diagonal(mistakes, 0)
    order = np.argsort(-mistakes, axis=None, kind="stable")[:count]
    rows, columns = np.unravel_index(order, mistakes.shape)
    return [
        f"{class_names[row]} read as {class_names[column]}: {often} time{'s' if often > 1 else ''}"
        for row, column, often in zip(rows, columns, mistakes[rows, columns], strict=True)
        if often
    ]


def show_confusion(matrix, class_names=tuple("0123456789"), alt=None):
    """Show a confusion matrix: right ones on the diagonal in grey, mistakes in colour.

    Beyond 12 classes zeros are not written, beyond 40 no numbers.

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
    axes.set(xlabel="read as", ylabel="true class")
    name_ticks(axes, "x", class_names, 100 * side, turn=90)
    name_ticks(axes, "y", class_names, 100 * side)
    told = "; ".join(most_confused(matrix, class_names)) or "no mistakes"
    return describe(figure, alt or f"Confusion matrix of {np.sum(matrix)} pictures. Commonest mistakes: {told}")


def shift(images, right=0, down=0):
    """Move every picture by whole pixels; what is left free becomes black.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    right, down : int
        Pixels; negative for left and up.

    Returns
    -------
    ndarray, same shape and dtype
    """
    images = check_images(images)
    moved = np.zeros_like(images)
    height, width = images.shape[1:]
    if abs(down) < height and abs(right) < width:
        to_rows, from_rows = slice(max(down, 0), height + min(down, 0)), slice(max(-down, 0), height + min(-down, 0))
        to_columns = slice(max(right, 0), width + min(right, 0))
        from_columns = slice(max(-right, 0), width + min(-right, 0))
        moved[:, to_rows, to_columns] = images[:, from_rows, from_columns]
    return moved


def test_result(record, loss, accuracy, labels, probabilities):
    """The result of stage 6: what the test said about a network, and how it was trained.

    Parameters
    ----------
    record : dict
        From `trained_model`.
    loss, accuracy : float
        From `evaluate` on the test images.
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)
        What `predict` gives for the test images.

    Returns
    -------
    handwriting.results.Result
        Its details list mistakes, the most confident first: place of the image, answer, probability.
    """
    guesses, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(guesses != labels)
    wrong = wrong[np.argsort(-sure[wrong], kind="stable")][:MISTAKES_KEPT]
    mistakes = [[int(k), int(guesses[k]), round(float(sure[k]), 4)] for k in wrong]
    return Result(
        "evaluate",
        data=record["data"],
        parameters=record["parameters"],
        test_accuracy=float(accuracy),
        test_loss=float(loss),
        parameter_count=record["parameter_count"],
        seconds_to_fit=record["seconds_to_fit"],
        details={"history": record["history"], "mistakes": mistakes},
    )


test_result.__test__ = False  # its name is no reason for pytest to run it
