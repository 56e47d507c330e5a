"""What students hand in: the record of each notebook 06, whose it is, and what in it does not fit together."""

import hashlib
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from handwriting.errors import ParameterError, RecordError
from handwriting.parameters import PARAMETERS, check
from handwriting.text import clean, counted
from workshop.runs.record import MOST_MISTAKES, predictions_of, progress_of, read_result, result_of, series
from workshop.runs.untrusted_files import EXPORTED, Skipped, find_notebooks, natural, parse, read_bytes, without_ending

#: The data sets whose test images can be shown, and what people call them.
DATA = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "letters": "letters", "stand-in": "the stand-in"}
SPELLINGS = {"the stand-in": "stand-in", "the stand-in for mnist": "stand-in"}
TEST_IMAGES = dict.fromkeys(DATA, 10_000) | {"letters": 4_000}
CLASSES = 10
MOST_FILES = 2_000
MOST_BYTES = 2_000_000_000  # of all files together: a class's hundreds, yet no more than minutes
NO_RESULT = "it holds no result of notebook 6: was that run to the end, or is it another notebook?"
TRAINED = "it is notebook 5, or a trial of it: ask for notebook 6, saved after all its cells were run"
#: The class's page, in the folder of the submissions.
PAGE = "class.html"


@dataclass
class Submission:
    """What one notebook says, checked."""

    place: str  # its path within the folder, as it is
    data: str  # a key of `DATA`, or "" for other data
    data_label: str
    data_fingerprint: str | None  # of older notebooks it is unknown
    accuracy: float  # from 0 to 1
    changed: dict | None  # hyperparameters that differ from their defaults, as texts; None if they are unknown
    mistakes: list | None  # (test image, prediction, probability), each image once; None if not stored, or other data
    doubts: list  # what in it does not fit together
    fingerprint: str  # the same for two notebooks that hold the same run
    exercises: dict | None  # "done", "not right yet" or "open", by name; None if not shown
    predictions: dict  # the letters that were chosen, one after the other, by name
    name: str = ""  # what to call the student: from the names of the file and its folder
    copies: list = field(default_factory=list)  # paths of other notebooks that hold the same run, fit to be shown

    @property
    def done(self):
        """How many exercises are done."""
        return count_done(self.exercises)

    def take_practice(self, exercises, predictions):
        """Take what another notebook of the same student has more: exercises done, or choices of a prediction."""
        if self.exercises is None or count_done(exercises) > self.done:
            self.exercises = exercises
        for name, chosen in predictions.items():
            self.predictions[name] = max(self.predictions.get(name, ""), chosen, key=len)


def count_done(exercises):
    """Return how many exercises are done."""
    return list((exercises or {}).values()).count("done")


def read_submissions(folder, exercises):
    """Read every notebook in a folder and the folders in it; `exercises` are the names of those there are.

    Returns
    -------
    submissions : list of Submission
        One for each run, sorted by name; notebooks that hold the same run are named in its `copies`.
    skipped : list of Skipped
    """
    root = Path(os.path.realpath(folder))
    places, skipped = find_notebooks(root, exports=True)
    read, others, size = [], [], 0
    for place in places[:MOST_FILES]:
        try:
            if size > MOST_BYTES:
                raise RecordError(f"those before it have over {MOST_BYTES / 1e6:,.0f} MB together: read it by itself")
            content = read_bytes(root / place, root)
            size += len(content)
            notebook = parse(content)
            states = progress_of(notebook)
            if states:
                states = {name: states[name] for name in exercises if name in states}
            predictions = predictions_of(notebook)
            result = result_of(notebook, "evaluate", faults := [])
        except RecordError as error:
            skipped.append(Skipped(clean(place), str(error)))
            continue
        if result is None:
            others.append((place, states, predictions, (read_result(notebook) or {}).get("stage") == "train"))
        else:
            read.append(submission_of(place, result, faults, states, predictions, content))
    if len(places) > MOST_FILES:
        left = len(places) - MOST_FILES
        skipped.append(Skipped("all others", f"{counted(left, 'more notebook')}: at most {MOST_FILES:,} are read"))
    # What a student put into a folder beside the notebook is not missed; in the class's own folder it may be.
    homes = {clean(one.place.rpartition("/")[0]) for one in read} - {""}
    skipped = [one for one in skipped if one.reason != EXPORTED or one.path.rpartition("/")[0] not in homes]
    skipped = [one for one in skipped if one.path != PAGE] + use_others(read, others)
    tell_data_apart(read)
    submissions = without_copies(read)
    name_all(submissions)
    return sorted(submissions, key=lambda one: natural(one.name)), sorted(skipped, key=lambda one: natural(one.path))


