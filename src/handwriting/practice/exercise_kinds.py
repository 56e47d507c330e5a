"""The kinds of exercises: which form an answer has, and when two answers are the same."""

import copy
import math
import re

import numpy as np

from handwriting.practice.answers import (
    are_booleans,
    are_close,
    decimal_comma,
    in_words,
    is_untouched,
    plain_number,
    short_text,
    without_separators,
)
from handwriting.practice.engine import Exercise
from handwriting.practice.feedback import Feedback


class Number(Exercise):
    """The answer is one number; `tolerance` is the largest difference that still counts as right."""

    accepts = "This exercise expects one number."

    def __init__(self, *, tolerance=1e-6, **parts):
        super().__init__(**parts)
        self.tolerance = tolerance

    def read(self, answer):
        meant, dotted = without_separators(answer), decimal_comma(answer)
        if meant is None and dotted:
            return Feedback("wrong", f"Python's decimal point is a dot, not a comma. Write `{dotted}`, without quotes.")
        if isinstance(answer, str):
            if meant is None and re.fullmatch(r"[\d\s.()+*/-]*\d\s*[+*/-][\d\s.()+*/-]*", answer):
                return as_text(answer)
            if meant is None and not re.fullmatch(r"\s*-?\d+(\.\d*)?\s*", answer):
                return Feedback("wrong", f"{self.accepts} Write it in digits, without quotes, words or units.")
            written = "" if meant is None else f": `{meant}`, without anything between the digits"
            text = f"`{short_text(answer)}` is text. Leave out the quotes to make it a number{written}."
            return Feedback("wrong", text if meant is None else f"{text} {self.verdict(meant)}")
        if meant is not None:
            text = f"Python reads `{meant:,}` as {len(answer)} numbers, because a comma separates values."
            return Feedback("wrong", f"{text} Write it without commas: `{meant}`. {self.verdict(meant)}")
        if isinstance(answer, tuple) and len(answer) == 1 and math.isfinite(plain_number(answer[0]) or math.inf):
            text = f"Leave out the comma at the end: with it, Python takes `{answer[0]}` for a list of one number."
            return Feedback("wrong", f"{text} {self.verdict(answer[0])}")
        value = plain_number(answer)
        several = value is None and isinstance(answer, tuple) and len(answer) > 1
        if several and all(plain_number(part) is not None for part in answer):
            text = f"For Python, a comma separates values, so this is {len(answer)} numbers."
            return Feedback("wrong", f"{text} Write one number without commas; its decimal point is a dot.")
        if value is None:
            return self.wrong_form(answer)
        if math.isinf(value) and answer != value:
            return Feedback("wrong", "This number has hundreds of digits. Look at your calculation again.")
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
        if isinstance(answer, np.ndarray) and (answer.ndim != 1 or answer.size > 8 or answer.dtype.kind not in "iu"):
            return Feedback("wrong", f"You gave the array itself. The question is about its shape. {self.accepts}")
        if isinstance(answer, str) and re.fullmatch(r"[\[(]?\s*\d[\d\s,]*[\])]?", answer.strip()):
            return as_text(answer, self.accepts)
        if hasattr(answer, "as_list") or isinstance(answer, np.ndarray):  # a shape as TensorFlow or NumPy holds it
            answer = answer.as_list() if hasattr(answer, "as_list") else answer.tolist()
        if not isinstance(answer, (tuple, list, int, np.integer)) or isinstance(answer, bool):
            return self.wrong_form(answer)
        shape = as_tuple(answer)
        if any(plain_number(part) is None for part in shape):
            return Feedback("wrong", f"{self.accepts} Yours contains something that is not a number.")
        return shape

    def same(self, given, other):
        return given == as_tuple(other)


def as_text(answer, accepts="Then Python calculates it."):
    """Return the feedback on numbers that are written as text."""
    verb = "is" if isinstance(answer, str) else "contains"
    return Feedback("wrong", f"`{short_text(answer)}` {verb} text. Leave out the quotes. {accepts}")


def as_tuple(shape):
    """Return a shape as a tuple, also from a list or a single number."""
    return tuple(shape) if isinstance(shape, (tuple, list)) else (shape,)


