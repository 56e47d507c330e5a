"""Notebooks as files from anyone: found without following links, opened with care, and never run.

The text of each RecordError is the end of a sentence about the file.
"""

import json
import os
import re
import stat
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from handwriting.data.class_folders import natural
from handwriting.errors import RecordError
from handwriting.text import clean

LARGEST = 50_000_000  # bytes of one file; a notebook of the workshop has less than a million
MOST_ENTRIES = 1_000_000  # names that are looked at: someone may point at a whole disk
MOST_PARTS = 500_000  # brackets, braces and commas in one file: what is between them takes up to 250 bytes of memory
CUT_OFF = "it is not a complete notebook: it may be cut off, or another kind of file"
DEEPEST = 20  # folders within folders
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json")  # some browsers add an ending
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.xz")
ARCHIVE = "it is an archive: unpack it, and run the command again"  # why it is skipped
#: Not through a link, and without waiting for someone to write into a pipe. Windows has no such flags, but its own.
FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


class Skipped(NamedTuple):
    """A file that is not used: its path within the folder, fit to be shown, and the reason."""

    path: str
    reason: str


def find_notebooks(root, endings=NOTEBOOKS):
    """Return sorted paths within a folder of files with these endings, and a list of `Skipped`. No link is followed.

    A path that ends with a slash is a folder with nothing in it that counts.
    """
    places, skipped, waiting, seen = [], [], [("", 0)], 0
    while waiting and seen < MOST_ENTRIES:
        folder, depth = waiting.pop()
        try:
            with os.scandir(Path(root, folder)) as listing:
                entries = list(islice(listing, MOST_ENTRIES - seen))
        except OSError as error:
            skipped.append(Skipped(clean(folder or str(root)), f"it cannot be opened ({error.strerror})"))
            continue
        seen += len(entries)
        # Without checkpoints, and what archives from a Mac bring along.
        entries = [entry for entry in entries if not entry.name.startswith(".") and entry.name != "__MACOSX"]
        if folder and not entries and "/".endswith(endings):
            places.append(f"{folder}/")
        for entry in entries:
            place = f"{folder}/{entry.name}" if folder else entry.name
            reason = None
            if entry.is_symlink():
                reason = "it is a link, and links are not followed"
            elif entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    waiting.append((place, depth + 1))
                else:
                    reason = f"it is more than {DEEPEST} folders deep"
            elif entry.name.lower().endswith(endings):
                places.append(place)
            elif entry.name.lower().endswith(ARCHIVES):
                reason = ARCHIVE
            if reason:
                skipped.append(Skipped(clean(place), reason))
    if seen >= MOST_ENTRIES:
        skipped.append(Skipped("all others", f"there are more than {MOST_ENTRIES:,} files: choose a folder with fewer"))
    return sorted(places, key=lambda place: natural(without_ending(place))), skipped


def without_ending(place):
    """Return a notebook's path without `.ipynb`, or what a browser made of it."""
    return re.sub(r"\.ipynb(\.\w+)?$", "", place, flags=re.IGNORECASE)


def read_notebook(path, root):
    return parse(read_bytes(path, root))


def read_bytes(path, root):
    """Return the bytes of a file, if it is a plain one, not too large, in the folder `root` from `os.path.realpath`."""
    try:
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise RecordError("it leads out of the folder")
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise RecordError("it is not a regular file")
        descriptor = os.open(path, FLAGS)
    except (OSError, ValueError) as error:
        raise RecordError(f"it cannot be opened ({getattr(error, 'strerror', None) or 'bad name'})") from None
    try:
        # Again, of what was opened: the name may lead elsewhere by now.
        kind = os.fstat(descriptor)
        if not stat.S_ISREG(kind.st_mode):
            raise RecordError("it is not a regular file")
        if kind.st_size > LARGEST:
            size = f"{kind.st_size / 1e6:,.0f} MB"
            raise RecordError(f"it has {size}; at most {LARGEST / 1e6:.0f} MB are read. Clear its large outputs")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST)
    except OSError as error:
        raise RecordError(f"it cannot be read ({error.strerror})") from None
    finally:
        os.close(descriptor)


def text_of(content):
    """Return the content of a notebook's file, bytes or str, as text; RecordError if it is empty or far too large."""
    try:
        text = content if isinstance(content, str) else content.decode()
    except UnicodeDecodeError:
        raise RecordError("it is not text in UTF-8, as notebooks are") from None
    if not text.strip():
        raise RecordError("it is empty")
    if len(text) > LARGEST or (len(text) > MOST_PARTS and sum(map(text.count, "[{,")) > MOST_PARTS):
        raise RecordError("it has far more parts than a notebook of the workshop. Clear its large outputs")
    return text.removeprefix("\ufeff")  # which editors on Windows put there


def parse(content):
    """Return the notebook in the content of a file, bytes or str: a dictionary with a list "cells"."""
    try:
        notebook = json.loads(text_of(content))
    except (ValueError, RecursionError, MemoryError):  # a ValueError, too, for a number with thousands of digits
        raise RecordError(CUT_OFF) from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise RecordError("it is not a notebook: it has no cells")
    return notebook


def as_nbformat(content):
    """Return the notebook in the content of a file as nbformat has it, one of an older format as of today's."""
    import nbformat  # here, so that `run` can be imported without it

    text = text_of(content)
    try:
        notebook = nbformat.reads(text, as_version=4)
        cells = [(cell.source, cell.metadata.get("tags", [])) for cell in notebook.cells]
    except Exception:  # there are many ways not to be a notebook
        raise RecordError(CUT_OFF) from None
    if not all(isinstance(source, str) and isinstance(tags, list) for source, tags in cells):
        raise RecordError("it has a cell whose source is not text, or whose tags are not a list")
    return notebook
