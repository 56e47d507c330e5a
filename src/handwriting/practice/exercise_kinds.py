"""The kinds of exercises: which form an answer has, and when two answers are the same."""

import copy
import math
import re

import numpy as np

from handwriting.errors import DataError, ParameterError
from handwriting.load import check_source
from handwriting.parameters import PARAMETERS, check, nearest
from handwriting.practice.answers import (
    are_booleans,
    are_close,
    in_words,
    is_untouched,
    numbers_in,
    plain_number,
    short_text,
    without_separators,
)
from handwriting.practice.engine import Exercise
from handwriting.practice.feedback import Feedback

__all__ = ["Array", "Choice", "Function", "Number", "Order", "Report", "Shape"]


class Number(Exercise):
    """The answer is one number; `tolerance` is the largest difference that still counts as right."""

    accepts = "This exercise expects one number."

    def __init__(self, *, tolerance=1e-6, **parts):
        super().__init__(**parts)
        self.tolerance = tolerance

    def read(self, answer):
        meant = without_separators(answer)
        if isinstance(answer, str):
            written = "" if meant is None else f": `{meant}`, without anything between the digits"
            text = f"`{short_text(answer)}` is text. Leave out the quotes to make it a number{written}."
            return Feedback("wrong", text if meant is None else f"{text} {self.verdict(meant)}")
        if meant is not None:
            text = f"Python reads `{meant:,}` as {len(answer)} numbers, because a comma separates values."
            return Feedback("wrong", f"{text} Write it without commas: `{meant}`. {self.verdict(meant)}")
        value = plain_number(answer)
        if value is None:
            return self.wrong_form(answer)
        if not math.isfinite(value):
            return Feedback("wrong", f"`{value}` is not a finite number. Look for a division by 0 in your calculation.")
        return value

    def same(self, given, other):
        return math.isclose(given, other, rel_tol=0, abs_tol=self.tolerance)

    def otherwise(self, answer, given):
        meant = round(given * 1000) if abs(given) < 1000 else given
        if isinstance(answer, float) and math.isclose(meant, given * 1000) and self.compare(meant, meant).right:
            text = "The dot is Python's decimal point, so"
            return f"{text} `{answer}` is less than {math.floor(given) + 1}. Write `{meant}`. {self.verdict(meant)}"
        return super().otherwise(answer, given)

    def verdict(self, number):
        """Return a sentence about a number that was meant, but written in a form that does not count."""
        feedback = self.compare(number, number)
        return "The number itself is right." if feedback.right else feedback.text


class Shape(Exercise):
    """The answer is a shape: a tuple of whole numbers, or one number."""

    accepts = "A shape is written in round brackets, such as `(3, 28, 28)`."

    def read(self, answer):
        if isinstance(answer, np.ndarray):
            return Feedback("wrong", f"You gave the array itself. The question is about its shape. {self.accepts}")
        if isinstance(answer, str) and re.fullmatch(r"[\[(]?\s*\d[\d\s,]*[\])]?", answer.strip()):
            return Feedback("wrong", f"`{short_text(answer)}` is text. Leave out the quotes. {self.accepts}")
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

    accepts = "This exercise expects an array (or a list of numbers)."

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

    accepts = "This exercise expects the function itself: its name, without brackets after it."

    def __init__(self, *, cases, **parts):
        super().__init__(**parts)
        self.cases = cases

    def read(self, answer):
        if not callable(answer) or isinstance(answer, type):
            return self.wrong_form(answer)
        results = []
        for case in self.cases:
            arguments = copy.deepcopy(case)
            result = self.result_of(answer, arguments, f"With {listed(case)}")
            if isinstance(result, Feedback):
                return result
            if not all(map(are_close, arguments, case)):
                return Feedback("wrong", "Your function changes its arguments. Return something new instead.")
            results.append(result)
        return results

    def result_of(self, function, arguments, where):
        """Return what a student's function returns, or the feedback if it stops or returns nothing."""
        try:
            result = function(*arguments)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # also an exit() in the student's lines
            stopped = short_text(f"{type(error).__name__}: {error}")
            return Feedback("wrong", f"{where} your function stopped with `{stopped}`.")
        if is_untouched(result):
            return self.not_tried()
        if result is None:
            return Feedback("wrong", "Your function returns nothing. Does it end with a line `return ...`?")
        return result

    def same(self, results, function):
        return all(are_close(result, function(*case)) for result, case in zip(results, self.cases, strict=True))

    def otherwise(self, answer, results):
        wanted = [self.truth(*case) for case in self.cases]
        place = list(map(are_close, results, wanted)).index(False)
        if are_booleans(results[place]) and not are_booleans(wanted[place]):
            return "Your function returns True and False. Return numbers: `.astype(int)` makes 1 and 0 of them."
        result, right = short_text(results[place]), short_text(wanted[place])
        return f"With {listed(self.cases[place])} your function returns `{result}`; expected: `{right}`."


