"""The predictions that notebooks ask, in the short words of their slides: for paper, and for the page about a class."""

import re
from contextlib import suppress
from typing import NamedTuple

import nbformat

from handwriting.paths import notebooks_folder

CHOICE = re.compile(r"^- \*\*\((\w)\)\*\* (.+)$", re.MULTILINE)
ASKED = re.compile(r"\b(?:Predict|predict)\(\"([\w.]+)\"\)")


class Question(NamedTuple):
    """What a prediction asks, as markdown, and its choices, by letter."""

    headline: str
    words: str
    choices: dict


def questions_of(notebook):
    """Yield the name of each prediction of a notebook, such as "train.steps", and the `Question`."""
    heading, last = "", None
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            found = re.search(r"^## (.+)$", cell.source, re.MULTILINE)
            heading, last = found[1] if found else heading, cell
        elif last and (asked := ASKED.search(cell.source)):
            marks = last.metadata.get("slideshow", {})  # its words are short, and need nothing around them
            choices = dict(CHOICE.findall(last.source))
            yield asked[1], Question(marks.get("headline", heading), marks.get("words", ""), choices)


def all_questions():
    """Return the `Question`s of the workshop's notebooks, by name; none of a notebook that somebody broke."""
    found = {}
    for path in sorted(notebooks_folder().glob("[0-9][0-9]_*.ipynb")):
        with suppress(Exception):  # there are many ways not to be a notebook
            found |= questions_of(nbformat.read(path, as_version=4))
    return found
