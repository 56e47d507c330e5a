"""Make one page about a class, and a table, from what students handed in."""

import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

from handwriting.data import cache, formats
from handwriting.data.letters import make_letters
from handwriting.data.registry import CLASS_NAMES
from handwriting.errors import DataError, UserError
from handwriting.load import read_standin, standin_path
from handwriting.paths import digest, given_path, say_kept
from handwriting.practice import exercises
from handwriting.practice.overview import NOTEBOOKS
from handwriting.text import counted
from workshop.classroom.answers import MOST_READING, ask_again
from workshop.classroom.grades import NOTE, rows_of, table_of, write_table
from workshop.classroom.one_submission import DATA, stage_of
from workshop.classroom.page_values import page, submissions_on
from workshop.classroom.run_code import can_confine, run_function
from workshop.classroom.submissions import CLASS_PAGES, read_submissions
from workshop.machine import cores
from workshop.runs.written import replace


class TestSet(NamedTuple):
    """The test images of a data set, uint8 of shape (n, 28, 28), with their labels and what these mean."""

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple


def write_class_page(folder, say=print, names=True, notebooks=None, csv=None, check=False, run=False):
    """Make one of `CLASS_PAGES` of what students handed in, in the folder or beside the archive; return its path.

    The options are those of `handwriting class-report`: `run` is --run-code, `names=False` is --no-names. `say` takes
    lines for the person at the keyboard. Only checked numbers and plain texts get onto the page. Raise
    UserError if there is no such folder or archive, nothing in it, or the page or table cannot be written.
    """
    folder, wanted = checked_folder(folder), notebooks_named(notebooks or "")
    path = (folder if folder.is_dir() else folder.parent) / CLASS_PAGES[names]
    submissions, skipped = read_submissions(folder, exercises())
    if all(one.is_empty for one in submissions):
        raise UserError(nothing_found(folder, skipped))
    taught = wanted or taught_in(submissions)
    known = [name for name in exercises() if stage_of(name) in taught]
    for one in submissions:
        one.keep(taught)
    tests, kept, note = {}, [], ""
    for data in DATA:
        group = submissions_on(submissions, data)
        if any(one.mistakes for one in group):
            tests[data] = load_test_set(data, say)
            check_against_labels(group, tests[data])
    if check or run:
        ask_all(submissions, run, say)
    if csv is not None:
        table = table_of(rows_of(submissions, known))
        write_table(csv, table, path, kept.append)
        note = NOTE.format(digest(table))
    if not names:
        submissions = anonymous(submissions)
    try:
        replace(path, page(submissions, skipped, tests, known, names, run, note), kept.append)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}). Copy the notebooks elsewhere first.") from None
    say_kept(kept, say)
    and_skipped = f", {counted(len(skipped), 'file')} skipped (the page says why)" if skipped else ""
    say(f"{counted(len(submissions), 'student')}{and_skipped}: {path}")
    return path


def notebooks_named(text):
    """Return the notebooks that a text such as "1-6,8" names; UserError if there is no such notebook."""
    found, count = set(), len(NOTEBOOKS)
    for part in text.split(",") if text else ():
        low, _, high = part.partition("-")
        ends = [end.strip() for end in (low, high or low)]
        first, last = (int(end) if end.isdecimal() and len(end) < 9 else 0 for end in ends)  # 0 is not a notebook
        if not 1 <= first <= last <= count:
            raise UserError(f'--notebooks takes numbers from 1 to {count}, such as 1-6, not "{text}".')
        found |= {*range(first, last + 1)}
    return [stage for number, stage in enumerate(NOTEBOOKS, 1) if number in found]


def taught_in(submissions):
    """Return the notebooks that anybody handed in, or of which anybody tried an exercise or made a prediction."""
    found = set()
    for one in submissions:
        found |= one.stages | {stage_of(name) for name in one.predictions}
        found |= {stage_of(name) for name, state in (one.exercises or {}).items() if state != "open"}
    return [stage for stage in NOTEBOOKS if stage in found]


def ask_all(submissions, run, say):
    """Ask the exercises again about each submission, and run its functions if `run`: see `Submission.asked`."""
    if run and not can_confine():
        raise UserError("--run-code needs Linux (x86-64 or ARM64): this system cannot isolate code. Use --check.")
    if run:
        say("Running the functions in the notebooks, each in a separate process.")
    with warnings.catch_warnings(), ThreadPoolExecutor(cores()) as pool:
        ask = partial(ask_again, run=run and run_function, left=[MOST_READING[1]])
        warnings.simplefilter("ignore")  # Python's, about students' lines, which they quote
        for one, asked in zip(submissions, pool.map(ask, submissions), strict=True):
            one.asked = asked


def checked_folder(folder):
    """Return the folder, or the zip archive, as an absolute path; UserError if it is neither."""
    if "://" in str(folder):
        raise UserError(f"{folder} is an address. Copy the notebooks into a folder on this machine, and name that.")
    path = given_path(folder).absolute()
    if not path.is_dir() and not (path.is_file() and path.suffix.lower() == ".zip"):
        problem = f"{path} {'is a file' if path.is_file() else 'is not there'}"
        raise UserError(f"{problem}. Name a folder, or a zip archive, with the notebooks that students handed in.")
    return path


def nothing_found(folder, skipped):
    if not skipped:
        return f"There is no notebook in {folder}. Put the students' notebooks there; their names do not matter."
    rest = f" Skipped, too: {counted(len(skipped) - 1, 'more file')}." if len(skipped) > 1 else ""
    reason = skipped[0].reason if skipped[0].reason.endswith("?") else f"{skipped[0].reason}."
    return (
        f"No notebook in {folder} can be counted. {skipped[0].path}: {reason}{rest} "
        "Ask for 06_evaluate.ipynb, saved after all its cells were run."
    )


def anonymous(submissions):
    """Return the submissions with numbers for names, in an order that looks random."""
    submissions = sorted(submissions, key=lambda one: digest(one.fingerprint + one.place))
    for place, one in enumerate(submissions, 1):
        one.name = f"Student {place}"
        if one.data_label and not one.data:
            one.data_label = "data of their own"  # its name may be the student's
    return submissions


def load_test_set(name, say):
    """Return the `TestSet` of a key of `DATA` if it is on this machine, else None; only letters are drawn."""
    try:
        if name == "letters":
            return TestSet(*make_letters(train=0)[2:], CLASS_NAMES[name])
        if name == "stand-in":
            path = standin_path()
            if not path or not cache.is_file(path):
                return None
            data = read_standin(path)
            return TestSet(data.x_test, data.y_test, data.class_names)
        contents = cache.read_local(name, say)
        if not contents:
            return None
        test = (formats.parse_idx(file, content) for file, content in contents.items() if file.startswith("t10k"))
        return TestSet(*test, CLASS_NAMES[name])
    except DataError as error:
        say(str(error))
        return None


def check_against_labels(submissions, test):
    """Doubt lists of mistakes in which a prediction is right."""
    for one in submissions if test else ():
        if any(index < len(test.labels) and test.labels[index] == guess for index, guess, _ in one.mistakes or []):
            one.doubts.append("it lists right answers as mistakes")
