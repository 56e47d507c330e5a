"""Tell whether an answer was given, what it is, and whether two answers are the same; an answer can be anything."""

import math
import numbers
import re
import types

import numpy as np

#: A number as charts and calculators write it, with something between its thousands: 6,265 or 6.265 or 6_265.
THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:([,._' ])\d{3})(?:\1\d{3})*")
MOST_GROUPS = 50  # of three digits, in a number that somebody means
NUMBER = re.compile(r"(?:(?<![\w.,])-)?(?:(?<![\w.,])[.])?\d+(?:[.,]\d+)*(?:(?<=\d)e[+-]?\d+)?", re.IGNORECASE)


def is_untouched(answer):
    """Return whether an answer still has the three dots where something should be."""
    if answer is ... or (type(answer) is str and answer.strip() in ("...", "…", "")):
        return True
    parts = answer.values() if type(answer) is dict else answer if type(answer) in (list, tuple) else ()
    return len(parts) < 100 and any(part is ... for part in parts)


def plain_number(value):
    """Return a number as a float, also from an array or tensor that holds only one; None for anything else.

    One that is too large for a float is infinite.
    """
    if isinstance(value, (bool, np.bool_)):
        return None
    if not isinstance(value, numbers.Real) and getattr(value, "shape", None) in ((), (1,)):
        value = np.asarray(value).item()
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def without_separators(answer):
    """Return the whole number that is meant by 6,265 (for Python a tuple), "6,265", "6.265" or "6_265"; else None."""
    if type(answer) is tuple and 1 < len(answer) < MOST_GROUPS and all(type(part) is int for part in answer):
        first, *groups = answer
        # In Python, a number does not begin with 0, so a group of three digits that was typed is 000 or 100 to 999.
        if 0 < first < 1000 and all(group == 0 or 100 <= group < 1000 for group in groups):
            return int(f"{first}{''.join(f'{group:03}' for group in groups)}")
    if isinstance(answer, str) and len(answer) < 4 * MOST_GROUPS and THOUSANDS.fullmatch(answer.strip()):
        return int(re.sub(r"\D", "", answer))
    return None


def decimal_comma(answer):
    """Return the number that is meant by "0,7" or by 0,7 (for Python a tuple): text in Python's notation; else None."""
    zero_first = (
        type(answer) is tuple and len(answer) == 2 and type(answer[0]) is type(answer[1]) is int and not answer[0]
    )
    text = f"0,{answer[1]}" if zero_first and answer[1] < 1e300 else answer
    return text.strip().replace(",", ".") if isinstance(text, str) and re.fullmatch(r"\s*-?\d+,\d+\s*", text) else None


def numbers_in(sentence):
    """Return the numbers in a sentence: 6,742 is one number, and so is 0,98, which is written with a decimal comma."""
    found = []
    for text in NUMBER.findall(sentence):
        whole = text.lstrip("-").partition(".")[0]
        if "," in whole and THOUSANDS.fullmatch(whole):
            text = text.replace(",", "")
        elif text.count(",") + text.count(".") == 1:
            text = text.replace(",", ".")
        else:
            text = re.sub("[,.]", "", text)
        found.append(float(text))
    return found


def are_booleans(value):
    """Return whether a value is an array, or a list of lists, of True and False."""
    try:
        return np.asarray(value).dtype == bool
    except ValueError:  # rows of different lengths
        return False


def are_close(one, other):
    """Return whether two results are the same numbers (or words) in the same form."""
    if has_words(one) or has_words(other):
        return isinstance(one, type(other)) and bool(one == other)
    if isinstance(one, (types.GeneratorType, map, filter, zip)):
        return False  # comparing would use it up
    if np.shape(one) != np.shape(other):
        return False
    first, second = np.asarray(one), np.asarray(other)
    if first.dtype.kind not in "biuf" or (first.dtype.kind == "b") != (second.dtype.kind == "b"):
        return False
    return bool(np.allclose(first, second, rtol=1e-4, atol=1e-6, equal_nan=True))


def has_words(value):
    """Return whether a value is a text, a list of texts, or a dictionary."""
    return isinstance(value, (str, dict)) or (type(value) is list and isinstance((value or [0])[0], str))


def in_words(answer):
    """Return what an answer is, in words, without reading its content."""
    if isinstance(answer, (np.ndarray, np.generic)):
        return f"an array of shape `{np.shape(answer)}`"
    if isinstance(answer, int) and abs(answer) >= 1e300:
        return "a number with hundreds of digits"
    if isinstance(answer, (str, bool, int, float, type(None))):
        return f"`{short_text(repr(answer))}`"
    words = {
        list: "a list",
        tuple: "a tuple",
        dict: "a dictionary",
        types.FunctionType: "a function",
        types.GeneratorType: "a generator, which has no values yet",
    }
    return words.get(type(answer), f"an object of type `{type(answer).__name__}`")


def short_text(value):
    """Return a value as a text of at most 120 characters on one line; of a large array, its first and last numbers."""
    try:
        is_array = isinstance(value, np.ndarray)
        text = np.array2string(value, precision=3, suppress_small=True) if is_array else str(value)
    except Exception:
        return type(value).__name__
    text = " ".join(text.replace("`", "'").split())
    return text if len(text) <= 120 else text[:117] + "..."
