"""Where the notebooks are, and files that are written whole or not at all."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

__all__ = ["notebooks_folder", "whole_file", "write_text"]


@contextmanager
def whole_file(path):
    """Yield the path of an empty temporary file to write to; it gets the name `path` only if nothing goes wrong.

    It has the same suffix, and its folder is created if it is missing. OSError if nothing can be written there: the
    folder may be read-only, or the disk full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)  # temporary files are readable by their owner alone; ours are for everybody
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path, text):
    """Write a text file in UTF-8, whole or not at all, and return its path. Raises OSError as `whole_file` does."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def notebooks_folder():
    """Return the folder with the notebooks: the checkout's, or the one that was installed with the package."""
    inside = Path(__file__).parent / "notebooks"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "notebooks"
