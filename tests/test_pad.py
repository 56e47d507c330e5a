"""The pads without a browser: what both show when stored, and what DrawingPad answers."""

import json
import re
import sys
from base64 import b64decode, b64encode
from io import BytesIO
from types import SimpleNamespace

import numpy as np
import pytest
import serve_helpers
from nbformat import from_dict
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from handwriting.errors import NetworkError
from handwriting.models.check import prepare_for
from handwriting.models.pretrained import PretrainedNetwork
from handwriting.pad import DrawingPad, HandwritingCollector
from handwriting.scan.drawings import sample_page
from handwriting.widgets import output
from handwriting.widgets.canvas import draw
from handwriting.widgets.drawing_pad import SEVEN
from handwriting.widgets.playground import WIDGET_VIEW
from workshop.widget_state import without_widgets


class Strips(serve_helpers.Strips):
    """A network that measures ink, and keeps the images that it gets."""

    def __init__(self, shape=(28, 28, 1)):
        self.input_shape = (None, *shape)
        self.asked = []

    def predict(self, images, verbose="auto"):
        assert verbose == 0, "a progress bar would be shown for every stroke"
        self.asked.append(images)
        return super().predict(images)


@pytest.fixture
def pad():
    return DrawingPad(Strips())


@pytest.fixture(params=["drawing", "collector"])
def either(request, tmp_path):
    """Each of the two pads, with what its description has."""
    if request.param == "drawing":
        return DrawingPad(Strips()), "a 7 drawn on it, .* Most probable is "
    return HandwritingCollector("AB", tmp_path), "a letter A on it. .* A: 0, B: 0"


def test_a_pad_for_other_classes_than_digits_names_its_own_sample():
    assert "A pad with the letter A drawn on it" in DrawingPad(Strips(), "ABCDEFGHIJ").figure().description


def ask(pad, **content):
    """Return what the pad answers to a message of the front end; None for nothing."""
    sent = []
    pad.receive(SimpleNamespace(send=sent.append), content, [])
    return json.loads(json.dumps(sent[-1], allow_nan=False)) if sent else None


def photo(image, kind="PNG"):
    """Return a Pillow image as the front end sends it."""
    target = BytesIO()
    image.save(target, kind)
    return f"data:image/{kind.lower()};base64,{b64encode(target.getvalue()).decode()}"


# --- Both pads --------------------------------------------------------------------------------------------------


def test_stored_it_is_a_described_image_with_words_that_never_change(either):
    pad, description = either
    data, about = pad._repr_mimebundle_()
    words = (
        f"{type(pad).words} Run this cell in JupyterLab or Colab to draw; it needs anywidget (%pip install anywidget)."
    )
    assert data["text/plain"] == repr(pad) == words
    assert b64decode(data["image/png"]).startswith(b"\x89PNG")
    alt = about["image/png"]["alt"]
    assert re.search(description, alt) and alt.endswith("Run this cell in JupyterLab or Colab to draw.")


def test_the_live_part_does_not_reach_files(either):
    pytest.importorskip("anywidget")
    pad, _ = either
    data, about = pad._repr_mimebundle_()
    assert data[WIDGET_VIEW]["model_id"] == pad._repr_mimebundle_()[0][WIDGET_VIEW]["model_id"]
    stored = {"output_type": "execute_result", "data": data, "metadata": about, "execution_count": 1}
    cells, state = [new_code_cell("pad", outputs=[from_dict(stored)])], {"widgets": {"state": {}}}
    notebook = new_notebook(cells=cells, metadata=state)
    kept = without_widgets(notebook).cells[0].outputs[0]
    assert "widgets" not in notebook.metadata and kept.metadata == about
    assert set(kept.data) == {"text/plain", "image/png"}, "nbval would compare anything else"


def test_colab_is_asked_for_its_manager_of_foreign_widgets(pad, monkeypatch):
    anywidget = pytest.importorskip("anywidget")
    about = {WIDGET_VIEW: {"colab": {"custom_widget_manager": {"url": "https://example.org"}}}}
    monkeypatch.setattr(
        anywidget.AnyWidget, "_repr_mimebundle_", lambda self, **_: ({WIDGET_VIEW: {"model_id": "7"}}, about)
    )
    data, metadata = pad._repr_mimebundle_()
    assert data[WIDGET_VIEW] == {"model_id": "7"} and metadata[WIDGET_VIEW] == about[WIDGET_VIEW]
    assert data["text/plain"] == repr(pad) and "alt" in metadata["image/png"]


