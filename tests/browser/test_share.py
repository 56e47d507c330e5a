"""An exported page as people meet it: it reads what Keras reads, sees what `scan` sees, and needs nothing else."""

import re
from base64 import b64encode
from pathlib import Path

import numpy as np
import pytest
from conftest import Later
from digit_styles import STYLES, drawn

from browser.actions import axe_findings, draw_by_finger, draw_by_mouse
from handwriting.data.strokes import curve
from handwriting.models.hidden_layer import grey_levels
from handwriting.models.not_a_digit import DIGITS, look_like_digits
from handwriting.models.pretrained import pretrained_network
from handwriting.scan import to_mnist
from handwriting.scan.drawings import sample_drawings
from handwriting.share import export_page
from handwriting.text import clean
from handwriting.widgets.canvas import SIDE, draw
from handwriting.widgets.drawing_pad import text_of

dense_network, pretrained = map(Later, ("handwriting.build:dense_network", "handwriting.build:pretrained"))
HERE = Path(__file__).parent
READ_IMAGES, TIME_STROKES = ((HERE / name).read_text() for name in ("read_images.js", "time_strokes.js"))
READ_AND_JUDGE = """text => Array.from({ length: bytesOf(text).length / 784 }, (_, place) => {
    const picture = bytesOf(text).subarray(784 * place, 784 * (place + 1));
    const { shares, logits } = readPicture(network.layers, picture);
    return [...shares, looksLikeDigit(picture, logits, network.limits)];
})"""
WORDS = [f"name {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWX"] + ["شبشب رياضي", "ひらがなの「あ」と読む長い名前"]
NASTY = "</script><script>alert(1)</script> \"'<!-- {{network}} \u2028 \u202eשלום & <b>"


def drawings_of(count, seed=0):
    """Strokes as the pad keeps them, large and small, here and there: lists of [x, y, x, y, ...], 80 to 920.

    None is cut off at the edge of the sheet: there Python, which knows of photographs, looks for the edge of paper.
    """
    generator = np.random.default_rng(seed)
    found = []
    for number in range(count):
        styles = STYLES[number % 10]
        scale = generator.uniform(3, 9.5)
        corner, slant = generator.uniform(0, 1000 - 100 * scale, 2), generator.normal(0, 0.15)
        strokes = []
        for stroke in styles[generator.integers(len(styles))]:
            line = curve(np.array(stroke, float) + generator.normal(0, 2, (len(stroke), 2)))
            line = line + np.outer(50 - line[:, 1], [slant, 0])
            strokes.append(np.clip(line * scale + corner, 80, 920).round().ravel().tolist())
        found.append(strokes)
    return found


def sure(model):
    """A network that is sure of something, as one is that learned."""
    *others, kernel, bias = model.get_weights()
    model.set_weights([*others, 8 * kernel, bias])
    return model


def open_page(tab, model, path, **about):
    """Export a network and open it."""
    tab.goto(export_page(model, path, **about).as_uri())
    assert tab.problems == []
    return tab


def read(tab, pictures, code=READ_IMAGES):
    """What the page's network says to pictures: uint8 (n, 28, 28) → (n, classes)."""
    return np.array(tab.evaluate(code, b64encode(pictures.tobytes()).decode()), float)


def check_same(found, model, pictures, most):
    """The page and Keras give the same probabilities."""
    wanted = np.asarray(model((pictures / np.float32(255)).reshape(-1, *model.input_shape[1:]), training=False))
    assert np.abs(found - wanted).max() < most and np.abs(found.sum(axis=1) - 1).max() < 1e-5
    return wanted


@pytest.fixture(scope="module")
def dense():
    """A network of the workshop's own size."""
    return sure(dense_network())


@pytest.fixture(scope="module")
def small_page(tmp_path_factory):
    """A page that opens quickly, where it does not matter what the network says."""
    return export_page(dense_network(hidden=16), tmp_path_factory.mktemp("page") / "small.html", author="Ada")


@pytest.fixture
def opened(tab, small_page):
    """A page with an empty pad."""
    tab.goto(small_page.as_uri())
    tab.locator(".hw-pad[data-state=empty]").wait_for()
    return tab


def digits(count):
    """Pictures as the pad makes them, moved about: uint8 (count, 28, 28)."""
    seen = np.array([to_mnist(drawing) for drawing in sample_drawings()[0]])
    generator = np.random.default_rng(0)
    return np.array([np.roll(seen[k % 30], generator.integers(-4, 5, 2), (0, 1)) for k in range(count)])


