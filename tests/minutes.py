"""How long a notebook takes, counted from its source: words, cells, predictions, sliders and exercises."""

import re
from functools import cache

from build_notebooks import SOURCES, read_source

from handwriting.practice import exercises

#: Minutes of an exercise, by its class. The plans' first table says the same, and a test compares them.
EXERCISE = {"Choice": 2, "Number": 2, "Shape": 2, "Array": 3, "Order": 3, "Function": 5, "Report": 4, "Program": 15}
WORDS, CELLS, PREDICTION, PLAYGROUND = 150, 3, 1, 2


def of_markdown(text):
    """Return the minutes for reading markdown, without addresses and marks."""
    words = re.findall(r"\w[\w'’.,-]*", re.sub(r"<!--.*?-->|<[^>]+>|\]\([^)]*\)", "", text))
    return len(words) / WORDS


def of_code(code):
    """Return the minutes for a code cell. A cell with an exercise counts as the exercise, and not here."""
    if ".check(" in code:
        return 0
    if 'predict("' in code:
        return PREDICTION
    return PLAYGROUND if re.search(r"playground\(|Pad\(|Collector\(", code) else 1 / CELLS


@cache
def parts(number):
    """Return the minutes of each part of a notebook, by its heading; what stands before the first is "Opening"."""
    minutes, heading = {}, "Opening"
    for cell in read_source(SOURCES[number - 1]).cells:
        if cell.cell_type == "markdown":
            found = re.search(r"^## (.+)$", cell.source, re.MULTILINE)
            heading = found[1] if found else heading
        count = of_markdown if cell.cell_type == "markdown" else of_code
        minutes[heading] = minutes.get(heading, 0) + count(cell.source)
    minutes.pop("Practice")  # each exercise counts with its question
    return minutes


@cache
def exercise_minutes(number):
    """Return the minutes of each exercise of a notebook, by its short name."""
    stage = SOURCES[number - 1].stem[3:]
    found = {name.partition("."): EXERCISE[type(exercise).__name__] for name, exercise in exercises().items()}
    return {short: minutes for (where, _, short), minutes in found.items() if where == stage}
