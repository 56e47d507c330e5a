"""Playgrounds: sliders where moving beats reading, and a picture where nobody can move anything.

With a front end that knows ipywidgets (JupyterLab, Colab) the sliders are live. Everywhere else, and in stored
notebooks, the same output shows the picture for the sliders' first values.
"""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache
from html import escape
from io import BytesIO

import numpy as np
from matplotlib.figure import Figure

from handwriting.figures.images import check_images
from handwriting.figures.style import BLUE, GREY, ORANGE, describe
from handwriting.figures.text import EM, fitted

__all__ = ["dropout_playground", "learning_rate_playground", "picture_playground", "softmax_playground"]

#: The part of an output that only a live front end can show; `notebookformat.without_widgets` takes it out.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
RATES = (0.00001, 0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)


@dataclass(frozen=True)
class Slider:
    """What one slider moves: its words, the values it takes, and where it starts."""

    label: str
    values: object
    start: object


class Playground:
    """A picture that depends on sliders.

    Parameters
    ----------
    draw : callable
        Takes the sliders' values by name; returns a described Figure.
    at_once : bool
        Whether to draw while a slider moves, and not only when it is let go.
    **sliders : Slider
    """

    def __init__(self, draw, at_once=True, **sliders):
        self.draw, self.at_once, self.sliders = draw, at_once, sliders
        self.figure = draw(**{name: slider.start for name, slider in sliders.items()})

    def __repr__(self):
        return self.figure.description

    def _repr_mimebundle_(self, include=None, exclude=None):
        picture = b64encode(png(self.figure)).decode()
        data = {"text/plain": repr(self), "image/png": picture}
        return data | self.live(), {"image/png": {"alt": self.figure.description}}

    def live(self):
        """The output's part for live front ends; empty where there are no widgets."""
        try:
            import ipywidgets
        except ModuleNotFoundError:
            return {}
        controls = {name: self.control(ipywidgets, slider) for name, slider in self.sliders.items()}
        picture = ipywidgets.Image(value=png(self.figure), format="png", layout={"max_width": "100%"})
        words = ipywidgets.HTML(told(self.figure))

        def redraw(change):
            figure = self.draw(**{name: control.value for name, control in controls.items()})
            picture.value, words.value = png(figure), told(figure)

        for control in controls.values():
            control.observe(redraw, "value")
        self.controls, self.picture, self.words = controls, picture, words
        box = ipywidgets.VBox([*controls.values(), picture, words])
        return {WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": box.model_id}}

    def control(self, ipywidgets, slider):
        """One slider as a widget."""
        options = {
            "description": slider.label,
            "value": slider.start,
            "continuous_update": self.at_once,
            "style": {"description_width": "9em"},
            "layout": {"width": "95%", "max_width": "36em"},
        }
        if isinstance(slider.values, range):
            return ipywidgets.IntSlider(min=slider.values[0], max=slider.values[-1], **options)
        if slider.values is RATES:
            return ipywidgets.SelectionSlider(options=[(f"{rate:g}", rate) for rate in RATES], **options)
        low, high, step = slider.values
        return ipywidgets.FloatSlider(min=low, max=high, step=step, **options)


def png(figure):
    """A figure as PNG bytes."""
    target = BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()


def told(figure):
    """A figure's description as text below it, which screen readers read out when it changes."""
    look = "background-color: #ffffff; color: #222222; padding: 2px 8px; line-height: 1.4"
    return f'<div role="status" style="{look}">{escape(figure.description)}</div>'


def softmax_playground():
    """Move three scores, and see which probabilities softmax makes of them."""

    def draw(**scores):
        values = np.array(list(scores.values()))
        powers = np.exp(values - values.max())
        shares = powers / powers.sum()
        figure = Figure(figsize=(8, 2.8), layout="constrained")
        for axes, title, heights, limits in zip(
            figure.subplots(1, 2), ("scores", "probabilities"), (values, shares), ((-5.9, 5.9), (0, 1.15)), strict=True
        ):
            bars = axes.bar(["a 3", "an 8", "a 5"], heights, color=[BLUE, ORANGE, GREY])
            axes.bar_label(bars, [f"{height:.1f}" if axes.get_subplotspec().is_first_col() else f"{100 * height:.0f} %"
                                  for height in heights])  # fmt: skip
            axes.axhline(0, color="#444444", linewidth=0.8)
            axes.set(title=title, ylim=limits)
        pairs = zip(("a 3", "an 8", "a 5"), values, shares, strict=True)
        said = ", ".join(f"{name} {100 * share:.0f} % (score {value:.1f})" for name, value, share in pairs)
        return describe(figure, f"Softmax gives {said}.")

    scale = (-5.0, 5.0, 0.5)
    return Playground(
        draw,
        three=Slider("score of a 3", scale, 2.0),
        eight=Slider("score of an 8", scale, 1.0),
        five=Slider("score of a 5", scale, -1.0),
    )


def picture_playground(images, labels, class_names=tuple("0123456789")):
    """Go through the pictures by index.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    class_names : sequence of str
    """
    images, labels = check_images(images), np.asarray(labels)
    if len(labels) != len(images) or len(images) == 0:
        raise ValueError(f"One label per picture, please: there are {len(images)} pictures, {len(labels)} labels.")

    def draw(index):
        figure = Figure(figsize=(3, 3.2), layout="constrained")
        axes = figure.subplots()
        axes.imshow(images[index], cmap="gray", vmin=0, vmax=images.max() or 1)
        axes.set_axis_off()
        title = f"index {index}: class {class_names[labels[index]]}"
        axes.set_title(fitted(title, 290 / (11 * EM), 2), parse_math=False)
        ink = float((images[index] > 0).mean())
        said = f"The picture at index {index} is of class {class_names[labels[index]]}; {100 * ink:.0f} % of it is ink."
        return describe(figure, said)

    return Playground(draw, index=Slider("index", range(len(images)), 0))


def dropout_playground():
    """Choose the share of hidden units that is ignored, and see another draw for every picture."""
    rows, columns = 8, 24

    def draw(share, picture):
        ignored = np.random.default_rng(picture).random((rows, columns)) < share
        figure = Figure(figsize=(8, 2.9), layout="constrained")
        axes = figure.subplots()
        down, right = np.nonzero(~ignored)
        axes.scatter(right, down, s=90, color=BLUE, label="votes")
        down, right = np.nonzero(ignored)
        axes.scatter(right, down, s=60, color=GREY, marker="x", label="ignored")
        axes.set(
            xticks=[], yticks=[], ylim=(rows - 0.4, -0.6), title=f"{rows * columns} hidden units, picture {picture}"
        )
        figure.legend(loc="outside right center")
        said = f"For picture {picture}, {ignored.sum()} of {rows * columns} hidden units are ignored. "
        more = f"Each of the others counts {1 / (1 - share):.2f} times, so that the sum stays about the same."
        return describe(figure, said + (more if share else "All of them vote."))

    return Playground(
        draw, share=Slider("dropout", (0.0, 0.9, 0.1), 0.2), picture=Slider("picture number", range(1, 21), 1)
    )


def learning_rate_playground(x, y, seed=0):
    """Train a small network for thirty steps with the learning rate of your choice, and see its loss.

    Parameters
    ----------
    x : ndarray, float32, shape (n, inputs)
        Prepared pictures; 3,000 of them are used.
    y : ndarray, float32, shape (n, classes)
        One-hot labels.
    seed : int
    """
    from handwriting.build import dense_network

    x, y = x[:3000], y[:3000]
    batch = max(1, len(x) // 30)

    @cache
    def losses(rate):
        model = dense_network(64, 0.2, rate, seed, inputs=x.shape[1], classes=y.shape[1])
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
        said = (
            f"With learning rate {rate:g} the loss goes from {curve[0]:.2f} to {np.mean(curve[-5:]):.2f} in 30 steps."
        )
        return describe(figure, said)

    return Playground(draw, at_once=False, rate=Slider("learning rate", RATES, 0.001))