def status(tab):
    return tab.get_by_role("status").inner_text()


def units(tab):
    return tab.locator(".hw-pad-units").inner_text()


def bars(tab):
    """The percentages beside the bars."""
    return [text.strip("◂ ") for text in tab.locator(".hw-pad-share").all_inner_texts()]


# --- The network ------------------------------------------------------------------------------------------------


def test_the_dense_network_reads_as_in_keras(tab, tmp_path, dense, small):
    open_page(tab, dense, tmp_path / "page.html")
    pictures = np.concatenate([digits(240), small.x_test])
    found = read(tab, pictures)
    wanted = check_same(found, dense, pictures, 0.01)
    assert (found.argmax(axis=1) == wanted.argmax(axis=1)).mean() >= 0.999
    assert len(set(wanted.argmax(axis=1))) > 5, "a network that always says the same would prove nothing"


def test_the_shipped_network_reads_as_in_keras(tab, tmp_path):
    model, pictures = pretrained(), digits(60)
    open_page(tab, model, tmp_path / "page.html")
    # Whole digits, digits that a part is missing of, and blocks of ink: what is none of the ten is the same as well.
    parts = pictures.copy()
    parts[:, 14:] = 0
    everything = np.concatenate([pictures, parts, np.where(np.arange(28) < 14, 255, pictures[:9]).astype(np.uint8)])
    maps, logits = pretrained_network().forward(everything / np.float32(255))
    expected = look_like_digits(everything, DIGITS, logits)
    *found, is_digit = read(tab, everything, READ_AND_JUDGE).T
    wanted = check_same(np.stack(found, axis=1), model, everything, 0.01)
    assert (np.argmax(found, axis=0) == wanted.argmax(axis=1))[:60].all()
    assert (is_digit == expected).mean() > 0.99 and 0.1 < expected.mean() < 0.9
    shown = tab.evaluate("text => Array.from(readPicture(network.layers, bytesOf(text)).hidden)", text_of(pictures[0]))
    assert np.abs(np.array(shown) - grey_levels(maps[0])).max() <= 2


def test_wide_networks_fit_with_eight_bits(tab, tmp_path, small):
    model = sure(dense_network(hidden=1200))
    open_page(tab, model, tmp_path / "page.html")
    assert (tmp_path / "page.html").stat().st_size < 1_500_000 and "8 bits" in tab.locator(".card").inner_text()
    pictures = np.concatenate([digits(30), small.x_test])
    check_same(read(tab, pictures), model, pictures, 0.01)


def zoo():
    """Networks that have, all together, every layer and setting that a page knows."""
    import keras

    layers = keras.layers
    turned = keras.Sequential([layers.RandomTranslation(0.1, 0.1), layers.RandomRotation(0.1), layers.RandomZoom(0.1)])
    yield [
        *(keras.Input((28, 28, 1)), turned, layers.BatchNormalization()),
        *(layers.Conv2D(6, 5, 2, padding="same", use_bias=False), layers.BatchNormalization(scale=False)),
        *(layers.ReLU(), layers.MaxPooling2D(3, 2, padding="same"), layers.Conv2D(7, (3, 2), activation="gelu")),
        *(layers.BatchNormalization(center=False), layers.GaussianNoise(0.1), layers.Flatten()),
        *(layers.Dense(9), layers.BatchNormalization(), layers.Activation("tanh"), layers.Dense(10), layers.Softmax()),
    ]
    yield [
        *(keras.Input((28, 28)), layers.Reshape((28, 28, 1)), layers.Conv2D(5, 4, (3, 2), activation="sigmoid")),
        *(layers.AveragePooling2D(3, 2, padding="same"), layers.SpatialDropout2D(0.2), layers.MaxPooling2D(2, 1)),
        *(layers.GlobalAveragePooling2D(), layers.Dropout(0.2), layers.Dense(4, "linear"), layers.Dense(10, "softmax")),
    ]
    yield [
        *(keras.Input((28, 28)), layers.Dense(6, "relu"), layers.Flatten(), layers.BatchNormalization()),
        *(layers.Dense(10), layers.Activation("softmax")),
    ]
    yield [
        *(keras.Input((784,)), layers.Reshape((28, 28, 1)), layers.AveragePooling2D(4), layers.Flatten()),
        layers.Dense(10, "softmax"),
    ]


