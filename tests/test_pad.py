"""The pad without a browser: what it shows when stored, and what it answers."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from io import BytesIO

import numpy as np
import pytest
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from handwriting.pad import DrawingPad
from handwriting.widgets import sheet
from handwriting.widgets.drawing_pad import SEVEN
from handwriting.widgets.playground import WIDGET_VIEW
from workshop.notebook_file import without_widgets


class Strips:
    """A network that reads how much ink lies in each of ten strips, from top to bottom."""

    def __init__(self, shape=(28, 28, 1)):
        self.input_shape = (None, *shape)
        self.asked = []

    def predict(self, pictures, verbose="auto"):
        assert verbose == 0, "a progress bar would be shown for every stroke"
        self.asked.append(pictures)
        strips = np.array_split(pictures.reshape(-1, 28, 28), 10, axis=1)
        ink = np.stack([strip.sum(axis=(1, 2)) for strip in strips], axis=1)
        return ink / ink.sum(axis=1, keepdims=True)


class Line:
    """The line to the front end: keeps what is sent."""

    def __init__(self):
        self.sent = []

    def send(self, content):
        self.sent.append(json.loads(json.dumps(content, allow_nan=False)))


@pytest.fixture
def pad():
    return DrawingPad(Strips())


def ask(pad, **content):
    """What the pad answers to a message of the front end; None for nothing."""
    line = Line()
    pad.receive(line, content, [])
    return line.sent[-1] if line.sent else None


def photo(image, kind="PNG"):
    """A Pillow image as the front end sends it."""
    target = BytesIO()
    image.save(target, kind)
    return f"data:image/{kind.lower()};base64,{b64encode(target.getvalue()).decode()}"


def test_stored_it_is_a_described_picture_with_words_that_never_change(pad):
    data, about = pad._repr_mimebundle_()
    assert data["text/plain"] == repr(pad) == pad.words and "pip install anywidget" in pad.words
    assert data["text/plain"] == DrawingPad(Strips((784,)))._repr_mimebundle_()[0]["text/plain"]
    assert b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "a 7 drawn" in about["image/png"]["alt"] and "Most probable is" in about["image/png"]["alt"]
    assert "Run this cell in JupyterLab or Colab to draw." in about["image/png"]["alt"]
    assert set(data) - {WIDGET_VIEW} == {"text/plain", "image/png"}, "nbval would compare anything else"
    assert pad.guess is None, "the sample on the picture is not a drawing"


def test_the_live_part_does_not_reach_files(pad):
    pytest.importorskip("anywidget")
    data, about = pad._repr_mimebundle_()
    assert data[WIDGET_VIEW]["model_id"] == pad._repr_mimebundle_()[0][WIDGET_VIEW]["model_id"]
    output = {"output_type": "execute_result", "data": data, "metadata": about, "execution_count": 1}
    notebook = new_notebook(cells=[new_code_cell("pad", outputs=[from_dict(output)])])
    kept = without_widgets(notebook).cells[0].outputs[0]
    assert set(kept.data) == {"text/plain", "image/png"}


def test_colab_is_asked_for_its_manager_of_foreign_widgets(pad, monkeypatch):
    anywidget = pytest.importorskip("anywidget")
    about = {WIDGET_VIEW: {"colab": {"custom_widget_manager": {"url": "https://example.org"}}}}
    monkeypatch.setattr(
        anywidget.AnyWidget, "_repr_mimebundle_", lambda self, **_: ({WIDGET_VIEW: {"model_id": "7"}}, about)
    )
    data, metadata = pad._repr_mimebundle_()
    assert data[WIDGET_VIEW] == {"model_id": "7"} and metadata[WIDGET_VIEW] == about[WIDGET_VIEW]
    assert data["text/plain"] == DrawingPad.words and "alt" in metadata["image/png"]


def test_without_anywidget_the_picture_says_what_to_install(pad, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    sheet.front_end.cache_clear()
    data, about = pad._repr_mimebundle_()
    sheet.front_end.cache_clear()
    assert set(data) == {"text/plain", "image/png"} and data["text/plain"] == DrawingPad.words
    assert "pip install anywidget" in about["image/png"]["alt"]


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_the_network_gets_the_shape_that_it_takes(shape):
    network = Strips(shape)
    pad = DrawingPad(network)
    ask(pad, id="1", strokes=SEVEN)
    got = network.asked[-1]
    assert got.shape == (1, *shape) and got.dtype == np.float32
    np.testing.assert_allclose(got.reshape(28, 28), pad.image / 255, atol=1e-6)


def test_by_default_the_workshops_own_network_reads(monkeypatch):
    from handwriting.models import pretrained

    network = Strips()
    monkeypatch.setattr(pretrained, "pretrained_network", lambda: network)
    assert DrawingPad().model is network


@pytest.mark.parametrize("shape", [(100,), (28, 28, 3), (32, 32)])
def test_another_shape_is_refused_at_once(shape):
    with pytest.raises(ValueError, match=r"takes 784 numbers, 28 × 28 or 28 × 28 × 1; this one takes"):
        DrawingPad(Strips(shape))


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="this one takes None"):
        DrawingPad("network")


def test_another_number_of_classes_is_refused():
    with pytest.raises(ValueError, match=r"2 class names.*shape \(1, 10\)"):
        DrawingPad(Strips(), class_names=("yes", "no"))


def test_a_network_that_gives_no_numbers_is_refused():
    network = Strips()
    network.predict = lambda pictures, verbose: np.full((1, 10), np.nan)
    with pytest.raises(ValueError, match="did not learn"):
        DrawingPad(network)


def test_a_drawing_reaches_the_attributes_and_the_front_end(pad):
    assert pad.drawing is pad.image is pad.probabilities is pad.guess is None
    answer = ask(pad, id="a/1", strokes=SEVEN)
    assert pad.drawing.shape == (140, 140) and pad.drawing.dtype == np.uint8 and pad.drawing[0, 0] == 255
    assert pad.drawing[36, 36] < 128, "dark ink"
    assert pad.image.shape == (28, 28) and pad.image.dtype == np.uint8 and pad.image[0, 0] == 0
    assert pad.guess == int(np.argmax(pad.probabilities)) and pad.probabilities.sum() == pytest.approx(1)
    assert answer["id"] == "a/1" and not answer["failed"]
    assert answer["shares"] == pytest.approx(pad.probabilities)
    assert b64decode(answer["image"]) == pad.image.tobytes()
    assert f" {pad.guess} (" in answer["words"]


def test_an_emptied_pad_forgets_and_says_nothing(pad):
    ask(pad, id="1", strokes=SEVEN)
    assert ask(pad, id="2") is None
    assert pad.drawing is pad.image is pad.probabilities is pad.guess is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_is_read_like_a_drawing(pad, kind):
    page = Image.fromarray(sheet.draw(SEVEN)).resize((420, 420)).convert("RGB")
    answer = ask(pad, id="1", photo=photo(page, kind))
    assert not answer["failed"] and pad.drawing.shape == (420, 420)
    seen = pad.image.astype(int)
    ask(pad, id="2", strokes=SEVEN)
    assert np.abs(seen - pad.image).mean() < 8


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ("data:,", "empty (0 bytes)"),
        ("data:text/plain;base64,aGVsbG8gd29ybGQ=", "not a picture"),
        (photo(Image.new("L", (60, 60), 200)), "nothing to read"),
    ],
    ids=["empty", "text", "grey"],
)
def test_what_cannot_be_read_is_told_in_words(pad, sent, words):
    ask(pad, id="1", strokes=SEVEN)
    answer = ask(pad, id="2", photo=sent)
    assert answer["failed"] and words in answer["words"] and answer["shares"] == [] and answer["id"] == "2"
    assert pad.image is pad.probabilities is pad.guess is None


def test_a_network_that_breaks_is_told_too(pad):
    def broken(pictures, verbose):
        raise RuntimeError("out of order")

    pad.model.predict = broken
    answer = ask(pad, id="1", strokes=SEVEN)
    assert answer["failed"] and answer["words"] == "The network stopped with RuntimeError: out of order"


def test_doubt_is_told_and_names_are_used(pad):
    pad.probabilities, pad.guess = np.eye(10)[8] * 0.98, 8
    assert pad.sentence() == "This looks like an 8 (98\N{NO-BREAK SPACE}%)."
    pad.probabilities = pad.probabilities / 2.8
    assert pad.sentence() == "Hard to tell. It looks most like an 8 (35\N{NO-BREAK SPACE}%)."
    pad.class_names, pad.probabilities = ("Ankle boot",) * 10, np.eye(10)[8]
    assert pad.sentence() == "This looks like “Ankle boot” (100\N{NO-BREAK SPACE}%)."


def test_messages_arrive_through_the_widget(pad):
    pytest.importorskip("anywidget")
    pad.live()
    assert pad.front.names == list("0123456789")
    pad.front._handle_custom_msg({"id": "1", "strokes": SEVEN}, [])
    assert pad.guess is not None


def test_a_tap_and_odd_strokes_do_no_harm(pad):
    for strokes in ([[500, 500]], [[0, 0, 1000, 1000]], [[-400, 2000, 500, 500]], [[]], [[500]]):
        assert ask(pad, id="1", strokes=strokes)["id"] == "1"


def test_it_starts_without_tensorflow_and_importing_it_is_cheap():
    code = (
        "import sys, handwriting.pad as module, numpy\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib', 'scipy', 'PIL', 'anywidget', 'ipywidgets'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "network = type('N', (), {'input_shape': (None, 784), "
        "'predict': lambda self, x, verbose: numpy.full((1, 10), 0.1)})()\n"
        "pad = module.DrawingPad(network)\npad._repr_mimebundle_()\n"
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]


def test_keras_is_asked_the_quick_way():
    from handwriting.build import dense_network

    model = dense_network(8, 0.0, 0.001, 0)
    expected = DrawingPad(model).sample[2]
    model.predict = None
    pad = DrawingPad(model)
    assert ask(pad, id="1", strokes=SEVEN)["failed"] is False
    np.testing.assert_allclose(pad.probabilities, expected, atol=1e-5)
