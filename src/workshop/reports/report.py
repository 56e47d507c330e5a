"""A report on a folder of runs: a table, a notebook to go on with, and a page that opens anywhere."""

import html
import re
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from handwriting.errors import UserError
from handwriting.paths import whole_file, write_text
from workshop.notebook_file import nbformat  # isort: split

import papermill

from workshop.publish.pages import document
from workshop.reports.rows import plain
from workshop.reports.runs import FILES, local_copy, number
from workshop.reports.tables import MIME
from workshop.runs import addresses as storage

__all__ = ["write_report"]

STYLE = """
h2 { margin-top: 2.5em; }
img { height: auto; background: #ffffff; }
table { font-variant-numeric: tabular-nums; }
caption { text-align: left; font-size: .9em; padding-bottom: .3em; }
td, th[scope=row] { white-space: nowrap; font-weight: normal; }
th[scope=col] { vertical-align: bottom; }
.words th[scope=row], .words td { white-space: normal; overflow-wrap: anywhere; }
"""

# The notebook of a report: texts, and code as an instructor would write it.
CELLS = [
    """# Report

What the runs below this folder say together.""",
    """# More runs? Run all cells again.
import workshop.reports.figures as figures
import workshop.reports.runs as results
import workshop.reports.tables as tables""",
    """folder = "."  # where the executed notebooks lie
link = {link}  # whether the tables link to them""",
    """runs = results.read_runs(folder)
runs""",
    """## The best

A setting is all parameters but the seed; ± is the spread over seeds, one standard deviation. Choose by the validation
accuracy: the test accuracy of whatever is best among many is too good by a little, since luck helped to choose it.""",
    "tables.show_best(runs, link=link)",
    """## Each parameter

Grey points are single runs, unless there are too many to draw.""",
    """# One alone: figures.show_parameter(runs, "hidden")
for part in figures.show_parameters(runs):
    display(part)""",
    """## Time against accuracy

Points are settings. Compare times only between runs on the same machine, with as many others beside them.""",
    "figures.show_time(runs)",
    """## Learning curves

A curve that still rises at its end would gain from more epochs; one that falls has seen enough of them.""",
    "figures.show_curves(runs)",
    "## All runs",
    "tables.show_runs(runs, link=link)",
    """## What was not used

A broken notebook does not stop the report. It is named here.""",
    "tables.show_skipped(runs)",
    """## As a table

One row per run, one column per parameter and measure, for a spreadsheet or a program.""",
    """tables.write_table(runs, "results.csv")""",
]
PARAMETERS = 2


def write_report(folder, say=print, link=True):
    """Write a report on all runs below a folder, into that folder: results.csv, report.ipynb and report.html.

    Parameters
    ----------
    folder : str or path
        What `handwriting sweep` or `handwriting run` wrote; also an address such as s3://bucket/folder.
    say : callable
        Takes lines for the person.
    link : bool
        Whether the tables link to the runs' notebooks.

    Returns
    -------
    dict
        "table", "notebook", "page": where the three files are. "runs", "settings", "skipped", "duplicates": how many.
        "seconds" and "memory_mb": what it took.

    Raises
    ------
    handwriting.errors.UserError
        If there is no result, or nothing can be written; the folder is then as it was before.
    """
    start = time.monotonic()
    target = storage.place(folder)
    say(f"Reading the results below {target}.")
    if storage.is_remote(target):
        with local_copy(target) as copied:
            check_folder(copied, target)
            made, texts = made_in(copied, link)
            texts["results.csv"] = (copied / "results.csv").read_text(encoding="utf-8")
        for name in FILES:
            storage.write(storage.child(target, name), texts[name])
    else:
        check_folder(Path(target))
        with unchanged_on_error(Path(target)):
            made, texts = made_in(Path(target), link)
            for name, text in texts.items():
                write_text(Path(target, name), text)
    made["seconds"] = round(time.monotonic() - start, 1)
    made |= dict(zip(("table", "notebook", "page"), (storage.child(target, name) for name in FILES), strict=True))
    left_out = [f"{made['skipped']:,} skipped"] if made["skipped"] else []
    left_out += [number(made["duplicates"], "duplicate")] if made["duplicates"] else []
    memory = f", with at most {made['memory_mb']:,} MB of memory" if made["memory_mb"] else ""
    say(
        f"{number(made['runs'], 'run')} of {number(made['settings'], 'setting')}"
        f"{' (' + ', '.join(left_out) + ')' if left_out else ''} in {made['seconds']:.1f} s{memory}."
    )
    say(f"Open: {made['page']}")
    return made


