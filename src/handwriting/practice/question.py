"""Exercises of several kinds: each tells what is wrong with an answer, and never fails itself."""

import copy
import math
import numbers
import re
import types

import numpy as np

from handwriting.data.dataset import last_loaded
from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, check, nearest
from handwriting.practice import record
from handwriting.practice.feedback import Feedback

__all__ = ["Array", "Choice", "Exercise", "Function", "Number", "Order", "Report", "Shape", "stage"]


class Exercise:
    """One exercise with three verbs: `check`, `hint`, `solution`.

    Parameters
    ----------
    name : str
        "stage.exercise", as the student writes it.
    truth : object
        The right answer; with `needs_data`, a function from the loaded `Dataset` to it.
    right : str
        What is said to the right answer: why it is right.
    wrong : list of (object, str)
        Answers that come from a misconception, each with what is said to it; like `truth`, functions of
        the data if `needs_data`.
    hints : list of str
        Each stronger than the one before.
    solution : str
        Lines of Python that answer the exercise, as a student would write them.
    needs_data : bool
        Whether the right answer depends on which data the notebook loaded.
    """

    takes = "This exercise takes another kind of answer."

    def __init__(self, name, truth, right, wrong, hints, solution, needs_data=False):
        self.name, self.truth, self.why, self.wrong = name, truth, right, wrong
        self.hints, self.answer, self.needs_data = hints, solution, needs_data
        self.hinted = 0

    def __repr__(self):
        return f"Exercise {self.name}: use .check(your answer), .hint() or .solution()"

    def check(self, answer=...):
        """Say how an answer is: not tried yet, not right because ..., or right.

        Parameters
        ----------
        answer : object
            Whatever the student has; it is never changed, and nothing is raised.

        Returns
        -------
        Feedback
        """
        feedback = self.examine(answer)
        if feedback.state in ("right", "wrong"):
            record.note(self.name, feedback.right)
        return feedback

    def hint(self):
        """Give a hint; each call a stronger one, until there is no stronger one."""
        place = min(self.hinted, len(self.hints) - 1)
        self.hinted += 1
        more = "" if place + 1 < len(self.hints) else " (That was the last hint. `.solution()` shows an answer.)"
        return Feedback("hint", f"{place + 1} of {len(self.hints)}: {self.hints[place]}{more}")

    def solution(self):
        """Show an answer, and why it is right."""
        return Feedback("solution", self.why, self.answer)

    def examine(self, answer):
        """What `check` says, without remembering it."""
        try:
            if untouched(answer):
                short = self.name.partition(".")[2]
                return Feedback(
                    "open",
                    "Put your answer in the place of the three dots and run this box again. "
                    f"For help, run `practice.{short}.hint()` in a box of its own.",
                )
            data = last_loaded() if self.needs_data else None
            if self.needs_data and data is None:
                return Feedback("unknown", "Run the boxes at the top of this notebook first: they load the pictures.")
            return self.judge(answer, data)
        except Exception as error:  # an answer can be anything at all
            return Feedback("wrong", f"This answer cannot be compared ({type(error).__name__}). {self.takes}")

    def judge(self, answer, data):
        """Compare an answer with the right one, then with each known misconception."""
        complaint = self.complaint(answer)
        if complaint:
            return Feedback("wrong", complaint)
        if self.same(answer, self.truth(data) if self.needs_data else self.truth):
            return Feedback("right", self.why)
        for example, said in self.wrong:
            if self.same(answer, example(data) if self.needs_data else example):
                return Feedback("wrong", said)
        return Feedback("wrong", self.otherwise(answer))

    def complaint(self, answer):
        """What is wrong with the form of an answer; an empty text if nothing is."""
        return ""

    def same(self, answer, other):
        """Whether two answers are the same one."""
        return answer == other

    def otherwise(self, answer):
        """What is said to a wrong answer that nobody foresaw."""
        return f"`{short_text(answer)}` is not it. A hint may help: `practice.{self.name.partition('.')[2]}.hint()`"


class Number(Exercise):
    """The answer is one number; `tolerance` says how near is near enough."""

    takes = "This exercise takes one number."

    def __init__(self, *args, tolerance=1e-6, **kwargs):
        super().__init__(*args, **kwargs)
        self.tolerance = tolerance

    def complaint(self, answer):
        value = plain_number(answer)
        if isinstance(answer, str):
            return f"`{short_text(answer)}` is a text. Leave out the quotes, so that it is a number."
        if value is None:
            return f"{self.takes} You gave {kind_of(answer)}."
        if not math.isfinite(value):
            return f"`{value}` is what a computer says when a sum has no result. Somewhere in yours is a division by 0."
        return ""

    def same(self, answer, other):
        return math.isclose(plain_number(answer), other, rel_tol=0, abs_tol=self.tolerance)


