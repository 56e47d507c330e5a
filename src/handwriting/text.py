"""Texts from people and from files, made fit to be shown; class names that can be told apart."""

import re
import unicodedata

from handwriting.errors import UserError

LONGEST = 255  # characters of a class name: as many as a folder's name may have
LONGEST_DATA = 120  # characters of the name of data: people may call a file what they like
MOST = 256  # classes: labels are uint8
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")  # Unicode's categories of characters without a shape
JOINERS = "\u200c\u200d"  # part of how words are spelled, in Persian say, and of many emoji
#: Those that are seen only in what they do to others, or not at all, in the categories of letters and marks, too.
UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def clean(text, longest=60):
    """Return a text on one line, without characters that hide, turn around or overprint others.

    One of over `longest` characters is cut and ends with "…". It may still hold any of ``<>&"'``: escape it.
    """
    begin = text if longest is None else text[: 2 * longest]  # a text from a file may have millions of characters
    shown, marks = [], 0
    for character in unicodedata.normalize("NFC", " ".join(begin.split())):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if kind in HIDDEN and character not in JOINERS:
            shown.append("\ufffd")
        elif marks <= 3:
            shown.append(character)
    cleaned = "".join(shown)
    whole = longest is None or (len(cleaned) <= longest and begin == text)
    return cleaned if whole else cleaned[: longest - 1] + "…"


def shown(value):
    """Return a value as it is written in Python, on one line and not too long for a message."""
    try:
        return clean(repr(value))
    except ValueError:  # Python does not write out thousands of digits
        return "a number with thousands of digits"


def counted(count, noun, plural=None):
    """Return a number with its noun: "1 run", "2,000 runs", "2 copies"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def there_are(count, noun):
    """Return the beginning of a sentence: "There is 1 image", "There are 2 images"."""
    return f"There {'is' if count == 1 else 'are'} {counted(count, noun)}"


def check_names(class_names):
    """Return class names as texts that people can tell apart: 2 to 256 of them, each of 1 to 255 characters.

    Takes texts or numbers. UserError, saying which name is wrong, if that is impossible.
    """
    if isinstance(class_names, (str, bytes)) or not hasattr(class_names, "__iter__"):
        raise UserError(f"class_names must be a list of names, one for each class, not {shown(class_names)}.")
    class_names = list(class_names)
    for name in class_names:
        if isinstance(name, (bytes, list, tuple, dict, set)):
            raise UserError(f"A class name must be text, not {shown(name)}.")
    names = [clean(str(name), None) for name in class_names]
    if not 2 <= len(names) <= MOST:
        raise UserError(f"{there_are(len(names), 'class name')}. Give 2 to {MOST}.")
    plain = [UNSEEN.sub("", name).strip() for name in names]
    for name, seen in zip(names, plain, strict=True):
        if not seen:
            raise UserError("One of the class names is empty or only a space. Give each class a name.")
        if len(name) > LONGEST:
            raise UserError(f"The class name {name[:12]}… has {len(name)} characters. Shorten it to at most {LONGEST}.")
        if plain.count(seen) > 1:
            raise UserError(f"Two classes are called “{name}”, or look the same. Give each class a different name.")
    return names