def made_in(folder, link):
    """Run the report's notebook in a folder, where it writes results.csv.

    Returns
    -------
    (dict, dict)
        How much was found and what memory it took; the texts of the other two files, by name.
    """
    try:
        notebook = papermill.execute_notebook(
            new_notebook(link),
            None,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            extra_arguments=["--log-level=50"],
            # Not `cwd=`: papermill would change the folder of this whole process, for all threads.
            resources={"metadata": {"path": str(folder)}},
        )
    except papermill.PapermillExecutionError as error:
        text = str(error.evalue).strip() or error.ename
        known = error.ename == UserError.__name__
        raise UserError(text if known else f"No report could be made: {error.ename}: {text}") from None
    without_timing(notebook)
    counts = next(
        dict(output.data[MIME])
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
    )
    texts = {"report.ipynb": nbformat.writes(notebook) + "\n", "report.html": page(notebook, counts)}
    return counts, texts


def check_folder(folder, name=None):
    """Say what is wrong with a folder, by its name or as another one, before a kernel starts."""
    name = plain(name or folder)
    if not folder.is_dir():
        raise UserError(f"{name} is no folder. Name the folder that `handwriting sweep` or `run` wrote to.")
    if not any(path.name not in FILES for path in folder.rglob("*.ipynb")):
        raise UserError(f"There are no notebooks below {name}. `handwriting sweep` or `handwriting run` makes them.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"Nothing can be written to {name} ({error.strerror}). Copy the runs to a folder of your own first."
        ) from None


@contextmanager
def unchanged_on_error(folder):
    """Give a report's files back as they were, if not all three can be written."""
    before = {}
    for path in (folder / name for name in FILES):
        before[path] = path.read_bytes() if path.is_file() else None
    try:
        yield
    except BaseException as error:
        for path, content in before.items():
            if content is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != content:
                with whole_file(path) as part:
                    part.write_bytes(content)
        if isinstance(error, OSError):
            raise UserError(f"The report cannot be written to {folder} ({error.strerror}).") from None
        raise


def new_notebook(link):
    """The notebook of a report, not run yet."""
    cells = []
    for place, text in enumerate(CELLS):
        if text.startswith(("# Report", "## ")):
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"text-{place}"))
        else:
            cells.append(nbformat.v4.new_code_cell(text.replace("{link}", str(bool(link))), id=f"code-{place}"))
    cells[PARAMETERS].metadata.tags = ["parameters"]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def without_timing(notebook):
    """Take out what papermill noted: times, and paths of this machine."""
    for part in (notebook, *notebook.cells):
        for name in ("papermill", "execution"):
            part.metadata.pop(name, None)


def page(notebook, counts):
    """The executed notebook as a page of its own: its texts and what its cells showed, without the code."""
    from nbconvert.filters import markdown2html

    body = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            body.append(re.sub(r'<a class="anchor-link".*?</a>', "", markdown2html(cell.source)))
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/html" in data:
                body.append(data["text/html"])
            elif "text/plain" in data:
                body.append(f"<p>{html.escape(data['text/plain'])}</p>")
    body.append(
        '<p><a href="results.csv">results.csv</a> has all runs. '
        '<a href="report.ipynb">report.ipynb</a> is this page with its code, to go on from.</p>'
    )
    heading = f"Report on {number(counts['runs'], 'run')}"
    return document(heading, "\n".join(body)).replace("</style>", f"{STYLE}</style>", 1)
