"""A pad that collects drawings with their labels, as pictures in folders. Its front end is `collector.js`."""

import unicodedata
from pathlib import Path

from handwriting.errors import ScanError, UserError
from handwriting.widgets.sheet import BARS, Output, draw, drawn

__all__ = ["ScanError", "HandwritingCollector"]

LETTER = [[180, 860, 330, 520, 480, 150, 620, 520, 800, 870], [270, 640, 720, 630]]
NO_NAME = frozenset('/\\:*?"<>|')  # what some computer does not take in a file's name
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(1, 10))}
LONGEST = 60  # letters of a label
MOST = 256  # labels: as many as a Dataset can number


class HandwritingCollector(Output):
    """A pad to draw on that keeps each drawing under its label, as a PNG: folder/A/001.png.

    Show it as the last line of a cell. `handwriting.load.load_folder` reads what it kept. Made again with the same
    folder, it goes on where it was.

    Parameters
    ----------
    labels : str or sequence of str
        What is to be drawn; "ABC" is three letters. Each label is a folder's name.
    folder : str or path
        Takes one folder per label. It stays on your machine.
    times : int
        How many drawings of each label are wanted; more are kept, too.

    Attributes
    ----------
    counts : dict of str to int
        How many pictures of each label are in the folder.
    kept : list of pathlib.Path
        The files that this collector wrote, the last one at the end.

    Raises
    ------
    ScanError
        If there are not at least two labels, or one of them cannot be a folder's name.
    """

    words = (
        "A pad that collects drawings. Run this cell in JupyterLab or Colab to draw; "
        "it needs anywidget (pip install anywidget)."
    )
    front_name = "collector"

    def __init__(self, labels="ABC", folder="my_letters", times=10):
        self.labels, self.folder = check_labels(labels), Path(folder).expanduser()
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 10_000:
            raise ScanError(f"times says how many drawings of each are wanted: 1 to 10000, not {times!r}.")
        if self.folder.exists() and not self.folder.is_dir():
            raise ScanError(f"{self.folder} is a file. Name a folder, such as my_letters.")
        self.times, self.kept = times, []

    @property
    def counts(self):
        return {label: count_pictures(self.folder / label) for label in self.labels}

    def keep(self, image, label):
        """Keep a picture under a label.

        Parameters
        ----------
        image : as for `handwriting.scan.to_mnist`
        label : str

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ScanError
            If there is no such label.
        ScanError
            If there is nothing to read on the picture, or nothing can be written there.
        """
        from handwriting.scan.drawings import keep_picture

        if label not in self.labels:
            raise ScanError(f"There is no label {label!r} here. Labels: {', '.join(self.labels)}.")
        self.kept.append(keep_picture(image, self.folder / label))
        return self.kept[-1]

    def take_back(self):
        """Delete the picture that was kept last; returns where it was, or None if there is none to take back."""
        if not self.kept:
            return None
        path = self.kept.pop()
        path.unlink(missing_ok=True)
        return path

    def state(self):
        """What the front end is told at the beginning."""
        return {"names": list(self.labels), "counts": list(self.counts.values()), "times": self.times}

    def receive(self, front, content, buffers):
        """Answer the front end: `content` has an id, and `back`; or `keep`, a label's number, and what is drawn."""
        answer = {"id": content.get("id"), "kept": False, "failed": False}
        try:
            if content.get("back"):
                path = self.take_back()
                answer["words"] = f"{path} is deleted." if path else "There is nothing to take back."
            else:
                path = self.keep(drawn(content), self.labels[content["keep"]])
                answer |= {"words": f"Kept as {path}. {self.progress()}", "kept": True}
        except UserError as problem:
            answer |= {"words": str(problem), "failed": True}
        except Exception as error:  # unanswered, the front end would say that the kernel is gone
            answer |= {"words": f"The kernel stopped with {type(error).__name__}: {error}", "failed": True}
        front.counts = list(self.counts.values())
        front.send(answer)

    def progress(self):
        """How many are still wanted, in words."""
        missing = sum(max(0, self.times - count) for count in self.counts.values())
        return f"{missing} to go." if missing else f"That is {self.times} of each. More are welcome."

    def figure(self, live=True):
        """The pad as a picture, with a letter on it, and how many there are of each label."""
        from matplotlib.figure import Figure

        from handwriting.figures.style import BLUE, describe
        from handwriting.figures.text import name_ticks

        counts = self.counts
        figure = Figure(figsize=(8, 3.2), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(3, 5))
        left.imshow(draw(LETTER), cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
        left.set(xticks=[], yticks=[])
        left.set_title("your drawing", size=10)
        bars = right.barh(range(len(counts)), list(counts.values()), color=BLUE)
        name_ticks(right, "y", list(counts), BARS)
        right.bar_label(bars, [f"{count} of {self.times}" for count in counts.values()], fontsize=8, padding=3)
        right.invert_yaxis()
        right.set(xlim=(0, 1.2 * max(self.times, *counts.values())), xticks=[])
        right.tick_params(left=False)
        right.spines[["top", "right", "bottom"]].set_visible(False)
        right.set_title("drawings kept so far", size=10)
        words = "Run this cell in JupyterLab or Colab to draw."
        if not live:
            words = "To draw yourself, install anywidget (pip install anywidget), restart, and run this cell again."
        figure.supxlabel(words, size=10)
        told = ", ".join(f"{label}: {count}" for label, count in counts.items())
        return describe(figure, f"A pad with a letter A on it. Drawings kept so far: {told}. {words}")


def check_labels(labels):
    """Labels as a tuple of names, each of which can be a folder's on any computer; ScanError otherwise."""
    if not isinstance(labels, str) and not hasattr(labels, "__iter__"):
        raise ScanError(f'Name the labels, such as "ABC" or ["cat", "dog"], not {labels!r}.')
    names = tuple(unicodedata.normalize("NFC", str(label).strip()) for label in labels)
    if not 2 <= len(names) <= MOST:
        raise ScanError(f"It takes 2 to {MOST} labels to tell things apart; here are {len(names)}.")
    for name in names:
        hidden = name.startswith(".") or name.endswith(".")
        if not name or hidden or len(name) > LONGEST or NO_NAME & set(name) or not name.isprintable():
            raise ScanError(
                f"The label {name!r} cannot be a folder's name on every computer. Take up to {LONGEST} letters, "
                f"digits, spaces or dashes, without {' '.join(sorted(NO_NAME))} and no dot at the ends."
            )
        if name.upper() in DEVICES:
            raise ScanError(f"Windows keeps the name {name} for itself. Take another label.")
    same = [name for name in names if [other.casefold() for other in names].count(name.casefold()) > 1]
    if same:
        raise ScanError(f"{' and '.join(same)} would share a folder on many computers. Give each a name of its own.")
    return names


def count_pictures(folder):
    """How many pictures are in a folder; 0 if there is none."""
    from handwriting.scan.drawings import PICTURES

    return sum(path.suffix.lower() in PICTURES for path in folder.glob("[!.]*"))
