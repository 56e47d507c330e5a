"""The files that students hand in: notebooks, pages exported from them, and zip archives of both, as they come."""

import html
import os
import re
import stat
import tempfile
import zipfile
import zlib
from collections import deque
from functools import partial
from pathlib import Path
from typing import NamedTuple

from handwriting.data.class_folders import natural
from handwriting.errors import RecordError
from handwriting.paths import Careful, is_unusual
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.practice.overview import NOTEBOOKS as EXERCISES
from handwriting.results import MIME
from handwriting.text import counted
from workshop.runs.untrusted_files import (
    ARCHIVE,
    ARCHIVES,
    LARGEST,
    NOTEBOOKS,
    Skipped,
    find_notebooks,
    parse,
    read_bytes,
)

PAGES = (".html", ".htm")
DOCUMENTS = (".mhtml", ".pdf", ".py", ".docx", ".odt")
WANTED = (*NOTEBOOKS, *PAGES, *DOCUMENTS, ".zip")
EXPORTED = "it is not a notebook: ask for the file that ends with .ipynb"
EMPTY = "nothing was handed in: this folder is empty"
MOST_FILES = 10_000
MOST_BYTES = 2_000_000_000  # of all files and archives together: a class's hundreds, yet no more than minutes
MOST_NAMES = 500_000  # in all archives together: some hand in the whole workshop
LARGEST_PAGE = 10_000_000
MOST_BLOCKS = 1_000  # of code or text on a page
DEEPEST = 3  # archives within archives: a platform's, a student's, and what the system made of it
HIDDEN = re.compile(r"(?<![^/])(?:\.+[^./]|__MACOSX(?![^/]))")  # where a name begins that does not count
TAG = re.compile("<[^<>]*>")
ROW = re.compile(r"<tr><td[^<>]*>(\w+)</td><td[^<>]*>\d+ of \d+ done</td><td[^<>]*>([^<>]*)</td></tr>")


class File(NamedTuple):
    """A file that was handed in: its path within the folder, the notebook in it, and its bytes."""

    place: str
    notebook: dict
    content: bytes
    is_page: bool


def read_files(where, ours, use):
    """Call `use` with each `File` in a folder or zip archive; return a list of `Skipped`, and other paths, as they are.

    Only one file at a time is in memory. `ours` names our pages there. `use` may raise RecordError. Other
    paths that end with a slash, the last ones, are folders, perhaps empty ones.
    """
    root = Path(os.path.realpath(where))
    places, skipped = find_notebooks(root, ("",)) if root.is_dir() else ([""], [])
    waiting = deque((place, partial(read_bytes, root / place, root), None) for place in places if place not in ours)
    others, used, left_out, size, listed = [], 0, 0, 0, 0
    while waiting:
        place, read, stated = waiting.popleft()  # the last is the size that an archive states
        kind = place.lower()
        if stated and not kind.endswith(DOCUMENTS):  # which are not opened
            size += stated // 10 if kind.endswith(".zip") else stated  # even if it turns out to be damaged
        try:
            if kind.endswith(DOCUMENTS):
                raise RecordError(EXPORTED)
            if kind and not kind.endswith(WANTED):
                if kind.endswith(ARCHIVES):
                    raise RecordError(ARCHIVE)
                others.append(place)
                continue
            if size > MOST_BYTES:
                raise RecordError(f"those before it have over {MOST_BYTES / 1e6:,.0f} MB together: read it by itself")
            if not place or kind.endswith(".zip"):
                if listed > MOST_NAMES:
                    raise RecordError(f"the archives before it list over {MOST_NAMES:,} files: read it by itself")
                found, count = entries(place, root / place if stated is None else read())
                waiting.extendleft(reversed(found))
                listed += count
            elif used < MOST_FILES:
                content = read()
                size += len(content) if stated is None else 0
                notebook = notebook_of_page(content) if kind.endswith(PAGES) else parse(content)
                used += 1
                use(File(place, notebook, content, kind.endswith(PAGES)))
            else:
                left_out += 1
        except RecordError as error:
            skipped.append(Skipped(place or root.name, str(error)))
    if left_out:
        skipped.append(Skipped("all others", f"{counted(left_out, 'more notebook')}: at most {MOST_FILES:,} are read"))
    return skipped, sorted(others, key=lambda place: place.endswith("/"))


