"""Stage 1, load: images of handwriting and their labels, as arrays."""

import gzip
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from handwriting.arguments import having, takes
from handwriting.data import cache
from handwriting.data.dataset import Dataset, remember
from handwriting.data.formats import ARRAYS, LARGEST, parse_idx, read_npz, save_npz
from handwriting.data.registry import CLASS_NAMES, DIGITS, FILES, FINGERPRINTS, TITLES, name_of_own
from handwriting.errors import DataError
from handwriting.parameters import PARAMETERS, nearest
from handwriting.paths import LONGEST, given_path
from handwriting.text import clean, counted

__all__ = ["DataError", "Dataset", "Writers", "load_digits", "load_folder", "load_writers"]

SOURCES = PARAMETERS["data"].choices
#: What is loaded instead, in the sentence that says so.
ALTERNATIVES = TITLES | {"auto": "MNIST"}
LISTED = 10  # class names in the line that says what was loaded
STANDIN_FILE = "stand-in-2.npz"  # the number goes up when `standin` draws other images: older copies are not used


def load_digits(source="auto", otherwise=None):
    """Load handwritten digits, from wherever they are available.

    Parameters
    ----------
    source : str or path
        "mnist", "fashion-mnist" (clothes in MNIST's shape), "letters" (A to J, drawn on this machine),
        "stand-in" (images like MNIST's that need no network), "auto" (MNIST if it is available, else the
        stand-in), or a path: an `.npz` with x_train, y_train, x_test and y_test, a folder with MNIST's
        four files, or a folder of images, as for `load_folder`.
    otherwise : str or path, optional
        What to load if `source` is not available. One printed line says why.

    Returns
    -------
    Dataset
        One printed line says which data it is.

    Raises
    ------
    DataError
        If the source is unknown, not available, or holds something else. A misspelt name or a path that leads
        nowhere is an error even if there is an `otherwise`.
    """
    source = check_source(source)
    data = load_source(source) if otherwise is None else load_either(source, check_source(otherwise))
    return announced(data)


def load_folder(path, test_share=1 / 3, seed=0):
    """Load images of your own from a folder that holds one folder per class, named after the class.

    Every image goes through `handwriting.scan.to_mnist`. Its part and its place in it depend on its 28 × 28 pixels and
    the seed alone (SHA-256), not on files' names: an image stays in its part when others are added, except for a few
    near the border, and images that are identical once they are scanned stay together.

    Parameters
    ----------
    path : str or path
        Its folders are the classes, in natural order ("2" before "10"), 2 to 256 of them; the files in them that end in
        .png, .jpg, .jpeg, .jpe, .jfif or .webp are images. Hidden folders, those of systems and programs, and folders
        in the class folders do not count. Two folders "train" and "test" (or "training" and "testing" or "val") with
        class folders in both are the two parts.
    test_share : float
        Approximate share of each class that is for testing, between 0 and 1. Each class has at least one image in
        each part.
    seed : int
        Seed of the division; another seed gives another division.

    Returns
    -------
    Dataset
        Named after the folder. Names of classes are in Unicode's composed form (NFC). Both parts are shuffled. One
        printed line says what it holds; others name images that could not be read, and those in two classes or parts.

    Raises
    ------
    DataError
        If there are no class folders, or a class does not have two different images, one for each part.
    ParameterError
        If `test_share` or `seed` has a wrong value.
    """
    data = scan_folder(path, test_share, seed)
    names = data.class_names
    more = f" and {len(names) - LISTED:,} more" if len(names) > LISTED else ""
    return announced(data, f", {len(names)} classes: {', '.join(names[:LISTED])}{more}")


class Writers(NamedTuple):
    """Who wrote each of MNIST's images: ndarrays of int, shapes (60000,) and (10000,), a number for each person.

    Numbers from 2100 on are high-school students', lower ones those of the US Census Bureau's employees.
    """

    train: np.ndarray
    test: np.ndarray


