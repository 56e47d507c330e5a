"""Export to TensorFlow Serving's layout."""

import threading

import numpy as np
import pytest

from handwriting.errors import NetworkError
from handwriting.share.saved_model import export_serving, version_folders

CLOTHES = ("Hemd", "Hose", "Größe", "靴", "آ", "f", "g", "h", "i", "🩰")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def networks():
    from tensorflow import keras

    from handwriting.build import convolutional_network, dense_network

    small = [(4, 3, 2)]
    pooling = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(3, 5, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    return {
        "dense": dense_network(),
        "convolutional": convolutional_network(small, augment=True),
        "pooling": pooling,
    }


@pytest.fixture(scope="module")
def exported(networks, tmp_path_factory):
    """A folder with one version of each network."""
    folder = tmp_path_factory.mktemp("models") / "digits"
    return [export_serving(network, folder, CLOTHES) for network in networks.values()]


def test_versions_count_up_and_nothing_else_is_left(exported):
    folder = exported[0].parent
    assert [path.name for path in exported] == ["1", "2", "3"]
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2", "3"]
    assert all((path / "saved_model.pb").is_file() and (path / "variables").is_dir() for path in exported)
    assert all(path.stat().st_mode & 0o755 == 0o755 for path in exported)
    assert version_folders(folder)[0] == (3, folder / "3")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_tensorflow_reads_it_back(exported, networks, images, place):
    import tensorflow as tf

    network = list(networks.values())[place]
    expected = network.predict((images / np.float32(255)).reshape(-1, *network.input_shape[1:]), verbose=0)
    signature = tf.saved_model.load(str(exported[place])).signatures["serving_default"]
    takes = signature.structured_input_signature[1]["images"]
    assert takes.dtype == tf.uint8 and takes.shape.as_list() == [None, 28, 28]
    found = signature(images=tf.constant(images))
    assert found["probabilities"].dtype == tf.float32 and found["classes"].dtype == tf.int64
    np.testing.assert_allclose(found["probabilities"], expected, atol=1e-6)
    assert found["classes"].numpy().tolist() == expected.argmax(axis=1).tolist()
    assert [name.decode() for name in found["names"].numpy()] == [CLOTHES[k] for k in expected.argmax(axis=1)]
    assert signature(images=tf.constant(images[:0]))["classes"].shape == (0,)


def test_keras_reads_it_back(exported, networks, images):
    from tensorflow import keras

    layer = keras.layers.TFSMLayer(str(exported[0]), call_endpoint="serving_default")
    expected = networks["dense"].predict(images.reshape(-1, 784) / np.float32(255), verbose=0)
    np.testing.assert_allclose(layer(images)["probabilities"], expected, atol=1e-6)


def test_exports_at_once_get_numbers_of_their_own(networks, tmp_path):
    made = []
    both = [
        threading.Thread(target=lambda: made.append(export_serving(networks["dense"], tmp_path / "m"))) for _ in "12"
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(path.name for path in made) == ["1", "2"]
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["1", "2"]


def test_a_number_that_was_taken_meanwhile_is_passed_over(tmp_path, monkeypatch):
    from handwriting.share import saved_model as serving

    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "file").touch()
    part = tmp_path / ".part"
    part.mkdir()
    monkeypatch.setattr(serving, "version_folders", lambda folder: [])
    assert serving.take_number(part, tmp_path) == tmp_path / "2"


def test_what_cannot_be_exported_is_said(networks, tmp_path, monkeypatch):
    from tensorflow import keras

    colour = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    maps = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(10, 3)])
    scores = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    one = keras.Sequential([keras.Input((784,)), keras.layers.Dense(1, activation="sigmoid")])
    for model, names, expected in (
        (colour, None, "784 numbers"),
        (maps, None, "one row"),
        (networks["dense"], "abc", "3 class names"),
        (networks["dense"], "abcdefghijk", "11 class names"),
        (networks["dense"], ["a"] * 10, "called “a”"),
        (networks["dense"], 5, "is a list of names"),
        (scores, None, "no probabilities"),
        (one, None, "at least two"),
        ("a path", None, "784 numbers"),
    ):
        with pytest.raises(NetworkError, match=expected):
            export_serving(model, tmp_path / "m", names)
    with pytest.raises(NetworkError, match="is a folder’s name"):
        export_serving(networks["dense"], None)
    (tmp_path / "file").touch()
    with pytest.raises(NetworkError, match="takes no files"):
        export_serving(networks["dense"], tmp_path / "file" / "digits")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("kind", ["Python's", "TensorFlow's"])
def test_a_failed_export_leaves_nothing(networks, tmp_path, monkeypatch, kind):
    import tensorflow as tf

    from handwriting.share import saved_model as serving

    def full(model, names, reader, folder):
        (folder / "saved_model.pb").touch()
        if kind == "Python's":
            raise OSError(28, "No space left on device")
        raise tf.errors.ResourceExhaustedError(None, None, "/tmp/v; No space left on device")

    monkeypatch.setattr(serving, "write_version", full)
    with pytest.raises(NetworkError, match="No space left"):
        export_serving(networks["dense"], tmp_path)
    assert list(tmp_path.iterdir()) == []
