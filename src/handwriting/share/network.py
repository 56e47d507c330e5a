"""A Keras model as a list of small steps that a page can take by itself."""

import numpy as np

from handwriting.errors import UserError
from handwriting.share.layers import translate

__all__ = ["read_network"]

SHAPES = ((784,), (28, 28), (28, 28, 1))


def read_network(model, classes):
    """Take a Keras model apart.

    Parameters
    ----------
    model : keras.Model
        Reads pictures of shape (n, 784), (n, 28, 28) or (n, 28, 28, 1); its layers follow one another, and the last
        is a softmax.
    classes : int
        How many probabilities it must give.

    Returns
    -------
    list of dict
        One per step: "kind" says which, the rest are its numbers: whole ones, lists of them, and float32 arrays
        "kernel", "bias", "factor" and "shift". Batch normalization is part of the layer before it where it can be.

    Raises
    ------
    UserError
        If it is no such model, a layer is none that a page knows, or a weight is no finite number.
    """
    shape = shape_read(model)
    layers = layers_of(model)
    steps = []
    for layer in layers:
        made, after = translate(layer, shape)
        steps += made
        shape = after
    if shape != (classes,):
        gives = f"{shape[0]} numbers" if len(shape) == 1 else f"numbers of shape {shape}"
        raise UserError(f"There are {classes} class names, but for one picture the network gives {gives}.")
    if not steps or steps[-1]["kind"] != "softmax":
        raise UserError(
            "The network does not end in a softmax, so what it gives are no probabilities. "
            "Wrap it: keras.Sequential([model, keras.layers.Softmax()])."
        )
    check_order(model, layers)
    steps = folded(steps)
    check_finite(steps)
    return [{key: value for key, value in step.items() if key != "layer"} for step in steps]


def shape_read(model):
    """The shape of one picture, as the model takes it."""
    import keras

    if not isinstance(model, keras.Model):
        raise UserError(f"A page is made of a Keras model, such as keras.Sequential, not of {type(model).__name__}.")
    try:
        shape = model.input_shape
    except Exception:  # Keras raises several kinds for a model without an input
        raise UserError("This network does not know its input yet. Begin it with keras.Input((784,)).") from None
    if not isinstance(shape, tuple) or not all(isinstance(side, (int, type(None))) for side in shape):
        raise UserError(
            "This network has several inputs. A page has one picture for it: take a network with one input."
        )
    if shape[1:] not in SHAPES:
        raise UserError(f"A page gives the network 784 numbers, 28 × 28 or 28 × 28 × 1; this one takes {shape[1:]}.")
    if len(getattr(model, "outputs", None) or [None]) != 1:
        raise UserError(f"This network has {len(model.outputs)} outputs. A page shows one: take a network with one.")
    return shape[1:]


def layers_of(model):
    """The layers in their order, those of models within the model too."""
    import keras

    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += layers_of(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            found.append(layer)
    return found


def check_order(model, layers):
    """Make sure that the layers, one after the other, do what the model does: no branches, nothing used twice."""
    import keras

    # Sparse like strokes, from nearly black to bright: a network that is sure of all of them would hide a difference.
    generator = np.random.default_rng(0)
    bright = np.linspace(0.02, 1, 16, dtype=np.float32).reshape(-1, *[1] * (len(model.input_shape) - 1))
    pictures = bright * (generator.random((16, *model.input_shape[1:])) < 0.15)
    try:
        found = pictures
        for layer in layers:
            found = layer(found, training=False)
        found, wanted = keras.ops.convert_to_numpy(found), keras.ops.convert_to_numpy(model(pictures, training=False))
        same = found.shape == wanted.shape and np.allclose(found, wanted, atol=1e-3, equal_nan=True)
    except Exception:  # a layer that meets another shape than its own raises what it likes
        same = False
    if not same:
        raise UserError(
            "In this network something else happens than one layer after another. "
            "A page takes networks without branches: those that keras.Sequential can make."
        )


def folded(steps):
    """The same steps, with a scale right after a layer of sums made part of that layer: its kernel and its bias."""
    found = []
    for step in steps:
        before = found[-1] if found else {}
        if step["kind"] == "scale" and len(before.get("bias", ())) == len(step["factor"]):
            found[-1] = before | {
                "kernel": before["kernel"] * step["factor"],
                "bias": before["bias"] * step["factor"] + step["shift"],
            }
        else:
            found.append(step)
    return [
        {key: np.asarray(value, np.float32) if isinstance(value, np.ndarray) else value for key, value in step.items()}
        for step in found
    ]


def check_finite(steps):
    """Refuse weights that are not numbers."""
    for step in steps:
        if not all(np.isfinite(value).all() for value in step.values() if isinstance(value, np.ndarray)):
            raise UserError(
                f'The layer "{step["layer"]}" has weights that are no numbers (NaN) or infinite: it did not learn. '
                "Train a new network with a smaller learning rate."
            )
