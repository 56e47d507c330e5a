"""The kinds of exercises: what form an answer has, and when two answers are the same."""

import copy
import math
import re

import numpy as np

from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, check, nearest
from handwriting.practice.answers import are_close, is_untouched, plain_number, short_text
from handwriting.practice.engine import Exercise
from handwriting.practice.feedback import Feedback

__all__ = ["Array", "Choice", "Function", "Number", "Order", "Report", "Shape"]


class Number(Exercise):
    """The answer is one number; `tolerance` is the largest difference that still counts as right."""

    accepts = "This exercise takes one number."

    def __init__(self, *, tolerance=1e-6, **parts):
        super().__init__(**parts)
        self.tolerance = tolerance

    def read(self, answer):
        if isinstance(answer, str):
            return Feedback("wrong", f"`{short_text(answer)}` is text. Leave out the quotes to make it a number.")
        value = plain_number(answer)
        if value is None:
            return self.wrong_form(answer)
        if not math.isfinite(value):
            return Feedback("wrong", f"`{value}` is not a finite number. Look for a division by 0 in your calculation.")
        return value

    def same(self, given, other):
        return math.isclose(given, other, rel_tol=0, abs_tol=self.tolerance)


class Shape(Exercise):
    """The answer is a shape: a tuple of whole numbers, or one number."""

    accepts = "A shape is written in round brackets, such as `(3, 28, 28)`."

    def read(self, answer):
        if isinstance(answer, np.ndarray):
            return Feedback("wrong", f"You gave the array itself. The question is about its shape. {self.accepts}")
        if not isinstance(answer, (tuple, list, int, np.integer)) or isinstance(answer, bool):
            return self.wrong_form(answer)
        shape = as_tuple(answer)
        if any(plain_number(part) is None for part in shape):
            return Feedback("wrong", f"{self.accepts} Yours contains something that is not a number.")
        return shape

    def same(self, given, other):
        return given == as_tuple(other)


def as_tuple(shape):
    """Return a shape as a tuple, also from a list or a single number."""
    return tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)


class Array(Exercise):
    """The answer is an array, compared number by number."""

    accepts = "This exercise takes an array (or a list of numbers)."

    def read(self, answer):
        is_tensor = callable(getattr(answer, "numpy", None))
        if is_tensor or isinstance(answer, (np.ndarray, np.generic, list, tuple)) or plain_number(answer) is not None:
            return answer
        return self.wrong_form(answer)

    def same(self, given, other):
        return are_close(given, other)

    def otherwise(self, answer, given):
        return f"Your array, of shape `{np.shape(answer)}`, is not the one that the question asks for. A hint may help."


class Choice(Exercise):
    """The answer is a letter; `misconceptions` has every other letter."""

    @property
    def letters(self):
        """The letters to choose from, in order."""
        return sorted([self.truth, *(letter for letter, _ in self.misconceptions)])

    @property
    def accepts(self):
        *most, last = [f'"{letter}"' for letter in self.letters]
        return f"Choose one letter, in quotes: {', '.join(most)} or {last}."

    def read(self, answer):
        letter = answer.strip().upper() if isinstance(answer, str) else None
        return letter if letter in self.letters else self.wrong_form(answer)


class Order(Exercise):
    """The answer is all letters in an order; `misconceptions` holds ((earlier, later), text) for each pair.

    Every order that keeps all pairs is right; `truth` is one of them. The first broken pair is explained.
    """

    @property
    def letters(self):
        """All letters, in alphabetical order."""
        return sorted(self.truth)

    @property
    def accepts(self):
        return f'Write all {len(self.truth)} letters, each once, in quotes, such as "{"".join(self.letters)}".'

    def read(self, answer):
        if not isinstance(answer, (str, list, tuple)) or not all(isinstance(part, str) for part in answer):
            return self.wrong_form(answer)
        given = [letter for letter in "".join(answer).upper() if letter.isalpha()]
        if sorted(given) != self.letters:
            return Feedback("wrong", self.accepts)
        for (earlier, later), text in self.misconceptions:
            if given.index(earlier) > given.index(later):
                return Feedback("wrong", f"{earlier} comes before {later}: {text}")
        return Feedback("right", self.why)


