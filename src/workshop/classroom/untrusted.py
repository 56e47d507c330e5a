"""Files from anyone: found without following links, opened with care, and named in texts that are fit to be shown."""

import json
import os
import re
import stat
import unicodedata
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

__all__ = ["Skipped", "Unreadable", "clean", "look", "natural", "parse", "read_bytes", "without_ending"]

LARGEST = 30_000_000  # bytes of one file
MOST_ENTRIES = 200_000  # names that are looked at: someone may point at a whole disk
MOST_PARTS = 1_000_000  # lists and dictionaries in one file: each takes twenty times the memory of its two characters
DEEPEST = 20  # folders within folders
LONGEST = 60  # characters of a text
ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz", ".tar.xz")
NO_NOTEBOOK = "it is no notebook, or it is cut short"
#: Not through a link, and without waiting for someone to write into a pipe. Windows has no such flags, but its own.
FLAGS = os.O_RDONLY | sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))


class Unreadable(Exception):
    """Why a file is not counted, as the end of a sentence about it."""


@dataclass(frozen=True)
class Skipped:
    """A file that is not counted: its path within the folder, fit to be shown, and why."""

    path: str
    reason: str


def look(root):
    """Find what may be a notebook, without following any link.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    places : list of str
        Paths within the folder, sorted.
    skipped : list of Skipped
    """
    places, skipped, waiting, seen = [], [], [("", 0)], 0
    while waiting and seen < MOST_ENTRIES:
        inner, depth = waiting.pop()
        try:
            with os.scandir(root / inner) as listing:
                entries = list(islice(listing, MOST_ENTRIES - seen))
        except OSError as error:
            skipped.append(Skipped(clean(inner), f"it cannot be listed ({error.strerror})"))
            continue
        seen += len(entries)
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__MACOSX":
                continue  # checkpoints, and what archives from a Mac bring along
            place = f"{inner}/{entry.name}" if inner else entry.name
            name = entry.name.lower()
            if entry.is_symlink():
                skipped.append(Skipped(clean(place), "it is a link, and links are not followed"))
            elif entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    waiting.append((place, depth + 1))
                else:
                    skipped.append(Skipped(clean(place), f"it lies more than {DEEPEST} folders deep"))
            elif name.endswith((".ipynb", ".ipynb.txt", ".ipynb.json")):  # some browsers add an ending
                places.append(place)
            elif name.endswith(ARCHIVES):
                skipped.append(Skipped(clean(place), "it is an archive: unpack it, and write the page again"))
    if seen >= MOST_ENTRIES:
        skipped.append(Skipped("all others", f"there are over {MOST_ENTRIES:,} files: name a folder with fewer"))
    return sorted(places, key=lambda place: natural(without_ending(place))), skipped


def read_bytes(path, root):
    """Read a file, if it is a plain one that lies in the folder `root` and is not too large.

    Parameters
    ----------
    path, root : pathlib.Path

    Returns
    -------
    bytes

    Raises
    ------
    Unreadable
    """
    try:
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise Unreadable("it leads out of the folder")
        if not stat.S_ISREG(path.lstat().st_mode):
            raise Unreadable("it is no plain file")
        descriptor = os.open(path, FLAGS)
    except (OSError, ValueError) as error:
        raise Unreadable(f"it cannot be opened ({getattr(error, 'strerror', None) or 'bad name'})") from None
    try:
        # Again, of what was opened: the name may lead elsewhere by now.
        kind = os.fstat(descriptor)
        if not stat.S_ISREG(kind.st_mode):
            raise Unreadable("it is no plain file")
        if kind.st_size > LARGEST:
            size = f"{kind.st_size / 1e6:,.0f} MB"
            raise Unreadable(f"it has {size}; at most {LARGEST / 1e6:.0f} MB are read. Clear its large outputs")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(LARGEST)
    except OSError as error:
        raise Unreadable(f"it cannot be read ({error.strerror})") from None
    finally:
        os.close(descriptor)


def parse(content):
    """Turn a file's bytes into a notebook: a dictionary with a list "cells".

    Raises
    ------
    Unreadable
    """
    if content.count(b"[") + content.count(b"{") > MOST_PARTS:
        raise Unreadable("it has far more parts than a notebook of the workshop")
    try:
        notebook = json.loads(content.decode("utf-8-sig"), parse_int=whole_number)
    except UnicodeDecodeError:
        raise Unreadable("it is not text in UTF-8, as notebooks are") from None
    except (ValueError, RecursionError, MemoryError):
        raise Unreadable(NO_NOTEBOOK) from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Unreadable(NO_NOTEBOOK)
    return notebook


def whole_number(digits):
    """An int; infinity for one with so many digits that reading it would take long."""
    return int(digits) if len(digits) <= 20 else float("inf")


def without_ending(place):
    """A notebook's path without `.ipynb`, or what a browser made of it."""
    return re.sub(r"\.ipynb(\.\w+)?$", "", place, flags=re.IGNORECASE)


def clean(text, longest=LONGEST):
    """A text fit to be shown: short, and without characters that hide, turn around or overprint others.

    It may still hold any of ``<>&"'``: escape it.

    Parameters
    ----------
    text : str
    longest : int

    Returns
    -------
    str
    """
    cut = text[: 2 * longest]
    shown, marks = [], 0
    for character in unicodedata.normalize("NFC", cut):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            # Two joiners are part of how words are spelled, in Persian say.
            shown.append(character if character in "\u200c\u200d" else "\ufffd")
        elif marks <= 3:
            shown.append(character)
    cleaned = " ".join("".join(shown).split())
    return cleaned if len(cleaned) <= longest and len(text) <= 2 * longest else cleaned[: longest - 1] + "…"


def natural(text):
    """A key that sorts names as people do: "group 2" before "group 10", and small letters beside capitals."""
    parts = re.split(r"([0-9]{1,15})", text.casefold())
    return [(int(part), "") if place % 2 else (-1, part) for place, part in enumerate(parts)], text
