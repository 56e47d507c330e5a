"""Sample drawings to begin with, and a small test set that a student draws, kept on their machine."""

import itertools
import re
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from handwriting.arguments import FUNCTION, takes
from handwriting.data.class_folders import check_readable, is_image
from handwriting.data.image_folder import explain, report
from handwriting.errors import ScanError
from handwriting.parameters import PARAMETERS
from handwriting.paths import given_path
from handwriting.scan import to_mnist
from handwriting.scan.image_file import open_image
from handwriting.text import clean, counted

SAMPLES = Path(__file__).with_name("samples")
FOLDER = "my_digits"  # inside the work folder
NAMED = re.compile(r"\d[^\d].*", re.DOTALL)  # the digit, then anything, also line breaks: 7_003.png


def sample_drawings():
    """Return the thirty drawings of digits in the package: large and small, in the middle and elsewhere.

    Returns
    -------
    drawings : list of ndarray, uint8, shape (200, 200)
        Some dark on light, some light on dark.
    labels : ndarray of int, shape (30,)
    """
    files = sorted(SAMPLES.glob("[0-9]?.png"), key=lambda path: path.stem[::-1])
    return [read_grey(path) for path in files], np.array([int(path.stem[0]) for path in files])


def sample_letter():
    """Return a drawing of the letter A, uint8, shape (200, 200): no network here was trained on letters like it."""
    return read_grey(SAMPLES / "letter.png")


def sample_page():
    """Return the path of a photo, 1000 × 260 pixels: the digits 0 to 9 in a row on squared paper."""
    return SAMPLES / "page.jpg"


def read_grey(path):
    """Return the grey levels of an image file: uint8 (height, width)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("L"))


def folder_in(work_dir):
    """Return the folder with a student's pictures, which need not exist; ScanError if a file has its name."""
    folder = given_path(work_dir, ScanError) / FOLDER
    if folder.is_file():
        raise ScanError(f"{folder} is a file, but the folder for your pictures has that name. Rename the file.")
    return folder


def save_digit(image, label, work_dir=PARAMETERS["work_dir"].default):
    """Keep a drawing or photo of one digit for your own test set, as a PNG whose name begins with the digit.

    Parameters
    ----------
    image : as for `handwriting.scan.to_mnist`
    label : int
        The digit that it shows, 0 to 9; also one number of NumPy's. The same picture with the same label is kept once.
    work_dir : str or path
        The file is saved in its folder "my_digits", on your machine only.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ScanError
        If there is no digit to read on it, the label is not a digit, the same picture is there with another label, or
        nothing can be written there.
    """
    number = label.item() if isinstance(label, (np.generic, np.ndarray)) and label.size == 1 else label
    if isinstance(number, bool) or not isinstance(number, (int, float)) or number not in range(10):
        shown = clean(repr(label))
        raise ScanError(f"The label must be the digit in the picture, a number from 0 to 9, not {shown}.")
    label = int(number)
    if image is None:
        raise ScanError("There is no drawing yet. Draw a digit on the pad, then run this cell again.")
    folder = folder_in(work_dir)
    content = as_png(image)
    for path in sorted(folder.glob("[0-9]_*.png")):
        if path.is_file() and path.stat().st_size == len(content) and path.read_bytes() == content:
            if path.name[0] == str(label):
                return path  # the same cell was run again; to count a drawing twice would be wrong
            raise ScanError(f"This picture is already saved as {path.name}. If that label is wrong, delete that file.")
    return keep_picture(content, folder, f"{label}_")


def keep_picture(content, folder, beginning=""):
    """Keep a picture, from `as_png`, as a file with the next free number after its beginning; return its path.

    The folder is created if it is missing. ScanError if nothing can be written there.
    """
    numbers = [int(path.stem[len(beginning) :]) for path in folder.glob(f"{beginning}[0-9][0-9][0-9].png")]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in itertools.count(max(numbers, default=0) + 1):
            path = folder / f"{beginning}{number:03d}.png"
            try:
                file = path.open("xb")
            except FileExistsError:  # another program has just saved one
                continue
            try:
                with file:
                    file.write(content)
                return path
            except OSError:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        shown = clean(str(folder), None)
        raise ScanError(f"{shown} cannot be written to ({error.strerror or error}). Choose another folder.") from None


def as_png(image):
    """Return a picture, of any kind that `to_mnist` takes, as a PNG: as it is, so that other ways can be tried later.

    ScanError if there is nothing to read on it: now, not when it is needed.
    """
    to_mnist(image)
    content = BytesIO()
    Image.fromarray(open_image(image)[0]).save(content, "PNG")
    return content.getvalue()


@takes(prepare=FUNCTION)
def my_digits(work_dir=PARAMETERS["work_dir"].default, prepare=to_mnist):
    """Return a student's own small test set: what `save_digit` saved, or the sample drawings if there is none yet.

    Parameters
    ----------
    work_dir : str or path
        Pictures in its folder "my_digits" count if their names begin with the digit that they show, as 7_003.png does.
    prepare : callable
        Turns each picture into a uint8 array of shape (28, 28).

    Returns
    -------
    images : ndarray, uint8, shape (n, 28, 28)
    labels : ndarray of int, shape (n,)
        One printed line says which ones they are; others name pictures that are left out, and why.
    """
    folder = folder_in(work_dir)
    images, labels, left_out = [], [], []
    for path in sorted(filter(is_image, folder.glob("*"))):
        try:
            check_readable(path)
            if not NAMED.fullmatch(path.name):
                raise ScanError(f"{path} does not begin with the digit that it shows, as 7_003.png does. Rename it.")
            images.append(prepare(path))
        except ScanError as error:
            left_out.append(explain(path, error))
        else:
            labels.append(int(path.name[0]))
    report("Left out:", left_out)
    shown = clean(str(folder), None)
    if images:
        print(f"{counted(len(images), 'picture')} of your own, from {shown}.")
        return np.array(images), np.array(labels)
    drawings, labels = sample_drawings()
    none = f"None of your pictures in {shown} can be used" if left_out else f"You have no pictures in {shown} yet"
    print(f"{none}, so these are the {len(drawings)} sample drawings.")
    return np.array([prepare(drawing) for drawing in drawings]), labels
