"""Stage 6, evaluate: how good is the network, and where is it wrong?"""

import numpy as np
from matplotlib.figure import Figure

from handwriting.arguments import ARRAY, MODEL, NAMES, RECORD, having, number, takes, whole
from handwriting.data.dataset import LOADED
from handwriting.data.marks import digest_of
from handwriting.errors import ArrayError, DataError, NetworkError
from handwriting.figures.confusion import confusion_matrix, most_confused, show_confusion, show_reliability
from handwriting.figures.images import check_images, check_predictions, show_images, show_words
from handwriting.figures.labels import height_for, label_bars, name_ticks, text_width
from handwriting.figures.style import BLUE, ORANGE, describe
from handwriting.models.baselines import baselines, errors_by_writers
from handwriting.models.check import layers_of, predict_images, white_of
from handwriting.models.record import is_of
from handwriting.results import Result
from handwriting.text import clean, counted, there_are
from handwriting.train import trained_model

__all__ = ["baselines", "confusion_matrix", "errors_by_writers", "most_confused", "require_digits", "shift"]
__all__ += ["show_confusion", "show_failures", "show_guess", "show_predictions", "show_reliability", "show_weights"]
__all__ += ["test_result", "trained_model"]

COMPARED = 200  # test images that are predicted again: a moment
MISTAKES_KEPT = 300  # how many mistakes a result lists at most: a few kilobytes


@takes(data=having("data from `load_digits` or `prepared`", "name", "class_names"))
def require_digits(data):
    """Raise DataError unless the classes of this data are the ten digits."""
    if tuple(data.class_names) != tuple("0123456789"):
        raise DataError(
            f"This notebook needs a network that was trained on the ten digits, but {data.name} has other classes. "
            'Set data = "mnist" in the parameters cell, and run the notebook again from there.'
        )


@takes(image=ARRAY, probabilities=ARRAY, class_names=NAMES)
def show_guess(image, probabilities, class_names=tuple("0123456789")):
    """Show an image beside the network's probabilities for it, one for each class.

    Parameters
    ----------
    image : ndarray, shape (height, width)
    probabilities : ndarray, shape (classes,)
    class_names : sequence of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    classes = len(class_names)
    if np.shape(probabilities) != (classes,):
        raise ArrayError(
            f"{there_are(classes, 'class name')}, so one image needs probabilities of shape ({classes},); "
            f"these have shape {np.shape(probabilities)}. For one row of predictions, write predictions[0]."
        )
    width = min(max(8, len(class_names) / 4), 12)
    figure = Figure(figsize=(width, height_for(class_names)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(2.67, width - 2.67))
    left.imshow(check_images(image)[0])
    left.set_axis_off()
    best = int(np.argmax(probabilities))
    colours = [ORANGE if k == best else BLUE for k in range(len(class_names))]
    bars = right.bar(range(len(class_names)), probabilities, color=colours)
    pixels = 100 * width - 350
    label_bars(right, bars, [f"{100 * p:.0f} %" if p >= 0.005 else "" for p in probabilities], pixels)
    right.set(ylim=(0, 1.1), xlabel="class", ylabel="probability")
    name_ticks(right, "x", class_names, pixels)
    text = f"The most probable is {class_names[best]}, with {100 * probabilities[best]:.0f} percent"
    return describe(figure, f"An image, and a bar for each class's probability. {text}")


@takes(images=ARRAY, labels=ARRAY, probabilities=ARRAY, class_names=NAMES, count=whole(1), true_class=whole(0))
def show_failures(images, labels, probabilities, class_names=tuple("0123456789"), count=9, true_class=None):
    """Show the images that were classified wrongly, the most confident mistakes first.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)
    class_names : sequence of str
    count : int
        How many to show at most.
    true_class : int, optional
        Only images of this class.

    Returns
    -------
    matplotlib.figure.Figure
        If there are no mistakes, a figure that says so.
    """
    labels, probabilities = check_predictions(probabilities, labels, images, class_names)
    worst = find_mistakes(labels, probabilities)
    if true_class is not None:
        worst = worst[labels[worst] == true_class]
    worst = worst[:count]
    if len(worst) == 0:
        return show_words("Every one of these images was classified correctly: there is no mistake to show.")
    pairs = [(class_names[probabilities[k].argmax()], class_names[labels[k]]) for k in worst]
    titles = [f"predicted {prediction}, is {label}" for prediction, label in pairs]
    if max(map(text_width, titles)) > 10:  # ems, the width of an image
        titles = [f"predicted {prediction},\nis {label}" for prediction, label in pairs]
    titles = [f"{title}\n{100 * probabilities[k].max():.0f} % sure" for k, title in zip(worst, titles, strict=True)]
    return show_images(np.asarray(images)[worst], titles, columns=min(3, len(worst)))


def find_mistakes(labels, probabilities):
    """Return the indices of the images that were classified wrongly, the most confident mistakes first."""
    confidence = probabilities.max(axis=1)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-confidence[wrong], kind="stable")]


@takes(images=ARRAY, probabilities=ARRAY, class_names=NAMES)
def show_predictions(images, labels, probabilities, class_names=tuple("0123456789")):
    """Show images with their predicted classes, the mistakes marked.

    Parameters
    ----------
    images : ndarray, shape (n, 28, 28)
    labels : ndarray of int, shape (n,), or None if they are unknown
    probabilities : ndarray, shape (n, classes)
    class_names : sequence of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    labels, probabilities = check_predictions(probabilities, labels, images, class_names)
    predictions = probabilities.argmax(axis=-1)
    titles = [class_names[prediction] for prediction in predictions]
    if labels is None:
        return show_images(images, titles, columns=5)
    pairs = [(name, class_names[label]) for name, label in zip(titles, labels, strict=True)]
    titles = [name if name == true else f"✗ {name}" for name, true in pairs]
    correct = int((predictions == labels).sum())
    mistakes = ", ".join(f"a {true} as {name}" for name, true in pairs if name != true)
    wrong = f"; wrong: {mistakes}" if mistakes else ""
    text = f"{counted(len(images), 'image')}, {correct} of them classified correctly{wrong}"
    return show_images(images, titles, columns=5, alt=text)


