"""What every notebook does first: quiet start, a seed, the plots' look, and one line about it."""

import importlib.abc
import importlib.util
import os
import platform
import random
import sys
from contextlib import contextmanager
from pathlib import Path

__all__ = ["setup"]


def setup(seed=0):
    """Make this notebook ready, and print one line: versions, device, which data is at hand.

    It seeds Python's and NumPy's random numbers, gives plots the workshop's look and a description for
    screen readers, and sees to it that TensorFlow, when it is imported later, writes no log lines and
    leaves out Keras's wrappers for scikit-learn. It does not import TensorFlow itself: that takes
    seconds, and the first notebooks do without.

    Parameters
    ----------
    seed : int
        Start of the random numbers.
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
    """Name what TensorFlow will compute on, without starting it."""
    found = any(Path(path).exists() for path in ("/dev/nvidia0", "/dev/dxg"))
    return "GPU" if found else "CPU"


def quiet_tensorflow():
    """Keep TensorFlow's start-up messages out of the notebook, whoever imports it first.

    The messages come from C++ and go to file descriptor 2, some before any setting is read.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    waiting = any(isinstance(finder, QuietImport) for finder in sys.meta_path)
    if "tensorflow" not in sys.modules and not waiting:
        sys.meta_path.insert(0, QuietImport())


class QuietImport(importlib.abc.MetaPathFinder):
    """Finds TensorFlow as Python would, once, and silences descriptor 2 while it loads."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "tensorflow":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None:
            load = spec.loader.exec_module

            def load_quietly(module):
                # Keras looks for scikit-learn for its scikit-learn wrappers only, and does without:
                # that is one second and 60 MB less for each notebook.
                hide = "sklearn" not in sys.modules
                if hide:
                    sys.modules["sklearn"] = None
                try:
                    with silent_stderr():
                        load(module)
                        # Students run cells again and again; TensorFlow warns of that as wasteful.
                        module.get_logger().setLevel("ERROR")
                        module.zeros(1)  # the first operation starts the devices, which writes as well
                finally:
                    if hide:
                        del sys.modules["sklearn"]

            spec.loader.exec_module = load_quietly
        return spec


@contextmanager
def silent_stderr():
    """Send file descriptor 2 nowhere for a while; a Python error still comes through."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
