"""The data files on this machine: the folders in which they may be, and whether they are whole."""

import hashlib
import os
import tempfile
from pathlib import Path

from platformdirs import user_cache_dir

from handwriting.data.registry import FILES

__all__ = ["cache_folder", "data_folders", "is_at_hand", "make_folders_absolute", "read_local", "status"]


def cache_folder():
    """Return the folder for downloads and the stand-in: `HANDWRITING_CACHE`, else the user's cache folder.

    None if nothing can be written there: in a read-only home, for example.
    """
    chosen = os.environ.get("HANDWRITING_CACHE")
    folder = Path(chosen).expanduser() if chosen else Path(user_cache_dir("handwriting"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):  # the permissions alone do not say whether this works
            return folder
    except OSError:
        return None


def make_folders_absolute():
    """Make the folders in the environment absolute, before kernels start in other folders."""
    for name in ("HANDWRITING_DATA_DIR", "HANDWRITING_CACHE"):
        if os.environ.get(name):
            os.environ[name] = str(Path(os.environ[name]).expanduser().resolve())


def data_folders(name):
    """Yield the folders in which the files of `name` may be, best first; the cache is created only when needed."""
    given = os.environ.get("HANDWRITING_DATA_DIR")
    if given:
        yield Path(given).expanduser() / name
        yield Path(given).expanduser()
    cache = cache_folder()
    if cache:
        yield cache / name


def is_at_hand(name):
    """Return whether all files of `name` are on this machine (their contents are checked when they are read)."""
    return any(all((folder / file).is_file() for file in FILES[name]) for folder in data_folders(name))


def is_whole(content, name, file):
    """Return whether these bytes are the original file."""
    return hashlib.sha256(content).hexdigest() == FILES[name][file]


def read_local(name, report=print):
    """Read the files of `name` from this machine: a dict of bytes, or None if not all are there and whole.

    `report` takes a sentence about a file that is broken.
    """
    for folder in data_folders(name):
        contents = {}
        for file in FILES[name]:
            path = folder / file
            if not path.is_file():
                break
            try:
                contents[file] = path.read_bytes()
            except OSError as error:
                report(f"{path} cannot be read ({error.strerror}).")
                break
            if not is_whole(contents[file], name, file):
                # Fashion-MNIST's files have the same names as MNIST's: in a plain folder that is no damage.
                if folder.name == name:
                    report(f"{path} is broken (cut short or changed); looking for a whole one.")
                break
        else:
            return contents
    return None


def status():
    """Return a dict for each file: "name", "file", "path", "state" ("whole", "broken" or "missing") and "bytes"."""
    rows = []
    for name, files in FILES.items():
        for file in files:
            paths = [folder / file for folder in data_folders(name) if (folder / file).is_file()]
            path = next((path for path in paths if is_whole(path.read_bytes(), name, file)), None)
            state = "whole" if path else "broken" if paths else "missing"
            path = path or next(iter(paths), None)
            size = path.stat().st_size if path else 0
            rows.append({"name": name, "file": file, "path": path, "state": state, "bytes": size})
    return rows
