"""What the pads have in common: from strokes or a photo to a picture, and an output that lives where it can.

In front ends that know anywidget (JupyterLab, Notebook, VS Code, Colab) an output of these is live. Everywhere else,
and in stored notebooks, the same output is a picture.
"""

from base64 import b64decode, b64encode
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np

from handwriting.data.strokes import draw_strokes

__all__ = ["Output", "draw", "drawn"]

HERE = Path(__file__).parent
SIDE, PEN = 140, 10  # pixels of a drawing, and of its strokes' width: the same as in sheet.js
UNITS = 1000  # what the front end counts along a side
BARS = 260  # pixels of height that a stored picture has for its bars
GREY = np.array([0.299, 0.587, 0.114])  # how bright red, green and blue look (ITU-R BT.601)


class Output:
    """Something to show as the last line of a cell: live where there are widgets, else a picture.

    Who inherits gives `words` (its text, always the same), `front_name` (of its script), `state()` (what the front
    end is told at the beginning), `receive(front, content, buffers)` and `figure(live)`.
    """

    def __repr__(self):
        return self.words

    def _repr_mimebundle_(self, include=None, exclude=None):
        view, about = self.live()
        figure = self.figure(bool(view))
        target = BytesIO()
        figure.savefig(target, format="png")
        data = {**view, "text/plain": self.words, "image/png": b64encode(target.getvalue()).decode()}
        return data, {**about, "image/png": {"alt": figure.description}}

    def live(self):
        """The output's part for live front ends, and its metadata; both empty where there are no widgets."""
        try:
            if not hasattr(self, "front"):
                self.front = front_end(self.front_name)(**self.state())
                self.front.on_msg(self.receive)
        except ImportError:
            return {}, {}
        # anywidget's own, because it turns Colab's manager for foreign widgets on.
        return self.front._repr_mimebundle_()


@cache
def front_end(name):
    """A widget's class, by its script; made late, because anywidget may be missing and takes its time."""
    import anywidget
    import traitlets

    class Front(anywidget.AnyWidget):
        # One file for the browser, from parts that other pages have, too.
        _esm = "\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in ("sheet", "widget", name))
        _css = (HERE / "widget.css").read_text(encoding="utf-8")
        names = traitlets.List(traitlets.Unicode()).tag(sync=True)
        counts = traitlets.List(traitlets.Int()).tag(sync=True)
        times = traitlets.Int().tag(sync=True)

    return Front


def drawn(content):
    """The picture in a message: strokes as `draw` draws them, or a photo, uint8 (height, width, 3).

    Raises
    ------
    ScanError
        If the photo cannot be opened.
    """
    from handwriting.scan.image_file import open_image

    if "photo" in content:
        return open_image(b64decode(content["photo"].partition(",")[2]))[0]
    return draw(content["strokes"])


def draw(strokes):
    """Draw strokes, each [x, y, x, y, ...] from 0 to 1,000, as dark ink on white: uint8 (140, 140)."""
    lines = [np.asarray(stroke, dtype=float).reshape(-1, 2) * (SIDE / UNITS) for stroke in strokes]
    return 255 - draw_strokes(lines, SIDE, PEN, joint=(PEN - 0.5) / 2)
