"""Keras layers as the steps that a page can compute: one small function for each.

Each takes a layer and the shapes of one image before and after it, and returns a list of steps.
"""

import numpy as np

from handwriting.errors import NetworkError

ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "linear", "softmax")
#: Layers that return their input, perhaps in another shape, once a network is trained.
SILENT = (
    *("Flatten", "Reshape", "Dropout", "SpatialDropout2D", "GaussianDropout", "GaussianNoise"),
    *("RandomTranslation", "RandomRotation", "RandomZoom", "RandomFlip"),
)
SUPPORTED = (
    "A page supports Dense, Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, BatchNormalization, "
    "Rescaling, Flatten, Reshape, ReLU, Activation, Softmax, and layers that only work in training, such as Dropout "
    "and RandomRotation"
)


def translate(layer, shape):
    """Return a Keras layer as a list of steps, and the shape of one image after it; `shape` is the one before it.

    Raises NetworkError if a page does not know the layer, its activation or one of its options.
    """
    import keras

    name = type(layer).__name__
    if type(layer) is not getattr(keras.layers, name, None) or name not in (*SILENT, *KNOWN):
        raise NetworkError(f'A page cannot compute the layer "{layer.name}" ({name}). {SUPPORTED}.')
    require(layer, data_format="channels_last", quantization_mode=None)
    after = tuple(layer.compute_output_shape((1, *shape)))[1:]
    steps = [] if name in SILENT else KNOWN[name](layer, shape, after)
    return [{"layer": layer.name, **step} for step in steps], after


def require(layer, **options):
    """Raise NetworkError if one of these options of a layer has another value."""
    for option, known in options.items():
        value = getattr(layer, option, known)
        if (tuple(value) if isinstance(value, list) else value) != known:
            raise NetworkError(
                f'The layer "{layer.name}" ({type(layer).__name__}) has {option}={value!r}; '
                f"a page only supports {option}={known!r}."
            )


def require_last_axis(layer, shape):
    """Raise NetworkError if a layer works along an axis other than the last."""
    axis = layer.axis if isinstance(layer.axis, int) else layer.axis[0]
    if axis not in (-1, len(shape)):
        require(layer, axis=-1)


def dense(layer, shape, after):
    """Weighted sums over the last axis."""
    sums = {"kind": "dense", "inputs": shape[-1], "units": layer.units, **weights_of(layer)}
    return [sums, *activation(layer, shape, after)]


def conv(layer, shape, after):
    """Small kernels that slide over an image."""
    require(layer, dilation_rate=(1, 1), groups=1)
    sums = {"kind": "conv", **windows(layer, layer.kernel_size, shape, after), **weights_of(layer)}
    return [sums, *activation(layer, shape, after)]


def weights_of(layer):
    """Return a layer's kernel and bias."""
    kernel = np.asarray(layer.kernel, np.float32)
    bias = np.zeros(kernel.shape[-1], np.float32) if layer.bias is None else np.asarray(layer.bias, np.float32)
    return {"kernel": kernel, "bias": bias}


def windows(layer, size, shape, after):
    """Return where the windows of a convolution or a pooling lie: the first begins `before` pixels outside."""
    before = [0, 0]
    if layer.padding == "same":
        before = [
            max((new - 1) * stride + wide - old, 0) // 2
            for new, stride, wide, old in zip(after, layer.strides, size, shape, strict=False)
        ]
    places = {"size": list(size), "strides": list(layer.strides), "before": before}
    return {"shape": list(shape), "out": list(after), **places}


def pooling(kind):
    """Return the function that makes the step of a pooling layer."""
    return lambda layer, shape, after: [{"kind": kind, **windows(layer, layer.pool_size, shape, after)}]


def global_average(layer, shape, after):
    """The mean of each channel: one window as large as the image."""
    window = {"out": [1, 1, shape[2]], "size": list(shape[:2]), "strides": [1, 1], "before": [0, 0]}
    return [{"kind": "averagepool", "shape": list(shape), **window}]


def batch_normalization(layer, shape, after):
    """A factor and a summand for each channel."""
    require_last_axis(layer, shape)
    factor = 1 / np.sqrt(np.asarray(layer.moving_variance, float) + layer.epsilon)
    if layer.scale:
        factor = factor * np.asarray(layer.gamma, float)
    shift = -np.asarray(layer.moving_mean, float) * factor
    if layer.center:
        shift = shift + np.asarray(layer.beta, float)
    return [{"kind": "scale", "factor": factor, "shift": shift}]


def rescaling(layer, shape, after):
    """A factor and a summand for all numbers, or for each channel."""
    factor, shift = (np.asarray(numbers, float) for numbers in (layer.scale, layer.offset))
    if factor.ndim > 1 or shift.ndim > 1:
        raise NetworkError(f'A page cannot compute the layer "{layer.name}": it scales each pixel differently.')
    return [{"kind": "scale", "factor": np.atleast_1d(factor), "shift": np.atleast_1d(shift)}]


def activation(layer, shape, after):
    """The activation function of a layer."""
    import keras

    function = getattr(layer, "activation", None) or keras.activations.linear
    name = next((name for name in ACTIVATIONS if function is keras.activations.get(name)), None)
    if name is None:
        raise NetworkError(
            f"A page cannot compute the activation {getattr(function, '__name__', type(function).__name__)} "
            f'of the layer "{layer.name}". It supports these, given by name, such as activation="relu": '
            f"{', '.join(ACTIVATIONS)}."
        )
    if name == "softmax":
        return [{"kind": "softmax", "size": after[-1]}]
    return [] if name == "linear" else [{"kind": "activation", "name": name}]


def relu(layer, shape, after):
    """The ReLU layer without its options."""
    require(layer, max_value=None, negative_slope=0, threshold=0)
    return [{"kind": "activation", "name": "relu"}]


def softmax(layer, shape, after):
    """The Softmax layer."""
    require_last_axis(layer, shape)
    return [{"kind": "softmax", "size": after[-1]}]


KNOWN = {
    "Dense": dense,
    "Conv2D": conv,
    "MaxPooling2D": pooling("maxpool"),
    "AveragePooling2D": pooling("averagepool"),
    "GlobalAveragePooling2D": global_average,
    "BatchNormalization": batch_normalization,
    "Rescaling": rescaling,
    "ReLU": relu,
    "Activation": activation,
    "Softmax": softmax,
}
