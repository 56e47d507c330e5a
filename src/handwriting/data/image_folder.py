"""A folder of images that somebody collected, one folder per class, as a data set."""

import hashlib
import time
from collections import defaultdict

import numpy as np

from handwriting.arguments import Kind, takes
from handwriting.data.class_folders import (
    TWO_NEEDED,
    check_folder,
    check_readable,
    entries,
    find_classes,
    find_parts,
    is_class,
    is_image,
)
from handwriting.data.dataset import Dataset
from handwriting.data.registry import name_of_own
from handwriting.data.split import choose_test
from handwriting.errors import DataError, ScanError
from handwriting.parameters import check
from handwriting.text import clean

REPORTED = 5  # how many images are named that are left out, or are in two classes
DELAY = 2  # seconds until progress is shown
SHARE = Kind("a number between 0 and 1, such as 1/3 to test with a third of the images", lambda share: 0 < share < 1)


@takes(test_share=SHARE)
def read_folder(path, prepare, test_share=1 / 3, seed=0):
    """Read a folder that holds one folder of images per class, as `handwriting.load.load_folder` describes it.

    `prepare` takes the path of an image, and returns it as uint8, shape (28, 28), or raises ScanError.
    """
    seed = check("seed", seed)
    try:
        root = check_folder(path)
        parts = find_parts(root)
        found = [find_classes(part, least=1) for part in parts] if parts else [find_classes(root)]
    except OSError as error:
        reason = f"{error.strerror}. Check its name and its permissions"
        raise DataError(f"The folder {error.filename} cannot be read: {reason}.") from None
    names = tuple(found[0])
    for name in sorted(set(names).symmetric_difference(found[-1])):
        has, lacks = parts if name in names else parts[::-1]
        raise DataError(f'{has} has a class "{name}", but {lacks} does not. Both need the same classes.')
    paths, labels, images, left_out = read_images(found, prepare)
    loose = [f"{clean(path.name)}, which is not in a folder of a class." for path in entries(root) if is_image(path)]
    report("Left out:", [reason for _, reason in left_out] + loose)
    hashes = [hashlib.sha256(b"%d " % seed + image.tobytes()).digest() for image in images]
    reasons = dict(reversed(left_out))
    in_test = [path.parent.parent == parts[1] for path in paths] if parts else [False] * len(paths)
    check_classes(names, parts, labels, in_test, hashes, reasons)
    report("In more than one class:", find_shared(paths, labels, hashes))
    if parts:
        report("In both parts:", find_repeated(paths, hashes, in_test))
        others = [clean(folder.name) for folder in entries(root) if is_class(folder) and folder not in parts]
        report("Left out:", [f"{name}, which is not {parts[0].name} or {parts[1].name}." for name in others])
    else:
        tested = choose_test(names, labels, hashes, test_share)
        in_test = [digest in tested for digest in hashes]
    order = sorted(range(len(labels)), key=lambda k: (hashes[k][16:], labels[k]))
    arrays = []
    for part in (False, True):
        picked = [k for k in order if in_test[k] == part]
        arrays += [np.array([images[k] for k in picked]), np.array([labels[k] for k in picked], np.uint8)]
    name = root.resolve().name if root.name in ("", "..") else root.name
    return Dataset(name_of_own(name, "a folder of images"), names, *arrays)


def read_images(classes, prepare):
    """Read all images, one after another: only what `prepare` returns is kept in memory.

    Several threads are no faster: most of the work holds Python's lock. Returns lists of the images' paths, labels
    and arrays, and one of (label, reason) for those that could not be read.
    """
    paths, labels, images, left_out = [], [], [], []
    files = [(label, path) for part in classes for label, found in enumerate(part.values()) for path in found]
    for label, path in with_progress(files):
        try:
            check_readable(path)
            image = prepare(path)
        except (ScanError, OSError) as error:
            left_out.append((label, explain(path, error)))
        else:
            paths.append(path)
            labels.append(label)
            images.append(image)
    return paths, labels, images, left_out


def with_progress(files):
    """Yield the files one by one; if that takes long, print at most ten lines: a notebook keeps what is printed."""
    start = last = time.monotonic()
    tenth = -1
    for done, file in enumerate(files):
        now = time.monotonic()
        left = (now - start) / done * (len(files) - done) if done else 0
        if now - last > DELAY < left and 10 * done // len(files) > tenth:
            duration = f"{left / 60:.0f} min" if left > 90 else f"{left:.0f} s"
            print(f"{done:,} of {len(files):,} images read, about {duration} left.", flush=True)
            last, tenth = now, 10 * done // len(files)
        yield file


def short_name(path, parts=2):
    """Return a file's name as "class/file", or with more parts of its path, in characters that can be printed."""
    return clean("/".join(path.parts[-parts:]), None)


def explain(path, error):
    """Return why an image is left out, in a sentence that names it."""
    name = short_name(path)
    if isinstance(error, OSError):
        return f"{name} cannot be read: {error.strerror or error}."
    text, whole = clean(str(error), None), clean(str(path), None)
    return text.replace(whole, name) if whole in text else f"{name}: {text}"


def report(heading, sentences):
    """Print the first sentences, one per line, and how many more there are."""
    for sentence in sentences[:REPORTED]:
        print(heading, sentence)
    if len(sentences) > REPORTED:
        print(heading, f"{len(sentences) - REPORTED:,} more.")


def check_classes(names, parts, labels, in_test, hashes, reasons):
    """Refuse a class without an image in each part, or without two different ones if there are no parts.

    Equal images have equal hashes; `reasons` says, by label, why an image of it was left out.
    """
    groups = defaultdict(list)
    for label, tested, digest in zip(labels, in_test, hashes, strict=True):
        groups[label, tested].append(digest)
    for label, name in enumerate(names):
        reason = f" Left out: {reasons[label]}" if label in reasons else ""
        for place, part in enumerate(parts or [""]):
            found = groups[label, bool(place)]
            where = f'The class "{name}" in {part}' if part else f'The class "{name}"'
            if not found:
                raise DataError(f"{where} has no image that can be read.{reason}")
            if not part and len(found) == 1:
                raise DataError(f"{where} has only one image that can be read. {TWO_NEEDED}{reason}")
            if not part and len(set(found)) == 1:
                raise DataError(f'All {len(found)} images of the class "{name}" are the same. {TWO_NEEDED}')


def find_repeated(paths, hashes, in_test):
    """Return a sentence for each image for testing that is one for training, too."""
    pairs = list(zip(paths, hashes, in_test, strict=True))
    first = {digest: path for path, digest, tested in reversed(pairs) if not tested}
    return [
        f"{short_name(first[digest], 3)} and {short_name(path, 3)} are the same image. "
        "A network can memorize its training images, so delete one."
        for path, digest, tested in pairs
        if tested and digest in first
    ]


def find_shared(paths, labels, hashes):
    """Return a sentence for each image that is in more than one class."""
    places = defaultdict(dict)
    for path, label, digest in zip(paths, labels, hashes, strict=True):
        places[digest].setdefault(label, short_name(path))
    return [
        f"{' and '.join(found.values())} are the same image. Only one class can be right."
        for found in places.values()
        if len(found) > 1
    ]