@takes(data=having("data from `load_digits`", "name"))
def load_writers(data):
    """Load who wrote the images of a data set, if it is MNIST: from this machine, or a download of 1 MB.

    The QMNIST project found out for each image which person wrote it (C. Yadav and L. Bottou, "Cold Case: The Lost
    MNIST Digits", NeurIPS 2019, https://arxiv.org/abs/1905.10498). The labels are the project's
    (https://github.com/facebookresearch/qmnist, BSD licence): eight numbers for each image, the third is the person.

    Parameters
    ----------
    data : Dataset or handwriting.prepare.Prepared

    Returns
    -------
    Writers or None
        None for other data than MNIST, or if the labels are not available; one printed line says why.
    """
    try:
        if data.name != "mnist":
            raise DataError("this is known only for MNIST.")
        contents = read_files("qmnist", again=False).values()
    except DataError as error:
        print(f"It is not known who wrote each image: {error}")
        return None
    unpacked = [gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content for content in contents]
    train, test = (np.frombuffer(table, ">i4", offset=12).reshape(-1, 8)[:, 2].astype(int) for table in unpacked)
    return Writers(train, test[:10_000])  # QMNIST has 50,000 test images more than MNIST


def announced(data, classes=""):
    """Print which data it is, remember it as what was loaded last, and return it."""
    counts = f"{counted(len(data.x_train), 'image')} for training, {len(data.x_test):,} for testing"
    print(f"Data: {TITLES.get(data.name, data.name)}, {counts}{classes}.")
    for part, labels in (("training", data.y_train), ("testing", data.y_test)):
        missing = np.setdiff1d(np.arange(len(data.class_names)), labels)
        if len(missing):
            some = ", ".join(data.class_names[label] for label in missing[:LISTED])
            print(f"No image for {part} shows {some}{' and others' if len(missing) > LISTED else ''}.")
    remember(data)
    return data


def scan_folder(path, test_share=1 / 3, seed=0):
    """Do what `load_folder` does, but for the line that says what was loaded."""
    from handwriting.data.image_folder import read_folder
    from handwriting.scan import to_mnist

    return read_folder(path, to_mnist, test_share, seed)


def check_source(source):
    """Return the source as text, if it is a known name or leads to a file or folder; DataError otherwise."""
    source = os.fspath(source) if isinstance(source, (str, os.PathLike)) else repr(source)
    if source.strip() in SOURCES:
        return source.strip()
    if source and given_path(source, DataError).exists():
        return source
    if source.endswith(".npz") or os.sep in source or "/" in source:
        raise DataError(f"There is no file or folder {clean(source, LONGEST)}. Relative paths start at {Path.cwd()}.")
    valid = ", ".join(f'"{name}"' for name in SOURCES)
    raise DataError(
        f'There is no data set called "{clean(source)}".{nearest(source, SOURCES)} Valid: {valid}, or a path.'
    )


def load_source(source, again=True):
    """Load one of `SOURCES` or a path; `again` says whether to ask mirrors that did not answer a moment ago."""
    if source == "auto":
        return load_either("mnist", "stand-in")
    if source == "stand-in":
        return load_standin()
    if source == "letters":
        from handwriting.data.letters import make_letters

        return Dataset(source, CLASS_NAMES[source], *make_letters())
    if source in FILES:
        contents = read_files(source, again)
        return Dataset(source, CLASS_NAMES[source], *(parse_idx(file, contents[file]) for file in contents))
    return load_path(given_path(source, DataError))


def load_either(source, otherwise):
    """Load a source if it is available, else the other one, saying why."""
    try:
        return load_source(source, again=False)
    except DataError as error:
        reason = str(error).rstrip(".")
    print(f"No {TITLES.get(source, source)}: {reason}. Using {ALTERNATIVES.get(otherwise, otherwise)} instead.")
    return load_source(otherwise)