def test_without_anywidget_the_image_says_what_to_install(either, monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    output.front_end.cache_clear()
    data, about = either[0]._repr_mimebundle_()
    output.front_end.cache_clear()
    assert set(data) == {"text/plain", "image/png"} and data["text/plain"] == repr(either[0])
    assert "pip install anywidget" in about["image/png"]["alt"]


# --- The network ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(784,), (28, 28), (28, 28, 1)])
def test_the_network_gets_the_shape_that_it_reads(shape):
    pad = DrawingPad(Strips(shape))
    ask(pad, id="1", strokes=SEVEN)
    got = pad.model.asked[-1]
    assert got.shape == (1, *shape) and got.dtype == np.float32
    np.testing.assert_allclose(got.reshape(28, 28), pad.image / 255, atol=1e-6)


def test_by_default_the_network_that_comes_with_the_workshop_reads():
    pad = DrawingPad()
    assert isinstance(pad.model, PretrainedNetwork) and ask(pad, id="1", strokes=SEVEN) and pad.guess == 7


def test_a_network_that_does_not_fit_is_refused_at_once():
    with pytest.raises(ValueError, match=r"this one takes \(32, 32\)"):
        DrawingPad(Strips((32, 32)))
    with pytest.raises(NetworkError, match=r"2 class names.*shape \(1, 10\)"):
        DrawingPad(Strips(), class_names=("yes", "no"))


def test_keras_is_asked_the_quick_way():
    from handwriting.build import dense_network

    model = dense_network(8, 0.0, 0.001, 0)
    expected = DrawingPad(model).sample[2]
    model.predict = None
    pad = DrawingPad(model)
    assert ask(pad, id="1", strokes=SEVEN)["failed"] is False
    np.testing.assert_allclose(pad.probabilities, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["dense", "convolutional", "shipped", "no hidden layer"])
def test_the_last_hidden_layer_lights_up(kind):
    from handwriting import build

    keras = build.keras
    model, units, unit = {
        "dense": lambda: (build.dense_network(24, 0.2, 0.001, 0), 24, "hidden unit"),
        "convolutional": lambda: (build.convolutional_network([(3, 5, 4), (6, 3, 2)]), 6, "feature map"),
        "shipped": lambda: (build.pretrained(), 128, "feature map"),
        "no hidden layer": lambda: (keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "softmax")]), 0, ""),
    }[kind]()
    pad = DrawingPad(model)
    answer = ask(pad, id="1", strokes=SEVEN)
    assert pad.state()["units"] == units
    if not units:
        assert "hidden" not in answer
        return
    assert pad.state()["unit"] == unit
    layer = next(layer for layer in model.layers[-2::-1] if layer.name.partition("_")[0] not in ("dropout", "flatten"))
    values = keras.Model(model.inputs[0], layer.output)(prepare_for(model, pad.image[None]))
    strongest = np.asarray(values).reshape(-1, units).max(axis=0)
    levels = np.frombuffer(b64decode(answer["hidden"]), np.uint8)
    assert levels.max() == 255 and (levels > 0).tolist() == (strongest > 0).tolist()
    assert np.abs(levels / 255 - np.maximum(strongest, 0) / strongest.max()).max() < 0.01


# --- What is drawn ----------------------------------------------------------------------------------------------


