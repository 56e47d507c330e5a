"""Packages that are missing or cannot be loaded: their names, and how to install them for this Python."""

import os
import shlex
import subprocess
import sys

from handwriting.errors import first_line

#: Not `python`: that is often another one, where installing changes nothing for this one.
PIP = f"{shlex.quote(sys.executable) if os.name != 'nt' else subprocess.list2cmdline([sys.executable])} -m pip install"
#: The workshop's name is not asked for on the internet, where it may be anybody's.
INSTALL = f'Run in the workshop\'s folder: {PIP} ".[run,serve,lab]"'
#: The modules of packages that have other names.
MODULES = {"ipython": "IPython", "pillow": "PIL", "pyyaml": "yaml", "scikit-learn": "sklearn"}


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
    return f'The package "{package}" cannot be loaded ({first_line(error)}). Run: {PIP} --force-reinstall {package}'
