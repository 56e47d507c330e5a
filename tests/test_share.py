"""A network as one web page: what is in it, what is refused, and what is written."""

import datetime
import json
import re
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser

import numpy as np
import pytest

from handwriting.errors import UserError
from handwriting.models.pretrained import pretrained_network
from handwriting.share import export_page, show_card
from handwriting.share.network import read_network
from handwriting.share.weights import pack_bytes, pack_floats, pack_halves, pack_network
from handwriting.text import clean
from workshop.runs.written import replace


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def tiny(keras):
    """The smallest network that a page takes."""
    return keras.Sequential([keras.Input((784,)), keras.layers.Dense(10, "softmax", name="output")], name="tiny")


def network(keras, *layers, shape=(28, 28, 1)):
    return keras.Sequential([keras.Input(shape), *layers])


def output(keras, units=10):
    return [keras.layers.Flatten(), keras.layers.Dense(units, activation="softmax")]


def inside(path, tag):
    """The texts of all elements of a kind."""
    return re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", path.read_text(encoding="utf-8"), re.DOTALL)


def unpacked(entry):
    """What a page makes of kept numbers."""
    data = b64decode(entry["data"])
    if entry["as"] == "float32":
        return np.frombuffer(data, "<f4")
    if entry["as"] == "float16":
        return np.frombuffer(data, "<f2").astype(np.float32) * np.float32(entry["scale"])
    scale = unpacked(entry["scale"])
    return (np.frombuffer(data, np.int8).reshape(-1, len(scale)) * scale).ravel()


# --- The network ------------------------------------------------------------------------------------------------


def test_layers_become_steps_with_normalization_folded_in(keras):
    layers = keras.layers
    model = network(
        keras,
        *(layers.Conv2D(4, 3, 2, padding="same", use_bias=False), layers.BatchNormalization(), layers.ReLU()),
        *(layers.BatchNormalization(), layers.MaxPooling2D(), layers.Dropout(0.2), *output(keras)),
    )
    steps = read_network(model)
    assert [step["kind"] for step in steps] == ["conv", "activation", "scale", "maxpool", "dense", "softmax"]
    assert steps[0]["before"] == [0, 0] and steps[0]["out"] == [14, 14, 4] and steps[0]["strides"] == [2, 2]
    assert all(value.dtype == np.float32 for step in steps for value in step.values() if isinstance(value, np.ndarray))
    kernel = np.asarray(model.layers[0].kernel)
    np.testing.assert_allclose(steps[0]["kernel"], kernel / np.sqrt(1 + model.layers[1].epsilon), rtol=1e-5)


def test_models_within_models_and_functional_ones_are_followed(keras):
    image = keras.Input((28, 28))
    inner = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(5, "gelu")])
    model = keras.Model(image, keras.layers.Dense(3, "softmax")(inner(image)))
    kinds = [step["kind"] for step in read_network(model)]
    assert kinds == ["dense", "activation", "dense", "softmax"]


def test_a_network_that_scales_grey_levels_itself_gets_them_from_the_page(keras):
    steps = read_network(network(keras, keras.layers.Rescaling(1 / 127.5, offset=-1), *output(keras)))
    assert [step["kind"] for step in steps] == ["scale", "scale", "dense", "softmax"]
    pixels = np.array([0, 0.5, 1])
    for step in steps[:2]:
        pixels = pixels * step["factor"] + step["shift"]
    np.testing.assert_allclose(pixels, [-1, 0, 1], atol=1e-6)


def branched(keras, join):
    """A network in which an image takes two ways, or the same layer twice."""
    image, again = keras.Input((784,)), keras.layers.Dense(784, "relu")
    return keras.Model(image, keras.layers.Dense(10, "softmax")(join(image, again)))