def test_a_drawing_reaches_the_attributes_and_the_front_end(pad):
    assert pad.drawing is pad.image is pad.probabilities is pad.guess is None, "the sample is not a drawing"
    answer = ask(pad, id="a/1", strokes=SEVEN)
    assert pad.drawing.shape == (140, 140) and pad.drawing.dtype == np.uint8 and pad.drawing[0, 0] == 255
    assert pad.drawing[36, 36] < 128, "dark ink"
    assert pad.image.shape == (28, 28) and pad.image.dtype == np.uint8 and pad.image[0, 0] == 0
    assert pad.guess == int(np.argmax(pad.probabilities)) and pad.probabilities.sum() == pytest.approx(1)
    assert answer["id"] == "a/1" and not answer["failed"]
    assert answer["shares"] == pytest.approx(pad.probabilities)
    assert b64decode(answer["image"]) == pad.image.tobytes()
    assert ask(pad, id="2") is None, "an emptied pad is not answered"
    assert pad.drawing is pad.image is pad.probabilities is pad.guess is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_is_read_like_a_drawing(pad, kind):
    page = Image.fromarray(draw(SEVEN)).resize((420, 420)).convert("RGB")
    assert not ask(pad, id="1", photo=photo(page, kind))["failed"] and pad.drawing.shape == (420, 420)
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
def test_what_cannot_be_read_is_answered_in_words(pad, sent, words):
    ask(pad, id="1", strokes=SEVEN)
    answer = ask(pad, id="2", photo=sent)
    assert set(answer) == {"id", "failed", "words"} and answer["id"] == "2"
    assert answer["failed"] and words in answer["words"]
    assert pad.image is pad.probabilities is pad.guess is None


def test_a_network_that_breaks_is_answered_in_words(pad):
    def broken(images, verbose):
        raise RuntimeError("out of order")

    pad.model.predict = broken
    answer = ask(pad, id="1", strokes=SEVEN)
    assert answer["failed"] and answer["words"] == "Error in the kernel: RuntimeError: out of order"


def test_a_photo_of_several_digits_is_read_whole():
    pad = DrawingPad()
    answer = ask(pad, id="1", photo=photo(Image.open(sample_page())))
    assert answer["words"] == f"10 digits found: 0 1 2 3 4 5 6 7 8 9. The bars are for the largest: {pad.guess}."
    block = [[350, y, 650, y] for y in range(350, 651, 30)]
    three = np.concatenate([draw(strokes) for strokes in (SEVEN, block, SEVEN)], axis=1)
    words = ask(pad, id="2", photo=photo(Image.fromarray(three)))["words"]
    assert re.match(r"3 digits found: 7 \d 7\. 1 of them does not look like a digit\. ", words)
    with_names = DrawingPad(Strips(), [f"name {number}" for number in range(10)])
    words = ask(with_names, id="1", photo=photo(Image.fromarray(three)))["words"]
    assert words.startswith("3 drawings found: name ") and re.search(r": name \d\.$", words)


def test_what_does_not_look_like_a_digit_is_told():
    pads = DrawingPad(), DrawingPad(Strips()), DrawingPad(Strips(), "ABCDEFGHIJ")
    for pad, is_digit in zip(pads, (False, False, True), strict=True):
        assert ask(pad, id="1", strokes=[[500, 500]])["isDigit"] is is_digit
        assert ask(pad, id="2", strokes=SEVEN)["isDigit"] is True


def test_messages_arrive_through_the_widget(pad):
    pytest.importorskip("anywidget")
    pad.live()
    assert pad.front.names == list("0123456789")
    pad.front._handle_custom_msg({"id": "1", "strokes": SEVEN}, [])
    assert pad.guess is not None


def test_a_tap_and_odd_strokes_do_no_harm(pad):
    for strokes in ([[500, 500]], [[0, 0, 1000, 1000]], [[-400, 2000, 500, 500]], [[]]):
        assert ask(pad, id="1", strokes=strokes)["id"] == "1"


NO_STROKES = [[[500]], [["nan", "nan", 1, 1]], [[1e999, 0]], [[float("nan"), 0]], [[True, True]], [[1e300, 0]], 5, {}]
MANY_STROKES = [[[1, 2]] * 100_000, [[1, 2] * 100_000], [[]] * 200_000]


@pytest.mark.parametrize("strokes", NO_STROKES + MANY_STROKES, ids=lambda strokes: repr(strokes)[:30])
def test_what_are_no_strokes_get_no_prediction(pad, strokes):
    answer = ask(pad, id="1", strokes=strokes)
    assert answer["failed"] and '"strokes" must be a list of strokes' in answer["words"] and pad.guess is None


@pytest.mark.parametrize("message", [[], None, "x", 5])
def test_a_message_that_no_front_end_sends_is_answered(either, message):
    sent = []
    either[0].receive(SimpleNamespace(send=sent.append), message, [])
    assert sent[0]["failed"] and '"message" must be a question' in sent[0]["words"]
