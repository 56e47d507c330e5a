"""Whose a file is, from its name and folders, as people and platforms for teaching write them."""

import re

from handwriting.practice.overview import NOTEBOOKS
from handwriting.text import clean
from workshop.classroom.handed_in import PAGES
from workshop.runs.untrusted_files import without_ending

#: Moodle: "Doe Jane_12345_assignsubmission_file_/06_evaluate.ipynb", or all of it in the name of the file.
MOODLE = re.compile(r"(?:^|.*/)([^/]+?)_(\d+)_assignsubmission_")
#: Canvas: "doejane_LATE_123_4567_06_evaluate-1.ipynb", with the numbers of the student and of the file.
CANVAS = re.compile(r"(?:^|.*/)([^/_]+)(?:_LATE)?_(\d{2,})_\d{3,}_")
#: What is no name in "Jane Doe - 05_train.ipynb" (Google Classroom) or "Copy of 06_evaluate_jane.ipynb".
STAGE = re.compile(rf"(copy of )?(0\d|10)_({'|'.join(NOTEBOOKS)})", re.IGNORECASE)
COPY = re.compile(r"[ -]*copy *\d*|\(\d+\)", re.IGNORECASE)


def split(place):
    """Return the folder of a path, the file's name, and what is left of that without the notebook's."""
    place = without_ending(re.sub("(^|/)my_work/(runs/.*/)?", r"\1", place))  # as if it lay beside the work folder
    for ending in PAGES:
        place = place.removesuffix(ending)
    folder, _, stem = place.rpartition("/")
    rest = STAGE.sub("", stem).strip(" _-.")
    return folder, stem, rest if COPY.sub("", rest).strip(" _-.") else ""


def stage_named(place):
    """Return the notebook that the name of a file says it is, such as "train"; None if it says nothing."""
    found = STAGE.search(split(place)[1])
    return found and found[3].lower()


def folder_of(place):
    return split(place)[0]


def owner_of(place):
    """Return what is the same for all files of a student, as far as their paths tell."""
    if found := MOODLE.match(place) or CANVAS.match(place):
        return found[1], found[2], place[: found.start(1)]
    folder, stem, rest = split(place)
    return (folder, rest) if rest or folder else (folder, stem)


def is_nameless(place):
    """Return whether the name of a file says nothing about whose it is."""
    return not (MOODLE.match(place) or CANVAS.match(place) or split(place)[2])


def name_of(place):
    """Return whose notebook a path says it is: "06_evaluate_anna.ipynb" is anna's, "b/06_evaluate.ipynb" is b's."""
    if found := MOODLE.match(place) or CANVAS.match(place):
        hidden = found[1].lower() == "participant"  # where names are hidden from who grades
        return clean(f"{found[1]} {found[2]}" if hidden else found[1])
    folder, stem, rest = split(place)
    return clean(rest or re.sub(r"\.zip(?=/|$)", "", folder, flags=re.IGNORECASE) or stem) or "no name"
