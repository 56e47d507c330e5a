"""What executed notebooks say: the only code that reads it, for all commands and for notebooks of any origin.

Of what a notebook holds, only values of the expected types and ranges are taken, and texts without control characters.
"""

import math
from functools import partial
from itertools import islice
from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, TypeAdapter, ValidationError, WrapValidator

from handwriting.errors import RecordError
from handwriting.parameters import LARGEST
from handwriting.practice.overview import MIME as PROGRESS
from handwriting.practice.prediction_texts import PREDICTIONS
from handwriting.practice.progress_file import current_name
from handwriting.results import MIME
from handwriting.text import LONGEST_DATA, clean
from workshop.runs import SERIES
from workshop.runs.written import noted

MOST_PARAMETERS = 50  # with more, it is some other program's result
MOST_MISTAKES = 300  # as many as notebook 06 stores
MOST_EPOCHS = MOST_EXERCISES = 1000
MOST_CHOICES = 50  # of a prediction
LONGEST = 1000  # characters of a text
STAGES = {"evaluate": "test_accuracy", "train": "validation_accuracy"}  # the accuracy that each stage measures
STATES = ("done", "not right yet", "open")  # of an exercise, the best first


def cleaned(value, longest=LONGEST):
    """Return a text fit to be shown, and anything else as it is."""
    return clean(value, longest) if isinstance(value, str) else value


def nan_if_diverged(value, check):
    """Return NaN for a loss that is not finite; Jupyter's messages carry such numbers as texts."""
    if value in ("nan", "inf") or (isinstance(value, float) and not math.isfinite(value)):
        return math.nan
    return check(value)


def none_if_malformed(value, check):
    """Return None for a value that is not of its type."""
    try:
        return check(value)
    except ValidationError:
        return None


def without_none(parameters):
    """Return only the parameters that have a value."""
    if isinstance(parameters, dict):
        return {name: value for name, value in parameters.items() if value is not None}
    return {} if parameters is None else parameters


Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, le=1e18)]
Loss = Annotated[float, Field(ge=0, le=1e300), WrapValidator(nan_if_diverged)]
Text = Annotated[str, BeforeValidator(cleaned)]
Fingerprint = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
#: NumPy and pandas take whole numbers up to 2^53; others become floats.
Number = Annotated[
    int | float,
    Field(ge=-LARGEST, le=LARGEST),
    AfterValidator(lambda number: float(number) if abs(number) > 2**53 else number),
]
Parameters = Annotated[
    dict[Text, bool | Text | Number], Field(max_length=MOST_PARAMETERS), BeforeValidator(without_none)
]
Index = Annotated[int, Field(strict=True)]
Mistake = tuple[Index, Annotated[Index, Field(ge=0)], Annotated[Share, Field(strict=True)]]
MISTAKES = TypeAdapter(list[Annotated[Mistake, WrapValidator(none_if_malformed)]])


class RunResult(BaseModel, strict=True):
    """What a notebook stored as its `handwriting.results.Result`, checked; a loss is NaN where training diverged."""

    stage: Text | None = None
    data: Annotated[str, BeforeValidator(partial(cleaned, longest=LONGEST_DATA))] | None = None
    #: `handwriting.data.dataset.Dataset.fingerprint`; older notebooks did not store it.
    data_fingerprint: Fingerprint | None = None
    #: What the notebook stored, what else was passed to it, and which notebook it is if it is not the workshop's.
    parameters: Parameters = {}
    test_accuracy: Share | None = None
    test_loss: Loss | None = None
    validation_accuracy: Share | None = None
    validation_loss: Loss | None = None
    training_accuracy: Share | None = None
    training_loss: Loss | None = None
    parameter_count: Amount | None = None
    seconds_to_fit: Amount | None = None
    peak_memory_mb: Amount | None = None
    #: Accuracy after each epoch, on the validation images if it was measured on these; NaN for what is not a number.
    curve: list | None = None
    #: (Index of the test image, predicted class, probability); None if not stored.
    mistakes: list | None = None
    #: How many mistakes there were, before malformed ones and those over 300 were left out.
    mistakes_stored: int = 0
    mistakes_malformed: bool = False


def curve_of(history):
    """Return `RunResult.curve` from the history that Keras returned, as far as it is well formed."""
    for name in ("val_accuracy", "accuracy"):
        values = history.get(name) if isinstance(history, dict) else None
        values = values[:MOST_EPOCHS] if isinstance(values, list) else []
        if any(map(is_number, values)):
            return [float(value) if is_number(value) else math.nan for value in values]
    return None


def mistakes_of(stored):
    """Return the fields of `RunResult` about mistakes; malformed ones are left out."""
    if stored is None:
        return {"mistakes": None}
    listed = stored if isinstance(stored, list) else []
    checked = MISTAKES.validate_python(listed[:MOST_MISTAKES])
    return {
        "mistakes": [mistake for mistake in checked if mistake is not None],
        "mistakes_stored": len(listed),
        "mistakes_malformed": not isinstance(stored, list) or None in checked,
    }


