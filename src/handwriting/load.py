"""Stage 1, load: pictures of handwriting and what they show, as arrays."""

import os
import weakref
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from handwriting import fetch
from handwriting.fetch import DataError
from handwriting.files import whole_file
from handwriting.parameters import nearest

__all__ = ["DataError", "Dataset", "SOURCES", "last_loaded", "load_digits"]

DIGITS = tuple("0123456789")
CLASS_NAMES = {
    "mnist": DIGITS,
    "fashion-mnist": (
        *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
        *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    ),
}
SOURCES = ("auto", "mnist", "fashion-mnist", "stand-in")
ARRAYS = ("x_train", "y_train", "x_test", "y_test")
STANDIN_FILE = "stand-in-1.npz"  # the number goes up when `standin` draws other images: older copies are not used
LARGEST = 4 * 2**30  # bytes: what a file may unpack to
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


def load_digits(source="auto"):
    """Load handwritten digits, from wherever they can be had.

    Parameters
    ----------
    source : str or path
        "mnist", "fashion-mnist" (clothes in MNIST's shape), "stand-in" (pictures like MNIST's that
        need no network), "auto" (MNIST if it can be had, else the stand-in), or a path: an `.npz`
        with x_train, y_train, x_test and y_test, or a folder with MNIST's four files.

    Returns
    -------
    Dataset
        One printed line says which data it is.

    Raises
    ------
    DataError
        If the source is unknown, cannot be had, or holds something else.
    """
    source = os.fspath(source) if isinstance(source, (str, os.PathLike)) else repr(source)
    if source == "auto":
        data = load_best()
    elif source == "stand-in":
        data = load_standin()
    elif source in fetch.FILES:
        contents = fetch.read_local(source) or download(source)
        data = Dataset(source, CLASS_NAMES[source], *(parse_idx(file, contents[file]) for file in contents))
    else:
        data = load_path(Path(check_source(source)).expanduser())
    names = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "stand-in": "the stand-in for MNIST"}
    counts = f"{len(data.x_train):,} images for training, {len(data.x_test):,} for testing"
    print(f"Data: {names.get(data.name, data.name)}, {counts}.")
    global _last
    _last = weakref.ref(data)
    return data


def last_loaded():
    """The data that this Python loaded last, if anyone still uses it.

    Returns
    -------
    Dataset or None
    """
    return _last and _last()


def check_source(source):
    """Return the source if it is a known name or leads to a file or folder; DataError otherwise."""
    if source in SOURCES or (source and Path(source).expanduser().exists()):
        return source
    if source.endswith(".npz") or os.sep in source or "/" in source:
        raise DataError(f"There is no file or folder {source}. Is the path right, seen from {Path.cwd()}?")
    valid = ", ".join(f'"{name}"' for name in SOURCES)
    raise DataError(f'There is no data called "{source}".{nearest(source, SOURCES)} Valid: {valid}, or a path.')


def download(name):
    """Download the files of `name`; any failure to write becomes a DataError too."""
    try:
        return fetch.download(name)
    except OSError as error:
        raise DataError(f"{name} cannot be saved: {error.strerror or error}. Is the disk full?") from error


def load_best():
    """MNIST if it can be had, else the stand-in, saying why."""
    contents = fetch.read_local("mnist")
    try:
        if contents is None and fetch.failed_recently("mnist"):
            raise DataError('no mirror answered a few minutes ago; load_digits("mnist") tries again')
        contents = contents or download("mnist")
    except DataError as error:
        print(f"No MNIST: {str(error).rstrip('.')}. Going on with a stand-in that needs no network.")
        return load_standin()
    return Dataset("mnist", DIGITS, *(parse_idx(file, contents[file]) for file in contents))


