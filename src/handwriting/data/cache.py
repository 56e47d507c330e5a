"""The data files on this machine: the folders in which they may be, and whether they are whole."""

import hashlib
import os
import tempfile
from contextlib import suppress

from platformdirs import user_cache_dir

from handwriting.data.registry import FILES
from handwriting.errors import AddressError
from handwriting.paths import given_path, read_file

LARGEST = 50_000_000  # bytes: the largest file of all, unpacked, has 47 million

is_file = os.path.isfile  # not Path's, which fails in a folder that may not be looked into


def cache_to_read(report=lambda sentence: None):
    """Return the folder for downloads and the stand-in: `HANDWRITING_CACHE`, else the user's cache folder.

    It need not exist. None if there can be no such folder; `report` takes a sentence about that.
    """
    try:
        return given_path(os.environ.get("HANDWRITING_CACHE") or user_cache_dir("handwriting"))
    except AddressError as error:
        report(f"HANDWRITING_CACHE: {error}")
        return None


def cache_folder():
    """Return `cache_to_read`, made if need be; None if nothing can be written there, as in a read-only home."""
    folder = cache_to_read()
    with suppress(OSError, AttributeError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # the permissions alone do not say whether this works
            return folder
    return None


def make_folders_absolute():
    """Make the folders in the environment absolute, before kernels start in other folders."""
    for name in ("HANDWRITING_DATA_DIR", "HANDWRITING_CACHE"):
        with suppress(AddressError):  # what uses the folder says what is wrong with it
            if os.environ.get(name):
                os.environ[name] = str(given_path(os.environ[name]).absolute())


def data_folders(name, report=lambda sentence: None):
    """Yield the folders in which the files of `name` may be, best first; nothing need be writable there."""
    given = os.environ.get("HANDWRITING_DATA_DIR")
    if given:
        try:
            folder = given_path(given)
            yield given_path(folder / name)  # what is in it may not be looked at
            yield folder
        except AddressError as error:
            report(f"HANDWRITING_DATA_DIR: {error}")
    cache = cache_to_read(report)
    if cache:
        yield cache / name


def find_file(folder, file):
    """Return the path of one of MNIST's files in a folder: packed or not, under the names that programs give it.

    7-Zip unpacks train-images-idx3-ubyte.gz as train-images.idx3-ubyte; some archives have a folder around each file.
    None if it is not there.
    """
    plain = file.removesuffix(".gz")
    dotted = plain.replace("-idx", ".idx")
    places = (
        folder / inside / name for inside in ("", plain, dotted) for name in (file, plain, dotted, f"{dotted}.gz")
    )
    return next(filter(is_file, places), None)


def is_available(name):
    """Return whether all files of `name` are on this machine, and whole."""
    return read_local(name, report=lambda sentence: None) is not None


def is_whole(content, name, file):
    """Return whether these bytes are the original file, packed or not."""
    return hashlib.sha256(content).hexdigest() in FILES[name][file][1:]


def is_of_another(content, name, file):
    """Return whether these bytes are another data set's file; MNIST's and Fashion-MNIST's have the same names."""
    return any(is_whole(content, other, file) for other in FILES if other != name and file in FILES[other])


def read_local(name, report=print):
    """Read the files of `name` from this machine: a dict of bytes, or None if not all are there and whole.

    `report` takes a sentence about a file that is broken, or a folder that cannot be.
    """
    for folder in data_folders(name, report):
        contents = {}
        for file in FILES[name]:
            path = find_file(folder, file)
            if not path:
                break
            try:
                contents[file] = read_file(path, LARGEST)
            except AddressError as error:
                report(str(error))
                break
            if not is_whole(contents[file], name, file):
                if folder.name == name or not is_of_another(contents[file], name, file):
                    report(f"{path} is damaged (incomplete or changed); looking for another copy.")
                break
        else:
            return contents
    return None


def status():
    """Return a dict for each file: "name", "file", "path", "state" and "bytes".

    "state" is "whole", "unreadable", "broken" or "missing".
    """
    rows = []
    for name, files in FILES.items():
        folders = list(data_folders(name))
        for file in files:
            found = {}
            for folder in folders:
                if path := find_file(folder, file):
                    found.setdefault(state_of(path, name, file) or ("broken" if folder.name == name else ""), path)
            state = next((state for state in ("whole", "unreadable", "broken") if state in found), "missing")
            path = found.get(state)
            size = path.stat().st_size if path else 0
            rows.append({"name": name, "file": file, "path": path, "state": state, "bytes": size})
    return rows


def state_of(path, name, file):
    """Return the state of a file: "whole" if it is the original, packed or not; "" if another data set's."""
    try:
        content = read_file(path, LARGEST)
        return "whole" if is_whole(content, name, file) else "" if is_of_another(content, name, file) else "broken"
    except AddressError as error:
        return "unreadable" if isinstance(error.__context__, OSError) else "broken"  # or too large