def listed(case):
    """Return the arguments of a trial, for a sentence."""
    return " and ".join(f"`{short_text(part)}`" for part in case)


class Report(Exercise):
    """The answer is what a student changed and saw: {"parameter": ..., "before": ..., "after": ..., "saw": ...}.

    There is no single right answer, so no `truth`: one change, two values, and a sentence with a result for each.

    Parameters
    ----------
    may_change : tuple of str
        Everything that can be changed in this notebook: its parameters, and names of its cells.
    ranges : dict of str to (number, number), optional
        The smallest and the largest value of names that are not in `handwriting.parameters.PARAMETERS`.
    """

    accepts = 'Write it as `{"parameter": ..., "before": ..., "after": ..., "saw": ...}`.'

    def __init__(self, *, may_change, ranges=None, **parts):
        super().__init__(**parts)
        self.may_change, self.ranges = may_change, ranges or {}

    def read(self, answer):
        if not isinstance(answer, dict):
            return self.wrong_form(answer)
        for key in ("parameter", "before", "after", "saw"):
            if key not in answer:
                return Feedback("wrong", f"There is no `{key}` in your report. {self.accepts}")
        changed = answer["parameter"]
        problem = self.problem_of_name(changed)
        if not problem:
            try:
                values = [self.value_of(changed, answer[key]) for key in ("before", "after")]
            except (DataError, ParameterError) as error:
                problem = str(error)
            else:
                if values[0] == values[1]:
                    problem = "Before and after are the same value, so nothing was changed. Which two did you try?"
                problem = problem or problem_of_sentence(answer["saw"])
                problem = problem or problem_of_results(answer["saw"], values if changed in PARAMETERS else [])
        return Feedback("wrong", problem) if problem else Feedback("right", self.why)

    def problem_of_name(self, changed):
        """Return what is wrong with the name of what was changed, or an empty text."""
        valid = self.may_change
        words = re.findall(r"\w+", str(changed))
        if len([name for name in valid if name in words]) > 1:
            return "Change one thing at a time. Otherwise you cannot tell which change made the difference."
        if changed not in valid:
            hint = nearest(changed, valid)
            return f"`{short_text(changed)}` is not a parameter here.{hint} Choose one of: {', '.join(valid)}."
        return ""

    def value_of(self, name, value):
        """Return a value in the form that the parameter takes; DataError or ParameterError if it does not take it."""
        if name == "data":
            return check_source(value)
        if name in PARAMETERS:
            return check(name, value)
        if name in self.ranges:
            low, high = self.ranges[name]
            number = numbers_in(value)[:1] if isinstance(value, str) else [plain_number(value)]
            if not number or number[0] is None or not low <= number[0] <= high:
                raise ParameterError(f'"{name}" must be a number from {low} to {high}. You gave {in_words(value)}.')
            return number[0]
        if not isinstance(value, (int, float, str)) or isinstance(value, bool):
            raise ParameterError(f'"{name}" must be a number or text. You gave {in_words(value)}.')
        return value


def problem_of_sentence(saw):
    """Return what is wrong with the sentence of a report, or an empty text."""
    if not isinstance(saw, str) or len(saw.split()) < 5:
        return "Under `saw`, write what you saw, in a sentence of at least five words."
    # A word has a vowel; letters of other alphabets count as well.
    words = {word.lower() for word in re.findall(r"[^\W\d_]{2,}", saw) if re.search(r"[aeiouy]|[^a-z]", word.lower())}
    if len(words) < 3:
        return "Under `saw`, write a sentence that others understand: what did you compare, and what was the result?"
    return ""


def problem_of_results(saw, values):
    """Return what is wrong with the results in a sentence, or an empty text; `values` are no results."""
    found = numbers_in(saw)
    results = list(found)
    for value in values:
        if value in results:
            results.remove(value)
    if len(found) < 2 or not results:
        return (
            "Your sentence gives no evidence. Report a result for each of the two values, in numbers, "
            'even if they are the same, such as "with 512 units 0.98 were right, with 16 units 0.92".'
        )
    shares = [result for result in results if 0 <= result <= 100]
    if re.search("accurac", saw, re.IGNORECASE) and len(shares) < min(2, len(results)):
        return "An accuracy is between 0 and 1, or between 0 % and 100 %. Look at both results again."
    return ""
