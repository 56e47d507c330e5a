"""nbformat, without the grammar for web addresses that it would load: 1.5 s, and no notebook needs it."""

import sys

sys.modules.setdefault("rfc3987_syntax", None)

import nbformat

__all__ = ["nbformat", "without_widgets"]


def without_widgets(notebook):
    """Take out what only the session that ran a notebook could show live; the pictures beside it stay.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Changed in place, and returned.
    """
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for kind in [kind for kind in output.get("data", {}) if kind.startswith("application/vnd.jupyter.widget")]:
                del output.data[kind]
    return notebook
