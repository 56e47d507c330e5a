"""What a network predicts, and what its last hidden layer does meanwhile."""

import sys

import numpy as np

from handwriting.models.check import is_keras_model, layers_of, predict_images, prepare_for
from handwriting.models.not_a_digit import is_shipped
from handwriting.models.pretrained import pretrained_network, softmax

MOST = 4096  # units that can still be shown
PASSING = ("Flatten", "Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "Reshape")


class NetworkInside:
    """A network and its last hidden layer, computed together.

    `units` says how many that layer has: 0 if the network has none, or is not a Keras model whose layers follow one
    another. `unit` says what one is: "hidden unit", or "feature map" of a convolution. `shipped` says whether it is the
    network that ships with the package.
    """

    def __init__(self, model):
        self.model, self.shipped = model, is_shipped(model)
        self.both = None if self.shipped else with_hidden_layer(model)
        _, hidden, _ = self.read(np.zeros((1, 28, 28), np.uint8))
        self.units, self.unit = 0, "hidden unit"
        if hidden is not None and hidden[0].size and hidden.shape[-1] <= MOST:
            self.units, self.unit = hidden.shape[-1], "feature map" if hidden.ndim == 4 else "hidden unit"

    def read(self, images):
        """Return what a network gives for uint8 images (n, 28, 28): its predictions, hidden layer and logits.

        Predictions have shape (n, classes); the activations of the last hidden layer (n, units) or (n, height, width,
        feature maps), None without one; the logits, of the network that ships with the package, (n, 10), else None.
        """
        if self.shipped:
            maps, logits = pretrained_network().forward(images / np.float32(255))
            return softmax(logits), maps, logits
        if self.both is None:
            return predict_images(self.model, images), None, None
        outputs, hidden = self.both(prepare_for(self.model, images), training=False)
        return np.asarray(outputs), np.asarray(hidden), None


def with_hidden_layer(model):
    """Return a Keras model that gives a network's predictions and its last hidden layer; None if it has none."""
    layers = layers_of(model) if is_keras_model(model) else []
    sums = [place for place, layer in enumerate(layers) if hasattr(layer, "kernel")]
    if len(sums) < 2:
        return None
    place = sums[-1] - 1
    while type(layers[place]).__name__ in PASSING:
        place -= 1
    try:
        return sys.modules["keras"].Model(model.inputs[0], [*model.outputs, layers[place].output])
    except (AttributeError, ValueError):  # the layer is within another model, or the model has no graph
        return None


def grey_levels(hidden):
    """Return one image's activations (..., units) as uint8 (units,): 255 for the largest, 0 only for those not above 0.

    Of a feature map, the largest activation counts.
    """
    strongest = hidden.reshape(-1, hidden.shape[-1]).max(axis=0)
    return np.ceil(255 * np.clip(strongest / max(strongest.max(), 1e-9), 0, 1)).astype(np.uint8)
