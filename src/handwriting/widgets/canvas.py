"""What is on a pad, in Python: strokes or a photo as an image, and the pad as a figure."""

from base64 import b64decode
from itertools import chain, islice
from numbers import Real

import numpy as np

from handwriting.arguments import Kind, is_number
from handwriting.data.strokes import draw_strokes
from handwriting.errors import ScanError

SIDE, PEN = 140, 10  # pixels of a drawing, and of its strokes' width: the same as in canvas.js
UNITS = 1000  # the front end's coordinates along a side
MOST = 100_000  # numbers and strokes of a drawing: ten minutes of drawing, half a second to draw again
BARS = 260  # pixels of height for the bars in the figure
HOW = {
    True: "Run this cell in JupyterLab or Colab to draw.",
    False: "To draw yourself, install anywidget (%pip install anywidget), restart the kernel, and run this cell again.",
}


def are_strokes(strokes):
    """Return whether a value is what the front end sends of a drawing: lists of x, y, x, y and so on."""
    if not isinstance(strokes, list) or not all(isinstance(one, list) and len(one) % 2 == 0 for one in strokes):
        return False
    numbers = list(islice(chain.from_iterable(strokes), MOST + 1))
    return len(strokes) + len(numbers) <= MOST and all(is_number(n, Real) and abs(n) < 1e6 for n in numbers)


STROKES = Kind(f"a list of strokes, each a list of coordinates, at most {MOST:,} in all", are_strokes)


def draw(strokes):
    """Draw strokes, each [x, y, x, y, ...] from 0 to 1,000, as dark ink on white: uint8 (140, 140)."""
    lines = [np.asarray(stroke, dtype=float).reshape(-1, 2) * (SIDE / UNITS) for stroke in strokes]
    return draw_strokes(lines, SIDE, PEN, radius=PEN - 0.5, ink=0, paper=255)


def content_image(content):
    """Return the image in a message: strokes as `draw` draws them, or a photo, uint8 (height, width, 3).

    Raises ScanError if the photo cannot be opened, ParameterError if these are not strokes.
    """
    from handwriting.scan.image_file import open_image

    if "photo" in content:
        if not isinstance(content["photo"], str):
            raise ScanError("This photo cannot be opened. Save it as JPEG or PNG first.")
        return open_image(b64decode(content["photo"].partition(",")[2]))[0]
    STROKES.check("strokes", content.get("strokes"))
    return draw(content["strokes"])


def pad_figure(images, title, names, values, labels, limit, live, colors=None):
    """Return a pad as a figure: images by their titles at the left, bars at the right, how to draw below.

    `title` is above the bars, which have `names`, `values`, `labels` and `colors`; their axis ends at `limit`. `live`
    says whether widgets can be shown.
    """
    from matplotlib.figure import Figure

    from handwriting.figures.labels import name_ticks
    from handwriting.figures.style import BLUE

    figure = Figure(figsize=(8, 3.2), layout="constrained")
    *lefts, right = figure.subplots(1, len(images) + 1, width_ratios=[3] * len(images) + [5])
    for axes, (above, image) in zip(lefts, images.items(), strict=True):
        axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="bilinear" if len(image) == SIDE else "none")
        axes.set(xticks=[], yticks=[])
        axes.set_title(above, size=10)
    bars = right.barh(range(len(names)), values, color=colors or BLUE)
    name_ticks(right, "y", names, BARS)
    right.bar_label(bars, labels, fontsize=8, padding=3)
    right.invert_yaxis()
    right.set(xlim=(0, limit), xticks=[])
    right.tick_params(left=False)
    right.spines[["top", "right", "bottom"]].set_visible(False)
    right.set_title(title, size=10)
    figure.supxlabel(HOW[live], size=10)
    return figure
