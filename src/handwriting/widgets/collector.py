"""A pad that collects drawings with their labels, as images in folders. Its front end is `collector.js`."""

import unicodedata

from handwriting.arguments import takes, whole
from handwriting.data.class_folders import NOT_CLASSES, SUFFIXES
from handwriting.errors import ScanError, UserError
from handwriting.paths import given_path
from handwriting.text import LONGEST, check_names, clean, shown
from handwriting.widgets.canvas import HOW, content_image, draw, pad_figure
from handwriting.widgets.output import PadOutput

LETTER = [[180, 860, 330, 520, 480, 150, 620, 520, 800, 870], [270, 640, 720, 630]]
FORBIDDEN = frozenset('/\\:*?"<>|')  # not allowed in a file's name on some operating systems
NOTHING = "Nothing was kept since this cell was run, so there is nothing to delete."
DEVICES = {"CON", "CONIN$", "CONOUT$", "PRN", "AUX", "NUL"}
DEVICES |= {f"{port}{number}" for port in ("COM", "LPT") for number in "123456789¹²³"}


class HandwritingCollector(PadOutput):
    """A pad to draw on that keeps each drawing under its label, as a PNG: folder/A/001.png.

    Show it as the last line of a cell. `handwriting.load.load_folder` reads the folder. Made again with the same
    folder, it continues where it stopped.

    Parameters
    ----------
    labels : str or sequence of str
        What is to be drawn; "ABC" is three letters. Each label is a folder's name.
    folder : str or path
        Holds one folder per label. It stays on your machine.
    times : int
        How many drawings of each label are wanted; more are kept, too.

    Attributes
    ----------
    counts : dict of str to int
        How many images of each label are in the folder.
    kept : list of pathlib.Path
        The files that this collector wrote, the last one at the end.

    Raises
    ------
    ScanError
        If there are fewer than two labels, or one of them cannot be a folder's name.
    """

    words = "A pad that collects drawings."
    front_name = "collector"

    @takes(times=whole(1, 10_000))
    def __init__(self, labels="ABC", folder="my_letters", times=10):
        self.labels, self.folder = check_labels(labels), given_path(folder, ScanError)
        if self.folder.exists() and not self.folder.is_dir():
            raise ScanError(f"{self.folder} is a file. Choose a folder, such as my_letters.")
        self.times, self.kept, self.stamps = times, [], []
        self.answered = None, None  # the last question after which something was done, and its answer

    @property
    def counts(self):
        files = {label: (self.folder / label).glob("[!.]*") for label in self.labels}
        return {label: sum(path.suffix.lower() in SUFFIXES for path in found) for label, found in files.items()}

    def keep(self, image, label):
        """Keep an image, of any kind that `handwriting.scan.to_mnist` takes, under a label; return the file's path.

        Raises ScanError if there is no such label, no ink on the image, or nothing can be written there.
        """
        from handwriting.scan.drawings import as_png, keep_picture

        if not isinstance(label, str) or label not in self.labels:
            raise ScanError(f"There is no label {shown(label)} here. Labels: {', '.join(self.labels)}.")
        path = keep_picture(as_png(image), self.folder / label)
        self.kept.append(path)
        self.stamps.append(stamp(path))
        return path

    def take_back(self):
        """Delete the image that was kept last; return its path, or None if there is nothing to take back.

        Raises ScanError if there is another file now, or it cannot be deleted.
        """
        if not self.kept:
            return None
        path, kept = self.kept.pop(), self.stamps.pop()
        try:
            if path.exists() and stamp(path) != kept:
                raise ScanError(f"{clean(str(path), None)} was changed after it was saved, so it was not deleted.")
            path.unlink(missing_ok=True)
        except OSError as error:
            raise ScanError(f"{clean(str(path), None)} cannot be deleted ({error.strerror}).") from None
        return path

    def state(self):
        """Return the front end's values."""
        return {"names": list(self.labels), "counts": list(self.counts.values()), "times": self.times}

    def answer(self, content):
        """Answer the front end: `content` has `back`; or `keep`, a label's number, and what is drawn."""
        question, reply = self.answered
        if question is None or content.get("id") != question:  # else it is asked again, before the answer came
            reply = self.do(content)
            self.answered = content.get("id"), reply
        return reply

    def do(self, content):
        """Do what is asked, and return the answer."""
        if content.get("back"):
            path = self.take_back()
            return {"words": f"Deleted {clean(str(path), None)}." if path else NOTHING}
        whole(0, len(self.labels) - 1).check("keep", content.get("keep"))
        path = self.keep(content_image(content), self.labels[content["keep"]])
        return {"words": f"Saved as {clean(str(path), None)}. {self.progress()}", "kept": True}

    def progress(self):
        """Return a sentence on how many drawings are still wanted."""
        missing = sum(max(0, self.times - count) for count in self.counts.values())
        return f"{missing} to go." if missing else f"You have {self.times} of each. More are welcome."

    def figure(self, live=True):
        """Return the pad as a figure, with a letter on it, and how many drawings of each label are kept."""
        from handwriting.figures.style import describe

        counts = self.counts
        figure = pad_figure(
            {"your drawing": draw(LETTER)},
            "drawings saved so far",
            list(counts),
            list(counts.values()),
            [f"{count} of {self.times}" for count in counts.values()],
            1.2 * max(self.times, *counts.values()),
            live,
        )
        kept = ", ".join(f"{label}: {count}" for label, count in counts.items())
        return describe(figure, f"A pad with a letter A on it. Drawings saved so far: {kept}. {HOW[live]}")


def check_labels(labels):
    """Return labels as a tuple of class names, each of which can be a folder's on any computer; ScanError otherwise."""
    if not hasattr(labels, "__iter__"):
        raise ScanError(f'Give the labels, such as "ABC" or ["cat", "dog"], not {shown(labels)}.')
    names = tuple(unicodedata.normalize("NFC", str(label).strip()) for label in labels)
    for name in names:
        hidden = NOT_CLASSES.match(name) or name.endswith(".")
        if clean(name, None) != name or FORBIDDEN & set(name) or hidden or len(name.encode()) > LONGEST:
            raise ScanError(
                f"The label {shown(name)} cannot be a folder's name on every computer. Use up to {LONGEST} letters, "
                f"digits, spaces or dashes, without {' '.join(sorted(FORBIDDEN))} and without a dot at either end."
            )
        if name.upper().partition(".")[0] in DEVICES:
            raise ScanError(f"Windows reserves the name {name}. Choose another label.")
    try:
        check_names([name.casefold() for name in names])  # as `load_folder` does, on a disk that ignores case
    except UserError as error:
        raise ScanError(str(error)) from None
    return names


def stamp(path):
    """Return what differs between a file and another one of the same name: when it was written, and its size."""
    status = path.stat()
    return status.st_mtime_ns, status.st_size
