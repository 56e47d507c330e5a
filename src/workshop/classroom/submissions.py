"""Notebooks that students handed in, read as what they are: files from anywhere, which anyone may have written.

Nothing in them is run or copied. A file is opened only if it is a plain file in the folder, and not too large. Of what
it holds, only values of the expected types and ranges are taken, and texts without control characters.
"""

import hashlib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from handwriting.errors import ParameterError
from handwriting.parameters import HYPERPARAMETERS, PARAMETERS, check
from handwriting.paths import notebooks_folder
from handwriting.practice.record import MIME as PROGRESS
from handwriting.results import MIME, stored
from workshop.classroom.untrusted import (
    LONGEST,
    Skipped,
    Unreadable,
    clean,
    look,
    natural,
    parse,
    read_bytes,
    without_ending,
)

__all__ = ["DATA", "PROGRESS", "HandedIn", "collect", "name_of"]

#: The data sets whose test pictures can be shown, and how people call them.
DATA = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "letters": "letters", "stand-in": "the stand-in"}
SPELLINGS = {"the stand-in": "stand-in", "the stand-in for mnist": "stand-in"}
TEST_PICTURES = dict.fromkeys(DATA, 10_000) | {"letters": 4_000}
CLASSES, MISTAKES_KEPT = 10, 300
MOST_FILES = 2_000
MOST_BYTES = 2_000_000_000  # of all files together: a class's hundreds, yet no more than minutes

HISTORY = ("loss", "accuracy", "val_loss", "val_accuracy")
STATES = ("done", "not right yet", "open")
NO_RESULT = "it holds no result of notebook 6: was it run to the end?"


@dataclass
class HandedIn:
    """What one notebook says, checked.

    Attributes
    ----------
    place : str
        Its path within the folder, as it is.
    name : str
        What to call the student: from the names of the file and its folder.
    data : str
        A key of `DATA`, or "" for other data.
    data_label : str
    accuracy : float
        From 0 to 1.
    changed : dict of str to str, or None
        Settings that differ from the usual ones; None if the notebook does not tell the settings.
    mistakes : list of tuple (int, int, float), or None
        Test picture, what it was read as, how sure; None if not told, or not for a data set in `DATA`.
    states : dict of str to str, or None
        Exercises, each "done", "not right yet" or "open"; None if not shown.
    doubts : list of str
        Where two of its numbers do not agree.
    fingerprint : str
        The same for two notebooks that hold the same run.
    copies : list of str
        Paths of other notebooks that hold the same run, fit to be shown.
    """

    place: str
    name: str
    data: str
    data_label: str
    accuracy: float
    changed: dict | None
    mistakes: list | None
    states: dict | None
    doubts: list
    fingerprint: str
    copies: list = field(default_factory=list)

    @property
    def folder(self):
        return os.path.dirname(self.place)  # noqa: PTH120 (a text)


def collect(folder, exercises):
    """Read every notebook in a folder and the folders in it.

    Parameters
    ----------
    folder : pathlib.Path
    exercises : collection of str
        Names of the exercises there are.

    Returns
    -------
    students : list of HandedIn
        One for each run, sorted by name; notebooks that hold the same run are named in its `copies`.
    skipped : list of Skipped
    """
    root = Path(os.path.realpath(folder))
    places, skipped = look(root)
    read, others, size = [], [], 0
    for place in places[:MOST_FILES]:
        try:
            if size > MOST_BYTES:
                raise Unreadable(f"those before it have over {MOST_BYTES / 1e6:,.0f} MB together: read it by itself")
            content = read_bytes(root / place, root)
            size += len(content)
            notebook = parse(content)
            result, states = result_of(notebook), states_of(notebook, exercises)
            if result is None:
                others.append((place, states))
            else:
                read.append(checked(place, result, states, content))
        except Unreadable as error:
            skipped.append(Skipped(clean(place), str(error)))
    if len(places) > MOST_FILES:
        left = len(places) - MOST_FILES
        skipped.append(Skipped("all others", f"{left:,} more notebooks: at most {MOST_FILES:,} are read"))
    skipped += use_others(read, others)
    students = without_copies(read)
    name_all(students)
    return sorted(students, key=lambda one: natural(one.name)), sorted(skipped, key=lambda one: natural(one.path))


