"""Find the classes in a folder of images: one folder for each, named after the class."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

from handwriting.errors import DataError, ScanError, UserError
from handwriting.paths import given_path
from handwriting.text import MOST, check_names, clean

SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp")
#: Images that are reported as left out, so that a phone's photos do not vanish without a word.
OTHER_SUFFIXES = (
    *(".heic", ".heif", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".svg", ".pbm", ".pgm", ".ppm", ".tga"),
    *(".jp2", ".jxl", ".dng", ".ico", ".psd", ".pdf"),
)
LONGEST_KEY = 500  # characters that decide the place of a name
#: Names of folders that programs, systems and network drives make for themselves.
NOT_CLASSES = re.compile(
    r"\.|(__MACOSX|__pycache__|@eaDir|@Recycle|@Recently-Snapshot|#recycle|#snapshot|\$RECYCLE\.BIN|RECYCLER|"
    r"System Volume Information|lost\+found|Temporary Items|Network Trash Folder)$",
    re.IGNORECASE,
)
#: Names of folders with the images for training, and for testing, if somebody has divided them already.
TRAIN, TEST = ("train", "training"), ("test", "testing", "val", "valid", "validation")
PARTS = "If it has classes in it: parts such as train and test need class folders and no images beside them."
TWO_NEEDED = "Each class needs two different ones: one for training and one for testing."


def check_folder(path):
    """Return the folder as a Path; DataError if it is not a folder."""
    root = given_path(path, DataError)
    if root.is_dir():
        return root
    if root.is_file():
        first = "Unzip it, and give" if root.suffix.lower() == ".zip" else "Give"
        raise DataError(f"{path} is a file. {first} the folder that has one folder per class in it.")
    raise DataError(f'There is no folder "{path}". Relative paths start at {Path.cwd()}.')


def find_parts(root):
    """Return a folder's folders for training and for testing, each with class folders; None if it has no such two."""
    folders = {folder.name.casefold(): folder for folder in entries(root) if is_class(folder)}
    found = [[folders[name] for name in names if name in folders and is_part(folders[name])] for names in (TRAIN, TEST)]
    return [first for first, *_ in found] if all(found) else None


def is_part(folder):
    """Return whether a folder has class folders in it, and no images beside them."""
    found = entries(folder)
    return any(map(is_class, found)) and not any(entry.suffix.lower() in SUFFIXES for entry in found)


def find_classes(root, least=2):
    """Find the class folders and the images in them, before any is opened.

    Returns a dict of class names, in natural order, to lists of paths. DataError if there are fewer than two classes
    or more than 256, or if a class has fewer than `least` images; OSError if a folder cannot be read.
    """
    folders = defaultdict(list)
    for folder in entries(root):
        if is_class(folder) and not leads_back(folder, root):
            folders[class_name(folder)].append(folder)
    check_classes(root, folders)
    classes = {}
    for name in sorted(folders, key=natural):
        content = [entry for folder in folders[name] for entry in entries(folder) if not entry.name.startswith(".")]
        classes[name] = [entry for entry in content if is_image(entry)]
        check_images(root, name, classes[name], content, least)
    return classes


def entries(folder):
    """Return the entries of a folder in natural order."""
    return sorted(folder.iterdir(), key=lambda entry: natural(entry.name))


def natural(name):
    """Return a key that sorts as people do: "2" before "10", "A" beside "a", "é" beside "e"."""
    # A name in somebody's archive may have thousands of accents, and putting them in order takes long.
    begin = unicodedata.normalize("NFD", name.casefold()[:LONGEST_KEY])
    parts = re.split(r"(\d{1,15})", begin)
    return [int(part) if place % 2 else part for place, part in enumerate(parts)], name


def is_class(path):
    """Return whether it is a folder, and not one that a program made for itself."""
    return not NOT_CLASSES.match(path.name) and path.is_dir()


def is_image(path):
    """Return whether a file, or a link to one that is no longer there, counts as an image, readable or not."""
    return path.suffix.lower() in SUFFIXES + OTHER_SUFFIXES and not path.name.startswith(".") and not path.is_dir()


def check_readable(path):
    """Raise ScanError for a file that counts as an image, but is of a kind that is not read here."""
    if not path.is_file():
        raise ScanError(f"{path} is not a file, or it is a link to one that is not there.")
    if path.suffix.lower() in OTHER_SUFFIXES:
        raise ScanError(f"{path} is not a PNG, JPEG or WEBP image. Save it as one of these.")


def leads_back(folder, root):
    """Return whether a class folder is a link to the folder that it is in, or to one further up."""
    return folder.is_symlink() and folder.resolve() in (root.resolve(), *root.resolve().parents)


def class_name(folder):
    """Return the class that a folder is named after; DataError if its name cannot be shown."""
    name = clean(folder.name, None)  # composed, too: macOS stores accents and letters apart
    if "\ufffd" in name or re.search(r"[\0-\x1f]", folder.name):
        raise DataError(f"The folder {folder.name!a} has characters in its name that cannot be displayed. Rename it.")
    return name


def check_classes(root, folders):
    """Refuse a folder with too few or too many classes, or two that cannot be told apart."""
    if not folders:
        loose = "its images are not in folders" if any(is_image(entry) for entry in entries(root)) else "it has none"
        raise DataError(f"{root} needs one folder per class, named after the class, but {loose}. Make the folders.")
    if len(folders) == 1:
        ((name, (folder, *_)),) = folders.items()
        inside = any(map(is_class, entries(folder)))
        hint = f" Are the classes inside it? Then give {folder}." if inside else ""
        raise DataError(f'{root} has only one class, "{name}". Make a folder for at least one more.{hint}')
    if len(folders) > MOST:
        raise DataError(f"{root} has {len(folders):,} classes. Keep at most {MOST} folders in it.")
    try:
        check_names(folders)
    except UserError as error:
        raise DataError(f"{root}: {error}") from None


def check_images(root, name, images, content, least):
    """Refuse a class with fewer than `least` images, before the others are read."""
    is_meant_as_part = name.casefold() in (*TRAIN, *TEST) and any(map(is_class, content))
    hint = PARTS if is_meant_as_part else ""
    if len(images) == 1 < least:
        raise DataError(f'The class "{name}" has only one image. {hint or TWO_NEEDED}')
    if not images:
        others = "only folders" if content and all(entry.is_dir() for entry in content) else "only other files"
        reason = f"contains {others}, no images" if content else "is empty"
        advice = hint or "Put PNG or JPEG images into it, or delete it."
        raise DataError(f'The class folder "{name}" in {root} {reason}. {advice}')
