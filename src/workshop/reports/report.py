"""A report on a folder of runs: a table, a notebook to go on with, and a page that opens anywhere."""

import os
import tempfile
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import nbformat
import papermill
from nbconvert import HTMLExporter

from handwriting import errors
from handwriting.errors import RecordError, UserError
from handwriting.paths import whole_file
from handwriting.text import clean, counted
from workshop.html import render
from workshop.reports.read_runs import FILES, LONGEST, is_run, local_copy
from workshop.reports.tables import MIME
from workshop.runs import output_location
from workshop.runs.execute import KernelMonitor, Run
from workshop.runs.record import stored_in
from workshop.runs.untrusted_files import find_notebooks, parse, read_bytes

__all__ = ["write_report"]

HERE = Path(__file__).parent


def write_report(folder, say=print):
    """Write a report on all runs below a folder, into that folder: results.csv, report.ipynb and report.html.

    Parameters
    ----------
    folder : str or path
        What `handwriting sweep` or `handwriting run` wrote; also an address such as s3://bucket/folder.
    say : callable
        Takes lines for the person.

    Returns
    -------
    dict
        "page": where it is. "runs", "settings", "skipped", "duplicates": how many. "seconds", "memory_mb": its cost.

    Raises
    ------
    UserError
        If there is no result, or nothing can be written; the folder is then as it was before.
    """
    start = time.monotonic()
    target = output_location.place(folder)
    say(f"Reading the results below {clean(target, None)}.")
    if output_location.is_remote(target):
        with local_copy(target) as copied:
            counts, contents = made_from(copied, target)
        for name, content in contents.items():
            output_location.write(output_location.child(target, name), content.decode())
    else:
        counts, contents = made_from(Path(target), target)
        kept = changed_by_hand(Path(target))
        write_all(Path(target), contents | kept)
        for name in kept:
            say(f"The report.ipynb that was here had been changed: it is now {name}.")
    made = counts | {
        "page": output_location.child(target, "report.html"),
        "seconds": round(time.monotonic() - start, 1),
    }
    say(in_words(made))
    say(f"Open: {made['page']}")
    return made


def made_from(folder, name):
    """Run the notebook of a report on a folder with this name; return its counts, and the contents of its files.

    It does not run in the folder of the runs, which may hold files from anyone.
    """
    if not any(map(is_run, find_notebooks(folder)[0])):
        why = "has no notebooks below it" if folder.is_dir() else "is not a folder"
        raise UserError(f"{clean(name, LONGEST)} {why}. Name the folder that `handwriting sweep` or `run` wrote to.")
    with tempfile.TemporaryDirectory(prefix="handwriting-") as elsewhere:
        try:
            notebook = papermill.execute_notebook(
                str(HERE / "template.ipynb"),
                None,
                parameters={"folder": str(folder.resolve())},
                progress_bar=False,
                engine_name="handwriting",
                monitor=KernelMonitor(Run(HERE / "template.ipynb", Path(elsewhere), {}), warm=False),
                # Not `cwd=`: papermill would change the folder of this whole process, for all threads.
                resources={"metadata": {"path": elsewhere}},
            )
        except papermill.PapermillExecutionError as error:
            text = str(error.evalue).strip() or error.ename
            known = issubclass(getattr(errors, error.ename, Exception), UserError)
            raise UserError(text if known else f"No report could be made: {error.ename}: {text}") from None
        table = Path(elsewhere, "results.csv").read_bytes()
    for part in (notebook, *notebook.cells):  # times, and paths of this machine
        for name in ("papermill", "execution"):
            part.metadata.pop(name, None)
    # What is left says folder = ".": the notebook runs again wherever the folder is.
    notebook.cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    counts = next(stored_in(notebook, MIME))
    exporter = HTMLExporter(
        raw_template=(HERE / "templates" / "cells.html.j2").read_text("utf-8"),
        exclude_anchor_links=True,
        extra_template_basedirs=[],  # else templates in the current folder, which may be anyone's, are run
    )
    body, _ = exporter.from_notebook_node(notebook)
    heading = f"Report on {counted(counts['runs'], 'run')}"
    page = render("workshop.reports", "report.html", heading=heading, body=body)
    texts = {"report.ipynb": nbformat.writes(notebook) + "\n", "report.html": page}
    return counts, {"results.csv": table} | {name: text.encode() for name, text in texts.items()}


def changed_by_hand(folder):
    """Return the content of a report's notebook that somebody changed, by the name that it gets; else nothing."""
    path = folder / "report.ipynb"
    if not os.path.lexists(path):
        return {}
    template = parse((HERE / "template.ipynb").read_bytes())
    try:
        content = read_bytes(path, os.path.realpath(folder))
        if [source_of(cell) for cell in parse(content)["cells"]] == [source_of(cell) for cell in template["cells"]]:
            return {}
    except RecordError as reason:
        raise UserError(f"{path} is there already, and cannot be kept: {reason}. Rename it first.") from None
    names = (f"report-{number}.ipynb" for number in count(1))
    return {next(name for name in names if not os.path.lexists(folder / name)): content}


def source_of(cell):
    """Return a cell's source as one text, or what is there instead of a cell."""
    source = cell.get("source") if isinstance(cell, dict) else cell
    return "".join(map(str, source)) if isinstance(source, list) else source


def write_all(folder, contents):
    """Write files: all of them are there whole, or all are as they were before."""
    try:
        with ExitStack() as files:
            for name in (
                *(contents.keys() - set(FILES)),
                *reversed(FILES),
            ):  # the last takes its name first: another program may keep the table open
                files.enter_context(whole_file(folder / name)).write_bytes(contents[name])
    except OSError as error:
        raise UserError(f"The report cannot be written to {folder} ({error.strerror}).") from None


def in_words(made):
    """Return what a report found, and what it took, in a sentence."""
    text = f"{counted(made['runs'], 'run')} of {counted(made['settings'], 'setting')}"
    if made["skipped"] or made["duplicates"]:
        text += f" ({made['skipped']:,} skipped, {counted(made['duplicates'], 'duplicate')})"
    memory = f", with at most {made['memory_mb']:,} MB of memory" if made["memory_mb"] else ""
    return f"{text} in {made['seconds']:.1f} s{memory}."
