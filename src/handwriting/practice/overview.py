"""All exercises of the series, and which of them a student has done."""

import os
from html import escape
from importlib import import_module
from pathlib import Path

from handwriting.errors import AddressError, ParameterError
from handwriting.parameters import nearest
from handwriting.paths import given_path
from handwriting.practice.prediction_texts import PREDICTIONS
from handwriting.practice.progress_file import progress_file
from handwriting.text import clean

MIME = "application/vnd.handwriting.progress+json"  # of progress stored in an executed notebook
ORDER = "load visualize prepare build train evaluate own_handwriting stronger_network new_problem share".split()
NOTEBOOKS = {name: import_module(f"handwriting.practice.{name}").EXERCISES for name in ORDER}


def exercises():
    """Return all exercises by name ("load.count_sevens"), in the order in which the notebooks ask them."""
    return {exercise.name: exercise for notebook in NOTEBOOKS.values() for exercise in notebook}


class Progress:
    """Progress through the exercises, shown as one line per notebook.

    By name, such as "load.count_sevens", `states` says "done", "not right yet" or "open", `tries` how often it was
    tried, and `predictions` which letters were chosen, one after the other. `done` is how many are done.
    """

    def __init__(self, noted):
        self.states, self.tries = {}, {}
        self.predictions = {name: noted[name].get("chosen", "") for name in PREDICTIONS if name in noted}
        for name in exercises():
            one = noted.get(name, {"right": False, "tries": 0})
            self.states[name] = "done" if one["right"] else "not right yet" if one["tries"] else "open"
            self.tries[name] = one["tries"]
        self.done = list(self.states.values()).count("done")
        self.title = f"{self.done} of {len(self.states)} exercises done."
        path = clean(progress_file.path.as_posix(), None)
        nothing = "Nothing is saved yet."
        if not noted and progress_file.content() is None:
            nothing = f"{progress_file.path.name} cannot be read, and gets another name at your next answer."
        saved = f"Saved in {path}" if noted else f"{nothing} Your progress will be saved in {path}"
        self.where = (
            f"{saved} on this computer and never sent anywhere. "
            "To start again: handwriting.practice.reset(), or reset('load') for one stage."
        )
        # A new file replaces the old one: the folder must take it.
        folders = Path(os.path.realpath(progress_file.path)).parents
        there = next(filter(os.path.exists, folders))
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            self.where = progress_file.not_kept

    def lines(self):
        """Yield for each notebook its name, how many exercises are done, and what is left.

        That is the number and title of each exercise; in a notebook that is not begun, nothing: all of them are left.
        """
        for notebook, asked in NOTEBOOKS.items():
            titles = {"done": [], "not right yet": [], "open": []}
            for number, exercise in enumerate(asked, start=1):
                titles[self.states[exercise.name]].append(f"{number} {exercise.title}")
            done = len(titles.pop("done"))
            left = "; ".join(f"{state}: {', '.join(found)}" for state, found in titles.items() if found)
            begun = done or titles["not right yet"]
            yield notebook, f"{done} of {len(asked)} done", (left or "✓ all done") if begun else ""

    def __repr__(self):
        lines = [f"{notebook:16} {done:12} {left}".rstrip() for notebook, done, left in self.lines()]
        return "\n".join([self.title, *lines, self.where])

    def _repr_mimebundle_(self, include=None, exclude=None):
        stored = {"done": self.done, "of": len(self.states), "states": self.states, "predictions": self.predictions}
        return {"text/plain": repr(self), "text/html": self.html(), MIME: stored}

    def html(self):
        """Return the lines as a table."""
        left = 'style="text-align: left"'
        head = "".join(f'<th scope="col" {left}>{word}</th>' for word in ("stage", "done", "still to do"))
        rows = ("".join(f"<td {left}>{escape(cell)}</td>" for cell in line) for line in self.lines())
        body = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<p><b>{self.title}</b></p><table><tr>{head}</tr>{body}</table><p>{escape(self.where)}</p>"


def progress(work_dir=None):
    """Return the progress across all notebooks, a `Progress`; a notebook shows it as a table.

    Parameters
    ----------
    work_dir : str or path, optional
        The work folder, if it is not the default; attempts are noted there from then on.
    """
    if work_dir is not None:
        progress_file.folder = given_path(work_dir)
    return Progress(progress_file.read())


def reset(stage=None):
    """Forget the progress, and return the `Progress` that is left.

    Parameters
    ----------
    stage : str, optional
        Forget only this notebook, such as "load".

    Raises
    ------
    ParameterError
        If there is no such notebook.
    AddressError
        If nothing can be written in the work folder.
    """
    if stage is not None and not (isinstance(stage, str) and stage in ORDER):
        raise ParameterError(f'There is no stage "{stage}".{nearest(stage, NOTEBOOKS)} Valid: {", ".join(NOTEBOOKS)}.')
    if not progress_file.read():
        return Progress({})
    try:
        with progress_file.locked():
            noted = progress_file.read()
            kept = {name: one for name, one in noted.items() if stage and not name.startswith(f"{stage}.")}
            progress_file.write(kept)
    except OSError:
        problem = f"Nothing can be written in {clean(str(progress_file.folder), None)}, so your progress was not reset."
        raise AddressError(f"{problem} Delete {progress_file.path.name} there yourself.") from None
    return Progress(kept)