class Array(Exercise):
    """The answer is an array, compared number by number."""

    accepts = "This exercise expects an array (or a list of numbers)."

    def read(self, answer):
        parts = answer if isinstance(answer, (list, tuple)) else [answer]
        if any(isinstance(part, str) for part in parts) and re.search(r"\d", str(answer)):
            return as_text(answer, self.accepts)
        is_tensor = callable(getattr(answer, "numpy", None))
        if is_tensor or isinstance(answer, (np.ndarray, np.generic, list, tuple)) or plain_number(answer) is not None:
            return answer
        return self.wrong_form(answer)

    def same(self, given, other):
        return are_close(given, other)

    def otherwise(self, answer, given):
        wanted = np.size(self.truth)
        if not callable(self.truth) and np.ndim(given) == 1 and np.size(given) > wanted:
            comma = " Python's decimal point is a dot, not a comma." if np.any(np.mod(self.truth, 1)) else ""
            return f"You gave {np.size(given)} numbers, and the answer has {wanted}.{comma}"
        return f"Your array, of shape `{np.shape(answer)}`, is not the one that the question asks for. A hint may help."


class Letters(Exercise):
    """The answer is one letter or several; what each wrong one misses is given by its letter: A="..."."""

    def __init__(self, *, truth, why, hints, title="", **misses):
        if not all(letters.isupper() for letters in misses):
            raise TypeError(f"What is missed is named by letters, such as A or CE, not {', '.join(misses)}")
        super().__init__(
            truth=truth, why=why, hints=hints, title=title, solution="", misconceptions=list(misses.items())
        )

    def named(self, notebook, name):
        self.code = f'{name} = "{self.truth}"'
        return super().named(notebook, name)

    @property
    def letters(self):
        """All letters, in alphabetical order."""
        return sorted({*self.truth, *"".join(letters for letters, _ in self.misconceptions)})


class Choice(Letters):
    """The answer is a letter; every other letter has a misconception."""

    @property
    def accepts(self):
        *most, last = [f'"{letter}"' for letter in self.letters]
        return f"Choose one letter, in quotes: {', '.join(most)} or {last}."

    def read(self, answer):
        letter = answer.strip().upper() if isinstance(answer, str) else None
        return letter if letter in self.letters else self.wrong_form(answer)


class Order(Letters):
    """The answer is all letters in an order; misconceptions are named by pairs, the earlier letter first: CE="...".

    Every order that keeps all pairs is right; `truth` is one of them. The first broken pair is explained.
    """

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
    """The answer is a function. It, `truth` and the misconceptions, functions too, are called with each of `cases`."""

    accepts = "This exercise expects the function itself: its name, without brackets after it."

    def __init__(self, *, cases, **parts):
        super().__init__(**parts)
        self.cases = cases

    def read(self, answer):
        if not callable(answer) or isinstance(answer, type):
            return self.wrong_form(answer)
        return self.tried(answer)

    def tried(self, answer):
        """Return what a student's function returns for each case, or the feedback if one of them goes wrong."""
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
            return Feedback("wrong", f"{where} your function did not end until you stopped it. Does its loop end?")
        except BaseException as error:  # also an exit() in the student's lines
            stopped = short_text(f"{type(error).__name__}: {error}")
            return Feedback("wrong", f"{where} your function stopped with `{stopped}`.")
        if is_untouched(result):
            return self.not_tried()
        if result is None:
            return Feedback("wrong", "Your function returns nothing. Does it end with a line `return ...`?")
        try:
            np.shape(result)
        except ValueError:
            text = "your function returns rows of different lengths. Each row needs the same number of elements."
            return Feedback("wrong", f"{where} {text}")
        return result

    def same(self, results, function):
        return all(are_close(result, function(*case)) for result, case in zip(results, self.cases, strict=True))

    def otherwise(self, answer, results):
        wanted = [self.truth(*case) for case in self.cases]
        place = list(map(are_close, results, wanted)).index(False)
        if are_booleans(results[place]) and not are_booleans(wanted[place]):
            return "Your function returns True and False. Return numbers: `.astype(int)` gives 1 and 0."
        difference = largest_difference(results[place], wanted[place])
        if 0 < difference < 0.006:
            text = f"your function is nearly right: the largest difference is {difference:.1g}."
            return f"With {listed(self.cases[place])} {text} If it rounds, leave that out."
        result, right = as_written(results[place]), as_written(wanted[place])
        return f"With {listed(self.cases[place])} your function returns `{result}`; expected: `{right}`."


def largest_difference(result, wanted):
    """Return by how much two results differ at most; infinity if they are not numbers in the same form."""
    first, second = np.asarray(result), np.asarray(wanted)
    if first.shape != second.shape or not {first.dtype.kind, second.dtype.kind} <= set("iuf"):
        return math.inf
    return float(np.max(np.abs(first.astype(float) - second)))


def as_written(result):
    """Return what a function returned, for a sentence: a text has its quotes, a large array is only described."""
    if isinstance(result, str):
        return short_text(repr(result))
    large = isinstance(result, np.ndarray) and result.size > 1000
    return in_words(result).replace("`", "") if large else short_text(result)


def listed(case):
    """Return the arguments of a trial, for a sentence."""
    return " and ".join(f"`{short_text(part)}`" for part in case)
