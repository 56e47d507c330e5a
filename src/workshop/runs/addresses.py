"""Where executed notebooks lie: a folder, or an address such as s3://bucket/folder that papermill reads and writes."""

from pathlib import Path

import workshop.notebook_file  # noqa: F401  (before papermill: see there)
from handwriting.errors import AddressError, first_line

# isort: split
from papermill.iorw import papermill_io

from handwriting.paths import write_text

__all__ = ["AddressError", "child", "is_remote", "listed", "place", "read", "write"]

#: What the address of each kind of storage begins with, and the papermill extra that brings what is needed for it.
KINDS = {"s3://": "s3", "gs://": "gcs", "abs://": "azure", "adl://": "azure"}


def is_remote(where):
    """Whether this is an address that papermill reaches, and not a path."""
    return str(where).startswith(tuple(KINDS))


def place(where):
    """A folder as `child`, `listed`, `read` and `write` take it: an absolute path, or an address.

    Parameters
    ----------
    where : str or path

    Returns
    -------
    str

    Raises
    ------
    AddressError
        If it is an address of a kind that papermill does not know.
    """
    where = str(where)
    if is_remote(where):
        return where.rstrip("/")
    if "://" in where:
        raise AddressError(f"{where} is no address that works here. Valid: a folder, or {', '.join(KINDS)} and so on.")
    return str(Path(where).expanduser().resolve())


def child(folder, name):
    """The place of something in a folder; `name` may have slashes."""
    return f"{folder}/{name}" if is_remote(folder) else str(Path(folder, *name.split("/")))


def listed(folder):
    """Names of what lies directly in a folder, in order; none if there is no such folder.

    Raises
    ------
    AddressError
        If it cannot be listed.
    """
    if not is_remote(folder):
        try:
            return sorted(entry.name for entry in Path(folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise AddressError(f"{folder} cannot be listed ({error.strerror}).") from None
    found = reached(folder, papermill_io.listdir, folder + "/")
    return sorted({str(name).rstrip("/").rpartition("/")[2] for name in found} - {""})


def read(where):
    """The text of a file, or None if it is not there.

    Raises
    ------
    AddressError
        If it is there but cannot be read.
    """
    if is_remote(where):
        return reached(where, papermill_io.read, where)
    try:
        return Path(where).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise AddressError(f"{where} cannot be read ({error.strerror}).") from None


def write(where, text):
    """Write a text file, whole or not at all.

    Raises
    ------
    AddressError
        If an address cannot be written to.
    OSError
        If a folder cannot.
    """
    if is_remote(where):
        # Papermill warns of files that are no notebooks, unless it is told that they are meant.
        reached(where, papermill_io.write, text, where, [Path(where).suffix])
    else:
        write_text(Path(where), text)


def reached(where, function, *arguments):
    """Call one of papermill's functions, and say in a sentence what went wrong."""
    try:
        return function(*arguments)
    except FileNotFoundError:
        return None
    except Exception as error:
        if is_missing(error):
            return None
        kind = next(extra for start, extra in KINDS.items() if where.startswith(start))
        text = first_line(error, type(error).__name__)
        hint = f' Is "papermill[{kind}]" installed?' if isinstance(error, ImportError) or "install" in text else ""
        raise AddressError(f"{where} cannot be reached: {text}{'' if text.endswith('.') else '.'}{hint}") from None


def is_missing(error):
    """Whether a cloud's library says that there is no such file: each has an error of its own."""
    code = getattr(error, "response", None)
    code = code.get("Error", {}).get("Code") if isinstance(code, dict) else None
    return code in ("NoSuchKey", "404") or type(error).__name__ == "ResourceNotFoundError"
