"""What was done so far: a small file in the work folder, which is never sent anywhere."""

import json
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from handwriting.errors import AddressError
from handwriting.parameters import PARAMETERS
from handwriting.paths import move_aside, read_file, write_text
from handwriting.text import clean

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None
    import msvcrt

LARGEST = 1_000_000  # bytes: a hundred times what all exercises need
WAIT = 2  # seconds for another notebook, which needs milliseconds
RENAMED = {
    "load.numbers_in_picture": "load.numbers_per_image",
    "visualize.average_picture": "visualize.average_image",
    "visualize.field_number": "visualize.subplot_position",
    "prepare.names_not_numbers": "prepare.why_one_hot",
    "prepare.which_part": "prepare.which_images",
    "evaluate.read_answer": "evaluate.predicted_class",
    "share.rubbish": "share.bad_request",
    "share.private_notes": "share.private_drawings",
    "stronger_network.map_shape": "stronger_network.feature_map_shape",
}


class ProgressFile:
    """The file in which exercises note each attempt; `folder`, the work folder, may be changed later."""

    def __init__(self, folder):
        self.folder = folder

    @property
    def path(self):
        """The file, which need not exist."""
        return Path(self.folder) / "practice.json"

    def read(self):
        """Return {name: {"right": bool, "tries": int}}; empty without a file, or with a damaged one.

        For predictions, "chosen" has the letters that were chosen, one after the other. What else is there stays; what
        somebody else wrote as "chosen" is "not read" then.
        """
        found = self.content()
        return found[0] if found else {}

    def content(self):
        """Return the exercises in the file, as `read` does, and what else is in it, by name.

        None if it cannot be read, or is not a file of exercises.
        """
        if not os.path.exists(self.path):  # noqa: PTH110 - nor where the folder may not be looked into
            return {}, {}
        found, others = {}, {}
        try:
            entries = json.loads(read_file(self.path, LARGEST).decode("utf-8-sig")).items()
        except (AddressError, ValueError, AttributeError, RecursionError):
            return None
        for name, one in entries:
            before = found.get(current_name(name), {"right": False, "tries": 0})
            try:
                now = {"right": before["right"] or bool(one["right"]), "tries": before["tries"] + tries_in(one)}
            except (TypeError, KeyError):
                others[name] = one
                continue
            if not isinstance(one.get("chosen", ""), str):
                now |= {"chosen": before.get("chosen", ""), "not read": one["chosen"]}
            found[current_name(name)] = before | one | now
        return (found, others) if found or not others else None

    def write(self, noted):
        """Write what `read` returns; raise OSError where the folder takes no files.

        What is there and cannot be read gets another name, and one printed line says so.
        """
        content = self.content()
        if content is None:
            other = move_aside(self.path)
            print(
                f"{clean(str(self.path), None)} cannot be read. It is now {other.name}, and your progress starts again."
            )
        others = content[1] if content else {}
        write_text(self.path.resolve(), json.dumps(others | noted, indent=1))  # where a link leads

    @contextmanager
    def locked(self):
        """Keep other notebooks out while the file is read and written; OSError where the folder takes no files.

        One that does not end is not waited for longer than `WAIT`. A lock ends with the program that holds it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_name(".practice.lock").open("ab") as file:
            end = time.monotonic() + WAIT
            while is_held(file) and time.monotonic() < end:
                time.sleep(0.01)
            yield

    def note(self, name, right, chosen=""):
        """Note an attempt, and return whether that could be written. What was right once stays done."""
        with suppress(OSError, RuntimeError), self.locked():  # the second is Python's for links in a circle
            noted = self.read()
            before = noted.get(name, {"right": False, "tries": 0})
            now = before | {"right": before["right"] or right, "tries": before["tries"] + 1}
            if chosen:
                now["chosen"] = before.get("chosen", "") + chosen
            self.write(noted | {name: now})
            return True
        return False

    @property
    def not_kept(self):
        """What to say where nothing can be written."""
        where = clean(str(self.folder), 120)
        return f"Your progress is not kept: nothing can be written in `{where}`. Use another folder as `work_dir`."


def tries_in(one):
    """Return how often an exercise was tried; once if its entry has something else there, so that it stays done."""
    try:
        return int(one.get("tries"))
    except (ValueError, TypeError, OverflowError):
        return 1


def current_name(name):
    """Return the name that an exercise has today; earlier versions, whose files are still read, had some others."""
    return RENAMED.get(name, name).replace(".one_knob", ".one_change")


def is_held(file):
    """Lock an open file until it is closed; return whether another one holds it. Where nothing can be locked: False."""
    try:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        else:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):
        return True
    except OSError:  # some network drives have no locks
        pass
    return False


#: The one that all exercises use; `handwriting.practice.progress(work_dir)` changes its folder.
progress_file = ProgressFile(PARAMETERS["work_dir"].default)
