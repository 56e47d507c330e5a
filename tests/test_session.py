"""What every notebook does first."""

import subprocess
import sys

import numpy as np

import handwriting
from handwriting.paths import notebooks_folder


def run(code):
    """Run code in a fresh Python, and return the finished process."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done


def test_imports_bring_nothing_large_that_is_not_needed():
    code = """
import sys
print({"tensorflow", "keras", "sklearn", "scipy", "matplotlib", "numpy", "papermill"} & set(sys.modules))
import handwriting.data.image_folder
print({"tensorflow", "PIL", "scipy", "matplotlib", "tqdm", "rich", "requests"} & set(sys.modules))
import handwriting.load, handwriting.visualize, numpy
from handwriting.models.pretrained import pretrained_network
print(pretrained_network().predict(numpy.zeros((1, 28, 28))).shape, {"tensorflow", "keras"} & set(sys.modules))
"""
    assert run(f"import handwriting{code}").stdout.splitlines() == ["set()", "set()", "(1, 10) set()"]


def test_setup_prints_one_line_and_fixes_the_random_numbers(capsys):
    handwriting.setup(seed=5)
    first = np.random.random(3).tolist()
    handwriting.setup(seed=5)
    assert np.random.random(3).tolist() == first
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Ready: Python 3.") and "TensorFlow 2." in lines[0] and "data at hand:" in lines[0]


def test_tensorflow_is_quiet_and_scikit_learn_can_be_imported_after_it():
    code = """
import handwriting
handwriting.setup()
import tensorflow as tf
tf.zeros(3)
for _ in range(7):  # so many traces cause a warning
    tf.function(lambda x: x + 1)(tf.zeros(1))
    tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)]).predict(tf.zeros((1, 2)), verbose=0)
tf.get_logger().warning("not this")
tf.get_logger().error("but this")
import sklearn.datasets
"""
    done = run(code)
    assert len(done.stdout.splitlines()) == 1
    assert "not this" not in done.stderr and "but this" in done.stderr
    assert len(done.stderr.splitlines()) == 1, "TensorFlow writes log lines"


def test_an_error_while_tensorflow_is_imported_still_comes_through(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no such processor')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import handwriting; handwriting.setup()\n"
    code += "try:\n    import tensorflow\nexcept ImportError as error:\n    print(error, 'sklearn' in sys.modules)"
    assert run(code).stdout.splitlines()[-1] == "no such processor False"


def test_notebooks_are_found():
    assert (notebooks_folder() / "01_load.ipynb").is_file()
