"""Scan handwriting: turn a photo or a drawing into a 28 × 28 image like those that the network was trained on.

A network can only read what looks like its training images. MNIST's makers treated every digit alike
(Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition", 1998):
black-and-white digits were scaled into 20 × 20 pixels with their proportions kept, which left grey edges, and
were placed in 28 × 28 pixels with their centre of mass in the middle. `to_mnist` does the same to a
picture, after it has found the ink in it.
"""

import numpy as np

from handwriting.errors import ScanError
from handwriting.scan.ink import find_ink
from handwriting.scan.normalize import THICKEST, THINNEST, cut_out, depth_of, fit, thicken, width_of
from handwriting.scan.page import Digit, find_digits, read_page, show_page

__all__ = ["Digit", "ScanError", "find_digits", "read_page", "show_page", "show_steps", "steps", "to_mnist"]


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


def show_steps(image):
    """Show the steps of `steps` side by side: the last is what the network sees.

    Parameters
    ----------
    image : as for `to_mnist`

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
    return describe(figure, f"Six images, from a drawing to what the network sees: {captions}")
