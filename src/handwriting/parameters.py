"""The knobs of the workshop: what each parameter of a notebook takes, in one place."""

from dataclasses import dataclass
from difflib import get_close_matches

from handwriting.problem import Problem

__all__ = ["KNOBS", "ParameterError", "check", "nearest"]


class ParameterError(Problem, ValueError):
    """A parameter that no notebook has, or a value that it does not take."""


@dataclass(frozen=True)
class Knob:
    """One parameter: its default, and what it takes."""

    default: object
    low: float | None = None
    high: float | None = None
    below_high: bool = False

    @property
    def takes(self):
        """What the parameter takes, in words."""
        kind = {int: "a whole number", float: "a number", str: "a text"}[type(self.default)]
        if self.low is None:
            return kind
        return f"{kind} from {self.low} to {'below ' if self.below_high else ''}{self.high}"


KNOBS = {
    "data": Knob("auto"),
    "hidden": Knob(512, 1, 8192),
    "dropout": Knob(0.2, 0, 1, below_high=True),
    "epochs": Knob(4, 1, 1000),
    "batch_size": Knob(128, 1, 60000),
    "learning_rate": Knob(0.001, 0.000001, 10),
    "seed": Knob(0, 0, 4294967295),
    "work_dir": Knob("my_work"),
    "photo": Knob("sample"),
    "examples": Knob(10000, 128, 60000),
    "epochs_each": Knob(1, 1, 1000),
}


def check(name, value):
    """Turn a value, perhaps a text from the command line, into what the parameter takes.

    Parameters
    ----------
    name : str
        One of `KNOBS`.
    value : object

    Returns
    -------
    int, float or str

    Raises
    ------
    ParameterError
        Naming the parameter and what it takes.
    """
    knob = KNOBS[name]
    kind = type(knob.default)
    try:
        if isinstance(value, bool) or value is None:
            raise ValueError
        converted = kind(value)
        if kind is int and not isinstance(value, str) and converted != value:
            raise ValueError
        if kind is not str and not knob.low <= converted <= knob.high:
            raise ValueError
        if knob.below_high and converted == knob.high:
            raise ValueError
        if converted == "":
            raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise ParameterError(f'"{name}" takes {knob.takes}, not {value!r}.') from None
    return converted


def nearest(word, valid):
    """A hint that names the most similar valid word, or an empty text.

    Parameters
    ----------
    word : str
    valid : iterable of str

    Returns
    -------
    str
        ' Did you mean "epochs"?' or ''.
    """
    found = get_close_matches(str(word).lower(), list(valid), n=1, cutoff=0.5)
    return f' Did you mean "{found[0]}"?' if found else ""
