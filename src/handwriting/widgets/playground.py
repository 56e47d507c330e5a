"""Playgrounds: a figure with sliders, live where a front end knows ipywidgets (JupyterLab, Colab).

Everywhere else, and in stored notebooks, the same output shows the figure for the sliders' first values.
"""

from functools import cache
from html import escape

import numpy as np
from matplotlib.figure import Figure

from handwriting.arguments import ARRAY, NAMES, TABLE, takes
from handwriting.errors import ArrayError
from handwriting.figures.images import check_images, check_labels, check_predictions, one_each
from handwriting.figures.labels import EM, fitted
from handwriting.figures.style import BLUE, GREY, ORANGE, describe
from handwriting.parameters import check
from handwriting.results import WIDGET_VIEW, box_of
from handwriting.widgets.output import LiveOutput, png

__all__ = ["dropout_playground", "image_playground", "learning_rate_playground", "softmax_playground"]
__all__ += ["threshold_playground"]

RATES = (0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)


class Playground(LiveOutput):
    """A figure that depends on sliders.

    `draw` takes the sliders' values by name and returns a described Figure, also while a slider moves if `continuous`.
    Each slider is the name of an ipywidgets class, a label, the first value, and further options.
    """

    def __init__(self, draw, continuous=True, **sliders):
        self.draw, self.continuous, self.sliders = draw, continuous, sliders
        self.first = draw(**{name: value for name, (_, _, value, _) in sliders.items()})

    def __repr__(self):
        return self.first.description

    def figure(self, live):
        """Return the figure for the first values."""
        return self.first

    def live(self):
        try:
            import ipywidgets
        except ModuleNotFoundError:
            return {}, {}
        if not hasattr(self, "box"):
            self.make_widgets(ipywidgets)
        return {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}}, {}

    def make_widgets(self, ipywidgets):
        """Make the sliders, the image and its description, for all views of this playground."""
        look = {"style": {"description_width": "9em"}, "layout": {"width": "95%", "max_width": "36em"}}
        self.controls = {}
        for name, (kind, label, value, options) in self.sliders.items():
            options = {"description": label, "value": value, "continuous_update": self.continuous, **options, **look}
            self.controls[name] = getattr(ipywidgets, kind)(**options)
            self.controls[name].observe(self.redraw, "value")
        # Otherwise the box would stretch it to the width of the notebook, out of view.
        width = f"{100 * self.first.get_figwidth():.0f}px"
        self.image = ipywidgets.Image(format="png", layout={"width": width, "max_width": "100%"})
        self.words = ipywidgets.HTML()
        self.redraw()
        self.box = box_of(ipywidgets, *self.controls.values(), self.image, self.words)

    def redraw(self, change=None):
        """Show the figure for the sliders' values."""
        figure = self.draw(**{name: control.value for name, control in self.controls.items()})
        self.image.value, self.words.value = png(figure), described(figure)


def described(figure):
    """Return a figure's description as HTML, which screen readers read out when it changes."""
    look = "background-color: #ffffff; color: #222222; padding: 2px 8px; line-height: 1.4"
    return f'<div role="status" style="{look}">{escape(figure.description)}</div>'


