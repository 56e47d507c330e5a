"""What a network should beat, and for which writers of MNIST's digits it is right how often."""

import numpy as np

from handwriting.arguments import ARRAY, TABLE, having, takes
from handwriting.errors import ArrayError
from handwriting.figures.images import check_labels, one_each

#: Who wrote MNIST's test images (C. Yadav and L. Bottou, "Cold Case: The Lost MNIST Digits", 2019,
#: https://arxiv.org/abs/1905.10498); `handwriting.load.load_writers` says which person it was.
WRITERS = {"high-school students": slice(0, 5001), "Census Bureau staff": slice(5001, 10000)}


@takes(data=having("data from `prepared`", "x_train", "y_train", "class_names"), x=TABLE, labels=ARRAY)
def baselines(data, x, labels):
    """Return the accuracies that a network should beat.

    Parameters
    ----------
    data : handwriting.prepare.Prepared
        The two methods that need training images get those of this data.
    x : ndarray, float32, shape (n, 784), 0 to 1
        The images to classify.
    labels : ndarray of int, shape (n,)
        Their classes.

    Returns
    -------
    dict of str to float
        Of blind guessing; of the class whose average image is nearest; and of a network with no hidden layer and no
        biases, trained by plain gradient descent: four epochs in batches of 100, with a learning rate of 0.1.
    """
    labels = check_labels(labels, len(data.class_names))
    one_each("image", x, "label", labels)
    if len(x) == 0:
        raise ArrayError("There are no images to classify.")
    if not 0.1 < np.max(x) <= 1 or np.min(x) < 0:
        raise ArrayError(f"The pixels must be from 0 to 1; these are from {np.min(x):.3g} to {np.max(x):.3g}.")
    classes = data.y_train.argmax(axis=1)
    present = np.unique(classes)
    averages = np.stack([data.x_train[classes == label].mean(axis=0) for label in present])
    # Squared distances to each average, without the part that is the same for all of them.
    nearest = present[((averages**2).sum(axis=1) - 2 * x @ averages.T).argmin(axis=1)]
    weights = np.zeros((x.shape[1], len(data.class_names)), np.float32)
    for first in 4 * [*range(0, len(data.x_train), 100)]:
        images, truth = data.x_train[first : first + 100], data.y_train[first : first + 100]
        powers = np.exp(images @ weights)
        errors = powers / powers.sum(axis=1, keepdims=True) - truth
        weights -= 0.1 * images.T @ errors / len(images)
    return {
        "blind guessing": 1 / len(data.class_names),
        "nearest average": float(np.mean(nearest == labels)),
        "no hidden layer": float(np.mean((x @ weights).argmax(axis=1) == labels)),
    }


@takes(digits=having("data from `prepared`", "name", "labels_test"), predictions=ARRAY)
def errors_by_writers(digits, predictions):
    """Return how many test images were classified wrongly for each group of writers, in words.

    Parameters
    ----------
    digits : handwriting.prepare.Prepared
    predictions : ndarray of int, shape (n,)
        The predicted class of each test image.

    Returns
    -------
    list of str
        One line for each group; for other data than MNIST one line, which says that the groups are not known.
    """
    predictions = check_labels(predictions, 256, "Predictions")
    one_each("test image", digits.labels_test, "prediction", predictions)
    wrong = predictions != digits.labels_test
    if digits.name != "mnist" or len(wrong) != 10000:
        return ["The writers are known only for MNIST's test set."]
    return [
        f"{group}:\n  accuracy {1 - wrong[part].mean():.2f}, wrong: {wrong[part].sum()} of {len(wrong[part]):,}"
        for group, part in WRITERS.items()
    ]
