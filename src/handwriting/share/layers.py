"""Keras layers as the steps that a page can take: one small function for each."""

import numpy as np

from handwriting.errors import UserError

__all__ = ["translate"]

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "linear", "softmax")
WORKS = (
    "A page knows Dense, Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, BatchNormalization, Flatten, "
    "Reshape, ReLU, Activation, Softmax, and layers that only work in training, such as Dropout and RandomRotation"
)
#: Layers that hand on what they get once a network is trained.
SILENT = (
    *("Flatten", "Reshape", "Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise"),
    *("RandomTranslation", "RandomRotation", "RandomZoom", "RandomFlip"),
)
PLAIN_RELU = {"max_value": None, "negative_slope": 0, "threshold": 0}


def translate(layer, shape):
    """One layer as steps, and the shape after it.

    Parameters
    ----------
    layer : keras.layers.Layer
    shape : tuple of int
        What it gets, for one picture.

    Returns
    -------
    steps : list of dict
    shape : tuple of int
    """
    import keras

    name = type(layer).__name__
    if type(layer) is not getattr(keras.layers, name, None) or name not in (*SILENT, *KNOWN):
        raise UserError(f'A page cannot compute the layer "{layer.name}" ({name}). {WORKS}.')
    for setting, works in {"data_format": "channels_last", "quantization_mode": None}.items():
        if getattr(layer, setting, works) != works:
            raise unknown(layer, setting, works)
    after = tuple(layer.compute_output_shape((1, *shape)))[1:]
    made = [] if name in SILENT else KNOWN[name](layer, shape, after)
    return [{"layer": layer.name, **step} for step in made], after


def unknown(layer, setting, works):
    """A setting that a page does not know, as a UserError."""
    return UserError(
        f'The layer "{layer.name}" ({type(layer).__name__}) has {setting}={getattr(layer, setting)!r}; '
        f"a page only knows {setting}={works!r}."
    )


def dense(layer, shape, after):
    """Weighted sums over the last axis."""
    return [
        {"kind": "dense", "inputs": shape[-1], "units": layer.units, **weights_of(layer)},
        *activation(layer, shape, after),
    ]


def conv(layer, shape, after):
    """Small kernels that slide over a picture."""
    if tuple(layer.dilation_rate) != (1, 1):
        raise unknown(layer, "dilation_rate", (1, 1))
    if layer.groups != 1:
        raise unknown(layer, "groups", 1)
    return [
        {"kind": "conv", **windows(layer, layer.kernel_size, shape, after), **weights_of(layer)},
        *activation(layer, shape, after),
    ]


def weights_of(layer):
    """A layer's kernel and bias."""
    kernel = np.asarray(layer.kernel, np.float32)
    bias = np.zeros(kernel.shape[-1], np.float32) if layer.bias is None else np.asarray(layer.bias, np.float32)
    return {"kernel": kernel, "bias": bias}


def windows(layer, size, shape, after):
    """Where the windows of a convolution or a pooling lie: `before` is how far the first begins outside."""
    before = [0, 0]
    if layer.padding == "same":
        before = [
            max((new - 1) * stride + wide - old, 0) // 2
            for new, stride, wide, old in zip(after, layer.strides, size, shape, strict=False)
        ]
    places = {"size": list(size), "strides": list(layer.strides), "before": before}
    return {"shape": list(shape), "out": list(after), **places}


def pooling(kind):
    """What makes steps of a pooling layer."""
    return lambda layer, shape, after: [{"kind": kind, **windows(layer, layer.pool_size, shape, after)}]


def average_of_all(layer, shape, after):
    """The mean of each channel: one window as large as the picture."""
    one = {"out": [1, 1, shape[2]], "size": list(shape[:2]), "strides": [1, 1], "before": [0, 0]}
    return [{"kind": "averagepool", "shape": list(shape), **one}]


def norm(layer, shape, after):
    """Batch normalization: a factor and a summand for each channel."""
    axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
    if axis not in (-1, len(shape)):
        raise unknown(layer, "axis", -1)
    factor = 1 / np.sqrt(np.asarray(layer.moving_variance, float) + layer.epsilon)
    if layer.scale:
        factor = factor * np.asarray(layer.gamma, float)
    shift = -np.asarray(layer.moving_mean, float) * factor
    if layer.center:
        shift = shift + np.asarray(layer.beta, float)
    return [{"kind": "scale", "factor": factor, "shift": shift}]


def activation(layer, shape, after):
    """What a layer does to its sums."""
    import keras

    wanted = getattr(layer, "activation", None) or keras.activations.linear
    name = next((name for name in ACTIVATIONS if wanted is keras.activations.get(name)), None)
    if name is None:
        told = getattr(wanted, "__name__", type(wanted).__name__)
        known = ", ".join(ACTIVATIONS)
        raise UserError(
            f'A page cannot compute the activation {told} of the layer "{layer.name}". '
            f'It knows these, written as words, such as activation="relu": {known}.'
        )
    if name == "softmax":
        return [{"kind": "softmax", "size": after[-1]}]
    return [] if name == "linear" else [{"kind": "activation", "name": name}]


def relu(layer, shape, after):
    """The layer of that name, in its plain form."""
    for setting, works in PLAIN_RELU.items():
        if (getattr(layer, setting) or 0) != (works or 0):
            raise unknown(layer, setting, works)
    return [{"kind": "activation", "name": "relu"}]


def softmax(layer, shape, after):
    """The layer of that name."""
    if layer.axis not in (-1, len(shape)):
        raise unknown(layer, "axis", -1)
    return [{"kind": "softmax", "size": after[-1]}]


KNOWN = {
    "Dense": dense,
    "Conv2D": conv,
    "MaxPooling2D": pooling("maxpool"),
    "AveragePooling2D": pooling("averagepool"),
    "GlobalAveragePooling2D": average_of_all,
    "BatchNormalization": norm,
    "ReLU": relu,
    "Activation": activation,
    "Softmax": softmax,
}
