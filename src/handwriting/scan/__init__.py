"""Scan handwriting: turn a photo or a drawing into a 28 × 28 image like those that the network was trained on.

A network can only read what looks like its training images. MNIST's makers treated every digit alike
(Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition", 1998):
black-and-white digits were scaled into 20 × 20 pixels with their proportions kept, which left grey edges, and
were placed in 28 × 28 pixels with their centre of mass in the middle. `to_mnist` does the same to a
picture, after it has found the ink in it.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from handwriting.arguments import TEXT, takes
from handwriting.errors import ScanError
from handwriting.scan.grouping import group_parts, group_slices, in_reading_order, main_group
from handwriting.scan.ink import find_ink

__all__ = ["Digit", "ScanError", "find_digits", "show_steps", "steps", "to_mnist"]

BOX, SIDE = 20, 28  # pixels: a digit's longer side, and the image's side, in MNIST
#: Width of a pen's stroke in pixels. In 3,000 of MNIST's training images, half are between 2.1 and 3.0.
THINNEST, THICKEST = 2.2, 3.2
EDGE = 1.3  # pixels from full ink to none, as in MNIST, where half of a digit's pixels are edges
FINE = 5  # times finer than MNIST's pixels: the grid on which a stroke's width is measured and changed


@dataclass(frozen=True)
class Digit:
    """One digit that was found on a page.

    Attributes
    ----------
    image : ndarray, uint8, shape (28, 28)
        As the network expects it: light ink on 0.
    box : tuple of int
        Left, top, right, bottom in the original picture's pixels, once it is upright.
    """

    image: np.ndarray
    box: tuple


def to_mnist(image):
    """Turn a picture of one digit into an image like MNIST's.

    The steps: open it upright; find the paper, and with it whether ink is darker or lighter; measure each pixel's
    ink; take out ruled lines, frames and specks; cut out the digit; bring its strokes to MNIST's width; scale it
    into 20 × 20 pixels with its proportions kept; put its centre of mass into the middle of 28 × 28. The last
    two are what MNIST's makers did (source: the head of this module).

    Parameters
    ----------
    image : str, path, bytes, PIL.Image.Image or ndarray
        A file, its contents, or an array: grey, RGB or RGBA, 0 to 1 or 0 to 255, from 8 × 8 pixels to 64 megapixels.
        If there is more than one shape on it, the largest is taken, with the parts beside it that belong to it.

    Returns
    -------
    ndarray, uint8, shape (28, 28)
        Light ink on 0.

    Raises
    ------
    ScanError
        If it is not a picture, or there is nothing on it that could be a digit.
    """
    return fit(*cut_out(find_ink(image)))


def find_digits(image):
    """Find all digits on one picture, in reading order: line by line, from left to right.

    Parameters
    ----------
    image : as for `to_mnist`
        Digits must not touch one another.

    Returns
    -------
    list of Digit

    Raises
    ------
    ScanError
        As `to_mnist`.
    """
    page = find_ink(image)
    found = []
    for (top, left, bottom, right), group in in_reading_order(group_parts(page)):
        box = (left, top, right, bottom)
        found.append(Digit(fit(*cut_out(page, group)), tuple(round(side * page.scale) for side in box)))
    return found


def steps(image):
    """Return what happens to a picture on its way to the network, one image per step.

    Parameters
    ----------
    image : as for `to_mnist`

    Returns
    -------
    list of (str, ndarray)
        A caption, and an image: uint8 (height, width, 3) for the first, else float32 (height, width) with ink
        as 1 on 0; the last is what `to_mnist` returns.
    """
    page = find_ink(image)
    ink, mask = cut_out(page)
    width = width_of(depth_of(ink, mask))
    seen = fit(ink, mask)
    light = "lighter" if page.light else "darker"
    return [
        ("your picture", page.colours),
        (f"ink: what is {light} than the paper", page.ink),
        ("without lines and specks", np.where(page.parts > 0, page.ink, 0)),
        ("cut out", ink),
        (f"strokes of {width:.1f} pixels made {np.clip(width, THINNEST, THICKEST):.1f}", thicken(ink, mask)[0]),
        ("20 × 20, centred in 28 × 28", seen),
    ]


@takes(alt=TEXT)
def show_steps(image, alt=None):
    """Show the steps of `steps` side by side: the last is what the network sees.

    Parameters
    ----------
    image : as for `to_mnist`
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    from handwriting.figures.style import describe

    images = steps(image)
    figure = Figure(figsize=(8.4, 5.6), layout="constrained")
    for number, (axes, (caption, step)) in enumerate(zip(figure.subplots(2, 3).flat, images, strict=True), start=1):
        axes.imshow(step, vmin=0, vmax=255 if step.dtype == np.uint8 else 1)
        axes.set(title=f"{number}. {caption}", xticks=[], yticks=[])
        axes.title.set_size(9)
    captions = "; ".join(caption for caption, _ in images)
    return describe(figure, alt or f"Six images, from a drawing to what the network sees: {captions}")


