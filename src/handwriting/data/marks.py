"""By what data and weights are recognized: a number for each image with its label, in any order, and a hash."""

import hashlib

import numpy as np

AT_ONCE = 4096  # images: a copy of so many takes 13 MB


def marks(x, y):
    """Return a number for each image with its label, float64 (n,), which changes if a pixel or the label does.

    Takes images (n, ...), and labels (n,), (n, 1), or one-hot (n, classes): of a class, all three have the same mark.
    """
    found = [np.zeros(0)]
    for first in range(0, len(x), AT_ONCE):
        images = np.asarray(x[first : first + AT_ONCE], np.float32)
        images = images.reshape(len(images), -1)
        found.append(images @ np.linspace(0.5, 1.5, images.shape[1], dtype=np.float32))
    labels = np.asarray(y)
    if labels.ndim > 1 and labels.shape[1] > 1:
        labels = labels @ np.arange(1.0, labels.shape[1] + 1) - 1  # of shares or weighted rows, no class's number
    labels = labels.ravel()
    return np.concatenate(found) + 1000.0 * labels


def digest_of(arrays):
    """Return the first 16 hex digits of the SHA-256 hash of arrays, such as images or a network's weights."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]


def are_first_of(some, every):
    """Return whether marks are those of the first images of others, in any order."""
    first = every[: len(some)]
    return len(first) == len(some) and np.allclose(np.sort(some), np.sort(first), rtol=0, atol=0.005)