def submission_of(place, result, faults, exercises, predictions, content):
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
        data_fingerprint=result.data_fingerprint,
        accuracy=float(result.test_accuracy),
        changed=changed,
        mistakes=mistakes,
        # In other words than the faults', which may quote the notebook: the page may be projected.
        doubts=["part of its result is not as notebook 6 writes it"] * bool(faults) + odd + misfits,
        fingerprint=hashlib.sha256(evidence).hexdigest(),
        exercises=exercises,
        predictions=predictions,
    )


def changed_hyperparameters(parameters):
    """Return, as texts, those that differ from their defaults, None if there are none at all; and what is odd."""
    changed, odd = {}, []
    for name, parameter in PARAMETERS.items():
        is_text = isinstance(parameter.default, str) and (parameter.open or not parameter.choices)  # may be a name
        if is_text or name not in parameters:
            continue
        try:
            value = check(name, parameters[name])
        except ParameterError:
            odd.append(f"{name} has a value that it does not take")
            continue
        if value != parameter.default:
            number = f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else value
            changed[name.replace("_", " ")] = number
    return (changed if parameters else None), odd


def check_mistakes(result, images):
    """Return the mistakes of a result on so many images, each image once, and what does not fit the accuracy."""
    count, wrong = result.mistakes_stored, round((1 - result.test_accuracy) * images)
    possible = [mistake for mistake in result.mistakes if mistake[1] < CLASSES]
    inside = [mistake for mistake in possible if 0 <= mistake[0] < images]
    once = {mistake[0]: mistake for mistake in reversed(inside)}
    doubts = []
    # A tie between two predictions may be counted in two ways, so a few more or fewer are no reason to ask.
    if count > wrong + 2:
        doubts.append(f"it lists {counted(count, 'mistake')}, and its accuracy leaves room for {wrong:,}")
    elif count > MOST_MISTAKES:
        doubts.append(f"it lists {count:,} mistakes; notebook 6 lists {MOST_MISTAKES} at most")
    elif count < min(wrong, MOST_MISTAKES) / 2 - 2:
        doubts.append(f"it lists {counted(count, 'mistake')}, and its accuracy says {wrong:,}")
    if result.mistakes_malformed or len(possible) < len(result.mistakes):
        doubts.append("part of its list of mistakes is not as notebook 6 writes it")
    if len(inside) < len(possible):
        doubts.append("it lists images that the test set does not have")
    if len(once) < len(inside):
        doubts.append("it lists an image twice")
    return list(once.values()), doubts


def use_others(read, others):
    """Give each submission the practice in notebooks of the series that lie beside it; return the rest as skipped.

    These belong to the same student if there is a single submission in the folder. `others` has the path, the
    exercises and the predictions of each notebook without a result of notebook 6, and whether it has one of notebook 5.
    """
    beside = {}
    for one in read:
        beside.setdefault(PurePosixPath(one.place).parent, []).append(one)
    other_names = tuple(series() - {"06_evaluate"})
    skipped = []
    for place, exercises, predictions, trained in others:
        path = PurePosixPath(re.sub("(^|/)my_work/runs/.*/", r"\1", place))  # trials are beside, too
        if path.parent not in beside or not path.name.startswith(other_names):
            skipped.append(Skipped(clean(place), TRAINED if trained else NO_RESULT))
        elif len(beside[path.parent]) == 1:
            beside[path.parent][0].take_practice(exercises, predictions)
    return skipped


def tell_data_apart(read):
    """Add the fingerprint to the name of data that are not the same as others of that name."""
    known = {}
    for one in read:
        known.setdefault(one.data_label, set()).add(one.data_fingerprint)
    for one in read:
        if len(known[one.data_label] - {None}) > 1 and one.data_fingerprint:
            one.data_label += f" ({one.data_fingerprint})"


def without_copies(read):
    """Return the first of those that hold the same run; it gets the paths of the others."""
    kept = {}
    for one in read:
        first = kept.setdefault(one.fingerprint, one)
        if first is not one:
            first.copies.append(clean(one.place))
            first.take_practice(one.exercises, one.predictions)
    return list(kept.values())


def name_all(submissions):
    """Give each submission a different name: from the file, its folder, or both."""
    names, taken = Counter(name_of(one.place) for one in submissions), Counter()
    for one in submissions:
        name = name_of(one.place)
        if names[name] > 1:
            name = clean(without_ending(one.place))
        taken[name] += 1
        one.name = name if taken[name] == 1 else f"{name} [{taken[name]}]"


def name_of(place):
    """Return what a path says about whose notebook it is.

    "06_evaluate_anna.ipynb" is "anna", "group 3/06_evaluate.ipynb" is "group 3", "06_evaluate (1).ipynb" stays.
    """
    folder, _, stem = without_ending(place).rpartition("/")
    rest = re.sub(r"06_evaluate", "", stem, flags=re.IGNORECASE)
    distinct = re.sub(r"[ -]*copy *\d*|\(\d+\)", "", rest, flags=re.IGNORECASE).strip(" _-.")
    return clean(rest.strip(" _-.") if distinct else folder or stem) or "no name"