class Shape(Exercise):
    """The answer is a shape: a tuple of whole numbers."""

    takes = "A shape is written in round brackets, such as `(3, 28, 28)`."

    def complaint(self, answer):
        if isinstance(answer, np.ndarray):
            return f"You gave the array itself. Its shape is asked for. {self.takes}"
        if not isinstance(answer, (tuple, list, int, np.integer)) or isinstance(answer, bool):
            return f"{self.takes} You gave {kind_of(answer)}."
        if any(plain_number(part) is None for part in as_shape(answer)):
            return f"{self.takes} Yours has something in it that is no number."
        return ""

    def same(self, answer, other):
        return as_shape(answer) == as_shape(other)


class Array(Exercise):
    """The answer is an array, compared number by number."""

    takes = "This exercise takes an array (or a list of numbers)."

    def complaint(self, answer):
        if callable(getattr(answer, "numpy", None)) or isinstance(answer, (np.ndarray, np.generic, list, tuple)):
            return ""
        return "" if plain_number(answer) is not None else f"{self.takes} You gave {kind_of(answer)}."

    def same(self, answer, other):
        return close(answer, other)

    def otherwise(self, answer):
        shape = np.shape(answer)
        return f"Yours has the shape `{shape}` and is not the array that is asked for. A hint may help."


class Choice(Exercise):
    """The answer is a letter; `wrong` has every other letter."""

    @property
    def letters(self):
        """All letters to choose from, in order."""
        return sorted([self.truth, *(letter for letter, _ in self.wrong)])

    @property
    def takes(self):
        *most, last = [f'"{letter}"' for letter in self.letters]
        return f"Choose one letter, in quotes: {', '.join(most)} or {last}."

    def complaint(self, answer):
        known = isinstance(answer, str) and answer.strip().upper() in self.letters
        return "" if known else f"{self.takes} You gave {kind_of(answer)}."

    def same(self, answer, other):
        return answer.strip().upper() == other


class Order(Exercise):
    """The answer is all letters in an order; `wrong` has (earlier, later) pairs that must hold.

    Every order that keeps all pairs is right; the first pair that is broken is told.
    """

    @property
    def takes(self):
        return f'Write all {len(self.truth)} letters, each once, in quotes, such as "{"".join(sorted(self.truth))}".'

    def letters_of(self, answer):
        text = "".join(answer) if isinstance(answer, (list, tuple)) else answer
        return [letter for letter in text.upper() if letter.isalpha()]

    def complaint(self, answer):
        if not isinstance(answer, (str, list, tuple)) or not all(isinstance(part, str) for part in answer):
            return f"{self.takes} You gave {kind_of(answer)}."
        return "" if sorted(self.letters_of(answer)) == sorted(self.truth) else self.takes

    def judge(self, answer, data):
        complaint = self.complaint(answer)
        if complaint:
            return Feedback("wrong", complaint)
        letters = self.letters_of(answer)
        for (earlier, later), said in self.wrong:
            if letters.index(earlier) > letters.index(later):
                return Feedback("wrong", f"{earlier} comes before {later}: {said}")
        return Feedback("right", self.why)


class Function(Exercise):
    """The answer is a function, tried on several inputs; `truth` and `wrong` hold functions as well.

    Parameters
    ----------
    cases : list of tuple
        The arguments of each trial.
    """

    takes = "This exercise takes the function itself: its name, without brackets after it."

    def __init__(self, *args, cases, **kwargs):
        super().__init__(*args, **kwargs)
        self.cases = cases

    def judge(self, answer, data):
        if not callable(answer) or isinstance(answer, type):
            return Feedback("wrong", f"{self.takes} You gave {kind_of(answer)}.")
        given = []
        for case in self.cases:
            mine = copy.deepcopy(case)
            try:
                given.append(answer(*mine))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # also an exit() in the student's lines
                said = f"`{type(error).__name__}: {short_text(str(error))}`"
                return Feedback("wrong", f"With {told(case)} your function stopped with {said}.")
            if untouched(given[-1]):
                return self.examine(...)
            if given[-1] is None:
                return Feedback("wrong", "Your function gives nothing back. Does it end with a line `return ...`?")
            if not all(close(one, other) for one, other in zip(mine, case, strict=True)):
                return Feedback("wrong", "Your function changes what it is given. Let it make something new instead.")
        wanted = [self.truth(*case) for case in self.cases]
        if all(map(close, given, wanted)):
            return Feedback("right", self.why)
        for example, said in self.wrong:
            if all(close(mine, example(*case)) for mine, case in zip(given, self.cases, strict=True)):
                return Feedback("wrong", said)
        place = [close(*pair) for pair in zip(given, wanted, strict=True)].index(False)
        mine, right = short_text(given[place]), short_text(wanted[place])
        return Feedback("wrong", f"With {told(self.cases[place])} your function gives `{mine}`; wanted is `{right}`.")


