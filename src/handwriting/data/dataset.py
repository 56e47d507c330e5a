"""Images with their labels, checked once, so that later stages need not check them."""

import hashlib
import json
import sys
from dataclasses import dataclass
from weakref import WeakValueDictionary

import numpy as np

from handwriting.errors import DataError
from handwriting.text import counted

#: Under "last", the data that this Python loaded last; under "prepared", what it prepared last. Each is dropped when
#: nothing else uses it any more.
LOADED = WeakValueDictionary()
#: Under "last", its name, which stays: most notebooks keep only what they prepared from the data.
LOADED_NAME = {}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their labels, in a part for training and a part for testing.

    Attributes
    ----------
    name : str
    class_names : tuple of str
        What label 0, 1, 2 ... means.
    x_train, x_test : ndarray, uint8, shape (n, 28, 28)
        Grey levels from 0 (black) to 255 (white).
    y_train, y_test : ndarray, uint8, shape (n,)
        One label per image.

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
            check_array(self.name, f"x_{part}", images, "images", "(n, 28, 28)", images.shape[1:] == (28, 28))
            check_array(self.name, f"y_{part}", labels, "labels", "(n,)", labels.ndim == 1)
            if len(images) != len(labels):
                sizes = counted(len(images), "image"), counted(len(labels), "label")
                raise DataError(f"{self.name}: x_{part} has {sizes[0]}, y_{part} {sizes[1]}.")
            if len(labels) == 0:
                raise DataError(f"{self.name}: x_{part} is empty. It needs at least one image.")
            if labels.max() >= len(self.class_names):
                top = len(self.class_names) - 1
                raise DataError(f"{self.name}: y_{part} has the label {labels.max()}. Labels must be from 0 to {top}.")

    @property  # not cached: arrays can be changed in place
    def fingerprint(self):
        """Text of 16 hexadecimal digits that differs if a class name or any of the four arrays does."""
        arrays = [self.x_train, self.y_train, self.x_test, self.y_test]
        known = hashlib.blake2b(digest_size=8)
        known.update(json.dumps([self.class_names, *(array.shape for array in arrays)]).encode())
        for array in arrays:
            known.update(np.ascontiguousarray(array))
        return known.hexdigest()

    def __repr__(self):
        counts = f"{len(self.x_train):,} training and {len(self.x_test):,} test images"
        return f"<Dataset {self.name}: {counts}, {len(self.class_names)} classes>"


def check_array(source, key, array, content, shape, fits):
    """Raise DataError unless the array is uint8 and of the right shape."""
    if array.dtype != np.uint8:
        hint = "whole numbers from 0 to 255 (dtype uint8)"
        raise DataError(f"{source}: {key} is {array.dtype}; {content} must be {hint}. Convert it before saving.")
    if not fits:
        raise DataError(f"{source}: {key} has shape {array.shape}; {content} need shape {shape}.")


def remember(data):
    """Make this data set the one that `last_loaded` returns, as long as something else uses it."""
    LOADED["last"], LOADED_NAME["last"] = data, data.name


def last_loaded():
    """Return the notebook's data set: its variable `digits`, else what was loaded last and is still used, else None."""
    digits = getattr(sys.modules["__main__"], "digits", None)
    return digits if isinstance(digits, Dataset) else LOADED.get("last")


def last_name(otherwise):
    """Return the name of the notebook's data set, also if nothing uses that any more; `otherwise` if there was none."""
    return getattr(last_loaded(), "name", LOADED_NAME.get("last", otherwise))
