"""The trained network that ships with the package, computed in NumPy: it predicts without TensorFlow.

`handwriting.build.pretrained` returns the same network as a Keras model. docs/model-card.md says how it was trained,
how well it reads what, and for whom it may fail.
"""

from functools import cache
from pathlib import Path

import numpy as np

from handwriting.arguments import ARRAY, takes
from handwriting.errors import ArrayError

FILE = Path(__file__).with_name("pretrained.npz")
EPSILON = 1e-3  # what Keras adds to a variance in batch normalization


@cache
def read_weights():
    """Return the weights that ship with the package: float32 arrays by layer and weight, such as "conv2.kernel".

    They are kept as float16, in a file that can hold numbers only.
    """
    with np.load(FILE, allow_pickle=False) as archive:
        return {name: archive[name].astype(np.float32) for name in archive.files}


@cache
def pretrained_network():
    """Return the trained network that ships with the package, a PretrainedNetwork."""
    return PretrainedNetwork(read_weights())


class PretrainedNetwork:
    """The forward pass of `handwriting.build.convolutional_network`, in NumPy; takes weights from `read_weights`."""

    input_shape = (None, 28, 28, 1)

    def __init__(self, weights):
        self.convolutions = []
        for name in sorted({key.partition(".")[0] for key in weights if key.startswith("conv")}):
            kernel, bias = weights[f"{name}.kernel"], weights.get(f"{name}.bias")
            norm = name.replace("conv", "norm")
            if f"{norm}.gamma" in weights:  # batch normalization is a factor and a summand: part of the kernel
                factor = weights[f"{norm}.gamma"] / np.sqrt(weights[f"{norm}.moving_variance"] + EPSILON)
                bias = weights[f"{norm}.beta"] - weights[f"{norm}.moving_mean"] * factor
                kernel = kernel * factor
            self.convolutions.append((kernel, bias, int(weights[f"{name}.stride"])))
        self.output = weights["output.kernel"], weights["output.bias"]

    def __repr__(self):
        return "<The network that ships with the workshop: reads 28 × 28 pixels, tells 10 digits apart>"

    @takes(images=ARRAY)
    def predict(self, images, verbose=0):
        """Return the probabilities of the digits for each image.

        Parameters
        ----------
        images : ndarray, shape (n, 28, 28) or (n, 28, 28, 1), 0 to 1
        verbose : int
            As Keras's networks take it; nothing is printed.

        Returns
        -------
        ndarray, float32, shape (n, 10)
            The probability of each digit.
        """
        images = np.asarray(images, np.float32)
        if images.shape[1:] not in ((28, 28), (28, 28, 1)):
            raise ArrayError(f"This network takes images of shape (n, 28, 28); these have shape {images.shape}.")
        found = [softmax(self.forward(images[start : start + 256])[1]) for start in range(0, len(images), 256)]
        return np.concatenate(found) if found else np.empty((0, 10), np.float32)

    def forward(self, images):
        """Return the last feature maps (n, 4, 4, 128) and the logits (n, 10) for one batch of images, 0 to 1."""
        maps = images.reshape(-1, 28, 28, 1)
        for kernel, bias, stride in self.convolutions:
            maps = np.maximum(convolve(maps, kernel, stride) + bias, 0)
        return maps, maps.reshape(len(maps), -1) @ self.output[0] + self.output[1]


def softmax(logits):
    """Return the probabilities for logits (n, classes)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def convolve(values, kernel, stride):
    """Slide a kernel over images, with zeros around them as Keras's `padding="same"` puts them.

    Takes values (n, height, width, channels) and a kernel (rows, columns, channels, filters). Returns
    (n, height / stride, width / stride, filters), rounded up.
    """
    pads = []
    for side, size in zip(values.shape[1:3], kernel.shape[:2], strict=True):
        total = max((-(-side // stride) - 1) * stride + size - side, 0)
        pads.append((total // 2, total - total // 2))
    padded = np.pad(values, ((0, 0), *pads, (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.tensordot(windows, kernel, axes=((4, 5, 3), (0, 1, 2)))