def result_of(notebook):
    """The last result of notebook 6, or None."""
    for value in stored(notebook, MIME):
        if value.get("stage", "evaluate" if "test_accuracy" in value else None) == "evaluate":
            return value
    return None


def states_of(notebook, exercises):
    """What became of the exercises, by the last list of them in the notebook; None if there is none."""
    lists = (value["states"] for value in stored(notebook, PROGRESS) if isinstance(value.get("states"), dict))
    last = next(lists, None)
    return last and {name: last[name] for name in exercises if last.get(name) in STATES}


def number(value, low, high):
    """The value, if it is a number in a range; else None. Not-a-number is in none."""
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high
    return value if fits else None


def checked(place, result, states, content):
    """What a notebook says, with every value checked.

    Raises
    ------
    Unreadable
        If it tells no accuracy that can be one.
    """
    accuracy = number(result.get("test_accuracy"), 0, 1)
    if accuracy is None:
        raise Unreadable("its test accuracy is not a number from 0 to 1")
    label = clean(result.get("data")) if isinstance(result.get("data"), str) else ""
    data = SPELLINGS.get(label.lower(), label.lower())
    data = data if data in DATA else ""
    details = result.get("details") if isinstance(result.get("details"), dict) else {}
    settings, doubts = settings_of(result.get("parameters"))
    mistakes = None
    if data and "mistakes" in details:
        mistakes, found = mistakes_of(details["mistakes"], accuracy, TEST_PICTURES[data])
        doubts += found
    seconds = number(result.get("seconds_to_fit"), 0, 1e7)
    evidence = (
        *(data, label, accuracy, number(result.get("test_loss"), 0, 1e9), seconds),
        *(number(result.get("peak_memory_mb"), 0, 1e7), settings, history_of(details.get("history")), mistakes),
    )
    # Two students with the same settings and seed may well get the same numbers; not to the thousandth of a second.
    told = repr(evidence).encode() if seconds is not None else content
    return HandedIn(
        place=place,
        name="",
        data=data,
        data_label=DATA.get(data) or label or "not told",
        accuracy=float(accuracy),
        changed=changed(settings),
        mistakes=mistakes,
        states=states,
        doubts=doubts,
        fingerprint=hashlib.sha256(told).hexdigest(),
    )


def settings_of(parameters):
    """The settings that a network was trained with, checked; and what is odd about them."""
    if not isinstance(parameters, dict):
        return None, []
    settings, odd = {}, []
    for name in HYPERPARAMETERS:
        value = parameters.get(name)
        if value is None:
            continue
        try:
            if not isinstance(value, (int, float, str)) or len(str(value)) > LONGEST:
                raise ParameterError
            settings[name] = check(name, value)
        except ParameterError:
            odd.append(f"{name} has a value that it does not take")
    return settings, odd


def changed(settings):
    """Those settings that are not the usual ones, as texts; None if there are no settings."""
    if settings is None:
        return None
    return {name: shown(value) for name, value in settings.items() if value != PARAMETERS[name].default}


def shown(value):
    """A setting as people write it."""
    return clean(value) if isinstance(value, str) else f"{value:,}" if isinstance(value, int) else f"{value:g}"


def history_of(history):
    """The numbers of each epoch; () for whatever is none."""
    if not isinstance(history, dict):
        return ()
    lists = [history.get(name) if isinstance(history.get(name), list) else [] for name in HISTORY]
    return tuple(tuple(number(value, -1e9, 1e9) for value in values[:1000]) for values in lists)


