"""Where executed notebooks are stored: a folder, or an address such as s3://bucket/folder that papermill reaches.

Papermill reads and writes single notebooks at either. What it lacks is here: names in a folder, "not there" as an
answer, files that are whole or not there, and an error in one sentence.
"""

import os
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from papermill.iorw import papermill_io

from handwriting.errors import AddressError, UserError, first_line
from handwriting.paths import given_path, read_file
from workshop.runs.untrusted_files import LARGEST
from workshop.runs.written import is_ours, replace

#: How the addresses of each kind of storage begin, and the papermill extra that installs what it needs.
EXTRAS = {"s3://": "s3", "gs://": "gcs", "abs://": "azure", "adl://": "azure"}


def is_remote(where):
    return str(where).startswith(tuple(EXTRAS))


def place(where):
    """Return a folder as an absolute path, or an address without a slash at its end; raise AddressError for others."""
    where = str(where)
    if is_remote(where):
        if not urlsplit(where).netloc:
            raise AddressError(f"{where} has no bucket. Write, for example, {where.partition(':')[0]}://bucket/folder.")
        return where.rstrip("/")
    if "://" in where:
        raise AddressError(f"{where} is not a supported address. Valid: a folder, or {', '.join(EXTRAS)} and so on.")
    return str(given_path(where).resolve())


def child(folder, name):
    """Return the place of something in a folder; `name` may have slashes."""
    return f"{folder}/{name}" if is_remote(folder) else str(Path(folder, *name.split("/")))


def listed(folder):
    """Return the sorted names in a folder, none if there is no such folder; raise AddressError if it is unreadable."""
    function, where = (papermill_io.listdir, f"{folder}/") if is_remote(folder) else (os.listdir, folder)
    found = reach(folder, function, where) or ()
    return sorted({str(name).rstrip("/").rpartition("/")[2] for name in found} - {""})


def read(where):
    """Return the text of a file, None if it is not there; raise AddressError if it is unreadable."""
    if is_remote(where):  # papermill warns of files that are not notebooks, unless their ending is given
        return reach(where, papermill_io.read, where, [Path(where).suffix])
    return read_file(where, LARGEST).decode(errors="replace") if given_path(where).exists() else None


def write(where, text, say=print):
    """Write a text file, whole or not at all; what somebody made or changed stays: see `written.replacing`."""
    if not is_remote(where):
        replace(Path(where), text, say)
        return
    folder, _, name = where.rpartition("/")
    before = read(where)
    if before is not None and not is_ours(name, before, lambda other: read(child(folder, other)) or ""):
        taken, path = listed(folder), Path(name)
        names = (f"{path.stem}-{number}{path.suffix}" for number in count(1))
        kept = next(other for other in names if other not in taken)
        put(child(folder, kept), before)
        say(f"{name} is now {kept}")
    put(where, text)


def put(address, text):
    reach(address, papermill_io.write, text, address, [Path(address).suffix])


@contextmanager
def lock(folder, seconds=0):
    """Keep other runs out of a folder, which is made; UserError if one is still at work there after some seconds."""
    if is_remote(folder):  # two sweeps there would both end complete
        yield
        return
    held = FileLock(Path(folder) / ".lock")
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        held.acquire(timeout=seconds)
    except Timeout:
        raise UserError(
            f"Another run or sweep is using {folder}. Wait until it has finished, or choose another folder."
        ) from None
    except OSError as error:
        raise AddressError(f"Nothing can be written to {folder} ({error.strerror}). Choose another folder.") from None
    try:
        yield
    finally:
        held.release()


def reach(where, function, *arguments):
    """Call a function that reads or writes `where`; return None if it is not there, and raise one kind of error."""
    try:
        return function(*arguments)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:
        response = getattr(error, "response", None)  # each cloud's library has an error of its own for no such file
        code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
        if code in ("NoSuchKey", "404") or type(error).__name__ == "ResourceNotFoundError":
            return None
        reason = getattr(error, "strerror", None) or first_line(error, type(error).__name__).removesuffix(".")
        extra = next((extra for start, extra in EXTRAS.items() if where.startswith(start)), None)
        needs_extra = extra and (isinstance(error, ImportError) or "install" in reason)
        hint = f' Is "papermill[{extra}]" installed?' if needs_extra else ""
        raise AddressError(f"{where} cannot be reached: {reason}.{hint}") from None