@takes(count=whole(1))
def show_weights(model, count=20):
    """Show the weights of a network's first hidden units as images, one weight for each pixel.

    Parameters
    ----------
    model : keras.Model
        The first of its layers that has weights reads 784 pixels.
    count : int
        How many units to show at most.

    Returns
    -------
    matplotlib.figure.Figure
        Blue where a bright pixel raises the unit's sum, red where it lowers it, white where it does not matter.

    Raises
    ------
    handwriting.errors.NetworkError
        If it has no such layer.
    """
    weights = next((layer.get_weights()[0] for layer in layers_of(model) if layer.get_weights()), np.empty(0))
    if weights.ndim != 2 or len(weights) != 784:
        raise NetworkError(
            "Weights can be shown as images only if the first layer is dense and its inputs are the 784 pixels. This "
            "network begins with another layer."
        )
    weights = weights[:, :count].T.reshape(-1, 28, 28)
    columns = min(5, len(weights))
    rows = -(-len(weights) // columns)
    figure = Figure(figsize=(columns, rows), layout="constrained")
    for axes, unit in zip(np.ravel(figure.subplots(rows, columns)), weights, strict=False):
        top = np.abs(unit).max() or 1
        axes.imshow(unit, cmap="RdBu", vmin=-top, vmax=top)
    for axes in figure.axes:
        axes.set_axis_off()
    return describe(figure, f"The 784 weights of each of {counted(len(weights), 'hidden unit')}, as images.")


@takes(images=ARRAY, right=whole(-1000, 1000), down=whole(-1000, 1000))
def shift(images, right=0, down=0):
    """Move every image by whole pixels, and fill the space that it leaves with black.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    right, down : int
        Pixels; negative values move it left and up.

    Returns
    -------
    ndarray, same shape and dtype
    """
    images = check_images(images)
    height, width = (max(size - abs(way), 0) for size, way in zip(images.shape[1:], (down, right), strict=True))
    top, left, up, back = max(down, 0), max(right, 0), max(-down, 0), max(-right, 0)
    moved = np.zeros_like(images)
    moved[:, top : top + height, left : left + width] = images[:, up : up + height, back : back + width]
    return moved


@takes(record=RECORD, loss=number(), accuracy=number(0, 1), labels=ARRAY, probabilities=ARRAY, model=MODEL)
def test_result(record, loss, accuracy, labels, probabilities, model):
    """Return the result of stage 6: how a network did on the test images, and how it was trained.

    Parameters
    ----------
    record : dict
        From `trained_model`.
    loss, accuracy : float
        From `evaluate` on the test images.
    labels : ndarray of int, shape (n,)
    probabilities : ndarray, shape (n, classes)
        What `predict` returned for the test images.
    model : keras.Model
        From `trained_model`, too.

    Returns
    -------
    handwriting.results.Result
        Its details list mistakes, the most confident first: index of the image, prediction, probability.

    Raises
    ------
    handwriting.errors.NetworkError
        If the record is of another network.
    handwriting.errors.ArrayError
        If the accuracy or the loss is not that of the probabilities, because only some cells were run again; or if
        these are not the labels of the test images, or not what the network predicts for them.
    """
    labels, probabilities = check_result(record, loss, accuracy, labels, probabilities, model)
    mistakes = [
        [int(k), int(probabilities[k].argmax()), round(float(probabilities[k].max()), 4)]
        for k in find_mistakes(labels, probabilities)[:MISTAKES_KEPT]
    ]
    return Result(
        "evaluate",
        data=record["data"],
        data_fingerprint=record["fingerprint"],
        parameters=record["parameters"],
        test_accuracy=float(accuracy),
        test_loss=float(loss),
        parameter_count=record["parameter_count"],
        seconds_to_fit=record["seconds_to_fit"],
        details={"history": record["history"], "mistakes": mistakes},
    )


test_result.__test__ = False  # it is not a test, whatever its name makes pytest think


def check_result(record, loss, accuracy, labels, probabilities, model):
    """Return labels and probabilities as arrays; raise what `test_result` raises unless all of it is of one test."""
    if not is_of(record, model):
        raise NetworkError(
            "This record belongs to the network from notebook 5, and not to this one, so the result would be wrong. "
            "Run this notebook again from the top. To use a network of your own, train and save it in notebook 5."
        )
    labels, probabilities = check_predictions(probabilities, labels)
    measured = float((probabilities.argmax(axis=1) == labels).mean())
    if abs(measured - accuracy) > 0.002:  # two classes may be equally probable, and a network computes in batches
        raise ArrayError(
            f"The accuracy is {accuracy:.4f}, but {measured:.4f} of the predictions are right: they are from different "
            "runs. Run this notebook again from the top."
        )
    if record.get("test_labels") not in (None, digest_of([labels.astype(np.int64)])):
        raise ArrayError(
            f"These labels are not those of the test images of {clean(record['data'])}, so this would not be a test. "
            "Pass ready.labels_test, with the predictions for ready.x_test."
        )
    ready = LOADED.get("prepared")
    if ready is not None and record["fingerprint"] == ready.fingerprint is not None:
        if ready.test_digest not in (None, digest_of([ready.images_test])):
            raise ArrayError(
                "The test images were changed after they were prepared, so this would not be a test. "
                "Run this notebook again from the top, and change only copies of them."
            )
        images = ready.images_test[:COMPARED]
        # ready.x_test is from 0 to 1, and a network that scales images itself may have learned from it all the same.
        both = [predict_images(model, images, white).argmax(axis=1) for white in {1, white_of(model)}]
        found = probabilities[:COMPARED].argmax(axis=1)
        if min((again != found).mean() for again in both) > 0.02:  # two classes may be equally probable
            raise ArrayError(
                "These predictions are not for the test images, so this would not be a test. "
                "Predict for ready.x_test, and evaluate on it."
            )
    right = probabilities[np.arange(len(labels)), labels]
    measured = -np.log(np.clip(right, 1e-7, 1)).mean()
    usual = getattr(model, "loss", None) == "categorical_crossentropy" and not model.losses
    may_be_larger = right.min() < 1e-7 and loss > measured  # Keras computes it from the scores, which have no limit
    if usual and not may_be_larger and not np.isclose(loss, measured, rtol=0.02, atol=0.01, equal_nan=True):
        raise ArrayError(
            f"The loss is {loss:.4f}, but for these predictions it is {measured:.4f}: they are from different runs. "
            "Run this notebook again from the top."
        )
    return labels, probabilities
