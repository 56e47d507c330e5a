"""A Keras model as a list of small steps that a page can compute by itself."""

import numpy as np

from handwriting.errors import NetworkError
from handwriting.models.check import input_shape_of, is_keras_model, layers_of, white_of
from handwriting.share.layers import translate


def read_network(model):
    """Return a Keras model as a list of steps; batch normalization is part of the layer before it where possible.

    Each step is a dict: "kind", and its numbers: integers, lists of them, and the float32 arrays "kernel", "bias",
    "factor" and "shift". Raises NetworkError if the layers do not follow one another, the last is not a softmax, a page
    does not know one of them, or a weight is not a finite number.
    """
    shape = input_shape_of(model)
    if not is_keras_model(model):
        raise NetworkError(f"A page needs a Keras model, such as keras.Sequential, not {type(model).__name__}.")
    layers = layers_of(model)
    steps = []
    for layer in layers:
        made, shape = translate(layer, shape)
        steps += made
    if not steps or steps[-1]["kind"] != "softmax":
        raise NetworkError(
            "The network does not end in a softmax, so its outputs are not probabilities. "
            "Wrap it: keras.Sequential([model, keras.layers.Softmax()])."
        )
    check_order(model, layers)
    if white_of(model) != 1:  # a page has pixels from 0 to 1
        whiten = {"kind": "scale", "factor": np.array([white_of(model)]), "shift": np.zeros(1), "layer": "input"}
        steps.insert(0, whiten)
    steps = fold_scales(steps)
    check_finite(steps)
    return [{key: value for key, value in step.items() if key != "layer"} for step in steps]


def check_order(model, layers):
    """Raise NetworkError unless the layers, one after the other, do what the model does: no branches, no reuse."""
    import keras

    # Sparse like strokes, from nearly black to bright: a network that is sure of all of them would hide a difference.
    generator = np.random.default_rng(0)
    bright = np.linspace(0.02, 1, 16, dtype=np.float32).reshape(-1, *[1] * (len(model.input_shape) - 1))
    images = bright * (generator.random((16, *model.input_shape[1:])) < 0.15)
    try:
        found = images
        for layer in layers:
            found = layer(found, training=False)
        found, wanted = keras.ops.convert_to_numpy(found), keras.ops.convert_to_numpy(model(images, training=False))
        same = found.shape == wanted.shape and np.allclose(found, wanted, atol=1e-3, equal_nan=True)
    except Exception:  # a layer whose input has an unexpected shape may raise anything
        same = False
    if not same:
        raise NetworkError(
            "This network is not a sequence of one layer after another. "
            "A page supports only networks without branches, as keras.Sequential makes them."
        )


def fold_scales(steps):
    """Return the same steps, with each scale right after a layer of sums made part of that layer's kernel and bias."""
    folded = []
    for step in steps:
        before = folded[-1] if folded else {}
        if step["kind"] == "scale" and len(before.get("bias", ())) == len(step["factor"]):
            folded[-1] = before | {
                "kernel": before["kernel"] * step["factor"],
                "bias": before["bias"] * step["factor"] + step["shift"],
            }
        else:
            folded.append(step)
    return [
        {key: np.asarray(value, np.float32) if isinstance(value, np.ndarray) else value for key, value in step.items()}
        for step in folded
    ]


def check_finite(steps):
    """Raise NetworkError if a weight is NaN or infinite."""
    for step in steps:
        if not all(np.isfinite(value).all() for value in step.values() if isinstance(value, np.ndarray)):
            raise NetworkError(
                f'The layer "{step["layer"]}" has weights that are infinite or not numbers (NaN): it did not learn. '
                "Train a new network with a smaller learning rate."
            )
