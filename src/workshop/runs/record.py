"""What executed notebooks say: the only code that reads it, whoever asks and whoever wrote them.

Of what a notebook holds, only values of the expected types and ranges are taken, and texts without control characters.
"""

import math
from itertools import islice
from typing import Annotated

from pydantic import BaseModel, Field, StrictInt, TypeAdapter, ValidationError, field_validator, model_validator

from handwriting.errors import RecordError
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.results import MIME
from handwriting.text import clean
from workshop.runs.notebook_files import Skipped, find_notebooks, parse, read_notebook

__all__ = [
    "MEASURES",
    "STAGES",
    "RunResult",
    "Skipped",
    "all_results",
    "cell_failed",
    "find_notebooks",
    "parse",
    "progress_of",
    "read_notebook",
    "read_result",
    "result_of",
    "seconds_of",
    "stored_in",
]

MOST_PARAMETERS = 50  # with more, it is some other program's result
MOST_MISTAKES = 300  # as many as notebook 06 stores
MOST_EPOCHS = MOST_EXERCISES = 1000
LONGEST = 1000  # characters of a text

#: Each measure, and its lowest and highest value.
MEASURES = {
    "test_accuracy": (0, 1),
    "test_loss": (0, math.inf),
    "validation_accuracy": (0, 1),
    "validation_loss": (0, math.inf),
    "training_accuracy": (0, 1),
    "training_loss": (0, math.inf),
    "parameter_count": (0, 1e18),
    "seconds_to_fit": (0, 1e9),
    "peak_memory_mb": (0, 1e9),
}
#: The accuracy that each stage measures.
STAGES = {"evaluate": "test_accuracy", "train": "validation_accuracy"}
CURVES = ("loss", "accuracy", "val_loss", "val_accuracy")
STATES = ("done", "not right yet", "open")

Mistake = tuple[StrictInt, Annotated[StrictInt, Field(ge=0)], Annotated[float, Field(strict=True, ge=0, le=1)]]
MISTAKES = TypeAdapter(list[Mistake])


class RunResult(BaseModel, extra="allow"):
    """What a notebook stored as its `handwriting.results.Result`, checked.

    Other measures, of people's own notebooks, are kept beside these if they are plain numbers.

    Attributes
    ----------
    parameters : dict
        Values are int, float, str or bool.
    test_loss, validation_loss, training_loss : float or None
        NaN where the training diverged.
    history : dict of str to list of float
        "loss", "accuracy", "val_loss", "val_accuracy": one value per epoch, NaN for what is not a number.
    mistakes : list of tuple (int, int, float), or None
        Index of the test image, predicted class, probability; None if not stored.
    mistakes_stored : int
        How many mistakes there were, before malformed ones and those over 300 were left out.
    mistakes_malformed : bool
    """

    stage: str | None = None
    data: str | None = None
    parameters: dict = {}
    test_accuracy: float | None = None
    test_loss: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    training_accuracy: float | None = None
    training_loss: float | None = None
    parameter_count: float | None = None
    seconds_to_fit: float | None = None
    peak_memory_mb: float | None = None
    versions: dict = {}
    history: dict = {}
    mistakes: list | None = None
    mistakes_stored: int = 0
    mistakes_malformed: bool = False

    @property
    def measures(self):
        """All measures that were stored, by name."""
        found = {name: getattr(self, name) for name in MEASURES} | self.model_extra
        return {name: value for name, value in found.items() if value is not None}

    @model_validator(mode="before")
    @classmethod
    def flatten(cls, stored):
        """Take what is known, other plain numbers, and what lies in the details."""
        details = stored.get("details") if isinstance(stored.get("details"), dict) else {}
        taken = {
            name: stored[name] for name in ("stage", "data", "parameters", "versions", *MEASURES) if name in stored
        }
        others = [name for name in stored if name not in cls.model_fields and clean(name) == name]
        taken |= {name: stored[name] for name in others[:MOST_PARAMETERS] if is_number(stored[name])}
        return taken | {"history": details.get("history")} | well_formed(details.get("mistakes"))

    @field_validator(*MEASURES, mode="plain")
    @classmethod
    def check_measure(cls, value, info):
        name, (low, high) = info.field_name, MEASURES[info.field_name]
        diverged = value in ("nan", "inf") or (isinstance(value, float) and not math.isfinite(value))
        if name.endswith("_loss") and diverged:
            return math.nan  # Jupyter's messages carry such numbers as texts
        if value is not None and not (is_number(value) and low <= value <= high):
            raise ValueError(f"its {name} is {in_words(value)}, not a number from 0 {'to 1' if high == 1 else 'up'}")
        return value

    @field_validator("data", mode="plain")
    @classmethod
    def check_data(cls, value):
        if value is not None and not isinstance(value, str):
            raise ValueError(f"its data is {in_words(value)}, not a name")
        return value and clean(value, LONGEST)

    @field_validator("parameters", mode="plain")
    @classmethod
    def check_parameters(cls, values):
        values = {} if values is None else values
        if not isinstance(values, dict):
            raise ValueError(f"its parameters are {in_words(values)}, not names with values")
        if len(values) > MOST_PARAMETERS:
            raise ValueError(f"it has {len(values)} parameters, and a run of this workshop at most {MOST_PARAMETERS}")
        kept = {}
        for name, value in values.items():
            if not (value is None or isinstance(value, (str, bool)) or is_number(value)):
                raise ValueError(f"its parameter {clean(name, 40)} is {in_words(value)}, not a number or a text")
            if value is not None:
                kept[clean(name, LONGEST)] = clean(value, LONGEST) if isinstance(value, str) else value
        return kept

    @field_validator("versions", mode="plain")
    @classmethod
    def check_versions(cls, values):
        values = islice(values.items() if isinstance(values, dict) else (), MOST_PARAMETERS)
        return {clean(name): clean(value) for name, value in values if isinstance(value, str)}

    @field_validator("history", mode="plain")
    @classmethod
    def check_history(cls, history):
        history = history if isinstance(history, dict) else {}
        lists = {name: history[name][:MOST_EPOCHS] for name in CURVES if isinstance(history.get(name), list)}
        return {
            name: [float(value) if is_number(value) else math.nan for value in values]
            for name, values in lists.items()
            if any(map(is_number, values))
        }


