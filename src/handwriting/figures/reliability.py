"""How often predictions are right, by how sure a network is of them."""

import numpy as np
from matplotlib.figure import Figure

from handwriting.arguments import ARRAY, TEXT, takes
from handwriting.figures.images import check_predictions
from handwriting.figures.style import BLUE, GREY, describe

__all__ = ["show_reliability"]


@takes(labels=ARRAY, probabilities=ARRAY, alt=TEXT)
def show_reliability(labels, probabilities, alt=None):
    """Show how often predictions are right, by how sure the network was of them.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)
    alt : str, optional

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
        axes.annotate(f"{len(group):,}", (x, y), xytext=(6, -12), textcoords="offset points", fontsize=8)
    axes.set(xlabel="how sure, in percent", ylabel="how often right, in percent", xlim=(0, 114), ylim=(0, 105))
    axes.legend(loc="upper left")
    points = "; ".join(
        f"{len(group):,} predictions {x:.0f} % sure, {y:.0f} % right"
        for group, x, y in zip(groups, sure, correct, strict=True)
    )
    return describe(figure, alt or f"How often predictions are right, by how sure the network is: {points}.")