@pytest.mark.parametrize("number", range(4))
def test_every_layer_computes_as_in_keras(number, tab, tmp_path):
    import keras

    keras.utils.set_random_seed(number)
    model = keras.Sequential(list(zoo())[number])
    generator = np.random.default_rng(number)
    for layer in model.layers:
        layer.set_weights([value + generator.uniform(0.1, 0.5, value.shape) for value in layer.get_weights()])
    check_same(read(open_page(tab, model, tmp_path / "page.html"), digits(20)), model, digits(20), 0.002)


# --- The drawing ------------------------------------------------------------------------------------------------


def see(tab, drawings):
    """What the page makes of strokes, each [[x, y, ...], ...]: int (n, 28, 28)."""
    code = "drawings => drawings.map((strokes) => Array.from(seeDrawing(drawSheet(strokes))))"
    return np.array(tab.evaluate(code, drawings), int).reshape(-1, 28, 28)


def see_sheets(tab, sheets):
    """What the page makes of drawings, uint8 (height, width): int (n, 28, 28)."""
    code = """sheets => sheets.map(([grey, width, height]) =>
        Array.from(seeDrawing({ values: bytesOf(grey), width, height })))"""
    sent = [[b64encode(sheet.tobytes()).decode(), *sheet.shape[::-1]] for sheet in sheets]
    return np.array(tab.evaluate(code, sent), int).reshape(-1, 28, 28)


def apart(seen, sheets):
    """Grey levels, on average, between what the page sees and what `to_mnist` sees, for each drawing."""
    wanted = np.array([to_mnist(sheet) for sheet in sheets], int)
    return np.abs(seen - wanted).mean(axis=(1, 2))


def test_sixty_drawings_look_as_in_python(opened):
    drawings = drawings_of(60)
    off = apart(see(opened, drawings), [draw(strokes) for strokes in drawings])
    print(f"strokes: {off.mean():.2f} grey levels apart on average, {off.max():.2f} at most")
    assert off.mean() <= 2 and off.max() < 8


def test_the_same_sheet_becomes_the_same_picture_whatever_the_pen(opened):
    generator = np.random.default_rng(1)
    sheets = [draw(strokes) for strokes in drawings_of(15, seed=1)]
    for number in range(20):
        sheet = 255 - drawn(number % 10, generator, SIDE, width=generator.uniform(2.5, 10))
        sheets.append(np.roll(sheet, generator.integers(-15, 16, 2), (0, 1)))
    off = apart(see_sheets(opened, sheets), sheets)
    print(f"drawings: {off.mean():.3f} grey levels apart on average, {off.max():.2f} at most")
    assert off.mean() < 0.2 and off.max() < 2


def test_what_else_lies_on_the_sheet_is_left_out_as_in_python(opened):
    seven = [260, 270, 700, 250, 450, 750]
    others = {
        "a bar along the edge": [0, 985, 1000, 985],
        "a frame": [60, 60, 940, 60, 940, 940, 60, 940, 60, 60],
        "a dot far off": [930, 930],
        "a bar through it": [300, 520, 640, 510],
    }
    drawings = [[seven, other] for other in others.values()]
    off = apart(see(opened, drawings), [draw(strokes) for strokes in drawings])
    assert off.max() < 5, dict(zip(others, off, strict=True))
    alone = see(opened, [[seven]])
    assert [bool((one != alone).any()) for one in see(opened, drawings)] == [False, False, False, True]


def test_taps_and_scribbles_do_no_harm(opened):
    stripes = [[x, 0, x, 1000] for x in range(0, 1001, 200)]
    drawings = [[[500, 500]], [[0, 0]], [[0, 0, 1000, 1000]], stripes, [[1000, 1000, 1000, 1000]]]
    assert (see(opened, drawings).max(axis=(1, 2)) == 255).all()
    opened.locator(".hw-pad-sheet").click()
    opened.locator(".hw-pad[data-state=answered]").wait_for()
    assert status(opened).startswith("This does not look like a digit. The closest is a")
    assert re.fullmatch(r"\d+ of 16 hidden units are active\. Strongest: [\d, ]+\.", units(opened))
    draw_by_mouse(opened.locator(".hw-pad-sheet"), [(0.02 + 0.96 * (k % 2), 0.02 * k) for k in range(50)], steps=1)
    opened.locator(".hw-pad[data-state=failed]").wait_for()
    assert "leave some paper" in status(opened) and bars(opened) == [""] * 10


# --- The page ---------------------------------------------------------------------------------------------------