def well_formed(stored):
    """Return the fields of `RunResult` about mistakes, of which malformed ones are left out."""
    if stored is None:
        return {}
    listed = stored[:MOST_MISTAKES] if isinstance(stored, list) else []
    try:
        mistakes = MISTAKES.validate_python(listed)
    except ValidationError as error:
        malformed = {fault["loc"][0] for fault in error.errors()}
        mistakes = MISTAKES.validate_python([one for place, one in enumerate(listed) if place not in malformed])
    return {
        "mistakes": mistakes,
        "mistakes_stored": len(stored) if isinstance(stored, list) else 0,
        "mistakes_malformed": not isinstance(stored, list) or len(mistakes) < len(listed),
    }


def is_number(value):
    """Return whether this is a number that can be computed with."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and -1e300 < value < 1e300


def in_words(value):
    """Return a value in words, for a reason."""
    if isinstance(value, str):
        return f'the text "{clean(value, 40)}"'
    if isinstance(value, (dict, list)):
        return "a list" if isinstance(value, list) else "a table"
    if isinstance(value, int) and abs(value) >= 1e300:
        return "a number with hundreds of digits"
    return str(value)


def stored_in(notebook, mime):
    """Yield each dictionary that an executed notebook stored under a MIME type, the last first."""
    for cell in reversed(notebook["cells"]):
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        for output in reversed(outputs if isinstance(outputs, list) else []):
            data = output.get("data") if isinstance(output, dict) else None
            value = data.get(mime) if isinstance(data, dict) else None
            if isinstance(value, dict):
                yield value


def read_result(notebook):
    """Return the last result that a notebook stored, of any kind and unchecked, or None: fine for our own runs."""
    return next(stored_in(notebook, MIME), None)


def all_results(notebook, stage=None, faults=None):
    """Yield the results in a notebook, the last first.

    Parameters
    ----------
    notebook : dict
        From `read_notebook` or `parse`.
    stage : str, optional
        Only results of this stage; others are not even checked.
    faults : list, optional
        If given, what is wrong in a result is left out and the reason appended here, instead of raised. A stage's
        accuracy must be right all the same.

    Yields
    ------
    RunResult

    Raises
    ------
    RecordError
        If there is something in a result that no run measures. Its text is the end of a sentence about the notebook.
    """
    for stored in stored_in(notebook, MIME):
        found = stored.get("stage")
        if found is None:  # older results do not name it
            found = next((name for name, accuracy in STAGES.items() if accuracy in stored), None)
        if found == stage or (stage is None and isinstance(found, str | None)):
            yield checked(stored | {"stage": found and clean(found)}, faults)


def result_of(notebook, stage=None, faults=None):
    """Return the last result in a notebook, or None: see `all_results`."""
    return next(all_results(notebook, stage, faults), None)


def checked(stored, faults=None):
    """Return a stored dictionary as a `RunResult`: see `all_results`."""
    accuracy, wrong = STAGES.get(stored["stage"]), {}
    try:
        result = RunResult.model_validate(stored)
    except ValidationError as error:
        wrong = {fault["loc"][0]: str(fault["ctx"]["error"]) for fault in error.errors()}
        if faults is None or accuracy in wrong:
            raise RecordError(wrong.get(accuracy) or next(iter(wrong.values()))) from None
        faults += wrong.values()
        result = RunResult.model_validate({name: value for name, value in stored.items() if name not in wrong})
    if accuracy and getattr(result, accuracy) is None:
        raise RecordError(f"its result has no {accuracy}")
    return result


def progress_of(notebook):
    """Return the exercises that a notebook lists, each "done", "not right yet" or "open"; None if it lists none."""
    states = (stored["states"] for stored in stored_in(notebook, PROGRESS) if isinstance(stored.get("states"), dict))
    last = next(states, None)
    if last is None:
        return None
    return {
        name: state for name, state in islice(last.items(), MOST_EXERCISES) if state in STATES and clean(name) == name
    }


def run_of(notebook):
    """Return what papermill noted about the run."""
    metadata = notebook.get("metadata")
    run = metadata.get("papermill") if isinstance(metadata, dict) else None
    return run if isinstance(run, dict) else {}


def seconds_of(notebook):
    """Return how many seconds papermill needed for a notebook; None if it does not say."""
    seconds = run_of(notebook).get("duration")
    return float(seconds) if is_number(seconds) and 0 <= seconds < 1e9 else None


def cell_failed(notebook):
    """Return whether papermill noted that a cell failed."""
    return run_of(notebook).get("exception") is True