class Report(Exercise):
    """The answer is what a student tried and saw: {"knob": ..., "before": ..., "after": ..., "saw": ...}.

    No certain number is asked for, only evidence: one knob, two values, and a sentence about both.

    Parameters
    ----------
    knobs : tuple of str
        What may be changed in this notebook.
    """

    KEYS = ("knob", "before", "after", "saw")
    takes = 'It takes `{"knob": ..., "before": ..., "after": ..., "saw": ...}`.'

    def __init__(self, *args, knobs, **kwargs):
        super().__init__(*args, **kwargs)
        self.knobs = knobs

    def complaint(self, answer):
        if not isinstance(answer, dict):
            return f"{self.takes} You gave {kind_of(answer)}."
        missing = [key for key in self.KEYS if key not in answer]
        if missing:
            return f"There is no `{missing[0]}` in your report. {self.takes}"
        knob, before, after, saw = (answer[key] for key in self.KEYS)
        names = knob if isinstance(knob, (list, tuple)) else [word for word in self.knobs if word in str(knob)]
        if len(names) > 1:
            return "Those are two knobs. Turn one at a time: else you never know which of them did it."
        if knob not in self.knobs:
            hint = nearest(knob, self.knobs)
            return f"`{short_text(knob)}` is no knob of this notebook.{hint} Take one of: {', '.join(self.knobs)}."
        try:
            values = [check(knob, value) if knob in PARAMETERS else value for value in (before, after)]
        except ParameterError as error:
            return str(error)
        if bool(values[0] == values[1]):
            return "Before and after are the same value, so nothing was changed. Which two values did you try?"
        if not isinstance(saw, str) or len(saw.split()) < 5:
            return "Write under `saw` what you saw, in a sentence of five words or more."
        if len(re.findall(r"\d+(?:[.,]\d+)*", saw)) < 2:
            return (
                "Your sentence judges without showing. Name what you saw with both values, in numbers, "
                'even if they are the same, such as "with 512 units 0.98 were right, with 16 units 0.92".'
            )
        return ""

    def same(self, answer, other):
        return True  # what has the form of evidence is evidence


def untouched(answer):
    """Whether three dots still stand where an answer should be."""
    if answer is ... or (type(answer) is str and answer.strip() in ("...", "…", "")):
        return True
    parts = answer.values() if type(answer) is dict else answer if type(answer) in (list, tuple) else ()
    return len(parts) < 100 and any(part is ... for part in parts)


def plain_number(value):
    """A number, also from an array or tensor that holds only one; None for anything else."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if not isinstance(value, numbers.Real) and getattr(value, "shape", None) in ((), (1,)):
        value = np.asarray(value).item()
    return float(value) if isinstance(value, numbers.Real) and not isinstance(value, bool) else None


def as_shape(value):
    """A shape as a tuple; a single number is a shape with one direction."""
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def close(one, other):
    """Whether two results are the same numbers (or words) in the same form."""
    if of_words(one) or of_words(other):
        return isinstance(one, type(other)) and bool(one == other)
    if isinstance(one, (types.GeneratorType, map, filter, zip)):
        return False  # looking would use it up
    if np.shape(one) != np.shape(other):
        return False
    first, second = np.asarray(one), np.asarray(other)
    if first.dtype.kind not in "biuf" or (first.dtype.kind == "b") != (second.dtype.kind == "b"):
        return False
    return bool(np.allclose(first, second, rtol=1e-4, atol=1e-6, equal_nan=True))


def of_words(value):
    """Whether something is made of words: a text, a list of texts, or names with values."""
    return isinstance(value, (str, dict)) or (type(value) is list and isinstance((value or [0])[0], str))


def kind_of(answer):
    """What an answer is, in words; its contents are not looked at."""
    if isinstance(answer, (np.ndarray, np.generic)):
        return f"an array of shape `{np.shape(answer)}`"
    if isinstance(answer, (str, bool, int, float, type(None))):
        return f"`{short_text(repr(answer))}`"
    words = {list: "a list", tuple: "a tuple", dict: "a dictionary", types.FunctionType: "a function"}
    words[types.GeneratorType] = "a generator, which holds no values yet"
    return words.get(type(answer), f"something of the kind `{type(answer).__name__}`")


def short_text(value):
    """A value as text, cut short; whatever it is."""
    try:
        text = value if isinstance(value, str) else str(np.round(value, 3) if isinstance(value, np.ndarray) else value)
    except Exception:
        return type(value).__name__
    text = " ".join(text.replace("`", "'").split())
    return text if len(text) <= 120 else text[:117] + "..."


def told(case):
    """The arguments of a trial, for a sentence."""
    return " and ".join(f"`{short_text(part)}`" for part in case)


def stage(names):
    """Make a module of exercises answer for names that it does not have.

    Parameters
    ----------
    names : dict
        The module's `globals()`.

    Returns
    -------
    (list of Exercise, callable, callable)
        For the module's `EXERCISES`, `__getattr__` and `__dir__`.
    """
    found = [value for value in names.values() if isinstance(value, Exercise)]
    valid = [exercise.name.partition(".")[2] for exercise in found]

    def unknown(name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise AttributeError(f'There is no exercise "{name}" here.{nearest(name, valid)} Valid: {", ".join(valid)}.')

    return found, unknown, lambda: valid
