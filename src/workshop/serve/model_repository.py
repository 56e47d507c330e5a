"""The model repository: which version is the newest, and its replacement while requests go on."""

import asyncio
from pathlib import Path
from typing import NamedTuple

from handwriting.errors import NetworkError
from handwriting.share.saved_model import is_number, version_folders
from workshop.serve.network import network_of, open_network

__all__ = ["ModelRepository"]

INTERVAL = 1.0  # seconds between two checks of the files


class Version(NamedTuple):
    """A version, and the state of its files: how many, how large, how new."""

    number: int
    path: Path
    files: tuple


class ModelRepository:
    """The `network` that is served, and where newer versions of it come from.

    `model` is as for `workshop.serve.start`; `log` is called with a sentence for each version that is loaded or broken.
    """

    def __init__(self, model=None, class_names=None, log=print):
        self.class_names, self.log = class_names, log
        self.path = self.network = self.loaded = self.seen = None
        self.broken = {}  # what is wrong, by Version
        if not isinstance(model, (str, Path)):
            self.network = network_of(model, class_names)
            return
        self.path = Path(model).expanduser()
        if (self.path / "network.keras").is_file():  # the folder that notebook 5 saves to
            self.path = self.path / "network.keras"
        if not any(self.load(version) for version in self.versions()):
            missing = f"{model} {'has no network in it' if self.path.is_dir() else 'does not exist'}. Name a .keras "
            missing += "file, a folder with network.keras (such as my_work), or one that export_serving wrote."
            raise NetworkError(next(iter(self.broken.values()), missing))

    def versions(self):
        """Return the versions that exist now, the newest first; a file that was saved again is the next version."""
        if self.path.is_file():
            number = self.loaded.number + (state_of(self.path) != self.loaded.files) if self.loaded else 1
            found = [(number, self.path)]
        elif (self.path / "saved_model.pb").is_file():
            found = [(int(self.path.name) if is_number(self.path.name) else 1, self.path)]
        else:
            found = version_folders(self.path)
        return [Version(number, path, files) for number, path in found if (files := state_of(path))]

    def load(self, version):
        """Serve a version from now on; return whether it could be loaded."""
        try:
            network = open_network(version.path, self.class_names)
        except NetworkError as error:
            self.broken = self.broken | {version: str(error)}
            return False
        network.version = version.number
        self.network, self.loaded = network, version
        return True

    def update(self):
        """Check the files once; load a newer version if its files have not changed since the last check."""
        versions = self.versions()
        self.broken = {version: error for version, error in self.broken.items() if version in versions}
        newest = next((version for version in versions if version not in self.broken), self.loaded)
        complete, self.seen = newest == self.seen, newest
        if newest.number == self.loaded.number or not complete:
            return
        if self.load(newest):
            self.log(f"Version {newest.number} is served now ({newest.path}).")
        else:
            stays = f"version {self.network.version} stays"
            self.log(f"Version {newest.number} is broken, {stays}: {self.broken[newest]}")

    async def watch(self):
        """Check the files every second, in a thread, until cancelled."""
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


def state_of(path):
    """Return the number, bytes and newest time of a file or of all files in a folder; None if there is none."""
    try:
        stats = [file.stat() for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file()]
    except OSError:  # deleted at this moment
        return None
    return (len(stats), sum(s.st_size for s in stats), max(s.st_mtime_ns for s in stats)) if stats else None
