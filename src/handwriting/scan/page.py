"""Read all digits on a picture: where they are, in which line, and which digits they are."""

from dataclasses import dataclass, replace

import numpy as np

from handwriting.models.pretrained import pretrained_network
from handwriting.scan.grouping import group_parts, in_lines
from handwriting.scan.ink import find_ink
from handwriting.scan.normalize import cut_out, fit

#: Another side of a photo is up if it has four digits, upright they are doubtful, and then this share of it is left.
FEWEST, DOUBTFUL, LEFT = 4, 0.025, 0.2


@dataclass(frozen=True)
class Digit:
    """One digit that was found on a page.

    Attributes
    ----------
    image : ndarray, uint8, shape (28, 28)
        As the network expects it: light ink on 0.
    box : tuple of int
        Left, top, right, bottom in the original picture's pixels, once its note on which side is up is followed.
    line : int
        The number of its line, from 0.
    prediction : int
        The digit that the network that ships with the package reads.
    confidence : float
        The probability it gives that digit.
    """

    image: np.ndarray
    box: tuple
    line: int
    prediction: int
    confidence: float


def find_digits(image):
    """Find all digits on one picture, in reading order: line by line, from left to right.

    A photo that lies on its side is turned, if the network is clearly surer of its digits then.

    Parameters
    ----------
    image : as for `handwriting.scan.to_mnist`
        Rules of the paper, boxes of a form and what lies at the picture's edge are left out.

    Returns
    -------
    list of Digit

    Raises
    ------
    ScanError
        As `handwriting.scan.to_mnist`.
    """
    page = find_ink(image)
    found = digits_of(page)
    if len(found) < FEWEST or doubt(found) < DOUBTFUL:
        return found
    best = min((digits_of(page, quarters) for quarters in (1, 2, 3)), key=doubt)
    return best if len(best) >= FEWEST and doubt(best) < LEFT * doubt(found) else found


def read_page(image):
    """Return the digits on a picture as text, one line of text for each line of digits.

    Parameters
    ----------
    image : as for `find_digits`

    Returns
    -------
    str

    Raises
    ------
    ScanError
        As `find_digits`.
    """
    lines = {}
    for digit in find_digits(image):
        lines[digit.line] = lines.get(digit.line, "") + str(digit.prediction)
    return "\n".join(lines.values())


def show_page(image):
    """Show a picture with a box around each digit, and above it which digit the network reads.

    Parameters
    ----------
    image : as for `find_digits`

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    from handwriting.figures.style import VERMILION, describe
    from handwriting.scan.image_file import open_image

    colours, scale = open_image(image)
    height, width = (scale * side for side in colours.shape[:2])
    digits = find_digits(image)
    figure = Figure(figsize=(8.4, min(8.4, 8.4 * height / width)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(colours, extent=(0, width, height, 0))
    axes.set(xticks=[], yticks=[])
    on_white = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # or nobody can read it on grey paper
    for digit in digits:
        left, top, right, bottom = digit.box
        size = right - left, bottom - top
        axes.add_patch(Rectangle((left, top), *size, fill=False, edgecolor=VERMILION, linewidth=1.5))
        axes.text(left, top, str(digit.prediction), color=VERMILION, weight="bold", va="bottom", bbox=on_white)
    words = " ".join(str(digit.prediction) for digit in digits)
    return describe(figure, f"A picture with a box around each digit. The network reads {words}")


def doubt(digits):
    """Return the network's mean doubt in digits: the logarithm of one over the confidence."""
    return -float(np.mean(np.log([digit.confidence for digit in digits]))) if digits else np.inf


def digits_of(page, quarters=0):
    """Find and read the digits on a page, turned to the left by some quarters: a list of Digit."""
    if quarters:
        ink, parts = (np.ascontiguousarray(np.rot90(one, quarters)) for one in (page.ink, page.parts))
        page = replace(page, ink=ink, parts=parts)
    lines = in_lines(group_parts(page))
    groups = [group for line in lines for group in line]
    numbers = [number for number, line in enumerate(lines) for _ in line]
    images = [fit(*cut_out(page, part)) for _, part in groups]
    found = []
    predicted = pretrained_network().predict(np.asarray(images, np.float32).reshape(-1, 28, 28) / 255)
    for (box, _), image, number, odds in zip(groups, images, numbers, predicted, strict=True):
        box = turned_back(box, page.parts.shape, quarters)
        corners = tuple(round(page.scale * box[k]) for k in (1, 0, 3, 2))
        found.append(Digit(image, corners, number, int(odds.argmax()), float(odds.max())))
    return found


def turned_back(box, shape, quarters):
    """Return a box (top, left, bottom, right) of a picture that was turned as it lies in the picture before."""
    height, width = shape
    for _ in range(quarters):
        top, left, bottom, right = box
        box = left, height - bottom, right, height - top
        height, width = width, height
    return box
