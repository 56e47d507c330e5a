"""Results: shown as text, stored for programs."""

import json
import math
import subprocess
import sys

import numpy as np
import pytest

from handwriting.results import MIME, Result


def test_a_result_is_shown_and_stored():
    result = Result("evaluate", data="mnist", parameters={"hidden": 512, "dropout": 0.2}, test_accuracy=0.97891)
    bundle = result._repr_mimebundle_()
    lines = [" ".join(line.split()) for line in bundle["text/plain"].splitlines()]
    assert lines[:4] == ["stage evaluate", "data mnist", "parameters hidden 512", "dropout 0.2"]
    assert lines[4] == "test accuracy 0.9789"
    assert bundle[MIME] == result.values
    assert {"python", "tensorflow", "keras", "numpy"} == set(result.values["versions"])


def test_peak_memory_grows_with_what_is_held_and_does_not_shrink():
    code = "from handwriting.results import peak_memory as peak; x = peak(); b'1' * 300_000_000; print(peak() - x)"
    grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 290 <= int(grown) <= 320


@pytest.mark.parametrize("values", [{}, {"a": None}, {"a": [1, 2]}, {"a": True}])
def test_any_values_can_be_shown(values):
    assert "stage" in repr(Result("x", **values))


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (np.float32("inf"), "inf"),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.array([0.5, np.nan]), [0.5, "nan"]),
        ((1, None, "a"), [1, None, "a"]),
        ({7: [math.inf]}, {"7": ["inf"]}),
        (1j, "1j"),
    ],
)
def test_what_is_stored_is_json(value, stored):
    result = Result("train", {"history": {"loss": [value]}}, validation_loss=value, parameters={"rate": value})
    bundle = json.loads(json.dumps(result._repr_mimebundle_(), allow_nan=False))
    assert bundle[MIME]["validation_loss"] == bundle[MIME]["parameters"]["rate"] == stored
    assert bundle[MIME]["details"] == {"history": {"loss": [stored]}}