def filled(keras, value):
    model = network(keras, *output(keras))
    model.layers[-1].set_weights([np.full((784, 10), value) * np.resize([1, -1], 10), np.zeros(10)])
    return model


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k: network(k, k.layers.Rescaling(np.ones((28, 28, 1))), *output(k)), "each pixel differently"),
        (lambda k: network(k, k.layers.Conv1D(3, 3), *output(k), shape=(28, 28)), r'layer "\w+" \(Conv1D\).*Conv2D'),
        (lambda k: network(k, k.layers.LeakyReLU(), *output(k)), r"\(LeakyReLU\).*Flatten"),
        (lambda k: network(k, k.layers.Conv2D(3, 3, dilation_rate=2), *output(k)), "dilation_rate"),
        (lambda k: network(k, k.layers.Conv2D(4, 3), k.layers.Conv2D(4, 3, groups=2), *output(k)), "groups=2"),
        (lambda k: network(k, k.layers.BatchNormalization(axis=1), *output(k)), "axis"),
        (lambda k: network(k, k.layers.ReLU(max_value=6), *output(k)), "max_value=6"),
        (lambda k: network(k, k.layers.Dense(3, "swish"), *output(k)), r"activation s\w+ .* relu, tanh"),
        (lambda k: network(k, k.layers.Flatten(), k.layers.Dense(10)), "does not end in a softmax"),
        (lambda k: branched(k, lambda image, again: again(again(image))), "one layer after another"),
        (lambda k: branched(k, lambda image, again: k.layers.Add()([image, again(image)])), r"\(Add\)"),
        (lambda k: network(k, *output(k), shape=(32, 32, 3)), r"this one takes \(32, 32, 3\)"),
        (lambda k: pretrained_network(), "needs a Keras model.* not PretrainedNetwork"),
        (lambda k: filled(k, np.nan), "did not learn"),
        (lambda k: filled(k, np.inf), "did not learn"),
        (lambda k: filled(k, 3e38), "did not learn"),  # finite, and too large for any image with ink
    ],
    ids=lambda value: "" if callable(value) else value[:20],
)
def test_what_a_page_cannot_compute_is_refused_by_name(keras, tmp_path, make, words):
    with pytest.raises(UserError, match=words):
        export_page(make(keras), tmp_path / "page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_network_trained_with_augmentation_can_be_exported(tmp_path):
    from handwriting.build import convolutional_network

    images = (np.random.default_rng(0).random((60, 28, 28, 1)) < 0.1).astype(np.float32)
    model = convolutional_network(((8, 5, 2), (16, 3, 2)), augment=True, classes=3)
    for number in range(3):
        model.fit(images, np.eye(3)[np.arange(60) % 3], batch_size=20, epochs=2, verbose=0)
        assert export_page(model, tmp_path / f"{number}.html", class_names=("A", "B", "C")).is_file()


def test_numbers_come_back_nearly_as_they_were():
    values = np.random.default_rng(0).normal(0, 1, (50, 8)).astype(np.float32)
    values[:, 2] = 0
    for size in (1e-6, 1, 1e6):
        np.testing.assert_array_equal(unpacked(pack_floats(values * size)), (values * np.float32(size)).ravel())
        halves = unpacked(pack_halves(values * np.float32(size)))
        np.testing.assert_allclose(halves, values.ravel() * size, rtol=6e-4, atol=1e-7 * size)
        near = unpacked(pack_bytes(values * np.float32(size)))
        np.testing.assert_allclose(near, values.ravel() * size, atol=np.abs(values).max() * size / 250)
    assert unpacked(pack_halves(np.zeros((2, 2), np.float32))).tolist() == [0] * 4


def test_only_networks_too_large_for_it_get_eight_bits():
    def bits(inputs, units):
        return pack_network([{"kind": "dense", "kernel": np.zeros((inputs, units), np.float32)}])[1]

    assert (bits(784, 512), bits(794, 1200)) == (16, 8)


# --- The file ---------------------------------------------------------------------------------------------------


def test_it_returns_the_path_says_nothing_and_is_the_same_twice(tiny, tmp_path, capsys):
    first = export_page(tiny, tmp_path / "new" / "one.html", data="stand-in", accuracy=np.float32(0.5))
    second = export_page(tiny, str(tmp_path / "two.HTML"), data="stand-in", accuracy=0.5)
    assert first == tmp_path / "new" / "one.html" and first.read_bytes() == second.read_bytes()
    assert capsys.readouterr() == ("", "")
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["one.html", "two.HTML"]


def test_the_dense_network_fits_into_its_budget(tmp_path):
    from handwriting.build import dense_network, pretrained

    assert export_page(dense_network(), tmp_path / "page.html").stat().st_size <= 1_200_000
    assert export_page(pretrained(), tmp_path / "page.html").stat().st_size <= 1_500_000


def test_nothing_comes_from_elsewhere_and_the_policy_names_what_is_inside(tiny, tmp_path):
    path = export_page(tiny, tmp_path / "page.html")
    text = path.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    for rule in ("default-src 'none'", "connect-src 'none'", "img-src data: blob:"):
        assert rule in policy
    assert "unsafe" not in policy and "http" not in policy
    for kind, content in (("script", inside(path, "script")[1]), ("style", inside(path, "style")[0])):
        assert f"{kind}-src 'sha256-{b64encode(sha256(content.encode()).digest()).decode()}'" in policy
    assert not re.search(r"(src|href)=\"(?!data:,)|url\(|@import|https?:|fetch\(|style=", text)


def test_the_card_shows_what_was_given(tiny, tmp_path, small):
    def card(**about):
        cards = inside(export_page(tiny, tmp_path / "page.html", **about), "dl")
        return re.sub(r"<[^>]+>", " ", cards[0])

    shown = card(accuracy=0.9789, data="mnist", date=datetime.date(2030, 1, 2))
    assert "97.9 %" in shown and "MNIST" in shown and "7,850" in shown and "2030-01-02" in shown
    assert "letters" in shown and "photos" in shown and "several digits" in shown
    assert card().count("unknown") == 2 and "Made on" not in card()
    assert "small" in card(data=small), "a Dataset is described by its name"
    letters, clothes = [*"ABCDEFGHIJ"], ["Bag", *(f"Coat {k}" for k in range(9))]
    assert "letters" not in card(class_names=letters) and "signs other than these" in card(class_names=letters)
    assert "trained on photos" in card(class_names=clothes, data="fashion-mnist")


NASTY = "</script><!-- </style> \"'{{network}} &lt; \u2028 <img src=x onerror=y> \u202e אב"


def test_texts_change_nothing_around_them(tiny, tmp_path):
    def tags(text):
        names = [text[:38] + str(k) for k in range(10)]
        about = {"title": text, "author": text[:60], "sentence": text, "data": text, "date": text[:40]}
        path = export_page(tiny, tmp_path / "page.html", class_names=names, **about)
        content = path.read_text(encoding="utf-8")
        assert json.loads(inside(path, "script")[0])["names"] == [clean(name, None) for name in names]
        assert content.count("</script>") == 2 and content.count("<!--") == 1 and "\u2028" not in content
        found = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attributes: found.append(tag)
        parser.feed(content)
        parser.close()
        return found

    assert tags(NASTY) == tags("a" * len(NASTY))


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"title": "x" * 81}, "title has 81 characters. Shorten it to at most 80"),
        ({"title": " \n "}, "needs a title"),
        ({"author": 7}, '"author" must be text, not 7'),
        ({"sentence": "x" * 281}, "at most 280"),
        ({"class_names": "0123456789"}, "class_names must be a list"),
        ({"class_names": None}, "class_names must be a list"),
        ({"class_names": ["a"]}, "2 to 256"),
        ({"class_names": [*"abcdefghi", " "]}, "is empty"),
        ({"class_names": [*"abcdefghi", "a"]}, "called “a”"),
        ({"class_names": [*"abcdefghi", "x" * 256]}, "at most 255"),
        ({"class_names": ["a", "b"]}, "2 class names"),
        ({"accuracy": 97.9}, "from 0 to 1"),
        ({"accuracy": float("nan")}, "from 0 to 1"),
        ({"accuracy": "0.9"}, "from 0 to 1"),
        ({"data": 3}, "data must be text"),
        ({"date": 2030}, "date must be text"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_arguments_are_refused(tiny, tmp_path, about, words):
    with pytest.raises(UserError, match=re.escape(words)):
        export_page(tiny, tmp_path / "page.html", **about)
    assert list(tmp_path.iterdir()) == []


def test_the_card_of_a_page_is_shown_and_of_nothing_else(tiny, tmp_path):
    page = export_page(tiny, tmp_path / "page.html", data="<b>mine</b>")
    card = show_card(page).data
    assert "<dt>Parameters</dt>" in card and "&lt;b&gt;mine" in card and "<script" not in card
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("<dd>", "<dd><img src=x onerror='1'><script>1</script>"), encoding="utf-8")
    assert "<img" not in show_card(page).data and "<script" not in show_card(page).data
    (tmp_path / "other.html").write_text("<dl></dl>")
    for path in (tmp_path / "other.html", tmp_path / "none.html", tmp_path):
        with pytest.raises(UserError, match="is not a page that export_page wrote"):
            show_card(path)


