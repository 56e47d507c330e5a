"""What people hand to an export: names, sentences, a path. Each is checked, and refused in a sentence."""

import unicodedata
from numbers import Real
from pathlib import Path

from handwriting.problem import Problem

__all__ = ["check_accuracy", "check_names", "check_path", "plain"]

#: The longest that each text may be, in characters.
LONGEST = {"title": 80, "author": 60, "sentence": 280, "data": 160, "date": 40, "class name": 40}
MOST_CLASSES = 64


def plain(what, text):
    """A text on one line, without characters that have no shape; refused where it is too long or no text."""
    if not isinstance(text, str):
        raise Problem(f"The page’s {what} is a text, not {text!r}.")
    text = " ".join(text.split())
    text = "".join(one for one in text if unicodedata.category(one) not in ("Cc", "Cs"))
    if len(text) > LONGEST[what]:
        raise Problem(f"The {what} has {len(text)} characters. Shorten it to at most {LONGEST[what]}.")
    return text


def check_names(class_names):
    """The class names as texts that people can tell apart."""
    if isinstance(class_names, (str, bytes)) or not hasattr(class_names, "__iter__"):
        raise Problem(f"class_names is a list of names, one for each class, not {class_names!r}.")
    names = [plain("class name", str(name)) for name in class_names]
    if not 2 <= len(names) <= MOST_CLASSES:
        raise Problem(f"There are {len(names)} class names. A page shows 2 to {MOST_CLASSES} classes.")
    if not all(names):
        raise Problem("One of the class names is empty. Give each class a name.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Problem(f"Two classes are called “{twice}”. Give each class a name of its own.")
    return names


def check_accuracy(accuracy):
    """A share from 0 to 1, or None."""
    if accuracy is None:
        return None
    if isinstance(accuracy, bool) or not isinstance(accuracy, Real) or not (0 <= accuracy <= 1):
        raise Problem(f"accuracy is a share from 0 to 1, such as 0.979, not {accuracy!r}.")
    return float(accuracy)


def check_path(path):
    """Where the page goes: a file's name that ends in .html."""
    try:
        path = Path(path)
    except TypeError:
        raise Problem(f"path is a file’s name, such as my-digits.html, not {path!r}.") from None
    if path.is_dir():
        raise Problem(f"{path} is a folder. Add a file’s name, such as {path / 'my-digits.html'}.")
    if path.suffix.lower() not in (".html", ".htm"):
        raise Problem(f"{path} does not end in .html, so no browser would open it. Call it {path.stem}.html.")
    return path