def read_files(name, again=True):
    """Return the files of `name` as a dict of bytes, from this machine or a mirror; any failure becomes a DataError."""
    contents = cache.read_local(name)
    if contents:
        return contents
    from handwriting.data import download

    if not again and download.failed_recently(name):
        call = f'load_digits("{name}")' if name in SOURCES else f"handwriting data fetch {name}"
        raise DataError(f"no mirror answered a few minutes ago; {call} tries again")
    try:
        return download.download(name)
    except OSError as error:
        raise DataError(f"{name} cannot be saved: {error.strerror or error}. Is the disk full?") from error


def load_standin():
    """Load the stand-in from the cache, or draw it and put it there."""
    path = standin_path()
    if path and cache.is_file(path):
        try:
            return read_standin(path)
        except DataError:
            fault = "is damaged (incomplete or changed)" if os.access(path, os.R_OK) else "may not be read"
            print(f"{path} {fault}. Drawing it again.")
    from handwriting.data import standin

    print("Drawing the stand-in's 70,000 images (only once; this takes a few seconds) ...")
    data = Dataset("stand-in", DIGITS, *standin.make_standin())
    if cache.cache_folder() is None:
        print("Nothing can be saved on this machine: the stand-in is kept in memory only.")
    else:
        save_standin(path, data)
    return data


def save_standin(path, data):
    """Save the stand-in with its fingerprint, by which `read_standin` knows it; a printed line says if that fails."""
    save_npz(path, {name: getattr(data, name) for name in (*ARRAYS, "fingerprint")})


def read_standin(path):
    """Read a file that `save_standin` wrote; DataError if it is another one, or was changed."""
    arrays = read_npz(path, (*ARRAYS, "fingerprint"))
    fingerprint = str(arrays.pop("fingerprint"))
    data = Dataset("stand-in", DIGITS, *arrays.values())
    if data.fingerprint != fingerprint:
        raise DataError(f"The content of {path} does not match its fingerprint.")
    return data


def standin_path():
    """Return where the stand-in is cached, or would be; None where there can be no such folder."""
    folder = cache.cache_to_read()
    return folder / STANDIN_FILE if folder else None


def standin_status():
    """Return whether the stand-in is cached, and whole: a row like those of `handwriting.data.cache.status`."""
    path = standin_path()
    row = {"name": "stand-in", "file": path.name if path else "", "path": None, "state": "missing", "bytes": 0}
    if path and cache.is_file(path):
        row |= {"path": path, "state": "whole", "bytes": path.stat().st_size}
        try:
            read_standin(path)
        except DataError:
            row["state"] = "broken" if os.access(path, os.R_OK) else "unreadable"
    return row


def load_path(path):
    """Load a student's own data: an `.npz`, a folder with MNIST's four files, or a folder of images."""
    try:
        if path.is_file():
            return own_data(path.stem, "a file", *read_npz(path).values())
        found = {file: cache.find_file(path, file) for file in FILES["mnist"]}
        if not any(found.values()) and any(place.is_dir() for place in path.iterdir()):
            return scan_folder(path)
        arrays, left = [], LARGEST
        for file, place in found.items():
            if place is None:
                raise DataError(
                    f"The folder {path} has no {file}. It needs MNIST's four files, or a folder of images for each "
                    "class. For an .npz, give the file itself."
                )
            with place.open("rb") as content:
                arrays.append(parse_idx(str(place), content, left))
            left -= arrays[-1].size
    except OSError as error:
        raise DataError(f"{error.filename or path} cannot be read: {error.strerror}.") from None
    return own_data(path.resolve().name, "a folder of files", *arrays)


def own_data(name, kind, *arrays):
    """Return arrays as a data set, under our name if they are the original ones, else under a name that is not ours."""
    data = Dataset(name_of_own(name, kind), DIGITS, *arrays)
    for known in FINGERPRINTS if len(data.x_train) == 60_000 else ():
        original = Dataset(known, CLASS_NAMES[known], *arrays)
        if original.fingerprint == FINGERPRINTS[known]:
            return original
    return data
