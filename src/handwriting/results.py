"""Results of notebooks: displayed as text, and stored beside it in the executed notebook."""

import math
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MIME = "application/vnd.handwriting.result+json"
#: The part of an output that only a live front end can show; `workshop.widget_state.without_widgets` removes it.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
#: What a box of widgets says when its kernel was restarted: what is clicked then would be lost.
RESTARTED = """<style>
.hw-box.jupyter-widgets-disconnected > * { opacity: 0.5; pointer-events: none; }
.hw-box.jupyter-widgets-disconnected::after { content: "The kernel was restarted. Run this cell again."; }
</style>"""
#: What the results of this session hold, oldest first; an exercise compares with it what a student writes.
RESULTS = []


def installed_version(name):
    """Return the version of an installed package, without importing it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "(not installed)"


def box_of(ipywidgets, *parts):
    """Return widgets as one, below each other, which says when nothing can be done with them any more."""
    box = ipywidgets.VBox([*parts, ipywidgets.HTML(RESTARTED, layout={"display": "none"})])
    return box.add_class("hw-box")


class Result:
    """The result of a notebook. As the last line of a cell it is displayed, and stored for `read_result`.

    Parameters
    ----------
    stage : str
        Which notebook it comes from; "train" and "evaluate" are 05 and 06.
    details : dict, optional
        What is stored for programs, but too long to be displayed.
    **values
        Numbers, texts, lists, arrays and dictionaries of these. What JSON has no form for is stored as a text: a loss
        that is infinite or not a number as "inf" or "nan".
    """

    def __init__(self, stage, details=None, **values):
        packages = {name: installed_version(name) for name in ("tensorflow", "keras", "numpy")}
        self.values = {
            "stage": stage,
            **as_json(values),
            "peak_memory_mb": peak_memory(),
            "versions": {"python": platform.python_version(), **packages},
        }
        self.details = as_json(details or {})
        RESULTS.append(self.values)

    def __repr__(self):
        rows = []
        for key, value in self.values.items():
            parts = value.items() if isinstance(value, dict) else [("", value)]
            for place, (name, part) in enumerate(parts):
                if isinstance(part, (int, float)) and not isinstance(part, bool):
                    part = f"{part:,}" if isinstance(part, int) else f"{part:.4g}"
                rows.append(("" if place else key.replace("_", " "), f"{name} {part}".strip()))
        width = max(len(key) for key, _ in rows)
        return "\n".join(f"{key:{width}}  {value}" for key, value in rows)

    def _repr_mimebundle_(self, include=None, exclude=None):
        stored = {**self.values, "details": self.details} if self.details else self.values
        return {"text/plain": repr(self), MIME: stored}


def as_json(value):
    """Return a value in a form that JSON has: see `Result`."""
    if isinstance(value, dict):
        return {str(key): as_json(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(part) for part in value]
    if hasattr(value, "tolist"):  # NumPy's numbers and arrays
        return as_json(value.tolist())
    plain = value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))
    return value if plain else str(value)


def peak_memory():
    """Return the most memory that this process has used at once, in megabytes (10^6 bytes); None if unknown."""
    try:
        status = Path("/proc/self/status").read_text()  # Linux; getrusage there counts what came before the kernel
        return round(int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6)
    except OSError:
        pass
    try:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)
    except ModuleNotFoundError:  # Windows
        return None
