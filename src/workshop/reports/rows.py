"""What one executed notebook says: its result checked, or the reason why it is of no use."""

import json
import math
import os
from pathlib import Path

from handwriting.errors import UserError
from handwriting.results import MIME, read_result

__all__ = ["MEASURES", "Unusable", "curves", "plain", "read_notebook", "short", "slim"]

#: Larger files are not opened: a notebook of this workshop has less than one megabyte.
LARGEST = 50_000_000
#: More parameters than this, and it is some other program's result.
MOST_PARAMETERS = 50
#: Each measure, and the least and the most that it can be.
MEASURES = {
    "test_accuracy": (0, 1),
    "test_loss": (0, math.inf),
    "validation_accuracy": (0, 1),
    "validation_loss": (0, math.inf),
    "training_accuracy": (0, 1),
    "training_loss": (0, math.inf),
    "parameter_count": (0, 1e18),
    "seconds_to_fit": (0, 1e9),
    "seconds": (0, 1e9),
    "peak_memory_mb": (0, 1e9),
}
#: Which accuracy each stage measures; older results do not name their stage.
STAGES = {"evaluate": "test_accuracy", "train": "validation_accuracy"}


class Unusable(UserError):
    """A notebook that cannot be used; its text is a reason, such as "it is no notebook"."""


def read_notebook(path):
    """Read what an executed notebook of stage 5 or 6 measured.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        "seconds" (that papermill needed, or None), "failed" (whether a cell failed), and "result": None where the
        notebook has no result of these stages, else a dict with "stage", "data", "parameters", "measures" and
        "has_curves".

    Raises
    ------
    Unusable
        If it is no whole notebook, or its result has something in it that no run measures.
    """
    notebook = parsed(contents(path))
    metadata = notebook.get("metadata")
    run = metadata.get("papermill") if isinstance(metadata, dict) else None
    run = run if isinstance(run, dict) else {}
    seconds = run.get("duration")
    found = result_in(notebook)
    return {
        "seconds": float(seconds) if is_number(seconds) and 0 <= seconds < 1e9 else None,
        "failed": run.get("exception") is True,
        "result": None if found is None else checked(found),
    }


def contents(path):
    """The bytes of a notebook, if it is a file of a reasonable size."""
    path = Path(path)
    try:
        if not path.is_file():
            raise Unusable("it is no file")  # a folder, or something that would never end
        size = path.stat().st_size
        if size > LARGEST:
            raise Unusable(f"it has {size / 1e6:,.0f} MB, and a notebook has at most {LARGEST / 1e6:.0f}")
        return path.read_bytes()
    except OSError as error:
        raise Unusable(f"it cannot be read ({error.strerror or type(error).__name__})") from None


def parsed(text):
    """The notebook that a text holds."""
    if not text.strip():
        raise Unusable("it is empty")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):  # UnicodeDecodeError is one of the first
        raise Unusable("it is no whole notebook: it may be cut off, or another kind of file") from None
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise Unusable("it is no notebook: it has no cells")
    return notebook


def outputs(notebook):
    """Each output of a notebook, whatever else may be in it."""
    for cell in notebook["cells"]:
        found = cell.get("outputs") if isinstance(cell, dict) else None
        for output in found if isinstance(found, list) else []:
            if isinstance(output, dict) and isinstance(output.get("data"), dict):
                yield output


def result_in(notebook):
    """The last result of stage 5 or 6 in a notebook, not checked yet, or None."""
    last = read_result(notebook)
    stage = last.get("stage") if last else None
    if last is not None and stage is None:
        stage = next((stage for stage, measure in STAGES.items() if measure in last), None)
    return last | {"stage": stage} if isinstance(stage, str) and stage in STAGES else None


def checked(result):
    """A result of which everything is what it should be."""
    data = result.get("data")
    if data is not None and not isinstance(data, str):
        raise Unusable(f"its data is {told(data)}, not a name")
    measures = {name: measure(name, result[name]) for name in MEASURES if result.get(name) is not None}
    wanted = STAGES[result["stage"]]
    if wanted not in measures:
        raise Unusable(f"its result has no {wanted}")
    return {
        "stage": result["stage"],
        "data": None if data is None else plain(data),
        "parameters": parameters_in(result.get("parameters")),
        "measures": measures,
        "has_curves": bool(curves_in(result)),
    }


def measure(name, value):
    """A measure as a number; NaN for the loss of a network whose training went astray."""
    low, high = MEASURES[name]
    if name.endswith("_loss") and (value in ("nan", "inf") or (isinstance(value, float) and not math.isfinite(value))):
        return math.nan  # Jupyter's messages carry such numbers as texts
    if not is_number(value) or not low <= value <= high:
        kind = "a number from 0 to 1" if high == 1 else "a number from 0 up"
        raise Unusable(f"its {name} is {told(value)}, not {kind}")
    return value


def parameters_in(values):
    """Names and plain values."""
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise Unusable(f"its parameters are {told(values)}, not names with values")
    if len(values) > MOST_PARAMETERS:
        raise Unusable(f"it has {len(values)} parameters, and a run of this workshop at most {MOST_PARAMETERS}")
    kept = {}
    for name, value in values.items():
        if isinstance(value, str):
            value = plain(value)
        elif value is not None and not isinstance(value, bool) and not is_number(value):
            raise Unusable(f"its parameter {short(plain(name))} is {told(value)}, not a number or a text")
        if value is not None:
            kept[plain(name)] = value
    return kept


def is_number(value):
    """Whether it is a number that can be computed with."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return -1e300 < value < 1e300  # which NaN is not, either


def curves(path):
    """Read the learning curves that a notebook stored.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        "loss", "accuracy", "val_loss", "val_accuracy": a list of numbers each, one per epoch, NaN for what is no
        number. Empty if there are none.
    """
    try:
        result = result_in(parsed(contents(path)))
    except Unusable:  # it was there a moment ago
        return {}
    return curves_in(result or {})


def curves_in(result):
    """The learning curves in a result; those that are none are left out."""
    details = result.get("details")
    history = details.get("history") if isinstance(details, dict) else None
    found = {}
    for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
        values = history.get(name) if isinstance(history, dict) else None
        if isinstance(values, list) and any(is_number(value) for value in values):
            found[name] = [float(value) if is_number(value) else math.nan for value in values]
    return found


def slim(text):
    """A notebook of which only what this room reads is left: results, and what papermill noted.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        As it was, if it cannot be read.
    """
    try:
        notebook = parsed(text)
    except Unusable:
        return text
    cells = [
        {"cell_type": "code", "outputs": [{"output_type": "display_data", "data": {MIME: output["data"][MIME]}}]}
        for output in outputs(notebook)
        if MIME in output["data"]
    ]
    return json.dumps({"metadata": notebook.get("metadata"), "cells": cells})


def plain(text):
    """A text in one line, with nothing in it that steers a terminal or cannot be written to a file."""
    text = os.fspath(text)
    return (
        text
        if text.isprintable()
        else "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    )


def short(text, most=40):
    """A text cut to what fits into a sentence."""
    return text if len(text) <= most else text[: most - 1] + "…"


def told(value):
    """A value in words, for a reason."""
    if isinstance(value, str):
        return f'the text "{short(plain(value))}"'
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "a table"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1e300:
        return "a number with hundreds of digits"
    return str(value)
