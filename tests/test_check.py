"""The check of a network: what it reads, what it predicts, and the names of its classes."""

import numpy as np
import pytest

from handwriting.errors import NetworkError
from handwriting.models import check


class Network:
    """A network without Keras: it gives the same row for every image."""

    def __init__(self, shape=(28, 28, 1), row=(0.1,) * 10):
        self.input_shape, self.row = (None, *shape), row

    def predict(self, images, verbose="auto"):
        assert verbose == 0 and images.shape[1:] == self.input_shape[1:] and images.dtype == np.float32
        return np.repeat(np.array(self.row)[None], len(images), axis=0)


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.mark.parametrize("shape", check.INPUT_SHAPES)
def test_images_become_what_a_network_reads(shape):
    images = np.arange(2 * 784).reshape(2, 28, 28).astype(np.uint8)
    assert check.input_shape_of(Network(shape)) == shape
    inputs = check.prepare_for(Network(shape), images)
    assert inputs.shape == (2, *shape) and inputs.dtype == np.float32
    np.testing.assert_allclose(inputs.reshape(2, 28, 28), images / 255, atol=1e-6)
    assert check.predict_images(Network(shape), images).shape == (2, 10)


def operation(keras, compute):
    """A model within the model that computes something without a layer."""
    inputs = keras.Input((28, 28))
    return keras.Model(inputs, compute(inputs))


def adapted(keras, mean):
    """A layer of batch normalization that has seen numbers with this mean."""
    layer = keras.layers.BatchNormalization()
    layer.build((None, 28, 28))
    layer.moving_mean.assign([mean] * 28)
    return layer


@pytest.mark.parametrize(
    ("layers", "white"),
    [
        (lambda k: [], 1),
        (lambda k: [k.layers.Rescaling(1 / 255)], 255),
        (lambda k: [k.layers.RandomFlip(), k.layers.Rescaling(1 / 127.5, offset=-1)], 255),
        (lambda k: [k.Sequential([k.Input((28, 28)), k.layers.Rescaling(1 / 256)])], 255),
        (lambda k: [k.layers.Normalization(axis=None, mean=33.0, variance=6000.0)], 255),
        (lambda k: [adapted(k, 33)], 255),
        (lambda k: [k.layers.Rescaling(2, offset=-1)], 1),
        (lambda k: [k.layers.Normalization(axis=None, mean=0.13, variance=0.1)], 1),
        (lambda k: [adapted(k, 0.13)], 1),
        (lambda k: [k.layers.Dense(28), k.layers.Rescaling(1 / 255)], 1),
        (lambda k: [k.layers.Normalization(axis=None, mean=0.0, variance=255.0**2)], 255),
        (lambda k: [operation(k, lambda x: x / 255)], 255),
        (lambda k: [k.layers.Reshape((28, 28)), operation(k, lambda x: 1 / 255 * x - 0.5)], 255),
        (lambda k: [operation(k, lambda x: k.ops.divide(k.ops.divide(x, 25.5), np.float32(10)))], 255),
        (lambda k: [operation(k, lambda x: 1 - x / 2)], 1),
        (lambda k: [operation(k, lambda x: sum([x] * 16) / 16), k.layers.Rescaling(1)], 1),
        (lambda k: [operation(k, lambda x: k.layers.Add()([x * 0.25, x * 0.2, x * 0.3]))], 1),
        (lambda k: [operation(k, lambda x: x + (x - 1) * 0.05)], 1),
        (lambda k: [operation(k, lambda x: k.layers.Rescaling(1 / 127.5, -1)(k.layers.Concatenate()([x, x])))], 255),
        (lambda k: [k.Sequential([k.Input((28, 28)), k.layers.Rescaling(1 / 256), k.layers.Dense(28)])], 255),
        (lambda k: [operation(k, lambda x: k.layers.Multiply()([x, x]))], 1),
        (lambda k: [k.layers.Dense(28, trainable=False), adapted(k, 33)], 1),
    ],
)
def test_a_network_that_scales_grey_levels_itself_gets_them_unscaled(keras, layers, white):
    rest = [keras.layers.Flatten(), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((28, 28)), *layers(keras), *rest])
    images = np.random.default_rng(0).integers(0, 256, (4, 28, 28), dtype=np.uint8)
    assert check.white_of(model) == white
    np.testing.assert_allclose(check.prepare_for(model, images), images / (255 / white), rtol=1e-6)
    np.testing.assert_allclose(
        check.predict_images(model, images), model(images / (255 / white), training=False), atol=1e-5
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda k: Network((100,)), r"784 numbers, 28 × 28 or 28 × 28 × 1 pixels per image; this one takes \(100,\)"),
        (lambda k: Network((28, 28, 3)), r"this one takes \(28, 28, 3\)"),
        (lambda k: k.Sequential([k.Input((32, 32)), k.layers.Flatten()]), r"this one takes \(32, 32\)"),
        (lambda k: k.Sequential([k.layers.Dense(10)]), r"Begin it with keras\.Input"),
        (lambda k: "network", r"Use a network that takes 784 .* not str"),
        (lambda k: None, "not NoneType"),
    ],
)
def test_what_does_not_read_images_is_refused(keras, make, words):
    with pytest.raises(NetworkError, match=words):
        check.input_shape_of(make(keras))


