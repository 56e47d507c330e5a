"""The parameters of the notebooks: what each one is for, and which values it takes."""

import os
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real

from handwriting.errors import ParameterError
from handwriting.text import shown


@dataclass(frozen=True)
class Parameter:
    """One parameter: its default, what it is for, and which values it takes."""

    default: object  # its type, int, float or str, is the parameter's
    help: str  # what the parameter sets, in a few words; also the comment beside it in the notebooks
    low: float | None = None
    high: float | None = None
    below_high: bool = False  # whether `high` itself is excluded
    choices: tuple = ()  # the values that a text may have
    open: bool = False  # whether a text may have other values, too
    trains: bool = False  # whether a trained network depends on it

    def allows(self, value):
        """Return whether a value of the parameter's type is one that it takes."""
        if isinstance(value, str):
            return value in self.choices or (value.strip() != "" and (self.open or not self.choices))
        return self.low <= value <= self.high and not (self.below_high and value == self.high)

    @property
    def kind(self):
        """Return the type, in words."""
        return {int: "whole number", float: "number", str: "text"}[type(self.default)]

    @property
    def range(self):
        """Return the range of values, in a few words; empty for any text."""
        if self.choices:
            return f"{', '.join(self.choices)}{', or a path' if self.open else ''}"
        if self.low is None:
            return ""
        low, high = (f"{end:f}".rstrip("0").rstrip(".") for end in (self.low, self.high))
        return f"{low} to {'below ' if self.below_high else ''}{high}"

    @property
    def summary(self):
        """Return the type and the range, for a list."""
        if self.choices and not self.open:
            return self.takes
        return f"{self.kind}, {self.range}" if self.range else self.kind

    @property
    def takes(self):
        """Return what the parameter takes, in words."""
        if self.choices and not self.open:
            return f"one of {self.range}"
        return f"a {self.kind} from {self.range}" if self.low is not None else f"some {self.kind}"


LARGEST = 1e100  # of a parameter: charts compute with it, and with its powers

#: Names of the workshop's data sets. No other data gets one of these names, so a name says which data it is.
BUILT_IN = ("mnist", "fashion-mnist", "letters", "stand-in")

PARAMETERS = {
    "data": Parameter("auto", "the images: a name, or the path to yours", choices=("auto", *BUILT_IN), open=True),
    "hidden": Parameter(512, "units in the hidden layer", 1, 8192, trains=True),
    "activation": Parameter(
        "relu", "of the hidden layer", choices=("relu", "tanh", "sigmoid", "gelu", "linear"), trains=True
    ),
    "dropout": Parameter(0.2, "share of hidden units ignored while training", 0, 1, below_high=True, trains=True),
    "optimizer": Parameter("adam", "how the weights are updated", choices=("adam", "rmsprop", "sgd"), trains=True),
    "learning_rate": Parameter(0.001, "how large the steps are", 0.000001, 10, trains=True),
    "epochs": Parameter(4, "passes through all training images", 1, 1000, trains=True),
    "batch_size": Parameter(128, "images per step", 1, 60000, trains=True),
    "train_size": Parameter(55000, "training images, at most", 1, 1000000, trains=True),
    "seed": Parameter(0, "seed of the random numbers", 0, 4294967295, trains=True),
    "work_dir": Parameter("my_work", "folder for your work"),
    "photo": Parameter("sample", "a photo with digits: sample, or a file's name"),
    "examples": Parameter(10000, "images to learn from; more take longer", 128, 60000),
    "epochs_each": Parameter(1, "epochs for each network", 1, 1000),
}

#: The parameters that a trained network depends on: stage 5 saves them with it.
HYPERPARAMETERS = tuple(name for name, parameter in PARAMETERS.items() if parameter.trains)


def check(name, value):
    """Convert a value, perhaps a text from the command line, to what the parameter takes.

    ParameterError, naming the parameter and what it takes, if the value is not of that kind.
    """
    parameter = PARAMETERS[name]
    kind = type(parameter.default)
    try:
        if isinstance(value, bool) or not isinstance(value, (str, os.PathLike, Real)):
            raise ValueError
        converted = kind(value)
        if kind is int and not isinstance(value, str) and converted != value:
            raise ValueError
        if not parameter.allows(converted):
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        hint = nearest(value, parameter.choices) if isinstance(value, str) else ""
        raise ParameterError(f'"{name}" must be {parameter.takes}, not {shown(value)}.{hint}') from None
    return converted


def require(**values):
    """Refuse values that the parameters of these names do not take: ParameterError, before a notebook uses them.

    Unlike `check`, it does not convert: "4" and 4.0 are not the whole number 4.
    """
    check_names(values, PARAMETERS)
    for name, value in values.items():
        meant = check(name, value)
        if isinstance(value, str) != isinstance(meant, str) or (isinstance(meant, int) and isinstance(value, float)):
            raise ParameterError(
                f'"{name}" must be {PARAMETERS[name].takes}, not {shown(value)}. Write {name} = {shown(meant)}.'
            )


def typed(name, text):
    """Return the value that a text on the command line means; unless `check` converts it, as papermill reads it."""
    words = {"True": True, "False": False, "None": None}
    for kind in () if name in PARAMETERS else (words.__getitem__, int, float):
        with suppress(KeyError, ValueError):
            return kind(text)
    return text


def taken(name, value):
    """Return what a notebook gets for a value, checked by `check` if it is one of the series.

    ParameterError for NaN and infinity: the notebook stores its parameters as JSON, which has neither. And for numbers
    that are so large that reports do not take them.
    """
    if name in PARAMETERS:
        return check(name, value)
    if isinstance(value, (int, float)) and not abs(value) <= LARGEST:
        raise ParameterError(f'"{name}" must be a finite number, at most {LARGEST:g}, not {shown(value)}.')
    return value


def check_names(names, valid):
    """Refuse parameters that no notebook has: ParameterError with the valid ones, and the nearest."""
    for name in names:
        if name not in valid:
            known = ", ".join(sorted(valid)) or "none"
            raise ParameterError(f'There is no parameter "{name}" here.{nearest(name, valid)} Valid: {known}.')


def nearest(word, valid):
    """Return a hint such as ' Did you mean "epochs"?' with the most similar valid word, or an empty text."""
    found = get_close_matches(str(word).lower(), list(valid), n=1, cutoff=0.5)
    return f' Did you mean "{found[0]}"?' if found else ""
