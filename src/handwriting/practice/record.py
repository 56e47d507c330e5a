"""What a student has done so far: a small file in the work folder, which goes nowhere else."""

import importlib
import json
from html import escape
from pathlib import Path

from handwriting.parameters import PARAMETERS, nearest
from handwriting.paths import write_text

__all__ = ["exercises", "note", "progress", "reset"]

STAGES = (
    "load",
    "visualize",
    "prepare",
    "build",
    "train",
    "evaluate",
    "own_handwriting",
    "stronger_network",
    "new_problem",
    "share",
)
FILE = "practice.json"
MIME = "application/vnd.handwriting.progress+json"  # for whoever reads an executed notebook
folder = PARAMETERS["work_dir"].default


def exercises():
    """All exercises of the series.

    Returns
    -------
    dict of str to handwriting.practice.question.Exercise
        "load.count_sevens" and so on, in the order in which the notebooks ask them.
    """
    modules = [importlib.import_module(f"handwriting.practice.{stage}") for stage in STAGES]
    return {exercise.name: exercise for module in modules for exercise in module.EXERCISES}


def read():
    """What was noted; nothing where there is no file, or a damaged one."""
    try:
        noted = json.loads((Path(folder) / FILE).read_text(encoding="utf-8"))
        return {name: (bool(one["right"]), int(one["tries"])) for name, one in noted.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write(noted):
    """Write the file; whether that worked."""
    content = {name: {"right": right, "tries": tries} for name, (right, tries) in noted.items()}
    try:
        write_text(Path(folder) / FILE, json.dumps(content, indent=1))
    except OSError:
        return False
    return True


def note(name, right):
    """Remember a try. What was right once stays done. Where nothing can be written, nothing is remembered.

    Parameters
    ----------
    name : str
    right : bool
    """
    noted = read()
    before, tries = noted.get(name, (False, 0))
    noted[name] = (before or right, tries + 1)
    write(noted)


class Progress:
    """What became of every exercise; shown as one line per stage.

    Attributes
    ----------
    states : dict of str to str
        "load.count_sevens": "done", "not right yet" or "open".
    tries : dict of str to int
    """

    def __init__(self, noted):
        kept = {name: noted.get(name, (False, 0)) for name in exercises()}
        self.tries = {name: tries for name, (_, tries) in kept.items()}
        self.states = {
            name: "done" if right else "not right yet" if tries else "open" for name, (right, tries) in kept.items()
        }
        self.done = list(self.states.values()).count("done")
        self.title = f"{self.done} of {len(self.states)} exercises done."
        self.where = (
            f"Kept in {Path(folder).as_posix()}/{FILE} on this computer, and sent nowhere. "
            "To start again: handwriting.practice.reset(), or reset('load') for one stage."
        )

    def lines(self):
        """For each stage its name, how many are done, and what is still to do, in words."""
        for stage in STAGES:
            states = {name.partition(".")[2]: state for name, state in self.states.items() if name.startswith(stage)}
            parts = []
            for state in ("not right yet", "open"):
                named = [name for name, found in states.items() if found == state]
                parts += [f"{state}: {', '.join(named)}"] if named else []
            done = list(states.values()).count("done")
            yield stage, f"{done} of {len(states)} done", "; ".join(parts) or "✓ all done"

    def __repr__(self):
        lines = [f"{stage:10} {done:12} {rest}" for stage, done, rest in self.lines()]
        return "\n".join([self.title, *lines, self.where])

    def _repr_mimebundle_(self, include=None, exclude=None):
        stored = {"done": self.done, "of": len(self.states), "states": self.states}
        return {"text/plain": repr(self), "text/html": self.as_table(), MIME: stored}

    def as_table(self):
        """The same as HTML."""
        left = 'style="text-align: left"'
        head = "".join(f'<th scope="col" {left}>{word}</th>' for word in ("stage", "done", "still to do"))
        body = "".join(
            f"<tr><td {left}>{stage}</td><td {left}>{done}</td><td {left}>{escape(rest)}</td></tr>"
            for stage, done, rest in self.lines()
        )
        return f"<p><b>{self.title}</b></p><table><tr>{head}</tr>{body}</table><p>{escape(self.where)}</p>"


def progress(work_dir=None):
    """What is done across all notebooks.

    Parameters
    ----------
    work_dir : str or path, optional
        The work folder, if it is not the usual one; exercises are noted there from then on.

    Returns
    -------
    Progress
        Shows itself as a table.
    """
    global folder
    folder = folder if work_dir is None else work_dir
    return Progress(read())


def reset(stage=None):
    """Forget what was done, and start again.

    Parameters
    ----------
    stage : str, optional
        Only this stage, such as "load".

    Returns
    -------
    Progress

    Raises
    ------
    ValueError
        If there is no such stage.
    """
    if stage is not None and stage not in STAGES:
        raise ValueError(f'There is no stage "{stage}".{nearest(stage, STAGES)} Valid: {", ".join(STAGES)}.')
    noted = read()
    kept = {name: one for name, one in noted.items() if stage and not name.startswith(f"{stage}.")}
    if noted and not write(kept):
        raise ValueError(f"Nothing can be written in {folder}, so nothing was forgotten. Delete {FILE} there yourself.")
    return Progress(kept)
