"""One page about a class: what the notebooks that students handed in say."""

from dataclasses import dataclass
from pathlib import Path

from handwriting import load
from handwriting.data import cache, formats
from handwriting.errors import UserError
from handwriting.paths import write_text
from handwriting.practice.record import exercises
from workshop.classroom.page import counted, page, students_of
from workshop.classroom.submissions import DATA, collect

__all__ = ["UserError", "write_class_page"]


@dataclass(frozen=True)
class Pictures:
    """The test pictures of a data set that lies on this machine.

    Attributes
    ----------
    images : ndarray, uint8, shape (n, 28, 28)
    labels : ndarray, uint8, shape (n,)
    class_names : tuple of str
    """

    images: object
    labels: object
    class_names: tuple


def write_class_page(folder, output=None, say=print, names=True):
    """Make one page of the notebooks 6 that students handed in.

    The notebooks may have any names, and lie in folders within the folder. They are never run, and nothing of
    them gets onto the page but checked numbers, and texts as texts. The page needs no network.

    Parameters
    ----------
    folder : str or path
    output : str or path, optional
        The page, or a folder for it; by default `class.html` in the folder.
    say : callable
        Takes a line that tells what was done.
    names : bool
        False calls students "Student 1", "Student 2" and so on, in an order that tells nothing about their
        names, and leaves out the names of files: for a page to project.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    UserError
        If there is no such folder, no notebook of which anything can be told, or the page cannot be written.
    """
    folder = checked_folder(folder)
    known = list(exercises())
    students, skipped = collect(folder, known)
    if not students:
        raise UserError(nothing_found(folder, skipped))
    if not names:
        students = anonymous(students)
    pictures = {
        data: test_pictures(data, say) for data in DATA if any(one.mistakes for one in students_of(students, data))
    }
    for data, shown in pictures.items():
        if shown:
            check_against_labels(students_of(students, data), shown.labels)
    path = folder / "class.html" if output is None else Path(output).expanduser()
    path = path / "class.html" if path.is_dir() else path
    try:
        write_text(path, page(students, skipped, pictures, known, names))
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}). Name another place with --output.") from None
    skipped_too = f", {counted(len(skipped), 'file')} skipped (the page says why)" if skipped else ""
    say(f"{counted(len(students), 'student')}{skipped_too}: {path}")
    return path


def checked_folder(folder):
    """The folder as an absolute path; UserError if it is none."""
    if "://" in str(folder):
        raise UserError(f"{folder} is an address. Copy the notebooks into a folder on this machine, and name that.")
    path = Path(folder).expanduser().absolute()
    if not path.is_dir():
        what = "is a file" if path.is_file() else "is not there"
        raise UserError(f"{path} {what}. Name a folder that holds the notebooks that students handed in.")
    return path


def nothing_found(folder, skipped):
    """The sentence for a folder in which no notebook has a result."""
    if not skipped:
        return (
            f"There is no notebook in {folder}. Put the students' 06_evaluate.ipynb there; their names do not matter."
        )
    rest = f" {len(skipped) - 1:,} more were skipped." if len(skipped) > 1 else ""
    return (
        f"No notebook in {folder} can be counted. {skipped[0].path}: {skipped[0].reason}.{rest} "
        "Ask for 06_evaluate.ipynb, saved after all its cells were run."
    )


def anonymous(students):
    """The students with numbers for names, in the order of their fingerprints, which look random."""
    students = sorted(students, key=lambda one: one.fingerprint)
    for place, one in enumerate(students, 1):
        one.name = f"Student {place}"
        one.data_label = one.data_label if one.data else "data of their own"  # its name may be the student's
    return students


def test_pictures(name, say):
    """The test pictures of a data set, if it lies on this machine: nothing is downloaded, and only letters are drawn.

    Parameters
    ----------
    name : str
        A key of `DATA`.
    say : callable
        Takes a sentence about a file that is broken.

    Returns
    -------
    Pictures or None
    """
    from handwriting.data.letters import make_letters

    try:
        if name == "stand-in":
            path = load.standin_path()
            if not path or not path.is_file():
                return None
            data = load.Dataset(name, load.DIGITS, *formats.read_npz(path).values())
            return Pictures(data.x_test, data.y_test, data.class_names)
        if name == "letters":  # they lie nowhere, and the test pictures alone take a moment
            return Pictures(*make_letters(train=0)[2:], load.CLASS_NAMES[name])
        contents = cache.read_local(name, say)
        if contents is None:
            return None
        images, labels = (
            formats.parse_idx(file, content) for file, content in contents.items() if file.startswith("t10k")
        )
    except load.DataError as error:
        say(str(error))
        return None
    return Pictures(images, labels, load.CLASS_NAMES[name])


def check_against_labels(students, labels):
    """Doubt lists of mistakes that name a picture which was read as what it shows."""
    for one in students:
        if any(index < len(labels) and labels[index] == guess for index, guess, _ in one.mistakes or []):
            one.doubts.append("it lists right answers as mistakes")