class Function(Exercise):
    """The answer is a function, tried on several inputs; `truth` and `misconceptions` hold functions as well.

    Parameters
    ----------
    cases : list of tuple
        The arguments of each trial.
    """

    accepts = "This exercise takes the function itself: its name, without brackets after it."

    def __init__(self, *, cases, **parts):
        super().__init__(**parts)
        self.cases = cases

    def read(self, answer):
        if not callable(answer) or isinstance(answer, type):
            return self.wrong_form(answer)
        results = []
        for case in self.cases:
            arguments = copy.deepcopy(case)
            try:
                result = answer(*arguments)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # also an exit() in the student's lines
                stopped = f"`{type(error).__name__}: {short_text(str(error))}`"
                return Feedback("wrong", f"With {listed(case)} your function stopped with {stopped}.")
            if is_untouched(result):
                return self.not_tried()
            if result is None:
                return Feedback("wrong", "Your function returns nothing. Does it end with a line `return ...`?")
            if not all(map(are_close, arguments, case)):
                return Feedback("wrong", "Your function changes its arguments. Return something new instead.")
            results.append(result)
        return results

    def same(self, results, function):
        return all(are_close(result, function(*case)) for result, case in zip(results, self.cases, strict=True))

    def otherwise(self, answer, results):
        wanted = [self.truth(*case) for case in self.cases]
        place = list(map(are_close, results, wanted)).index(False)
        result, right = short_text(results[place]), short_text(wanted[place])
        return f"With {listed(self.cases[place])} your function returns `{result}`; expected: `{right}`."


def listed(case):
    """Return the arguments of a trial, for a sentence."""
    return " and ".join(f"`{short_text(part)}`" for part in case)


class Report(Exercise):
    """The answer is what a student tried and saw: {"knob": ..., "before": ..., "after": ..., "saw": ...}.

    There is no single right answer, so no `truth`: one change, two values, and a sentence with numbers about both.

    Parameters
    ----------
    may_change : tuple of str
        What can be changed in this notebook.
    """

    accepts = 'It takes `{"knob": ..., "before": ..., "after": ..., "saw": ...}`.'

    def __init__(self, *, may_change, **parts):
        super().__init__(**parts)
        self.may_change = may_change

    def read(self, answer):
        if not isinstance(answer, dict):
            return self.wrong_form(answer)
        for key in ("knob", "before", "after", "saw"):
            if key not in answer:
                return Feedback("wrong", f"There is no `{key}` in your report. {self.accepts}")
        problem = self.problem_of_change(answer["knob"], answer["before"], answer["after"])
        problem = problem or problem_of_sentence(answer["saw"])
        return Feedback("wrong", problem) if problem else Feedback("right", self.why)

    def problem_of_change(self, changed, before, after):
        """Return what is wrong with the change, or an empty text."""
        valid = self.may_change
        names = changed if isinstance(changed, (list, tuple)) else [name for name in valid if name in str(changed)]
        if len(names) > 1:
            return "Change one thing at a time. Otherwise you cannot tell which change made the difference."
        if changed not in valid:
            hint = nearest(changed, valid)
            return f"`{short_text(changed)}` cannot be changed here.{hint} Choose one of: {', '.join(valid)}."
        try:
            values = [check(changed, value) if changed in PARAMETERS else value for value in (before, after)]
        except ParameterError as error:
            return str(error)
        if bool(values[0] == values[1]):
            return "Before and after are the same value, so nothing was changed. Which two values did you try?"
        return ""


def problem_of_sentence(saw):
    """Return what is wrong with the sentence of a report, or an empty text."""
    if not isinstance(saw, str) or len(saw.split()) < 5:
        return "Write under `saw` what you saw, in a sentence of five words or more."
    if len(re.findall(r"\d+(?:[.,]\d+)*", saw)) < 2:
        return (
            "Your sentence gives no evidence. Report what you saw with both values, in numbers, "
            'even if they are the same, such as "with 512 units 0.98 were right, with 16 units 0.92".'
        )
    return ""
