"""What was done so far: a small file in the work folder, which is sent nowhere."""

import json
from contextlib import suppress
from pathlib import Path

from handwriting.parameters import PARAMETERS
from handwriting.paths import write_text

__all__ = ["ProgressFile", "progress_file"]


class ProgressFile:
    """The file in which exercises note each try.

    Parameters
    ----------
    folder : str or path
        The work folder; it may be changed later.
    """

    def __init__(self, folder):
        self.folder = folder

    @property
    def path(self):
        """The file, which need not exist."""
        return Path(self.folder) / "practice.json"

    def read(self):
        """Return {exercise: (right, tries)}; empty without a file, or with a damaged one."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return {name: (bool(one["right"]), int(one["tries"])) for name, one in content.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def write(self, noted):
        """Write what `read` returns. Raises OSError where the folder takes no files."""
        content = {name: {"right": right, "tries": tries} for name, (right, tries) in noted.items()}
        write_text(self.path, json.dumps(content, indent=1))

    def note(self, name, right):
        """Note a try. What was right once stays done; where nothing can be written, nothing is noted."""
        noted = self.read()
        before, tries = noted.get(name, (False, 0))
        with suppress(OSError):
            self.write(noted | {name: (before or right, tries + 1)})


#: The one that all exercises use; `handwriting.practice.progress(work_dir)` changes its folder.
progress_file = ProgressFile(PARAMETERS["work_dir"].default)
