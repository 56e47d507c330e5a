"""Packages that are needed, are missing or cannot be loaded, and how to install them for this Python."""

import os
import shlex
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, requires, version

from handwriting.errors import first_line

#: Not `python`: that is often another one, where installing changes nothing for this one.
PIP = f"{shlex.quote(sys.executable) if os.name != 'nt' else subprocess.list2cmdline([sys.executable])} -m pip install"
#: The workshop's name is not asked for on the internet, where it may be anybody's.
INSTALL = f'Run in the workshop\'s folder: {PIP} ".[run,serve,lab]"'
#: The modules of packages that have other names.
MODULES = {"ipython": "IPython", "pillow": "PIL", "pyyaml": "yaml", "scikit-learn": "sklearn"}

#: Imports modules, with a line for each: what is wrong with it.
IMPORT = """
import importlib, sys
answers, sys.stdout = sys.stdout, sys.stderr
sys.modules["rfc3987_syntax"] = None  # see workshop.skip_iri_grammar
for module in sys.argv[1:]:
    try:
        importlib.import_module(module)
        print(file=answers, flush=True)
    except Exception as error:
        print(type(error).__name__, *str(error).split(), file=answers, flush=True)
"""


def module_of(package):
    """Return the name of a package's module."""
    return MODULES.get(package.lower(), package.replace("-", "_"))


def needed(error):
    """Return a sentence on the package that an ImportError is about, and what to do."""
    end = error.__traceback__
    while end.tb_next:
        end = end.tb_next
    module = (error.name or end.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
    package = next((name for name, found in MODULES.items() if found == module), module)
    if isinstance(error, ModuleNotFoundError):
        return f'The package "{package}" is missing. {INSTALL}'
    if package in ("", "handwriting", "workshop"):
        return f"The workshop's packages do not fit each other ({first_line(error)}). {INSTALL}"
    return f'The package "{package}" cannot be loaded ({first_line(error)}). Run: {PIP} --force-reinstall {package}'


def needs(package, extra=""):
    """Return what a package, or an extra of it, needs: rows of (requirement, installed version, whether it fits)."""
    from packaging.requirements import Requirement

    try:
        declared = [Requirement(text) for text in requires(package) or []]
    except PackageNotFoundError:
        return [(package, None, False)]
    rows = []
    for need in declared:
        of_base, of_extra = (need.marker is None or need.marker.evaluate({"extra": name}) for name in ("", extra))
        if of_extra and not (extra and of_base):
            try:
                found = version(need.name)
            except Exception:  # it is not there, or its metadata is damaged: that differs between Pythons
                found = None
            fits = found is not None and need.specifier.contains(found, prereleases=True)
            rows.append((f"{need.name}{need.specifier}", found, fits))
    return rows


def cannot_load(packages, timeout):
    """Return those packages that cannot be imported, and why; in another process, which one of them can end."""
    command = [sys.executable, "-c", IMPORT, *map(module_of, packages)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "timeout": timeout, "cwd": sys.prefix}
    try:
        done = subprocess.run(command, text=True, errors="replace", **options)
    except subprocess.TimeoutExpired:
        return {}  # the machine is slow, as TensorFlow's check says
    reasons = done.stdout.splitlines() + [f"exit status {done.returncode}"] * bool(done.returncode)
    return {package: reason for package, reason in zip(packages, reasons, strict=False) if reason}
