"""Run the functions that students wrote, each in a separate process that may compute and do nothing else."""

import json
import pickle
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from handwriting.practice.answers import short_text

SECONDS = 10
MEMORY = 1_000_000_000  # bytes
LARGEST = 1_000_000  # bytes of what comes back
CHILD = Path(__file__).with_name("confined.py")
NOT_ALONE = {
    "NameError": "it needs other cells of the notebook, or IPython",
    "PermissionError": "it does more than compute, or imports what is not there",
    "ModuleNotFoundError": "it does more than compute, or imports what is not there",
    "MemoryError": f"it needs over {MEMORY / 1e9:g} GB of memory",
    "SyntaxError": "its lines are not Python",
}
STOPPED = f"it took over {SECONDS} s, or stopped without a result that can be read"


@cache
def can_confine():
    """Return whether this system shuts a process off as `confined` asks it to."""
    return sys.platform == "linux" and bool(results_of("practice.one.check(lambda: 1)", "one", [()]))


def run_function(exercise, lines):
    """Run a student's function on an exercise's cases; return "right", "wrong" or "open", or why that is not known."""
    results = results_of(lines, exercise.short_name, exercise.cases)
    if isinstance(results, str):
        return NOT_ALONE.get(results, STOPPED)
    try:
        errors = [str(name) for kind, name, *_ in ([*one, None] for one in results) if kind == "error"]
        reasons = [NOT_ALONE[name] for name in errors if name in NOT_ALONE]
        if len(results) != len(exercise.cases) or reasons:
            return reasons[0] if reasons else STOPPED
        waiting = iter(results)
        return exercise.judge(lambda *arguments: read_back(*next(waiting))).state
    except Exception:  # the student's lines may have written anything
        return STOPPED


def results_of(lines, name, cases):
    """Return what a function returned for each case, or the name of the error that stopped its cell; unchecked."""
    with tempfile.TemporaryDirectory() as empty, tempfile.TemporaryFile() as output:
        with suppress(subprocess.TimeoutExpired):
            subprocess.run(  # which ends it, in any case
                [sys.executable, "-I", str(CHILD)],
                input=pickle.dumps((lines, name, cases, SECONDS, MEMORY)),
                env={"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "HOME": empty},
                **{"stdout": output, "stderr": subprocess.DEVNULL, "cwd": empty, "timeout": 2 * SECONDS},
            )
        output.seek(0)
        with suppress(ValueError, RecursionError):
            return json.loads(output.read(LARGEST))
    return None


def read_back(kind, *parts):
    """Return what the process wrote of a result; it may be anything, and an error is raised again."""
    if kind == "dots":
        return ...
    if kind in ("plain", "tuple"):
        return tuple(parts[0]) if kind == "tuple" else parts[0]
    if kind == "array" and re.fullmatch(r"[<>|=][biuf]\d\d?", str(parts[0])):
        return np.array(parts[2], parts[0]).reshape(parts[1])
    if kind == "error":
        raise RuntimeError(short_text(parts[0]))
    return object()
