"""Results: shown as text, stored for programs."""

import subprocess
import sys

import nbformat
import pytest

from handwriting.results import MIME, Result, peak_memory, read_result


def notebook(*values):
    outputs = [nbformat.v4.new_output("display_data", {MIME: value, "text/plain": "x"}) for value in values]
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("x"), nbformat.v4.new_code_cell("x", outputs=outputs)]
    )


def test_a_result_is_shown_and_stored():
    result = Result("evaluate", data="mnist", parameters={"hidden": 512, "dropout": 0.2}, test_accuracy=0.97891)
    bundle = result._repr_mimebundle_()
    lines = [" ".join(line.split()) for line in bundle["text/plain"].splitlines()]
    assert lines[:4] == ["stage evaluate", "data mnist", "parameters hidden 512", "dropout 0.2"]
    assert lines[4] == "test accuracy 0.9789"
    assert read_result(notebook(bundle[MIME])) == result.values
    assert {"python", "tensorflow", "keras", "numpy"} == set(result.values["versions"])


def test_the_last_result_counts_and_others_are_passed_over():
    assert read_result(notebook({"stage": "a"}, "no dictionary", {"stage": "b"})) == {"stage": "b"}
    assert read_result(notebook()) is None


def test_peak_memory_grows_with_what_is_held_and_does_not_shrink():
    code = "from handwriting.results import peak_memory as peak; x = peak(); b'1' * 300_000_000; print(peak() - x)"
    grown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert 290 <= int(grown) <= 320
    assert peak_memory(process=2**22 + 1) is None


@pytest.mark.parametrize("values", [{}, {"a": None}, {"a": [1, 2]}, {"a": True}])
def test_any_values_can_be_shown(values):
    assert "stage" in repr(Result("x", **values))
