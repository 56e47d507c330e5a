"""What a contributor does not change stays as it is stored, to the last byte."""

import sys

import build_notebooks
import nbformat
import pytest

SOURCE = """# %% [markdown]
# # 1 Small
#
# One sentence.

# %% tags=["nbval-ignore-output"]
show()
"""
SHOWN = "seconds to fit  {}\nvalidation accuracy  {}"


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build the notebook of a text; gives the bytes of the notebook and whether it was run."""
    path, ran = tmp_path / "01_small.py", []
    monkeypatch.setattr(build_notebooks, "NOTEBOOKS", tmp_path)
    monkeypatch.setattr(build_notebooks, "SOURCES", [path])
    monkeypatch.setattr(build_notebooks, "WORKSHEET", tmp_path / "worksheet.html")
    monkeypatch.setattr(build_notebooks, "fetch_data", lambda: None)

    def run(text, *options, shown="1"):
        def execute(notebook):
            ran.append(True)
            cell = notebook.cells[-1]
            cell.outputs, cell.execution_count = [nbformat.v4.new_output("stream", text=shown)], 1

        path.write_text(text, encoding="utf-8")
        monkeypatch.setattr(build_notebooks, "execute", execute)
        monkeypatch.setattr(sys, "argv", ["build_notebooks.py", *options])
        ran.clear()
        build_notebooks.main()
        return (tmp_path / "01_small.ipynb").read_bytes(), bool(ran)

    return run


def test_a_changed_sentence_leaves_the_outputs_and_runs_nothing(build):
    before, _ = build(SOURCE)
    after, ran = build(SOURCE.replace("One", "Another"))
    assert not ran and after == before.replace(b"One", b"Another")


@pytest.mark.parametrize(("old", "new"), [("show()", "show(2)"), ("ignore", "check")])
def test_a_changed_code_cell_is_run(build, old, new):
    build(SOURCE)
    assert build(SOURCE.replace(old, new))[1]


def test_a_build_that_was_interrupted_is_done_again(build, tmp_path):
    build(SOURCE)
    nbformat.write(build_notebooks.read_source(tmp_path / "01_small.py"), tmp_path / "01_small.ipynb")
    assert build(SOURCE)[1]


@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        (SHOWN.format(1.25, 0.98), SHOWN.format(12.5, 0.98), True),
        (SHOWN.format(1.25, 0.98), SHOWN.format(1.25, 0.97), False),
        ("dense   9.3 s, accuracy 0.93", "dense  10.1 s, accuracy 0.93", True),
        ("at http://127.0.0.1:33689, 323 requests per second", "at http://127.0.0.1:34, 9 requests per second", True),
        ("rows: 14.1", "rows: 14.2", False),
    ],
)
def test_running_it_again_changes_only_what_is_no_measurement(build, before, after, stays):
    stored, _ = build(SOURCE, shown=before)
    again, ran = build(SOURCE, "--run", shown=after)
    assert ran and (again == stored) == stays
