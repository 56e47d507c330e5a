"""Stage 2, visualize: look at images before anything is computed with them.

Every figure is returned, not shown, and carries a description for people who cannot see it.
"""

from base64 import b64encode
from html import escape, unescape

import numpy as np
from matplotlib.figure import Figure

from handwriting.arguments import ARRAY, CLASSES, NAMES, TEXT, Kind, number, takes, whole
from handwriting.errors import ArrayError, ParameterError
from handwriting.figures.images import check_images, check_labels, one_each, show_images
from handwriting.figures.labels import height_for, label_bars, name_ticks
from handwriting.figures.style import BLUE, ORANGE, describe
from handwriting.paths import notebooks_folder
from handwriting.text import counted

__all__ = [
    "accuracy_table",
    "average_images",
    "show_averages",
    "show_counts",
    "show_diagram",
    "show_images",
    "show_pixels",
]

#: Accuracies by name, as `accuracy_table` shows them.
SHARES = Kind(
    "a dictionary of accuracies, each from 0 to 1",
    lambda shares: all(number(0, 1).fits(share) for share in shares.values()),
)


@takes(image=ARRAY, top=whole(0), left=whole(0), size=whole(1, 40))
def show_pixels(image, top=6, left=8, size=10):
    """Show one image, and a part of it as the numbers that it is made of.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)
    top, left, size : int
        Which part to show as numbers, in pixels.

    Returns
    -------
    matplotlib.figure.Figure
    """
    image = check_images(image)[0]
    part = image[top : top + size, left : left + size]
    if not part.size:
        raise ArrayError(f"An image of shape {image.shape} has no pixel in row {top} and column {left}.")
    figure = Figure(figsize=(8, 5.1), layout="constrained")
    whole, crop = figure.subplots(1, 2, width_ratios=(1, 1.7))
    whole.imshow(image, vmin=0, vmax=255)
    box = np.array([left, top, left + part.shape[1], top + part.shape[0]]) - 0.5
    whole.plot(box[[0, 2, 2, 0, 0]], box[[1, 1, 3, 3, 1]], color=ORANGE, linewidth=2)
    whole.set_title(f"All {image.shape[0]} × {image.shape[1]} pixels")
    crop.imshow(part, vmin=0, vmax=255, extent=(box[0], box[2], box[3], box[1]))
    crop.set_title("The part in the frame, as numbers")
    for row, values in enumerate(part):
        for column, value in enumerate(values):
            colour = "black" if value > 127 else "white"
            place = (left + column, top + row)
            crop.annotate(str(value), place, color=colour, ha="center", va="center", fontsize=14 if size <= 10 else 8)
    for axes in (whole, crop):
        axes.set(xlabel="column", ylabel="row")
    shape = f"{part.shape[0]} by {part.shape[1]}"
    text = f"An image, and {shape} of its pixels as numbers from {part.min()} to {part.max()}"
    return describe(figure, text)


@takes(images=ARRAY, classes=CLASSES)
def average_images(images, labels, classes=10):
    """Average all images of each class, pixel by pixel.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    classes : int

    Returns
    -------
    ndarray, float64, shape (classes, height, width)
        Zeros for a class without images.
    """
    images, labels = check_images(images), check_labels(labels, classes)
    one_each("image", images, "label", labels)
    averages = np.zeros((classes, *images.shape[1:]))
    for label in range(classes):
        if (labels == label).any():
            averages[label] = images[labels == label].mean(axis=0)
    return averages


@takes(accuracies=SHARES, images=whole(1))
def accuracy_table(accuracies, images):
    """Return a table, as text: what several methods get right, and how many of the images each gets wrong.

    Parameters
    ----------
    accuracies : dict of str to float
        From 0 to 1, by the method's name.
    images : int
        How many images they were measured on.
    """
    rows = [
        f"{name:16} {np.round(share, 2):.2f}, wrong: {round((1 - share) * images):,}"
        for name, share in accuracies.items()
    ]
    return "\n".join([f"accuracy on {images:,} images:", *rows])


@takes(images=ARRAY, class_names=NAMES)
def show_averages(images, labels, class_names=tuple("0123456789")):
    """Show the average image of each class.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    class_names : sequence of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    averages = average_images(images, labels, len(class_names))
    columns = min(5 if len(averages) <= 30 else 10, len(averages))
    count = "Ten blurred images" if len(averages) == 10 else counted(len(averages), "blurred image")
    text = f"{count}: the average of all images of each class, {', '.join(class_names)}"
    return show_images(averages, class_names, columns=columns, alt=text)


@takes(class_names=NAMES)
def show_counts(labels, class_names=tuple("0123456789")):
    """Show how many images there are of each class, as bars.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
    class_names : sequence of str

    Returns
    -------
    matplotlib.figure.Figure
    """
    counts = np.bincount(check_labels(labels, len(class_names)), minlength=len(class_names))
    width = min(max(7, len(class_names) / 5), 12)
    figure = Figure(figsize=(width, height_for(class_names)), layout="constrained")
    axes = figure.subplots()
    bars = axes.bar(range(len(class_names)), counts, color=BLUE)
    label_bars(axes, bars, [f"{count:,}" for count in counts], 100 * width - 80)
    axes.set(xlabel="class", ylabel="images")
    name_ticks(axes, "x", class_names, 100 * width - 80)
    text = ", ".join(f"{name}: {count}" for name, count in zip(class_names, counts, strict=True))
    return describe(figure, f"Bar chart of how many images each class has. {text}")


class Diagram:
    """A drawing (SVG) or a screenshot (PNG) with a description in it, to be shown in notebooks."""

    def __init__(self, path):
        content = path.read_bytes()
        if path.suffix == ".svg":
            self.kind = "svg+xml"
            self.text = unescape(content.decode().partition("<desc>")[2].partition("</desc>")[0])
        else:
            from PIL import Image

            self.kind = "png"
            with Image.open(path) as image:
                self.text = image.text["Description"]
        self.encoded = b64encode(content).decode()

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        # Not as image/svg+xml: JupyterLab hides that until the cell is run, and exports give it no description.
        source = f"data:image/{self.kind};base64,{self.encoded}"
        return f'<img alt="{escape(self.text)}" style="max-width: 100%" src="{source}">'


@takes(name=TEXT)
def show_diagram(name):
    """Show one of the workshop's drawings.

    Parameters
    ----------
    name : str
        "stages", "flatten", "network" or "page".

    Returns
    -------
    Diagram
    """
    folder = notebooks_folder() / "images"
    known = {path.stem: path for path in sorted(folder.glob("*.*"))}
    if name not in known:
        raise ParameterError(f'There is no drawing "{name}". Valid: {", ".join(known)}.')
    return Diagram(known[name])
