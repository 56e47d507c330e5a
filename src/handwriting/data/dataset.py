"""Pictures with their labels, checked once, so that later stages need not."""

import weakref
from dataclasses import dataclass

import numpy as np

from handwriting.errors import DataError

__all__ = ["Dataset", "last_loaded", "remember"]

_last = None


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures with their labels, in a part for training and a part for testing.

    Attributes
    ----------
    name : str
    class_names : tuple of str
        What label 0, 1, 2 ... means.
    x_train, x_test : ndarray, uint8, shape (n, 28, 28)
        Grey levels from 0 (black) to 255 (white).
    y_train, y_test : ndarray, uint8, shape (n,)
        One label per picture.

    Raises
    ------
    DataError
        If an array has another shape or type, or a label has no name.
    """

    name: str
    class_names: tuple
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    def __post_init__(self):
        for part in ("train", "test"):
            images, labels = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            check_array(self.name, f"x_{part}", images, "pictures", "(n, 28, 28)", images.shape[1:] == (28, 28))
            check_array(self.name, f"y_{part}", labels, "labels", "(n,)", labels.ndim == 1)
            if len(images) != len(labels):
                raise DataError(f"{self.name}: x_{part} has {len(images)} pictures, y_{part} {len(labels)} labels.")
            if len(labels) == 0:
                raise DataError(f"{self.name}: x_{part} is empty. It takes at least one picture.")
            if labels.max() >= len(self.class_names):
                top = len(self.class_names) - 1
                raise DataError(f"{self.name}: y_{part} has a label {labels.max()}. Labels go from 0 to {top}.")

    def __repr__(self):
        counts = f"{len(self.x_train):,} training and {len(self.x_test):,} test images"
        return f"<Dataset {self.name}: {counts}, {len(self.class_names)} classes>"


def check_array(source, key, array, what, shape, fits):
    """Raise DataError unless the array is uint8 and of the right shape."""
    if array.dtype != np.uint8:
        hint = "whole numbers from 0 to 255 (dtype uint8)"
        raise DataError(f"{source}: {key} is {array.dtype}; {what} are {hint}. Convert it before saving.")
    if not fits:
        raise DataError(f"{source}: {key} has shape {array.shape}; {what} need shape {shape}.")


def remember(data):
    """Make these data the ones that `last_loaded` gives, as long as anyone uses them.

    Parameters
    ----------
    data : Dataset
    """
    global _last
    _last = weakref.ref(data)


def last_loaded():
    """The data that this Python loaded last, if anyone still uses it.

    Returns
    -------
    Dataset or None
    """
    return _last and _last()
