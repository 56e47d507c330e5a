"""Find the classes in a folder of pictures: one folder for each, named as the class."""

import os
import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from handwriting.errors import DataError

__all__ = ["OTHER_ENDINGS", "check_folder", "composed", "find_classes", "printable", "two_needed"]

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
#: Pictures that are told, not passed over: a phone's photos should not vanish without a word.
OTHER_ENDINGS = (".heic", ".heif", ".gif", ".bmp", ".tif", ".tiff", ".avif")
NO_CLASSES = re.compile(r"\.|__MACOSX$|__pycache__$")  # what folders begin with that programs make for themselves
MOST_CLASSES = 256  # labels are uint8


def check_folder(path):
    """The folder as a Path; DataError for what is none."""
    path = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(path, str):
        raise DataError(f'load_folder takes the path of a folder, such as "my_letters", not {path!r}.')
    root = Path(path).expanduser()
    try:
        is_folder, is_file = bool(path) and root.is_dir(), root.is_file()
    except OSError as error:
        raise DataError(f"The folder {path} cannot be read: {error.strerror or error}. Check its name.") from None
    if is_folder:
        return root
    if is_file:
        first = "Unpack it, and" if root.suffix.lower() == ".zip" else "Please"
        raise DataError(f"{path} is a file. {first} name the folder that holds one folder per class.")
    raise DataError(f'There is no folder "{path}". Is the path right, seen from {Path.cwd()}?')


def find_classes(root):
    """Find the class folders and the pictures in them, before any is opened.

    Parameters
    ----------
    root : pathlib.Path

    Returns
    -------
    dict of str to list of pathlib.Path
        Classes in natural order.

    Raises
    ------
    DataError
        If there are fewer than two classes, more than 256, or one has fewer than two pictures.
    """
    folders = defaultdict(list)
    for folder in entries(root):
        if not NO_CLASSES.match(folder.name) and is_folder(folder) and not leads_back(folder, root):
            folders[class_name(folder)].append(folder)
    check_count(root, folders)
    classes = {}
    for name in sorted(folders, key=natural):
        content = [one for folder in folders[name] for one in entries(folder) if not one.name.startswith(".")]
        classes[name] = [one for one in content if is_picture(one)]
        check_pictures(root, name, classes[name], content)
    return classes


def entries(folder):
    """What lies in a folder, in natural order; DataError if nobody may look."""
    try:
        return sorted(folder.iterdir(), key=lambda entry: natural(entry.name))
    except OSError as error:
        why = error.strerror or error
        raise DataError(f"The folder {folder} cannot be read: {why}. Check who may open it.") from None


def natural(name):
    """A key that sorts as people do: "2" before "10", "A" beside "a", "é" beside "e"."""
    parts = re.split(r"(\d+)", unicodedata.normalize("NFD", name.casefold()))
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def is_folder(path):
    """Whether it is a folder; if nobody may look at it, `entries` says so."""
    try:
        return path.is_dir()
    except OSError:
        return True


def leads_back(folder, root):
    """Whether a class folder is a link to the folder that it lies in, or to one further up."""
    return folder.is_symlink() and folder.resolve() in (root.resolve(), *root.resolve().parents)


def composed(name):
    """A name in Unicode's composed form (NFC): macOS takes accents and letters apart."""
    return unicodedata.normalize("NFC", printable(name))


def printable(text):
    """A text that can be printed, whatever bytes a file's name holds."""
    return text.encode("utf-8", "replace").decode()


def class_name(folder):
    """The class that a folder is named after; DataError if its name holds control characters, or bytes of no text."""
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in folder.name):
        raise DataError(f"The folder {folder.name!r} has letters in its name that cannot be shown. Rename it.")
    return composed(folder.name)


def check_count(root, folders):
    """Refuse a folder with too few classes or too many."""
    if not folders:
        loose = "The pictures lie in it directly" if any(is_picture(one) for one in entries(root)) else "It has none"
        raise DataError(f"{root} needs one folder per class, named as the class. {loose}: make them.")
    if len(folders) == 1:
        ((name, (folder, *_)),) = folders.items()
        inside = any(one.is_dir() and not NO_CLASSES.match(one.name) for one in entries(folder))
        hint = f" Are the classes in there? Then name {folder}." if inside else ""
        raise DataError(f'{root} has one class only, "{name}". Make a folder for at least one more.{hint}')
    if len(folders) > MOST_CLASSES:
        raise DataError(f"{root} has {len(folders):,} classes. Keep at most {MOST_CLASSES} folders in it.")


def is_picture(path):
    """Whether a file counts as a picture, readable or not."""
    try:
        return path.suffix.lower() in ENDINGS + OTHER_ENDINGS and not path.name.startswith(".") and path.is_file()
    except OSError:
        return True  # nobody may look at it: `to_mnist` says why


def check_pictures(root, name, pictures, content):
    """Refuse a class with fewer than two pictures, before the others are read."""
    if len(pictures) == 1:
        raise DataError(f'The class "{name}" has a single picture. {two_needed()}')
    if not pictures:
        others = "folders only" if content and all(one.is_dir() for one in content) else "other files only"
        what = f"has {others}, no pictures" if content else "is empty"
        raise DataError(f'The class folder "{name}" in {root} {what}. Put PNG or JPEG pictures into it, or delete it.')


def two_needed():
    """What a class takes at least."""
    return "It takes two different ones: one to learn from and one to test with."
