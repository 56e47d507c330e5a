"""Notebooks as students run them: alone, in an empty folder, and some cells more than once."""

import copy
import re

import nbformat
import numpy as np
import pytest
from build_notebooks import read_source
from conftest import ROOT, make_arrays
from nbclient import NotebookClient

from handwriting.load import ARRAYS

SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))


def shown(cell):
    """What a cell shows, without the digits that a second training changes."""
    texts = ["".join(out.get("text", out.get("data", {}).get("text/plain", ""))) for out in cell.outputs]
    return re.sub(r"\d\.\d+|\d+ (times|MB)|seconds.*|peak.*", "#", "\n".join(texts))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_every_cell_can_be_run_twice(source, tmp_path):
    np.savez(tmp_path / "own.npz", **dict(zip(ARRAYS, make_arrays(7200, 600), strict=True)))
    notebook = read_source(source)
    twice = []
    for cell in notebook.cells:
        twice.append(cell)
        if cell.cell_type == "code":
            if "parameters" in cell.metadata.get("tags", []):
                cell.source += '\ndata, work_dir, epochs, hidden = "own.npz", "work", 1, 32'
            again = copy.deepcopy(cell)
            again["id"] += "-again"
            twice.append(again)
    notebook.cells = twice
    where = {"metadata": {"path": tmp_path}}
    NotebookClient(notebook, timeout=120, kernel_name="python3", coalesce_streams=True, resources=where).execute()
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for first, second in zip(cells[::2], cells[1::2], strict=True):
        if "Drawing" not in shown(first) and "training one now" not in shown(first):
            assert shown(second) == shown(first), first.source
    assert not any(out.get("name") == "stderr" for cell in cells for out in cell.outputs)
    assert nbformat.validate(notebook) is None
