"""The network before it has learned anything."""

import numpy as np
import pytest

from handwriting.build import check_fit, dense_network
from handwriting.parameters import ParameterError


def test_it_has_the_workshop_s_weights():
    model = dense_network()
    assert [weights.shape for weights in model.get_weights()] == [(784, 512), (512,), (512, 10), (10,)]
    assert model.count_params() == 407_050
    assert model.name == "digits"


def test_knobs_reach_the_layers():
    model = dense_network(hidden=64, dropout=0.5, learning_rate=0.01, inputs=20, classes=3)
    assert model.get_layer("hidden").units == 64
    assert model.get_layer("dropout").rate == 0.5
    assert float(model.optimizer.learning_rate.numpy()) == pytest.approx(0.01)
    assert model.input_shape == (None, 20) and model.output_shape == (None, 3)


def test_a_seed_fixes_the_weights():
    one, two, other = (dense_network(8, seed=seed).get_weights()[0] for seed in (1, 1, 2))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_answers_are_probabilities():
    answers = dense_network(8).predict(np.random.default_rng(0).random((5, 784), "float32"), verbose=0)
    assert answers.shape == (5, 10)
    assert answers.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-5)


@pytest.mark.parametrize("knob", [{"hidden": 0}, {"dropout": 1}, {"learning_rate": -1}, {"seed": "x"}])
def test_a_wrong_knob_is_named(knob):
    with pytest.raises(ParameterError, match=f'"{next(iter(knob))}" takes'):
        dense_network(**knob)


@pytest.mark.parametrize(
    ("shape", "said"), [((3, 28, 28), "784 numbers per picture, but these pictures are 28 × 28"), ((3, 700), "are 700")]
)
def test_pictures_that_do_not_fit_are_explained(shape, said):
    with pytest.raises(ValueError, match=said):
        check_fit(dense_network(8), np.zeros(shape))
    assert check_fit(dense_network(8), np.zeros((3, 784))) is None
