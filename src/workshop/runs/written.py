"""What the workshop wrote and nobody has changed since: only that is replaced, and anything else is set aside.

A notebook, a page and the report's table each have a digest of their content with them: in the notebook's metadata, in
the page's last line, and for the table in the report's notebook beside it.
"""

import json
import os
import re
from pathlib import Path

from handwriting.errors import RecordError
from handwriting.paths import digest, is_sealed, move_aside, seal_page, whole_file
from workshop.runs import EARLIER
from workshop.runs.untrusted_files import parse, read_bytes

NAME = "handwriting"  # where a notebook's metadata has the digest
CONTENT = ("cell_type", "source", "outputs", "attachments")
#: Of the metadata of cells and of a notebook, what people write there; programs write others when they only save.
MARKS = ("slideshow", "tags", "name", "title", "authors", "description", "rise", "nbgrader")
#: Spreadsheets take a cell that begins so for a formula, whatever they do not notice in front of that, and compute it.
#: Where another mark than a comma separates cells, one begins within a text, too, even if that is quoted.
FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=[\W_]{0,20}[=+\-@＝＋－＠])")


def joined(value):
    """Return a part of a notebook in which each text is one text: files have them as lists of lines."""
    if isinstance(value, dict):
        return {name: joined(part) for name, part in value.items()}
    if isinstance(value, list):
        return "".join(value) if all(isinstance(part, str) for part in value) else [joined(part) for part in value]
    return value


def digest_of(notebook, marks=MARKS):
    """Return the digest of what people see of a notebook, and of these marks in metadata: they may have changed it."""
    parts = [notebook] * bool(marks) + [cell if isinstance(cell, dict) else {} for cell in notebook["cells"]]
    content = [{name: joined(part[name]) for name in CONTENT if part.get(name)} for part in parts]
    for part, found in zip(parts, content, strict=True):
        metadata = part.get("metadata") if isinstance(part.get("metadata"), dict) else {}
        found.update({name: metadata[name] for name in marks if metadata.get(name)})
    return digest(json.dumps(content, sort_keys=True))


def noted(notebook, name=NAME):
    """Return what `seal`, or another program, noted in a notebook."""
    metadata = notebook.get("metadata")
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def seal(notebook, **more):
    """Note in a notebook that it is ours as it is now, and `more` that is known of it."""
    notebook["metadata"][NAME] = more | {"cells": digest_of(notebook)}


def is_ours(name, content, beside, maker=""):
    """Return whether a file's content, bytes or str, is as `maker` wrote it; `beside` reads another file there."""
    try:
        text = (content if isinstance(content, str) else content.decode()).replace("\r\n", "\n")
        if name.endswith(".csv"):
            return noted(parse(beside("report.ipynb"))).get(name) == digest(text)
        if name.endswith(".ipynb"):
            notebook = parse(text)
            # Earlier versions did not look at marks.
            return noted(notebook).get("cells") in (digest_of(notebook), digest_of(notebook, marks=()))
        return is_sealed(text, maker)
    except (RecordError, UnicodeDecodeError, RecursionError):
        return False


def unchanged(path, maker=""):
    """Return whether a file is as the workshop wrote it: see `is_ours`."""
    root = os.path.realpath(path.parent)
    try:
        return is_ours(path.name, read_bytes(path, root), lambda name: read_bytes(path.with_name(name), root), maker)
    except RecordError:
        return False


def replacing(path, say=print, maker=""):
    """Return what `whole_file` does for a path; what somebody made, or changed, stays.

    Of that, `say` takes "page.html is now page-1.html". `maker` tells apart two commands that write files of one name.
    """
    return whole_file(path, lambda: unchanged(Path(path), maker), say)


def replace(path, text, say=print, maker=""):
    """Write a text file, whole or not at all, and return its path: see `replacing`. A page is sealed."""
    with replacing(path, say, maker) as part:
        part.write_text(seal_page(text, maker) if path.suffix == ".html" else text, encoding="utf-8")
    return path


def rename_earlier(output, say=print):
    """Give what an earlier run wrote the name that it has beside a later one's; return a sentence about it.

    `say` gets a sentence on what had that name.
    """
    earlier = output.with_suffix(EARLIER)
    try:  # to rename takes no room on a full disk
        if os.path.lexists(earlier):
            say(f"{earlier.name} is now {move_aside(earlier).name}")
        output.rename(earlier)
    except OSError as error:
        return f"{output.name} is of an earlier run ({error.strerror})"
    return f"what an earlier run wrote is now {earlier.name}"


def stamps_of(parameters):
    """Return, for each parameter that is the path of a file or folder, a digest of its names, sizes and times."""
    return {
        name: digest("\n".join(sorted(files_of(Path(value)))))
        for name, value in parameters.items()
        if isinstance(value, str) and Path(value).is_absolute() and Path(value).exists()
    }


def files_of(path):
    """Yield the name, size and time of change of a file, or of each file below a folder; links are followed."""
    walk = os.walk(path, followlinks=True) if path.is_dir() else [(path.parent, [], [path.name])]
    seen = set()
    for folder, folders, names in walk:
        real = os.path.realpath(folder)
        if real in seen:  # a circle of links, or a second link to the same folder
            folders.clear()
            yield os.path.relpath(folder, path)
            continue
        seen.add(real)
        for file in (Path(folder, name) for name in names):
            state = file.stat() if file.exists() else file.lstat()
            yield f"{file.relative_to(path)} {state.st_size} {state.st_mtime_ns}"


def cell(value):
    """Return a value for a spreadsheet: a text stays a text there, whatever it begins with."""
    return FORMULA.sub(r"\1'", value) if isinstance(value, str) else value
