"""What is none of the ten digits: letters, doodles, dots. One rule for the pads, the server and the exported page.

A network that knows ten digits gives ten probabilities to whatever it sees. Three quantities tell more: how large its
largest probability is (D. Hendrycks and K. Gimpel, "A Baseline for Detecting Misclassified and Out-of-Distribution
Examples in Neural Networks", 2017), how large its logits are altogether, their energy (W. Liu and others,
"Energy-based Out-of-distribution Detection", 2020), and how much ink lies in one place. A network with little ink to
go by has smaller logits for digits, too, so the bound depends on the ink.

The numbers were chosen on MNIST's training images, the stand-in, letters and doodles: at most 1 % of digits are
refused. Those of the logits hold for the network that ships with the package and for no other: for others, only what
is nearly a dot is not a digit.
"""

import numpy as np

from handwriting.data.registry import DIGITS
from handwriting.models.check import layers_of
from handwriting.models.pretrained import PretrainedNetwork, read_weights

LIMITS = {
    "side": 9,  # pixels: of the square of the image in which most ink lies
    "ink": 0.94,  # share of ink in that square above which it is not a digit
    "score": 7.7,  # energy + `inked` × that share + `odds` × logarithm of the odds of the class: below it, it is none
    "inked": 8,
    "odds": 0.5,
}


def is_shipped(model):
    """Return whether a network is the one that ships with the package, in NumPy or as a Keras model."""
    if isinstance(model, PretrainedNetwork):
        return True
    kept = read_weights()
    weights = [(layer.name, weight) for layer in layers_of(model) for weight in layer.weights]
    names = [f"{layer}.{weight.path.rpartition('/')[2]}" for layer, weight in weights]
    pairs = zip(names, weights, strict=True)
    return bool(names) and all(np.array_equal(np.asarray(weight), kept.get(name)) for name, (_, weight) in pairs)


def limits_for(class_names, shipped):
    """Return those of `LIMITS` that hold for a network with these class names; None if they are not the ten digits."""
    if tuple(class_names) != DIGITS:
        return None
    return LIMITS if shipped else {name: LIMITS[name] for name in ("side", "ink")}


def look_like_digits(images, class_names, logits=None):
    """Return for each image, uint8 (n, 28, 28) with light ink on 0, whether it looks like a digit: bool (n,).

    If the class names are not the ten digits, everything looks like one of them. `logits` (n, 10) are those of the
    network that ships with the package, None for another network.
    """
    limits = limits_for(class_names, logits is not None)
    if limits is None:
        return np.ones(len(images), bool)
    side = limits["side"]
    sums = np.pad(images / 255, ((0, 0), (1, 0), (1, 0))).cumsum(1).cumsum(2)
    squares = sums[:, side:, side:] - sums[:, :-side, side:] - sums[:, side:, :-side] + sums[:, :-side, :-side]
    ink = squares.max(axis=(1, 2)) / side**2
    found = ink <= limits["ink"]
    if logits is None:
        return found
    top = logits.max(axis=1)
    others = np.sort(np.exp(logits - top[:, None]), axis=1)[:, :-1].sum(axis=1)  # of the largest, which is 1
    energy, odds = top + np.log1p(others), -np.log(np.maximum(others, 1e-9))
    return found & (energy + limits["inked"] * ink + limits["odds"] * np.clip(odds, -3, 8) >= limits["score"])
