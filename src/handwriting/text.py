"""Texts from people and from files, made fit to be shown; class names that can be told apart."""

import unicodedata

from handwriting.errors import UserError

__all__ = ["check_names", "clean", "one_line"]

LONGEST = 40  # characters
MOST = 64  # classes


def clean(text, longest=60):
    """Return a text that is short, on one line, and has no characters that hide, turn around or overprint others.

    It may still hold any of ``<>&"'``: escape it.

    Parameters
    ----------
    text : str
    longest : int
        Characters; a longer text ends with "…".

    Returns
    -------
    str
    """
    if text.isascii() and text.isprintable() and len(text) <= longest:  # as nearly all are
        return " ".join(text.split())
    shown, marks = [], 0
    for character in unicodedata.normalize("NFC", text[: 2 * longest]):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            # Two joiners are part of how words are spelled, in Persian say.
            shown.append(character if character in "\u200c\u200d" else "\ufffd")
        elif marks <= 3:
            shown.append(character)
    cleaned = " ".join("".join(shown).split())
    return cleaned if len(cleaned) <= longest and len(text) <= 2 * longest else cleaned[: longest - 1] + "…"


def one_line(text):
    """Return a text on one line, without characters that have no shape."""
    return "".join(one for one in " ".join(text.split()) if unicodedata.category(one) not in ("Cc", "Cs"))


def check_names(class_names):
    """Return class names as texts that people can tell apart: 2 to 64 of them, each of 1 to 40 characters.

    Takes texts or numbers. UserError, saying which name is wrong, if that is impossible.
    """
    if isinstance(class_names, (str, bytes)) or not hasattr(class_names, "__iter__"):
        raise UserError(f"class_names is a list of names, one for each class, not {class_names!r}.")
    class_names = list(class_names)
    wrong = next((name for name in class_names if isinstance(name, (bytes, list, tuple, dict, set))), None)
    if wrong is not None:
        raise UserError(f"A class name is a text, not {wrong!r}.")
    names = [one_line(str(name)) for name in class_names]
    if not 2 <= len(names) <= MOST:
        raise UserError(f"There are {len(names)} class names. Give 2 to {MOST}.")
    if not all(names):
        raise UserError("One of the class names is empty. Give each class a name.")
    long = next((name for name in names if len(name) > LONGEST), None)
    if long:
        raise UserError(f"The class name {long[:12]}… has {len(long)} characters. Shorten it to at most {LONGEST}.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UserError(f"Two classes are called “{twice}”. Give each class a name of its own.")
    return names
