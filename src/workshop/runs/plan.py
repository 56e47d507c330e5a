"""The notebooks of the series: find them, read their parameters, and plan runs of them."""

import ast
import re
import unicodedata
from pathlib import Path, PurePath

from handwriting.errors import ParameterError, RecordError
from handwriting.parameters import PARAMETERS, check_names, nearest, taken
from handwriting.paths import given_path, notebooks_folder
from workshop.runs import SERIES, output_location
from workshop.runs.execute import READY, Run, is_ours
from workshop.runs.untrusted_files import as_nbformat

STAGES = SERIES[:6]  # from the raw images to the test
#: Notebooks that wait for the network that stage 5 saves, and that stage.
WAITS, TRAINS = ("06_evaluate", "07_own_handwriting", "10_share"), "05_train"


def choose(names):
    """Return the notebooks with these names: each the beginning of one ("05", "05_train"), a path or an address.

    No names mean the six stages. They are in the series' order, each once, those from elsewhere last.
    """
    known = sorted(notebooks_folder().glob("[0-9]*.ipynb"))
    chosen = set()
    for name in names or STAGES:
        given = Path(name.zfill(2) if name.isdigit() else name)  # 5 means 05
        start = given.name.removesuffix(".ipynb")
        fitting = [path for path in known if name and path.stem.startswith(start)]
        ours = [path for path in fitting if path.stem in SERIES]
        fitting = [path for path in fitting if path.stem == start] or ours or fitting  # not a copy, unless it is named
        if output_location.is_remote(name):
            chosen.add(name)
        elif given.suffix == ".ipynb" and given_path(given, ParameterError).is_file():
            chosen.add(given_path(given).resolve())
        elif len(fitting) == 1 and given.name == str(given):
            chosen.add(fitting[0])
        else:
            valid = [path.stem for path in known]
            reason = "matches several notebooks" if len(fitting) > 1 else "is not a notebook"
            raise ParameterError(f'"{name}" {reason}.{nearest(name, valid)} Valid: {", ".join(valid)}, or a path.')
    return [path for path in known if path in chosen] + sorted(chosen.difference(known), key=str)


def opened(notebook):
    """Return a notebook as nbformat has it; raise ParameterError if it is not there or not a notebook."""
    text = output_location.read(str(notebook))
    if text is None:
        raise ParameterError(f"There is no notebook at {notebook}. Check the address.")
    try:
        if text.startswith("\ufeff"):  # papermill takes none
            raise RecordError("it begins with a byte order mark (BOM). Save it as UTF-8 without one")
        return as_nbformat(text)
    except RecordError as error:
        raise ParameterError(f"{notebook} cannot be read as a notebook: {error}.") from None


def parameters_of(notebook):
    """Return a notebook's parameters: name to "default" (as text) and "help", the comment beside it.

    Papermill's own function for this takes no line with a second "=", and no notebook that names no kernel.
    """
    tagged = (cell.source for cell in opened(notebook).cells if "parameters" in cell.metadata.get("tags", []))
    source = re.sub("^[ \t]*[%!].*", "", next(tagged, ""), flags=re.MULTILINE)  # without IPython's commands
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise ParameterError(f"The parameters of {notebook} are not valid Python ({error}).") from None
    except (RecursionError, MemoryError):
        raise ParameterError(f"The parameters of {notebook} are too long or too deep to be read.") from None
    lines, found = source.split("\n"), {}
    for statement in statements:
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        for name in [target.id for target in targets if isinstance(target, ast.Name)]:
            if getattr(statement, "value", None):
                rest = lines[statement.end_lineno - 1].encode()[statement.end_col_offset :].decode()
                default = " ".join(ast.get_source_segment(source, statement.value).split())
                found[name] = {"default": default, "help": rest.partition("#")[2].strip()}
    return found


def data_of(own, given):
    """Return which data a notebook with these `parameters_of` reads: what it is given, else what its own cell names.

    None if it has no such parameter, or if its cell has something else, such as a path.
    """
    named = own["data"]["default"].strip("\"'") if "data" in own else None
    return given.get("data", named if named in PARAMETERS["data"].choices else None)


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
            raise ParameterError(f"{notebook}: the workshop itself writes a file with that name. Rename the notebook.")
        if stem in stems:
            raise ParameterError(f"{stems[stem]} and {notebook} would be written to the same file. Rename one of them.")
        stems[stem] = notebook


def check_output(source, output):
    """Refuse to write a notebook over itself, or where a folder is; any other file in its place is kept."""
    same = not output_location.is_remote(source) and output.exists() and output.samefile(source)
    if same or output.is_dir():
        what = f"{source} would be written to the same file" if same else f"{output} is a folder"
        raise ParameterError(f"{what}. Choose another folder for the output.")


def plan(notebooks, settings, output, lean=False):
    """Return a `Run` for each notebook from `choose`, with those of the settings that it has, before anything runs.

    `settings` are values, by name; `output` is the folder for executed notebooks; `lean` leaves out cells that do not
    contribute to the result. Raise ParameterError for a parameter that none of the notebooks has, a value that it does
    not take, or an output that would overwrite something else.
    """
    has = {notebook: parameters_of(notebook) for notebook in notebooks}
    check_names(settings, {name for names in has.values() for name in names})
    values = {name: absolute(name, taken(name, value)) for name, value in settings.items()}
    check_file_names(notebooks, ("index", "glossary", "report"))
    first = [PurePath(notebook).stem for notebook in notebooks if prepares(notebook)]
    runs, names = [], sorted(PurePath(notebook).name for notebook in notebooks)
    for notebook in notebooks:
        parameters = {name: value for name, value in values.items() if name in has[notebook]}
        target = output / PurePath(notebook).name
        check_output(notebook, target)
        waits_for = first if waits(notebook) else ()
        data = data_of(has[notebook], parameters)
        runs.append(Run(notebook, target, parameters, waits_for=waits_for, lean=lean, data=data, notebooks=names))
    return runs


def absolute(name, value):
    """Return a parameter's value; if it is a path that exists, as one that a kernel in any folder finds."""
    if name not in ("data", "photo") or value in (*PARAMETERS[name].choices, PARAMETERS[name].default):
        return value  # a folder "letters" beside you is not the data of that name
    path = given_path(value, ParameterError)
    return str(path.resolve()) if path.exists() else value
