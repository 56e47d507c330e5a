"""Run one notebook with several values from within Python, as notebook 05 does, and show what comes out."""

import shutil
from html import escape
from itertools import count

from handwriting.errors import UserError
from handwriting.parameters import check_names
from handwriting.paths import given_path, say_kept
from handwriting.results import RESULTS
from handwriting.text import clean, counted
from workshop.machine import concurrent_notebooks
from workshop.runs import execute, plan
from workshop.runs.combinations import Combinations, run_name, values_of
from workshop.runs.output_location import lock

UNFINISHED = ".unfinished"  # in a folder that was made for a run, until that has ended
WAIT = 600  # seconds that a cell waits for another notebook that runs into the same folder
MEASURES = ("test_accuracy", "validation_accuracy", "training_accuracy", "seconds_to_fit", "error")


class Interrupted(UserError, KeyboardInterrupt):
    """Ctrl-C, or the button with the square, with a sentence on what is finished."""


def run_variations(notebook, folder, workers, parameters):
    (path,) = plan.choose([str(notebook)])
    combinations = Combinations({name: values_of(name, value) for name, value in parameters.items()})
    check_names(combinations.values, plan.parameters_of(path))
    folder, runs, ended = given_path(folder).resolve(), [], count(1)

    def report(run, done, cells):
        if run.state in ("done", "failed"):  # in any order
            run.output.with_name(UNFINISHED).unlink(missing_ok=True)
            print(f"{next(ended)} of {len(runs)} runs done", flush=True)

    with lock(folder, WAIT):
        clear_up(folder.glob(f"*/{UNFINISHED}"))  # where a kernel was restarted meanwhile
        for values in combinations:
            output = folder / run_name(values)
            if not output.exists():
                output.mkdir()
                (output / UNFINISHED).touch()
            runs += plan.plan([path], values, output, lean=True)
        try:
            execute.run_all(runs, workers or concurrent_notebooks(per_core=1.5), report)
        except KeyboardInterrupt:
            done = [run.output.parent.name for run in runs if run.state == "done"]
            kept = f", and kept in {clean(str(folder), None)}: {'; '.join(done)}" if done else ""
            finished = f"{len(done) or 'None'} of {counted(len(runs), 'run')} finished{kept}."
            raise Interrupted(f"You stopped this cell. {finished} Run the cell again to do all of them.") from None
        finally:
            clear_up(run.output.with_name(UNFINISHED) for run in runs if run.state not in ("done", "failed"))
            RESULTS.extend(run.result | {"is_trial": True} for run in runs if run.result)  # a report may be about these
            say_kept([f"{run.output.parent.name}/{line}" for run in runs for line in run.kept])
    varied = [name for name, several in combinations.values.items() if len(several) > 1]
    return Rows([{**values, **row_of(run)} for values, run in zip(combinations, runs, strict=True)], varied)


def clear_up(marks):
    """Remove the folders with these files in them; where a notebook is, too, only the file."""
    for mark in marks:
        if any(mark.parent.glob("*.ipynb")):
            mark.unlink(missing_ok=True)
        elif mark.exists():
            shutil.rmtree(mark.parent, ignore_errors=True)


def row_of(run):
    measures = {key: value for key, value in (run.result or {}).items() if isinstance(value, (int, float))}
    error = {} if run.state == "done" else {"error": f"{run.state}: {run.error}"}
    return {**measures, **error, "seconds": round(run.seconds, 1), "notebook": str(run.output)}


class Rows(list):
    """The results of several runs: a list with one dictionary for each, shown as a table.

    Its first columns are the parameters that were `varied`.
    """

    def __init__(self, rows, varied):
        super().__init__(rows)
        self.varied = varied

    def table(self):
        """Return lines of texts, the first with the headings."""
        shown = [*self.varied, *(name for name in MEASURES if any(name in row for row in self))]
        headings = [name.replace("_", " ") for name in shown]
        return [headings, *([formatted(name, row.get(name)) for name in shown] for row in self)]

    def __repr__(self):
        lines = self.table()
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        )

    def _repr_html_(self):
        headings, *body = ([escape(cell) for cell in line] for line in self.table())
        columns = "".join(f'<th scope="col">{cell}</th>' for cell in headings)
        rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in body)
        return f"<table><tr>{columns}</tr>{rows}</table>"


def formatted(name, value):
    if isinstance(value, float):
        return f"{value:.3f}" if name.endswith("accuracy") else f"{value:.1f}" if "seconds" in name else f"{value:.4g}"
    return "" if value is None else str(value)
