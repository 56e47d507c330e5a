"""What the workshop wrote and nobody has changed since: only that is replaced, and anything else is set aside.

A notebook, a page and the report's table each have a digest of their content with them: in the notebook's metadata, in
the page's last line, and for the table in the report's notebook beside it.
"""

import filecmp
import json
import os
import re
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from handwriting.errors import RecordError
from handwriting.paths import move_aside, whole_file
from handwriting.text import counted
from workshop.runs.untrusted_files import parse, read_bytes

#: Where a notebook's metadata, and the last line of a page, have the digest.
NAME = "handwriting"
LAST_LINE = f"\n<!-- {NAME} "
MOST_NAMED = 3  # of the files that were kept, in a sentence
CONTENT = ("cell_type", "source", "outputs", "attachments")
#: Spreadsheets take a cell that begins so for a formula, whatever they do not notice in front of that, and compute it.
#: Where another mark than a comma separates cells, one begins within a text, too, even if that is quoted.
FORMULA = re.compile(r"(^|[;,|\t\r\n])(?=[\W_]{0,20}[=+\-@＝＋－＠])")


def digest(text):
    """Return 16 hex digits that tell one text from another, whatever ends its lines."""
    text = re.sub("\r\n?", "\n", text)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def joined(value):
    """Return a part of a notebook in which each text is one text: files have them as lists of lines."""
    if isinstance(value, dict):
        return {name: joined(part) for name, part in value.items()}
    if isinstance(value, list):
        return "".join(value) if all(isinstance(part, str) for part in value) else [joined(part) for part in value]
    return value


def cells_of(notebook):
    """Return the digest of what people see of a notebook, and may have changed."""
    cells = [cell if isinstance(cell, dict) else {} for cell in notebook["cells"]]
    content = [{name: joined(cell[name]) for name in CONTENT if cell.get(name)} for cell in cells]
    return digest(json.dumps(content, sort_keys=True))


def noted(notebook, name=NAME):
    """Return what `seal`, or another program, noted in a notebook."""
    metadata = notebook.get("metadata")
    found = metadata.get(name) if isinstance(metadata, dict) else None
    return found if isinstance(found, dict) else {}


def seal(notebook, **more):
    """Note in a notebook that it is ours as it is now, and `more` that is known of it."""
    notebook["metadata"][NAME] = more | {"cells": cells_of(notebook)}


def seal_page(page, maker=""):
    """Return the HTML of a page with a last line that says that it is ours as it is."""
    return f"{page}{LAST_LINE}{digest(page + maker)} -->\n"


def is_ours(name, content, beside, maker=""):
    """Return whether a file's content, bytes or str, is as `maker` wrote it; `beside` reads another file there."""
    try:
        text = (content if isinstance(content, str) else content.decode()).replace("\r\n", "\n")
        if name.endswith(".csv"):
            return noted(parse(beside("report.ipynb"))).get(name) == digest(text)
        if name.endswith(".ipynb"):
            notebook = parse(text)
            return noted(notebook).get("cells") == cells_of(notebook)
        page, mark, _ = text.rpartition(LAST_LINE)
        return mark != "" and text.rstrip("\n") == seal_page(page, maker).rstrip("\n")
    except (RecordError, UnicodeDecodeError, RecursionError):
        return False


def unchanged(path, maker=""):
    """Return whether a file is as the workshop wrote it: see `is_ours`."""
    root = os.path.realpath(path.parent)
    try:
        return is_ours(path.name, read_bytes(path, root), lambda name: read_bytes(path.with_name(name), root), maker)
    except RecordError:
        return False


def say_kept(kept, say=print):
    """Say in one sentence what `replacing` said of files that were kept; nothing if there are none."""
    more = f" and {counted(len(kept) - MOST_NAMED, 'other file')}" if len(kept) > MOST_NAMED else ""
    if kept:
        say(f"Not exactly what this version writes, so kept: {', '.join(kept[:MOST_NAMED])}{more}.")


@contextmanager
def replacing(path, say=print, maker=""):
    """Yield a temporary file that gets the name `path` at the end, as `whole_file` does; what somebody made stays.

    Of that, `say` takes "page.html is now page-1.html". `maker` tells apart two commands that write files of one name.
    """
    path = Path(path)
    with whole_file(path) as part:
        yield part
        is_folder = path.is_dir() and not path.is_symlink()  # the next step fails, and all stays
        if os.path.lexists(path) and not is_folder and not unchanged(path, maker) and not same(path, part):
            say(f"{path.name} is now {move_aside(path).name}")


def same(path, other):
    """Return whether a file, not a link, has the content of another."""
    return path.is_file() and not path.is_symlink() and filecmp.cmp(path, other, shallow=False)


def replace(path, text, say=print, maker=""):
    """Write a text file, whole or not at all, and return its path: see `replacing`. A page is sealed."""
    with replacing(path, say, maker) as part:
        part.write_text(seal_page(text, maker) if path.suffix == ".html" else text, encoding="utf-8")
    return path


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
