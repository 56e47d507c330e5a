"""What every notebook does first."""

import json
import os
import re
import subprocess
import sys
from unittest.mock import MagicMock

import nbformat
import numpy as np
from nbclient import NotebookClient

import handwriting
from handwriting.paths import notebooks_folder


def run(code, **environment):
    """Run code in a fresh Python, and return the finished process."""
    environment = os.environ | environment
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, done.stderr
    return done


#: Code, and modules that are still not imported after all code up to there.
NOT_NEEDED = """
import handwriting
    tensorflow keras sklearn scipy matplotlib numpy papermill
import workshop.doctor
    tensorflow numpy psutil zmq
import handwriting.data.image_folder
    tensorflow PIL scipy matplotlib tqdm rich requests
import handwriting.models.check, handwriting.pad, handwriting.practice; handwriting.practice.progress()
    tensorflow keras matplotlib scipy PIL anywidget ipywidgets
import workshop.serve, handwriting.share
    tensorflow fastapi matplotlib scipy PIL anywidget ipywidgets
handwriting.pad.DrawingPad()._repr_mimebundle_()
    tensorflow keras
import handwriting.load, handwriting.visualize, handwriting.models.pretrained as models, numpy
models.pretrained_network().predict(numpy.zeros((1, 28, 28)))
    tensorflow keras
import workshop.classroom.class_page; workshop.classroom.class_page.exercises()
    tensorflow keras
import workshop.publish.slides
workshop.publish.slides.write_slides([handwriting.paths.notebooks_folder() / "01_load.ipynb"], "slides")
    tensorflow keras
"""


def test_nothing_large_is_imported_that_is_not_needed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, count = re.subn("^    (.*)", r"print({*'\1'.split()} & {*sys.modules})", NOT_NEEDED, flags=re.MULTILINE)
    assert run(f"import sys\n{code}").stdout.splitlines() == ["set()"] * count


def test_setup_prints_one_line_and_fixes_the_random_numbers(capsys):
    handwriting.setup(seed=5)
    first = np.random.random(3).tolist()
    handwriting.setup(seed=5)
    assert np.random.random(3).tolist() == first
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("Ready: Python 3.") and "TensorFlow 2." in lines[0] and "data available:" in lines[0]


def test_tensorflow_is_quiet_keras_as_usual_and_scikit_learn_can_be_imported_after_it(tmp_path):
    settings = {"backend": "torch", "image_data_format": "channels_first", "floatx": "float16", "epsilon": 0.1}
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    code = """
import handwriting
handwriting.setup()
import keras  # which imports TensorFlow
settings = keras.config
print(settings.backend(), settings.image_data_format(), settings.floatx(), settings.epsilon())
import tensorflow as tf
tf.zeros(3)
for _ in range(7):  # so many traces cause a warning
    tf.function(lambda x: x + 1)(tf.zeros(1))
    tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)]).predict(tf.zeros((1, 2)), verbose=0)
tf.get_logger().warning("not this")
tf.get_logger().error("but this")
import sklearn.datasets
"""
    done = run(code, KERAS_HOME=str(tmp_path), KERAS_BACKEND="torch", KERAS_MAX_EPOCHS="0", TF_USE_LEGACY_KERAS="1")
    assert done.stdout.splitlines()[1:] == ["tensorflow channels_last float32 1e-07"]
    assert "not this" not in done.stderr and "but this" in done.stderr
    assert len(done.stderr.splitlines()) == 1, "TensorFlow writes log lines"


def test_an_error_while_tensorflow_is_imported_still_comes_through(tmp_path):
    (tmp_path / "tensorflow.py").write_text("raise ImportError('no such processor')")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import handwriting; handwriting.setup()\n"
    code += "try:\n    import tensorflow\nexcept ImportError as error:\n    print(error, 'sklearn' in sys.modules)"
    assert run(code).stdout.splitlines()[-1] == "no such processor False"


def test_a_keras_that_computes_otherwise_already_is_named(monkeypatch, capsys):
    keras = MagicMock()
    keras.config.backend.return_value = "torch"
    monkeypatch.setitem(sys.modules, "keras", keras)
    handwriting.setup()
    last = "Keras is already using torch. Restart the kernel, and run this cell before others."
    assert capsys.readouterr().out.splitlines()[-1] == last


CELLS = """
import handwriting
handwriting.setup()
---
import numpy as np
2
np.exp(np.arange(12) / 7)
---
1 / 3
---
from handwriting.visualize import show_images
show_images(np.triu(np.ones((28, 28))), "class")
---
import matplotlib.pyplot as plt
plt.imshow(np.triu(np.ones((28, 28))))
plt.title("100,000")
plt.show()
---
import os
print(np.exp(np.array([-1000.0])), sorted({"COLUMNS", "NO_COLOR"} & set(os.environ)))
"""


def kernel_outputs(folder, **environment):
    """Return the outputs of `CELLS` in a kernel that is started in a folder."""
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS.split("---\n"))))
    where = {"metadata": {"path": folder}}
    client = NotebookClient(notebook, timeout=60, kernel_name="python3", coalesce_streams=True, resources=where)
    client.execute(env=os.environ | {"IPYTHONDIR": str(folder / "ipython")} | environment)
    return [cell.outputs for cell in notebook.cells]


def test_a_persons_own_settings_change_nothing_that_a_notebook_shows(tmp_path):
    plain, changed = tmp_path / "plain", tmp_path / "changed"
    start = changed / "ipython" / "profile_default" / "startup"
    start.mkdir(parents=True)
    plain.mkdir()
    (start / "0.py").write_text(
        "import numpy as np\nnp.set_printoptions(precision=1, threshold=3)\nnp.seterr(all='raise')\nfrom numpy import *"
    )
    start.with_name("ipython_config.py").write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        "c.InlineBackend.figure_formats = {'svg'}\nc.InlineBackend.rc = {'image.origin': 'lower'}"
    )
    (changed / "matplotlibrc").write_text("text.usetex: True\nsavefig.dpi: 30\nimage.origin: lower\nno such key: 3\n")
    (_, *shown) = kernel_outputs(plain)
    (first, *others) = kernel_outputs(changed, MPLBACKEND="nonsense", COLUMNS="20", NO_COLOR="1")
    assert [[{**out, "execution_count": 0} for out in outputs] for outputs in others] == [
        [{**out, "execution_count": 0} for out in outputs] for outputs in shown
    ]
    assert [out.get("name") for out in first] == ["stdout"]
    assert "names abs, all, any, " in first[0].text and "Run: del " in first[0].text


def test_letters_that_the_terminal_lacks_end_no_program():
    code = "import handwriting; print('größe', chr(0xDCF6))"
    for encoding, shown in (("ascii", r"gr\xf6\xdfe \udcf6"), ("utf-8", r"größe \udcf6")):
        assert run(code, PYTHONIOENCODING=encoding).stdout == shown + "\n"


def test_notebooks_are_found():
    assert (notebooks_folder() / "01_load.ipynb").is_file()


def test_a_notebook_shows_our_errors_as_a_sentence_without_a_traceback():
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    shown = []
    shell._showtraceback = lambda kind, error, lines: shown.append("\n".join(lines))
    shell.run_cell("from handwriting.errors import DataError\nraise DataError('There is no such file.')")
    shell.run_cell("1 / 0")
    assert shown[0] == "DataError: There is no such file."
    assert "Traceback" in shown[1]
