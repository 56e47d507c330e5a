"""What was done so far: a small file in the work folder, which is never sent anywhere."""

import json
from contextlib import suppress
from pathlib import Path

from handwriting.parameters import PARAMETERS
from handwriting.paths import write_text

__all__ = ["ProgressFile", "progress_file"]


class ProgressFile:
    """The file in which exercises note each attempt; `folder`, the work folder, may be changed later."""

    def __init__(self, folder):
        self.folder = folder

    @property
    def path(self):
        """The file, which need not exist."""
        return Path(self.folder) / "practice.json"

    def read(self):
        """Return {exercise: {"right": bool, "tries": int}}; empty without a file, or with a damaged one."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return {name: {"right": bool(one["right"]), "tries": int(one["tries"])} for name, one in content.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def write(self, noted):
        """Write what `read` returns; raise OSError where the folder takes no files."""
        write_text(self.path, json.dumps(noted, indent=1))

    def note(self, name, right):
        """Note an attempt. What was right once stays done; where nothing can be written, nothing is noted."""
        noted = self.read()
        before = noted.get(name, {"right": False, "tries": 0})
        with suppress(OSError):
            self.write(noted | {name: {"right": before["right"] or right, "tries": before["tries"] + 1}})


#: The one that all exercises use; `handwriting.practice.progress(work_dir)` changes its folder.
progress_file = ProgressFile(PARAMETERS["work_dir"].default)
