"""Stage 3, prepare: images and labels in the form that a network reads."""

from dataclasses import dataclass

import numpy as np

from handwriting.arguments import ARRAY, CLASSES, DATA, takes
from handwriting.data.dataset import LOADED
from handwriting.data.marks import digest_of, marks
from handwriting.data.split import VALIDATION_SHARE
from handwriting.errors import ArrayError, DataError
from handwriting.parameters import check
from handwriting.text import clean

__all__ = ["Prepared", "flatten", "one_hot", "prepared", "scale"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Data that a dense network can be trained on.

    Attributes
    ----------
    name : str
        Of the data that it was made from.
    class_names : tuple of str
    x_train, x_validation, x_test : ndarray, float32, shape (n, 784), 0 to 1
    y_train, y_validation, y_test : ndarray, float32, shape (n, classes)
        One-hot: 1 at the index of the right class, 0 elsewhere.
    images_test : ndarray, uint8, shape (n, height, width)
    labels_test : ndarray, uint8, shape (n,)
        The test part as it was, to be looked at. `x_test` and `y_test` are computed from it each time.
    fingerprint : str or None
        Of the data that it was made from: see `handwriting.load.Dataset`.
    train_size : int or None
        How many training images were asked for at most; None: all.
    marks, validation_marks : ndarray or None
        Of the training and validation images as they were prepared, from `handwriting.data.marks.marks`.
    test_digest : str or None
        Of the test images as they were then, from `handwriting.data.marks.digest_of`.
    """

    name: str
    class_names: tuple
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    images_test: np.ndarray
    labels_test: np.ndarray
    fingerprint: str | None = None
    train_size: int | None = None
    marks: np.ndarray | None = None
    validation_marks: np.ndarray | None = None
    test_digest: str | None = None

    @property
    def x_test(self):
        return scale(flatten(self.images_test))

    @property
    def y_test(self):
        return one_hot(self.labels_test, len(self.class_names))

    def __repr__(self):
        sizes = f"{len(self.x_train):,} / {len(self.x_validation):,} / {len(self.labels_test):,}"
        return f"<Prepared {self.name}: {sizes} images for training, validation and testing>"


class AlignedCopies(np.ndarray):
    """An array whose copies begin at a multiple of 64 bytes, as TensorFlow's own memory does.

    TensorFlow copies an array that it is given, and copies the copy once more if its address is not
    aligned. For MNIST's training images the second copy is 172 MB: too much for machines with 2 GB.
    """

    def copy(self, order="C"):
        buffer = np.empty(self.nbytes + 64, np.uint8)
        start = -buffer.ctypes.data % 64
        copied = buffer[start : start + self.nbytes].view(self.dtype).reshape(self.shape)
        copied[...] = self
        return copied


@takes(images=ARRAY)
def flatten(images):
    """Lay each image out as one row of numbers, top row of pixels first.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)

    Returns
    -------
    ndarray, shape (n, height * width), same dtype; a view where possible

    Raises
    ------
    handwriting.errors.ArrayError
        If `images` is already flat, with the shape it has.
    """
    images = np.asarray(images)
    if images.ndim != 3:
        is_flat = images.ndim == 2 and images.shape != (28, 28)
        hint = "They are flat already." if is_flat else "A single image? Write image[None]."
        raise ArrayError(f"Images to flatten must have shape (n, 28, 28); these have shape {images.shape}. {hint}")
    return images.reshape(len(images), images.shape[1] * images.shape[2])


@takes(images=ARRAY)
def scale(images):
    """Bring grey levels from 0 to 255 into the range 0 to 1, in a new array.

    Parameters
    ----------
    images : ndarray, uint8

    Returns
    -------
    ndarray, float32, same shape

    Raises
    ------
    handwriting.errors.ArrayError
        If `images` holds fractions already.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        top = f"{images.max():.3g}" if images.size else "nothing"
        raise ArrayError(f"These images are {images.dtype} up to {top}. Are they scaled already? Use the uint8 ones.")
    return np.divide(images, 255, dtype="float32")


@takes(labels=ARRAY, classes=CLASSES)
def one_hot(labels, classes=10):
    """Turn each label into a row of zeros with a one at the label's index.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
    classes : int

    Returns
    -------
    ndarray, float32, shape (n, classes)

    Raises
    ------
    handwriting.errors.ArrayError
        If `labels` is one-hot already, does not hold whole numbers, or a label is not below `classes`.
    """
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ArrayError(f"Labels must have shape (n,); these have shape {labels.shape}. Are they one-hot already?")
    if labels.dtype.kind not in "iu":
        raise ArrayError(f"Labels must be whole numbers; these are {labels.dtype}.")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ArrayError(f"Labels must be from 0 to {classes - 1}; these range from {labels.min()} to {labels.max()}.")
    return np.eye(classes, dtype="float32")[labels]


@takes(data=DATA)
def prepared(data, train_size=None):
    """Do all of stage 3: flatten, scale, one-hot, and hold out the last part for validation.

    Parameters
    ----------
    data : handwriting.load.Dataset
    train_size : int, optional
        How many of the other images to train on, at most: the first ones. None: all of them.

    Returns
    -------
    Prepared

    Raises
    ------
    handwriting.errors.ParameterError
        If `train_size` is not a number of images.
    handwriting.errors.DataError
        If there is only one image for training: one is set aside for validation.
    """
    held_out = max(1, len(data.x_train) // VALIDATION_SHARE)
    if len(data.x_train) <= held_out:
        raise DataError(
            f"{clean(data.name)} has too few images for training: {len(data.x_train)}. At least 2 are needed, because "
            "one is set aside for validation."
        )
    images, labels = data.x_train, data.y_train
    train_size = train_size if train_size is None else check("train_size", train_size)
    if train_size is not None and train_size < len(images) - held_out:
        # Cut first, then prepare: a few images take little memory.
        images, labels = (np.concatenate([part[:train_size], part[-held_out:]]) for part in (images, labels))
    x = scale(flatten(images)).view(AlignedCopies)
    y = one_hot(labels, len(data.class_names))
    LOADED["prepared"] = ready = Prepared(
        name=data.name,
        class_names=data.class_names,
        x_train=x[:-held_out],
        y_train=y[:-held_out],
        x_validation=x[-held_out:],
        y_validation=y[-held_out:],
        images_test=data.x_test,
        labels_test=data.y_test,
        fingerprint=data.fingerprint,
        train_size=train_size,
        marks=marks(x[:-held_out], y[:-held_out]),
        validation_marks=marks(x[-held_out:], y[-held_out:]),
        test_digest=digest_of([data.x_test]),
    )
    return ready