def entries(place, archive):
    """Return (path, function that reads it, stated size) of each file in a zip archive, and how many names that lists.

    The archive is given as a path or as bytes. The paths of its folders, and its own as one, end with a slash.
    """
    try:
        if place.lower().count(".zip/") >= DEEPEST:
            raise RecordError(f"it is inside {DEEPEST} archives: unpack it, and run the command again")
        if isinstance(archive, Path) and not stat.S_ISREG(archive.stat().st_mode):
            raise RecordError("it is not a regular file")  # a pipe would be waited for
        file = Careful(archive if isinstance(archive, Path) else descriptor_of(archive))
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise RecordError("it is not a complete zip archive: unpack it, and run the command again") from None
    file.most = LARGEST + 1
    found, folders = [], {f"{place}/"}
    for entry in opened.infolist():
        path = name_of(entry).replace("\\", "/")  # as older programs on Windows write it
        name = HIDDEN.split(path)[0]
        if not name or name != path or entry.is_dir():
            folders.add(f"{place}/{name}".lstrip("/"))
            continue
        stated = min(entry.file_size, LARGEST) if name.lower().endswith(WANTED) else 0
        found.append((f"{place}/{name}".lstrip("/"), partial(read_entry, opened, entry), stated))
    found += [(folder, None, 0) for folder in folders - {"", "/"}]
    names = sum(1 + len(entry.filename) // 100 for entry in opened.infolist())  # long ones count as several
    return sorted(found, key=lambda one: natural(one[0])), names


def name_of(entry):
    """Return the name of an entry of a zip archive: macOS writes UTF-8, and does not say so."""
    try:
        return entry.filename if entry.flag_bits & 0x800 else entry.filename.encode("cp437").decode()
    except UnicodeError:
        return entry.filename


def descriptor_of(content):
    """Return the descriptor of a temporary file without a name, with this content."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        return os.dup(file.fileno())


def read_entry(archive, entry):
    """Return the bytes of a file in a zip archive; RecordError if there are too many, or it is damaged."""
    if is_unusual(entry):
        raise RecordError("it is compressed in an unusual way: unpack the archive, and run the command again")
    if entry.file_size > LARGEST:  # Python stops unpacking at the size that the archive states
        raise RecordError(f"it has more than {LARGEST / 1e6:.0f} MB. Clear its large outputs")
    try:
        return archive.read(entry)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, ValueError, EOFError, OSError):
        raise RecordError("it cannot be unpacked: it is damaged, or has a password") from None


def notebook_of_page(content):
    """Return the notebook of which a page was exported, as far as the page shows it: code, result and exercises."""
    if len(content) > LARGEST_PAGE:
        raise RecordError(f"it has more than {LARGEST_PAGE / 1e6:.0f} MB: ask for the file that ends with .ipynb")
    page = content.decode("utf-8", "replace")
    if page.count("<pre") > MOST_BLOCKS:
        raise RecordError(EXPORTED)
    cells, outputs = [], []
    before, *parts = page.split("<pre")
    for part in parts:
        text = html.unescape(TAG.sub("", part.partition("</pre>")[0].partition(">")[2]))
        if "highlight" in before[-100:]:
            cells.append({"cell_type": "code", "source": text})
        elif text.startswith("stage  "):
            outputs.append({"data": {MIME: result_in(text)}})
        before = part
    states = states_in(page.rpartition(" exercises done.")[2][:50_000])
    outputs += [{"data": {PROGRESS: {"states": states}}}] if states else []
    if not cells:
        raise RecordError(EXPORTED)
    return {"cells": [*cells, {"cell_type": "code", "source": "", "outputs": outputs}]}


def result_in(text):
    """Return what a `handwriting.results.Result` shows as text, as it stores it."""
    values, key = {}, ""
    for line in text[:10_000].splitlines():
        if not line.startswith(" "):
            name, _, line = line.strip().partition("  ")
            key = name.replace(" ", "_")
        value = line.strip()
        one, _, more = value.partition(" ")
        if key in ("parameters", "versions"):
            values.setdefault(key, {})[one] = number_in(more)
        else:
            values[key] = number_in(value)
    return values


def number_in(text):
    try:
        return float(text.replace(",", "")) if "." in text else int(text.replace(",", ""))
    except ValueError:
        return text


def states_in(table):
    """Return the exercises, each "done", "not right yet" or "open", from the table of a `Progress`."""
    states = {}
    for notebook, left in ROW.findall(table):
        exercises = EXERCISES.get(notebook, ())
        states |= {exercise.name: "done" if left.strip() else "open" for exercise in exercises}  # empty: not begun
        for part in html.unescape(left).split("; "):
            state, _, titles = part.partition(": ")
            for number in re.findall(r"(?:^|, )(\d{1,2}) ", titles):
                if 0 < int(number) <= len(exercises):
                    states[exercises[int(number) - 1].name] = state
    return states
