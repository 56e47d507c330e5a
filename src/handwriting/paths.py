"""Paths and files that people give, read with care; files that are written whole or not at all."""

import errno
import filecmp
import functools
import io
import itertools
import os
import re
import shutil
import stat
import time
import uuid
import zipfile
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path

from handwriting.errors import AddressError
from handwriting.text import clean, counted

LONGEST = 300  # characters of a path that an error shows
LAST_LINE = "\n<!-- handwriting "  # of a page that we wrote, with the digest of what is before it
MOST_NAMED = 3  # of the files that were kept, in a sentence
PART = ".handwriting-part-"  # how names of files begin that `whole_file` writes first
LONG_AGO = 86400  # seconds: nobody writes such a file any more
LARGEST_DIRECTORY = 2**20  # bytes of a zip archive's list of contents: several thousand names


def named(given):
    """Return a path as an error shows it; in quotes if it begins or ends with a space, which nobody would see."""
    text = str(given)
    return clean(text if text == text.strip() else f'"{text}"', LONGEST)


def given_path(given, error=AddressError):
    """Return the path that a person gave, in a call, an option or the environment; ~ is their home folder.

    It need not exist. `error`, in a sentence, if there can be no such path, it may not be looked at, or it is neither a
    file nor a folder: a pipe would wait for ever, and a device may never end.
    """
    shown = named(given)
    if isinstance(given, str) and not given:
        raise error("The path is empty. Give the name of a file or folder.")
    try:
        path = Path(given).expanduser()
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return path
    except RuntimeError:
        if os.path.lexists(given):  # a name that begins so, in this folder
            return given_path(Path(given).absolute(), error)
        raise error(f"{shown} begins with the home folder of a user who is not on this machine.") from None
    except TypeError:
        raise error(f'A path must be text, such as "my_work", not {clean(repr(given))}.') from None
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or "this name is not valid"
        raise error(f"{shown} cannot be read: {why}. Check its name and folder.") from None
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        raise error(f"{shown} is neither a file nor a folder, but a pipe or a device. Give another path.")
    return path


def read_file(given, most, error=AddressError):
    """Return the bytes of a file that a person gave; `error`, in a sentence, if that fails or there are over `most`."""
    path, shown = given_path(given, error), named(given)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size <= most:
                return file.read(size)
    except OSError as problem:
        raise error(f"{shown} cannot be read: {problem.strerror}. Check its name and folder.") from None
    raise error(f"{shown} has {size / 1e6:,.0f} MB. At most {most / 1e6:,.0f} MB are read.")


class Careful(io.FileIO):
    """A file that gives up to `most` bytes at once."""

    most = LARGEST_DIRECTORY

    def read(self, size=-1):
        if size > self.most:
            raise zipfile.BadZipFile("Its list of contents is too long.")
        return super().read(size)


def is_unusual(entry):
    """Return whether a file in a zip archive is packed in a way that Python unpacks without any limit."""
    return entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@contextmanager
def open_zip(path, most, error=AddressError):
    """Yield a zip archive, opened for reading; `error`, in a sentence, if it unpacks to over `most` bytes.

    Only the usual compression is unpacked: Python stops it at the size that the archive states. Raises what `zipfile`
    does if it is damaged, or lists thousands of files.
    """
    with Careful(given_path(path, error)) as file, zipfile.ZipFile(file) as archive:
        file.most = most
        shown = clean(str(path), LONGEST)
        size = sum(entry.file_size for entry in archive.infolist())
        if size > most:
            raise error(f"{shown} unpacks to {size / 1e6:,.0f} MB. Make it smaller: at most {most / 1e6:,.0f} MB.")
        if any(entry.flag_bits & 1 for entry in archive.infolist()):
            raise error(f"{shown} has a password. Save it again without one.")
        if any(map(is_unusual, archive.infolist())):
            raise error(f"{shown} is compressed in an unusual way. Save it again with Keras or NumPy.")
        yield archive


@contextmanager
def whole_file(path, may_go=lambda: True, say=print):
    """Yield the path of an empty temporary file to write to; it gets the name `path` only if nothing goes wrong.

    It has the same suffix, and its folder is created if it is missing. What is there already and may not go gets
    another name, and `say` takes "page.html is now page-1.html". OSError if nothing can be written there: the folder
    may be read-only, or the disk full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_up(path.parent.absolute())
    part = path.with_name(f"{PART}{uuid.uuid4().hex}{path.suffix}")
    part.touch(exist_ok=False)
    try:
        yield part
        if path.is_dir() and not path.is_symlink():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if os.path.lexists(path) and not may_go() and not is_same(path, part):
            say(f"{path.name} is now {move_aside(path).name}")
        elif path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
            shutil.copymode(path, part)  # who may read it stays as it is
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@functools.cache  # once for each folder: it may be large
def clear_up(folder):
    """Remove what processes that were killed while they wrote left in a folder long ago."""
    for left in folder.glob(f"{PART}*"):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > LONG_AGO:
                left.unlink()


def is_same(path, other):
    """Return whether a file, not a link, has the content of another."""
    return path.is_file() and not path.is_symlink() and filecmp.cmp(path, other, shallow=False)


def digest(text):
    """Return 16 hex digits that tell one text from another, whatever ends its lines."""
    text = re.sub("\r\n?", "\n", text)
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def seal_page(page, maker=""):
    """Return the HTML of a page with a last line that says that it is ours as it is."""
    return f"{page}{LAST_LINE}{digest(page + maker)} -->\n"


def is_sealed(text, maker=""):
    """Return whether a page is as `seal_page` returned it for this maker."""
    page, mark, _ = text.rpartition(LAST_LINE)
    return mark != "" and text.rstrip("\n") == seal_page(page, maker).rstrip("\n")


def say_kept(kept, say=print):
    """Say in one sentence what `whole_file` said of files that were kept; nothing if there are none."""
    more = f" and {counted(len(kept) - MOST_NAMED, 'other file')}" if len(kept) > MOST_NAMED else ""
    if kept:
        say(f"Not exactly what this version writes, so kept: {', '.join(kept[:MOST_NAMED])}{more}.")


def move_aside(path):
    """Give a file the first name that is free, such as "network-1.keras" for "network.keras"; return its new path."""
    names = (moved(path, number) for number in itertools.count(1))
    return path.rename(next(name for name in names if not os.path.lexists(name)))


def moved(path, number):
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def before_moved(path):
    """Return the path that a file had before `move_aside`, by its new name; None if that does not give such names."""
    stem, _, number = path.stem.rpartition("-")
    before = path.with_name(f"{stem}{path.suffix}") if stem and number.isdecimal() else None
    return before if before and moved(before, int(number)) == path else None


def write_text(path, text):
    """Write a text file in UTF-8, whole or not at all, and return its path. Raises OSError as `whole_file` does."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def notebooks_folder():
    """Return the folder with the notebooks: the checkout's, or the one that was installed with the package."""
    inside = Path(__file__).parent / "notebooks"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "notebooks"
