"""Stage 2, visualize: look at pictures before anything is computed with them.

Every figure is returned, not shown, and carries a description for people who cannot see it.
"""

import warnings
from base64 import b64encode
from html import escape, unescape

import numpy as np
from matplotlib.figure import Figure

from handwriting.figures.text import EM, MISSING, fitted, height_for, label_bars, name_ticks, with_fallbacks
from handwriting.session import notebooks_folder

__all__ = [
    "average_images",
    "describe",
    "show_averages",
    "show_counts",
    "show_diagram",
    "show_images",
    "show_pixels",
    "use_style",
]

#: Colours that colour-blind people can tell apart (M. Okabe and K. Ito, "Color Universal Design", 2008).
BLUE, ORANGE, GREEN, VERMILION, SKY, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#767676"

STYLE = {
    "axes.edgecolor": "#444444",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.dpi": 100,
    "figure.edgecolor": "white",
    "figure.facecolor": "white",
    "font.size": 10,
    "image.cmap": "gray",
    "image.interpolation": "none",
    "savefig.facecolor": "white",
}


def use_style():
    """Give plots the workshop's look; in a notebook, also a description for screen readers."""
    import matplotlib
    from matplotlib import pyplot

    try:
        from IPython import get_ipython
    except ModuleNotFoundError:
        get_ipython = lambda: None  # noqa: E731
    pyplot.switch_backend(matplotlib.get_backend())  # the notebook's own settings first
    matplotlib.rcParams.update(STYLE | {"font.family": with_fallbacks(matplotlib.rcParams["font.family"])})
    warnings.filterwarnings("ignore", MISSING, UserWarning)  # a notebook stores what is written to stderr
    shell = get_ipython()
    if shell is not None:
        shell.display_formatter.formatters["image/png"].for_type(Figure, described_png)


def described_png(figure):
    """The figure as PNG bytes, with the metadata that notebooks and HTML pages use as alt text."""
    from IPython.core.pylabtools import print_figure

    # Ours are laid out already; cutting off margins would draw them once more.
    margins = None if hasattr(figure, "description") else "tight"
    png = print_figure(figure, fmt="png", bbox_inches=margins)
    return png and (png, {"alt": description(figure)})  # an empty figure has no picture


def describe(figure, text):
    """Attach a description to a figure, for people who cannot see it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    text : str

    Returns
    -------
    matplotlib.figure.Figure
        The same figure.
    """
    figure.description = text
    return figure


def description(figure):
    """The figure's description; for figures made by hand, one from its titles and labels."""
    if getattr(figure, "description", None):
        return figure.description
    axes = figure.get_axes()
    titles = [one.get_title().replace("\n", " ") for one in axes if one.get_title()]
    if titles:
        return f"{len(axes)} pictures, titled {', '.join(titles)}" if len(axes) > 1 else f"Picture: {titles[0]}"
    labels = [f"{one.get_ylabel()} by {one.get_xlabel()}" for one in axes if one.get_xlabel()]
    return f"Chart: {'; '.join(labels)}" if labels else f"Figure with {len(axes)} parts without titles"


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


def show_pixels(image, top=6, left=8, size=10, alt=None):
    """Show one picture, and a part of it as the numbers that it is made of.

    Parameters
    ----------
    image : ndarray, uint8, shape (height, width)
    top, left, size : int
        Which part to show as numbers, in pixels.
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    image = check_images(image)[0]
    part = image[top : top + size, left : left + size]
    figure = Figure(figsize=(8, 4.1))
    whole, crop = figure.subplots(1, 2, gridspec_kw={"left": 0.07, "right": 0.99, "bottom": 0.1, "top": 0.94})
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
            crop.annotate(str(value), place, color=colour, ha="center", va="center", fontsize=8)
    for axes in (whole, crop):
        axes.set(xlabel="column", ylabel="row")
    text = (
        f"A picture, and {part.shape[0]} by {part.shape[1]} of its pixels as numbers from {part.min()} to {part.max()}"
    )
    return describe(figure, alt or text)


def average_images(images, labels, classes=10):
    """Average all pictures of each class, pixel by pixel.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    classes : int

    Returns
    -------
    ndarray, float64, shape (classes, height, width)
        Zeros for a class without pictures.
    """
    images, labels = check_images(images), np.asarray(labels)
    averages = np.zeros((classes, *images.shape[1:]))
    for one in range(classes):
        if (labels == one).any():
            averages[one] = images[labels == one].mean(axis=0)
    return averages


def show_averages(images, labels, class_names=tuple("0123456789"), alt=None):
    """Show the average picture of each class.

    Parameters
    ----------
    images : ndarray, shape (n, height, width)
    labels : ndarray of int, shape (n,)
    class_names : sequence of str
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    averages = average_images(images, labels, len(class_names))
    columns = min(5 if len(averages) <= 30 else 10, len(averages))
    count = "Ten" if len(averages) == 10 else len(averages)
    text = f"{count} blurred pictures: the average of all pictures of each class, {', '.join(class_names)}"
    return show_images(averages, class_names, columns=columns, alt=alt or text)


def show_counts(labels, class_names=tuple("0123456789"), alt=None):
    """Show how many pictures there are of each class, as bars.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
    class_names : sequence of str
    alt : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    counts = np.bincount(labels, minlength=len(class_names))
    width = min(max(7, len(class_names) / 5), 12)
    figure = Figure(figsize=(width, height_for(class_names)), layout="constrained")
    axes = figure.subplots()
    bars = axes.bar(range(len(class_names)), counts, color=BLUE)
    label_bars(axes, bars, [f"{count:,}" for count in counts], 100 * width - 80)
    axes.set(xlabel="class", ylabel="pictures")
    name_ticks(axes, "x", class_names, 100 * width - 80)
    told = ", ".join(f"{name}: {count}" for name, count in zip(class_names, counts, strict=True))
    return describe(figure, alt or f"Bar chart of how many pictures each class has. {told}")


class Diagram:
    """A drawing (SVG) or a picture of a screen (PNG) with a description in it, to be shown in notebooks."""

    def __init__(self, path):
        content = path.read_bytes()
        if path.suffix == ".svg":
            self.kind = "svg+xml"
            self.text = unescape(content.decode().partition("<desc>")[2].partition("</desc>")[0])
        else:
            from PIL import Image

            self.kind = "png"
            with Image.open(path) as picture:
                self.text = picture.text["Description"]
        self.encoded = b64encode(content).decode()

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        # Not as image/svg+xml: JupyterLab hides that until the cell is run, and exports give it no description.
        source = f"data:image/{self.kind};base64,{self.encoded}"
        return f'<img alt="{escape(self.text)}" style="max-width: 100%" src="{source}">'


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
        raise ValueError(f'There is no drawing "{name}". Valid: {", ".join(known)}.')
    return Diagram(known[name])
