"""Figures that change while a cell runs: one output that is replaced, not a new one each time."""

import time

from matplotlib.figure import Figure

from handwriting.figures.style import BLUE, ORANGE, describe, notebook
from handwriting.text import counted

SHARE = 1 / 20  # of the time may go into drawing
FIRST = 2  # seconds until the first update is due: what ends sooner is drawn once


class LiveFigure:
    """One output of a cell, which is replaced while the cell runs; nothing outside notebooks."""

    def __init__(self):
        self.handle = None
        self.drawn, self.cost = time.monotonic(), FIRST * SHARE

    def is_due(self):
        """Return whether enough time has passed since the last update."""
        return time.monotonic() - self.drawn > self.cost / SHARE

    def update(self, draw, *arguments):
        """Show what `draw(*arguments)` returns, instead of what was shown, and measure how long that takes."""
        if not notebook():
            return
        from IPython.display import display

        start = time.monotonic()
        figure = draw(*arguments)
        if self.handle is None:
            self.handle = display(figure, display_id=True)
        else:
            self.handle.update(figure)
        self.drawn = time.monotonic()
        self.cost = self.drawn - start


def draw_curves(curves, epochs):
    """Draw loss and accuracy over the epochs: training as a solid line, validation dashed with markers.

    `curves` holds lists of (place in epochs, value) by name: "loss", "accuracy", "val_loss" and "val_accuracy"; those
    that are missing are left out. `epochs` says how far the axis goes.
    """
    figure = Figure(figsize=(6.6, 3))
    # Margins that fit: recomputing them takes a third of the time.
    places = {"left": 0.07, "right": 0.99, "bottom": 0.16, "top": 0.91, "wspace": 0.2}
    changes = []
    corners = {"loss": "best", "accuracy": "lower right"}  # where no curve is; "best" may choose a line along the top
    for axes, (key, corner) in zip(figure.subplots(1, 2, gridspec_kw=places), corners.items(), strict=True):
        for name, colour, style in ((key, BLUE, "-"), (f"val_{key}", ORANGE, "--o")):
            if name in curves:
                label = "validation" if name.startswith("val_") else "training"
                style = "o" if len(curves[name]) == 1 else style  # a line through one point cannot be seen
                axes.plot(*zip(*curves[name], strict=True), style, color=colour, label=label)
                changes.append(f"{label} {key} goes from {curves[name][0][1]:.2f} to {curves[name][-1][1]:.2f}")
        axes.set(title=key, xlabel="epoch", xlim=(0, 1.02 * epochs))  # the last marker is drawn whole
        if key == "accuracy":
            axes.set_ylim(top=min(axes.get_ylim()[1], 1.01))  # none is above 1
        axes.xaxis.get_major_locator().set_params(integer=True)
        if axes.lines:
            axes.legend(loc=corner)
    text = "; ".join(changes) or "Nothing learned yet"
    return describe(figure, f"Two charts over {counted(epochs, 'epoch')}. {text}")
