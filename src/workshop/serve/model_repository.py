"""The model repository: which version is the newest, and its replacement while requests go on."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from handwriting.errors import NetworkError
from handwriting.paths import given_path, notebooks_folder
from handwriting.share.saved_model import is_number, version_folders
from handwriting.text import clean
from workshop.serve.network import network_of, open_network

INTERVAL = 1.0  # seconds between two checks of the files


class Version(NamedTuple):
    """A version, and the state of its files: how many, how large, how new; None if they cannot be read now."""

    number: int
    path: Path
    files: tuple | None


class ModelRepository:
    """The `network` that is served, and where newer versions come from. The arguments are as for `start`."""

    def __init__(self, model=None, class_names=None, log=print, trust_graph=False):
        self.class_names, self.log, self.trust_graph = class_names, log, trust_graph
        self.path = self.network = self.loaded = self.seen = None
        self.broken = {}  # what is wrong, by Version
        if not isinstance(model, (str, Path)):
            self.network = network_of(model, class_names)
            return
        self.path = place_of(model)
        if not any(self.load(version) for version in self.versions()):
            for version, reason in self.broken.items():
                raise NetworkError(f"{clean(str(version.path), None)} cannot be loaded. {reason}")
            raise NetworkError(f"The files in {clean(str(model), None)} cannot be read.")

    def versions(self):
        """Return the versions that exist now, the newest first; a file that was saved again is the next version."""
        try:
            found = [Version(number, path, state_of(path)) for number, path in versions_in(self.path)]
        except OSError:  # the network drive is away, say
            return []
        if found and self.loaded and self.path.is_file():  # it may have gone for a moment
            number = self.loaded.number + (found[0].files != self.loaded.files)
            return [found[0]._replace(number=number)]
        return found

    def load(self, version):
        """Serve a version from now on; return whether it could be loaded."""
        if version.files is None:
            return False
        try:
            network = open_network(version.path, self.class_names, self.trust_graph)
        except NetworkError as error:
            self.broken = self.broken | {version: str(error)}
            return False
        network.version = version.number
        self.network, self.loaded = network, version
        return True

    def update(self):
        """Check the files once; load what is new if its files have not changed since the last check."""
        versions = self.versions()
        self.broken = {version: error for version, error in self.broken.items() if version in versions}
        readable = (version for version in versions if version.files and version not in self.broken)
        newest = next(readable, self.loaded)
        complete, self.seen = newest == self.seen, newest
        # An older version takes over only from one that was deleted, not from one that cannot be read at this moment.
        older = newest.number < self.loaded.number and self.loaded.number in [version.number for version in versions]
        if newest == self.loaded or older or not complete:
            return
        path = clean(str(newest.path), None)
        if self.load(newest):
            self.log(f"Now serving version {newest.number} ({path}).")
        else:
            stays = f"so version {self.network.version} is still served"
            self.log(f"Version {newest.number} ({path}) cannot be loaded, {stays}. {self.broken[newest]}")

    async def watch(self):
        while self.path is not None:
            await asyncio.sleep(INTERVAL)
            await asyncio.to_thread(self.update)

    def status(self):
        """Return the state of the version that is served, and of broken ones, in TensorFlow Serving's format."""
        found = {version.number: ("END", "UNKNOWN", error) for version, error in self.broken.items()}
        found[self.network.version] = ("AVAILABLE", "OK", "")
        return [
            {"version": str(number), "state": state, "status": {"error_code": code, "error_message": message}}
            for number, (state, code, message) in sorted(found.items(), reverse=True)
        ]


def place_of(model):
    """Return the file or folder with the network: here, or in the notebooks' folder, where notebook 5 saves my_work."""
    here, exists = given_path(model, NetworkError), False
    for folder in (Path(), Path("notebooks"), notebooks_folder()):
        path = given_path(folder / here, NetworkError)
        exists = exists or path.exists()
        file = given_path(path / "network.keras", NetworkError)
        if file.is_file() or versions_in(path):
            return file if file.is_file() else path
    missing = f"{clean(str(model), None)} {'has no network in it' if exists else 'does not exist'}. Choose a .keras "
    missing += "file, a folder with network.keras (such as my_work), or one that export_serving wrote."
    raise NetworkError(missing)


def versions_in(path):
    """Return the versions at a path as (number, path), the newest first."""
    if path.is_file() or (path / "saved_model.pb").is_file():
        return [(int(path.name) if is_number(path.name) else 1, path)]
    return version_folders(path)


def state_of(path):
    """Return the number, bytes and newest time of a file or of all files in a folder; None if there is none."""
    with suppress(OSError):  # deleted at this moment
        files = [path] if path.is_file() else [*path.glob("*"), *path.glob("*/*")]
        stats = [file.stat() for file in files if file.is_file()]
        return (len(stats), sum(s.st_size for s in stats), max(s.st_mtime_ns for s in stats)) if stats else None
