"""What several tests share."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name

import nbval.kernel
import numpy as np
import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from xdist.scheduler import LoadScopeScheduling

from handwriting.load import DIGITS, Dataset
from handwriting.session import quiet_tensorflow
from workshop import cli
from workshop.runs.plan import TRAINS, WAITS

quiet_tensorflow()  # and quick

ROOT = Path(__file__).parents[1]

#: What imports TensorFlow in this process, beside tests in the browser: one worker runs it and saves others seconds.
WITH_TENSORFLOW = """arguments build check evaluate not_a_digit pad practice prepare pretrained saved_model serve_files
serve_keras_files share train visualize""".split()
#: What takes longest comes first, so that no worker is left with it at the end.
LONG = ["TensorFlow", ".ipynb", "test_running", "test_sweep", "test_run", "test_kit"]


def pytest_collection_modifyitems(items):
    def rank(item):
        group = group_of(item.nodeid) + item.path.suffix
        return next((rank for rank, part in enumerate(LONG) if part in group), len(LONG))

    items.sort(key=rank)


def pytest_collection_finish():
    gc.freeze()  # what was imported until now stays: Python need not look through it for garbage again and again


class Later:
    """A module or a function ("handwriting.build:dense_network") that is imported when it is first used.

    Every worker collects all tests, and most of them never need TensorFlow, which takes seconds.
    """

    def __init__(self, place):
        self.place = place

    def __getattr__(self, name):
        if name.startswith(("_", "pytest")):  # pytest looks for its marks everywhere
            raise AttributeError(name)
        return getattr(resolve_name(self.place), name)

    def __call__(self, *arguments, **options):
        return resolve_name(self.place)(*arguments, **options)


#: Tests that send from 127.0.0.2 and .3, as other machines would.
other_machines = pytest.mark.skipif(sys.platform == "darwin", reason="macOS has 127.0.0.1 alone")


def start_again(*words, start=nbval.kernel.start_new_kernel, **options):
    """Start the kernel of nbval again if it ended before it answered, as `RestartingClient` in workshop.runs does."""
    try:
        return start(*words, **options)
    except RuntimeError:
        return start(*words, **options)


nbval.kernel.start_new_kernel = start_again
# Kernels that tests start themselves; those of JupyterLab in the browser, of the doctor and others start cold.
KernelProvisionerFactory.instance().default_provisioner_name = "handwriting-warm"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    return OnePlace(config, log)


class OnePlace(LoadScopeScheduling):
    def _split_scope(self, nodeid):
        return group_of(nodeid)


def group_of(nodeid):
    """Return what tests share that stay on one worker: a file, one notebook in test_running, Chromium.

    Notebooks that use notebook 5's network run after it, with what it saved.
    """
    file, _, name = nodeid.partition("::")
    if Path(file).parent.name == "browser" or file in (f"tests/test_{room}.py" for room in WITH_TENSORFLOW):
        return "TensorFlow and Chromium"
    if file in ("tests/test_compare.py", "tests/test_reports.py"):
        return "pandas"
    if Path(file).stem in (*WAITS, TRAINS):
        return "notebook 5 and those that use its network"
    return file + name.partition("[")[2] if "test_running" in file else file


def pytest_terminal_summary(terminalreporter):
    if "HANDWRITING_NBVAL" in os.environ:
        terminalreporter.write_line(f"nbval mode: {os.environ['HANDWRITING_NBVAL']}")


def make_arrays(train=240, test=60, seed=0):
    """Small data that can be learned: each class is a bright square in a place of its own."""
    generator = np.random.default_rng(seed)

    def part(count):
        labels = np.resize(np.arange(10), count).astype(np.uint8)
        images = generator.integers(0, 40, (count, 28, 28), dtype=np.uint8)
        for image, label in zip(images, labels, strict=True):
            row, column = 2 + 12 * (label // 5), 1 + 5 * (label % 5)
            image[row : row + 8, column : column + 4] = 255
        return images, labels

    return (*part(train), *part(test))


@pytest.fixture(scope="session")
def arrays():
    return make_arrays()


@pytest.fixture(scope="session")
def small(arrays):
    return Dataset("small", DIGITS, *arrays)


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """A machine without any data: an empty cache, and no data folder."""
    monkeypatch.delenv("HANDWRITING_DATA_DIR", raising=False)
    monkeypatch.delenv("HANDWRITING_MIRROR", raising=False)
    monkeypatch.setenv("HANDWRITING_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def no_tensorflow(tmp_path_factory):
    """A PYTHONPATH with which importing TensorFlow takes no time, for kernels of tests that need none."""
    folder = tmp_path_factory.mktemp("no_tensorflow")
    stub = "from unittest.mock import MagicMock\n\ndef __getattr__(name):\n    return MagicMock()\n"
    (folder / "tensorflow.py").write_text(stub)
    return os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture
def without_graphs(monkeypatch):
    """Let Keras run each training step as it is: making a graph of it first takes much longer than a few steps."""
    import keras

    monkeypatch.setattr(keras.Model, "run_eagerly", property(lambda model: True, lambda model, value: None))


@pytest.fixture
def command():
    """Run `python -m workshop ...`; gives the finished process."""

    def run(*words, **options):
        environment = os.environ | {"CI": "1"} | options.pop("env", {})
        return subprocess.run(
            [sys.executable, "-m", "workshop", *map(str, words)],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={"PYTHONIOENCODING": "utf-8"} | environment,
            **options,
        )

    return run


@pytest.fixture
def invoke(monkeypatch, capsys):
    """Run the command line in this process; gives exit status, standard output and errors."""

    def run(*words):
        monkeypatch.setenv("CI", "1")
        for name in ("HANDWRITING_DATA_DIR", "HANDWRITING_CACHE"):
            monkeypatch.setenv(name, os.environ.get(name, ""))  # so that it is put back afterwards
        monkeypatch.setattr("sys.argv", ["handwriting", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return end.value.code or 0, *capsys.readouterr()

    return run


@pytest.fixture(scope="module")
def server():
    """A server in this process, with a network that only measures ink."""
    from serve_helpers import Strips

    from workshop.serve import start

    running = start(Strips())
    yield running
    running.stop()
