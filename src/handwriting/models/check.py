"""Check what a network reads and what it predicts, without importing TensorFlow."""

import sys

import numpy as np

from handwriting.errors import NetworkError, UserError
from handwriting.text import check_names, counted, there_are

SIDE = 28  # pixels of an image's height and width
#: The shapes of one image that a network may read.
INPUT_SHAPES = ((SIDE * SIDE,), (SIDE, SIDE), (SIDE, SIDE, 1))
READS = "784 numbers, 28 × 28 or 28 × 28 × 1 pixels per image"

MOST_CLASSES = 256  # labels are one byte
PLAIN = ("InputLayer", "Flatten", "Reshape", "Permute", "Dropout", "Identity")  # leave pixels as they are


def is_keras_model(model):
    """Return whether something is a Keras model, without importing Keras."""
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


def input_shape_of(model):
    """Return the shape of one image as a network reads it: one of `INPUT_SHAPES`.

    Takes any object with `input_shape` and `predict`. NetworkError if it is not a network, reads something else than
    images, or has several inputs or outputs.
    """
    if not hasattr(model, "predict"):
        raise NetworkError(
            f"Use a network that takes {READS}, such as a keras.Sequential model, not {type(model).__name__}."
        )
    try:
        shape = model.input_shape
    except Exception:  # Keras raises several kinds for a model without an input
        raise NetworkError("This network has no input shape yet. Begin it with keras.Input((784,)).") from None
    if not isinstance(shape, (tuple, list)) or not all(isinstance(side, (int, type(None))) for side in shape):
        raise NetworkError("This network has several inputs. Use a network with one input, an image.")
    shape = tuple(shape[1:])
    if shape not in INPUT_SHAPES:
        raise NetworkError(f"The network must take {READS}; this one takes {shape}.")
    outputs = len(getattr(model, "outputs", None) or [None])
    if outputs != 1:
        raise NetworkError(f"This network has {outputs} outputs. Use a network with one.")
    return shape


def layers_of(model):
    """Return the layers of a Keras model in their order, including those of models within the model."""
    found = []
    for layer in getattr(model, "layers", ()):
        if is_keras_model(layer):
            found += layers_of(layer)
        elif type(layer).__name__ != "InputLayer":
            found.append(layer)
    return found


def graph_of(model):
    """Return the part of a Keras model that has its operations: all of it, but for a `keras.Sequential`."""
    return getattr(model, "_functional", None) or model


def operations_of(model):
    """Return the layers and other operations, such as `x / 255`, of a Keras model, and of models within it."""
    found = []
    for part in getattr(graph_of(model), "operations", getattr(model, "layers", ())):
        found += operations_of(part) if is_keras_model(part) else [part]
    return found


def has_weights(part):
    """Return whether a layer has weights, trained or frozen, that are not the mean and spread of what it has seen."""
    return bool(getattr(part, "weights", ())) and not hasattr(part, "moving_mean") and not hasattr(part, "mean")


def white_of(model):
    """Return the number that a white pixel has for a network: 1, or 255 if the network scales grey levels itself.

    It does if a mean above 1 is subtracted before its first weights (Normalization, BatchNormalization), or if pixels
    from 0 to 1 make hardly a difference there, whatever divides them.
    """
    before = []
    for part in operations_of(model):
        mean = getattr(part, "moving_mean", getattr(part, "mean", None))
        if mean is not None and np.max(mean) > 1:
            return 255
        if has_weights(part):
            break
        before.append((type(part).__name__, np.max(np.abs(getattr(part, "scale", 1)))))
    if all(kind in PLAIN or kind.startswith("Random") for kind, _ in before):
        return 1
    if not hasattr(graph_of(model), "operations"):  # a class of somebody's own
        return 255 if any(kind == "Rescaling" and scale < 0.1 for kind, scale in before) else 1
    noise = np.random.default_rng(0).random(model.input_shape[1:], np.float32)
    seen, black = before_weights(model, np.stack([noise, 0 * noise]))
    return 255 if np.median(np.abs(seen - black)) < 0.05 else 1


def before_weights(model, images):
    """Return what the first layer with weights gets for these images."""
    graph = graph_of(model)
    for part in graph.operations:
        if any(map(has_weights, operations_of(part) if is_keras_model(part) else [part])):
            nodes = [node for several in graph._nodes_by_depth.values() for node in several]
            node = next(node for node in nodes if node.operation is part)
            reached = sys.modules["keras"].Model(graph.inputs[0], node.input_tensors[0])(images, training=False)
            return before_weights(part, reached) if is_keras_model(part) else np.asarray(reached)
    return np.asarray(graph(images, training=False))


