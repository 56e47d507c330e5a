"""Notebooks as students run them: alone, in an empty folder, every cell twice, the second time with solutions."""

import copy
import json
import re

import nbformat
import numpy as np
import pytest
from build_notebooks import SOURCES, read_source
from conftest import make_arrays

from handwriting.data.formats import ARRAYS
from handwriting.practice import exercises
from workshop.runs.execute import RestartingClient

#: Added to the parameters, so that a notebook takes seconds.
SMALL = '\ndata, work_dir, epochs, hidden, examples = "own.npz", "work", 1, 32, 128'
#: Where networks learn for a few steps, graphs take most of the time. Notebook 6 has them here; in nbval, all do.
WITHOUT_GRAPHS = "\nimport keras\nkeras.Model.run_eagerly = property(lambda model: True, lambda model, value: None)"
#: What holds after every cell of a notebook was run twice: training again trains a new network.
AFTERWARDS = {
    "train": "assert int(model.optimizer.iterations) == epochs * steps",
    "stronger_network": "assert int(network.optimizer.iterations) == epochs_each * -(-examples // 64)",
    "new_problem": "assert int(model.optimizer.iterations) == epochs * -(-len(ready.x_train) // 128)",
}
#: Notes after each cell the shapes of all arrays, so that a second run that changes one is found.
NOTE_SHAPES = """
noted_shapes = []
def note_shapes(_):
    names = {name: x for name, x in globals().items() if not name.startswith("_")}  # IPython's results do
    noted_shapes.append({name: str(x.shape) for name, x in names.items() if hasattr(x, "shape")})
get_ipython().events.register("post_run_cell", note_shapes)"""
NOTED = "import json\nprint(json.dumps(noted_shapes))"


def shown(cell):
    """Return what a cell shows, without the digits that a second training changes."""
    texts = ["".join(out.get("text", out.get("data", {}).get("text/plain", ""))) for out in cell.outputs]
    text = re.sub(r"\d+ of \d+ (images read, |runs done).*\n", "", "\n".join(texts))  # where it takes seconds
    return re.sub(r" *\d+\.\d+ *|\d+ (times|MB|requests)|seconds.*|peak.*", "#", text.strip())


def exercise_of(cell, stage):
    """Return the exercise of a cell, or None."""
    last = cell.source.splitlines()[-1]
    return exercises()[f"{stage}.{last.split('.')[1]}"] if last.startswith("practice.") else None


def solved(cell, stage):
    """Return the cell with the exercise's solution instead of the dots."""
    exercise = exercise_of(cell, stage)
    if exercise:
        *lines, last = cell.source.splitlines()
        imports = [line for line in lines if line.startswith("import ")]
        cell.source = "\n".join([*imports, exercise.solution().code, last])
    return cell


@pytest.fixture(scope="module", params=SOURCES, ids=lambda path: path.stem)
def ran(request, tmp_path_factory):
    """The stage, its code cells in pairs (once as they are, once again with solutions), the folder, the notebook.

    Before them, a cell is added that notes the shapes of arrays; after them, one for AFTERWARDS and one for the shapes.
    """
    folder = tmp_path_factory.mktemp("alone")
    stage = request.param.stem.partition("_")[2]
    images = 2400 if stage == "train" else 600  # its last exercise needs a network that has learned
    np.savez(folder / "own.npz", **dict(zip(ARRAYS, make_arrays(images, 100), strict=True)))
    notebook = read_source(request.param)
    twice = []
    for cell in notebook.cells:
        # nbval runs these three; test_run runs some into one folder twice.
        if "runs import run" in cell.source or cell.source == "trials":
            continue
        twice.append(cell)
        if cell.cell_type == "code":
            cell.source = re.sub(r"(epochs(=|\": ))\d\d", r"\g<1>2", cell.source).replace('_size": 10,', '_size": 100,')
            if "parameters" in cell.metadata.get("tags", []):
                cell.source += SMALL + WITHOUT_GRAPHS * (stage not in ("load", "visualize", "prepare", "evaluate"))
            again = solved(copy.deepcopy(cell), stage)
            again["id"] += "-again"
            twice.append(again)
    last = [nbformat.v4.new_code_cell(code) for code in (AFTERWARDS.get(stage, ""), NOTED)]
    notebook.cells = [nbformat.v4.new_code_cell(NOTE_SHAPES), *twice, *last]
    where = {"metadata": {"path": folder}}
    RestartingClient(notebook, timeout=120, kernel_name="python3", coalesce_streams=True, resources=where).execute()
    _, *cells, _, _ = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return stage, list(zip(cells[::2], cells[1::2], strict=True)), folder, notebook