def parse_idx(file, content):
    """Turn the bytes of one of MNIST's files into an array.

    Parameters
    ----------
    file : str
        Its name, for messages.
    content : bytes
        The file, gzipped or not. The format stands on MNIST's page: two zero bytes, the type
        (8: unsigned byte), the number of axes, each axis' length, then the numbers.

    Returns
    -------
    ndarray, uint8
    """
    try:
        if content[:2] == b"\x1f\x8b":
            unpacker = zlib.decompressobj(wbits=31)
            content = unpacker.decompress(content, LARGEST)
            if not unpacker.eof:
                raise ValueError
        axes = content[3]
        lengths = np.frombuffer(content, ">u4", axes, offset=4)
        if content[:3] != b"\0\0\x08":
            raise ValueError
        return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(lengths.astype(int)).copy()
    except (ValueError, IndexError, zlib.error):
        raise DataError(f"{file} is not one of MNIST's files, or it is incomplete.") from None


def load_standin():
    """The stand-in from the cache, or drawn afresh and put there."""
    path = standin_path()
    if path and path.is_file():
        try:
            return Dataset("stand-in", DIGITS, *read_npz(path).values())
        except DataError:
            print(f"{path} is broken (cut short or changed); drawing it again.")
    from handwriting import standin

    print("Drawing the stand-in's 70,000 images (once; some seconds) ...")
    arrays = standin.make_standin()
    if path is None:
        print("Nothing can be saved on this machine: the stand-in is kept in memory only.")
    else:
        save_whole(path, dict(zip(ARRAYS, arrays, strict=True)))
    return Dataset("stand-in", DIGITS, *arrays)


def standin_path():
    """Where the stand-in is cached; None where nothing can be saved."""
    cache = fetch.cache_folder()
    return cache / STANDIN_FILE if cache else None


def standin_status():
    """Whether the stand-in is cached, and whole: a row like those of `handwriting.fetch.status`."""
    path = standin_path()
    row = {"name": "stand-in", "file": path.name if path else "", "path": None, "state": "missing", "bytes": 0}
    if path and path.is_file():
        row |= {"path": path, "state": "whole", "bytes": path.stat().st_size}
        try:
            read_npz(path)
        except DataError:
            row["state"] = "broken"
    return row


def save_whole(path, arrays):
    """Save an `.npz` so that no one ever meets half of it; a full disk is said, not raised."""
    try:
        with whole_file(path) as part:
            np.savez(part, **arrays)
    except OSError as error:
        print(f"{path.parent} cannot take the data ({error.strerror}): it is kept in memory only.")


def load_path(path):
    """A student's own data: an `.npz`, or a folder with MNIST's four files."""
    if path.is_file():
        arrays = read_npz(path)
        return Dataset(path.stem, DIGITS, *(arrays[key] for key in ARRAYS))
    arrays = []
    for file in fetch.FILES["mnist"]:
        found = [place for place in (path / file, path / file.removesuffix(".gz")) if place.is_file()]
        if not found:
            raise DataError(f"The folder {path} has no {file}. It takes MNIST's four files, or name an .npz.")
        arrays.append(parse_idx(str(found[0]), found[0].read_bytes()))
    return Dataset(path.name, DIGITS, *arrays)


def read_npz(path):
    """Read the four arrays of an `.npz`; nothing in it is ever executed.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    DataError
        If it is not an `.npz`, lacks an array, holds Python objects, or is damaged or huge.
    """
    keys = ", ".join(ARRAYS)
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > LARGEST:
            raise DataError(f"{path} unpacks to {unpacked / 2**30:.0f} GB. Take fewer pictures (at most 4 GB).")
        with np.load(path, allow_pickle=False) as archive:
            missing = [key for key in ARRAYS if key not in archive.files]
            if missing:
                found = ", ".join(archive.files) or "nothing"
                raise DataError(f"{path} has no {', '.join(missing)}. It takes {keys}; it has {found}.")
            return {key: read_array(path, archive, key) for key in ARRAYS}
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise DataError(f"{path} is not an .npz file, or it is damaged. Save one: np.savez(path, {keys}).") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None


def read_array(path, archive, key):
    """One array of an open `.npz`, with a clear sentence where it holds Python objects."""
    try:
        array = archive[key]
    except (ValueError, MemoryError) as error:
        if "allow_pickle" in str(error):
            raise DataError(f"{path}: {key} holds Python objects, which can run code. Save plain numbers.") from None
        raise DataError(f"{path}: {key} is damaged.") from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{path}: {key} is not an array.")
    return array
