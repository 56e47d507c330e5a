"""The network before it has learned anything."""

import numpy as np
import pytest
from conftest import Later

from handwriting.errors import ParameterError

build = Later("handwriting.build")
NAMES = ("augmentation", "convolutional_network", "dense_network")
augmentation, convolutional_network, dense_network = (Later(f"handwriting.build:{name}") for name in NAMES)


def test_it_has_the_workshop_s_weights():
    model = dense_network()
    assert [weights.shape for weights in model.get_weights()] == [(784, 512), (512,), (512, 10), (10,)]
    assert model.count_params() == 407_050
    assert model.name == "digits"


def test_parameters_reach_the_layers():
    model = dense_network(hidden=64, dropout=0.5, learning_rate=0.01, inputs=20, classes=3)
    assert model.get_layer("hidden").units == 64
    assert model.get_layer("dropout").rate == 0.5
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.01)
    assert model.input_shape == (None, 20) and model.output_shape == (None, 3)
    assert model.get_layer("output").activation.__name__ == "softmax"


def test_a_seed_fixes_the_weights():
    one, two, other = (dense_network(8, seed=seed).get_weights()[0] for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        *((dense_network, wrong) for wrong in ({"hidden": 0}, {"dropout": 1}, {"learning_rate": -1}, {"seed": "x"})),
        *((convolutional_network, wrong) for wrong in ({"learning_rate": 0}, {"seed": -1})),
        *((build, {"classes": n}) for build in (dense_network, convolutional_network) for n in (0, "3", 2.0, 10**6)),
    ],
)
def test_a_wrong_parameter_is_named(build, parameters):
    with pytest.raises(ParameterError, match=f'"{next(iter(parameters))}" must be'):
        build(**parameters)


def test_the_convolutional_network_has_the_layers_it_is_asked_for():
    model = convolutional_network(((8, 5, 2), (6, 3, 1)))
    assert [layer.name for layer in model.layers] == "conv1 relu1 conv2 norm2 relu2 flatten output".split()
    assert model.get_layer("relu1").output.shape == (None, 14, 14, 8)
    assert model.input_shape == (None, 28, 28, 1) and model.output_shape == (None, 10)
    plain = convolutional_network(((8, 5, 2), (6, 3, 1)), norm=False)
    assert [layer.name for layer in plain.layers] == "conv1 relu1 conv2 relu2 flatten output".split()
    assert convolutional_network().count_params() == convolutional_network(build.CONVOLUTIONS).count_params() == 151_370


def test_the_convolutional_network_learns_and_a_seed_fixes_it(arrays, without_graphs):
    images, labels = arrays[0][..., None] / np.float32(255), np.eye(10, dtype="float32")[arrays[1]]
    losses = []
    for epochs in (4, 1):
        model = convolutional_network(((8, 5, 4), (8, 3, 2)), learning_rate=0.02, seed=3)
        losses += model.fit(images, labels, epochs=epochs, batch_size=48, verbose=0).history["loss"]
    assert losses[3] < 0.5 * losses[0]
    assert losses[4] == pytest.approx(losses[0], rel=1e-3)


def test_augmentation_moves_images_in_training_only():
    image = np.zeros((1, 28, 28, 1), "float32")
    image[0, 10:18, 12:16] = 1
    layers = augmentation(seed=1)
    assert [layer.name for layer in layers] == ["moved", "turned", "resized"]
    for training in (False, True):
        result = np.repeat(image, 20, axis=0)
        for layer in layers:
            result = np.asarray(layer(result, training=training))
        changed = np.abs(result - image).max(axis=(1, 2, 3)) > 0.1
        assert changed.mean() > 0.8 if training else not changed.any()
        assert result[:, 0, 0].max() == 0, "black comes in from outside"


def test_augmentation_leaves_out_what_is_not_asked_for():
    assert [layer.name for layer in augmentation(shift=0.1, turn=0, zoom=0)] == ["moved"]
    model = convolutional_network(((4, 5, 4),), augment=augmentation(turn=0, zoom=0))
    assert model.layers[0].name == "moved"
    assert convolutional_network(((4, 5, 4),), augment=True).layers[2].name == "resized"
