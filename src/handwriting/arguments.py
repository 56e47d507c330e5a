"""What the arguments of functions may be: anything else gets a sentence, before something is computed with it."""

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from numbers import Integral, Real

from handwriting.errors import ArrayError, ParameterError, UserError, first_line
from handwriting.parameters import nearest
from handwriting.text import clean, shown


@dataclass(frozen=True)
class Kind:
    """One kind of argument: what it is in words, and whether a value is one."""

    words: str
    fits: Callable
    error: type = ParameterError

    def check(self, name, value):
        """Raise an error that names the argument unless the value is of this kind."""
        try:
            if self.fits(value):
                return
        except Exception:  # objects of others may raise anything when they are asked
            pass
        raise self.error(f'"{name}" must be {self.words}, not {shown(value)}.')


def whole(low=-math.inf, high=math.inf):
    """Return the kind of whole numbers from `low` to `high`; True and 2.0 do not count."""
    return Kind(f"a whole number{between(low, high)}", lambda n: is_number(n, Integral) and low <= n <= high)


def number(low=-math.inf, high=math.inf):
    """Return the kind of numbers from `low` to `high`, or of all, NaN included."""
    return Kind(
        f"a number{between(low, high)}", lambda n: is_number(n, Real) and (low <= n <= high or high - low == math.inf)
    )


def between(low, high):
    """Return a range in words."""
    return f" from {low:,} to {high:,}" if high < math.inf else f", at least {low:,}" if low > -math.inf else ""


def is_number(value, kind):
    """Return whether a value is a number of this kind; True and False are not."""
    return isinstance(value, kind) and not isinstance(value, bool)


def is_numeric(value):
    """Return whether NumPy makes an array of numbers of a value."""
    import numpy as np

    dtype = np.asarray(value).dtype
    return dtype.kind in "biuf" or dtype.name == "bfloat16"  # which is TensorFlow's, and foreign to NumPy


def having(words, *attributes):
    """Return the kind of objects with these attributes."""
    return Kind(words, lambda value: all(hasattr(value, attribute) for attribute in attributes))


TEXT = Kind("text", lambda value: isinstance(value, str))
YES_OR_NO = Kind("True or False", lambda value: isinstance(value, bool))
FUNCTION = Kind("a function", callable)
ARRAY = Kind("an array of numbers", is_numeric, ArrayError)
TABLE = Kind("a table of numbers, one row for each image", lambda t: is_numeric(t) and len(t.shape) == 2, ArrayError)
NAMES = Kind(
    "a list of names, one for each class",
    lambda names: len(names) > 0 and not isinstance(names, dict) and all(isinstance(name, str) for name in names),
)
CLASSES = whole(1, 256)
MODEL = having("a network, such as a keras.Sequential model", "count_params")
HISTORY = having("what `fit` returned", "history", "epoch", "params")
DATA = having("data from `load_digits`", "class_names", "x_train", "y_train")
RECORD = Kind("the record that `save_network` or `trained_model` returned", lambda record: "history" in record)


def takes(**kinds):
    """Check the arguments of these names when the decorated function is called; a default of None stays allowed.

    ParameterError or ArrayError, naming the argument and what it takes; or naming all of them, if the function fails
    with what each of them may be, because they do not fit together.
    """

    def decorate(function):
        signature = inspect.signature(function)
        is_plain = all(parameter.kind is not parameter.VAR_KEYWORD for parameter in signature.parameters.values())

        @wraps(function)
        def checked(*arguments, **options):
            unknown = [name for name in options if name not in signature.parameters] if is_plain else []
            if unknown:
                valid = ", ".join(signature.parameters)
                hint = nearest(unknown[0], signature.parameters)
                raise ParameterError(f'{function.__name__} takes no "{unknown[0]}".{hint} It takes: {valid}.')
            try:
                given = signature.bind(*arguments, **options).arguments
            except TypeError as error:
                raise ParameterError(f"{function.__name__}: {error}.") from None
            for name, kind in kinds.items():
                if name in given and not (given[name] is None and signature.parameters[name].default is None):
                    kind.check(name, given[name])
            try:
                return function(*arguments, **options)
            except UserError:
                raise
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                given.pop("self", None)
                values = ", ".join(f"{name} {described(value)}" for name, value in given.items())
                why = clean(first_line(error), 120).rstrip(".")
                raise ArrayError(f"{function.__name__} cannot work with {values} ({why}).") from error

        return checked

    return decorate


def described(value):
    """Return an array's shape, or another value as it is written in Python, in a few words."""
    return f"of shape {value.shape}" if hasattr(value, "shape") else shown(value)
