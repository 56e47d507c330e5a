"""Where the notebooks are, and files that are written whole or not at all."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

__all__ = ["notebooks_folder", "whole_file", "write_text"]


@contextmanager
def whole_file(path):
    """Write to a file beside `path`; it takes that name only if nothing went wrong.

    Parameters
    ----------
    path : str or path
        Its folder is made if it is missing.

    Yields
    ------
    pathlib.Path
        An empty file with the same ending, to write to.

    Raises
    ------
    OSError
        If the folder takes no files: it may be read-only, or the disk full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)  # such files are made for their owner alone; others may read ours
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_text(path, text):
    """Write a text file whole, in UTF-8; returns its path. Raises what `whole_file` raises."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def notebooks_folder():
    """Return the folder with the notebooks: the checkout's, or the one that was installed with the package."""
    inside = Path(__file__).parent / "notebooks"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "notebooks"
