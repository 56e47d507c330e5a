"""What people hand to an export: sentences, a share, a path. Each is checked, and refused in a sentence."""

from numbers import Real
from pathlib import Path

from handwriting.errors import UserError
from handwriting.text import one_line

__all__ = ["check_accuracy", "check_path", "plain"]

#: The longest that each text may be, in characters.
LONGEST = {"title": 80, "author": 60, "sentence": 280, "data": 160, "date": 40}


def plain(what, text):
    """A text on one line, without characters that have no shape; refused where it is too long or no text."""
    if not isinstance(text, str):
        raise UserError(f"The page’s {what} is a text, not {text!r}.")
    text = one_line(text)
    if len(text) > LONGEST[what]:
        raise UserError(f"The {what} has {len(text)} characters. Shorten it to at most {LONGEST[what]}.")
    return text


def check_accuracy(accuracy):
    """A share from 0 to 1, or None."""
    if accuracy is None:
        return None
    if isinstance(accuracy, bool) or not isinstance(accuracy, Real) or not (0 <= accuracy <= 1):
        raise UserError(f"accuracy is a share from 0 to 1, such as 0.979, not {accuracy!r}.")
    return float(accuracy)


def check_path(path):
    """Where the page goes: a file's name that ends in .html."""
    try:
        path = Path(path)
    except TypeError:
        raise UserError(f"path is a file’s name, such as my-digits.html, not {path!r}.") from None
    if path.is_dir():
        raise UserError(f"{path} is a folder. Add a file’s name, such as {path / 'my-digits.html'}.")
    if path.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"{path} does not end in .html, so no browser would open it. Call it {path.stem}.html.")
    return path
