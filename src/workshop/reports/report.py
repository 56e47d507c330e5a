"""A report on a folder of runs: a table, a notebook to go on with, and a page that opens anywhere."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import nbformat
import papermill
from nbconvert import HTMLExporter

from handwriting import errors
from handwriting.errors import UserError
from handwriting.paths import whole_file
from handwriting.text import clean
from workshop.html import render
from workshop.reports.summary import MIME
from workshop.reports.table import FILES, LONGEST, local_copy, number
from workshop.runs import addresses

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
        "table", "notebook", "page": where the three files are. "runs", "settings", "skipped", "duplicates": how many.
        "seconds" and "memory_mb": what it took.

    Raises
    ------
    UserError
        If there is no result, or nothing can be written; the folder is then as it was before.
    """
    start = time.monotonic()
    target = addresses.place(folder)
    say(f"Reading the results below {target}.")
    if addresses.is_remote(target):
        with local_copy(target) as copied:
            check_folder(copied, target)
            counts, contents = made_from(copied)
        for name, content in contents.items():
            addresses.write(addresses.child(target, name), content.decode())
    else:
        check_folder(Path(target), target)
        counts, contents = made_from(Path(target))
        write_all(Path(target), contents)
    places = dict(zip(("table", "notebook", "page"), (addresses.child(target, name) for name in FILES), strict=True))
    made = {**places, **counts, "seconds": round(time.monotonic() - start, 1)}
    say(in_words(made))
    say(f"Open: {made['page']}")
    return made


def check_folder(folder, name):
    """Raise an error that says what is wrong with a folder, before a kernel starts."""
    name = clean(name, LONGEST)
    if not folder.is_dir():
        raise UserError(f"{name} is not a folder. Name the folder that `handwriting sweep` or `run` wrote to.")
    if not any(path.name not in FILES for path in folder.rglob("*.ipynb*")):
        raise UserError(f"There are no notebooks below {name}. `handwriting sweep` or `handwriting run` makes them.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"Nothing can be written to {name} ({error.strerror}). Copy the runs elsewhere first."
        ) from None


def made_from(folder):
    """Run the notebook of a report, not in the folder of the runs, which may hold files from anyone.

    Returns
    -------
    dict
        How much was found, and what memory it took.
    dict of str to bytes
        The contents of the report's files.
    """
    with tempfile.TemporaryDirectory(prefix="handwriting-") as elsewhere:
        try:
            notebook = papermill.execute_notebook(
                str(HERE / "template.ipynb"),
                None,
                parameters={"folder": str(folder.resolve())},
                progress_bar=False,
                extra_arguments=["--log-level=50"],
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
    counts = dict(next(data[MIME] for data in shown_in(notebook) if MIME in data))
    exporter = HTMLExporter(
        raw_template=(HERE / "templates" / "cells.html.j2").read_text("utf-8"),
        exclude_anchor_links=True,
        extra_template_basedirs=[],  # else templates in the current folder, which may be anyone's, are run
    )
    body, _ = exporter.from_notebook_node(notebook)
    heading = f"Report on {number(counts['runs'], 'run')}"
    page = render("workshop.reports", "report.html", heading=heading, body=body)
    texts = {"report.ipynb": nbformat.writes(notebook) + "\n", "report.html": page}
    return counts, {"results.csv": table} | {name: text.encode() for name, text in texts.items()}


def shown_in(notebook):
    """Yield what the cells of a notebook show, as dictionaries from MIME type to content."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("data", {})


def write_all(folder, contents):
    """Write files: all of them are there whole, or all are as they were before."""
    try:
        with ExitStack() as files:
            for name in reversed(FILES):  # the last takes its name first: another program may keep the table open
                files.enter_context(whole_file(folder / name)).write_bytes(contents[name])
    except OSError as error:
        raise UserError(f"The report cannot be written to {folder} ({error.strerror}).") from None


def in_words(made):
    """Return what a report found, and what it took, in a sentence."""
    left_out = [f"{made['skipped']:,} skipped"] if made["skipped"] else []
    left_out += [number(made["duplicates"], "duplicate")] if made["duplicates"] else []
    text = f"{number(made['runs'], 'run')} of {number(made['settings'], 'setting')}"
    text += f" ({', '.join(left_out)})" if left_out else ""
    memory = f", with at most {made['memory_mb']:,} MB of memory" if made["memory_mb"] else ""
    return f"{text} in {made['seconds']:.1f} s{memory}."
