"""Your own pictures of anything: a folder with one folder per class, as data that every stage takes."""

import hashlib
import sys
import time
from collections import defaultdict

import numpy as np

from handwriting.data.class_folders import OTHER_ENDINGS, check_folder, composed, find_classes, printable, two_needed
from handwriting.data.dataset import Dataset
from handwriting.data.split import choose_test
from handwriting.errors import DataError, ParameterError, ScanError
from handwriting.parameters import BUILT_IN, check

__all__ = ["read_folder"]

TOLD = 5  # pictures that are left out, or stand in two classes: so many are named
PATIENCE = 2  # seconds without a word


def read_folder(path, prepare, test_share=1 / 3, seed=0):
    """Read a folder that holds one folder of images per class, as `handwriting.load.load_folder` describes it.

    Parameters
    ----------
    path, test_share, seed
        As for `load_folder`.
    prepare : callable
        Takes the path of an image; returns it as uint8, shape (28, 28), or raises ScanError.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
    """
    share, seed = check_share(test_share), check_seed(seed)
    root = check_folder(path)
    classes = find_classes(root)
    paths, labels, images, left_out = read_pictures(classes, prepare)
    tell("Left out:", [why for _, why in left_out])
    names = tuple(classes)
    numbers = [hashlib.sha256(b"%d " % seed + image.tobytes()).digest() for image in images]
    check_classes(names, labels, numbers, dict(reversed(left_out)))
    tell("In more than one class:", find_shared(paths, labels, numbers))
    tested = choose_test(names, labels, numbers, share)
    order = sorted(range(len(labels)), key=lambda k: (numbers[k][16:], labels[k]))
    parts = []
    for part in (False, True):
        picked = [k for k in order if (numbers[k] in tested) == part]
        parts += [np.array([images[k] for k in picked]), np.array([labels[k] for k in picked], np.uint8)]
    name = composed(root.resolve().name if root.name in ("", "..") else root.name)
    return Dataset(f"{name} (a folder of pictures)" if name in BUILT_IN else name, names, *parts)


def check_share(test_share):
    """The share as a float; DataError for what is no share."""
    try:
        if isinstance(test_share, (bool, str)):
            raise ValueError
        share = float(test_share)
        if not 0 < share < 1:
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        example = "such as 1/3: a third of the pictures is for testing"
        raise DataError(f"test_share takes a number between 0 and 1, {example}; not {test_share!r}.") from None
    return share


def check_seed(seed):
    """The seed as an int; DataError for what is no seed."""
    try:
        return check("seed", seed)
    except ParameterError as error:
        raise DataError(str(error)) from None


def read_pictures(classes, prepare):
    """Scan all pictures, one after another: only what `prepare` makes of them is kept.

    Several threads are no faster: most of the work holds Python's lock.

    Parameters
    ----------
    classes : dict of str to list of pathlib.Path
    prepare : callable

    Returns
    -------
    paths : list of pathlib.Path
    labels : list of int
    images : list of ndarray, uint8, shape (28, 28)
    left_out : list of (int, str)
        Labels of the others, and sentences that say why.
    """
    paths, labels, images, left_out = [], [], [], []
    files = [(label, path) for label, found in enumerate(classes.values()) for path in found]
    for label, path in watched(files):
        try:
            if path.suffix.lower() in OTHER_ENDINGS:
                raise ScanError(f"{path} is no PNG, JPEG or WEBP picture. Save it as one of them.")
            image = prepare(path)
        except (ScanError, OSError) as error:
            left_out.append((label, reason(path, error)))
        else:
            paths.append(path)
            labels.append(label)
            images.append(image)
    return paths, labels, images, left_out


def watched(things):
    """Pass things on one by one; where that takes more than a moment, tell how far it is.

    A bar on a terminal, as for downloads; elsewhere lines, at most ten, since a notebook keeps what was printed.
    """
    if sys.stdout.isatty():
        from tqdm import tqdm

        yield from tqdm(things, "pictures", unit="", delay=PATIENCE, leave=False, file=sys.stdout)
        return
    began = last = time.monotonic()
    tenth = -1
    for done, thing in enumerate(things):
        now = time.monotonic()
        left = (now - began) / done * (len(things) - done) if done else 0  # nothing is known yet
        if now - last > PATIENCE < left and 10 * done // len(things) > tenth:
            words = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
            print(f"{done:,} of {len(things):,} pictures are read, about {words} left.", flush=True)
            last, tenth = now, 10 * done // len(things)
        yield thing


def reason(path, error):
    """Why a picture is left out, in a sentence that names it as "class/file"."""
    shown = printable(f"{path.parent.name}/{path.name}")
    if isinstance(error, OSError):
        return f"{shown} cannot be read: {error.strerror or error}."
    text = printable(str(error))
    whole = printable(str(path))
    return text.replace(whole, shown) if whole in text else f"{shown}: {text}"


def tell(what, sentences):
    """Print the first sentences, a line each, and how many there are beyond."""
    for sentence in sentences[:TOLD]:
        print(what, sentence)
    if len(sentences) > TOLD:
        print(what, f"{len(sentences) - TOLD:,} more.")


def check_classes(names, labels, numbers, reasons):
    """Refuse a class that has not two different pictures, now that they are scanned.

    Parameters
    ----------
    names : tuple of str
    labels : list of int
    numbers : list of bytes
        Equal where pictures are.
    reasons : dict of int to str
        By label, why a picture of it was left out.
    """
    found = defaultdict(list)
    for label, number in zip(labels, numbers, strict=True):
        found[label].append(number)
    for label, name in enumerate(names):
        mine = found[label]
        why = f" Left out: {reasons[label]}" if label in reasons else ""
        if not mine:
            raise DataError(f'The class "{name}" has no picture that can be read.{why}')
        if len(mine) == 1:
            raise DataError(f'The class "{name}" has one picture that can be read. {two_needed()}{why}')
        if len(set(mine)) == 1:
            raise DataError(f'All {len(mine)} pictures of the class "{name}" are the same. {two_needed()}')


def find_shared(paths, labels, numbers):
    """Pictures that lie in more than one class, a sentence for each."""
    places = defaultdict(dict)
    for path, label, number in zip(paths, labels, numbers, strict=True):
        places[number].setdefault(label, printable(f"{path.parent.name}/{path.name}"))
    return [
        f"{' and '.join(found.values())} are the same picture. Only one class can be right."
        for found in places.values()
        if len(found) > 1
    ]
