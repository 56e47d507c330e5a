"""Images side by side in one figure."""

import numpy as np
from matplotlib.figure import Figure

from handwriting.arguments import ARRAY, TEXT, takes, whole
from handwriting.errors import ArrayError
from handwriting.figures.labels import EM, fitted, text_width
from handwriting.figures.style import describe
from handwriting.text import counted, there_are

LARGE = 56  # pixels: drawings and photos, twice MNIST's size or more, are shown smaller than they are
MOST = 200  # images in a figure: each takes 0.4 MB of memory while it is drawn


def check_images(images):
    """Return images as an array of shape (n, height, width); ArrayError with a clear sentence for anything else."""
    images = np.asarray(images)
    if images.ndim == 2 and images.shape[1] == 784:
        raise ArrayError("These images are flat, 784 numbers each. Write images.reshape(-1, 28, 28).")
    if images.ndim == 2:
        images = images[None]
    if images.ndim != 3:
        raise ArrayError(f"Images must have shape (n, 28, 28); these have shape {images.shape}.")
    return images


def check_labels(labels, classes, what="Labels"):
    """Return labels or predictions as an array of whole numbers; ArrayError unless each is one of the classes."""
    labels = np.asarray(labels)
    if labels.ndim != 1:
        raise ArrayError(f"{what} must have shape (n,); these have shape {labels.shape}.")
    if labels.dtype.kind not in "iuf" or (labels != np.round(labels)).any():
        raise ArrayError(f"{what} must be whole numbers; these are {labels.dtype}.")
    if labels.size and not 0 <= labels.min() <= labels.max() < classes:
        raise ArrayError(f"{what} must be from 0 to {classes - 1}; these range from {labels.min()} to {labels.max()}.")
    return labels.astype(int)


def one_each(noun, things, other, others):
    """Raise ArrayError unless there is one other thing for each, such as a label for each image."""
    if len(things) != len(others):
        raise ArrayError(f"{there_are(len(things), noun)} and {counted(len(others), other)}. Each {noun} needs one.")


def check_predictions(probabilities, labels=None, images=None, class_names=None):
    """Return labels and probabilities as arrays; ArrayError unless there is one row of these for each image."""
    probabilities = np.asarray(probabilities, float)  # 16 bits are too few for sums
    classes = (0, 0, *probabilities.shape[1:])[-1] if class_names is None else len(class_names)
    if probabilities.ndim != 2 or probabilities.shape[1] != classes:
        shapes = f"shape (n, {classes or 'classes'}); these have shape {probabilities.shape}"
        raise ArrayError(f"Probabilities need one row per image and one number per class, {shapes}.")
    for what, values in (("image", images), ("label", labels)):
        count = len(np.atleast_1d(values))
        if values is not None and count != len(probabilities):
            rows = counted(len(probabilities), "image")
            raise ArrayError(f"{there_are(count, what)}, but probabilities for {rows}.")
    return labels if labels is None else check_labels(labels, classes), probabilities


@takes(images=ARRAY, columns=whole(1, 1000), alt=TEXT)
def show_images(images, titles=None, columns=None, alt=None):
    """Show images side by side.

    Parameters
    ----------
    images : ndarray, shape (n, height, width), or (height, width) for one
    titles : sequence, optional
        What to write above each: labels, or any text. Long ones are broken into two lines, and cut.
    columns : int, optional
        How many in a row; by default about a square for up to 16, else five, which a phone shows well.
    alt : str, optional
        Description for people who cannot see it; by default one from the titles.

    Returns
    -------
    matplotlib.figure.Figure
        If there are no images, a figure that says so. Of many, it has the first 200, and one printed line says so.

    Raises
    ------
    handwriting.errors.ArrayError
        If the images are flat, or the number of titles differs from the number of images.
    """
    images = check_images(images)
    count, height, width = images.shape
    titles = [] if titles is None else [str(title) for title in np.atleast_1d(np.asarray(titles, dtype=object))]
    if titles:
        one_each("image", images, "title", titles)
    if count > MOST:
        print(f"The first {MOST} of {count:,} images:")
        images, titles, count = images[:MOST], titles[:MOST], MOST
    if count == 0:
        return show_words(alt or "There are no images to show.")
    columns = columns or (int(np.ceil(np.sqrt(count))) if count <= 16 else 5)
    rows = -(-count // columns)
    zoom = enlargement(width, columns, rows)
    fitting = [fitted(title, width * zoom / (10 * EM), 2) for title in titles]
    lines = max([title.count("\n") + 1 for title in fitting], default=0)
    # In a wide figure, which a phone shows small, letters are larger, if there is space.
    longest = max([text_width(line) for title in fitting for line in title.split("\n")], default=0) or 1
    size = max(9, min(16, max(10, columns * width * zoom / 35), 0.93 * width * zoom / (EM * longest)))
    above, gap = int(-(-2 * size * lines // zoom)), int(-(-6 // zoom))  # in the images' pixels
    down, right = height + above + gap, width + gap
    # One large image is drawn much faster than a lot of small ones.
    sheet = np.ones((rows * down - gap, columns * right - gap))
    figure = Figure(figsize=(sheet.shape[1] * zoom / 100, sheet.shape[0] * zoom / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    for place, image in enumerate(images):
        top, left = place // columns * down + above, place % columns * right
        brightest = 255 if images.dtype == np.uint8 else image.max() or 1
        sheet[top : top + height, left : left + width] = image / brightest
        if titles:
            style = {"ha": "center", "va": "bottom", "fontsize": size, "parse_math": False}
            axes.text(left + width / 2, top - 1, fitting[place], **style)
    axes.imshow(sheet, vmin=0, vmax=1, interpolation="antialiased" if width > LARGE else "none")
    titled = f", titled {', '.join(title.replace(chr(10), ' ') for title in titles)}" if titles else ""
    return describe(figure, alt or f"{counted(count, 'image')} in {counted(rows, 'row')}{titled}")


def enlargement(width, columns, rows):
    """Return how many pixels of a figure each pixel of an image gets: whole numbers keep small images sharp."""
    fits = min(5, 30 // columns, 20 // rows)
    zoom = max(3, fits, 56 // width)  # filters, a few pixels wide, are shown as large as digits
    if width > LARGE:
        zoom *= 28 / width
    return zoom


def show_words(words):
    """Return a figure that says something where there is nothing to see."""
    figure = Figure(figsize=(6, 0.5))
    figure.add_axes((0, 0, 1, 1)).set_axis_off()
    figure.text(0, 0.5, words, va="center", parse_math=False)
    return describe(figure, words)