def mistakes_of(listed, accuracy, pictures):
    """Check a list of mistakes, also against the accuracy.

    Parameters
    ----------
    listed : object
    accuracy : float
    pictures : int
        How many the test had.

    Returns
    -------
    mistakes : list of tuple (int, int, float)
        Each test picture once.
    doubts : list of str
    """
    wrong = round((1 - accuracy) * pictures)
    if not isinstance(listed, list):
        return [], ["its list of mistakes is not as notebook 6 writes it"]
    doubts, mistakes = [], {}
    malformed = outside = repeated = False
    for one in listed[:MISTAKES_KEPT]:
        if not is_mistake(one):
            malformed = True
        elif number(one[0], 0, pictures - 1) is None:
            outside = True
        elif one[0] in mistakes:
            repeated = True
        else:
            mistakes[one[0]] = (one[0], one[1], float(one[2]))
    # A tie between two answers may be counted in two ways, so a few more or fewer are no reason to ask.
    if len(listed) > wrong + 2:
        doubts.append(f"it lists {len(listed):,} mistakes, and its accuracy leaves room for {wrong:,}")
    elif len(listed) > MISTAKES_KEPT:
        doubts.append(f"it lists {len(listed):,} mistakes; notebook 6 lists {MISTAKES_KEPT} at most")
    elif len(listed) < min(wrong, MISTAKES_KEPT) / 2 - 2:
        doubts.append(f"it lists {len(listed):,} mistakes, and by its accuracy there are {wrong:,}")
    doubts += ["part of its list of mistakes is not as notebook 6 writes it"] if malformed else []
    doubts += ["it lists pictures that the test set does not have"] if outside else []
    doubts += ["it lists a picture twice"] if repeated else []
    return list(mistakes.values()), doubts


def is_mistake(one):
    """Whether this is [a whole number, a class, a probability]."""
    if not isinstance(one, list) or len(one) != 3 or type(one[0]) is not int or type(one[1]) is not int:
        return False
    return number(one[1], 0, CLASSES - 1) is not None and number(one[2], 0, 1) is not None


def use_others(read, others):
    """Take the exercises from a student's other notebooks; what else has no result is said to be skipped.

    A notebook of the series that lies beside a single one with a result belongs to the same student.

    Parameters
    ----------
    read : list of HandedIn
        Their `states` are replaced where another notebook beside shows more exercises done.
    others : list of tuple (str, dict or None)
        Path and exercises of each notebook without a result.

    Returns
    -------
    list of Skipped
    """
    beside = {}
    for one in read:
        beside.setdefault(one.folder, []).append(one)
    series = tuple({path.stem for path in notebooks_folder().glob("[0-9]*.ipynb")} - {"06_evaluate"})
    skipped = []
    for place, states in others:
        folder, name = os.path.split(place)
        if folder not in beside or not name.startswith(series):
            skipped.append(Skipped(clean(place), NO_RESULT))
        elif len(beside[folder]) == 1:
            keep_more_done(beside[folder][0], states)
    return skipped


def keep_more_done(student, states):
    """Give the student these exercises, if more are done there than in the student's own."""
    done = [list((one or {}).values()).count("done") for one in (student.states, states)]
    if states is not None and (student.states is None or done[1] > done[0]):
        student.states = states


def without_copies(read):
    """Keep the first of those that hold the same run; it gets the paths of the others."""
    kept = {}
    for one in read:
        first = kept.setdefault(one.fingerprint, one)
        if first is not one:
            first.copies.append(clean(one.place))
            keep_more_done(first, one.states)
    return list(kept.values())


def name_all(students):
    """Give each student a name of its own: from the file, its folder, or both."""
    names = [name_of(one.place) for one in students]
    taken = set()
    for one, name in zip(students, names, strict=True):
        if names.count(name) > 1:
            name = clean(without_ending(one.place))
        times = 1
        while (numbered := f"{name} [{times}]" if times > 1 else name) in taken:
            times += 1
        taken.add(numbered)
        one.name = numbered


def name_of(place):
    """What a path says about whose notebook it is.

    Parameters
    ----------
    place : str
        "anna.ipynb", "06_evaluate_anna.ipynb", "group 3/06_evaluate.ipynb", "06_evaluate (1).ipynb" ...

    Returns
    -------
    str
        "anna", "anna", "group 3", "06_evaluate (1)".
    """
    folder, stem = os.path.split(without_ending(place))
    rest = re.sub(r"06_evaluate", "", stem, flags=re.IGNORECASE)
    own = re.sub(r"[ -]*copy *\d*|\(\d+\)", "", rest, flags=re.IGNORECASE).strip(" _-.")
    return clean(rest.strip(" _-.") if own else folder or stem) or "no name"