def prepare_for(model, images, white=None):
    """Return uint8 images (n, 28, 28) as a network reads them: float32, 0 to `white`, in the shape of its input."""
    return (images / np.float32(255 / (white or white_of(model)))).reshape(len(images), *model.input_shape[1:])


def predict_images(model, images, white=None):
    """Return what a network predicts for a few uint8 images (n, 28, 28): an array of shape (n, classes).

    `white` is the number that a white pixel has for it, by default `white_of`.
    """
    inputs = prepare_for(model, images, white)
    if is_keras_model(model):
        return np.asarray(model(inputs, training=False), np.float32)  # for a few images many times faster than predict
    return np.asarray(model.predict(inputs, verbose=0), np.float32)


def class_names_for(model, class_names=None):
    """Return one name for each class of a network: `class_names`, or "0", "1", "2" and so on.

    Takes what `input_shape_of` takes. NetworkError if the network does not read images or does not give one probability
    per class, or the names do not fit.
    """
    shape = input_shape_of(model)
    output_shape = getattr(model, "output_shape", None)
    if output_shape is None:  # not a Keras model: try one black image
        output_shape = np.shape(model.predict(np.zeros((1, *shape), np.float32), verbose=0))
    if len(output_shape) != 2:
        raise NetworkError(
            f"The network must output one row of probabilities per image; its outputs have shape {output_shape[1:]}."
        )
    if output_shape[1] < 2:
        raise NetworkError(
            "A network must output a probability for each of at least two classes; this one outputs one number."
        )
    return fitting_names(class_names, output_shape[1])


def fitting_names(class_names, count):
    """Return one name for each of `count` classes: `class_names`, or the numbers from 0 on if it is None.

    Raises NetworkError if there are more or fewer names, one of them is not a name, or there are over 256 classes.
    """
    if count > MOST_CLASSES:
        raise NetworkError(f"It has {count:,} classes; at most {MOST_CLASSES} are possible.")
    if class_names is None:
        return [str(number) for number in range(count)]
    try:
        names = check_names(tuple(class_names) if isinstance(class_names, str) else class_names)
    except UserError as error:
        raise NetworkError(str(error)) from None
    if len(names) != count:
        raise NetworkError(
            f"{there_are(len(names), 'class name')}, but the network has {counted(count, 'class', 'classes')}."
        )
    return names


def check_outputs(outputs, count, classes):
    """Raise NetworkError unless `outputs` has the shape (count, classes), and every number in it is finite."""
    if outputs.shape != (count, classes):
        raise NetworkError(
            f"{there_are(classes, 'class name')}, but for {counted(count, 'image')} "
            f"the network's outputs have shape {outputs.shape}."
        )
    if not np.isfinite(outputs).all():
        raise NetworkError(
            "The network outputs NaN, not numbers: it did not learn. Train a new one with a smaller learning rate."
        )


def check_probabilities(outputs):
    """Raise NetworkError unless each row of `outputs` (n, classes) holds probabilities: from 0 to 1, with the sum 1."""
    check_outputs(outputs, *outputs.shape)
    wrong = outputs[(outputs < 0).any(axis=1) | ~np.isclose(outputs.sum(axis=1), 1, atol=0.01)]
    if len(wrong):
        raise NetworkError(
            "The network's outputs are not probabilities: for one image they range from "
            f"{wrong[0].min():.3g} to {wrong[0].max():.3g} and add up to {wrong[0].sum():.3g}. "
            "End it with a softmax: keras.Sequential([model, keras.layers.Softmax()])."
        )


def try_out(predict, classes):
    """Let `predict` classify an empty, a white and a noisy image, uint8 (3, 28, 28); NetworkError as above.

    What no ink reaches may be right where the weights are far too large.
    """
    noise = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE))
    images = np.stack([np.zeros((SIDE, SIDE)), np.full((SIDE, SIDE), 255), noise]).astype(np.uint8)
    outputs = predict(images)
    check_outputs(outputs, len(images), classes)
    check_probabilities(outputs)


def check_images(model, images):
    """Raise NetworkError, saying what to run, unless a network can read these images as they are."""
    reads, has = tuple(model.input_shape[1:]), tuple(images.shape[1:])
    if reads != has:
        numbers = f"{reads[0]} numbers" if len(reads) == 1 else " × ".join(map(str, reads)) + " pixels"
        shape = " × ".join(map(str, has)) or "single numbers"
        raise NetworkError(
            f"This network takes {numbers} per image, but these images are {shape}. "
            "Did you run the cell that flattens them?"
        )
