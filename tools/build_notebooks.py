"""Build the notebooks: run the sources on MNIST, each from a fresh kernel, and store what students will see.

The worksheet to print, `docs/worksheet.html`, is written as well.

python tools/build_notebooks.py            all of which a code cell has changed; the others get their new text
python tools/build_notebooks.py 03 05      some of them
python tools/build_notebooks.py --run 05   run it in any case: after a change to the package
"""

import argparse
import json
import re
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat
from worksheet import WORKSHEET, worksheet

from handwriting.data.cache import make_folders_absolute
from handwriting.errors import DataError
from handwriting.load import read_files
from handwriting.paths import whole_file
from workshop.runs.execute import RestartingClient
from workshop.widget_state import without_widgets

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
#: What differs each time: a result's seconds and memory, a server's address and speed.
MEASURED = re.compile(
    r"(?<=seconds.to.fit)[\W\d]+|(?<=peak.memory.mb)[\W\d]+|(?<=127\.0\.0\.1:)\d+|\d+(?= requests per second)"
)
SECONDS = re.compile(r" *(?<![\d.])\d+\.\d(?![\d.])")  # printed with one decimal


def read_source(path):
    """Return a source as a notebook without outputs, with the metadata that every notebook of the series has.

    Cell ids count up, so that building twice changes nothing but what the code prints.
    """
    notebook = jupytext.read(path)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{path.stem}-{number:02d}"
        kept = {key: cell.metadata[key] for key in ("slideshow", "tags") if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
    return notebook


def execute(notebook):
    """Run a notebook in an empty folder, as a student's first visit would."""
    with tempfile.TemporaryDirectory() as folder:
        RestartingClient(
            notebook,
            timeout=600,
            kernel_name="python3",
            coalesce_streams=True,  # how a stream is cut into pieces is chance
            record_timing=False,
            store_widget_state=False,
            extra_arguments=["--log-level=50"],
            resources={"metadata": {"path": folder}},
        ).execute()
    without_widgets(notebook)
    notebook.metadata.language_info = nbformat.from_dict({"name": "python"})
    return notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def stored_outputs(path):
    """Return what is stored for each code cell of a source, or None if it has to be run: its code has changed."""
    target = NOTEBOOKS / f"{path.stem}.ipynb"
    if not target.is_file():
        return None
    stored, source = code_cells(nbformat.read(target, as_version=4)), code_cells(read_source(path))
    codes = [[(cell.source, cell.metadata.get("tags")) for cell in cells] for cells in (stored, source)]
    ran = all(cell.execution_count for cell in stored)
    return [cell.outputs for cell in stored] if ran and codes[0] == codes[1] else None


def without_measurements(outputs):
    """Return outputs as text, without what differs each time."""
    text = MEASURED.sub("", json.dumps(outputs, sort_keys=True))
    return SECONDS.sub("", text) if re.search(r"seconds|\d s, ", text) else text


def build(path, kept, run):
    """Write a notebook from its source, with the outputs that are kept or, if it is to be run, new ones.

    Kept outputs stay also where nothing but seconds and memory would change, so that building twice changes nothing.
    """
    notebook, target = read_source(path), NOTEBOOKS / f"{path.stem}.ipynb"
    if run:
        execute(notebook)
    cells = code_cells(notebook)
    for number, (cell, outputs) in enumerate(zip(cells, kept or [None] * len(cells), strict=True), start=1):
        if not run or (kept and without_measurements(outputs) == without_measurements(cell.outputs)):
            cell.outputs, cell.execution_count = outputs, number
    nbformat.validate(notebook)
    with whole_file(target) as part:
        nbformat.write(notebook, part)
    return f"{target.name}: {target.stat().st_size / 1000:.0f} kB{'' if run else ', outputs kept'}"


def main():
    """Build the sources that the arguments name, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="the beginning of a notebook's name, such as 03")
    parser.add_argument("--run", action="store_true", help="run the notebooks even if no code cell has changed")
    options = parser.parse_args()
    make_folders_absolute()
    chosen = [path for path in SOURCES if not options.names or path.name.startswith(tuple(options.names))]
    if not chosen:
        existing = ", ".join(path.stem for path in SOURCES)
        sys.exit(f"No notebook begins with {' or '.join(options.names)}. There are: {existing}.")
    kept = {path: stored_outputs(path) for path in chosen}
    runs = {path: options.run or kept[path] is None for path in chosen}
    if any(runs.values()):
        fetch_data()
    for path in chosen:
        if kept[path] is None:  # before anything runs: a notebook may run itself or another
            nbformat.write(read_source(path), NOTEBOOKS / f"{path.stem}.ipynb")
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(build, chosen, kept.values(), runs.values()):
            print(line)
    WORKSHEET.write_text(worksheet(map(read_source, SOURCES)), encoding="utf-8")


def fetch_data():
    """Make sure that both data sets are here; end with a sentence if one cannot be downloaded."""
    try:
        for name in ("mnist", "fashion-mnist"):
            read_files(name)
    except DataError as error:
        sys.exit(f"The notebooks are run on MNIST, the ninth on Fashion-MNIST. {error}")


if __name__ == "__main__":
    main()
