"""What students hand in: the record of each notebook 06, whose it is, and what in it does not fit together."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from handwriting.errors import ParameterError, RecordError
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS, check
from handwriting.paths import notebooks_folder
from handwriting.text import clean
from workshop.runs.notebook_files import Skipped, find_notebooks, natural, parse, read_bytes, without_ending
from workshop.runs.record import MOST_MISTAKES, progress_of, result_of

__all__ = ["DATA", "NO_RESULT", "TEST_IMAGES", "Submission", "read_submissions"]

#: The data sets whose test images can be shown, and what people call them.
DATA = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "letters": "letters", "stand-in": "the stand-in"}
SPELLINGS = {"the stand-in": "stand-in", "the stand-in for mnist": "stand-in"}
TEST_IMAGES = dict.fromkeys(DATA, 10_000) | {"letters": 4_000}
CLASSES = 10
MOST_FILES = 2_000
MOST_BYTES = 2_000_000_000  # of all files together: a class's hundreds, yet no more than minutes
NO_RESULT = "it holds no result of notebook 6: was it run to the end?"


@dataclass
class Submission:
    """What one notebook says, checked.

    Attributes
    ----------
    place : str
        Its path within the folder, as it is.
    data : str
        A key of `DATA`, or "" for other data.
    data_label : str
    accuracy : float
        From 0 to 1.
    changed : dict of str to str, or None
        Hyperparameters that differ from their defaults; None if they are unknown.
    mistakes : list of tuple (int, int, float), or None
        Test image, prediction, probability, each image once; None if not stored, or not of a data set in `DATA`.
    doubts : list of str
        What in it does not fit together.
    fingerprint : str
        The same for two notebooks that hold the same run.
    exercises : dict of str to str, or None
        "done", "not right yet" or "open", by name; None if not shown.
    name : str
        What to call the student: from the names of the file and its folder.
    copies : list of str
        Paths of other notebooks that hold the same run, fit to be shown.
    """

    place: str
    data: str
    data_label: str
    accuracy: float
    changed: dict | None
    mistakes: list | None
    doubts: list
    fingerprint: str
    exercises: dict | None = None
    name: str = ""
    copies: list = field(default_factory=list)

    @property
    def done(self):
        """How many exercises are done."""
        return list((self.exercises or {}).values()).count("done")

    def take_exercises(self, exercises):
        """Take the exercises of another notebook of the same student, if more of them are done."""
        if self.exercises is None or list((exercises or {}).values()).count("done") > self.done:
            self.exercises = exercises


def read_submissions(folder, exercises):
    """Read every notebook in a folder and the folders in it.

    Parameters
    ----------
    folder : pathlib.Path
    exercises : collection of str
        Names of the exercises there are.

    Returns
    -------
    submissions : list of Submission
        One for each run, sorted by name; notebooks that hold the same run are named in its `copies`.
    skipped : list of Skipped
    """
    root = Path(os.path.realpath(folder))
    places, skipped = find_notebooks(root)
    read, others, size = [], [], 0
    for place in places[:MOST_FILES]:
        try:
            if size > MOST_BYTES:
                raise RecordError(f"those before it have over {MOST_BYTES / 1e6:,.0f} MB together: read it by itself")
            content = read_bytes(root / place, root)
            size += len(content)
            notebook = parse(content)
            states = progress_of(notebook)
            states = states and {name: states[name] for name in exercises if name in states}
            result = result_of(notebook, "evaluate", faults := [])
        except RecordError as error:
            skipped.append(Skipped(clean(place), str(error)))
            continue
        if result is None:
            others.append((place, states))
        else:
            read.append(submission_of(place, result, faults, content))
            read[-1].exercises = states
    if len(places) > MOST_FILES:
        left = len(places) - MOST_FILES
        skipped.append(Skipped("all others", f"{left:,} more notebooks: at most {MOST_FILES:,} are read"))
    skipped += use_others(read, others)
    submissions = without_copies(read)
    name_all(submissions)
    return sorted(submissions, key=lambda one: natural(one.name)), sorted(skipped, key=lambda one: natural(one.path))


def submission_of(place, result, faults, content):
    """Return the submission with this `workshop.runs.record.RunResult`, and what was found to be wrong in it."""
    label = clean(result.data or "")
    data = SPELLINGS.get(label.lower(), label.lower())
    data = data if data in DATA else ""
    changed, odd = changed_hyperparameters(result.parameters)
    mistakes, misfits = None, []
    if data and result.mistakes is not None:
        mistakes, misfits = check_mistakes(result, TEST_IMAGES[data])
    # Two students with the same hyperparameters and seed may well get the same numbers; not to the thousandth of a
    # second.
    evidence = content if result.seconds_to_fit is None else repr(result).encode()
    return Submission(
        place=place,
        data=data,
        data_label=DATA.get(data) or label or "unknown",
        accuracy=float(result.test_accuracy),
        changed=changed,
        mistakes=mistakes,
        # In other words than the faults', which may quote the notebook: the page may be projected.
        doubts=["part of its result is not as notebook 6 writes it"] * bool(faults) + odd + misfits,
        fingerprint=hashlib.sha256(evidence).hexdigest(),
    )


def changed_hyperparameters(parameters):
    """Return, as texts, those that differ from their defaults, None if there are none at all; and what is odd."""
    changed, odd = {}, []
    for name in HYPERPARAMETERS:
        if name not in parameters:
            continue
        try:
            value = check(name, parameters[name])
        except ParameterError:
            odd.append(f"{name} has a value that it does not take")
            continue
        if value != PARAMETERS[name].default:
            number = f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else value
            changed[name.replace("_", " ")] = number
    return (changed if parameters else None), odd


def check_mistakes(result, images):
    """Check a list of mistakes, also against the accuracy.

    Parameters
    ----------
    result : workshop.runs.record.RunResult
    images : int
        How many the test set has.

    Returns
    -------
    mistakes : list of tuple (int, int, float)
        Each test image once.
    doubts : list of str
    """
    count, wrong = result.mistakes_stored, round((1 - result.test_accuracy) * images)
    possible = [mistake for mistake in result.mistakes if mistake[1] < CLASSES]
    inside = [mistake for mistake in possible if 0 <= mistake[0] < images]
    once = {mistake[0]: mistake for mistake in reversed(inside)}
    doubts = []
    # A tie between two predictions may be counted in two ways, so a few more or fewer are no reason to ask.
    if count > wrong + 2:
        doubts.append(f"it lists {count:,} mistakes, and its accuracy leaves room for {wrong:,}")
    elif count > MOST_MISTAKES:
        doubts.append(f"it lists {count:,} mistakes; notebook 6 lists {MOST_MISTAKES} at most")
    elif count < min(wrong, MOST_MISTAKES) / 2 - 2:
        doubts.append(f"it lists {count:,} mistakes, and by its accuracy there are {wrong:,}")
    if result.mistakes_malformed or len(possible) < len(result.mistakes):
        doubts.append("part of its list of mistakes is not as notebook 6 writes it")
    if len(inside) < len(possible):
        doubts.append("it lists images that the test set does not have")
    if len(once) < len(inside):
        doubts.append("it lists an image twice")
    return list(once.values()), doubts


def use_others(read, others):
    """Take the exercises from a student's other notebooks; what else has no result is skipped.

    A notebook of the series that lies beside a single one with a result belongs to the same student.

    Parameters
    ----------
    read : list of Submission
        They take the exercises of notebooks beside them.
    others : list of tuple (str, dict or None)
        Path and exercises of each notebook without a result.

    Returns
    -------
    list of Skipped
    """
    beside = {}
    for one in read:
        beside.setdefault(PurePosixPath(one.place).parent, []).append(one)
    series = tuple({path.stem for path in notebooks_folder().glob("[0-9]*.ipynb")} - {"06_evaluate"})
    skipped = []
    for place, exercises in others:
        path = PurePosixPath(place)
        if path.parent not in beside or not path.name.startswith(series):
            skipped.append(Skipped(clean(place), NO_RESULT))
        elif len(beside[path.parent]) == 1:
            beside[path.parent][0].take_exercises(exercises)
    return skipped


def without_copies(read):
    """Return the first of those that hold the same run; it gets the paths of the others."""
    kept = {}
    for one in read:
        first = kept.setdefault(one.fingerprint, one)
        if first is not one:
            first.copies.append(clean(one.place))
            first.take_exercises(one.exercises)
    return list(kept.values())


def name_all(submissions):
    """Give each submission a different name: from the file, its folder, or both."""
    names = [name_of(one.place) for one in submissions]
    taken = set()
    for one, name in zip(submissions, names, strict=True):
        if names.count(name) > 1:
            name = clean(without_ending(one.place))
        one.name, times = name, 1
        while one.name in taken:
            times += 1
            one.name = f"{name} [{times}]"
        taken.add(one.name)


def name_of(place):
    """Return what a path says about whose notebook it is.

    Parameters
    ----------
    place : str
        "anna.ipynb", "06_evaluate_anna.ipynb", "group 3/06_evaluate.ipynb", "06_evaluate (1).ipynb" ...

    Returns
    -------
    str
        "anna", "anna", "group 3", "06_evaluate (1)".
    """
    folder, _, stem = without_ending(place).rpartition("/")
    rest = re.sub(r"06_evaluate", "", stem, flags=re.IGNORECASE)
    distinct = re.sub(r"[ -]*copy *\d*|\(\d+\)", "", rest, flags=re.IGNORECASE).strip(" _-.")
    return clean(rest.strip(" _-.") if distinct else folder or stem) or "no name"
