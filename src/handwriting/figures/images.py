"""Images side by side in one figure."""

import numpy as np
from matplotlib.figure import Figure

from handwriting.figures.style import describe
from handwriting.figures.text import EM, fitted

__all__ = ["check_images", "show_images", "show_words"]


def check_images(images):
    """Return pictures as an array (n, height, width); a clear sentence for anything else."""
    images = np.asarray(images)
    if images.ndim == 2 and images.shape[1] == 784:
        raise ValueError("These pictures are flat, 784 numbers each. Give them their shape: reshape(-1, 28, 28).")
    if images.ndim == 2:
        images = images[None]
    if images.ndim != 3:
        raise ValueError(f"Pictures have shape (n, 28, 28); this has shape {images.shape}.")
    return images


def show_images(images, titles=None, columns=None, alt=None):
    """Show pictures side by side.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), or (height, width) for one
    titles : sequence, optional
        What to write above each: labels, or any text. Long ones are broken in two lines, and cut.
    columns : int, optional
        How many in a row; by default about a square for up to 16, else ten.
    alt : str, optional
        Description for people who cannot see it; by default one from the titles.

    Returns
    -------
    matplotlib.figure.Figure
        Of no pictures, one that says so.

    Raises
    ------
    ValueError
        If the pictures are flat, or there are not as many titles as pictures.
    """
    images = check_images(images)
    titles = [] if titles is None else [str(title) for title in np.atleast_1d(np.asarray(titles, dtype=object))]
    if titles and len(titles) != len(images):
        raise ValueError(f"There are {len(images)} pictures but {len(titles)} titles: one each, please.")
    if len(images) == 0:
        return show_words(alt or "There are no pictures to show.")
    columns = columns or (int(np.ceil(np.sqrt(len(images)))) if len(images) <= 16 else 10)
    rows = -(-len(images) // columns)
    enlarged = max(3, min(5, 30 // columns))  # whole numbers keep the pixels sharp
    enlarged = max(enlarged, 56 // images.shape[2])  # filters, a few pixels wide, are shown as large as digits
    large = images.shape[2] > 56  # drawings and photos, twice MNIST's size or more, are shown smaller than they are
    if large:
        enlarged *= 28 / images.shape[2]
    shown = [fitted(title, images.shape[2] * enlarged / (10 * EM), 2) for title in titles]
    lines = max([title.count("\n") + 1 for title in shown], default=0)
    above, gap = int(-(-20 * lines // enlarged)), int(-(-6 // enlarged))  # in the pictures' pixels
    down, right = images.shape[1] + above + gap, images.shape[2] + gap
    # One large picture is drawn many times faster than many small ones.
    sheet = np.ones((rows * down - gap, columns * right - gap))
    figure = Figure(figsize=(sheet.shape[1] * enlarged / 100, sheet.shape[0] * enlarged / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for place, image in enumerate(images):
        top, left = place // columns * down + above, place % columns * right
        brightest = 255 if images.dtype == np.uint8 else image.max() or 1
        sheet[top : top + images.shape[1], left : left + images.shape[2]] = image / brightest
        if titles:
            middle = left + images.shape[2] / 2
            axes.text(middle, top - 1, shown[place], ha="center", va="bottom", fontsize=10, parse_math=False)
    axes.imshow(sheet, vmin=0, vmax=1, interpolation="antialiased" if large else "none")
    told = f", titled {', '.join(title.replace(chr(10), ' ') for title in titles)}" if titles else ""
    return describe(figure, alt or f"{len(images)} pictures in {rows} rows{told}")


def show_words(words):
    """A figure that says something where there is nothing to see."""
    figure = Figure(figsize=(6, 0.5))
    figure.add_axes((0, 0, 1, 1)).set_axis_off()
    figure.text(0, 0.5, words, va="center", parse_math=False)
    return describe(figure, words)