@pytest.mark.parametrize("name", ["02_visualize", "03_prepare", "06_evaluate"])
def test_a_few_images_of_some_classes_are_enough(name, tmp_path):
    np.savez(tmp_path / "few.npz", **dict(zip(ARRAYS, make_arrays(4, 2), strict=True)))
    notebook = read_source(next(path for path in SOURCES if path.stem == name))
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source += '\ndata = "few.npz"' + WITHOUT_GRAPHS * (name == "06_evaluate")
    where = {"metadata": {"path": tmp_path}}
    RestartingClient(notebook, timeout=120, kernel_name="python3", coalesce_streams=True, resources=where).execute()
    found = [out for cell in notebook.cells if cell.cell_type == "code" for out in cell.outputs]
    assert not any(out.get("name") == "stderr" for out in found)
    texts = "".join(out.get("text", "") for out in found)
    missing = {"02_visualize": "There is no image of class 7 here", "03_prepare": "labels: True"}
    assert missing.get(name, "wrong: ") in texts


def test_every_cell_can_be_run_twice(ran):
    stage, pairs, _, notebook = ran
    for first, second in pairs:
        once = exercise_of(first, stage) or "Drawing" in shown(first) or "training one now" in shown(first)
        assert once or shown(second) == shown(first), first.source
        assert not any(out.get("name") == "stderr" for out in [*first.outputs, *second.outputs])
    assert nbformat.validate(notebook) is None


def test_a_second_run_changes_no_shape(ran):
    _, pairs, _, notebook = ran
    _, *noted = json.loads(notebook.cells[-1].outputs[0].text)  # the first cell notes itself, too
    for (cell, _), before, after in zip(pairs, *(noted[k : 2 * len(pairs) : 2] for k in (0, 1)), strict=True):
        assert {name: after.get(name) for name in before} == before, cell.source


def test_solutions_in_place_of_the_dots_are_right(ran):
    stage, pairs, _, _ = ran
    asked = [pair for pair in pairs if exercise_of(pair[0], stage)]
    assert len(asked) == sum(name.startswith(f"{stage}.") for name in exercises()) >= 4
    for before, after in asked:
        assert before.outputs[-1]["data"]["text/plain"].startswith("Not tried yet. ")
        title = "Complete." if "one_change" in after.source else "Right!"
        assert after.outputs[-1]["data"]["text/plain"].startswith(f"{title} "), after.source
        assert f"<b>{title}</b>" in after.outputs[-1]["data"]["text/html"]


def test_progress_is_noted_beside_the_notebook(ran):
    stage, pairs, folder, _ = ran
    count = sum(name.startswith(f"{stage}.") for name in exercises())
    table = next(after for _, after in pairs if "progress()" in after.source)
    said = table.outputs[0]["data"]["text/plain"]
    assert said.startswith(f"{count} of {len(exercises())} exercises done.")
    assert f"{count} of {count} done" in said
    noted = json.loads((folder / "my_work" / "practice.json").read_text(encoding="utf-8"))
    assert [one["tries"] for one in noted.values()] == [1] * count, "leaving an exercise alone is no try"
