"""A report on a folder of runs: a table, a notebook to go on with, and a page that opens anywhere."""

import time
from contextlib import ExitStack
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from papermill import PapermillExecutionError

from handwriting import errors
from handwriting.errors import UserError
from handwriting.paths import digest, say_kept, seal_page
from handwriting.text import clean, counted
from workshop.html import render
from workshop.machine import temporary_folder
from workshop.reports.read_runs import FILES, LONGEST, local_copy
from workshop.reports.tables import MIME
from workshop.runs import output_location
from workshop.runs.execute import KernelMonitor, Run, executed
from workshop.runs.record import stored_in
from workshop.runs.untrusted_files import find_notebooks
from workshop.runs.warm_process import is_at_hand
from workshop.runs.written import replacing, seal

HERE = Path(__file__).parent


def write_report(folder, say=print):
    """Write a report on all runs below a folder or an address, into it: results.csv, report.ipynb and report.html.

    Return a dictionary: "page", where it is; how many "runs", "settings", "skipped" and "duplicates"; what it cost,
    "seconds" and "memory_mb". If UserError is raised, the folder is as it was before.
    """
    start = time.monotonic()
    target = output_location.place(folder)
    say(f"Reading the results in {clean(target, None)}.")
    kept = []
    if output_location.is_remote(target):
        with local_copy(target) as copied:
            counts, contents = made_from(copied, target)
        for name, content in contents.items():
            output_location.write(output_location.child(target, name), content.decode(), kept.append)
    else:
        counts, contents = made_from(Path(target), target)
        write_all(Path(target), contents, kept.append)
    say_kept(kept, say)
    page, seconds = output_location.child(target, "report.html"), round(time.monotonic() - start, 1)
    made = counts | {"page": page, "seconds": seconds}
    say(counts_in_words(made))
    say(f"Open: {page}")
    return made


def made_from(folder, name):
    """Run the notebook of a report on a folder with this name; return its counts, and the contents of its files."""
    if not set(find_notebooks(folder)[0]).difference(FILES):
        why = "has no notebooks in it" if folder.is_dir() else "is not a folder"
        raise UserError(f"{clean(name, LONGEST)} {why}. Give the folder that `handwriting sweep` or `run` wrote to.")
    with temporary_folder() as elsewhere:  # the folder of the runs may hold files from anyone
        run = Run(HERE / "template.ipynb", elsewhere / "report.ipynb", {"folder": str(folder.resolve())})
        try:
            notebook = executed(run, KernelMonitor(run, warm=is_at_hand()))
        except PapermillExecutionError as error:
            text = str(error.evalue).strip() or error.ename
            known = issubclass(getattr(errors, error.ename, Exception), UserError)
            raise UserError(text if known else f"No report could be made: {error.ename}: {text}") from None
        table = (elsewhere / "results.csv").read_bytes()
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
    seal(notebook, **{"results.csv": digest(table.decode())})
    texts = {"report.ipynb": nbformat.writes(notebook) + "\n", "report.html": seal_page(page)}
    return counts, {"results.csv": table} | {name: text.encode() for name, text in texts.items()}


def write_all(folder, contents, say=print):
    """Write files: all of them are there whole, or all are as they were before. What a report did not write stays."""
    try:
        if taken := [name for name in FILES if (folder / name).is_dir()]:
            raise UserError(f"The report cannot be written to {folder}: {taken[0]} is a folder there.")
        with ExitStack() as files:
            for name in reversed(FILES):  # the last takes its name first: another program may keep the table open
                files.enter_context(replacing(folder / name, say)).write_bytes(contents[name])
    except OSError as error:
        raise UserError(f"The report cannot be written to {folder} ({error.strerror}).") from None


def counts_in_words(made):
    text = f"{counted(made['runs'], 'run')} of {counted(made['settings'], 'setting')}"
    if made["skipped"] or made["duplicates"]:
        text += f" ({counted(made['skipped'], 'file')} skipped, {counted(made['duplicates'], 'duplicate')})"
    memory = f", using up to {made['memory_mb']:,} MB of memory" if made["memory_mb"] else ""
    return f"{text} in {made['seconds']:.1f} s{memory}."
