"""A loss surface that one can see whole: of a network with two weights. A ball goes down it step by step."""

import numpy as np
from matplotlib.figure import Figure

from handwriting.arguments import TABLE, takes
from handwriting.figures.style import ORANGE, describe
from handwriting.text import counted
from handwriting.widgets.playground import Playground

RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.7, 1.2)  # above 1, every such surface throws the ball off
STEPS = 20
REACH = 4  # how far the surface is drawn from its lowest point, in both weights
START = np.array([-2.6, 3.0])  # where the ball starts, from the lowest point


@takes(x=TABLE, y=TABLE)
def loss_surface_playground(x, y):
    """Go down the loss surface of a network with two weights, with the learning rate of your choice.

    The network tells the first two classes apart by two numbers per image, each scaled to mean 0 and standard
    deviation 1: how bright the middle is, and how bright the whole image is. Its prediction is the sum of both
    numbers, each times its weight: it should be +1 for the first class and -1 for the second. The loss is the mean of
    the squared differences, so its surface is a bowl.

    Parameters
    ----------
    x : ndarray, float32, shape (n, 784)
        Prepared images; the first 5,000 are used.
    y : ndarray, float32, shape (n, classes)
        One-hot labels.
    """
    inputs, targets = two_numbers(x[:5000], y[:5000])

    def loss(weights):
        return ((inputs @ weights - targets[:, None]) ** 2).mean(axis=0)

    def gradient(weights):
        return 2 * inputs.T @ (inputs @ weights - targets) / len(targets)

    lowest = np.linalg.lstsq(inputs, targets, rcond=None)[0]
    sides = [np.linspace(-REACH, REACH, 81) + middle for middle in lowest]
    first, second = np.meshgrid(*sides)
    surface = loss(np.stack([first.ravel(), second.ravel()])).reshape(first.shape)

    def draw(rate, steps):
        places = [lowest + START]
        for _ in range(steps):
            places.append(places[-1] - rate * gradient(places[-1]))
        losses = loss(np.array(places).T)
        figure = Figure(figsize=(6, 4.4), layout="constrained")
        axes = figure.subplots()
        axes.contourf(first, second, surface, levels=20, cmap="Greys")
        axes.plot(*lowest, "x", color="#222222", markersize=9, zorder=3, label="lowest point")
        axes.plot(*np.array(places).T, "-o", color=ORANGE, markersize=4, label="path")
        axes.plot(*places[-1], "o", color=ORANGE, markeredgecolor="#222222", markersize=13, label="now")
        axes.set(xlabel="weight of the middle", ylabel="weight of the whole", xlim=sides[0][[0, -1]])
        now = f"{losses[-1]:.2f}" if losses[-1] < 1000 else "more than 1,000"
        axes.set(ylim=sides[1][[0, -1]], title=f"learning rate {rate:g}, step {steps}: loss {now}")
        figure.legend(loc="outside right upper")
        where = ", and the ball is off the map" if np.abs(places[-1] - lowest).max() > REACH else ""
        goes = f"the loss goes from {losses[0]:.2f} to {now} in {counted(steps, 'step')}{where}"
        least = f"At the lowest point it is {loss(lowest[:, None])[0]:.2f}."
        return describe(figure, f"With learning rate {rate:g}, {goes}. {least}")

    return Playground(
        draw,
        rate=("SelectionSlider", "learning rate", 0.1, {"options": [(f"{rate:g}", rate) for rate in RATES]}),
        steps=("IntSlider", "steps", STEPS, {"min": 0, "max": STEPS}),
    )


def two_numbers(x, y):
    """Return the inputs (m, 2) and targets (m,) of the images (n, 784) that are of the first two classes."""
    labels = y.argmax(axis=1)
    images = x[labels < 2].reshape(-1, 28, 28)
    numbers = np.stack([images[:, 10:18, 10:18].mean(axis=(1, 2)), images.mean(axis=(1, 2))], axis=1)
    targets = np.where(labels[labels < 2] == 0, 1.0, -1.0)
    spread = numbers.std(axis=0)
    return (numbers - numbers.mean(axis=0)) / np.where(spread > 0, spread, 1), targets