def cut_out(page, group=None):
    """Cut one digit out of a page: its ink, float32, with a margin of two pixels, and a mask of its strokes."""
    group = group or main_group(page)
    rows, columns = group_slices(page, group)
    wanted = np.zeros(page.parts.max() + 1, bool)
    wanted[group] = True
    inside = np.pad(wanted[page.parts[rows, columns]], 2)
    wide = ndimage.binary_dilation(inside, np.ones((3, 3)), iterations=2)  # with the strokes' soft edges
    ink = np.pad(page.ink, 2)[rows.start : rows.stop + 4, columns.start : columns.stop + 4]
    return np.where(wide, ink, 0).astype(np.float32), inside


def depth_of(ink, mask):
    """Return how far inside a stroke each point is, negative outside: in MNIST's pixels, on a grid FINE times finer."""
    from PIL import Image

    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    share = FINE * (BOX - 1) / longer
    size = [max(1, round(side * share)) for side in ink.shape[::-1]]
    small = Image.fromarray(ink).resize(size, Image.Resampling.BOX if share < 1 else Image.Resampling.BICUBIC)
    small = np.pad(np.asarray(small), 3 * FINE)
    inside = small > min(0.5, 0.6 * small.max())
    distance = ndimage.distance_transform_edt
    return (distance(inside) - distance(~inside)).astype(np.float32) / FINE


def width_of(depth):
    """Return the strokes' usual width in MNIST's pixels: twice the depth along their middle."""
    ridge = (depth > 0) & (depth >= ndimage.maximum_filter(depth, 3))
    return 2 * float(np.median(depth[ridge])) if ridge.any() else 0.0


def thicken(ink, mask):
    """Draw a digit anew with strokes as wide as MNIST's: ink from 0 to 1, and `depth_of`, both FINE times finer."""
    depth = depth_of(ink, mask)
    width = width_of(depth)
    depth = depth + (np.clip(width, THINNEST, THICKEST) - width) / 2
    return np.clip(depth / EDGE + 0.5, 0, 1), depth


def fit(ink, mask):
    """Scale a digit into 20 × 20 and put its centre of mass into the middle of 28 × 28."""
    strokes, depth = thicken(ink, mask)
    rows, columns = np.flatnonzero((depth > 0).any(axis=1)), np.flatnonzero((depth > 0).any(axis=0))
    if len(rows) == 0:
        raise ScanError("The strokes are too faint to read. Draw darker or with a thicker pen.")
    middle = np.array(ndimage.center_of_mass(strokes))
    step = (max(np.ptp(rows), np.ptp(columns)) + 1) / (FINE * BOX)  # 1, unless the strokes were made wider
    # MNIST's middle lies between its pixels 13 and 14; the mean of its centres of mass is 14.
    lowest = np.array([rows[0], columns[0]]) - 0.5
    highest = np.array([rows[-1], columns[-1]]) + 0.5
    spacing = FINE * step
    first = middle - 14 * spacing
    first = np.minimum(first, lowest + 0.5 * spacing)  # nothing is cut off
    first = np.maximum(first, highest - (SIDE - 0.5) * spacing)
    blurred = ndimage.uniform_filter(strokes, max(1, round(spacing)), mode="constant")
    grid = np.mgrid[:SIDE, :SIDE] * spacing + first[:, None, None]
    seen = ndimage.map_coordinates(blurred, grid, order=1, mode="constant")
    return np.rint(255 * np.clip(seen / max(seen.max(), 1e-6), 0, 1)).astype(np.uint8)
