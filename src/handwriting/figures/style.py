"""The look of the figures: colours, style, and a description for people who cannot see them."""

import logging
import os
import sys
import warnings

from handwriting.figures.labels import MISSING, with_fallbacks
from handwriting.text import clean

#: Colours that colour-blind people can tell apart (M. Okabe and K. Ito, "Color Universal Design", 2008).
BLUE, ORANGE, GREEN, VERMILION, SKY, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#767676"

INLINE = "module://matplotlib_inline.backend_inline"  # draws figures below the cells of notebooks
STYLE = {
    "axes.edgecolor": "#444444",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "figure.dpi": 100,
    "figure.edgecolor": "white",
    "figure.facecolor": "white",
    "figure.max_open_warning": 0,  # `rcdefaults` leaves it as it is
    "font.size": 10,
    "image.cmap": "gray",
    "image.interpolation": "none",
    "savefig.facecolor": "white",
}


def use_style():
    """Give figures the workshop's style, whatever a person's own settings of Matplotlib say.

    In a notebook they are shown as PNG below their cell, with a description for screen readers.
    """
    shell = notebook()
    live = hasattr(shell, "kernel")
    if live:
        os.environ["MPLBACKEND"] = INLINE  # Matplotlib fails at a name in it that it does not know
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel("ERROR")  # while it reads the person's settings, which do not matter here
    try:
        import matplotlib
        from matplotlib import pyplot
        from matplotlib.figure import Figure

        if live:
            pyplot.switch_backend(INLINE)
        matplotlib.rcdefaults()
    finally:
        log.setLevel(level)
    matplotlib.rcParams.update(STYLE | {"font.family": with_fallbacks(matplotlib.rcParams["font.family"])})
    warnings.filterwarnings("ignore", MISSING, UserWarning)  # a notebook stores what is written to stderr
    if live:
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        set_matplotlib_formats("png")
    if shell:
        shell.display_formatter.formatters["image/png"].for_type(Figure, described_png)


def notebook():
    """Return the IPython shell that this Python runs in, such as a notebook's; None if there is none."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def described_png(figure):
    """Return the figure as PNG bytes, with the metadata that notebooks and HTML pages use as alt text."""
    from IPython.core.pylabtools import print_figure

    # The workshop's own figures have their layout; cutting off margins would draw them once more.
    margins = None if hasattr(figure, "description") else "tight"
    png = print_figure(figure, fmt="png", bbox_inches=margins)
    return png and (png, {"alt": description(figure)})  # an empty figure has no image


def describe(figure, text):
    """Attach a description to a figure, for people who cannot see it, and return the figure."""
    figure.description = clean(text, None)
    return figure


def description(figure):
    """Return the figure's description; if it has none, one from its titles and labels."""
    axes = figure.get_axes()
    titles = [part.get_title().replace("\n", " ") for part in axes if part.get_title()]
    labels = [f"{part.get_ylabel()} by {part.get_xlabel()}" for part in axes if part.get_xlabel()]
    if titles:
        text = f"{len(axes)} images, titled {', '.join(titles)}" if len(axes) > 1 else f"Image: {titles[0]}"
    else:
        text = f"Chart: {'; '.join(labels)}" if labels else f"Figure with {len(axes)} parts without titles"
    return getattr(figure, "description", None) or clean(text, None)
