"""Whose a file is, from its name and folders, as people and platforms for teaching write them."""

import re
from collections import Counter
from unicodedata import normalize

from handwriting.practice.overview import NOTEBOOKS
from handwriting.text import clean
from workshop.classroom.handed_in import PAGES
from workshop.runs.untrusted_files import without_ending

#: Moodle: "Doe Jane_12345_assignsubmission_file_/06_evaluate.ipynb", or all of it in the name of the file.
MOODLE = re.compile(r"(.+?)_(\d+)_assignsubmission_")
#: Canvas: "doejane_LATE_123_4567_06_evaluate-1.ipynb", with the numbers of the student and of the file.
CANVAS = re.compile(r"([^_]+)(?:_LATE)?_(\d{2,})_\d{3,}_")
#: What is not a name in "Jane Doe - 05_train.ipynb" (Google Classroom) or "Copy of 06_evaluate_jane.ipynb".
STAGE = re.compile(rf"(copy of )?(0\d|10)_({'|'.join(NOTEBOOKS)})( ?\(\d+\))?", re.IGNORECASE)
VERSION = re.compile(
    r"\(\d+\)|(?<![^\W_])(copy ?\d*|v ?\d+|(attempt|try) ?\d*|version|final|latest|last|new|old|fixed|done)(?![^\W_])",
    re.IGNORECASE,
)


def split(place):
    """Return the folders of a path, the file's name, and what that says of whose it is: "" if nothing.

    The last is a pair, of the student's name and number, where a platform wrote it.
    """
    place = without_ending(re.sub("(^|/)my_work/(runs/.*/)?", r"\1", place))  # as if it lay beside the work folder
    for ending in PAGES:
        place = place.removesuffix(ending)
    *folders, stem = place.split("/")
    folders = tuple(one for one in folders if one.strip("."))
    rest = STAGE.sub("", stem).strip(" _-.")
    of_any_version = VERSION.sub("", rest).strip(" _-.")
    return folders, stem, person(stem) or (of_any_version if folders or not of_any_version else rest)


def person(name):
    """Return the student's name and number in what a platform calls a file; None if it did not name it."""
    found = MOODLE.match(name) or CANVAS.match(name)
    return found and found.groups()


def is_from_platform(place):
    """Return whether a platform wrote into a path whose the file is, so that there is such a student."""
    folders, stem, _ = split(place)
    is_flat = not folders or (len(folders) == 1 and folders[0].lower().endswith(".zip"))
    is_zipped = any(folder.lower().endswith(".zip") and CANVAS.match(folder) for folder in folders)
    return any(map(MOODLE.match, (*folders, stem))) or is_zipped or bool(is_flat and CANVAS.match(stem))


def stage_named(place):
    """Return the notebook that the name of a file says it is, such as "train"; None if it says nothing."""
    found = STAGE.search(split(place)[1])
    return found and found[3].lower()


def folder_of(place):
    return "/".join(split(place)[0])


def is_nameless(place):
    return not split(place)[2]


def owners_of(places):
    """Return, by path, what is the same for all files of a student: folders, then the name in that of the file.

    A folder says whose the files in it are, not they; they tell people apart in it if they have different names.
    Files are of two people, such as Max and max, if their paths differ in capitals alone: many systems take only one.
    """
    parts, names = {place: split(place) for place in places}, {}
    counts = Counter(map(folded, parts))
    alike = {place for place in parts if counts[folded(place)] > 1}
    for place, (folders, _, name) in parts.items():
        exact = isinstance(name, tuple) or place in alike
        names.setdefault(folders, set()).add(name if exact else spelled(name))
    found = {place: owner(*parts[place], len(names[parts[place][0]] - {""}) > 1) for place in parts}
    first, several = {}, {key(found[place]) for place in alike}
    for place, one in found.items():
        if key(one) not in several:
            found[place] = first.setdefault(key(one), one)
    return found


def key(owner):
    """Return what all spellings of a student's name in files share, and their folders."""
    *folders, name = (normalize("NFC", part) if isinstance(part, str) else part for part in owner)
    return *folders, spelled(name) if isinstance(name, str) else name


def spelled(name):
    """Return what all spellings of a name share: accents, capitals, marks between words."""
    return re.sub(r"[\s_-]+", " ", folded(name))


def folded(name):
    """Return what names share that many file systems and spreadsheets take for the same one."""
    return normalize("NFC", name.casefold())


def owner(folders, stem, name, is_shared):
    for place, folder in enumerate(folders):
        is_upload = MOODLE.match(folder) or folder.lower().endswith(".zip")
        if is_upload and (found := person(folder)):  # the outermost: the student may have named what is in it
            return *folders[:place], found
    if not folders:
        return (name or stem,)
    is_platforms = isinstance(name, tuple) and folders[0].lower().endswith(".zip")
    return (*folders, name) if name and (is_shared or is_platforms) else folders


def names_of(owners):
    """Return what to call each of these owners, without the folders that all are in."""
    names = {owner: owner for owner in owners}
    while len(names) > 1 and len(above := {name[:-1][:1] for name in names.values()}) == 1 and any(above):
        names = {owner: name[1:] for owner, name in names.items()}
    return {owner: clean("/".join(map(text_of, name))) or "no name" for owner, name in names.items()}


def text_of(part):
    """Return a folder, or a student on a platform, as people call it."""
    if isinstance(part, str):
        return re.sub(r"\.zip$", "", part, flags=re.IGNORECASE)
    return " ".join(part) if part[0].lower() == "participant" else part[0]  # where names are hidden from who grades
