"""The notebooks of the series: find them, read their parameters, and plan runs of them."""

from pathlib import Path, PurePath

import nbformat
import papermill

from handwriting.errors import ParameterError
from handwriting.parameters import PARAMETERS, check_names, nearest, taken
from handwriting.paths import given_path, notebooks_folder
from workshop.runs import output_location
from workshop.runs.execute import Run

__all__ = ["SERIES", "WAITS", "absolute", "as_typed", "choose", "parameters_of", "plan"]

#: The six stages.
SERIES = ("01_load", "02_visualize", "03_prepare", "04_build", "05_train", "06_evaluate")
#: Which notebooks wait for which: they use the network that 05 saves.
WAITS = dict.fromkeys(("06_evaluate", "07_own_handwriting", "10_share"), ("05_train",))


def choose(names):
    """Find the notebooks with these names.

    Parameters
    ----------
    names : sequence of str
        Each the beginning of a name ("05", "05_train"), a path, or an address such as s3://bucket/own.ipynb; none
        means the six stages.

    Returns
    -------
    list of pathlib.Path, or str for an address
        In the series' order, each once; notebooks from elsewhere last.

    Raises
    ------
    ParameterError
        For a name that fits no notebook.
    """
    known = sorted(notebooks_folder().glob("[0-9]*.ipynb"))
    chosen = set()
    for name in names or SERIES:
        given = Path(name.zfill(2) if name.isdigit() else name)  # 5 means 05
        fitting = [path for path in known if path.stem.startswith(given.name.removesuffix(".ipynb"))]
        if output_location.is_remote(name):
            chosen.add(name)
        elif given.suffix == ".ipynb" and given.is_file():
            chosen.add(given.resolve())
        elif name and len(fitting) == 1 and given.name == str(given):
            chosen.add(fitting[0])
        else:
            valid = [path.stem for path in known]
            reason = "fits several notebooks" if len(fitting) > 1 else "is not a notebook"
            raise ParameterError(f'"{name}" {reason}.{nearest(name, valid)} Valid: {", ".join(valid)}, or a path.')
    return [path for path in known if path in chosen] + sorted(chosen.difference(known), key=str)


def as_typed(notebook):
    """Return a notebook's name as people type it on the command line."""
    inside = isinstance(notebook, Path) and notebook.parent == notebooks_folder()
    return notebook.stem if inside else str(notebook)


def parameters_of(notebook):
    """Return a notebook's parameters as papermill reads them: name to "default" (as text), "help" and so on.

    Raise ParameterError if it is not there or not a notebook.
    """
    text = output_location.read(str(notebook))
    if text is None:
        raise ParameterError(f"There is no notebook at {notebook}. Is the address right?")
    try:
        node = nbformat.reads(text, as_version=4)
        # Not every program that writes notebooks says that they are in Python; papermill needs to know.
        node.metadata.setdefault("kernelspec", {}).setdefault("language", "python")
        return papermill.inspect_notebook(node)
    except Exception as error:  # there are many ways not to be a notebook
        raise ParameterError(f"{notebook} cannot be read as a notebook ({type(error).__name__}).") from None


def plan(notebooks, settings, output, lean=False):
    """Decide what to run with which parameters, before anything runs.

    Parameters
    ----------
    notebooks : sequence of pathlib.Path or str
        From `choose`.
    settings : dict of str to str
        Parameters as given on the command line. Each notebook gets those that it has.
    output : pathlib.Path
        Folder for the executed notebooks.
    lean : bool
        Whether cells that do not contribute to the result are left out.

    Returns
    -------
    list of Run

    Raises
    ------
    ParameterError
        For a parameter that none of the notebooks has, or a value that it does not take.
    """
    has = {notebook: parameters_of(notebook) for notebook in notebooks}
    check_names(settings, {name for names in has.values() for name in names})
    values = {name: absolute(name, taken(name, value)) for name, value in settings.items()}
    runs = []
    for notebook in notebooks:
        parameters = {name: value for name, value in values.items() if name in has[notebook]}
        file = PurePath(notebook)
        runs.append(Run(notebook, output / file.name, parameters, waits_for=WAITS.get(file.stem, ()), lean=lean))
    outputs = [run.output for run in runs]
    if len(set(outputs)) < len(outputs) or any(run.output == run.source for run in runs):
        raise ParameterError("Two notebooks would be written to the same file. Choose another --output.")
    return runs


def absolute(name, value):
    """Return a parameter's value; if it is a path that exists, as one that a kernel in any folder finds."""
    if name not in ("data", "photo") or value in (*PARAMETERS[name].choices, PARAMETERS[name].default):
        return value  # a folder "letters" beside you is not the data of that name
    path = given_path(value, ParameterError)
    return str(path.resolve()) if path.exists() else value
