"""The notebooks of the series: find them, read their parameters, and plan runs of them."""

import ast
import os
import re
import unicodedata
from pathlib import Path, PurePath

import nbformat

from handwriting.errors import ParameterError, RecordError
from handwriting.parameters import PARAMETERS, check_names, nearest, taken
from handwriting.paths import given_path, notebooks_folder
from workshop.runs import output_location, untrusted_files
from workshop.runs.execute import READY, Run, is_ours
from workshop.runs.record import run_of
from workshop.runs.written import unchanged

__all__ = [
    "SERIES",
    "WAITS",
    "absolute",
    "as_typed",
    "check_file_names",
    "check_pages",
    "choose",
    "parameters_of",
    "plan",
    "waits",
]

#: The six stages.
SERIES = ("01_load", "02_visualize", "03_prepare", "04_build", "05_train", "06_evaluate")
#: Notebooks that wait for the network that stage 5 saves, and that stage.
WAITS, TRAINS = ("06_evaluate", "07_own_handwriting", "10_share"), "05_train"


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
        fitting = [path for path in known if name and path.stem.startswith(given.name.removesuffix(".ipynb"))]
        if output_location.is_remote(name):
            chosen.add(name)
        elif given.suffix == ".ipynb" and given_path(given, ParameterError).is_file():
            chosen.add(given_path(given).resolve())
        elif len(fitting) == 1 and given.name == str(given):
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


def opened(notebook):
    """Return a notebook as nbformat has it; raise ParameterError if it is not there or not a notebook."""
    text = output_location.read(str(notebook))
    if text is None:
        raise ParameterError(f"There is no notebook at {notebook}. Is the address right?")
    try:
        return nbformat.reads(text, as_version=4)
    except Exception as error:  # there are many ways not to be a notebook
        raise ParameterError(f"{notebook} cannot be read as a notebook ({type(error).__name__}).") from None


def parameters_of(notebook):
    """Return a notebook's parameters: name to "default" (as text) and "help", the comment beside it.

    Raise ParameterError if it is not there, not a notebook, or its parameters are not Python. (Papermill's own function
    for this takes no line with a second "=", as in a comment or a text, and no notebook that names no kernel.)
    """
    tagged = (cell.source for cell in opened(notebook).cells if "parameters" in cell.metadata.get("tags", []))
    source = re.sub("^[ \t]*[%!].*", "", next(tagged, ""), flags=re.MULTILINE)  # without IPython's commands
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise ParameterError(f"The parameters of {notebook} are not valid Python ({error}).") from None
    lines, found = source.split("\n"), {}
    for statement in statements:
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        for name in [target.id for target in targets if isinstance(target, ast.Name)]:
            if getattr(statement, "value", None):
                rest = lines[statement.end_lineno - 1].encode()[statement.end_col_offset :].decode()
                default = " ".join(ast.get_source_segment(source, statement.value).split())
                found[name] = {"default": default, "help": rest.partition("#")[2].strip()}
    return found


def prepares(notebook):
    """Return whether a notebook saves the network that others wait for, whatever its name."""
    tags = (cell.metadata.get("tags", []) for cell in opened(notebook).cells)
    return PurePath(notebook).stem == TRAINS or any(READY in several for several in tags)


def waits(notebook):
    """Return whether a notebook waits for the network that stage 5 saves; a copy with another name does, too."""
    if PurePath(notebook).stem in WAITS:
        return True
    return not is_ours(notebook) and "work_dir" in parameters_of(notebook) and not prepares(notebook)


def check_file_names(notebooks, reserved):
    """Refuse notebooks whose files would overwrite each other's, or those with `reserved` names that we write."""
    stems = {}
    for notebook in notebooks:
        # Some systems do not tell small letters from capitals, or two ways to write an accent.
        stem = unicodedata.normalize("NFC", PurePath(notebook).stem).casefold()
        if stem in reserved:
            raise ParameterError(f"{notebook}: the workshop itself writes a file of that name. Rename the notebook.")
        if stem in stems:
            raise ParameterError(f"{stems[stem]} and {notebook} would be written to the same file. Rename one of them.")
        stems[stem] = notebook


def check_output(source, output):
    """Refuse to write a notebook where a file is that no run has written: nothing of a person's is overwritten."""
    if not os.path.lexists(output):
        return
    if not output_location.is_remote(source) and output.exists() and output.samefile(source):
        raise ParameterError(f"{source} would be written to the same file. Choose another folder for the output.")
    try:
        found = untrusted_files.read_notebook(output, os.path.realpath(output.parent))
        reason = "" if run_of(found) else "no run has written it"
    except RecordError as error:
        reason = str(error)
    if reason:
        raise ParameterError(f"{output} would be overwritten, but {reason}. Choose another folder for the output.")


def check_pages(runs, output):
    """Refuse to write the pages of runs where others are: a run leaves a notebook beside each, and two pages more."""
    beside = {run.output.with_suffix(".html"): run.output for run in runs}
    index, glossary = output / "index.html", output / "glossary.html"
    beside |= {index: glossary, glossary: glossary if unchanged(glossary) else index}
    for page, other in beside.items():
        if os.path.lexists(page) and not other.exists():
            raise ParameterError(
                f"{page} would be overwritten, but no run has written it. Choose another folder for the output."
            )


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
        For a parameter that none of the notebooks has, a value that it does not take, or an output that would
        overwrite something else.
    """
    has = {notebook: parameters_of(notebook) for notebook in notebooks}
    check_names(settings, {name for names in has.values() for name in names})
    values = {name: absolute(name, taken(name, value)) for name, value in settings.items()}
    check_file_names(notebooks, ("index", "glossary", "report"))
    first = [PurePath(notebook).stem for notebook in notebooks if prepares(notebook)]
    runs = []
    for notebook in notebooks:
        parameters = {name: value for name, value in values.items() if name in has[notebook]}
        target = output / PurePath(notebook).name
        check_output(notebook, target)
        runs.append(Run(notebook, target, parameters, waits_for=first if waits(notebook) else (), lean=lean))
    return runs


def absolute(name, value):
    """Return a parameter's value; if it is a path that exists, as one that a kernel in any folder finds."""
    if name not in ("data", "photo") or value in (*PARAMETERS[name].choices, PARAMETERS[name].default):
        return value  # a folder "letters" beside you is not the data of that name
    path = given_path(value, ParameterError)
    return str(path.resolve()) if path.exists() else value
