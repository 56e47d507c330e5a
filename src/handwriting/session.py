"""What every notebook does first: a quiet start, a seed, the figures' style, and one line about the machine."""

import gc
import importlib.util
import os
import platform
import random
import sys
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path

__all__ = ["quiet_tensorflow", "setup"]


def setup(seed=0):
    """Make this notebook ready, and print one line: versions, device, which data is on this machine.

    Python's and NumPy's random numbers get a seed, and figures get the workshop's style and a description for screen
    readers. When TensorFlow is imported later, it writes no log lines. It is not imported here: that takes seconds,
    and the first notebooks do not need it.

    Parameters
    ----------
    seed : int
        Seed for the random numbers.
    """
    import numpy

    from handwriting.data.cache import is_at_hand
    from handwriting.figures.style import use_style
    from handwriting.results import installed_version

    random.seed(seed)
    numpy.random.seed(seed)
    quiet_tensorflow()
    use_style()
    parts = [f"Python {platform.python_version()}", f"TensorFlow {installed_version('tensorflow')}", device()]
    data = "MNIST" if is_at_hand("mnist") else "no MNIST yet"
    print("Ready:", ", ".join(parts), "·", f"data at hand: {data}")


def device():
    """Return what TensorFlow will compute on, "CPU" or "GPU", without importing it."""
    return "GPU" if any(Path(path).exists() for path in ("/dev/nvidia0", "/dev/dxg")) else "CPU"


def quiet_tensorflow():
    """Keep TensorFlow's start-up messages out of the notebook, whichever cell imports it first.

    The messages come from C++, go to file descriptor 2, and some are written before any setting is read. Students
    import TensorFlow themselves, so only Python's import system can tell when to silence that descriptor.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if "tensorflow" not in sys.modules and not any(isinstance(finder, QuietImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, QuietImport())


class QuietImport(MetaPathFinder):
    """Find TensorFlow as Python would, once, and silence file descriptor 2 while it loads."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None:
            load = spec.loader.exec_module

            def load_quietly(module):
                with silent_stderr(), imported_fast():
                    load(module)
                    module.get_logger().setLevel("ERROR")  # students run cells again; TensorFlow warns about that
                    module.zeros(1)  # the first operation starts the devices, which writes messages as well

            spec.loader.exec_module = load_quietly
        return spec


@contextmanager
def silent_stderr():
    """Discard what is written to file descriptor 2 meanwhile; a Python error is still raised."""
    sys.stderr.flush()
    saved, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


@contextmanager
def imported_fast():
    """Leave out meanwhile what an import of TensorFlow does in vain: a sixth of its time.

    Python looks again and again for garbage among objects that all stay. And Keras looks for scikit-learn, only to
    offer wrappers; it does without if Python believes that the package is not installed.
    """
    collecting, hidden = gc.isenabled(), "sklearn" not in sys.modules
    gc.disable()
    if hidden:
        sys.modules["sklearn"] = None
    try:
        yield
    finally:
        if hidden:
            del sys.modules["sklearn"]
        if collecting:
            gc.enable()
