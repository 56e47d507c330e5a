"""Images and labels in the form that a network reads, and what the errors say."""

import dataclasses

import numpy as np
import pytest

from handwriting.data.registry import DIGITS
from handwriting.errors import ArrayError, DataError, ParameterError
from handwriting.load import Dataset
from handwriting.prepare import flatten, one_hot, prepared, scale


def test_flatten_lays_rows_end_to_end():
    images = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    assert flatten(images).tolist() == [list(range(12)), list(range(12, 24))]
    assert flatten(images).dtype == np.uint8
    assert np.shares_memory(flatten(images), images)


def test_scale_divides_into_a_new_array():
    images = np.array([[0, 51, 255]], np.uint8)
    scaled = scale(images)
    assert scaled.dtype == np.float32
    assert scaled.tolist() == [[0.0, np.float32(0.2), 1.0]]
    assert images.tolist() == [[0, 51, 255]], "the original must stay as it was"


def test_one_hot_sets_one_element():
    assert one_hot(np.array([2, 0], np.uint8), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert one_hot(np.array([], int), 3).shape == (0, 3)


@pytest.mark.parametrize(
    ("function", "array", "message"),
    [
        (flatten, np.zeros((5, 784)), "flat already"),
        (flatten, np.zeros(784), "shape"),
        (flatten, np.zeros((2, 2, 2, 1)), "shape"),
        (scale, scale(np.array([[0, 255]], np.uint8)), "scaled already"),
        (one_hot, np.eye(10), "one-hot already"),
        (one_hot, np.array([3, 10]), "from 3 to 10"),
        (one_hot, np.array([-1]), "from -1"),
        (one_hot, np.array([0.5]), "whole numbers"),
    ],
)
def test_wrong_arrays_are_explained(function, array, message):
    with pytest.raises(ArrayError, match=message):
        function(array)


def test_one_hot_agrees_with_keras():
    from tensorflow import keras

    labels = np.arange(10, dtype=np.uint8)[::-1]
    assert np.array_equal(one_hot(labels), keras.utils.to_categorical(labels, 10))


def test_prepared_holds_out_the_last_twelfth(small):
    ready = prepared(small)
    assert (len(ready.x_train), len(ready.x_validation), len(ready.x_test)) == (220, 20, 60)
    assert np.array_equal(ready.x_validation[0], small.x_train[220].reshape(784) / np.float32(255))
    assert ready.y_validation.argmax(axis=1).tolist() == small.y_train[220:].tolist()
    assert ready.x_test.max() == 1.0 and ready.y_test.shape == (60, 10)
    assert repr(ready) == "<Prepared small: 220 / 20 / 60 images for training, validation and testing>"


def test_prepared_knows_its_data_and_how_much_was_asked_for(small):
    assert prepared(small).fingerprint == prepared(small, 5).fingerprint == small.fingerprint
    assert prepared(small).train_size is None
    some = prepared(small, "100")  # as the command line gives it
    assert some.train_size == len(some.x_train) == 100 and len(some.x_validation) == 20


@pytest.mark.parametrize("wrong", [0, "many", 2.5])
def test_prepared_refuses_an_impossible_number_of_images(small, wrong):
    with pytest.raises(ParameterError, match='"train_size" must be'):
        prepared(small, wrong)


def test_prepared_works_with_two_images_but_not_with_one(small):
    tiny = Dataset("tiny", DIGITS, small.x_train[:2], small.y_train[:2], small.x_test[:1], small.y_test[:1])
    assert len(prepared(tiny).x_train) == len(prepared(tiny).x_validation) == 1
    with pytest.raises(DataError, match="tiny has too few images for training: 1"):
        prepared(dataclasses.replace(tiny, x_train=tiny.x_train[:1], y_train=tiny.y_train[:1]))


def test_training_images_copy_to_aligned_memory(small):
    images = prepared(small).x_train
    copied = images.copy()
    assert copied.ctypes.data % 64 == 0 and np.array_equal(copied, images)
