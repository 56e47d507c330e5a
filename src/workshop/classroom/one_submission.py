"""One notebook or page that a student handed in: what it shows, and what in it cannot be right."""

import hashlib
import re
from dataclasses import dataclass, field

from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, check
from handwriting.practice.overview import NOTEBOOKS
from handwriting.text import clean, counted
from workshop.classroom.names import stage_named
from workshop.runs.record import MOST_MISTAKES, STATES, predictions_of, progress_of, read_result, result_of

#: The data sets whose test images can be shown, and what people call them.
DATA = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "letters": "letters", "stand-in": "the stand-in"}
SPELLINGS = {"the stand-in": "stand-in", "the stand-in for mnist": "stand-in"}
TEST_IMAGES = dict.fromkeys(DATA, 10_000) | {"letters": 4_000}
CLASSES = 10
#: The line of each notebook that tells which one it is, whatever its file is called.
LOADS = re.compile(r"^from handwriting\.practice import (\w+) as practice\b", re.MULTILINE)
LONGEST_CELL, MOST_CELLS = 5_000, 500


@dataclass
class Submission:
    """What a student handed in, checked: one notebook 6 with what lies beside it, or other notebooks alone."""

    place: str  # its path within the folder, as it is
    data: str = ""  # a key of `DATA`, or "" for other data
    data_label: str = ""
    data_fingerprint: str | None = None  # of older notebooks it is unknown
    accuracy: float | None = None  # from 0 to 1; None without a notebook 6
    changed: dict | None = None  # hyperparameters that differ from their defaults, as texts; None if they are unknown
    mistakes: list | None = None  # (test image, prediction, probability), each once; None if not stored, or other data
    doubts: list = field(default_factory=list)  # what in it does not fit together
    fingerprint: str = ""  # the same for two notebooks that hold the same run
    exercises: dict | None = None  # "done", "not right yet" or "open", by name; None if not shown
    predictions: dict = field(default_factory=dict)  # the letters that were chosen, one after the other, by name
    owner: tuple = ()  # the same for all of a student's files
    name: str = ""  # what to call the student: from the names of the file and its folder
    copy_of: object = None  # another submission with the same run
    stages: set = field(default_factory=set)  # the notebooks that were handed in: "load", "train" ...
    cells: list = field(default_factory=list)  # (notebook, lines) of each cell that asks for feedback on an answer
    is_empty: bool = False  # nothing in the student's files counts
    asked: object = None  # what `workshop.classroom.answers.ask_again` said, if it was asked

    @property
    def why_empty(self):
        return "" if not self.is_empty else "handed in nothing" if self.place.endswith("/") else "nothing that counts"

    @property
    def numbers(self):
        return " ".join(str(number) for number, stage in enumerate(NOTEBOOKS, 1) if stage in self.stages)

    def keep(self, stages):
        if self.exercises is not None:
            self.exercises = {name: state for name, state in self.exercises.items() if stage_of(name) in stages}
        self.predictions = {name: chosen for name, chosen in self.predictions.items() if stage_of(name) in stages}
        self.cells = [cell for cell in self.cells if cell[0] in stages]

    def count(self, *states):
        return sum(state in states for state in (self.exercises or {}).values())

    def take(self, other):
        """Take what another notebook of the same student has more: exercises done, or choices of a prediction."""
        if other.exercises is not None:
            mine = self.exercises or {}
            self.exercises = {
                name: min(mine.get(name, "open"), other.exercises.get(name, "open"), key=STATES.index)
                for name in mine | other.exercises
            }
        for name, chosen in other.predictions.items():
            self.predictions[name] = max(self.predictions.get(name, ""), chosen, key=len)
        self.stages |= other.stages
        self.cells = [*self.cells, *other.cells][:MOST_CELLS]


def stage_of(name):
    """Return the notebook that an exercise or a prediction belongs to, such as "load"."""
    return name.partition(".")[0]


def submission_of(file, exercises):
    """Return the submission in a `File`, and what was found to be wrong in it; RecordError if its result is none."""
    notebook, faults = file.notebook, []
    states, result = progress_of(notebook), result_of(notebook, "evaluate", faults)
    if states:
        states = {name: states[name] for name in exercises if name in states}
    cells = sources_of(notebook)
    stage = next((found[1] for cell in cells if (found := LOADS.search(cell))), None)
    stage = stage or (result and "evaluate") or (read_result(notebook) or {}).get("stage") or stage_named(file.place)
    one = Submission(
        file.place,
        fingerprint=hashlib.sha256(file.content).hexdigest(),
        exercises=states,
        predictions=predictions_of(notebook),
        stages={stage} & NOTEBOOKS.keys() if isinstance(stage, str) else set(),
        cells=[(stage, LOADS.sub("", cell)) for cell in cells if ".check(" in cell][:MOST_CELLS],
    )
    if result is not None:
        add_result(one, result, faults, exact=not file.is_page)
    return one


def sources_of(notebook):
    """Return the lines of the cells with code, without those that are longer than any of the workshop."""
    cells = (cell for cell in notebook["cells"] if isinstance(cell, dict) and cell.get("cell_type") == "code")
    sources = (cell.get("source") for cell in cells)
    lines = ([one] if isinstance(one, str) else one for one in sources if isinstance(one, (str, list)))
    texts = ("".join(part for part in one if isinstance(part, str)) for one in lines)
    return [text for text in texts if len(text) <= LONGEST_CELL]


def add_result(one, result, faults, exact):
    """Add what a `workshop.runs.record.RunResult` says to a submission; on a page its numbers are not `exact`."""
    label = clean(result.data or "")
    data = SPELLINGS.get(label.lower(), label.lower())
    one.data = data if data in DATA else ""
    one.data_label, one.data_fingerprint = DATA.get(data) or label or "unknown", result.data_fingerprint
    one.accuracy = float(result.test_accuracy)
    one.changed, odd = changed_hyperparameters(result.parameters)
    misfits = []
    if one.data and result.mistakes is not None:
        one.mistakes, misfits = check_mistakes(result, TEST_IMAGES[data])
    # Two students with the same hyperparameters and seed may get the same numbers, not to the thousandth of a second.
    if exact and result.seconds_to_fit is not None:
        one.fingerprint = hashlib.sha256(repr(result).encode()).hexdigest()
    # In other words than the faults', which may quote the notebook: the page may be projected.
    one.doubts = ["part of its result is not as notebook 6 writes it"] * bool(faults) + odd + misfits


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
    malformed = result.mistakes_malformed or len(possible) < len(result.mistakes)
    listed = counted(count, "mistake")
    # A tie between two predictions may be counted in two ways, so a few more or fewer are not a reason to ask.
    doubts = {
        f"it lists {listed}, and its accuracy leaves room for {wrong:,}": count > wrong + 2,
        f"it lists {listed}; notebook 6 lists {MOST_MISTAKES} at most": MOST_MISTAKES < count <= wrong + 2,
        f"it lists {listed}, and its accuracy says {wrong:,}": count < min(wrong, MOST_MISTAKES) / 2 - 2,
        "part of its list of mistakes is not as notebook 6 writes it": malformed,
        "it lists images that the test set does not have": len(inside) < len(possible),
        "it lists an image twice": len(once) < len(inside),
    }
    return list(once.values()), [doubt for doubt, holds in doubts.items() if holds]
