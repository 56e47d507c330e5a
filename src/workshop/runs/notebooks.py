"""The notebooks of the series: find them, check their parameters, plan runs, and run one with several values."""

import os
import tempfile
from pathlib import Path

from handwriting.errors import ParameterError
from workshop.notebook_file import nbformat  # isort: split

import papermill
import psutil

from handwriting.parameters import check_names, nearest, taken
from handwriting.paths import notebooks_folder
from handwriting.results import Rows
from workshop.runs import addresses as storage
from workshop.runs.combinations import Grid, run_name, values_of
from workshop.runs.execute import Run, run_all

__all__ = ["SERIES", "choose", "parameters_of", "plan", "run", "usual_workers"]

#: The six stages.
SERIES = ("01_load", "02_visualize", "03_prepare", "04_build", "05_train", "06_evaluate")
#: Bytes of memory for a notebook: a kernel's peak is about 1.1 GB with the usual settings.
MEMORY = 1.5e9
#: Who must wait for whom: they use the network that 05 saves.
WAITS = dict.fromkeys(("06_evaluate", "07_own_handwriting", "10_share"), ("05_train",))


def choose(names):
    """Find the notebooks that the names mean.

    Parameters
    ----------
    names : sequence of str
        Each the beginning of a name ("05", "05_train"), a path, or an address such as s3://bucket/own.ipynb; none
        means the six stages.

    Returns
    -------
    list of pathlib.Path
        In the series' order, each once; notebooks from elsewhere last.

    Raises
    ------
    ParameterError
        For a name that fits no notebook.
    """
    folder = notebooks_folder()
    known = sorted(folder.glob("[0-9]*.ipynb"))
    chosen = []
    for name in names or SERIES:
        given = Path(name.zfill(2) if name.isdigit() else name)  # 5 means 05
        fitting = [path for path in known if path.stem.startswith(given.name.removesuffix(".ipynb"))]
        if storage.is_remote(name):
            chosen.append(fetched(name))
        elif given.suffix == ".ipynb" and given.is_file():
            chosen.append(given.resolve())
        elif name and len(fitting) == 1 and given.name == str(given):
            chosen.append(fitting[0])
        else:
            valid = [path.stem for path in known]
            reason = "fits several notebooks" if len(fitting) > 1 else "is no notebook"
            raise ParameterError(f'"{name}" {reason}.{nearest(name, valid)} Valid: {", ".join(valid)}, or a path.')
    chosen = list(dict.fromkeys(chosen))
    return sorted(chosen, key=lambda path: (path not in known, path.name if path in known else ""))


def fetched(address):
    """A notebook from an address, as a file that lives as long as this process."""
    text = storage.read(address)
    if text is None:
        raise ParameterError(f"There is no notebook at {address}. Is the address right?")
    if address not in from_addresses:
        from_addresses[address] = tempfile.TemporaryDirectory(prefix="handwriting-")
    path = Path(from_addresses[address].name, address.rpartition("/")[2])
    storage.write(str(path), text)
    return path


from_addresses = {}  # address -> the folder that its notebook was put into


def as_typed(path):
    """A notebook as people name it on the command line."""
    for address, folder in from_addresses.items():
        if path.parent == Path(folder.name):
            return address
    return path.stem if path.parent == notebooks_folder() else str(path)


def parameters_of(path):
    """The parameters of a notebook, as papermill reads them.

    Parameters
    ----------
    path : pathlib.Path

    Returns
    -------
    dict
        Name to papermill's description: "default" (as text), "help".
    """
    try:
        notebook = nbformat.read(path, as_version=4)
        # Not every program that writes notebooks says that they are in Python; papermill wants to know.
        notebook.metadata.setdefault("kernelspec", {}).setdefault("language", "python")
        return papermill.inspect_notebook(notebook)
    except Exception as error:  # whatever it is, it is no notebook
        raise ParameterError(f"{path} cannot be read as a notebook ({type(error).__name__}).") from None


def plan(paths, settings, output):
    """Decide what to run with which parameters, before anything runs.

    Parameters
    ----------
    paths : sequence of pathlib.Path
    settings : dict of str to str
        Parameters as given on the command line. Each notebook gets those that it has.
    output : pathlib.Path
        Folder for the executed notebooks.

    Returns
    -------
    list of Run

    Raises
    ------
    ParameterError
        For a parameter that none of the notebooks has, or a value that it does not take.
    """
    has = {path: parameters_of(path) for path in paths}
    valid = {name for names in has.values() for name in names}
    check_names(settings, valid)
    values = {name: from_anywhere(name, taken(name, value)) for name, value in settings.items()}
    runs = []
    for path in paths:
        mine = {name: value for name, value in values.items() if name in has[path]}
        runs.append(Run(path, output / path.name, mine, waits_for=WAITS.get(path.stem, ())))
    outputs = [run.output for run in runs]
    if len(set(outputs)) < len(outputs) or any(run.output == run.source for run in runs):
        raise ParameterError("Two notebooks would be written to the same file. Choose another --output.")
    return runs


def from_anywhere(name, value):
    """A path as parameter, such that it leads to the same file from the folder where a kernel runs."""
    here = name in ("data", "photo") and Path(value).expanduser().exists()
    return str(Path(value).expanduser().resolve()) if here else value


def usual_workers():
    """How many notebooks this machine runs at once: as many as it has cores, and 1.5 GB of memory for each."""
    return max(1, min(os.cpu_count() or 1, int(psutil.virtual_memory().available // MEMORY)))


def run(notebook, folder="my_work/runs", workers=None, **parameters):
    """Run a notebook with every combination of some values, and compare what comes out.

    Cells that have no part in the result (tagged `lean-skip`) are left out.

    Parameters
    ----------
    notebook : str
        Such as "05", or a path.
    folder : str or path
        Each run's notebook lands in a folder there, named after its parameters; what was there is replaced.
    workers : int, optional
        Runs at once; as many as this machine allows if nothing is said.
    **parameters
        Each a value, or a list of values.

    Returns
    -------
    handwriting.results.Rows
        One row for each run: its parameters, its measures, and where its notebook is.

    Raises
    ------
    ParameterError
        For a notebook, a parameter or a value that is not there, before anything runs.
    """
    (path,) = choose([notebook])
    grid = Grid({name: values_of(name, value) for name, value in parameters.items()})
    check_names(grid.values, parameters_of(path))
    runs = []
    for values in grid:
        home = Path(folder).resolve() / run_name(values)
        home.mkdir(parents=True, exist_ok=True)
        (planned,) = plan([path], values, home)
        # Two runs of one notebook are two nodes of one plan: told apart by where they land.
        planned.lean = True
        runs.append((values, planned))
    run_all([planned for _, planned in runs], workers or usual_workers())
    varied = [name for name, several in grid.values.items() if len(several) > 1]
    return Rows([{**values, **row_of(planned)} for values, planned in runs], varied)


def row_of(run):
    """What a run gave, for a table."""
    measures = {key: value for key, value in (run.result or {}).items() if isinstance(value, (int, float))}
    state = {} if run.state == "done" else {"error": f"{run.state}: {run.error}"}
    return {**measures, **state, "seconds": round(run.seconds, 1), "notebook": str(run.output)}
