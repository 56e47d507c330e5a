"""Keras files that somebody else made: what is in them is known before memory is taken, and no code runs."""

import io
import json
import os
import zipfile

import h5py
import numpy as np
import pytest
from odd_files import rewrite

from handwriting.errors import NetworkError
from handwriting.models import keras_file
from handwriting.models.saved import load_file
from workshop.serve import network


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network with two layers, saved by Keras."""
    import keras

    layers = [keras.Input((28, 28, 1)), keras.layers.ZeroPadding2D(3), keras.layers.GlobalAveragePooling2D()]
    path = tmp_path_factory.mktemp("saved") / "network.keras"
    model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
    model.compile("adam", "categorical_crossentropy")
    model.save(path)
    return path


def zeros(shape, dtype, chunks=True):
    """Return a file of weights that claims megabytes or gigabytes of zeros in a kilobyte."""
    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.create_dataset("layers/dense/vars/0", shape=shape, dtype=dtype, chunks=chunks)
    return file.getvalue()


def of_any_length(attributes=False):
    """Return a file of weights whose elements, or those of an attribute, are lists, of which many can be the same."""
    file, kind = io.BytesIO(), h5py.vlen_dtype("f4")
    with h5py.File(file, "w") as weights:
        numbers = weights.create_dataset("layers/dense/vars/0", shape=(2,), dtype="f4" if attributes else kind)
        if attributes:
            lists = np.empty(2, object)
            lists[:] = [np.zeros(1, "f4"), np.zeros(2, "f4")]
            numbers.attrs.create("dtype", lists, dtype=kind)
    return file.getvalue()


def nested(depth):
    """Return the description of a model that holds a model twice, which holds a model twice, and so on."""
    config = {"class_name": "Activation", "config": {"activation": "linear"}}
    for _ in range(depth):
        config = {"class_name": "Functional", "config": {"layers": [config]}, "inbound_nodes": [{}, {}]}
    return json.dumps(config).encode()


def sequence(length):
    """Return the description of a model that takes minutes to make: for each layer, Keras makes all before it again."""
    layer = {"class_name": "Identity", "config": {"dtype": "float32"}}
    return json.dumps({"class_name": "Sequential", "config": {"layers": [layer] * length}}).encode()


@pytest.mark.parametrize(
    ("member", "content", "expected"),
    [
        ("config.json", (b'"units": 10,', b'"units": 1000000000,'), "too large"),
        ("config.json", (b"[3, 3]", b"[30000, 30000]"), "too large"),  # no weights, but 14 GB for one image
        ("config.json", (b"28, 28, 1]", b"9999, 9999, 1]"), "must take 784 numbers"),
        ("config.json", b" " * (keras_file.LARGEST_CONFIG + 1), "too long"),
        ("config.json", nested(30), "too many layers"),  # a billion layers
        ("config.json", sequence(300), "too many layers"),
        ("config.json", (b'"ZeroPadding2D"', b'"RepeatVector"'), 'contains "RepeatVector", which is not loaded'),
        ("config.json", (b'"Zeros"', b'"get"'), 'contains "get"'),
        ("model.weights.h5", zeros((10**5, 10**4), "f4", None), "do not fit"),
        ("model.weights.h5", zeros((4000,), "S1000000", None), "do not fit"),
        ("model.weights.h5", zeros((10,), "f4"), "do not fit"),  # a chunk can unpack to anything
        ("model.weights.h5", of_any_length(), "do not fit"),
        ("model.weights.h5", of_any_length(attributes=True), "do not fit"),
        ("model.weights.h5", bytes(3_000_000), "do not fit"),  # in front of the weights, unpacked again and again
        ("model.weights.h5", bytes(5_000_000), "unpacks to 5 MB"),
    ],
)
def test_a_bomb_is_refused_before_memory_is_taken(saved, tmp_path, monkeypatch, member, content, expected):
    def load_weights(*arguments, **options):
        raise AssertionError("it was loaded")

    monkeypatch.setattr("keras.Model.load_weights", load_weights)
    monkeypatch.setattr(keras_file, "LARGEST", 4_000_000)
    monkeypatch.setattr(keras_file, "OTHER", 1_000_000)
    with pytest.raises(NetworkError, match=expected):
        keras_file.load_keras_file(rewrite(saved, member, content, tmp_path / "changed.keras"))


@pytest.mark.parametrize("kind", ["missing", "external link", "link to nowhere", "virtual", "in another file", "other"])
def test_weights_that_are_not_there_are_said_in_a_sentence(saved, tmp_path, kind):
    (tmp_path / "weights.h5").write_bytes(zipfile.ZipFile(saved).read("model.weights.h5"))
    with h5py.File(tmp_path / "weights.h5", "r+") as file:
        place = "layers/dense/vars/0"
        shape, dtype = file[place].shape, file[place].dtype
        del file[place]
        if kind == "external link":
            file[place] = h5py.ExternalLink("other.h5", "/x")
        elif kind == "link to nowhere":
            file[place] = h5py.SoftLink("/x")
        elif kind == "virtual":
            layout = h5py.VirtualLayout(shape, dtype)
            layout[:] = h5py.VirtualSource("other.h5", "x", shape=shape)
            file.create_virtual_dataset(place, layout)
        elif kind == "in another file":
            file.create_dataset(place, shape, dtype, external=[(str(saved), 0, h5py.h5f.UNLIMITED)])
        elif kind == "other":
            file.create_dataset(place, (shape[0], 2), dtype)
    path = rewrite(saved, "model.weights.h5", (tmp_path / "weights.h5").read_bytes(), tmp_path / "changed.keras")
    with pytest.raises(NetworkError, match=r"cannot be used\. Its weights do not fit its layers\. .* again\.$"):
        load_file(path)


def test_a_layer_that_looks_small_to_tensorflow_is_refused():
    import keras

    layers = [keras.Input((28, 28, 1)), keras.layers.ZeroPadding2D(((0, 0), (0, 2**40))), keras.layers.Flatten()]
    with pytest.raises(NetworkError, match="too large"):
        keras_file.numbers_in(keras.saving.serialize_keras_object(keras.Sequential(layers)))


@pytest.mark.parametrize("number", [2**26, 2.0**27, 2**32 + 1])
@pytest.mark.parametrize("name", ["strides", "dilation_rate"])
def test_a_number_that_ends_the_process_in_tensorflow_is_refused(tmp_path, name, number):
    import keras

    seeds = (2**32 - 1, keras.random.SeedGenerator(3))
    kernel, bias = (keras.initializers.HeNormal(seed=seed) for seed in seeds)
    seeded = keras.layers.Conv2DTranspose(1, 3, kernel_initializer=kernel, bias_initializer=bias)
    layers = [keras.Input((28, 28, 1)), seeded, keras.layers.GlobalMaxPooling2D(), keras.layers.Dense(10)]
    model = keras.Sequential(layers)
    model.save(tmp_path / "network.keras")
    keras_file.load_keras_file(tmp_path / "network.keras")
    config = keras.saving.serialize_keras_object(model)
    config["config"]["layers"][1]["config"][name] = [number, 1]
    changed = rewrite(tmp_path / "network.keras", "config.json", json.dumps(config).encode(), tmp_path / "b.keras")
    with pytest.raises(NetworkError, match=r"too large \(\de\+0\d\)"):
        keras_file.load_keras_file(changed)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"\x89HDF\r\n\x1a\n and so on", r"format \(.h5\)"), (b"PK\x03\x04 cut short", "only a part"), (b"", "not a")],
)
def test_another_format_is_named(tmp_path, content, expected):
    path = tmp_path / "network.keras"
    path.write_bytes(content)
    with pytest.raises(NetworkError, match=expected):
        keras_file.load_keras_file(path)


def test_another_zip_archive_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "hand.zip", "w") as archive:
        archive.writestr("anna/05_train.ipynb", "{}")
    with pytest.raises(NetworkError, match="zip archive without a network"):
        keras_file.load_keras_file(tmp_path / "hand.zip")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "network.keras")
    with pytest.raises(NetworkError, match="a pipe"):
        keras_file.load_keras_file(tmp_path / "network.keras")


def test_what_was_saved_is_loaded_without_its_optimizer(saved):
    model = keras_file.load_keras_file(saved)
    assert model.count_params() == 20 and not getattr(model, "compiled", False)


@pytest.mark.parametrize("dtype", ["bfloat16", "mixed_bfloat16", "float16"])
def test_numbers_of_16_bits_are_loaded(tmp_path, dtype):
    import keras

    layers = keras.layers
    made = [keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, "softmax", dtype=dtype)]
    keras.Sequential(made).save(tmp_path / "network.keras")
    opened = network.open_network(tmp_path / "network.keras")
    assert opened.predict(np.zeros((2, 28, 28), np.uint8)) == pytest.approx(0.1, abs=0.001)


def test_what_a_model_within_the_model_was_compiled_with_is_left_out(saved, tmp_path):
    import keras

    inner = keras.models.load_model(saved)
    outer = keras.Sequential([keras.Input((28, 28, 1)), inner, keras.layers.Dense(3, activation="softmax")])
    outer.save(tmp_path / "network.keras")
    found = keras_file.load_keras_file(tmp_path / "network.keras")
    assert not found.layers[0].compiled
    for weights, expected in zip(found.get_weights(), outer.get_weights(), strict=True):
        assert (weights == expected).all()


def test_weights_that_no_image_reaches_take_no_memory(tmp_path):
    import keras

    image = keras.Input((784,))
    keras.Model(image, keras.layers.Dense(10, name="last")(image)).save(tmp_path / "network.keras")
    unused = b'"layers": [{"class_name": "Dense", "name": "unused", "config": {"units": 10}, "inbound_nodes": [], '
    unused += b'"module": "keras.layers", '
    unused += b'"build_config": {"input_shape": [null, 1000000000000]}}, '
    path = rewrite(tmp_path / "network.keras", "config.json", (b'"layers": [', unused))
    assert keras_file.load_keras_file(path).count_params() == 7850


def test_recurrent_layers_are_loaded_without_what_they_saw_before(tmp_path):
    import keras

    layers = keras.layers
    both = layers.Bidirectional(layers.LSTM(2, return_sequences=True))
    made = [both, layers.GRU(2, unroll=True, stateful=True), layers.Reshape((2, 1)), layers.SimpleRNN(3)]
    network = keras.Sequential([keras.Input((28, 28), batch_size=1), *made])
    network.save(tmp_path / "network.keras")
    image = np.random.default_rng(0).random((1, 28, 28), "f4")
    found = keras_file.load_keras_file(tmp_path / "network.keras")
    for _ in range(2):
        np.testing.assert_allclose(found(image), made[3](made[2](made[1](both(image)))), atol=1e-6)
        made[1].reset_states()


@pytest.mark.parametrize(("padding", "count"), [(1000, 1), (0, 10)])
def test_many_steps_or_many_recurrent_layers_are_refused(tmp_path, padding, count):
    import keras

    layers = [keras.layers.SimpleRNN(2, return_sequences=True) for _ in range(count)]
    network = keras.Sequential([keras.Input((28, 28)), keras.layers.ZeroPadding1D(padding), *layers])
    network.save(tmp_path / "network.keras")
    with pytest.raises(NetworkError, match=r"too large|too many layers"):
        keras_file.load_keras_file(tmp_path / "network.keras")


WORK = {
    "convolution": (1, lambda of: [of.UpSampling2D(2), of.Conv2D(1, 20, padding="same")]),
    "in groups": (1, lambda of: [of.Conv2D(2, 1), of.Conv2D(2, 28, groups=2, padding="same")]),
    "of each channel": (1, lambda of: [of.UpSampling2D(2), of.DepthwiseConv2D(20, padding="same")]),
    "transposed": (1, lambda of: [of.Conv2DTranspose(1, 50)]),
    "pooling": (1, lambda of: [of.UpSampling2D(2), of.MaxPooling2D(20, 1, padding="same")]),
    "dense": (40, lambda of: [of.UpSampling2D(2), of.Dense(1000), of.Dense(1000)]),
}


@pytest.mark.parametrize(("millions", "layers"), WORK.values(), ids=WORK)
def test_what_an_operation_takes_beside_its_output_counts(monkeypatch, millions, layers):
    import keras

    config = keras.saving.serialize_keras_object(keras.Sequential([keras.Input((28, 28, 1)), *layers(keras.layers)]))
    assert keras_file.numbers_in(config)[0] > millions * 10**6
    monkeypatch.setattr(keras_file, "work_of", lambda operation, group: 0)
    assert keras_file.numbers_in(config)[0] < millions * 10**6


def test_layers_with_groups_and_no_kernel_are_counted():
    import keras

    layers = [keras.layers.Conv2D(4, 3), keras.layers.GroupNormalization(2), keras.layers.Flatten()]
    config = keras.saving.serialize_keras_object(keras.Sequential([keras.Input((28, 28, 1)), *layers]))
    assert keras_file.numbers_in(config)[0] > 26 * 26 * 4


def test_many_images_take_no_more_memory_than_one_may(saved, monkeypatch):
    monkeypatch.setattr(keras_file, "LARGEST_NETWORK", 20_000)
    model, parts = keras_file.load_keras_file(saved), []
    classify = network.saved_model.image_classifier(model, list("0123456789"))
    counted = lambda images: parts.append(len(images)) or classify(images)  # noqa: E731
    monkeypatch.setattr(network.saved_model, "image_classifier", lambda *_: counted)
    images = np.arange(20 * 784, dtype=np.uint8).reshape(20, 28, 28)
    found = network.network_of(model).predict(images)
    assert found.shape == (20, 10) and sum(parts) == 23 and 2 <= max(parts) < 20
    np.testing.assert_allclose(found, classify(images)["probabilities"], atol=1e-6)


def test_a_network_within_each_step_of_a_recurrent_layer_is_refused(tmp_path):
    import keras

    layers = keras.layers
    long = [layers.Reshape((1, 1, 1)), layers.UpSampling2D(2), layers.Reshape((4, 1)), layers.SimpleRNN(1)]
    inside = keras.Sequential([keras.Input((1,)), *long])
    network = keras.Sequential([keras.Input((28, 28)), layers.SimpleRNN(1, activation=inside)])
    network.save(tmp_path / "network.keras")
    with pytest.raises(NetworkError, match="in each step"):
        keras_file.load_keras_file(tmp_path / "network.keras")


def test_a_network_that_combines_images_with_each_other_is_refused(tmp_path):
    import keras

    inputs = keras.Input((784,))
    rows = keras.layers.Reshape((3000, 1))(keras.layers.Dense(3000)(inputs))
    each = keras.layers.EinsumDense("ab,b->a", output_shape=())(inputs)
    outputs = keras.layers.EinsumDense("abc,bd->ad", output_shape=(10,))(keras.ops.subtract(rows, each))
    keras.Model(inputs, outputs).save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match="combines images with each other"):
        keras_file.load_keras_file(tmp_path / "a.keras")


@pytest.mark.parametrize("dropout", [None, 0.0, 0.1])  # with dropout, Keras multiplies matrices in another way
def test_recurrent_layers_and_attention_do_not_combine_images(tmp_path, dropout):
    import keras

    inputs = keras.Input((28, 28))
    found = keras.layers.LSTM(64)(inputs)
    if dropout is not None:
        rows = keras.layers.Dense(64)(keras.layers.Reshape((49, 16))(inputs))
        attention = keras.layers.MultiHeadAttention(4, 16, dropout=dropout)
        found = keras.layers.GlobalAveragePooling1D()(attention(rows, rows))
    keras.Model(inputs, keras.layers.Dense(10, "softmax")(found)).save(tmp_path / "a.keras")
    assert keras_file.load_keras_file(tmp_path / "a.keras").images_at_once > 10


def test_attention_from_image_to_image_is_refused(tmp_path):
    import keras

    inputs = keras.Input((28, 28))
    found = keras.layers.MultiHeadAttention(4, 16, dropout=0.1, attention_axes=0)(inputs, inputs)
    keras.Model(inputs, keras.layers.Dense(10)(keras.layers.Flatten()(found))).save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match="combines images with each other"):
        keras_file.load_keras_file(tmp_path / "a.keras")


def test_convolutions_in_groups_are_compiled_for_a_few_numbers_of_images_only(monkeypatch):
    import keras

    layers, seen = keras.layers, []
    convolution = layers.Conv2D(2, 28, groups=2)
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), layers.Conv2D(2, 1), convolution, layers.Flatten(), layers.Dense(10, "softmax")]
    )
    served = network.network_of(model)
    whole = served.predict(np.arange(7 * 784, dtype=np.uint8).reshape(7, 28, 28))
    real = np.zeros

    def zeros(shape, *more):
        seen.append(shape[0])
        return real(shape, *more)

    monkeypatch.setattr(np, "zeros", zeros)
    for count in (3, 5, 7):
        images = np.arange(7 * 784, dtype=np.uint8).reshape(7, 28, 28)[:count]
        assert np.allclose(served.predict(images), whole[:count], atol=1e-6)
    assert [count + more for count, more in zip((3, 5, 7), seen, strict=True)] == [4, 8, 8]


def test_kernels_that_are_spread_out_count_in_convolutions_in_groups_too():
    import keras

    rate = {"groups": 2, "padding": "same", "dilation_rate": 1000}
    layers = [keras.layers.Conv2D(4, 3), keras.layers.Conv2D(4, 3, **rate), keras.layers.GlobalMaxPooling2D()]
    config = keras.saving.serialize_keras_object(keras.Sequential([keras.Input((28, 28, 1)), *layers]))
    assert keras_file.numbers_in(config)[0] > keras_file.LARGEST_NETWORK


@pytest.mark.parametrize(
    ("name", "words"), [("Hashing", 'contains "Hashing"'), ("Dense", "too large"), ("__numpy__", "plain numbers")]
)
def test_what_is_made_for_a_seed_is_checked_as_well(saved, tmp_path, name, words):
    seed = {
        "class_name": name,
        "config": {"units": 9, "dtype": "S300000000", "value": [0], "kernel_initializer": {"config": {"shape": 2**40}}},
    }
    with zipfile.ZipFile(saved) as archive:
        config = json.loads(archive.read("config.json"))
    config["config"]["layers"][-1]["config"]["bias_initializer"] = {"class_name": "Zeros", "config": {"seed": seed}}
    changed = rewrite(saved, "config.json", json.dumps(config).encode(), tmp_path / "b.keras")
    with pytest.raises(NetworkError, match=words):
        keras_file.load_keras_file(changed)


def test_a_network_of_very_many_classes_is_refused_at_once(tmp_path):
    import keras

    layers = keras.layers
    keras.Sequential([keras.Input((28, 28, 1)), layers.ZeroPadding2D(100), layers.Flatten(), layers.Softmax()]).save(
        tmp_path / "a.keras"
    )
    with pytest.raises(NetworkError, match="51,984 classes"):
        network.open_network(tmp_path / "a.keras")