def test_an_empty_pad_invites(opened):
    assert bars(opened) == [""] * 10 and "Draw something" in status(opened)
    assert units(opened) == "16 hidden units: bright ones are active."
    assert opened.locator(".hw-pad-invitation").is_visible()


def test_a_mouse_draws_undoes_and_clears(opened):
    draw_by_mouse(opened.locator(".hw-pad-sheet"))
    opened.locator(".hw-pad[data-state=answered]").wait_for()
    first, words = bars(opened), status(opened)
    assert sum(int(text.rstrip("\xa0%")) for text in first) in range(97, 104)
    assert "like" in words and words.endswith("%).") and not opened.locator(".hw-pad-invitation").is_visible()
    draw_by_mouse(opened.locator(".hw-pad-sheet"), [(0.3, 0.5), (0.7, 0.5)])
    second = bars(opened)
    opened.get_by_role("button", name="Undo").click()
    assert bars(opened) == first and first != second
    opened.get_by_role("button", name="Clear").click()
    assert bars(opened) == [""] * 10
    opened.get_by_role("button", name="Undo").click()
    assert bars(opened) == first and opened.problems == []


def test_a_finger_draws_and_the_page_stays_where_it_is(chromium, small_page):
    context = chromium.new_context(viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True, offline=True)
    page = context.new_page()
    page.goto(small_page.as_uri())
    draw_by_finger(page.locator(".hw-pad-sheet"))
    page.locator(".hw-pad[data-state=answered]").wait_for()
    assert status(page).endswith("%).") and page.evaluate("scrollY") == 0
    context.close()


def test_the_answer_comes_within_twenty_milliseconds(tab, tmp_path, dense):
    open_page(tab, dense, tmp_path / "page.html")
    times = tab.evaluate(TIME_STROKES, 20)
    print(f"milliseconds: {', '.join(f'{time:.1f}' for time in times)}")
    assert bars(tab)[0] != "" and min(times) <= 20


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_sticks_out(scheme, tab, tmp_path):
    import keras

    many = keras.Sequential([keras.Input((784,)), keras.layers.Dense(26, "softmax")])
    tab.emulate_media(color_scheme=scheme)
    about = {"class_names": WORDS, "title": "W" * 80, "author": "أحمد", "sentence": "x" * 280, "data": "y" * 160}
    open_page(tab, many, tmp_path / "many.html", **about)
    if scheme == "dark":
        draw_by_mouse(tab.locator(".hw-pad-sheet"))  # once empty, once with an answer
    assert axe_findings(tab) == []
    tab.set_viewport_size({"width": 320, "height": 740})
    assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    assert len(bars(tab)) == 26
    assert tab.locator(".hw-pad-track").first.bounding_box()["width"] > 60, "bars have room beside long names"


def test_texts_stay_texts(tab, tmp_path):
    import keras

    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(2, "softmax")])
    model.layers[-1].set_weights([np.zeros((784, 2)), np.array([9.0, 0.0])])
    short = NASTY[:40]
    shown = clean(short)
    about = {"title": NASTY, "author": NASTY[:60], "sentence": NASTY, "data": NASTY, "date": short}
    open_page(tab, model, tmp_path / "page.html", class_names=[short, "b"], **about)
    text = clean(NASTY, None)
    assert tab.title() == text and tab.locator("h1").text_content() == text
    assert tab.locator(".sentence").text_content() == text
    assert tab.locator(".hw-pad-name").first.text_content() == shown and tab.locator("b").count() == 0
    draw_by_mouse(tab.locator(".hw-pad-sheet"))
    assert f"“{shown}”" in tab.get_by_role("status").text_content()
    assert tab.locator("script").count() == 2 and tab.problems == []


def test_the_page_may_not_fetch_or_send_or_run_anything_else(opened):
    opened.evaluate("""() => {
        window.refused = [];
        document.addEventListener("securitypolicyviolation", (event) => window.refused.push(event.effectiveDirective));
        fetch("data:,x").catch(() => {});
        document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = true" }));
        document.body.append(Object.assign(document.createElement("img"), { src: "file:///picture.png" }));
        document.body.append(Object.assign(document.createElement("style"), { textContent: "body { color: red }" }));
    }""")
    opened.wait_for_function("window.refused.length >= 4")
    refused = set(opened.evaluate("window.refused"))
    assert refused == {"connect-src", "script-src-elem", "img-src", "style-src-elem"}
    assert opened.evaluate("window.ran") is None