def softmax_playground():
    """Move three scores, and see which probabilities softmax makes of them."""
    names = ("a 3", "an 8", "a 5")

    def draw(**scores):
        values = np.array(list(scores.values()))
        powers = np.exp(values - values.max())
        shares = powers / powers.sum()
        figure = Figure(figsize=(8, 2.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        for axes, title, heights, limits, form in (
            (left, "scores", values, (-5.9, 5.9), "{:.1f}"),
            (right, "probabilities", shares, (0, 1.15), "{:.1%}"),
        ):
            bars = axes.bar(names, heights, color=[BLUE, ORANGE, GREY])
            axes.bar_label(bars, [form.format(height).replace("%", " %") for height in heights])
            axes.axhline(0, color="#444444", linewidth=0.8)
            axes.set(title=title, ylim=limits)
        parts = zip(names, values, shares, strict=True)
        text = ", ".join(f"{name} {100 * share:.1f} % (score {value:.1f})" for name, value, share in parts)
        return describe(figure, f"Softmax gives {text}.")

    options = {"min": -5.0, "max": 5.0, "step": 0.5}
    return Playground(
        draw,
        three=("FloatSlider", "score of a 3", 2.0, options),
        eight=("FloatSlider", "score of an 8", 1.0, options),
        five=("FloatSlider", "score of a 5", -1.0, options),
    )


@takes(images=ARRAY, labels=ARRAY, class_names=NAMES)
def image_playground(images, labels, class_names=tuple("0123456789")):
    """Go through the images by index.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    class_names : sequence of str

    Raises
    ------
    handwriting.errors.ArrayError
        If there are no images, or not one label for each.
    """
    images, labels = check_images(images), check_labels(labels, len(class_names))
    one_each("image", images, "label", labels)
    if len(images) == 0:
        raise ArrayError("There are no images to show.")

    def draw(index):
        name = class_names[labels[index]]
        figure = Figure(figsize=(3, 3.2), layout="constrained")
        axes = figure.subplots()
        axes.imshow(images[index], cmap="gray", vmin=0, vmax=images.max() or 1)
        axes.set_axis_off()
        axes.set_title(fitted(f"index {index}: class {name}", 290 / (11 * EM), 2), parse_math=False)
        ink = float((images[index] > 0).mean())
        return describe(figure, f"The image at index {index} is of class {name}; {100 * ink:.0f} % of it is ink.")

    return Playground(draw, index=("IntSlider", "index", 0, {"min": 0, "max": len(images) - 1}))


def dropout_playground():
    """Choose the share of hidden units that is ignored, and see other units ignored for every image."""
    rows, columns = 8, 24

    def draw(share, image):
        ignored = np.random.default_rng(image).random((rows, columns)) < share
        figure = Figure(figsize=(8, 2.9), layout="constrained")
        axes = figure.subplots()
        for units, style in ((~ignored, {"color": BLUE, "s": 90}), (ignored, {"color": GREY, "s": 60, "marker": "x"})):
            down, right = np.nonzero(units)
            axes.scatter(right, down, label="ignored" if "marker" in style else "used", **style)
        title = f"{rows * columns} hidden units, image {image}"
        axes.set(xticks=[], yticks=[], ylim=(rows - 0.4, -0.6), title=title)
        figure.legend(loc="outside right center")
        more = f"Each of the others is multiplied by {1 / (1 - share):.2f}, so that the sum stays about the same."
        text = f"For image {image}, {ignored.sum()} of {rows * columns} hidden units are ignored. "
        return describe(figure, text + (more if share else "All of them are used."))

    return Playground(
        draw,
        share=("FloatSlider", "dropout", 0.2, {"min": 0.0, "max": 0.9, "step": 0.1}),
        image=("IntSlider", "image number", 1, {"min": 1, "max": 20}),
    )


@takes(x=TABLE, y=TABLE)
def learning_rate_playground(x, y, seed=0):
    """Train a small network for thirty steps with the learning rate of your choice, and see its loss.

    Parameters
    ----------
    x : ndarray, float32, shape (n, inputs)
        Prepared images; 3,000 of them are used.
    y : ndarray, float32, shape (n, classes)
        One-hot labels.
    seed : int
    """
    from handwriting.build import dense_network

    seed = check("seed", seed)
    one_each("image", x, "label", y)
    x, y = x[:3000], y[:3000]
    batch = max(1, len(x) // 30)

    @cache
    def losses(rate):
        model = dense_network(64, 0.2, rate, seed, inputs=x.shape[1], classes=y.shape[1])
        model.steps_per_execution = 1  # each batch is a call anyway
        found = []
        for start in range(0, 30 * batch, batch):
            model.reset_metrics()  # the loss of this batch, not the average so far
            found.append(float(model.train_on_batch(x[start : start + batch], y[start : start + batch])[0]))
        return found

    def draw(rate):
        curve = losses(rate)
        figure = Figure(figsize=(7, 3), layout="constrained")
        axes = figure.subplots()
        axes.plot(range(1, 31), curve, "-", color=BLUE, label="training")
        axes.axhline(np.log(y.shape[1]), color=ORANGE, linestyle="--", label="blind guessing")
        top = max(4.0, min(max(curve), 20.0))
        axes.set(title=f"learning rate {rate:g}", xlabel="step", ylabel="loss", ylim=(0, 1.05 * top))
        axes.legend()
        first, last = curve[0], np.mean(curve[-5:])
        goes = f"the loss goes from {first:.2f} to {last:.2f}, the mean of the last five of 30 steps."
        return describe(figure, f"With learning rate {rate:g} {goes}")

    options = {"options": [(f"{rate:g}", rate) for rate in RATES]}
    return Playground(draw, continuous=False, rate=("SelectionSlider", "learning rate", 0.001, options))


@takes(labels=ARRAY, probabilities=TABLE)
def threshold_playground(labels, probabilities):
    """Accept only predictions of which the network is sure enough, and see how many are left, and how many are right.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)
    """
    labels, probabilities = check_predictions(probabilities, labels)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels

    def draw(percent):
        accepted = confidence >= percent / 100
        counts = [(accepted & right).sum(), (accepted & ~right).sum(), (~accepted).sum()]
        figure = Figure(figsize=(8, 2.2), layout="constrained")
        axes = figure.subplots()
        names = ("accepted, right", "accepted, wrong", "left to a person")
        bars = axes.barh(names, counts, color=[BLUE, ORANGE, GREY])
        axes.bar_label(bars, [f"{count:,}" for count in counts], padding=3)
        axes.set(xlim=(0, 1.15 * len(right)), xlabel="images", title=f"accepted when at least {percent:g} % sure")
        axes.invert_yaxis()
        share = "none of them is sure enough"
        if accepted.any():
            share = f"{100 * counts[0] / accepted.sum():.2f} % of them are right"
        found = f"{accepted.sum():,} of {len(right):,} predictions are accepted; {share}."
        return describe(figure, f"At least {percent:g} % sure: {found}")

    steps = {"options": [(f"{percent:g} %", percent) for percent in (0, 50, 70, 80, 90, 95, 98, 99, 99.5, 99.9)]}
    return Playground(draw, percent=("SelectionSlider", "at least", 0, steps))