def test_several_inputs_or_outputs_are_refused(keras):
    one, other = keras.Input((784,)), keras.Input((784,))
    with pytest.raises(NetworkError, match="several inputs"):
        check.input_shape_of(keras.Model([one, other], keras.layers.Add()([one, other])))
    with pytest.raises(NetworkError, match="2 outputs"):
        check.input_shape_of(keras.Model(one, [keras.layers.Dense(10)(one), keras.layers.Dense(10)(one)]))


@pytest.mark.parametrize(
    ("network", "names", "words"),
    [
        (Network(), "abc", "3 class names, but the network has 10 classes"),
        (Network(), "abcdefghijk", "11 class names"),
        (Network(), ["a"] * 10, "called “a”"),
        (Network(), 5, "must be a list of names"),
        (Network(row=(0.5,)), None, "at least two"),
        (Network(row=np.ones((3, 10))), None, "one row"),
    ],
)
def test_names_that_do_not_fit_are_refused(network, names, words):
    with pytest.raises(NetworkError, match=words):
        check.class_names_for(network, names)


def test_each_class_has_a_name(keras):
    assert check.class_names_for(Network(row=(0.5, 0.5))) == ["0", "1"]
    assert check.class_names_for(Network(row=(0.5, 0.5)), "ab") == ["a", "b"]
    model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(3)])
    assert check.class_names_for(model) == ["0", "1", "2"], "a Keras model is not asked to predict"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([[0.5, np.nan]], "did not learn"),
        ([[0.5, np.inf]], "did not learn"),
        ([[1.5, -0.5]], "End it with a softmax"),
        ([[0.7, 0.7]], "add up to 1.4"),
    ],
)
def test_what_are_not_probabilities(rows, words):
    with pytest.raises(NetworkError, match=words):
        check.check_probabilities(np.array(rows))


def test_another_number_of_classes():
    check.check_probabilities(np.array([[0.5, 0.5]]))
    with pytest.raises(NetworkError, match=r"2 class names, but for 1 image the network's outputs .* \(1, 10\)"):
        check.check_outputs(np.zeros((1, 10)), 1, 2)


@pytest.mark.parametrize(
    ("shape", "words"), [((3, 28, 28), "784 numbers per image, but these images are 28 × 28"), ((3, 700), "are 700")]
)
def test_images_that_do_not_fit_are_explained(shape, words):
    with pytest.raises(ValueError, match=words):
        check.check_images(Network((784,)), np.zeros(shape))
    check.check_images(Network((784,)), np.zeros((3, 784)))