def is_number(value):
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


def result_of(notebook, stage=None, faults=None):
    """Return the last result of a notebook as a checked `RunResult`, one of `STAGES` if possible; None if none.

    With a `stage`, only results of that one; others are not even checked. Raise RecordError, the end of a sentence
    about the notebook, if there is something in it that no run measures; or, where `faults` is a list, leave that out
    and append the reason there. A stage's accuracy must be right all the same.
    """
    named = ((stage_of(stored), stored) for stored in stored_in(notebook, MIME))
    for found, stored in sorted(named, key=lambda pair: pair[0] not in list(STAGES)):
        if found == stage or (stage is None and isinstance(found, str | None)):
            details = stored.get("details") if isinstance(stored.get("details"), dict) else {}
            taken = {"stage": found, "curve": curve_of(details.get("history"))}
            if isinstance(stored.get("parameters"), dict | None):
                taken["parameters"] = source_of(notebook) | passed_to(notebook) | without_none(stored.get("parameters"))
            return checked(stored | taken | mistakes_of(details.get("mistakes")), faults)
    return None


def stage_of(stored):
    """Return the stage of a result; older ones do not name it."""
    measured = next((name for name, accuracy in STAGES.items() if accuracy in stored), None)
    return measured if stored.get("stage") is None else stored["stage"]


def checked(fields, faults):
    accuracy, wrong = STAGES.get(fields["stage"]), {}
    try:
        result = RunResult.model_validate(fields)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            wrong.setdefault(fault["loc"][0], in_a_sentence(fault))
        if faults is None or accuracy in wrong:
            raise RecordError(wrong.get(accuracy) or next(iter(wrong.values()))) from None
        faults += wrong.values()
        result = RunResult.model_validate({name: value for name, value in fields.items() if name not in wrong})
    if accuracy and getattr(result, accuracy) is None:
        raise RecordError(f"its result has no {accuracy}")
    return result


def in_a_sentence(fault):
    """Return an error of pydantic as the end of a sentence about the notebook."""
    field, *inside = fault["loc"]
    value = in_words(fault["input"])
    if fault["type"] == "too_long":
        return f"it has {len(fault['input'])} parameters, but a run of this workshop has at most {MOST_PARAMETERS}"
    if field == "parameters" and inside:
        return f"its parameter {clean(inside[0], 40)} is {value}, not text or a number up to {LARGEST:g}"
    if field == "parameters":
        return f"its parameters are {value}, not names and values"
    if field.startswith("data"):
        return f"its {field} is {value}, not {'a name' if field == 'data' else '16 hex digits'}"
    return f"its {field} is {value}, not a number {'from 0 to 1' if field.endswith('accuracy') else 'of at least 0'}"


def progress_of(notebook):
    """Return the exercises that a notebook lists, each "done", "not right yet" or "open"; None if it lists none."""
    last = last_progress(notebook, "states")
    if last is None:
        return None
    listed = islice(last.items(), MOST_EXERCISES)
    return {current_name(name): state for name, state in listed if state in STATES and clean(name) == name}


def predictions_of(notebook):
    """Return the letters chosen for each prediction, in order: {"train.steps": "ca"}; of too many, those between go."""
    last, found = last_progress(notebook, "predictions") or {}, {}
    for name, (right, misses) in PREDICTIONS.items():
        chosen = last.get(name)
        chosen = chosen[:1] + chosen[1:][1 - MOST_CHOICES :] if isinstance(chosen, str) else ""
        found[name] = "".join(letter for letter in chosen if letter == right or letter in misses)
    return {name: letters for name, letters in found.items() if letters}


def last_progress(notebook, field):
    """Return a table in the progress that a notebook stored last, unchecked; None if there is none."""
    return next((one[field] for one in stored_in(notebook, PROGRESS) if isinstance(one.get(field), dict)), None)


def run_of(notebook):
    return noted(notebook, "papermill")


def passed_to(notebook):
    """Return the parameters that papermill passed to a notebook; what is not a plain value as a text."""
    parameters = run_of(notebook).get("parameters")
    if not isinstance(parameters, dict):
        return {}
    plain = {name: value for name, value in parameters.items() if isinstance(value, (str, bool)) or is_number(value)}
    return {name: str(value)[:LONGEST] for name, value in parameters.items() if value is not None} | plain


def source_of(notebook):
    """Return the name of the notebook that was run, as a parameter "source"; nothing if it is the workshop's own."""
    path = run_of(notebook).get("input_path")
    name = PurePath(path).stem if isinstance(path, str) else ""
    return {"source": name} if name and name not in SERIES else {}


def seconds_of(notebook):
    """Return how many seconds papermill needed for a notebook; None if it does not say."""
    seconds = run_of(notebook).get("duration")
    return float(seconds) if is_number(seconds) and 0 <= seconds < 1e9 else None


def cell_failed(notebook):
    return run_of(notebook).get("exception") is True
