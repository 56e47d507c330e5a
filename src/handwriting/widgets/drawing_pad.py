"""A pad to draw on: the network reads along while you draw. Its front end is `reader.js`."""

import sys
from base64 import b64encode

import numpy as np

from handwriting.widgets.sheet import BARS, GREY, Output, draw, drawn

__all__ = ["DrawingPad"]

SHAPES = ((784,), (28, 28), (28, 28, 1))
SEVEN = [[260, 270, 400, 240, 550, 250, 720, 230, 640, 400, 540, 580, 470, 720, 430, 830], [380, 560, 660, 540]]


class DrawingPad(Output):
    """A pad to draw on, with what the network reads.

    Show it as the last line of a cell. Its attributes follow what is drawn; while nothing is, they are None.

    Parameters
    ----------
    model : keras.Model, or any object with `input_shape` and `predict`, optional
        Takes pictures as float32 from 0 to 1, of shape (n, 784), (n, 28, 28) or (n, 28, 28, 1); returns
        probabilities of shape (n, classes). By default the trained network that comes with the workshop.
    class_names : sequence of str

    Attributes
    ----------
    drawing : ndarray, uint8, shape (height, width), or None
        What was drawn, dark ink on white; or the photo that was uploaded, in grey.
    image : ndarray, uint8, shape (28, 28), or None
        What the network sees of it: light ink on 0.
    probabilities : ndarray, float, shape (classes,), or None
    guess : int or None
        The most probable class.

    Raises
    ------
    ValueError
        If the network takes something else than these pictures, or has another number of classes.
    """

    words = (
        "A pad to draw on. Run this cell in JupyterLab or Colab to draw; it needs anywidget (pip install anywidget)."
    )
    front_name = "reader"

    def __init__(self, model=None, class_names=tuple("0123456789")):
        if model is None:
            from handwriting.models.pretrained import pretrained_network

            model = pretrained_network()
        self.model, self.class_names = model, tuple(map(str, class_names))
        shape = getattr(model, "input_shape", None)
        if not isinstance(shape, (tuple, list)) or tuple(shape[1:]) not in SHAPES:
            raise ValueError(
                f"The pad needs a network that takes 784 numbers, 28 × 28 or 28 × 28 × 1; this one takes {shape}."
            )
        self.clear()
        # Reading a sample first makes the first stroke as quick as the others.
        drawing = draw(SEVEN)
        self.sample = (drawing, *self.read(drawing))

    def state(self):
        """What the front end is told at the beginning."""
        return {"names": list(self.class_names)}

    def clear(self):
        """Forget what was drawn."""
        self.drawing = self.image = self.probabilities = self.guess = None

    def read(self, drawing):
        """What the network sees of a picture, and its probabilities."""
        from handwriting.scan import to_mnist

        image = to_mnist(drawing)
        one = (image.astype(np.float32) / 255).reshape(1, *self.model.input_shape[1:])
        keras = sys.modules.get("keras")
        if keras is not None and isinstance(self.model, keras.Model):
            found = self.model(one, training=False)  # for one picture many times faster than predict
        else:
            found = self.model.predict(one, verbose=0)
        probabilities = np.asarray(found, dtype=float)
        if probabilities.shape != (1, len(self.class_names)):
            raise ValueError(
                f"There are {len(self.class_names)} class names, "
                f"but for one picture the network gives numbers of shape {probabilities.shape}."
            )
        if not np.isfinite(probabilities).all():
            raise ValueError(
                "The network gives no numbers (NaN): it did not learn. Train a new one with a smaller learning rate."
            )
        return image, probabilities[0]

    def receive(self, front, content, buffers):
        """Answer the front end: `content` has an id, and strokes, a photo, or neither when the pad is empty."""
        from handwriting.scan import ScanError

        self.clear()
        if not ("strokes" in content or "photo" in content):
            return
        answer = {"id": content.get("id"), "image": "", "shares": [], "failed": False}
        try:
            page = drawn(content)
            self.drawing = page if page.ndim == 2 else np.rint(page @ GREY).astype(np.uint8)
            self.image, self.probabilities = self.read(page)
            self.guess = int(np.argmax(self.probabilities))
            answer["image"] = b64encode(self.image.tobytes()).decode()
            answer |= {"shares": self.probabilities.tolist(), "words": self.sentence()}
        except ScanError as error:
            answer |= {"words": str(error), "failed": True}
        except Exception as error:  # unanswered, the front end would say that the kernel is gone
            answer |= {"words": f"The network stopped with {type(error).__name__}: {error}", "failed": True}
        front.send(answer)

    def sentence(self):
        """The guess in words."""
        name, share = self.class_names[self.guess], self.probabilities[self.guess]
        thing = f"{'an' if name == '8' else 'a'} {name}" if name in tuple("0123456789") else f"“{name}”"
        percent = f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
        return f"{'This looks like' if share >= 0.5 else 'Hard to tell. It looks most like'} {thing} ({percent})."

    def figure(self, live=True):
        """The pad as a picture, with a sample on it."""
        from matplotlib.figure import Figure

        from handwriting.figures.style import BLUE, ORANGE, describe
        from handwriting.figures.text import name_ticks

        drawing, image, probabilities = self.sample
        best = int(np.argmax(probabilities))
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        left, middle, right = figure.subplots(1, 3, width_ratios=(3, 3, 5))
        left.imshow(drawing, cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
        middle.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="none")
        for axes, title in ((left, "your drawing"), (middle, "the network sees")):
            axes.set(xticks=[], yticks=[])
            axes.set_title(title, size=10)
        colours = [ORANGE if k == best else BLUE for k in range(len(probabilities))]
        bars = right.barh(range(len(probabilities)), probabilities, color=colours)
        name_ticks(right, "y", self.class_names, BARS)
        told = [f"{100 * share:.0f} %" if share >= 0.005 or len(bars) <= 12 else "" for share in probabilities]
        right.bar_label(bars, told, fontsize=8, padding=3)
        right.invert_yaxis()
        right.set(xlim=(0, 1.15), xticks=[])
        right.tick_params(left=False)
        right.spines[["top", "right", "bottom"]].set_visible(False)
        right.set_title("how probable it finds each class", size=10)
        words = "Run this cell in JupyterLab or Colab to draw."
        if not live:
            words = "To draw yourself, install anywidget (pip install anywidget), restart, and run this cell again."
        figure.supxlabel(words, size=10)
        told = f"Most probable is {self.class_names[best]}, with {100 * probabilities[best]:.0f} percent"
        text = f"A pad with a 7 drawn on it, the 28 by 28 pixels that the network sees, and its bars. {told}. {words}"
        return describe(figure, text)
