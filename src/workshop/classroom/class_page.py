"""Make one page about a class, from the notebooks that students handed in."""

from typing import NamedTuple

import numpy as np

from handwriting.data import cache, formats
from handwriting.data.letters import make_letters
from handwriting.data.registry import CLASS_NAMES
from handwriting.errors import DataError, UserError
from handwriting.load import read_standin, standin_path
from handwriting.paths import given_path
from handwriting.practice import exercises
from handwriting.text import counted
from workshop.classroom.page_values import page, submissions_on
from workshop.classroom.submissions import DATA, PAGE, read_submissions
from workshop.runs.written import replace, say_kept


class TestSet(NamedTuple):
    """The test images of a data set, uint8 of shape (n, 28, 28), with their labels and what these mean."""

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple


def write_class_page(folder, say=print, names=True):
    """Make one page, `class.html` in the folder, of the notebooks 06 that students handed in.

    The notebooks may have any names, and lie in folders within the folder. They are never run, and only checked
    numbers and plain texts get onto the page. Without `names`, students are "Student 1", "Student 2" and so on, in an
    order that does not depend on their names, and files have none: for a page to project.

    Raise UserError if there is no such folder, no notebook with a result, or the page cannot be written.
    """
    folder = checked_folder(folder)
    path = folder / PAGE
    known = list(exercises())
    submissions, skipped = read_submissions(folder, known)
    if not submissions:
        raise UserError(nothing_found(folder, skipped))
    if not names:
        submissions = anonymous(submissions)
    tests, kept = {}, []
    for data in DATA:
        group = submissions_on(submissions, data)
        if any(one.mistakes for one in group):
            tests[data] = load_test_set(data, say)
            check_against_labels(group, tests[data])
    try:
        replace(path, page(submissions, skipped, tests, known, names), kept.append)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}). Copy the notebooks elsewhere first.") from None
    say_kept(kept, say)
    and_skipped = f", {counted(len(skipped), 'file')} skipped (the page says why)" if skipped else ""
    say(f"{counted(len(submissions), 'student')}{and_skipped}: {path}")
    return path


def checked_folder(folder):
    """Return the folder as an absolute path; UserError if it is not a folder."""
    if "://" in str(folder):
        raise UserError(f"{folder} is an address. Copy the notebooks into a folder on this machine, and name that.")
    path = given_path(folder).absolute()
    if not path.is_dir():
        problem = "is a file" if path.is_file() else "is not there"
        raise UserError(f"{path} {problem}. Name a folder that holds the notebooks that students handed in.")
    return path


def nothing_found(folder, skipped):
    """Return the message for a folder in which no notebook has a result."""
    if not skipped:
        return (
            f"There is no notebook in {folder}. Put the students' 06_evaluate.ipynb there; their names do not matter."
        )
    rest = f" Skipped, too: {counted(len(skipped) - 1, 'more file')}." if len(skipped) > 1 else ""
    return (
        f"No notebook in {folder} can be counted. {skipped[0].path}: {skipped[0].reason}.{rest} "
        "Ask for 06_evaluate.ipynb, saved after all its cells were run."
    )


def anonymous(submissions):
    """Return the submissions with numbers for names, in the order of their fingerprints, which looks random."""
    submissions = sorted(submissions, key=lambda one: one.fingerprint)
    for place, one in enumerate(submissions, 1):
        one.name = f"Student {place}"
        one.data_label = one.data_label if one.data else "data of their own"  # its name may be the student's
    return submissions


def load_test_set(name, say):
    """Return the `TestSet` of a key of `DATA` if it is on this machine, else None; `say` takes what is broken.

    Nothing is downloaded, and only letters are drawn.
    """
    try:
        if name == "letters":
            return TestSet(*make_letters(train=0)[2:], CLASS_NAMES[name])
        if name == "stand-in":
            path = standin_path()
            if not path or not path.is_file():
                return None
            data = read_standin(path)
            return TestSet(data.x_test, data.y_test, data.class_names)
        contents = cache.read_local(name, say)
        if contents is None:
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
