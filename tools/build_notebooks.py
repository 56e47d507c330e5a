"""Build the notebooks: run each source on MNIST from a fresh kernel, and store what students will see.

python tools/build_notebooks.py            all of them
python tools/build_notebooks.py 03 05      some of them
"""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jupytext
import nbformat

from handwriting.data.cache import make_folders_absolute, read_local
from handwriting.data.download import download
from handwriting.errors import DataError
from handwriting.paths import whole_file
from workshop.runs.execute import RestartingClient
from workshop.widget_state import without_widgets

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOURCES = sorted((NOTEBOOKS / "source").glob("*.py"))
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


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


def renew(path):
    """Before anything runs, put a changed source in place without outputs: a notebook may run itself or another."""
    notebook, target = read_source(path), NOTEBOOKS / f"{path.stem}.ipynb"
    if not target.is_file() or texts(nbformat.read(target, as_version=4)) != texts(notebook):
        nbformat.write(notebook, target)


def texts(notebook):
    """Return the types, sources and tags of a notebook's cells."""
    return [(cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in notebook.cells]


def build(path):
    """Execute one source and write the notebook that students open; return a line about it."""
    notebook, target = execute(read_source(path)), NOTEBOOKS / f"{path.stem}.ipynb"
    nbformat.validate(notebook)
    with whole_file(target) as part:
        nbformat.write(notebook, part)
    return f"{target.name}: {target.stat().st_size / 1000:.0f} kB"


def main():
    """Build the sources that the arguments name, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="the beginning of a notebook's name, such as 03")
    names = parser.parse_args().names
    make_folders_absolute()
    try:
        for name in ("mnist", "fashion-mnist"):
            if read_local(name) is None:
                download(name)
    except DataError as error:
        sys.exit(f"The notebooks are built on MNIST, the ninth on Fashion-MNIST. {error}")
    chosen = [path for path in SOURCES if not names or path.name.startswith(tuple(names))]
    if not chosen:
        existing = ", ".join(path.stem for path in SOURCES)
        sys.exit(f"No notebook begins with {' or '.join(names)}. There are: {existing}.")
    for path in chosen:
        renew(path)
    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(build, chosen):
            print(line)


if __name__ == "__main__":
    main()
