"""Which file or version is the newest, and its replacement while requests go on."""

import asyncio
import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

from handwriting.errors import NetworkError
from handwriting.share.saved_model import is_number, version_folders
from workshop.serve.network import Network, open_network

__all__ = ["Candidate", "Source", "Shelf"]

EVERY = 1.0  # seconds between two looks at the folder


@dataclass(frozen=True)
class Candidate:
    """Something that could be loaded: a number, a path, and the state of its files (times and sizes)."""

    number: int
    path: Path
    stamp: tuple


class Source:
    """Where a network comes from: a `.keras` file, the folder it is in, a folder with versions, or one version.

    Parameters
    ----------
    path : str or path
    class_names : sequence of str, optional

    Raises
    ------
    NetworkError
        If there is nothing to serve.
    """

    def __init__(self, path, class_names=None):
        self.path = Path(path).expanduser()
        self.class_names = list(class_names) if hasattr(class_names, "__next__") else class_names  # for every version
        if (self.path / "network.keras").is_file():  # the folder that notebook 5 saves to
            self.path = self.path / "network.keras"
        if not self.candidates():
            what = "holds no network" if self.path.is_dir() else "is not there"
            raise NetworkError(
                f"{path} {what}. Name a .keras file, a folder with network.keras (notebook 5 saves it to my_work), "
                "or a folder that handwriting.share.saved_model.export_serving wrote."
            )

    def candidates(self):
        """What could be loaded now, the newest first."""
        if self.path.is_file():
            found = [(1, self.path)]
        elif (self.path / "saved_model.pb").is_file():
            found = [(int(self.path.name) if is_number(self.path.name) else 1, self.path)]
        else:
            found = version_folders(self.path)
        stamped = [Candidate(number, path, stamp_of(path)) for number, path in found]
        return [candidate for candidate in stamped if candidate.stamp]

    def load(self, candidate):
        """Load a candidate; raises NetworkError."""
        network = open_network(candidate.path, self.class_names)
        return replace(network, version=candidate.number, origin=candidate)


def stamp_of(path):
    """The state of a file, or of all files in a folder: how many, how large, how new; None if it is gone."""
    try:
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        states = [file.stat() for file in files]
    except OSError:  # deleted while we look
        return None
    return (len(files), sum(s.st_size for s in states), max(s.st_mtime_ns for s in states)) if states else None


class Shelf:
    """The network that answers now, and the look-out for a newer one.

    Parameters
    ----------
    network : Network
    source : Source, optional
        None for a network that lives in memory only.
    say : callable
        Gets a sentence for each version that was loaded or is broken.
    """

    def __init__(self, network: Network, source=None, say=print):
        self.network, self.source, self.say = network, source, say
        self.broken = {}  # stamp by path, of what could not be loaded
        self.errors = {}  # sentence by version number, of what is still there
        self.seen = None

    @classmethod
    def open(cls, source, say=print):
        """Load the newest version that works; raises NetworkError if none does."""
        shelf = cls(None, source, say)
        for candidate in source.candidates():
            try:
                shelf.network = source.load(candidate)
                return shelf
            except NetworkError as error:
                shelf.note(candidate, error)
        raise NetworkError(next(iter(shelf.errors.values())))

    def note(self, candidate, error):
        """Remember that a version is broken, so that it is not tried again before its files change."""
        self.broken[candidate.path] = candidate.stamp
        self.errors[self.number_of(candidate)] = str(error)

    def number_of(self, candidate):
        """The candidate's version: its own number, or the next one for a file that was saved anew."""
        again = self.network is not None and candidate.path == self.source.path and candidate.path.is_file()
        return self.network.version + 1 if again else candidate.number

    def newer(self):
        """The candidate that should be served instead of the present network, or None."""
        now, candidates = self.network.origin, self.source.candidates()
        for number in set(self.errors) - {self.number_of(candidate) for candidate in candidates}:
            del self.errors[number]  # its files are gone
        for candidate in candidates:
            if candidate.path == now.path and (candidate.path.is_dir() or candidate.stamp == now.stamp):
                return None
            if self.broken.get(candidate.path) != candidate.stamp:
                return candidate
        return None

    def renew(self):
        """Look once; load what is newer and has not changed since the last look, and put it in the old one's place."""
        candidate = self.newer()
        settled, self.seen = candidate is not None and candidate == self.seen, candidate
        if not settled:  # its files may still be on their way
            return
        try:
            network = self.source.load(candidate)
        except NetworkError as error:
            self.note(candidate, error)
            self.say(f"Version {self.number_of(candidate)} is broken, version {self.network.version} goes on: {error}")
            return
        network.version = self.number_of(candidate)
        self.network = network
        self.errors.pop(network.version, None)
        self.say(f"Version {network.version} answers now ({candidate.path}).")

    async def watch(self):
        """Look every second, in another thread, until cancelled."""
        while self.source is not None:
            await asyncio.sleep(EVERY)
            try:
                await asyncio.to_thread(self.renew)
            except Exception as error:  # whatever happens to a new version, the old one goes on
                with contextlib.suppress(Exception):  # even where nobody listens any more
                    self.say(f"A look for new versions failed ({type(error).__name__}: {error}).")
