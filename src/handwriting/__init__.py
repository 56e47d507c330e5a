"""Helpers of the Handwriting Recognition workshop: one module per stage, named after the stage.

`load`, `visualize`, `prepare`, `build`, `train` and `evaluate` hold what would distract in a notebook's
cells. `setup` is the one call that every notebook makes first.
"""

import sys
from importlib.metadata import PackageNotFoundError, version

from handwriting.session import replace_unprintable, setup

__all__ = ["setup", "__version__"]

try:
    __version__ = version("handwriting")
except PackageNotFoundError:  # imported from a folder of sources that was never installed
    __version__ = "0 (not installed)"

replace_unprintable(sys.stdout)  # on some terminals, "·" or a person's file name would end a program
