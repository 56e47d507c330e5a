"""Export to TensorFlow Serving's layout: what is written, read back, and refused."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from handwriting.errors import NetworkError
from handwriting.models.pretrained import pretrained_network
from handwriting.share import export_serving, saved_model
from handwriting.share.saved_model import is_number, version_folders

CLASS_NAMES = ("Hemd", "Hose", "Größe", "靴", "آ", "f", "g", "h", "i", "🩰")


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (7, 28, 28), dtype=np.uint8)


@pytest.fixture(scope="module")
def networks():
    """One network for each shape that a network may read."""
    from tensorflow import keras

    from handwriting.build import convolutional_network, dense_network

    layers = keras.layers
    square = [keras.Input((28, 28)), layers.Reshape((28, 28, 1)), layers.MaxPooling2D(), layers.Flatten()]
    return {
        "dense": dense_network(8),
        "convolutional": convolutional_network([(4, 3, 2)], augment=True),
        "square": keras.Sequential([*square, layers.Dense(10, "softmax")]),
        "grey levels": keras.Sequential(
            [square[0], layers.Rescaling(1 / 255), *square[1:], layers.Dense(10, "softmax")]
        ),
    }


@pytest.fixture(scope="module")
def exported(networks, tmp_path_factory):
    """The versions of a folder with each network once."""
    folder = tmp_path_factory.mktemp("models") / "digits"
    return [export_serving(network, folder, CLASS_NAMES) for network in networks.values()]


def expected(network, images):
    white = np.float32(255 if "rescaling" in network.layers[0].name else 1)
    return network.predict((images / (255 / white)).reshape(-1, *network.input_shape[1:]), verbose=0)


def test_versions_count_up_and_nothing_else_is_left(exported):
    folder = exported[0].parent
    assert [path.name for path in exported] == ["1", "2", "3", "4"]
    assert sorted(path.name for path in folder.iterdir()) == ["1", "2", "3", "4"]
    assert all((path / "saved_model.pb").is_file() and (path / "variables").is_dir() for path in exported)
    assert all(path.stat().st_mode & 0o755 == 0o755 for path in exported), "a server often runs as somebody else"
    assert version_folders(folder)[0] == (4, folder / "4")


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_tensorflow_reads_it_back(exported, networks, images, place):
    import tensorflow as tf

    wanted = expected(list(networks.values())[place], images)
    signature = tf.saved_model.load(str(exported[place])).signatures["serving_default"]
    takes = signature.structured_input_signature[1]["images"]
    assert takes.dtype == tf.uint8 and takes.shape.as_list() == [None, 28, 28]
    found = signature(images=tf.constant(images))
    assert found["probabilities"].dtype == tf.float32 and found["classes"].dtype == tf.int64
    np.testing.assert_allclose(found["probabilities"], wanted, atol=1e-6)
    assert found["classes"].numpy().tolist() == wanted.argmax(axis=1).tolist()
    assert [name.decode() for name in found["names"].numpy()] == [CLASS_NAMES[k] for k in wanted.argmax(axis=1)]
    assert signature(images=tf.constant(images[:0]))["classes"].shape == (0,)


def test_keras_reads_it_back(exported, networks, images):
    from tensorflow import keras

    layer = keras.layers.TFSMLayer(str(exported[0]), call_endpoint="serving_default")
    np.testing.assert_allclose(layer(images)["probabilities"], expected(networks["dense"], images), atol=1e-6)


def test_two_exports_at_once_get_different_numbers(networks, tmp_path):
    with ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda _: export_serving(networks["dense"], tmp_path / "m"), "12"))
    assert sorted(path.name for path in made) == ["1", "2"]
    assert sorted(path.name for path in (tmp_path / "m").iterdir()) == ["1", "2"]


def test_a_number_that_was_taken_meanwhile_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "file").touch()
    version = tmp_path / ".version"
    version.mkdir()
    monkeypatch.setattr(saved_model, "version_folders", lambda folder: [])
    assert saved_model.take_number(version, tmp_path) == tmp_path / "2"


def test_what_cannot_be_exported_is_refused(networks, tmp_path):
    from tensorflow import keras

    colour = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.Flatten(), keras.layers.Dense(10)])
    scores = keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])
    image = keras.Input((784,))
    ink = keras.layers.Dense(10, use_bias=False, kernel_initializer="ones")(image)  # 0 in a black image
    more = keras.Model(image, keras.layers.Add()([keras.layers.Softmax()(ink), ink]))
    for model, names, words in (
        (colour, None, "784 numbers"),
        (networks["dense"], "abc", "3 class names"),
        (scores, None, "not probabilities"),
        (more, None, "for one image they range from 784 to 784 and add up to "),
    ):
        with pytest.raises(NetworkError, match=words):
            export_serving(model, tmp_path / "m", names)
    with pytest.raises(NetworkError, match="A path must be text"):
        export_serving(networks["dense"], None)
    (tmp_path / "file").touch()
    with pytest.raises(NetworkError, match="Nothing can be saved in"):
        export_serving(networks["dense"], tmp_path / "file" / "digits")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("kind", ["Python's", "TensorFlow's"])
def test_a_failed_export_leaves_nothing(networks, tmp_path, monkeypatch, kind):
    import tensorflow as tf

    def full(model, names, reader, folder):
        folder.mkdir()
        (folder / "saved_model.pb").touch()
        if kind == "Python's":
            raise OSError(28, "No space left on device")
        raise tf.errors.ResourceExhaustedError(None, None, "{{SaveV2}} /tmp/v; No space left on device [Op:SaveV2]")

    monkeypatch.setattr(saved_model, "write_version", full)
    with pytest.raises(NetworkError, match=r"\(No space left on device\)\. Choose"):
        export_serving(networks["dense"], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_network_that_comes_with_the_workshop_can_be_exported(tmp_path, images):
    import tensorflow as tf

    version = export_serving(pretrained_network(), tmp_path)
    signature = tf.saved_model.load(str(version)).signatures["serving_default"]
    wanted = pretrained_network().predict(images / np.float32(255))
    np.testing.assert_allclose(signature(images=tf.constant(images))["probabilities"], wanted, atol=1e-4)


def test_a_version_is_a_number_of_64_bits():
    assert all(map(is_number, ("1", "007", 18 * "9")))
    assert not any(map(is_number, ("", "²", 19 * "9", 5000 * "1")))
