"""Notebooks without the state of widgets, which only the session that ran them could show, or without any output."""


def without_widgets(notebook):
    """Return a notebook without what only the session that ran it could show live; the images beside it stay."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for mime in [mime for mime in output.get("data", {}) if mime.startswith("application/vnd.jupyter.widget")]:
                del output.data[mime]
    return notebook


def without_outputs(notebook):
    """Return a notebook as nobody has run it."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook
