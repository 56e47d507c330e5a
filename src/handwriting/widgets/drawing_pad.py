"""A pad to draw on, with a prediction that follows each stroke. Its front end is `drawing_pad.js`."""

from base64 import b64encode

import numpy as np

from handwriting.arguments import having, takes
from handwriting.models.check import check_outputs, input_shape_of
from handwriting.models.hidden_layer import NetworkInside, grey_levels
from handwriting.models.not_a_digit import DIGITS, look_like_digits
from handwriting.text import clean, counted
from handwriting.widgets.canvas import HOW, content_image, draw, pad_figure
from handwriting.widgets.output import PadOutput

SEVEN = [[260, 270, 400, 240, 550, 250, 720, 230, 640, 400, 540, 580, 470, 720, 430, 830], [380, 560, 660, 540]]


class DrawingPad(PadOutput):
    """A pad to draw on, with the network's prediction.

    Show it as the last line of a cell. Its attributes follow what is drawn; while nothing is, they are None.

    Parameters
    ----------
    model : keras.Model, or any object with `input_shape` and `predict`, optional
        Reads images as float32 from 0 to 1, of shape (n, 784), (n, 28, 28) or (n, 28, 28, 1); returns
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
    NetworkError
        If the network does not read images, or has another number of classes. It is a ValueError, too.
    """

    words = "A pad to draw on."
    front_name = "drawing_pad"

    @takes(class_names=having("a list of names, one for each class", "__iter__"))
    def __init__(self, model=None, class_names=DIGITS):
        if model is None:
            from handwriting.models.pretrained import pretrained_network

            model = pretrained_network()
        input_shape_of(model)
        self.model, self.class_names = model, tuple(clean(str(name), None) for name in class_names)
        self.inside = NetworkInside(model)
        self.clear()
        from handwriting.scan.drawings import sample_letter

        # Shown when stored; makes the first stroke as quick as the others.
        self.shown, drawing = ("a 7", draw(SEVEN)) if "7" in self.class_names else ("the letter A", sample_letter())
        self.sample = (drawing, *self.read(drawing)[:2])

    def state(self):
        """Return the front end's values."""
        return {"names": list(self.class_names), "units": self.inside.units, "unit": self.inside.unit}

    def clear(self):
        """Forget what was drawn."""
        self.drawing = self.image = self.probabilities = self.guess = None

    def read(self, drawing):
        """Return what the network sees of a drawing or photo, its probabilities, hidden layer, and if it is a digit."""
        from handwriting.scan import to_mnist

        image = to_mnist(drawing)
        probabilities, hidden, is_digit = self.classify(image[None])
        return image, probabilities[0], hidden, bool(is_digit[0])

    def classify(self, images):
        """Return the probabilities (n, classes) of images (n, 28, 28), the hidden layer, and which look like digits."""
        outputs, hidden, logits = self.inside.read(images)
        check_outputs(outputs, len(images), len(self.class_names))
        return outputs.astype(float), hidden, look_like_digits(images, self.class_names, logits)

    def answer(self, content):
        """Answer the front end: `content` has strokes, a photo, or neither when the pad is empty."""
        from PIL import Image

        self.clear()
        if not ("strokes" in content or "photo" in content):
            return None
        page = content_image(content)
        self.drawing = np.asarray(Image.fromarray(page).convert("L"))
        self.image, self.probabilities, hidden, is_digit = self.read(page)
        self.guess = int(np.argmax(self.probabilities))
        answer = {"image": text_of(self.image), "shares": self.probabilities.tolist(), "isDigit": is_digit}
        if self.inside.units:
            answer["hidden"] = text_of(grey_levels(hidden))
        words = self.words_for_page(page) if "photo" in content else None
        return answer | ({"words": words} if words else {})

    def words_for_page(self, page):
        """Return what is on a photo of several digits, in words; None for one digit."""
        from handwriting.scan import find_digits

        digits = find_digits(page)
        if len(digits) < 2:
            return None
        probabilities, _, is_digit = self.classify(np.stack([digit.image for digit in digits]))
        names = [self.class_names[best] for best in probabilities.argmax(axis=1)]
        found = counted(len(digits), "digit" if self.class_names == DIGITS else "drawing")
        unlike = counted((~is_digit).sum(), "of them does not look like a digit", "of them do not look like digits")
        return (
            f"{found} found: {' '.join(names)}. {'' if is_digit.all() else f'{unlike}. '}"
            f"The bars are for the largest: {self.class_names[self.guess]}."
        )

    def figure(self, live=True):
        """Return the pad as a figure, with a sample on it."""
        from handwriting.figures.style import BLUE, ORANGE, describe

        drawing, image, shares = self.sample
        best = int(np.argmax(shares))
        colors = [ORANGE if k == best else BLUE for k in range(len(shares))]
        labels = [f"{100 * share:.0f} %" if share >= 0.005 or len(shares) <= 12 else "" for share in shares]
        images = {"your drawing": drawing, "the network sees": image}
        title = "probability of each class"
        figure = pad_figure(images, title, self.class_names, shares, labels, 1.15, live, colors)
        return describe(
            figure,
            f"A pad with {self.shown} drawn on it, the 28 by 28 pixels that the network sees, and its bars. Most "
            f"probable is {self.class_names[best]}, with {100 * shares[best]:.0f} percent. {HOW[live]}",
        )


def text_of(levels):
    """Return bytes as base64."""
    return b64encode(levels.tobytes()).decode()
