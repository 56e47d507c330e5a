"""What every notebook does first: a quiet start, a seed, usual settings, and one line about the machine."""

import builtins
import gc
import importlib.util
import os
import platform
import random
import sys
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path

__all__ = ["quiet_tensorflow", "replace_unprintable", "setup"]

#: Variables that would give the lessons another Keras, or end their training early.
FOREIGN = ("TF_USE_LEGACY_KERAS", "KERAS_NNX_ENABLED", "KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")
#: Names that IPython itself gives another meaning.
OF_IPYTHON = {"display", "exit", "get_ipython", "open", "quit"}


def setup(seed=0):
    """Make this notebook ready, and print one line: versions, device, which data is on this machine.

    Python's and NumPy's random numbers get a seed, and figures get the workshop's style and a description for screen
    readers. What a person's own settings of Matplotlib, NumPy, IPython and Keras change is set back for this notebook;
    what cannot be is named in a further line. When TensorFlow is imported later, it writes no log lines. It is not
    imported here: that takes seconds, and the first notebooks do not need it.

    Parameters
    ----------
    seed : int
        Seed for the random numbers.
    """
    import numpy

    from handwriting.data.cache import is_available
    from handwriting.figures.style import notebook, use_style
    from handwriting.parameters import check
    from handwriting.results import installed_version

    seed = check("seed", seed)
    random.seed(seed)
    numpy.random.seed(seed)
    numpy.seterr(divide="warn", over="warn", under="ignore", invalid="warn")
    plain = {"edgeitems": 3, "linewidth": 75, "precision": 8, "suppress": False, "threshold": 1000}
    numpy.set_printoptions(**plain, nanstr="nan", infstr="inf", sign="-", floatmode="maxprec", legacy=False)
    quiet_tensorflow()
    use_style()
    shell = notebook()
    if shell:
        shell.ast_node_interactivity = "last_expr"  # a cell shows its last line, and no other
        for name in ("COLUMNS", "JUPYTER_COLUMNS", "NO_COLOR"):  # of a terminal; Keras's tables would follow them
            os.environ.pop(name, None)
    parts = [f"Python {platform.python_version()}", f"TensorFlow {installed_version('tensorflow')}", device()]
    data = "MNIST" if is_available("mnist") else "no MNIST yet"
    print("Ready:", ", ".join(parts), "·", f"data available: {data}")
    for sentence in foreign_settings(shell):
        print(sentence)


def foreign_settings(shell):
    """Yield a sentence on each setting that cannot be set back here."""
    keras = sys.modules.get("keras")
    if keras and keras.config.backend() != "tensorflow":
        yield f"Keras is already using {keras.config.backend()}. Restart the kernel, and run this cell before others."
    known = shell.user_ns if shell else {}
    shared = [name for name in known.keys() & vars(builtins).keys() - OF_IPYTHON if name[0] != "_"]
    taken = ", ".join(sorted(name for name in shared if known[name] is not getattr(builtins, name)))
    if taken:
        yield f"You have used the names {taken} for other things, which hides Python's own. Run: del {taken}"


def replace_unprintable(stream):
    """Let a stream show letters that its encoding lacks as codes, as stderr does, instead of stopping with an error."""
    if getattr(stream, "errors", None) == "strict" and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="backslashreplace")


def device():
    """Return what TensorFlow will compute on, "CPU" or "GPU", without importing it."""
    return "GPU" if any(Path(path).exists() for path in ("/dev/nvidia0", "/dev/dxg")) else "CPU"


def quiet_tensorflow():
    """Keep TensorFlow's start-up messages out of the notebook, whichever cell imports it first; and use usual settings.

    The messages come from C++, go to file descriptor 2, and some are written before any setting is read. Students
    import TensorFlow themselves, so only Python's import system can tell when to silence that descriptor. Keras reads
    a file of settings when it is imported, so these are set back then.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    for name in FOREIGN:
        os.environ.pop(name, None)
    for name, around in (("tensorflow", quiet_start), ("keras", usual_settings)):
        if name not in sys.modules and not any(getattr(finder, "awaited", "") == name for finder in sys.meta_path):
            sys.meta_path.insert(0, AwaitImport(name, around))
    if "keras" in sys.modules:
        with usual_settings(sys.modules["keras"]):
            pass


class AwaitImport(MetaPathFinder):
    """Find the module `awaited` as Python would, once, and load it within the context manager `around(module)`."""

    def __init__(self, awaited, around):
        self.awaited, self.around = awaited, around

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.awaited:
            return None
        place = sys.meta_path.index(self)
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            sys.meta_path.insert(place, self)  # a module may be looked for without being loaded
        if spec is not None:
            load = spec.loader.exec_module

            def load_within(module):
                sys.meta_path.remove(self)
                with self.around(module):
                    load(module)

            spec.loader.exec_module = load_within
        return spec


@contextmanager
def quiet_start(tensorflow):
    """Silence TensorFlow while it loads, and start its devices."""
    with silent_stderr(), imported_fast():
        yield
        tensorflow.get_logger().setLevel("ERROR")  # students run cells again; TensorFlow warns about that
        tensorflow.zeros(1)  # the first operation starts the devices, which writes messages as well


@contextmanager
def usual_settings(keras):
    """Once Keras is loaded, set back what a person's keras.json may have changed."""
    yield
    keras.config.set_image_data_format("channels_last")
    keras.config.set_floatx("float32")
    keras.config.set_epsilon(1e-7)


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
    """Skip the work that an import of TensorFlow does needlessly: a sixth of its time.

    Python looks again and again for garbage among objects that all stay, and would later, too. And Keras looks for
    scikit-learn, only to offer wrappers; it does without if Python believes that the package is not installed.
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
        gc.freeze()
        if collecting:
            gc.enable()