def test_wrong_paths_are_refused(tiny, tmp_path):
    (tmp_path / "file").write_text("x")
    for path, words in {
        tmp_path: "is a folder",
        tmp_path / "page.txt": r"does not end in \.html",
        tmp_path / "file" / "page.html": "cannot be written.*Choose another folder",
        7: "A path must be text",
    }.items():
        with pytest.raises(UserError, match=words):
            export_page(tiny, path)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_only_a_page_that_was_exported_is_replaced(tiny, tmp_path):
    path = export_page(tiny, tmp_path / "page.html", title="first")
    assert inside(export_page(tiny, path, title="second"), "title") == ["second"]
    mine, link = tmp_path / "index.html", tmp_path / "link.html"
    mine.write_text("my own page")
    link.symlink_to(path)
    for kept in (mine, link):
        with pytest.raises(UserError, match=r"already exists.*Choose another name"):
            export_page(tiny, kept)
    assert mine.read_text() == "my own page" and link.is_symlink()


def test_another_command_keeps_an_exported_page(tiny, tmp_path):
    path, said = export_page(tiny, tmp_path / "index.html"), []
    before = path.read_text()
    replace(path, "another page", said.append)
    assert said == ["index.html is now index-1.html"] and (tmp_path / "index-1.html").read_text() == before
    export_page(tiny, tmp_path / "index-1.html")
    assert not (tmp_path / "index-1-1.html").exists()


def test_a_page_that_somebody_changed_is_kept(tiny, tmp_path, capsys):
    path = export_page(tiny, tmp_path / "page.html")
    path.write_text(changed := path.read_text().replace("My network", "Anna's network"))
    export_page(tiny, path)
    assert "Anna" not in path.read_text() and (tmp_path / "page-1.html").read_text() == changed
    assert capsys.readouterr().out.endswith("kept: page.html is now page-1.html.\n")


def test_a_page_that_cannot_be_written_leaves_the_old_one(tiny, tmp_path, monkeypatch):
    path = export_page(tiny, tmp_path / "page.html")
    before = path.read_bytes()

    def full(part, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(UserError, match="No space left on device"):
        export_page(tiny, path, title="another")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]
